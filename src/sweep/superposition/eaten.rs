//! What pairs cost people, and which of them have run away.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{Gains, OneRun, PairRunner, SingleKey};
use crate::engine::Outcome;
use crate::model::constants::MIN_LOSS;
use crate::results::sums::Sums;
use crate::scenario::Scenario;
use crate::superposition::{Eaten, Mode, Pair};

/// Scenarios whose losses by sector are in memory at a time.
const BY_SECTOR: usize = 256;

impl PairRunner<'_> {
    /// The same, with another multiple of their baselines above which sectors have run away.
    pub fn with_overshoot(mut self, overshoot: f64) -> Self {
        self.overshoot = overshoot;
        self
    }

    /// Multiple of their baselines above which sectors have run away.
    pub fn overshoot(&self) -> f64 {
        self.overshoot
    }

    /// What scenarios cost people, and which of them have run away. Of no use if [`PairRunner::check`]
    /// fails.
    pub fn eaten(&self, scenarios: &[Scenario]) -> Vec<OneRun> {
        let last = self.engine.last_step();
        let none = Sums::none(self.dataset, &self.writer).kcal;
        self.each(scenarios, (none, false), &|scenario, outcome| {
            let missing = scenario.adaptation.unwrap_or_default().missing_rule;
            let shares = self.writer.shares(self.dataset, missing, last, outcome);
            let (dataset, writer) = (self.dataset, &self.writer);
            let of = (scenario.shocks.as_slice(), outcome);
            let sums = Sums::of(dataset, writer, of.0, of.1, &shares, self.overshoot);
            (sums.kcal, outcome.totals.overshoots(self.overshoot))
        })
    }

    /// What gains after scenarios, of sectors that have something: sector, gain.
    pub fn gains(&self, scenarios: &[Scenario]) -> Vec<Gains> {
        let baseline = self.engine.baseline().last();
        self.each(scenarios, Gains::new(), &|_, outcome| {
            let losses = outcome.sectors.iter().zip(&outcome.losses);
            let gains = losses.filter(|&(&s, &loss)| loss < 0.0 && baseline[s as usize] > 0.0);
            gains.map(|(&sector, &loss)| (sector, -loss)).collect()
        })
    }

    /// Whether a sector runs away with the gains of two runs that do not meet.
    pub fn run_away_apart(&self, a: &Gains, b: &Gains) -> bool {
        let baseline = self.engine.baseline().last();
        let is_away = |&(sector, gain): &(u32, f64)| {
            let Ok(at) = b.binary_search_by_key(&sector, |other| other.0) else { return false };
            let xb = baseline[sector as usize];
            1.0 + (gain + b[at].1) / xb > self.overshoot
        };
        a.iter().any(is_away)
    }

    /// Something of the outcomes of scenarios after the last step; `none` of those without effect.
    fn each<T: Clone + Send>(
        &self,
        scenarios: &[Scenario],
        none: T,
        of: &(dyn Fn(&Scenario, &Outcome) -> T + Sync),
    ) -> Vec<T> {
        let last = [self.engine.last_step()];
        let mut all = Vec::with_capacity(scenarios.len());
        for some in scenarios.chunks(BY_SECTOR) {
            let some: Vec<Scenario> = some.iter().map(|s| s.effective(&self.producers)).collect();
            let is_run: Vec<bool> = some.iter().map(|s| !s.shocks.is_empty()).collect();
            let run: Vec<Scenario> = some.into_iter().filter(|s| !s.shocks.is_empty()).collect();
            let outcomes = self.engine.losses(&run, &last, MIN_LOSS, &|_| {});
            let outcomes = outcomes.map(|answers| answers.of).unwrap_or_else(|error| {
                self.fail(error);
                Vec::new()
            });
            let pairs = run.par_iter().zip(&outcomes);
            let found: Vec<T> = pairs.map(|(scenario, outcome)| of(scenario, outcome)).collect();
            let mut found = found.into_iter();
            let one = |is_run: bool| if is_run { found.next() } else { None };
            all.extend(is_run.into_iter().map(one).map(|own| own.unwrap_or_else(|| none.clone())));
        }
        all
    }

    /// What pairs cost people, as far as their runs say.
    pub(super) fn eaten_of(&mut self, pairs: &[Pair]) -> Vec<Eaten> {
        let keys: Vec<[SingleKey; 2]> = pairs
            .iter()
            .map(|pair| {
                let settings = self.number_of(pair.adaptation);
                pair.shocks.map(|shock| (shock.sector, shock.phi.to_bits(), settings))
            })
            .collect();
        let missing: BTreeSet<SingleKey> =
            keys.iter().flatten().filter(|key| !self.eaten.contains_key(key)).copied().collect();
        let singles: Vec<Scenario> = missing.iter().map(|key| self.single(key)).collect();
        let found = self.eaten(&singles);
        self.eaten.extend(missing.into_iter().zip(found));
        let joint: Vec<Scenario> = pairs.iter().map(|pair| pair.joint(Mode::Full)).collect();
        let of = |(joint, keys): (OneRun, &[SingleKey; 2])| {
            let [a, b] = [0, 1].map(|n| self.eaten[&keys[n]]);
            let kcal = match (joint.0, a.0, b.0) {
                (Some(joint), Some(a), Some(b)) => Some([joint, a, b]),
                _ => None,
            };
            Eaten { kcal, overshoot: joint.1 || a.1 || b.1 }
        };
        self.eaten(&joint).into_iter().zip(&keys).map(of).collect()
    }
}
