//! What adaptation reads of a dataset, as kernels walk it: every row or column that can change, entry by
//! entry, with its rule.
//!
//! The same tables as on the host ([`AdaptiveTables`]), flat; layout: `shaders/changes.wgsl` and the two
//! kernels that follow it.

use super::choices::{ChoiceBuffers, Choices};
use super::machine::{Buffer, Machine};
use crate::engine::network::Network;
use crate::engine::network::tables::{AdaptiveTables, Entry};
use crate::engine::network::tile::DOUBT;
use crate::model::constants::RESCALING_TOLERANCE;

/// Areas, items and processes that a dataset has at most for a device to build changes.
pub const WIDEST: usize = 256;
/// Mark of an entry that has a rule.
pub const LEARNED: u32 = 1 << 31;
/// Mark of an import for which exporters have no rule and no entry, and of an entry of a process column that the
/// dataset has.
pub const MARKED: u32 = 1 << 30;
/// Numbers before the sums.
pub const LIMITS: usize = 3;

/// Rows of entries.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// A number of the dataset, then where the entries of every row begin.
    starts: Vec<u32>,
    /// The other end of every entry, with its marks.
    others: Vec<u32>,
    /// Value, multiplier and rewiring of every entry.
    rules: Vec<f64>,
    /// Limits, sums and shares.
    amounts: Vec<f64>,
}

/// Rules of a dataset, for kernels.
#[derive(Debug, Clone)]
pub struct Rules {
    trade: Rows,
    production: Rows,
    choices: Choices,
}

/// Room that the changes of an adapting sector take in production at most.
#[derive(Debug, Clone, Copy, Default)]
pub struct Room {
    /// Outputs that it is made into.
    pub made: u32,
    /// Outputs of the columns that it changes.
    pub outputs: u32,
    /// Processes of these outputs.
    pub shares: u32,
    /// Inputs of these processes.
    pub inputs: u32,
}

impl Room {
    /// Room for both.
    pub fn and(self, other: Self) -> Self {
        let sum = u32::saturating_add;
        Room {
            made: sum(self.made, other.made),
            outputs: sum(self.outputs, other.outputs),
            shares: sum(self.shares, other.shares),
            inputs: sum(self.inputs, other.inputs),
        }
    }
}

/// Rows on a machine: starts, other ends, rules, amounts.
pub type RowBuffers = [Buffer; 4];

/// Rules on a machine.
#[derive(Debug, Clone, Copy)]
pub struct RuleBuffers {
    /// Of trade, by item.
    pub trade: RowBuffers,
    /// Of production, by area.
    pub production: RowBuffers,
    /// What hits are turned into jobs by.
    pub choices: ChoiceBuffers,
}

impl Rows {
    fn new(number: usize) -> Self {
        let limits = [RESCALING_TOLERANCE, DOUBT, DOUBT * RESCALING_TOLERANCE];
        Rows { starts: vec![number as u32, 0], amounts: limits.into(), ..Rows::default() }
    }

    fn entry(&mut self, other: u32, numbers: [f64; 3]) {
        self.others.push(other);
        self.rules.extend(numbers);
    }

    /// Adds the entry of a row, with a mark or 0.
    fn rule(&mut self, other: u32, of: &Entry, mark: u32) {
        let learned = if of.learned { LEARNED } else { 0 };
        self.entry(other | learned | mark, of.numbers());
    }

    fn end_row(&mut self) {
        self.starts.push(self.others.len() as u32);
    }

    /// Number of entries of a row.
    fn len(&self, row: usize) -> u32 {
        self.starts[row + 2] - self.starts[row + 1]
    }

    fn row(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let entries = self.starts[row + 1] as usize..self.starts[row + 2] as usize;
        entries.map(|entry| (self.others[entry] & !(LEARNED | MARKED)) as usize)
    }

    fn upload(&self, machine: &mut dyn Machine) -> RowBuffers {
        [
            machine.upload_whole(&self.starts),
            machine.upload_whole(&self.others),
            machine.upload_real(&self.rules),
            machine.upload_real(&self.amounts),
        ]
    }
}

impl Rules {
    /// The rules of a dataset; `None` for one that is too wide.
    pub fn new(net: &Network, tables: &AdaptiveTables) -> Option<Self> {
        let dims = tables.dims;
        if dims.areas.max(dims.items).max(dims.processes) > WIDEST {
            return None;
        }
        let (trade, production) = rayon::join(|| trade(net, tables), || production(tables));
        let (sectors, areas) = rooms(&production, tables);
        let choices = Choices::new(net, tables, (&sectors, &areas));
        Some(Rules { trade, production, choices })
    }

    /// Numbers of the largest table.
    pub fn largest(&self) -> usize {
        self.trade.rules.len().max(self.production.rules.len()).max(self.choices.largest())
    }

