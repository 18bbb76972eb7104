//! Runs that leave the range of numbers.
//!
//! Production that feeds itself grows by a factor every step. Long before an amount is no number any more
//! it says nothing; a run in which one passes [`LARGEST_AMOUNT`] has *diverged*, after the first step in
//! which some sector's baseline or loss does. Its losses from there on are not known.

use super::Baseline;
use super::constants::{LARGEST_AMOUNT, RESCALING_TOLERANCE};
use crate::dataset::{Dataset, Parameters};
use crate::sparse::Csr;

/// Whether an amount, tonnes, is out of range, or no number at all.
#[inline(always)]
pub fn is_out_of_range(amount: f64) -> bool {
    exceeds(amount, LARGEST_AMOUNT)
}

/// Whether an amount is larger than `limit`, or no number at all.
#[inline(always)]
pub fn exceeds(amount: f64, limit: f64) -> bool {
    // Not `>`: what is no number is not smaller either.
    !matches!(
        amount.abs().partial_cmp(&limit),
        Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)
    )
}

/// After which steps runs on a dataset can be, and must be, out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    possible_from: usize,
    certain_from: usize,
}

impl Range {
    /// The range of the runs on a dataset, up to amounts of `limit` tonnes.
    ///
    /// What a world holds in all grows in a step by no more than a factor `g`, and by what is made
    /// without input: `sum x(t) <= g sum x(t-1) + sum beta`. Adaptation, substitution and bans
    /// move shares, and leave the sum of every column within the tolerance of rescaling, so
    /// `g = (1 + 0.01)^2 max(alpha nu, T)` by the largest column sums, for every run. Where that bound stays
    /// in range, no run needs to be watched. What reserves hold comes on top in every step.
    pub fn new(dataset: &Dataset, baseline: &Baseline, limit: f64) -> Self {
        let held = dataset.reserves.iter().map(|reserve| reserve.size).sum();
        Self::of(&dataset.parameters, held, baseline, limit)
    }

    fn of(p: &Parameters, held: f64, baseline: &Baseline, limit: f64) -> Self {
        let steps = baseline.steps();
        let largest = |matrix: &Csr<f64>| column_sizes(matrix).into_iter().fold(0.0, f64::max);
        let shares = p.share_eta_prod.iter().zip(&p.share_eta_exp);
        let shares = shares.map(|(a, b)| a.abs() + b.abs()).fold(1.0, f64::max);
        let made = largest(&p.conversion_alpha) * largest(&p.allocation_nu).max(1.0);
        let off = 1.0 + RESCALING_TOLERANCE;
        let growth = (off * off * made.max(largest(&p.trade_t)).max(1.0)) * shares;
        let size = |amounts: &[f64]| amounts.iter().map(|x| x.abs()).sum::<f64>();
        let without_input = off * column_sizes(&p.output_beta).iter().sum::<f64>();
        let mut all = size(&p.x0);
        let possible_from = (0..steps).find(|&t| {
            let start = if t == 0 { size(&p.start_stock) } else { 0.0 };
            all = growth * all + without_input + start + held;
            // A loss is a difference of two such amounts.
            exceeds(2.0 * all, limit)
        });
        let is_out = |amounts: &Vec<f64>| amounts.iter().any(|&x| exceeds(x, limit));
        let certain_from = baseline.available.iter().position(is_out);
        Range {
            possible_from: possible_from.unwrap_or(steps),
            certain_from: certain_from.unwrap_or(steps),
        }
    }

    /// Whether some run may be out of range after step `t`.
    pub fn is_possible(self, t: usize) -> bool {
        t >= self.possible_from
    }

    /// Whether the unshocked run is out of range after step `t` or before, and so every run.
    pub fn is_certain(self, t: usize) -> bool {
        t >= self.certain_from
    }
}

/// Sums of the sizes of a matrix's entries, by column.
fn column_sizes(matrix: &Csr<f64>) -> Vec<f64> {
    let mut sums = vec![0.0; matrix.cols()];
    matrix.iter().for_each(|(_, column, value)| sums[column] += value.abs());
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(alpha: f64) -> Parameters {
        let one = |value| Csr::from_triplets(1, 1, vec![(0, 0, value)]).unwrap();
        Parameters {
            x0: vec![10.0],
            start_stock: vec![0.0],
            share_eta_prod: vec![1.0],
            share_eta_exp: vec![0.0],
            conversion_alpha: one(alpha),
            output_beta: Csr::empty(1, 1),
            allocation_nu: one(1.0),
            trade_t: Csr::empty(1, 1),
        }
    }

    #[test]
    fn what_is_no_number_is_out_of_range() {
        assert!(is_out_of_range(f64::NAN) && is_out_of_range(f64::NEG_INFINITY));
        assert!(is_out_of_range(-1.1e150) && !is_out_of_range(-1e150) && !is_out_of_range(0.0));
    }

    /// Ten tonnes that grow by 25 every step: above 1e150 after step 106, since 25^107 = 3.8e149.
    #[test]
    fn a_run_is_watched_before_it_can_be_out_of_range() {
        let p = world(25.0);
        let range = Range::of(&p, 0.0, &Baseline::compute(&p, 250), LARGEST_AMOUNT);
        assert!(!range.is_certain(105) && range.is_certain(106), "{range:?}");
        assert!(range.is_possible(106) && !range.is_possible(90), "{range:?}");
        // The range of every step is that of the baseline: it is out from there on.
        let p = world(1.0);
        let range = Range::of(&p, 0.0, &Baseline::compute(&p, 1000), LARGEST_AMOUNT);
        assert!(!range.is_possible(999) && !range.is_certain(999));
    }
}
