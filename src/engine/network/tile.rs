//! Changed trade of one item in one scenario: a few rows, columns and column factors.
//!
//! With M the item's adapting areas, the current share of exporter d that importer c takes is
//!
//! ```text
//! column of d in M       columns[d][c] factors[d] growth[c]
//! row of c in M          rows[c][d]    factors[d] growth[c]
//! everything else        T[c][d]       factors[d] growth[c]
//! ```

use super::tables::{AdaptiveTables, Entry};
use crate::model::adaptation::{MissingRule, entry};
use crate::model::constants::RESCALING_TOLERANCE;

/// A column sum kept up to date by differences is summed anew where rounding could matter.
const DOUBT: f64 = 1e-6;

/// Whether a sum kept up to date by differences is so near to where a column is rescaled, or to nothing,
/// that rounding could decide.
fn is_doubtful(sum: f64) -> bool {
    sum < DOUBT || ((sum - 1.0).abs() - RESCALING_TOLERANCE).abs() < DOUBT * RESCALING_TOLERANCE
}

/// An adapting area of the item.
#[derive(Debug, Clone, Copy)]
pub struct TileHit {
    /// The area.
    pub area: u32,
    /// Its relative loss.
    pub rl: f64,
    /// Its share for exports after adaptation.
    pub eta_exp: f64,
}

/// Factors of columns that substitution has made larger: of exporters that export, of an item
/// without adapting areas; the shares of importers `(area, growth)` grow.
///
/// `added` has one element per area, all 0, and is left so.
pub fn untouched_factors(
    tables: &AdaptiveTables,
    item: usize,
    growth: &[(u32, f64)],
    added: &mut [f64],
    mut with: impl FnMut(usize, f64),
) {
    let first = item * tables.stride;
    for &(importer, factor) in growth {
        for &(exporter, share) in tables.links.of(first + importer as usize) {
            added[exporter as usize] += (factor - 1.0) * share;
        }
    }
    for (exporter, added) in added.iter_mut().enumerate() {
        if *added != 0.0 {
            let mut sum = tables.export_sums[first + exporter] + std::mem::take(added);
            if is_doubtful(sum) {
                let of = |importer: u32| growth.binary_search_by_key(&importer, |g| g.0);
                let grown = |e: &Entry| of(e.at).map_or(e.value, |at| e.value * growth[at].1);
                sum = tables.exports.of(first + exporter).iter().map(grown).sum();
            }
            with(exporter, entry::rescaling(sum, 1.0));
        }
    }
}

/// Trade of one item after adaptation, and after substitution.
#[derive(Debug, Clone)]
pub struct Tile {
    /// The item.
    pub item: usize,
    /// Its first place.
    first: usize,
    /// Adapting areas, ascending.
    pub hits: Vec<TileHit>,
    /// Per area its position in `hits`.
    position: Vec<u32>,
    /// Per hit, `(exporter, share)` after the import side, ascending.
    rows: Vec<Vec<(u32, f64)>>,
    /// Per hit, `(importer, share)` after the export side, ascending.
    columns: Vec<Vec<(u32, f64)>>,
    /// Current sum of every column.
    sums: Vec<f64>,
    /// Factor of every column.
    pub factors: Vec<f64>,
    /// Growth of every importer's shares by substitution.
    pub growth: Vec<f64>,
}

const NO_HIT: u32 = u32::MAX;

impl Tile {
    /// The item's trade after its adapting areas (ascending) have adapted.
    pub fn new(
        tables: &AdaptiveTables,
        item: usize,
        hits: Vec<TileHit>,
        missing: MissingRule,
    ) -> Self {
        let dims = tables.dims;
        let mut position = vec![NO_HIT; dims.areas];
        for (at, hit) in hits.iter().enumerate() {
            position[hit.area as usize] = at as u32;
        }
        let first = item * tables.stride;
        let sums = tables.export_sums[first..first + dims.areas].to_vec();
        let mut tile = Tile {
            item,
            first,
            hits,
            position,
            rows: Vec::new(),
            columns: Vec::new(),
            sums,
            factors: vec![1.0; dims.areas],
            growth: vec![1.0; dims.areas],
        };
        tile.adapt(tables, missing);
        tile
    }

