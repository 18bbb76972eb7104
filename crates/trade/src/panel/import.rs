//! A panel from files of trade.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::sums::panel;
use super::{Amount, Panel, Source};
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
pub(super) const NONE: u16 = u16::MAX;

/// A row of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImportedRow {
    pub(super) value: f64,
    /// Negative where it is missing.
    pub(super) quantity: f64,
    /// Position of the areas' codes in the table of areas, which tells rows apart that merging makes
    /// one flow.
    pub(super) codes: [u16; 2],
    /// Areas after merging.
    pub(super) areas: [u16; 2],
    pub(super) item: u16,
    pub(super) year: u16,
    pub(super) code: u32,
    pub(super) row: u32,
    pub(super) file: u16,
}

impl ImportedRow {
    pub(super) fn flow(&self) -> (u16, u16, [u16; 2]) {
        (self.year, self.item, self.areas)
    }

    fn key(&self) -> (u16, u16, [u16; 2], [u16; 2], u32) {
        (self.year, self.item, self.areas, self.codes, self.code)
    }
}

/// What codes stand for.
pub(super) struct Lookup {
    /// Position in the table of areas, and the merged area, by code.
    pub(super) areas: Vec<[u16; 2]>,
    /// Names of the merged areas.
    pub(super) names: Vec<Arc<str>>,
    /// Item by HS code.
    pub(super) items: Vec<u16>,
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
pub(super) struct Read {
    pub(super) kept: Vec<ImportedRow>,
    pub(super) rows: u64,
    pub(super) zero: u64,
    pub(super) own: u64,
    pub(super) other: u64,
    pub(super) exports: BTreeMap<u32, Vec<f64>>,
    pub(super) sources: Vec<Source>,
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
