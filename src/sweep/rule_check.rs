//! Pairs that need no run, and are run to check the rules that say so.

use serde::{Deserialize, Serialize};

use super::screen::Screening;
use crate::engine::Sums;
use crate::superposition::Superposition;
use crate::superposition::rules::Verdict;

/// How the rules did on pairs that were run although they need not be.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RuleCheck {
    /// Independent pairs that were run.
    pub independent: u64,
    /// Negligible pairs that were run.
    pub negligible: u64,
    /// Largest |S| among the independent ones, tonnes: rounding.
    pub largest_independent: f64,
    /// Largest |S| among the negligible ones, tonnes.
    pub largest_negligible: f64,
    /// Largest |S| over its bound among the negligible ones, rounding allowed for.
    pub largest_share: f64,
    /// Pairs with |S| above what the rules say, rounding allowed for.
    pub broken: u64,
}

impl RuleCheck {
    pub(super) fn merge(&mut self, other: &RuleCheck) {
        self.independent += other.independent;
        self.negligible += other.negligible;
        self.largest_independent = self.largest_independent.max(other.largest_independent);
        self.largest_negligible = self.largest_negligible.max(other.largest_negligible);
        self.largest_share = self.largest_share.max(other.largest_share);
        self.broken += other.broken;
    }
}

/// Bound on [`hash`] below which a pair that needs no run is run as a check.
pub(super) fn check_below(screening: &Screening, pairs: u64) -> u64 {
    match pairs {
        0 => 0,
        _ => ((screening.check as f64 / pairs as f64).min(1.0) * u64::MAX as f64) as u64,
    }
}

/// Compares a pair that need not have been run with what the rules say of it.
pub(super) fn check(
    check: &mut RuleCheck,
    verdict: Verdict,
    s: &Superposition,
    singles: [&Sums; 2],
) {
    let size: f64 = singles.iter().flat_map(|s| &s.by_area).map(|al| al.abs()).sum();
    let rounding = 1e-9 * (1.0 + size);
    match verdict {
        Verdict::Independent => {
            check.independent += 1;
            check.largest_independent = check.largest_independent.max(s.s.abs());
            check.broken += u64::from(s.s.abs() > rounding);
        }
        Verdict::Negligible(bound) => {
            check.negligible += 1;
            check.largest_negligible = check.largest_negligible.max(s.s.abs());
            let share = (s.s.abs() - rounding).max(0.0) / bound;
            check.largest_share = check.largest_share.max(share);
            check.broken += u64::from(share > 1.0);
        }
        Verdict::Run => {}
    }
}

/// A number that is as good as random, from an identifier.
///
/// Source: Steele, Lea and Flood 2014, SplitMix64.
pub(super) fn hash(id: u32) -> u64 {
    let mut z = u64::from(id).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
