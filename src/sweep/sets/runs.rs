//! Sets by their definition: every subset is run, and what it adds is a difference of runs.

use std::collections::BTreeMap;

use super::{SectorParts, SetRun, SetRunner, added};
use crate::engine::{EngineError, EventKind, Outcome};
use crate::interaction::lattice::Decided;
use crate::interaction::parts::Parts;
use crate::results::losses::LossWriter;
use crate::scenario::Scenario;
use crate::superposition::pair::Mode;
use crate::superposition::set::ShockSet;

/// Sets whose runs are in memory at a time: their losses, sector by sector.
const AT_A_TIME: usize = 32;

impl SetRunner<'_> {
    /// As [`SetRunner::run`], all of them by runs of the engine.
    pub(super) fn by_runs<T: Send, const N: usize>(
        &self,
        sets: &[&ShockSet],
        mode: Mode,
        make: &(dyn Fn(&ShockSet, SetRun<N>) -> T + Sync),
    ) -> Result<Vec<T>, EngineError> {
        let writer = LossWriter::new(self.dataset, self.engine.baseline().last(), false);
        let mut all = Vec::with_capacity(sets.len());
        for some in sets.chunks(AT_A_TIME) {
            let runs = |set: &&ShockSet| {
                (1..N).map(|subset| set.run(subset, mode)).collect::<Vec<Scenario>>()
            };
            let scenarios: Vec<Scenario> = some.iter().flat_map(runs).collect();
            let outcomes = self.outcomes(&scenarios)?;
            let sets = some.iter().zip(scenarios.chunks(N - 1).zip(outcomes.chunks(N - 1)));
            all.extend(sets.map(|(set, (scenarios, outcomes))| {
                make(set, self.of_runs::<N>(&writer, scenarios, outcomes))
            }));
        }
        Ok(all)
    }

    /// Outcomes after the last step, every loss; nothing of scenarios without effect.
    fn outcomes(&self, scenarios: &[Scenario]) -> Result<Vec<Outcome>, EngineError> {
        let effective: Vec<Scenario> =
            scenarios.iter().map(|s| s.effective(&self.producers)).collect();
        let acts: Vec<bool> = effective.iter().map(|s| !s.shocks.is_empty()).collect();
        let to_run: Vec<Scenario> =
            effective.into_iter().filter(|s| !s.shocks.is_empty()).collect();
        let last = [self.engine.last_step()];
        let mut run = self.engine.losses(&to_run, &last, 0.0, &|_| {})?.of.into_iter();
        let one = |acts: bool| if acts { run.next() } else { None };
        Ok(acts.into_iter().map(one).map(Option::unwrap_or_default).collect())
    }

    fn of_runs<const N: usize>(
        &self,
        writer: &LossWriter,
        scenarios: &[Scenario],
        outcomes: &[Outcome],
    ) -> SetRun<N> {
        let mut found: BTreeMap<u32, [[f64; N]; 2]> = BTreeMap::new();
        let mut decided: BTreeMap<(EventKind, u32), ([f64; N], u32, f64)> = BTreeMap::new();
        let dims = self.dataset.dimensions();
        let persons = |sector: u32| self.receivers.population(dims.area_of(sector as usize));
        for (subset, (scenario, outcome)) in (1..N).zip(scenarios.iter().zip(outcomes)) {
            let missing = scenario.adaptation.unwrap_or_default().missing_rule;
            let shares = writer.shares(self.dataset, missing, self.engine.last_step(), outcome);
            let losses = outcome.sectors.iter().zip(&outcome.losses);
            for ((&sector, &loss), kcal) in losses.zip(writer.kcal(outcome, &shares)) {
                let of = found.entry(sector).or_insert([[0.0; N]; 2]);
                of[0][subset] = loss;
                // Of what is no food nothing is eaten less.
                let people = persons(sector).filter(|_| !kcal.is_nan());
                of[1][subset] = people.map_or(0.0, |people| people * kcal);
            }
            for event in &outcome.events {
                let key = (event.kind, event.hit.sector);
                let baseline = self.engine.baseline().available[event.step][key.1 as usize];
                let of = decided.entry(key).or_insert(([0.0; N], 0, baseline));
                of.0[subset] = event.hit.al;
                of.1 |= 1 << subset;
            }
        }
        let sector = |(sector, [loss, kcal]): (u32, [[f64; N]; 2])| -> SectorParts<N> {
            self.with_runaway(sector, added(&loss), added(&kcal))
        };
        let one = |((kind, sector), (value, mask, baseline)): (_, ([f64; N], u32, f64))| {
            let loss = Parts { part: added(&value), value };
            Decided { kind, sector, mask, loss, baseline }
        };
        SetRun {
            sectors: found.into_iter().map(sector).collect(),
            decided: decided.into_iter().map(one).collect(),
            diverged: outcomes.iter().filter_map(|outcome| outcome.diverged).min(),
        }
    }
}
