//! Columns of small user tables, from CSV or Parquet, as text or numbers with their row.

use std::fs::File;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A table whose cells are text, row by row; numbers are written as Rust prints them, which
/// reads back to the same value.
#[derive(Debug, Clone, PartialEq)]
pub struct TextTable {
    /// Where it was read from.
    pub path: PathBuf,
    /// Column names.
    pub header: Vec<String>,
    /// Cells by row, then column; empty for a missing value.
    pub rows: Vec<Vec<String>>,
}

/// A table that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The operating system refused.
    #[error("{}: {}", path.display(), io_problem(source))]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not CSV.
    #[error("{}: not a readable CSV table: {source}", path.display())]
    Csv {
        /// File.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// Not Parquet.
    #[error("{}: not a readable Parquet table: {problem}", path.display())]
    Parquet {
        /// File.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// More than any table of a user has.
    #[error("{}: has more than {limit} {what}; expected a smaller table", path.display())]
    TooLarge {
        /// File.
        path: PathBuf,
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// A column type that is neither text, number nor boolean.
    #[error("{}, column `{column}`: type {kind} is not supported; expected text, numbers or booleans", path.display())]
    Kind {
        /// File.
        path: PathBuf,
        /// Column.
        column: String,
        /// Its type.
        kind: String,
    },
}

/// Rows of a Parquet table that are decoded at a time.
const BATCH: usize = 1024;

/// Largest CSV file, and most text of a Parquet table, bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Most cells of a table: two rows of six columns for each of five million pairs. Two bytes of a file
/// make a cell of 24 and more in memory, a repeated row of a Parquet file costs it nothing.
const MAX_CELLS: u64 = 64_000_000;

fn io_problem(source: &std::io::Error) -> String {
    match source.kind() {
        std::io::ErrorKind::NotFound => "not found; expected a table (CSV or Parquet)".into(),
        _ => source.to_string(),
    }
}

impl TextTable {
    /// Position of the first column with one of these names.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|h| h == name))
    }

    /// Reads a table; a name ending in `.parquet` means Parquet, any other CSV with a header.
    ///
    /// # Errors
    /// The file is missing or is not what its name says.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let is_parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
        if is_parquet { Self::read_parquet(path) } else { Self::read_csv(path) }
    }

    fn read_csv(path: &Path) -> Result<Self, TableError> {
        let open = |source| TableError::Io { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(open)?;
        if is_endless(&file).map_err(open)? {
            let problem = std::io::Error::other("is no file; expected a table (CSV or Parquet)");
            return Err(open(problem));
        }
        let bad = |source| TableError::Csv { path: path.to_path_buf(), source };
        // A byte more than allowed tells that there is more.
        let limited = file.take(MAX_BYTES + 1);
        let mut reader = csv::Reader::from_reader(limited);
        let header = reader.headers().map_err(bad)?;
        // Spreadsheets put a byte order mark before the first name.
        let header: Vec<String> =
            header.iter().map(|h| h.trim_start_matches('\u{feff}').trim().into()).collect();
        let mut table = TextTable { path: path.to_path_buf(), header, rows: Vec::new() };
        for record in reader.records() {
            table.rows.push(record.map_err(bad)?.iter().map(String::from).collect());
            table.check_cells()?;
        }
        if reader.position().byte() > MAX_BYTES {
            return Err(table.too_large("bytes", MAX_BYTES));
        }
        Ok(table)
    }

    fn too_large(&self, what: &'static str, limit: u64) -> TableError {
        TableError::TooLarge { path: self.path.clone(), what, limit }
    }

    fn check_cells(&self) -> Result<(), TableError> {
        // Rows without columns take room as well.
        let cells = self.rows.len() as u64 * (self.header.len() as u64 + 1);
        if cells > MAX_CELLS { Err(self.too_large("cells", MAX_CELLS)) } else { Ok(()) }
    }

    fn read_parquet(path: &Path) -> Result<Self, TableError> {
        let open = |source| TableError::Io { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(open)?;
        let bad = |problem: String| TableError::Parquet { path: path.to_path_buf(), problem };
        let mut table =
            TextTable { path: path.to_path_buf(), header: Vec::new(), rows: Vec::new() };
        // The decoder may panic on hostile bytes; a user's file must not bring the program down.
        let read = std::panic::catch_unwind(AssertUnwindSafe(|| -> Result<(), TableError> {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file);
            let reader = reader.map_err(|e| bad(e.to_string()))?.with_batch_size(BATCH);
            let metadata = reader.metadata();
            let columns = metadata.file_metadata().schema_descr().num_columns() as u64;
            let rows = metadata.row_groups().iter().map(|g| g.num_rows().unsigned_abs());
            let rows = rows.fold(0u64, u64::saturating_add);
            if rows.saturating_mul(columns + 1) > MAX_CELLS {
                let path = path.to_path_buf();
                return Err(TableError::TooLarge { path, what: "cells", limit: MAX_CELLS });
            }
            let reader = reader.build();
            let mut bytes = 0;
            for batch in reader.map_err(|e| bad(e.to_string()))? {
                table.add(&batch.map_err(|e| bad(e.to_string()))?, &mut bytes)?;
            }
            Ok(())
        }));
        read.unwrap_or_else(|_| Err(bad("damaged".into())))?;
        Ok(table)
    }

    /// Adds the rows of a batch; `bytes` counts the text of all.
    fn add(&mut self, batch: &RecordBatch, bytes: &mut u64) -> Result<(), TableError> {
        self.header = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
        let columns = (0..batch.num_columns())
            .map(|c| {
                text(batch.column(c)).ok_or_else(|| TableError::Kind {
                    path: self.path.clone(),
                    column: self.header[c].clone(),
                    kind: batch.column(c).data_type().to_string(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        *bytes += columns.iter().flatten().map(|cell| cell.len() as u64).sum::<u64>();
        if *bytes > MAX_BYTES {
            return Err(self.too_large("bytes of text", MAX_BYTES));
        }
        for row in 0..batch.num_rows() {
            self.rows.push(columns.iter().map(|c| c[row].clone()).collect());
        }
        self.check_cells()
    }
}

/// Whether a device is given instead of a file; a pipe ends where its writer does.
fn is_endless(file: &File) -> std::io::Result<bool> {
    let kind = file.metadata()?.file_type();
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&kind) {
        return Ok(false);
    }
    Ok(!kind.is_file())
}

/// A column as text, or `None` for a type that is neither text, number nor boolean.
fn text(array: &ArrayRef) -> Option<Vec<String>> {
    let strings = |a: &StringArray| a.iter().map(|v| v.unwrap_or("").to_string()).collect();
    Some(match array.data_type() {
        DataType::Utf8 => strings(array.as_string::<i32>()),
        DataType::LargeUtf8 => {
            array.as_string::<i64>().iter().map(|v| v.unwrap_or("").to_string()).collect()
        }
        DataType::Utf8View => {
            array.as_string_view().iter().map(|v| v.unwrap_or("").to_string()).collect()
        }
        DataType::Boolean => array
            .as_boolean()
            .iter()
            .map(|v| v.map(|v| v.to_string()).unwrap_or_default())
            .collect(),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = text(dictionary.values())?;
            let keys = dictionary.normalized_keys();
            (0..array.len())
                .map(|row| {
                    if array.is_null(row) || values.is_empty() {
                        String::new()
                    } else {
                        values[keys[row]].clone()
                    }
                })
                .collect()
        }
        DataType::Int8 => numbers::<Int8Type>(array),
        DataType::Int16 => numbers::<Int16Type>(array),
        DataType::Int32 => numbers::<Int32Type>(array),
        DataType::Int64 => numbers::<Int64Type>(array),
        DataType::UInt8 => numbers::<UInt8Type>(array),
        DataType::UInt16 => numbers::<UInt16Type>(array),
        DataType::UInt32 => numbers::<UInt32Type>(array),
        DataType::UInt64 => numbers::<UInt64Type>(array),
        DataType::Float32 => numbers::<Float32Type>(array),
        DataType::Float64 => numbers::<Float64Type>(array),
        _ => return None,
    })
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<String>
where
    T::Native: std::fmt::Display,
{
    let values = array.as_primitive::<T>().iter();
    values.map(|v| v.map(|v| v.to_string()).unwrap_or_default()).collect()
}
