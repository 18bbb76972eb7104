//! Substitution: imports of what can stand in for a lost item grow.

use super::adapt::edited;
use super::entry::{Hit, grown};
use super::settings::SubstituteConflict;
use crate::dataset::{Blocks, Dimensions};
use crate::sparse::Csr;

/// Growth of the import shares of every sector that substitutes something, ascending by sector.
///
/// `1 + s_ij` for every substitute j of a lost item i in the same area.
///
/// Source: Baum et al. 2024, eq. 36.
pub fn import_growth(
    dims: Dimensions,
    substitutability: &Blocks<f64>,
    hits: &[Hit],
    conflict: SubstituteConflict,
) -> Vec<(u32, f64)> {
    let mut factors: Vec<(u32, f64)> = Vec::new();
    for hit in hits {
        let lost = hit.sector as usize;
        let area = dims.area_of(lost);
        let Some(block) = substitutability.of(area) else { continue };
        for (item, s) in block.row(dims.item_of(lost)) {
            factors.push((dims.sector(area, item) as u32, 1.0 + s));
        }
    }
    // Hits are ascending by sector, so the lost items of an area stay in item order.
    factors.sort_by_key(|factor| factor.0);
    let growth = factors.chunk_by(|a, b| a.0 == b.0).map(|of_sector| {
        let growth = of_sector.iter().fold(1.0, |so_far, f| grown(so_far, f.1, conflict));
        (of_sector[0].0, growth)
    });
    growth.collect()
}

/// T after substitution.
///
/// `T'[(c,j),(d,j)] = T[(c,j),(d,j)] growth(c,j)`, then every column it touches sums to 1.
///
/// Source: Baum et al. 2024, eqs. 36 and 26.
pub fn substitute(trade: &Csr<f64>, growth: &[(u32, f64)]) -> Csr<f64> {
    let mut edits = Vec::new();
    for &(row, growth) in growth {
        let row = row as usize;
        edits.extend(trade.row(row).map(|(column, share)| (row, column, share * growth)));
    }
    edited(trade, &edits, |_| 1.0)
}
