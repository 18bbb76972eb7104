//! Bilateral trade as BACI publishes it, read as a stream.
//!
//! Columns are found by name: `t` year, `i` exporter, `j` importer (BACI's numeric area codes), `k`
//! product (HS6), `v` value (kUSD), `q` quantity (tonnes; may be missing). A file is CSV, CSV.gz or
//! Parquet, and holds any years. It is never in memory as a whole: blocks of rows are parsed by all
//! threads, each into a [`Visitor`] of its own, and handed over in the order of the file, so that what
//! is made of them does not depend on the number of threads.
//!
//! ```no_run
//! use std::path::Path;
//! use shocksweep_trade::baci::{self, Flow, Visitor};
//!
//! #[derive(Default)]
//! struct Sum(f64);
//! impl Visitor for Sum {
//!     fn visit(&mut self, _row: u32, flow: &Flow) -> Result<(), String> {
//!         self.0 += flow.value;
//!         Ok(())
//!     }
//! }
//! let mut total = 0.0;
//! let rows = baci::read(Path::new("BACI_HS17_Y2022.csv"), Sum::default, |_, sum: Sum| total += sum.0);
//! ```
//!
//! Source: Gaulier & Zignago 2010, "BACI: International Trade Database at the Product-Level".

mod csv;
mod number;
mod parquet;

use std::path::{Path, PathBuf};

use crate::error::TradeError;

/// Names of the columns, in the order of [`Flow`]'s fields.
pub const COLUMNS: [&str; 6] = ["t", "i", "j", "k", "v", "q"];

/// A row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Year.
    pub year: u32,
    /// BACI's code of the exporter, below [`MAX_CODE`].
    pub exporter: u32,
    /// BACI's code of the importer, below [`MAX_CODE`].
    pub importer: u32,
    /// HS code as a number, below [`MAX_CODE`]: 50800 is 050800.
    pub code: u32,
    /// Value, kUSD; finite, 0 or more.
    pub value: f64,
    /// Quantity, tonnes; finite, 0 or more. `None` where the cell is empty or `NA`.
    pub quantity: Option<f64>,
}

/// Codes of products and areas are below this: six digits.
pub const MAX_CODE: u32 = 1_000_000;

/// Takes the rows of a block.
pub trait Visitor: Send {
    /// Takes a row, the `row`-th of its block from 0.
    ///
    /// # Errors
    /// What is wrong with the row, and what was expected; the reader adds file and row.
    fn visit(&mut self, row: u32, flow: &Flow) -> Result<(), String>;
}

/// Reads a file; `block` makes the visitor of a block, `done` gets it back with the number of rows
/// before it, in the order of the file. Returns the number of rows.
///
/// # Errors
/// The file is not there, is damaged, lacks a column, or a row holds what is no number, an infinite
/// or negative one, or a code that is none; or the visitor refuses a row.
pub fn read<V: Visitor>(
    path: &Path,
    block: impl Fn() -> V + Sync,
    done: impl FnMut(u64, V),
) -> Result<u64, TradeError> {
    match form(path) {
        Form::Parquet => parquet::read(path, &block, done),
        Form::Csv { compressed } => csv::read(path, compressed, &block, done),
    }
}

enum Form {
    Parquet,
    Csv { compressed: bool },
}

fn form(path: &Path) -> Form {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if name.ends_with(".parquet") {
        Form::Parquet
    } else {
        Form::Csv { compressed: name.ends_with(".gz") }
    }
}

/// Files to read of what a user names: a file is itself; of a folder the files in BACI's layout, by
/// name. Where some of its files are called `BACI...` these are taken, else all tables whose header
/// has at least three of BACI's columns `t`, `i`, `j`, `k`.
///
/// # Errors
/// There is nothing to read.
pub fn files(source: &Path) -> Result<Vec<PathBuf>, TradeError> {
    if source.is_file() {
        return Ok(vec![source.to_path_buf()]);
    }
    let expected = "expected a file in BACI's layout (CSV, CSV.gz or Parquet) or a folder of such";
    let entries = std::fs::read_dir(source)
        .map_err(|_| TradeError::file(source, format!("not found; {expected}")))?;
    let mut tables: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    tables.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        path.is_file() && [".csv", ".csv.gz", ".parquet"].iter().any(|end| name.ends_with(end))
    });
    tables.sort();
    let is_baci = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
        name.starts_with("BACI")
    };
    let named: Vec<PathBuf> = tables.iter().filter(|path| is_baci(path)).cloned().collect();
    if !named.is_empty() {
        return Ok(named);
    }
    tables.retain(|path| {
        let header = match form(path) {
            Form::Parquet => parquet::header(path),
            Form::Csv { compressed } => csv::header(path, compressed),
        };
        let has = |name: &&&str| header.iter().any(|found| found == **name);
        COLUMNS[..4].iter().filter(has).count() >= 3
    });
    if tables.is_empty() {
        return Err(TradeError::file(source, format!("holds no table of trade; {expected}")));
    }
    Ok(tables)
}

/// Positions of [`COLUMNS`] in a header.
fn positions(path: &Path, header: &[String]) -> Result<[usize; 6], TradeError> {
    let mut found = [0; 6];
    for (at, name) in found.iter_mut().zip(COLUMNS) {
        *at = header.iter().position(|column| column == name).ok_or_else(|| {
            let problem = format!(
                "has no column `{name}`; expected {} (found {})",
                COLUMNS.join(", "),
                header.join(", ")
            );
            TradeError::file(path, problem)
        })?;
    }
    Ok(found)
}

/// Runs the visitors of many blocks at once, and hands them over in order.
fn in_order<V: Visitor, B: Send>(
    path: &Path,
    blocks: Vec<B>,
    before: &mut u64,
    parse: impl Fn(B) -> (u32, Result<V, (u32, String)>) + Sync,
    done: &mut impl FnMut(u64, V),
) -> Result<(), TradeError> {
    use rayon::prelude::*;
    let parsed: Vec<_> = blocks.into_par_iter().with_max_len(1).map(&parse).collect();
    for (rows, visitor) in parsed {
        let visitor = visitor
            .map_err(|(row, text)| TradeError::row(path, *before + u64::from(row) + 1, text));
        done(*before, visitor?);
        *before += u64::from(rows);
    }
    Ok(())
}
