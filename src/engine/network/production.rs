//! Changed production of one area in one scenario: the outputs that differ, as full sums.
//!
//! With I the area's adapting items, two things differ: outputs of the process columns of alpha or
//! beta that I has changed, which are summed anew; and what the items of I are made into, since
//! their shares and allocations have changed, which is replaced column by column.

use super::changes::Changes;
use super::tables::AdaptiveTables;
use crate::model::adaptation::{MissingRule, entry};

/// An adapting item of the area.
#[derive(Debug, Clone, Copy)]
pub struct ItemHit {
    /// Index of the sector.
    pub sector: usize,
    /// Its relative loss.
    pub rl: f64,
    /// Its share for production after adaptation.
    pub eta_prod: f64,
}

/// Changed columns of alpha or beta, ascending by process.
#[derive(Debug, Clone, Default)]
struct Columns {
    /// `(process, end of its outputs)`.
    heads: Vec<(u32, u32)>,
    /// `(item, value)` by column, ascending.
    outputs: Vec<(u32, f64)>,
}

/// Finds the changed outputs of areas; its room is used again from area to area.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// `(process, item, value)` of alpha or beta.
    edits: Vec<(u32, u32, f64)>,
    alpha: Columns,
    beta: Columns,
    /// Columns of nu: `(process, share)` by hit, with their ends.
    allocations: Vec<(u32, f64)>,
    allocation_ends: Vec<u32>,
    items: Vec<u32>,
    /// Per process its number in the changes, or `NONE`.
    summed: Vec<u32>,
    shares: Vec<(u32, f64)>,
}

const NONE: u32 = u32::MAX;

impl Columns {
    fn find(&self, process: u32) -> Option<&[(u32, f64)]> {
        let at = self.heads.binary_search_by_key(&process, |head| head.0).ok()?;
        let start = if at == 0 { 0 } else { self.heads[at - 1].1 as usize };
        Some(&self.outputs[start..self.heads[at].1 as usize])
    }

    /// Output of an item by a process: of its changed column, or `old`.
    fn value(&self, process: u32, item: u32, old: f64) -> f64 {
        match self.find(process) {
            Some(outputs) => {
                outputs.binary_search_by_key(&item, |o| o.0).map_or(0.0, |at| outputs[at].1)
            }
            None => old,
        }
    }

    /// The columns of alpha (0) or beta (1) that the adapting items of an area change.
    fn change(
        &mut self,
        tables: &AdaptiveTables,
        m: usize,
        (area, hits): (usize, &[ItemHit]),
        missing: MissingRule,
        edits: &mut Vec<(u32, u32, f64)>,
    ) {
        let dims = tables.dims;
        self.heads.clear();
        self.outputs.clear();
        edits.clear();
        for hit in hits {
            let item = dims.item_of(hit.sector) as u32;
            for e in [&tables.alpha, &tables.beta][m].of(hit.sector) {
                let value = e.changed(hit.rl, missing);
                if value != e.value {
                    edits.push((e.at, item, value));
                }
            }
        }
        edits.sort_unstable_by_key(|e| (e.0, e.1));
        for edits in edits.chunk_by(|a, b| a.0 == b.0) {
            let process = edits[0].0;
            let column = dims.process_column(area, process as usize);
            let start = self.outputs.len();
            let base = tables.outputs[m].row(column);
            self.outputs.extend(base.map(|(s, &v)| (dims.item_of(s) as u32, v)));
            for &(_, item, value) in edits {
                match self.outputs[start..].binary_search_by_key(&item, |o| o.0) {
                    Ok(at) => self.outputs[start + at].1 = value,
                    Err(at) => self.outputs.insert(start + at, (item, value)),
                }
            }
            let outputs = &mut self.outputs[start..];
            let sum = outputs.iter().map(|o| o.1).sum();
            let factor = entry::rescaling(sum, tables.output_sums[m][column]);
            outputs.iter_mut().for_each(|o| o.1 *= factor);
            self.heads.push((process, self.outputs.len() as u32));
        }
    }
}

