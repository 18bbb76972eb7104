//! Writing yearly tables in the long form of [`super::long`], as Parquet.
//!
//! A year is a row group, so that reading one year does not decode the others.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use shocksweep_columnar::{Name, Record, record};

use super::about::{self, About};
use super::{Entry, SupplyUse, TableLabels};
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::dataset::store::arrays::{floats, label_tables, names};
use crate::dataset::store::place::{self, Form};
use crate::dataset::store::tables::of_columns;

/// Files of a folder of tables.
const FILES: [&str; 7] = [
    "supply.parquet",
    "use.parquet",
    "demand.parquet",
    "areas.parquet",
    "items.parquet",
    "processes.parquet",
    "purposes.parquet",
];

/// The yearly tables with their columns.
pub fn fields() -> Vec<(&'static str, Vec<Field>)> {
    fn of<R: Record>() -> (&'static str, Vec<Field>) {
        (R::TABLE, R::fields())
    }
    vec![of::<SupplyLine>(), of::<UseLine>(), of::<DemandLine>(), of::<PurposeLine>()]
}

/// Folders of tables that say what they are.
const FORM: Form = Form {
    what: "a folder of tables",
    description: about::FILE,
    is_part: |name| FILES.contains(&name),
};

/// Writes labels, tables and description; years are asked for one by one.
///
/// An empty folder at `out` is filled; earlier tables there are replaced if `force` is given.
///
/// # Errors
/// `out` is taken, or the disk refuses. Nothing half-written is left.
pub fn write(
    labels: &TableLabels,
    about: &About,
    years: impl Iterator<Item = (i32, SupplyUse)>,
    out: &Path,
    force: bool,
) -> Result<(), DatasetError> {
    let check = |written: &Path| super::labels::read(written).map(drop);
    place::put(out, &FORM, force, |written| write_all(labels, about, years, written), check)
}

fn write_all(
    labels: &TableLabels,
    about: &About,
    years: impl Iterator<Item = (i32, SupplyUse)>,
    folder: &Path,
) -> Result<(), DatasetError> {
    let purpose = |name: &String| PurposeLine { purpose: name.clone() };
    let purposes: Vec<PurposeLine> = labels.purposes.iter().map(purpose).collect();
    let purposes = ("purposes", PurposeLine::batch(&purposes));
    for (name, batch) in label_tables(&labels.labels).into_iter().chain([purposes]) {
        let mut table = WrittenTable::new(folder.join(format!("{name}.parquet")));
        table.write(&batch)?;
        table.close()?;
    }
    let [mut supply, mut uses, mut demand] = ["supply", "use", "demand"]
        .map(|name| WrittenTable::new(folder.join(format!("{name}.parquet"))));
    for (year, tables) in years {
        supply.rows::<SupplyLine>(supply_columns(labels, year, &tables.supply))?;
        uses.rows::<UseLine>(use_columns(labels, year, &tables.uses))?;
        demand.rows::<DemandLine>(demand_columns(labels, year, &tables.demand))?;
    }
    for table in [supply, uses, demand] {
        table.close()?;
    }
    let path = folder.join(about::FILE);
    let text = toml::to_string(about)
        .map_err(|e| DatasetError::file(&path, Problem::Inconsistent(e.to_string())))?;
    std::fs::write(&path, text).map_err(|e| DatasetError::file(&path, e))?;
    File::open(&path).and_then(|f| f.sync_all()).map_err(|e| DatasetError::file(&path, e))
}

/// Names of the labels at positions of the entries.
struct Names<'a>(&'a TableLabels, &'a [Entry]);

impl Names<'_> {
    fn areas(&self, of: impl Fn(&Entry) -> usize) -> ArrayRef {
        names(self.0.labels.areas.iter().map(|a| &a.name), self.1.iter().map(of))
    }

    fn items(&self, of: impl Fn(&Entry) -> usize) -> ArrayRef {
        names(self.0.labels.items.iter().map(|i| &i.name), self.1.iter().map(of))
    }

    fn processes(&self, of: impl Fn(&Entry) -> usize) -> ArrayRef {
        names(self.0.labels.processes.iter().map(|p| &p.name), self.1.iter().map(of))
    }

    fn year(&self, year: i32) -> ArrayRef {
        Arc::new(Int32Array::from(vec![year; self.1.len()]))
    }

    fn values(&self) -> ArrayRef {
        floats(self.1.iter().map(|e| e.value))
    }
}

