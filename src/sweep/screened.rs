//! What a screening is asked for, and what it keeps of every pair.

use super::rankings::Rankings;
use super::rule_check::RuleCheck;
use super::screen::{Screened, Screening, Way};
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::job::superposition::SuperpositionPlan;
use crate::superposition::Superposition;
use crate::superposition::collect::{Listed, matters};

impl Screening {
    /// What a plan asks for: what propagates interactions is the cpu engine's, another one that is asked for
    /// runs pairs. Reserves are not linear in losses: no rule holds, every pair is run.
    pub fn of(asked: &SuperpositionPlan, engine: &dyn Engine) -> Self {
        let has_rules = asked.job.rules && !engine.has_reserves();
        let way = match (has_rules, engine.info().name) {
            (true, "cpu") => Way::Interaction,
            (true, _) => Way::Rules,
            (false, _) => Way::Runs,
        };
        Screening {
            adaptation: asked.adaptation,
            top: asked.job.top,
            tolerance: asked.job.tolerance,
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

    /// Adds the measures of a pair that was run.
    pub(super) fn add(&mut self, s: &Superposition, runs_away: bool) {
        if runs_away {
            self.collection.runaway += 1;
            return;
        }
        let measures = [
            s.s,
            s.s_per_capita.unwrap_or(0.0),
            s.s_shocked,
            s.s_shocked_per_capita.unwrap_or(0.0),
        ];
        self.collection.add(measures, matters(s.s, s.al));
    }
}
