//! Yearly supply-use tables: what datasets are calibrated from (Laber et al. 2023, eqs. 12-15).
//!
//! | table | row | column | value |
//! |---|---|---|---|
//! | supply `S` | process column (c, k) | sector (c, i) | what process k of area c makes of item i |
//! | use `U` | sector (d, i): origin | process column (c, k): user | what k of c uses of item i from area d |
//! | demand `Y` | sector (d, i): origin | (c, l): area and purpose | what c takes of item i from d for purpose l |
//!
//! Amounts are tonnes, live animals 1000 heads. Tables come as [`long`] tables (one row per entry,
//! all years in one file) or as the distribution of FABIO ([`fabio`]).

pub mod about;
#[cfg(feature = "fabio")]
pub mod fabio;
#[cfg(not(feature = "fabio"))]
#[path = "no_fabio.rs"]
pub mod fabio;
pub mod labels;
pub mod long;
pub mod rows;
pub mod synth;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;

use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::objects::{Address, Missing, Store, StoreError, StoreProblem, Wanted};

pub use about::About;
pub use labels::TableLabels;
pub use write::{fields, write};

/// An entry of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Row: see the table of the module.
    pub from: u32,
    /// Column.
    pub to: u32,
    /// Tonnes, or 1000 heads.
    pub value: f64,
}

/// The tables of one year, entries in row order, none at one position twice, none 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SupplyUse {
    /// `S[(c,k),(c,i)]`, positive.
    pub supply: Vec<Entry>,
    /// `U[(d,i),(c,k)]`, positive.
    pub uses: Vec<Entry>,
    /// `Y[(d,i),(c,l)]`; a column is `c * purposes + l`.
    pub demand: Vec<Entry>,
}

/// Tables of several years with their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// Labels, the same for every year.
    pub labels: TableLabels,
    /// Tables by year.
    pub years: BTreeMap<i32, SupplyUse>,
}

/// The three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableKind {
    /// Supply.
    Supply,
    /// Use.
    Use,
    /// Final demand.
    Demand,
}

impl SupplyUse {
    /// The entries of one table.
    pub fn table_mut(&mut self, kind: TableKind) -> &mut Vec<Entry> {
        match kind {
            TableKind::Supply => &mut self.supply,
            TableKind::Use => &mut self.uses,
            TableKind::Demand => &mut self.demand,
        }
    }
}

/// Reads the tables of a folder, whatever their form.
///
/// `years` are the first and the last year wanted.
///
/// # Errors
/// The folder holds no tables, or a table is faulty: see [`long::read`] and [`fabio::read`].
pub fn read(folder: &Path, years: Option<(i32, i32)>) -> Result<Tables, DatasetError> {
    if long::is_here(folder) {
        return long::read(folder, years);
    }
    if fabio::is_here(folder) {
        return fabio::read(folder, years);
    }
    std::fs::read_dir(folder).map_err(|e| DatasetError::io(folder, e, "a folder of tables"))?;
    let expected = "supply, use and demand as .csv or .parquet, or FABIO's mr_*.rds";
    Err(DatasetError::file(folder, Problem::Missing { expected }))
}

/// Bytes of a table in a store at most: several times all years of FABIO.
const MAX_TABLE: u64 = 64 << 30;

/// Brings the long tables at an address into a temporary folder, which is removed when it is dropped.
///
/// # Errors
/// There are none, they cannot be read, or the disk has no room for them.
pub fn fetch(address: &Address) -> Result<TempDir, StoreError> {
    let store = Store::open(address)?;
    let local = |e: std::io::Error| StoreError::new(address.text(), e);
    let folder = tempfile::Builder::new().prefix("shocksweep-copy-").tempdir().map_err(local)?;
    let bring = |names: Vec<String>| {
        let wanted = names.iter().map(|name| Wanted {
            name: name.clone(),
            to: folder.path().join(name),
            limit: MAX_TABLE,
            missing: Missing::Allowed,
        });
        store.fetch(wanted.collect())
    };
    let names = ["areas", "items", "processes", "purposes", "supply", "use", "demand"];
    bring(vec![about::FILE.to_string()])?;
    // As in a folder: Parquet before CSV.
    let found = bring(names.map(|name| format!("{name}.parquet")).to_vec())?;
    let others = names.iter().zip(found).filter(|(_, found)| found.is_none());
    bring(others.map(|(name, _)| format!("{name}.csv")).collect())?;
    match are_here(folder.path()) {
        true => Ok(folder),
        false => {
            let expected = "supply, use and demand there, as .parquet or .csv";
            Err(StoreError::new(address.text(), StoreProblem::NotFound(expected)))
        }
    }
}

/// Whether a folder holds supply-use tables.
pub fn are_here(folder: &Path) -> bool {
    long::is_here(folder) || fabio::is_here(folder)
}

/// Brings entries into row order, drops zeros and finds a position that occurs twice.
pub(crate) fn in_order(entries: &mut Vec<Entry>) -> Option<Entry> {
    use rayon::prelude::*;
    entries.retain(|e| e.value != 0.0);
    if !entries.is_sorted_by_key(|e| (e.from, e.to)) {
        entries.par_sort_by_key(|e| (e.from, e.to));
    }
    let twice = entries.windows(2).find(|w| (w[0].from, w[0].to) == (w[1].from, w[1].to));
    twice.map(|w| w[0])
}
