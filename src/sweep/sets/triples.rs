//! Triples: a row each, with S of the triple, of its pairs, and of its stages.

use super::{SetRun, SetRunner, ShockSet};
use crate::engine::EngineError;
use crate::results::superposition::ReceiverRow;
use crate::results::triples::TripleRow;
use crate::superposition::pair::{Method, Mode, Stages};
use crate::superposition::set::SetSums;

/// Triples that are run before their rows are made: bounds memory.
const WINDOW: usize = 2_048;

impl SetRunner<'_> {
    /// Runs triples; a row each, and S by area where it exceeds `receivers_above` kg per person.
    ///
    /// With `stages`, S is taken apart by running the triple without substitution and without adaptation too.
    ///
    /// # Errors
    /// The engine fails.
    pub fn triples(
        &self,
        triples: &[ShockSet],
        stages: bool,
        receivers_above: Option<f64>,
    ) -> Result<(Vec<TripleRow>, Vec<ReceiverRow>), EngineError> {
        let (mut rows, mut receivers) = (Vec::with_capacity(triples.len()), Vec::new());
        for window in triples.chunks(WINDOW) {
            for row in self.window(window, stages)? {
                let above = receivers_above.filter(|_| !row.sums.diverged);
                let receiving = above.map(|above| row.sums.receiving(&self.receivers, above));
                receivers.extend(receiving.into_iter().flatten().map(|(area, s, s_per_capita)| {
                    ReceiverRow { scenario: row.set.id, area, s, s_per_capita }
                }));
                rows.push(row);
            }
        }
        Ok((rows, receivers))
    }

    fn window(&self, triples: &[ShockSet], stages: bool) -> Result<Vec<TripleRow>, EngineError> {
        let sums = |set: &ShockSet, run: SetRun<8>| self.sums(set, &run);
        let full = self.run::<SetSums<8>, 8>(triples, Mode::Full, &sums)?;
        // Only sums over the network are asked of the other stages; one that is off anyway is not run.
        let of_stage = |mode: Mode, before: Mode, known: &[Option<f64>]| {
            let is_new =
                |set: &ShockSet| mode.settings(set.adaptation) != before.settings(set.adaptation);
            let new: Vec<ShockSet> = triples.iter().filter(|set| is_new(set)).cloned().collect();
            let s = |set: &ShockSet, run: SetRun<8>| {
                let sums = self.sums(set, &run);
                (!sums.diverged).then(|| sums.s())
            };
            let mut run = self.run::<Option<f64>, 8>(&new, mode, &s)?.into_iter();
            let of = |(set, known): (&ShockSet, &Option<f64>)| {
                if is_new(set) { run.next().flatten() } else { *known }
            };
            Ok::<_, EngineError>(triples.iter().zip(known).map(of).collect::<Vec<_>>())
        };
        let known: Vec<Option<f64>> =
            full.iter().map(|sums| (!sums.diverged).then(|| sums.s())).collect();
        let apart = match stages {
            false => vec![None; triples.len()],
            true => {
                let adaptation = of_stage(Mode::Adaptation, Mode::Full, &known)?;
                let without = of_stage(Mode::Static, Mode::Adaptation, &adaptation)?;
                let of = |((full, adaptation), without): ((&Option<f64>, _), Option<f64>)| {
                    Some(Stages::new([(*full)?, adaptation?, without?]))
                };
                known.iter().zip(adaptation).zip(without).map(of).collect()
            }
        };
        let row = |((set, sums), stages): ((&ShockSet, SetSums<8>), Option<Stages>)| {
            let method = match (sums.diverged, self.recursion(set)) {
                (true, _) => Method::Diverged,
                (false, Some(_)) => Method::Interaction,
                (false, None) => Method::Run,
            };
            TripleRow { set: set.clone(), sums, stages, method }
        };
        Ok(triples.iter().zip(full).zip(apart).map(row).collect())
    }
}