    /// Uploads them.
    pub fn upload(&self, machine: &mut dyn Machine) -> RuleBuffers {
        RuleBuffers {
            trade: self.trade.upload(machine),
            production: self.production.upload(machine),
            choices: self.choices.upload(machine),
        }
    }
}

/// Imports of every place, then exports of every place.
fn trade(net: &Network, tables: &AdaptiveTables) -> Rows {
    let mut rows = Rows::new(0);
    for place in 0..net.places() {
        let (item, importer) = (place / net.stride, place % net.stride);
        for e in tables.imports.of(place) {
            let exporter = e.at as usize;
            let exports = tables.exports.of(item * net.stride + exporter);
            let has_entry = exports.binary_search_by_key(&(importer as u32), |x| x.at).is_ok();
            let is_free =
                !has_entry && tables.export_rule_is_missing(importer as u32, exporter, item);
            rows.rule(e.at, e, if is_free { MARKED } else { 0 });
        }
        rows.end_row();
    }
    for place in 0..net.places() {
        tables.exports.of(place).iter().for_each(|e| rows.rule(e.at, e, 0));
        rows.end_row();
    }
    rows.amounts.extend(&tables.export_sums);
    rows.amounts.extend(&tables.eta_exp);
    rows
}

/// Alpha, beta and nu of every sector, then alpha, beta and inputs of every process column.
fn production(tables: &AdaptiveTables) -> Rows {
    let dims = tables.dims;
    let mut rows = Rows::new(dims.processes);
    for family in [&tables.alpha, &tables.beta, &tables.nu] {
        for sector in 0..dims.sectors() {
            family.of(sector).iter().for_each(|e| rows.rule(e.at, e, 0));
            rows.end_row();
        }
    }
    for (family, outputs) in [&tables.alpha, &tables.beta].into_iter().zip(&tables.outputs) {
        for area in 0..dims.areas {
            let mut columns: Vec<Vec<(u32, &Entry)>> = vec![Vec::new(); dims.processes];
            for item in 0..dims.items {
                for e in family.of(dims.sector(area, item)) {
                    columns[e.at as usize].push((item as u32, e));
                }
            }
            for (process, column) in columns.into_iter().enumerate() {
                let base = dims.process_column(area, process);
                for (item, e) in column {
                    let is_base = outputs.get(base, dims.sector(area, item as usize)).is_some();
                    rows.rule(item, e, if is_base { MARKED } else { 0 });
                }
                rows.end_row();
            }
        }
    }
    for column in 0..dims.areas * dims.processes {
        for (sector, share) in tables.inputs.row(column) {
            let weight = share * tables.shares[1][sector];
            rows.entry(dims.item_of(sector) as u32, [weight, 0.0, 0.0]);
        }
        rows.end_row();
    }
    tables.output_sums.iter().for_each(|sums| rows.amounts.extend(sums));
    rows
}

/// How much room sectors take in production; and all areas at most.
fn rooms(rows: &Rows, tables: &AdaptiveTables) -> (Vec<Room>, Vec<Room>) {
    let dims = tables.dims;
    let (sectors, columns) = (dims.sectors(), dims.areas * dims.processes);
    let inputs = |column: usize| rows.len(3 * sectors + 2 * columns + column);
    let sum = |rooms: &mut dyn Iterator<Item = Room>| rooms.fold(Room::default(), Room::and);
    // An output has shares in its processes, which have inputs.
    let output = |sector: usize| {
        let area = dims.area_of(sector);
        let all = rows.row(sector).map(|process| inputs(dims.process_column(area, process)));
        Room { made: 0, outputs: 1, shares: rows.len(sector), inputs: all.sum() }
    };
    let output: Vec<Room> = (0..sectors).map(output).collect();
    // A column, of alpha or beta, has outputs.
    let column = |number: usize| {
        let area = dims.area_of_process_column(number % columns);
        sum(&mut rows.row(3 * sectors + number).map(|item| output[dims.sector(area, item)]))
    };
    let column: Vec<Room> = (0..2 * columns).map(column).collect();
    // A sector changes columns of both, and is made into outputs by the processes that it is allocated to.
    let room = |sector: usize| {
        let of = |process| dims.process_column(dims.area_of(sector), process);
        let alpha = rows.row(sector).map(|process| column[of(process)]);
        let beta = rows.row(sectors + sector).map(|process| column[columns + of(process)]);
        let made =
            rows.row(2 * sectors + sector).map(|process| rows.len(3 * sectors + of(process)));
        Room { made: made.sum(), ..sum(&mut alpha.chain(beta)) }
    };
    let area = |area: usize| {
        let all = sum(&mut (0..dims.items).map(|item| output[dims.sector(area, item)]));
        let of = (0..dims.processes).map(|process| inputs(dims.process_column(area, process)));
        Room { made: u32::MAX, inputs: of.sum(), ..all }
    };
    ((0..sectors).map(room).collect(), (0..dims.areas).map(area).collect())
}
