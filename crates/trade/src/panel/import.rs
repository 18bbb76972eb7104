//! A panel from files of trade.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{About, Amount, Count, Flow, Panel, QuantityFill, Source, Year};
use crate::baci::{self, MAX_CODE, Visitor};
use crate::error::TradeError;
use crate::lists::{self, Areas, Item};

/// What to read.
#[derive(Debug, Clone)]
pub struct Request {
    /// File or folder of trade.
    pub source: PathBuf,
    /// Table of items.
    pub items: PathBuf,
    /// Table of areas.
    pub areas: PathBuf,
    /// Table of merges.
    pub merge: Option<PathBuf>,
    /// What flows are measured by.
    pub amount: Amount,
    /// Name of the panel.
    pub name: String,
    /// Licence of the data.
    pub licence: String,
}

/// No area, no item.
const NONE: u16 = u16::MAX;

/// A row of an item.
#[derive(Debug, Clone, Copy)]
struct ImportedRow {
    value: f64,
    /// Negative where it is missing.
    quantity: f64,
    /// Position of the areas' codes in the table of areas, which tells rows apart that merging makes
    /// one flow.
    codes: [u16; 2],
    /// Areas after merging.
    areas: [u16; 2],
    item: u16,
    year: u16,
    code: u32,
    row: u32,
    file: u16,
}

impl ImportedRow {
    fn flow(&self) -> (u16, u16, [u16; 2]) {
        (self.year, self.item, self.areas)
    }

    fn key(&self) -> (u16, u16, [u16; 2], [u16; 2], u32) {
        (self.year, self.item, self.areas, self.codes, self.code)
    }
}

/// What codes stand for.
struct Lookup {
    /// Position in the table of areas, and the merged area, by code.
    areas: Vec<[u16; 2]>,
    /// Names of the merged areas.
    names: Vec<Arc<str>>,
    /// Item by HS code.
    items: Vec<u16>,
}

impl Lookup {
    fn new(areas: &Areas, items: &[Item]) -> Self {
        let mut names: Vec<Arc<str>> = areas.codes.iter().map(|(_, name)| name.clone()).collect();
        names.sort();
        names.dedup();
        let mut lookup = Lookup {
            areas: vec![[NONE; 2]; MAX_CODE as usize],
            items: vec![NONE; MAX_CODE as usize],
            names,
        };
        for (at, (code, name)) in areas.codes.iter().enumerate() {
            // Every name is in the list.
            let area = lookup.names.binary_search(name).unwrap_or(0);
            lookup.areas[*code as usize] = [at as u16, area as u16];
        }
        for (p, item) in items.iter().enumerate() {
            for &code in &item.codes {
                lookup.items[code as usize] = p as u16;
            }
        }
        lookup
    }
}

/// Sums and rows of a block of a file.
struct Block<'a> {
    lookup: &'a Lookup,
    kept: Vec<ImportedRow>,
    zero: u64,
    own: u64,
    other: u64,
    /// Exports of every area, and its year, over all rows; in order of appearance.
    exports: Vec<(u32, Vec<f64>)>,
}

impl Visitor for Block<'_> {
    #[inline]
    fn visit(&mut self, row: u32, flow: &baci::Flow) -> Result<(), String> {
        let of = |code: u32, column: &str| match self.lookup.areas[code as usize] {
            [NONE, _] => Err(format!(
                "column `{column}`: area code {code} has no name; expected a code of the table of areas"
            )),
            found => Ok(found),
        };
        let [exporter, from] = of(flow.exporter, "i")?;
        let [importer, to] = of(flow.importer, "j")?;
        if flow.value == 0.0 {
            self.zero += 1;
            return Ok(());
        }
        if from == to {
            self.own += 1;
            return Ok(());
        }
        let at = match self.exports.last() {
            Some((year, _)) if *year == flow.year => self.exports.len() - 1,
            _ => self.year(flow.year),
        };
        self.exports[at].1[usize::from(from)] += flow.value;
        let item = self.lookup.items[flow.code as usize];
        if item == NONE {
            self.other += 1;
            return Ok(());
        }
        self.kept.push(ImportedRow {
            value: flow.value,
            quantity: flow.quantity.filter(|&q| q > 0.0).unwrap_or(-1.0),
            codes: [exporter, importer],
            areas: [from, to],
            item,
            year: flow.year as u16,
            code: flow.code,
            row,
            file: 0,
        });
        Ok(())
    }
}

