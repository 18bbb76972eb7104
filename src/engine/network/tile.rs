//! Changed trade of one item in one scenario: a few rows, columns and column factors.
//!
//! With M the item's adapting areas, the current share of exporter d that importer c takes is
//!
//! ```text
//! column of d in M       columns[d][c] factors[d] growth[c]
//! row of c in M          rows[c][d]    factors[d] growth[c]
//! everything else        T[c][d]       factors[d] growth[c]
//! ```

use super::layout::{WORD, bits};
use super::tables::AdaptiveTables;
use super::untouched::Added;
use crate::model::adaptation::{MissingRule, entry};
use crate::model::constants::RESCALING_TOLERANCE;

/// A column sum kept up to date by differences is summed anew where rounding could matter.
pub const DOUBT: f64 = 1e-6;

/// Whether a sum kept up to date by differences is so near to where a column is rescaled, or to nothing,
/// that rounding could decide.
pub(super) fn is_doubtful(sum: f64) -> bool {
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

/// Entries of the adapting areas, one after the other.
#[derive(Debug, Clone, Default)]
struct OfHits {
    entries: Vec<(u32, f64)>,
    ends: Vec<u32>,
}

impl OfHits {
    fn clear(&mut self) {
        self.entries.clear();
        self.ends.clear();
    }

    fn end(&mut self) {
        self.ends.push(self.entries.len() as u32);
    }

    /// Those of hit number `at`, ascending.
    fn of(&self, at: usize) -> &[(u32, f64)] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.entries[start..self.ends[at] as usize]
    }
}

/// Trade of one item after adaptation, and after substitution; its room is used again.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// The item.
    pub item: usize,
    /// Its first place.
    first: usize,
    /// Adapting areas, ascending.
    pub hits: Vec<TileHit>,
    /// Per area its position in `hits`.
    position: Vec<u32>,
    /// Per hit, `(exporter, share)` after the import side.
    rows: OfHits,
    /// Per hit, `(importer, share)` after the export side.
    columns: OfHits,
    /// Current sum of every column.
    sums: Vec<f64>,
    /// Factor of every column.
    factors: Vec<f64>,
    /// Growth of every importer's shares by substitution.
    pub growth: Vec<f64>,
    /// Columns whose factor may not be 1, one bit each.
    touched: Vec<u64>,
    /// Importers whose growth may not be 1, one bit each.
    grown: Vec<u64>,
}

const NO_HIT: u32 = u32::MAX;

/// Numbers of the bits that are set, ascending.
fn all_bits(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(w, &word)| bits(word).map(move |bit| w * WORD + bit))
}

impl Tile {
    /// The item's trade after its adapting areas (ascending) have adapted.
    pub fn restart(
        &mut self,
        tables: &AdaptiveTables,
        item: usize,
        hits: impl Iterator<Item = TileHit>,
        missing: MissingRule,
    ) {
        let areas = tables.dims.areas;
        self.item = item;
        self.first = item * tables.stride;
        if self.position.len() != areas {
            self.position = vec![NO_HIT; areas];
            self.factors = vec![1.0; areas];
            self.growth = vec![1.0; areas];
            self.touched = vec![0; areas.div_ceil(WORD)];
            self.grown = vec![0; areas.div_ceil(WORD)];
        } else {
            // Only what the use before has written.
            self.hits.iter().for_each(|hit| self.position[hit.area as usize] = NO_HIT);
            all_bits(&self.touched).for_each(|area| self.factors[area] = 1.0);
            all_bits(&self.grown).for_each(|area| self.growth[area] = 1.0);
            self.touched.fill(0);
            self.grown.fill(0);
        }
        self.hits.clear();
        self.hits.extend(hits);
        for (at, hit) in self.hits.iter().enumerate() {
            self.position[hit.area as usize] = at as u32;
        }
        self.sums.clear();
        self.sums.extend_from_slice(&tables.export_sums[self.first..self.first + areas]);
        self.rows.clear();
        self.columns.clear();
        self.adapt(tables, missing);
    }

