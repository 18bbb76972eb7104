//! What a manifest counts: scenarios, rows, decisions, pairs.

use serde::{Deserialize, Serialize};

use crate::job::superposition::Keep;

/// How much was done.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Scenarios of the plan; one that is run with and without adaptation counts twice.
    pub scenarios: usize,
    /// Of these, run.
    pub run: usize,
    /// Of these, without any effect.
    pub no_op: usize,
    /// Of these, run until an amount left the range of numbers: their losses are not known.
    #[serde(default)]
    pub diverged: usize,
    /// Rows in the loss tables.
    pub loss_rows: usize,
    /// Decisions to adapt, over all scenarios.
    pub adapting: usize,
    /// Decisions to substitute, over all scenarios.
    pub substituting: usize,
    /// Adapting sectors that kept their shares because no rule left them any.
    pub no_share_rule: usize,
    /// Scenarios in which a sector overshoots.
    pub overshoot: usize,
    /// Scenarios that a device in f32 could not hold its bound for, computed again on the processor.
    #[serde(default)]
    pub recomputed: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.scenarios += other.scenarios;
        self.run += other.run;
        self.no_op += other.no_op;
        self.diverged += other.diverged;
        self.loss_rows += other.loss_rows;
        self.adapting += other.adapting;
        self.substituting += other.substituting;
        self.no_share_rule += other.no_share_rule;
        self.overshoot += other.overshoot;
        self.recomputed += other.recomputed;
    }
}

/// Pairs, or triples, that were compared with what fewer shocks do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SuperpositionRecord {
    /// Whether all pairs are kept, or the top of a screening.
    pub keep: Keep,
    /// Shocks of each: 2, or 3.
    #[serde(default = "two")]
    pub shocks: usize,
    /// Number of pairs, or triples.
    pub pairs: u64,
    /// Of these, run.
    pub run: u64,
    /// Not run because the two runs do not touch.
    pub independent: u64,
    /// Not run because |S| is provably below the tolerance.
    pub negligible: u64,
    /// Of which a run has left the range of numbers: S is not known.
    #[serde(default)]
    pub diverged: u64,
    /// In no statistics because a run of them runs away; where every pair is kept `overshoot` says so.
    #[serde(default)]
    pub runaway: u64,
    /// Of these, pairs of which neither shock runs away alone.
    #[serde(default)]
    pub runaway_together: u64,
    /// Of the others, those that cost more, and less, together by more than 0.1 % of the larger loss and
    /// 1 t; null where every pair is kept.
    #[serde(default)]
    pub mattering: Option<[u64; 2]>,
    /// That tolerance, tonnes over the whole network.
    pub tolerance: f64,
    /// Largest bound on |S| among the negligible pairs, tonnes.
    pub largest_bound: f64,
    /// Pairs that need no run and were run to check the rules; null without rules.
    pub check: Option<CheckRecord>,
    /// What does not count in sums over all items.
    pub leave_out: Vec<String>,
}

/// Before there were triples.
fn two() -> usize {
    2
}

/// What came of pairs that need no run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Independent pairs that were run.
    pub independent: u64,
    /// Negligible pairs that were run.
    pub negligible: u64,
    /// Largest |S| among the independent ones, tonnes.
    pub largest_independent: f64,
    /// Largest |S| among the negligible ones, tonnes.
    pub largest_negligible: f64,
    /// Largest |S| over its bound among the negligible ones, unit 1.
    pub largest_share_of_bound: f64,
    /// Pairs for which a rule is wrong; any number but 0 is a fault of the program.
    pub broken: u64,
}
