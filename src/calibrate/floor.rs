//! Extremely low shares: removed, so that the model makes new links instead of multiplying
//! negligible ones (Baum et al. 2024, Methods 4).

use super::Calibration;
use crate::sparse::Csr;

/// Number of shares that the floor removed, and the largest part of a sector or column they were.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Dropped {
    /// Of the four shares of a sector.
    pub shares: usize,
    /// Of the allocation to processes.
    pub allocation: usize,
    /// Of the exports of a sector.
    pub trade: usize,
    /// Largest sum removed from one sector or column.
    pub largest: f64,
}

/// Removes shares strictly below `floor`; the rest of the sector or column is divided by its sum.
pub(super) fn apply(c: &mut Calibration, floor: f64) {
    let p = &mut c.parameters;
    for s in 0..p.x0.len() {
        let shares = [
            &mut p.share_eta_prod[s],
            &mut p.share_eta_exp[s],
            &mut c.eta_food[s],
            &mut c.eta_else[s],
        ];
        let removed = [0, 1, 2, 3].map(|at| is_low(*shares[at], floor));
        if removed.iter().all(|removed| !removed) {
            continue;
        }
        let sum = |which: bool| -> f64 {
            (0..4).filter(|&at| removed[at] == which).map(|at| *shares[at]).sum()
        };
        let (kept, lost) = (sum(false), sum(true));
        c.dropped.shares += removed.iter().filter(|removed| **removed).count();
        c.dropped.largest = c.dropped.largest.max(lost);
        for (share, removed) in shares.into_iter().zip(removed) {
            *share = if removed { 0.0 } else { *share / kept };
        }
    }
    c.dropped.allocation = columns(&mut p.allocation_nu, floor, &mut c.dropped.largest);
    c.dropped.trade = columns(&mut p.trade_t, floor, &mut c.dropped.largest);
}

fn is_low(share: f64, floor: f64) -> bool {
    share > 0.0 && share < floor
}

/// Removes the low entries of every column; returns how many there were.
fn columns(matrix: &mut Csr<f64>, floor: f64, largest: &mut f64) -> usize {
    let (mut kept, mut lost) = (vec![0.0; matrix.cols()], vec![0.0; matrix.cols()]);
    let mut count = 0;
    for (_, column, &share) in matrix.iter() {
        if is_low(share, floor) {
            lost[column] += share;
            count += 1;
        } else {
            kept[column] += share;
        }
    }
    if count == 0 {
        return 0;
    }
    *largest = lost.iter().copied().fold(*largest, f64::max);
    let rows = (matrix.rows(), matrix.cols());
    let entries =
        matrix.iter().filter(|(_, _, share)| !is_low(**share, floor)).map(|(r, c, &v)| {
            // A column that lost nothing stays as it is, to the last bit.
            let share = if lost[c] > 0.0 { v / kept[c] } else { v };
            (r as u32, c as u32, share)
        });
    let entries = entries.collect();
    *matrix = Csr::from_triplets(rows.0, rows.1, entries).expect("positions of a matrix");
    count
}