    fn adapt(&mut self, tables: &AdaptiveTables, missing: MissingRule) {
        for hit in &self.hits {
            for e in tables.imports.of(self.first + hit.area as usize) {
                let share = e.changed(hit.rl, missing);
                if share != e.value {
                    let at = e.at as usize;
                    self.sums[at] += share - e.value;
                    self.touched[at / WORD] |= 1 << (at % WORD);
                }
                self.rows.entries.push((e.at, share));
            }
            self.rows.end();
        }
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            self.adapt_column(tables, hit, missing);
        }
        for w in 0..self.touched.len() {
            for bit in bits(self.touched[w]) {
                let exporter = w * WORD + bit;
                if is_doubtful(self.sums[exporter]) && self.position[exporter] == NO_HIT {
                    self.sums[exporter] = self.summed_anew(tables, exporter);
                }
                self.rescale(exporter);
            }
        }
    }

    /// The column of an adapting area after the export side.
    fn adapt_column(&mut self, tables: &AdaptiveTables, hit: TileHit, missing: MissingRule) {
        let exporter = hit.area as usize;
        let start = self.columns.entries.len();
        let mut touched = false;
        for e in tables.exports.of(self.first + exporter) {
            let share = if e.learned || missing == MissingRule::Published {
                e.changed(hit.rl, missing)
            } else {
                // The export side leaves alone what the import side may have changed.
                self.imported(e.at as usize, exporter).unwrap_or(e.value)
            };
            touched |= share != e.value;
            self.columns.entries.push((e.at, share));
        }
        if missing == MissingRule::Keep {
            for importer in self.hits.iter().map(|h| h.area) {
                if let Err(at) =
                    self.columns.entries[start..].binary_search_by_key(&importer, |c| c.0)
                    && let Some(share) = self.imported(importer as usize, exporter)
                    && share != 0.0
                    && tables.export_rule_is_missing(importer, exporter, self.item)
                {
                    self.columns.entries.insert(start + at, (importer, share));
                    touched = true;
                }
            }
        }
        self.columns.end();
        let (word, bit) = (exporter / WORD, 1 << (exporter % WORD));
        self.touched[word] =
            if touched { self.touched[word] | bit } else { self.touched[word] & !bit };
        self.sums[exporter] = self.columns.entries[start..].iter().map(|c| c.1).sum();
    }

    /// Grows the shares of the given importers `(area, growth)`.
    pub fn substitute(
        &mut self,
        tables: &AdaptiveTables,
        growth: &[(u32, f64)],
        added: &mut Added,
    ) {
        for &(importer, factor) in growth {
            let importer = importer as usize;
            self.growth[importer] = factor;
            self.grown[importer / WORD] |= 1 << (importer % WORD);
            let more = factor - 1.0;
            self.each_share(tables, importer, |exporter, share| added.add(exporter, more * share));
        }
        added.drain(|exporter, added| {
            self.sums[exporter] += added;
            if is_doubtful(self.sums[exporter]) {
                self.sums[exporter] = self.summed_anew(tables, exporter);
            }
            self.touched[exporter / WORD] |= 1 << (exporter % WORD);
            self.rescale(exporter);
        });
    }

    /// Areas whose column may have another factor than 1, ascending, with the factor.
    pub fn factors(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        all_bits(&self.touched).map(|area| (area, self.factors[area]))
    }

    /// Areas whose imports may grow, ascending, with the growth.
    pub fn grown(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        all_bits(&self.grown).map(|area| (area, self.growth[area]))
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
            hit => self.rows.of(hit as usize).iter().for_each(|&(d, share)| one(d, share)),
        }
        for (at, hit) in self.hits.iter().enumerate() {
            let column = self.columns.of(at);
            if let Ok(at) = column.binary_search_by_key(&(importer as u32), |c| c.0) {
                with(hit.area as usize, column[at].1 * self.factors[hit.area as usize]);
            }
        }
    }

    /// `(importer, share)` of the column of hit number `at`, of importers that do not adapt;
    /// substitution not counted.
    pub fn column(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let factor = self.factors[self.hits[at].area as usize];
        self.columns
            .of(at)
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
        let row = (hit != NO_HIT).then(|| self.rows.of(hit as usize))?;
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
            hit => self.columns.of(hit as usize).to_vec(),
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
