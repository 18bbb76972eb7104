//! A scenario's changes in the form in which every step applies them.
//!
//! Losses of unchanged parameters come from the shared network. What has changed is put over them,
//! as amounts, so that nothing cancels: `x = xb - L` in the changed rows and columns.

use super::tables::AdaptiveTables;
use super::trade::{Tile, untouched_factors};
use crate::engine::cpu::kernel::{LossField, set_active};
use crate::engine::cpu::network::ByPlace;

/// A place with a number: a weight, a factor, an amount.
type At = (u32, f64);

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

/// Amounts of one lane found before trade and used after it; reused.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    amounts: Vec<f64>,
    /// Losses of the adapting inputs.
    fed: Vec<f64>,
    /// Per growing importer its loss of output.
    own: Vec<f64>,
    /// Per row summed anew its loss.
    rows: Vec<f64>,
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
    /// growth)` take more; `added` is lent room of one 0 per area.
    pub fn untouched_tile(
        &mut self,
        tables: &AdaptiveTables,
        item: usize,
        growth: &[(u32, f64)],
        added: &mut [f64],
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
        for (area, &factor) in tile.factors.iter().enumerate() {
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
        for (area, &growth) in tile.growth.iter().enumerate() {
            if growth != 1.0 && !tile.adapts(area) {
                self.growth.push((place(area), growth));
            }
        }
    }

    /// Makes `from` what the shared network is to process in step `t`: nothing of adapting inputs.
    pub fn before_production(
        &self,
        base: &ByPlace,
        lane: usize,
        t: usize,
        from: &mut LossField,
        scratch: &mut Scratch,
    ) {
        scratch.fed.clear();
        for &(place, _) in &self.fed {
            let loss = &mut from.lanes[place as usize][lane];
            scratch.fed.push(*loss);
            *loss = base.available[t - 1][place as usize];
            set_active(&mut from.active, place);
        }
    }

    /// Puts the changed outputs of step `t` over those in `to`, and `from` back as it was.
    pub fn after_production(
        &self,
        base: &ByPlace,
        lane: usize,
        t: usize,
        from: &mut LossField,
        to: &mut LossField,
        scratch: &mut Scratch,
    ) {
        let mut start = 0;
        for (&(place, end), &loss) in self.fed.iter().zip(&scratch.fed) {
            from.lanes[place as usize][lane] = loss;
            let amount = base.available[t - 1][place as usize] - loss;
            for &(output, weight) in &self.fed_entries[start..end as usize] {
                to.lanes[output as usize][lane] -= weight * amount;
                set_active(&mut to.active, output);
            }
            start = end as usize;
        }
        let amount =
            |place: u32| base.available[t - 1][place as usize] - from.lanes[place as usize][lane];
        scratch.amounts.clear();
        let mut start = 0;
        for &end in &self.processes {
            let inputs = &self.inputs[start..end as usize];
            scratch.amounts.push(inputs.iter().map(|&(place, w)| w * amount(place)).sum());
            start = end as usize;
        }
        let mut start = 0;
        for &(place, without_input, end) in &self.outputs {
            let shares = &self.shares[start..end as usize];
            let made: f64 = shares.iter().map(|&(k, a)| a * scratch.amounts[k as usize]).sum();
            let output = made + without_input;
            to.lanes[place as usize][lane] = base.output[t][place as usize] - output;
            set_active(&mut to.active, place);
            start = end as usize;
        }
    }

    /// Sums the changed imports of step `t`, then makes `from` what the shared columns are to send.
    pub fn before_trade(
        &self,
        base: &ByPlace,
        lane: usize,
        t: usize,
        from: &mut LossField,
        to: &LossField,
        scratch: &mut Scratch,
    ) {
        let available = &base.available[t - 1];
        let amount = |from: &LossField, place: u32| {
            available[place as usize] - from.lanes[place as usize][lane]
        };
        scratch.own.clear();
        scratch.own.extend(self.growth.iter().map(|&(p, _)| to.lanes[p as usize][lane]));
        scratch.rows.clear();
        let mut start = 0;
        for &(place, end) in &self.rows {
            let entries = &self.row_entries[start..end as usize];
            let imports: f64 = entries.iter().map(|&(p, w)| w * amount(from, p)).sum();
            let own = to.lanes[place as usize][lane];
            scratch.rows.push(own + (base.imports(t, place) - imports));
            start = end as usize;
        }
        scratch.amounts.clear();
        scratch.amounts.extend(self.columns.iter().map(|&(place, _)| amount(from, place)));
        for &(place, factor) in &self.factors {
            let sent = factor * amount(from, place);
            from.lanes[place as usize][lane] = available[place as usize] - sent;
            set_active(&mut from.active, place);
        }
    }

    /// Puts the changed imports of step `t` over those in `to`.
    pub fn after_trade(
        &self,
        base: &ByPlace,
        lane: usize,
        t: usize,
        to: &mut LossField,
        scratch: &Scratch,
    ) {
        let mut start = 0;
        for (&(_, end), amount) in self.columns.iter().zip(&scratch.amounts) {
            for &(place, weight) in &self.column_entries[start..end as usize] {
                to.lanes[place as usize][lane] -= weight * amount;
                set_active(&mut to.active, place);
            }
            start = end as usize;
        }
        for (&(place, growth), own) in self.growth.iter().zip(&scratch.own) {
            let loss = &mut to.lanes[place as usize][lane];
            let imports = base.imports(t, place);
            *loss = own + (imports - growth * (imports - (*loss - own)));
            set_active(&mut to.active, place);
        }
        for (&(place, _), &loss) in self.rows.iter().zip(&scratch.rows) {
            to.lanes[place as usize][lane] = loss;
            set_active(&mut to.active, place);
        }
    }
}