impl Block<'_> {
    #[cold]
    fn year(&mut self, year: u32) -> usize {
        let areas = self.lookup.names.len();
        let found = self.exports.iter().position(|(of, _)| *of == year);
        found.unwrap_or_else(|| {
            self.exports.push((year, vec![0.0; areas]));
            self.exports.len() - 1
        })
    }
}

/// Everything that was read.
#[derive(Default)]
struct Read {
    kept: Vec<ImportedRow>,
    rows: u64,
    zero: u64,
    own: u64,
    other: u64,
    exports: BTreeMap<u32, Vec<f64>>,
    sources: Vec<Source>,
}

/// Reads trade and makes a panel of it.
///
/// # Errors
/// A file is not there or faulty; a flow occurs twice; a year in between is missing; no row of an
/// item is left.
pub fn import(request: &Request) -> Result<Panel, TradeError> {
    let items = lists::items(&request.items)?;
    let areas = lists::areas(&request.areas, request.merge.as_deref())?;
    let files = baci::files(&request.source)?;
    let lookup = Lookup::new(&areas, &items);
    let mut read = Read::default();
    for (at, path) in files.iter().enumerate() {
        read_file(path, at, &lookup, &mut read)?;
    }
    let tables = [
        ("items", Some(&request.items)),
        ("areas", Some(&request.areas)),
        ("merges", request.merge.as_ref()),
    ];
    for (holds, path) in tables {
        read.sources.extend(path.map(|path| source(path, holds, None)));
    }
    // In this order neighbours are twins, and every sum below has one defined order.
    read.kept.par_sort_unstable_by_key(|row| (row.key(), row.file, row.row));
    check(&read.kept, &files, &request.source)?;
    Ok(panel(request, items, &lookup, read))
}

fn source(path: &Path, holds: &str, rows: Option<u64>) -> Source {
    Source {
        file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        holds: holds.into(),
        bytes: std::fs::metadata(path).map_or(0, |found| found.len()),
        rows,
    }
}

fn read_file(path: &Path, file: usize, lookup: &Lookup, read: &mut Read) -> Result<(), TradeError> {
    let block =
        || Block { lookup, kept: Vec::new(), zero: 0, own: 0, other: 0, exports: Vec::new() };
    let done = |before: u64, block: Block<'_>| {
        read.zero += block.zero;
        read.own += block.own;
        read.other += block.other;
        for (year, exports) in block.exports {
            let sums = read.exports.entry(year).or_insert_with(|| vec![0.0; exports.len()]);
            sums.iter_mut().zip(&exports).for_each(|(sum, part)| *sum += part);
        }
        let placed = |row: ImportedRow| ImportedRow {
            file: file as u16,
            row: (before + u64::from(row.row)) as u32,
            ..row
        };
        read.kept.extend(block.kept.into_iter().map(placed));
    };
    let rows = baci::read(path, block, done)?;
    read.rows += rows;
    read.sources.push(source(path, "trade", Some(rows)));
    Ok(())
}

/// Refuses twins, gaps between years, and nothing at all. Rows are sorted by [`ImportedRow::key`].
fn check(rows: &[ImportedRow], files: &[PathBuf], source: &Path) -> Result<(), TradeError> {
    let place = |row: &ImportedRow| (&files[usize::from(row.file)], u64::from(row.row) + 1);
    let twin = rows.par_windows(2).filter(|pair| pair[0].key() == pair[1].key());
    // The first in the order of the files, whatever the threads.
    if let Some(pair) = twin.min_by_key(|pair| (pair[1].file, pair[1].row)) {
        let ((path, row), (first, at)) = (place(&pair[1]), place(&pair[0]));
        let (year, code) = (pair[1].year, pair[1].code);
        let there = if path == first { String::new() } else { format!(" of {}", first.display()) };
        let problem = format!(
            "the flow of {code:06} in {year} between these areas is in row {at}{there} already; expected every flow once"
        );
        return Err(TradeError::row(path, row, problem));
    }
    let Some(first) = rows.first() else {
        return Err(TradeError::file(
            source,
            "no row is left; expected rows of the items' codes with a value",
        ));
    };
    let mut year = first.year;
    for row in rows {
        if row.year > year + 1 {
            let of_year = rows.iter().filter(|other| other.year == row.year);
            let earliest = of_year.min_by_key(|other| (other.file, other.row)).unwrap_or(row);
            let (path, at) = place(earliest);
            let problem = format!(
                "is of {}, but no row is of {}; expected years without a gap (the one before is {year})",
                row.year,
                year + 1
            );
            return Err(TradeError::row(path, at, problem));
        }
        year = row.year;
    }
    Ok(())
}