record! {
    /// Output of processes.
    pub struct SupplyLine = "supply" {
        /// year
        pub year: i32,
        /// area of the process
        pub from_area: Name,
        /// process
        pub from_process: Name,
        /// area of the item
        pub to_area: Name,
        /// item
        pub to_item: Name,
        /// amount
        pub value: f64 ["unit of the item"],
    }
}

record! {
    /// Use of items by processes.
    pub struct UseLine = "use" {
        /// year
        pub year: i32,
        /// area that the item comes from
        pub from_area: Name,
        /// item
        pub from_item: Name,
        /// area of the process
        pub to_area: Name,
        /// process
        pub to_process: Name,
        /// amount
        pub value: f64 ["unit of the item"],
    }
}

record! {
    /// Final demand for items.
    pub struct DemandLine = "demand" {
        /// year
        pub year: i32,
        /// area that the item comes from
        pub from_area: Name,
        /// item
        pub from_item: Name,
        /// area of the demand
        pub to_area: Name,
        /// purpose
        pub to_purpose: Name,
        /// amount
        pub value: f64 ["unit of the item"],
    }
}

record! {
    /// A purpose of final demand.
    pub struct PurposeLine = "purposes" {
        /// name
        pub purpose: String,
    }
}

fn supply_columns(labels: &TableLabels, year: i32, entries: &[Entry]) -> Vec<ArrayRef> {
    let (d, names) = (labels.dimensions(), Names(labels, entries));
    vec![
        names.year(year),
        names.areas(|e| d.area_of_process_column(e.from as usize)),
        names.processes(|e| d.process_of(e.from as usize)),
        names.areas(|e| d.area_of(e.to as usize)),
        names.items(|e| d.item_of(e.to as usize)),
        names.values(),
    ]
}

fn use_columns(labels: &TableLabels, year: i32, entries: &[Entry]) -> Vec<ArrayRef> {
    let (d, names) = (labels.dimensions(), Names(labels, entries));
    vec![
        names.year(year),
        names.areas(|e| d.area_of(e.from as usize)),
        names.items(|e| d.item_of(e.from as usize)),
        names.areas(|e| d.area_of_process_column(e.to as usize)),
        names.processes(|e| d.process_of(e.to as usize)),
        names.values(),
    ]
}

fn demand_columns(labels: &TableLabels, year: i32, entries: &[Entry]) -> Vec<ArrayRef> {
    let (d, table) = (labels.dimensions(), Names(labels, entries));
    let count = labels.purposes.len();
    let purposes = names(labels.purposes.iter(), entries.iter().map(|e| e.to as usize % count));
    vec![
        table.year(year),
        table.areas(|e| d.area_of(e.from as usize)),
        table.items(|e| d.item_of(e.from as usize)),
        table.areas(|e| e.to as usize / count),
        purposes,
        table.values(),
    ]
}

/// A table on its way to the disk: the file is there once the first rows are.
struct WrittenTable {
    path: PathBuf,
    writer: Option<ArrowWriter<File>>,
}

impl WrittenTable {
    fn new(path: PathBuf) -> Self {
        WrittenTable { path, writer: None }
    }

    /// Writes columns in the order of their declaration.
    fn rows<R: Record>(&mut self, columns: Vec<ArrayRef>) -> Result<(), DatasetError> {
        let batch = of_columns::<R>(&self.path, columns)?;
        self.write(&batch)
    }

    /// Writes rows as a row group of their own.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DatasetError> {
        let WrittenTable { path, writer } = self;
        let write = || -> Result<(), ParquetError> {
            if writer.is_none() {
                let level = ZstdLevel::try_new(1)?;
                let properties = WriterProperties::builder()
                    .set_created_by(format!("shocksweep {}", env!("CARGO_PKG_VERSION")))
                    .set_compression(Compression::ZSTD(level))
                    // A year stays in one group, or few.
                    .set_max_row_group_row_count(Some(1 << 23))
                    .build();
                let file = File::create(path)?;
                *writer = Some(ArrowWriter::try_new(file, batch.schema(), Some(properties))?);
            }
            if let Some(writer) = writer {
                writer.write(batch)?;
                writer.flush()?;
            }
            Ok(())
        };
        write().map_err(|e| DatasetError::file(&self.path, Problem::Parquet(e.to_string())))
    }

    fn close(self) -> Result<(), DatasetError> {
        let Some(writer) = self.writer else { return Ok(()) };
        let file = writer
            .into_inner()
            .map_err(|e| DatasetError::file(&self.path, Problem::Parquet(e.to_string())))?;
        file.sync_all().map_err(|e| DatasetError::file(&self.path, e))
    }
}
