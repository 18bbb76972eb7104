//! Columns of small user tables, from CSV or Parquet, as text or numbers with their row.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, DecimalType, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use flate2::read::MultiGzDecoder;

use crate::delimited::Delimited;
use crate::read::Table;

pub use crate::TableError;

/// Rows of a Parquet table that are turned into text at a time.
const BATCH: usize = 1024;

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

/// Largest CSV file, and most text of a Parquet table, bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Most cells of a table: two rows of six columns for each of five million pairs. Two bytes of a file
/// make a cell of 24 and more in memory, a repeated row of a Parquet file costs it nothing.
const MAX_CELLS: u64 = 64_000_000;

impl TextTable {
    /// Position of the first column with one of these names.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|h| h == name))
    }

    /// Reads a table; a name ending in `.parquet` means Parquet, any other CSV with a header,
    /// compressed where it ends in `.gz`.
    ///
    /// # Errors
    /// The file is missing or is not what its name says.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let is_parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
        if is_parquet { Self::read_parquet(path) } else { Self::read_csv(path) }
    }

    fn read_csv(path: &Path) -> Result<Self, TableError> {
        let mut csv = if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
            Delimited::new(Box::new(MultiGzDecoder::new(crate::read::open(path)?)), path)?
        } else {
            Delimited::open(path, true)?
        };
        let header = csv.header().to_vec();
        let mut table = TextTable { path: path.to_path_buf(), header, rows: Vec::new() };
        while csv.advance()? {
            let columns = 0..table.header.len();
            table.rows.push(columns.map(|column| csv.text(column).into_owned()).collect());
            table.check_cells()?;
            if csv.position() > MAX_BYTES {
                return Err(table.too_large("bytes", MAX_BYTES));
            }
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
        let parquet = Table::open(path)?;
        let header: Vec<String> =
            parquet.schema().fields().iter().map(|f| f.name().clone()).collect();
        let columns = header.len() as u64;
        let mut table = TextTable { path: path.to_path_buf(), header, rows: Vec::new() };
        if parquet.rows().saturating_mul(columns + 1) > MAX_CELLS {
            return Err(table.too_large("cells", MAX_CELLS));
        }
        let mut bytes = 0;
        for batch in parquet.all()? {
            let batch = batch?;
            // A few rows at a time: text takes more room than what it is read from.
            for start in (0..batch.num_rows()).step_by(BATCH) {
                let rows = BATCH.min(batch.num_rows() - start);
                table.add(&batch.slice(start, rows), &mut bytes)?;
            }
        }
        Ok(table)
    }

    /// Adds the rows of a batch; `bytes` counts the text of all.
    fn add(&mut self, batch: &RecordBatch, bytes: &mut u64) -> Result<(), TableError> {
        let columns = (0..batch.num_columns())
            .map(|c| {
                text(batch.column(c)).ok_or_else(|| TableError::Kind {
                    path: self.path.clone(),
                    column: self.header[c].clone(),
                    kind: batch.column(c).data_type().to_string(),
                    expected: "text, numbers or booleans",
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

/// A column as text; `None` for a type that is neither text, number, boolean nor a list of such.
pub fn cells(array: &ArrayRef) -> Option<Vec<String>> {
    text(array)
}

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
            let keys = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            let of_row = |row: usize| keys.get(row).filter(|_| array.is_valid(row));
            (0..array.len())
                .map(|row| of_row(row).map_or(String::new(), |&key| values[key].clone()))
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
        DataType::Decimal32(_, scale) => decimals::<Decimal32Type>(array, *scale),
        DataType::Decimal64(_, scale) => decimals::<Decimal64Type>(array, *scale),
        DataType::Decimal128(_, scale) => decimals::<Decimal128Type>(array, *scale),
        DataType::Null => vec![String::new(); array.len()],
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            in_lists(array, lists.values(), lists.value_offsets())?
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            in_lists(array, lists.values(), lists.value_offsets())?
        }
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

/// Decimal numbers, with all the digits that count.
fn decimals<T: DecimalType>(array: &ArrayRef, scale: i8) -> Vec<String>
where
    T::Native: std::fmt::Display,
{
    let cell = |value: T::Native| decimal(&value.to_string(), scale);
    array.as_primitive::<T>().iter().map(|v| v.map(cell).unwrap_or_default()).collect()
}

/// `digits` times ten to the power of minus `scale`.
pub(crate) fn decimal(digits: &str, scale: i8) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let Ok(places) = usize::try_from(scale) else {
        return format!("{sign}{digits}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = padded.split_at(padded.len() - places);
    let text = format!("{sign}{whole}.{part}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// The values of every list, joined by semicolons.
fn in_lists<O: Copy + TryInto<usize>>(
    array: &ArrayRef,
    values: &ArrayRef,
    offsets: &[O],
) -> Option<Vec<String>> {
    let values = text(values)?;
    (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                return Some(String::new());
            }
            let (start, end) = (offsets[row].try_into().ok()?, offsets[row + 1].try_into().ok()?);
            Some(values.get(start..end)?.join(";"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_value() {
        for (digits, scale, expected) in [
            ("5", 1, "0.5"),
            ("-5", 2, "-0.05"),
            ("1050", 2, "10.5"),
            ("100", 2, "1"),
            ("7", 0, "7"),
            ("70", 0, "70"),
            ("7", -2, "700"),
            ("0", 3, "0"),
        ] {
            assert_eq!(decimal(digits, scale), expected);
        }
    }
}