/// Sums and fills what was read.
fn panel(request: &Request, items: Vec<Item>, lookup: &Lookup, read: Read) -> Panel {
    let mut trades = vec![false; lookup.names.len()];
    for row in &read.kept {
        row.areas.iter().for_each(|&area| trades[usize::from(area)] = true);
    }
    let kept: Vec<usize> = (0..trades.len()).filter(|&area| trades[area]).collect();
    let mut renumbered = vec![NONE; trades.len()];
    kept.iter().enumerate().for_each(|(new, &old)| renumbered[old] = new as u16);

    let mut fills = Vec::new();
    let mut years = Vec::new();
    for rows in read.kept.chunk_by(|a, b| a.year == b.year) {
        let year = rows[0].year;
        let by_item: Vec<&[ImportedRow]> = rows.chunk_by(|a, b| a.item == b.item).collect();
        let summed: Vec<(QuantityFill, Vec<Flow>)> = by_item
            .par_iter()
            .map(|rows| flows(rows, &renumbered, &items[usize::from(rows[0].item)].name))
            .collect();
        let mut starts = vec![0; items.len() + 1];
        let mut all = Vec::new();
        for (rows, (fill, flows)) in by_item.iter().zip(summed) {
            starts[usize::from(rows[0].item) + 1] = flows.len();
            all.extend(flows);
            fills.push(fill);
        }
        for p in 0..items.len() {
            starts[p + 1] += starts[p];
        }
        let exports = &read.exports[&u32::from(year)];
        years.push(Year {
            year: i32::from(year),
            flows: all,
            starts,
            exports: kept.iter().map(|&area| exports[area]).collect(),
            total: exports.iter().sum(),
        });
    }
    let sum = |of: fn(&QuantityFill) -> u64| fills.iter().map(of).sum::<u64>();
    let counts = [
        ("rows", read.rows),
        ("zero_value", read.zero),
        ("self_trade", read.own),
        ("other_codes", read.other),
        ("kept", read.kept.len() as u64),
        ("quantity_filled", sum(|fill| fill.filled)),
        ("quantity_dropped", sum(|fill| fill.dropped)),
    ];
    let about = About {
        name: request.name.clone(),
        synthetic: false,
        licence: request.licence.clone(),
        amount: request.amount,
        first_year: years.first().map_or(0, |year| year.year),
        last_year: years.last().map_or(0, |year| year.year),
        silent_areas: trades.len() - kept.len(),
        made_by: concat!("shocksweep ", env!("CARGO_PKG_VERSION")).into(),
        sources: read.sources,
    };
    let areas = kept.iter().map(|&area| lookup.names[area].clone()).collect();
    let counts = counts.map(|(what, count)| Count { what: what.into(), count }).to_vec();
    Panel { about, areas, items, years, counts, fills }
}

/// Flows of an item in a year, missing quantities filled with `v / u`, `u = sum v / sum q` over the
/// rows with a quantity.
fn flows(rows: &[ImportedRow], renumbered: &[u16], name: &Arc<str>) -> (QuantityFill, Vec<Flow>) {
    let known = rows.iter().filter(|row| row.quantity > 0.0);
    let (value, quantity) = known
        .fold((0.0, 0.0), |(value, quantity), row| (value + row.value, quantity + row.quantity));
    let unit_value = (quantity > 0.0).then(|| value / quantity);
    let mut fill = QuantityFill {
        year: i32::from(rows[0].year),
        item: name.clone(),
        rows: rows.len() as u64,
        filled: 0,
        dropped: 0,
        unit_value,
        quantity: 0.0,
    };
    let mut flows = Vec::new();
    for same in rows.chunk_by(|a, b| a.flow() == b.flow()) {
        let [exporter, importer] = same[0].areas.map(|area| renumbered[usize::from(area)]);
        let mut flow = Flow { exporter, importer, value: 0.0, quantity: None };
        for row in same {
            flow.value += row.value;
            let quantity = match unit_value {
                _ if row.quantity > 0.0 => row.quantity,
                Some(unit) => {
                    fill.filled += 1;
                    row.value / unit
                }
                None => {
                    fill.dropped += 1;
                    continue;
                }
            };
            fill.quantity += quantity;
            flow.quantity = Some(flow.quantity.unwrap_or(0.0) + quantity);
        }
        flows.push(flow);
    }
    (fill, flows)
}