impl Outputs {
    /// Adds to `changes` the changed outputs of an area whose items `hits` (ascending) adapt.
    pub fn change(
        &mut self,
        tables: &AdaptiveTables,
        area: usize,
        hits: &[ItemHit],
        missing: MissingRule,
        place: &impl Fn(usize) -> u32,
        changes: &mut Changes,
    ) {
        let dims = tables.dims;
        let column_of = |process: u32| dims.process_column(area, process as usize);
        self.alpha.change(tables, 0, (area, hits), missing, &mut self.edits);
        self.beta.change(tables, 1, (area, hits), missing, &mut self.edits);
        self.allocate(tables, hits, missing);

        // Items that the changed columns put out; a column keeps its base entries, be they 0 now.
        self.items.clear();
        for columns in [&self.alpha, &self.beta] {
            self.items.extend(columns.outputs.iter().map(|o| o.0));
        }
        self.items.sort_unstable();
        self.items.dedup();
        self.feed(tables, area, hits, place, changes);

        // The amounts that the processes of these items turn over, each one summed once.
        self.summed.clear();
        self.summed.resize(dims.processes, NONE);
        for &item in &self.items {
            let sector = dims.sector(area, item as usize);
            let beta = tables.beta.of(sector).iter();
            let without_input = beta.map(|e| self.beta.value(e.at, item, e.value)).sum();
            self.shares.clear();
            for e in tables.alpha.of(sector) {
                let value = self.alpha.value(e.at, item, e.value);
                if value == 0.0 {
                    continue;
                }
                if self.summed[e.at as usize] == NONE {
                    let inputs = inputs(tables, column_of(e.at), hits);
                    let adapting = self.adapting_inputs(e.at, hits);
                    let all = inputs.chain(adapting).filter(|input| input.1 != 0.0);
                    self.summed[e.at as usize] = changes.process(all.map(|(s, w)| (place(s), w)));
                }
                self.shares.push((self.summed[e.at as usize], value));
            }
            changes.output(place(sector), without_input, self.shares.iter().copied());
        }
    }

    /// What adapting items are made into by processes whose outputs are not summed anew.
    fn feed(
        &self,
        tables: &AdaptiveTables,
        area: usize,
        hits: &[ItemHit],
        place: &impl Fn(usize) -> u32,
        changes: &mut Changes,
    ) {
        let dims = tables.dims;
        for (at, hit) in hits.iter().enumerate() {
            let made = self.allocation(at).iter().flat_map(|&(process, share)| {
                let weight = share * hit.eta_prod;
                let outputs = tables.outputs[0].row(dims.process_column(area, process as usize));
                outputs.map(move |(sector, alpha)| (sector, alpha * weight))
            });
            let entries = made.filter(|&(sector, weight)| {
                let item = dims.item_of(sector) as u32;
                weight != 0.0 && self.items.binary_search(&item).is_err()
            });
            changes
                .input(place(hit.sector), entries.map(|(sector, weight)| (place(sector), weight)));
        }
    }

    /// The column of nu of hit number `at`.
    fn allocation(&self, at: usize) -> &[(u32, f64)] {
        let start = if at == 0 { 0 } else { self.allocation_ends[at - 1] as usize };
        &self.allocations[start..self.allocation_ends[at] as usize]
    }

    /// Columns of nu of the adapting items.
    fn allocate(&mut self, tables: &AdaptiveTables, hits: &[ItemHit], missing: MissingRule) {
        self.allocations.clear();
        self.allocation_ends.clear();
        for hit in hits {
            let start = self.allocations.len();
            let entries = tables.nu.of(hit.sector);
            self.allocations.extend(entries.iter().map(|e| (e.at, e.changed(hit.rl, missing))));
            let column = &mut self.allocations[start..];
            if entries.iter().zip(&*column).any(|(e, new)| e.value != new.1) {
                let factor = entry::rescaling(column.iter().map(|c| c.1).sum(), 1.0);
                column.iter_mut().for_each(|c| c.1 *= factor);
            }
            self.allocation_ends.push(self.allocations.len() as u32);
        }
    }

    /// Adapting inputs of a process as `(sector, weight)`.
    fn adapting_inputs<'a>(
        &'a self,
        process: u32,
        hits: &'a [ItemHit],
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        hits.iter().enumerate().filter_map(move |(at, hit)| {
            let column = self.allocation(at);
            let found = column.binary_search_by_key(&process, |a| a.0).ok()?;
            Some((hit.sector, column[found].1 * hit.eta_prod))
        })
    }
}

/// Inputs of a process column that do not adapt as `(sector, weight)`, the shares for production
/// multiplied in.
fn inputs<'a>(
    tables: &'a AdaptiveTables,
    column: usize,
    hits: &'a [ItemHit],
) -> impl Iterator<Item = (usize, f64)> + 'a {
    tables
        .inputs
        .row(column)
        .filter(|(sector, _)| hits.binary_search_by_key(sector, |h| h.sector).is_err())
        .map(|(sector, share)| (sector, share * tables.shares[1][sector]))
}
