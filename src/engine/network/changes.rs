//! A scenario's changes in the form in which every step applies them.
//!
//! Losses of unchanged parameters come from the shared network. What has changed is put over them,
//! as amounts, so that nothing cancels: `x = xb - L` in the changed rows and columns.

use super::tables::AdaptiveTables;
use super::tile::Tile;
use super::untouched::{Added, untouched_factors};

/// A place with a number: a weight, a factor, an amount.
pub type At = (u32, f64);

/// Changes of one lane. Lists of lists are flat: `(head, end of its part)`.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Adapting inputs, whose use for production is replaced: place, end of their entries.
    fed: Vec<(u32, u32)>,
    /// Entries of these inputs: `(output, weight)`.
    fed_entries: Vec<At>,
    /// Inputs of the changed processes: `(place, weight)`, by process.
    inputs: Vec<At>,
    /// Ends of the processes' inputs.
    processes: Vec<u32>,
    /// Changed outputs: place, output without input, end of their shares.
    outputs: Vec<(u32, f64, u32)>,
    /// Shares of the outputs: `(process, output per input)`.
    shares: Vec<At>,
    /// Exporters whose column is scaled: the amounts they send times the factor.
    factors: Vec<At>,
    /// Exporters whose column is replaced: place, end of its entries.
    columns: Vec<(u32, u32)>,
    /// Entries of the replaced columns: `(importer, weight)`.
    column_entries: Vec<At>,
    /// Importers whose imports are summed anew: place, end of their entries.
    rows: Vec<(u32, u32)>,
    /// Entries of these rows: `(exporter, weight)`.
    row_entries: Vec<At>,
    /// Importers whose imports grow by a factor.
    growth: Vec<At>,
}

/// The changes as lists, in the order in which they are applied.
#[derive(Debug, Clone, Copy)]
pub struct Lists<'a>(&'a Changes);

/// Slices of `entries` that end where `ends` says.
fn parts<'a>(
    ends: impl Iterator<Item = u32> + 'a,
    entries: &'a [At],
) -> impl Iterator<Item = &'a [At]> + 'a {
    let mut start = 0;
    ends.map(move |end| &entries[std::mem::replace(&mut start, end as usize)..end as usize])
}

impl<'a> Lists<'a> {
    /// Adapting inputs: place, `(output, weight)`.
    pub fn fed(self) -> impl Iterator<Item = (u32, &'a [At])> {
        let entries = parts(self.0.fed.iter().map(|f| f.1), &self.0.fed_entries);
        self.0.fed.iter().map(|f| f.0).zip(entries)
    }

    /// Inputs `(place, weight)` of every changed process.
    pub fn processes(self) -> impl Iterator<Item = &'a [At]> {
        parts(self.0.processes.iter().copied(), &self.0.inputs)
    }

    /// Changed outputs: place, output without input, `(process, share)`.
    pub fn outputs(self) -> impl Iterator<Item = (u32, f64, &'a [At])> {
        let shares = parts(self.0.outputs.iter().map(|o| o.2), &self.0.shares);
        self.0.outputs.iter().zip(shares).map(|(o, shares)| (o.0, o.1, shares))
    }

    /// Exporters whose column is scaled.
    pub fn factors(self) -> &'a [At] {
        &self.0.factors
    }

    /// Exporters whose column is replaced: place, `(importer, weight)`.
    pub fn columns(self) -> impl Iterator<Item = (u32, &'a [At])> {
        let entries = parts(self.0.columns.iter().map(|c| c.1), &self.0.column_entries);
        self.0.columns.iter().map(|c| c.0).zip(entries)
    }

    /// Importers summed anew: place, `(exporter, weight)`.
    pub fn rows(self) -> impl Iterator<Item = (u32, &'a [At])> {
        let entries = parts(self.0.rows.iter().map(|r| r.1), &self.0.row_entries);
        self.0.rows.iter().map(|r| r.0).zip(entries)
    }

    /// Importers whose imports grow by a factor.
    pub fn growth(self) -> &'a [At] {
        &self.0.growth
    }
}