    fn adapt(&mut self, tables: &AdaptiveTables, missing: MissingRule) {
        let dims = tables.dims;
        let mut is_touched = vec![false; dims.areas];
        for hit in &self.hits {
            let entries = tables.imports.of(self.first + hit.area as usize);
            let row = entries.iter().map(|e| {
                let share = e.changed(hit.rl, missing);
                self.sums[e.at as usize] += share - e.value;
                is_touched[e.at as usize] |= share != e.value;
                (e.at, share)
            });
            self.rows.push(row.collect());
        }
        for hit in &self.hits {
            let exporter = hit.area as usize;
            let entries = tables.exports.of(self.first + exporter);
            let mut touched = false;
            let mut column: Vec<(u32, f64)> = Vec::with_capacity(entries.len());
            for e in entries {
                let share = if e.learned || missing == MissingRule::Published {
                    e.changed(hit.rl, missing)
                } else {
                    // The export side leaves alone what the import side may have changed.
                    self.imported(e.at as usize, exporter).unwrap_or(e.value)
                };
                touched |= share != e.value;
                column.push((e.at, share));
            }
            if missing == MissingRule::Keep {
                for importer in self.hits.iter().map(|h| h.area) {
                    if let Err(at) = column.binary_search_by_key(&importer, |c| c.0)
                        && let Some(share) = self.imported(importer as usize, exporter)
                        && share != 0.0
                        && tables.export_rule_is_missing(importer, exporter, self.item)
                    {
                        column.insert(at, (importer, share));
                        touched = true;
                    }
                }
            }
            is_touched[exporter] = touched;
            self.sums[exporter] = column.iter().map(|c| c.1).sum();
            self.columns.push(column);
        }
        for exporter in (0..is_touched.len()).filter(|&d| is_touched[d]) {
            if is_doubtful(self.sums[exporter]) && self.position[exporter] == NO_HIT {
                self.sums[exporter] = self.summed_anew(tables, exporter);
            }
            self.rescale(exporter);
        }
    }

    /// Grows the shares of the given importers `(area, growth)`.
    pub fn substitute(&mut self, tables: &AdaptiveTables, growth: &[(u32, f64)]) {
        let mut added = vec![0.0; self.factors.len()];
        for &(importer, factor) in growth {
            self.growth[importer as usize] = factor;
            let more = factor - 1.0;
            self.each_share(tables, importer as usize, |exporter, share| {
                added[exporter] += more * share;
            });
        }
        for exporter in (0..added.len()).filter(|&d| added[d] != 0.0) {
            self.sums[exporter] += added[exporter];
            if is_doubtful(self.sums[exporter]) {
                self.sums[exporter] = self.summed_anew(tables, exporter);
            }
            self.rescale(exporter);
        }
    }

    /// Calls `with(exporter, share)` for what an importer takes, substitution not counted.
    pub fn each_share(
        &self,
        tables: &AdaptiveTables,
        importer: usize,
        mut with: impl FnMut(usize, f64),
    ) {
        let mut one = |exporter: u32, share: f64| {
            if share != 0.0 && self.position[exporter as usize] == NO_HIT {
                with(exporter as usize, share * self.factors[exporter as usize]);
            }
        };
        match self.position[importer] {
            NO_HIT => {
                let links = tables.links.of(self.first + importer);
                links.iter().for_each(|&(exporter, share)| one(exporter, share));
            }
            hit => self.rows[hit as usize].iter().for_each(|&(d, share)| one(d, share)),
        }
        for (hit, column) in self.hits.iter().zip(&self.columns) {
            if let Ok(at) = column.binary_search_by_key(&(importer as u32), |c| c.0) {
                with(hit.area as usize, column[at].1 * self.factors[hit.area as usize]);
            }
        }
    }

    /// `(importer, share)` of the column of hit number `at`, of importers that do not adapt;
    /// substitution not counted.
    pub fn column(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let factor = self.factors[self.hits[at].area as usize];
        self.columns[at]
            .iter()
            .filter(|c| c.1 != 0.0 && self.position[c.0 as usize] == NO_HIT)
            .map(move |c| (c.0 as usize, c.1 * factor))
    }

    /// Whether an area of this item adapts.
    pub fn adapts(&self, area: usize) -> bool {
        self.position[area] != NO_HIT
    }

    /// The adapting area's share for exports, or that of the dataset.
    pub fn eta_exp(&self, tables: &AdaptiveTables, area: usize) -> f64 {
        match self.position[area] {
            NO_HIT => tables.eta_exp[self.first + area],
            hit => self.hits[hit as usize].eta_exp,
        }
    }

    /// What an adapting importer takes of an exporter after the import side.
    fn imported(&self, importer: usize, exporter: usize) -> Option<f64> {
        let hit = self.position[importer];
        let row = (hit != NO_HIT).then(|| &self.rows[hit as usize])?;
        row.binary_search_by_key(&(exporter as u32), |r| r.0).ok().map(|at| row[at].1)
    }

    /// Sum of a column as it is, over its importers in order: as the model adds them up.
    fn summed_anew(&self, tables: &AdaptiveTables, exporter: usize) -> f64 {
        let mut shares: Vec<(u32, f64)> = match self.position[exporter] {
            NO_HIT => {
                let entries = tables.exports.of(self.first + exporter).iter();
                let kept = entries.filter(|e| self.position[e.at as usize] == NO_HIT);
                let imported =
                    |h: &TileHit| Some((h.area, self.imported(h.area as usize, exporter)?));
                let changed = self.hits.iter().filter_map(imported);
                kept.map(|e| (e.at, e.value)).chain(changed).collect()
            }
            hit => self.columns[hit as usize].clone(),
        };
        shares.sort_unstable_by_key(|s| s.0);
        let factor = self.factors[exporter];
        shares.iter().map(|&(at, share)| share * factor * self.growth[at as usize]).sum()
    }

    fn rescale(&mut self, exporter: usize) {
        let factor = entry::rescaling(self.sums[exporter], 1.0);
        self.factors[exporter] *= factor;
        self.sums[exporter] *= factor;
    }
}
