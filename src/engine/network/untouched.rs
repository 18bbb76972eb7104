//! What substitution changes in the trade of an item without adapting areas: factors of a few columns.

use super::layout::{WORD, bits};
use super::tables::{AdaptiveTables, Entry};
use super::tile::is_doubtful;
use crate::model::adaptation::entry;

/// Sums by area, from 0 on, and which areas have one; empty between its uses.
#[derive(Debug, Clone)]
pub struct Added {
    sums: Vec<f64>,
    /// One bit per area.
    marks: Vec<u64>,
}

impl Added {
    /// Room for so many areas.
    pub fn new(areas: usize) -> Self {
        Added { sums: vec![0.0; areas], marks: vec![0; areas.div_ceil(WORD)] }
    }

    /// Adds to an area's sum.
    pub(super) fn add(&mut self, area: usize, amount: f64) {
        self.sums[area] += amount;
        self.marks[area / WORD] |= 1 << (area % WORD);
    }

    /// Empties it: area and sum, ascending, where the sum is not 0.
    pub(super) fn drain(&mut self, mut with: impl FnMut(usize, f64)) {
        for (w, marks) in self.marks.iter_mut().enumerate() {
            for bit in bits(std::mem::take(marks)) {
                let sum = std::mem::take(&mut self.sums[w * WORD + bit]);
                if sum != 0.0 {
                    with(w * WORD + bit, sum);
                }
            }
        }
    }
}

/// Factors of columns that substitution has made larger: of exporters that export, of an item
/// without adapting areas; the shares of importers `(area, growth)` grow.
pub fn untouched_factors(
    tables: &AdaptiveTables,
    item: usize,
    growth: &[(u32, f64)],
    added: &mut Added,
    mut with: impl FnMut(usize, f64),
) {
    let first = item * tables.stride;
    if let &[(importer, factor)] = growth {
        // Most often one importer takes more: its exporters ascend, each is met once.
        for &(exporter, share) in tables.links.of(first + importer as usize) {
            let more = (factor - 1.0) * share;
            if more != 0.0 {
                with(exporter as usize, grown_factor(tables, first, exporter, more, growth));
            }
        }
        return;
    }
    for &(importer, factor) in growth {
        for &(exporter, share) in tables.links.of(first + importer as usize) {
            added.add(exporter as usize, (factor - 1.0) * share);
        }
    }
    added.drain(|exporter, added| {
        with(exporter, grown_factor(tables, first, exporter as u32, added, growth));
    });
}

/// The factor of a column of which importers take `added` more.
fn grown_factor(
    tables: &AdaptiveTables,
    first: usize,
    exporter: u32,
    added: f64,
    growth: &[(u32, f64)],
) -> f64 {
    let place = first + exporter as usize;
    let mut sum = tables.export_sums[place] + added;
    if is_doubtful(sum) {
        let of = |importer: u32| growth.binary_search_by_key(&importer, |g| g.0);
        let grown = |e: &Entry| of(e.at).map_or(e.value, |at| e.value * growth[at].1);
        sum = tables.exports.of(place).iter().map(grown).sum();
    }
    entry::rescaling(sum, 1.0)
}