impl Changes {
    /// The changes as lists.
    pub fn lists(&self) -> Lists<'_> {
        Lists(self)
    }

    /// Adds an adapting input with what it makes of `(output, weight)`.
    pub fn input(&mut self, place: u32, entries: impl Iterator<Item = At>) {
        self.fed_entries.extend(entries);
        self.fed.push((place, self.fed_entries.len() as u32));
    }

    /// Adds a process by its inputs; returns its number.
    pub fn process(&mut self, inputs: impl Iterator<Item = At>) -> u32 {
        self.inputs.extend(inputs);
        self.processes.push(self.inputs.len() as u32);
        self.processes.len() as u32 - 1
    }

    /// Adds a changed output.
    pub fn output(&mut self, place: u32, without_input: f64, shares: impl Iterator<Item = At>) {
        self.shares.extend(shares);
        self.outputs.push((place, without_input, self.shares.len() as u32));
    }

    /// A column `(importing area, weight)` of the shared network with the factors of substitution,
    /// for an item without adapting areas.
    pub fn scaled(&self, place: u32, stride: usize, column: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
        let of = |list: &[At], at: u32| list.iter().find(|f| f.0 == at).map_or(1.0, |f| f.1);
        let factor = of(&self.factors, place);
        let first = place / stride as u32 * stride as u32;
        let scale = |(importer, weight): (u32, f64)| {
            (importer, weight * factor * of(&self.growth, first + importer))
        };
        column.into_iter().map(scale).collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.fed.clear();
        self.fed_entries.clear();
        self.inputs.clear();
        self.processes.clear();
        self.outputs.clear();
        self.shares.clear();
        self.clear_trade();
    }

    /// Forgets the trade changes.
    pub fn clear_trade(&mut self) {
        self.factors.clear();
        self.columns.clear();
        self.column_entries.clear();
        self.rows.clear();
        self.row_entries.clear();
        self.growth.clear();
    }

    /// Adds what substitution changes in an item without adapting areas, whose importers `(area,
    /// growth)` take more.
    pub fn untouched_tile(
        &mut self,
        tables: &AdaptiveTables,
        item: usize,
        growth: &[(u32, f64)],
        added: &mut Added,
    ) {
        let first = (item * tables.stride) as u32;
        untouched_factors(tables, item, growth, added, |area, factor| {
            if factor != 1.0 {
                self.factors.push((first + area as u32, factor));
            }
        });
        let grown = growth.iter().filter(|g| g.1 != 1.0);
        self.growth.extend(grown.map(|&(area, growth)| (first + area, growth)));
    }

    /// Adds the trade changes of an item with adapting areas.
    pub fn tile(&mut self, tables: &AdaptiveTables, tile: &Tile) {
        let place = |area: usize| (tile.item * tables.stride + area) as u32;
        for (area, factor) in tile.factors() {
            if factor != 1.0 && !tile.adapts(area) && tile.eta_exp(tables, area) > 0.0 {
                self.factors.push((place(area), factor));
            }
        }
        for (at, hit) in tile.hits.iter().enumerate() {
            let weight = |(c, share): (usize, f64)| (place(c), share * hit.eta_exp);
            let entries = tile.column(at).map(weight).filter(|e| e.1 != 0.0);
            self.factors.push((place(hit.area as usize), 0.0));
            self.column_entries.extend(entries);
            self.columns.push((place(hit.area as usize), self.column_entries.len() as u32));
        }
        for hit in &tile.hits {
            let importer = hit.area as usize;
            let growth = tile.growth[importer];
            let entries = &mut self.row_entries;
            tile.each_share(tables, importer, |exporter, share| {
                let weight = share * tile.eta_exp(tables, exporter) * growth;
                if weight != 0.0 {
                    entries.push((place(exporter), weight));
                }
            });
            self.rows.push((place(importer), self.row_entries.len() as u32));
        }
        for (area, growth) in tile.grown() {
            if growth != 1.0 && !tile.adapts(area) {
                self.growth.push((place(area), growth));
            }
        }
    }
}
