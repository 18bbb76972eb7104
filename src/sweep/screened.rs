//! What a screening is asked for, and what it keeps of every pair.

use super::rankings::Rankings;
use super::rule_check::RuleCheck;
use super::screen::{Screened, Screening, Way};
use super::superposition::{Gains, OneRun, PairRunner};
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::job::superposition::SuperpositionPlan;
use crate::superposition::Superposition;
use crate::superposition::collect::{Listed, matters};

impl Screening {
    /// What a plan asks for: what propagates interactions is the cpu engine's and a device's in f64, another one that
    /// is asked for runs pairs. Reserves are not linear in losses: no rule holds, every pair is run.
    pub fn of(asked: &SuperpositionPlan, engine: &dyn Engine) -> Self {
        let has_rules = asked.job.rules && !engine.has_reserves();
        let propagates = engine.info().name == "cpu" || engine.device_of_parts().is_some();
        let way = match has_rules {
            true if propagates => Way::Interaction,
            true => Way::Rules,
            false => Way::Runs,
        };
        Screening {
            adaptation: asked.adaptation,
            top: asked.job.top,
            tolerance: asked.job.negligible(),
            way,
            matrix: asked.job.matrix,
            check: asked.job.check,
        }
    }
}

impl Screened {
    /// Nothing screened yet.
    pub fn empty(dataset: &Dataset, screening: &Screening) -> Self {
        Screened {
            collection: Rankings::new(dataset).collection(screening.top),
            check: RuleCheck::default(),
            matrix: Vec::new(),
        }
    }

    /// Adds what comes after this in the order of the grid.
    pub fn merge(&mut self, other: &Screened) {
        self.collection.merge(&other.collection);
        self.check.merge(&other.check);
        self.matrix.extend(&other.matrix);
    }

    /// Lists a pair if its |S| reaches the threshold.
    pub(super) fn list(
        &mut self,
        screening: &Screening,
        sectors: [u32; 2],
        (s, overshoot): (f64, bool),
    ) {
        if screening.matrix.is_some_and(|from| s.abs() >= from && s != 0.0) {
            self.matrix.push(Listed { sectors, s, overshoot });
        }
    }

    /// Counts a pair that runs away.
    pub(super) fn run_away(&mut self, away: Away) {
        self.collection.runaway += 1;
        self.collection.together += u64::from(away == Away::Together);
    }

    /// Adds the measures of a pair that was run; `kcal` is its S of food.
    pub(super) fn add(&mut self, s: &Superposition, kcal: Option<f64>, away: Away) {
        if away != Away::No {
            self.run_away(away);
            return;
        }
        let measures = [
            s.s,
            s.s_per_capita.unwrap_or(0.0),
            s.s_shocked,
            s.s_shocked_per_capita.unwrap_or(0.0),
            kcal.unwrap_or(0.0),
        ];
        self.collection.add(measures, matters(s.s, &s.al));
    }
}

/// Whether a pair runs away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// None of its runs does.
    No,
    /// A shock does alone.
    Alone,
    /// Neither does alone, but both do together.
    Together,
}

impl Away {
    /// From whether a shock alone does, and whether the joint run does.
    pub(super) fn of(alone: bool, together: bool) -> Self {
        match (alone, together) {
            (true, _) => Away::Alone,
            (false, true) => Away::Together,
            (false, false) => Away::No,
        }
    }
}

/// Whether two shocks that do not meet run away: one alone, or both where their gains meet. `eaten` and `gains` are
/// those of every shock alone.
pub(super) fn away_apart(
    runner: &PairRunner<'_>,
    (eaten, gains): (&[OneRun], &[Gains]),
    pair: [usize; 2],
) -> Away {
    let alone = pair.iter().any(|&shock| eaten[shock].1);
    let together = match pair.map(|shock| gains.get(shock)) {
        [Some(a), Some(b)] if !alone => runner.run_away_apart(a, b),
        _ => false,
    };
    Away::of(alone, together)
}

/// S of food, from what both shocks and each alone cost; `None` where the dataset knows no food.
pub(super) fn s_of_food(joint: Option<f64>, alone: [Option<f64>; 2]) -> Option<f64> {
    let [a, b] = alone;
    Some(joint? - (a? + b?))
}
