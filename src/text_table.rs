//! Columns of small user tables, from CSV or Parquet, as text or numbers with their row.

use std::fs::File;
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
        let bad = |source| TableError::Csv { path: path.to_path_buf(), source };
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(bad)?;
        // Spreadsheets put a byte order mark before the first name.
        let header =
            header.iter().map(|h| h.trim_start_matches('\u{feff}').trim().into()).collect();
        let rows = reader
            .records()
            .map(|r| r.map(|r| r.iter().map(String::from).collect()))
            .collect::<Result<_, _>>()
            .map_err(bad)?;
        Ok(TextTable { path: path.to_path_buf(), header, rows })
    }

    fn read_parquet(path: &Path) -> Result<Self, TableError> {
        let open = |source| TableError::Io { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(open)?;
        let bad = |problem: String| TableError::Parquet { path: path.to_path_buf(), problem };
        // The decoder may panic on hostile bytes; a user's file must not bring the program down.
        let batches = std::panic::catch_unwind(|| -> Result<Vec<RecordBatch>, String> {
            let reader =
                ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| e.to_string())?;
            let reader = reader.build().map_err(|e| e.to_string())?;
            reader.collect::<Result<_, _>>().map_err(|e| e.to_string())
        });
        let batches = batches.unwrap_or_else(|_| Err("damaged".into())).map_err(bad)?;
        let mut table =
            TextTable { path: path.to_path_buf(), header: Vec::new(), rows: Vec::new() };
        for batch in &batches {
            table.header = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
            let columns = (0..batch.num_columns())
                .map(|c| {
                    text(batch.column(c)).ok_or_else(|| TableError::Kind {
                        path: path.to_path_buf(),
                        column: table.header[c].clone(),
                        kind: batch.column(c).data_type().to_string(),
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            for row in 0..batch.num_rows() {
                table.rows.push(columns.iter().map(|c| c[row].clone()).collect());
            }
        }
        Ok(table)
    }
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
