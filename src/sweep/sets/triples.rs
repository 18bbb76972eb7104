//! Triples: a row each, with S of the triple, of its pairs, and of its stages.

use super::{SetRun, SetRunner, ShockSet};
use crate::engine::EngineError;
use crate::job::superposition::PartsAbove;
use crate::results::superposition::{PartRows, ReceiverRow};
use crate::results::triples::TripleRow;
use crate::superposition::pair::{Method, Mode, Stages};
use crate::superposition::set::SetSums;

/// Triples that are run before their rows are made: bounds memory.
const WINDOW: usize = 2_048;

impl SetRunner<'_> {
    /// Runs triples; a row each, and S by area and by item where it is asked for.
    ///
    /// With `stages`, S is taken apart by running the triple without substitution and without adaptation too.
    ///
    /// # Errors
    /// The engine fails.
    pub fn triples(
        &self,
        triples: &[ShockSet],
        stages: bool,
        parts_above: Option<PartsAbove>,
    ) -> Result<(Vec<TripleRow>, PartRows), EngineError> {
        let (mut rows, mut parts) = (Vec::with_capacity(triples.len()), PartRows::default());
        let above = parts_above.unwrap_or_default();
        for window in triples.chunks(WINDOW) {
            for row in self.window(window, stages)? {
                let scenario = row.set.id;
                if let Some(above) = above.receivers.filter(|_| !row.sums.diverged) {
                    let receiving = row.sums.receiving(&self.receivers, above).into_iter();
                    parts.receivers.extend(receiving.map(|(area, s, s_per_capita)| ReceiverRow {
                        scenario,
                        area,
                        s,
                        s_per_capita,
                    }));
                }
                if let Some(above) = above.items.filter(|_| !row.sums.diverged) {
                    parts.add_items(scenario, &row.sums.by_item, above);
                }
                rows.push(row);
            }
        }
        Ok((rows, parts))
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
