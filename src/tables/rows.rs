//! Long tables from CSV or Parquet, read a run of rows at a time.
//!
//! Tables of all years have tens of millions of rows: text is turned into small numbers as it is
//! read, and row groups of a Parquet file that hold no wanted year are skipped.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use shocksweep_columnar::TableError;
use shocksweep_columnar::delimited::Delimited;
use shocksweep_columnar::read::Table;
use shocksweep_columnar::text;

use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::names::text::tidy;

/// What must be there.
const EXPECTED: &str = "a table";

/// Rows handed over at a time.
const CHUNK: usize = 1 << 16;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Names.
    Text,
    /// Numbers, none missing.
    Number,
}

/// A run of rows: one element of `texts` per text column asked for, one of `numbers` per number
/// column, both in the order asked for.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Number of the first row, counted from 0 without the header.
    pub first_row: usize,
    /// Names.
    pub texts: Vec<Texts>,
    /// Numbers.
    pub numbers: Vec<Vec<f64>>,
}

/// Cells of a text column, each distinct text stored once for the whole table.
#[derive(Debug, Default)]
pub struct Texts {
    /// Distinct texts in order of appearance, over all rows read so far.
    pub values: Vec<String>,
    /// Which of them each row of this run has.
    pub keys: Vec<u32>,
    known: HashMap<String, u32>,
}

impl Texts {
    fn key(&mut self, text: &str) -> u32 {
        if let Some(&key) = self.known.get(text) {
            return key;
        }
        let key = self.values.len() as u32;
        self.values.push(tidy(text));
        self.known.insert(text.to_string(), key);
        key
    }
}

/// Path of a table in a folder, Parquet before CSV; `None` where neither is there.
pub fn find(folder: &Path, table: &str) -> Option<PathBuf> {
    let candidates = ["parquet", "csv"].map(|end| folder.join(format!("{table}.{end}")));
    candidates.into_iter().find(|path| path.is_file())
}

/// Reads columns of a table, a run of rows at a time.
///
/// `years` leaves out parts of a Parquet file in which no number of the column `year` lies in the
/// range; rows of other years still have to be left out by the caller.
///
/// # Errors
/// The file cannot be read or decoded, a column is missing or of another kind, a cell is empty or
/// not a number; and what `each` returns.
pub fn read(
    path: &Path,
    columns: &[(&str, ColumnKind)],
    years: Option<(i32, i32)>,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let mut chunk = Chunk::default();
    for (_, kind) in columns {
        match kind {
            ColumnKind::Text => chunk.texts.push(Texts::default()),
            ColumnKind::Number => chunk.numbers.push(Vec::new()),
        }
    }
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) {
        read_parquet(path, columns, years, chunk, each)
    } else {
        read_csv(path, columns, chunk, each)
    }
}

fn bad_cell(path: &Path, row: usize, column: &str, kind: ColumnKind, found: &str) -> DatasetError {
    let expected = if kind == ColumnKind::Text { "a name" } else { "a number" };
    let found = found.chars().take(40).collect();
    let place = FilePlace::Cell(row + 1, column.to_string());
    DatasetError::at(path, place, Problem::Syntax { expected, found })
}

fn read_csv(
    path: &Path,
    columns: &[(&str, ColumnKind)],
    mut chunk: Chunk,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let mut csv = Delimited::open(path, false).map_err(|e| DatasetError::table(e, EXPECTED))?;
    let missing = |name: &str| {
        let (path, column) = (path.to_path_buf(), name.to_string());
        DatasetError::table(TableError::Missing { path, column }, EXPECTED)
    };
    let at = columns
        .iter()
        .map(|(name, _)| csv.header().iter().position(|h| h == name).ok_or_else(|| missing(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut row = 0;
    while csv.advance().map_err(|e| DatasetError::table(e, EXPECTED))? {
        let (mut text, mut number) = (0, 0);
        for (&(name, kind), &at) in columns.iter().zip(&at) {
            let wrong = || bad_cell(path, row, name, kind, csv.cell(at));
            match kind {
                ColumnKind::Text if csv.cell(at).is_empty() => return Err(wrong()),
                ColumnKind::Text => {
                    let key = chunk.texts[text].key(csv.cell(at));
                    chunk.texts[text].keys.push(key);
                    text += 1;
                }
                ColumnKind::Number => {
                    let value = csv.text(at).parse().map_err(|_| wrong())?;
                    chunk.numbers[number].push(value);
                    number += 1;
                }
            }
        }
        row += 1;
        if row - chunk.first_row == CHUNK {
            each(&chunk)?;
            clear(&mut chunk, row);
        }
    }
    if row > chunk.first_row { each(&chunk) } else { Ok(()) }
}

fn clear(chunk: &mut Chunk, first_row: usize) {
    chunk.first_row = first_row;
    chunk.texts.iter_mut().for_each(|t| t.keys.clear());
    chunk.numbers.iter_mut().for_each(Vec::clear);
}

fn read_parquet(
    path: &Path,
    columns: &[(&str, ColumnKind)],
    years: Option<(i32, i32)>,
    mut chunk: Chunk,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let failed = |e| DatasetError::table(e, EXPECTED);
    let table = Table::open(path).map_err(failed)?;
    let (first, last) = years.unwrap_or((i32::MIN, i32::MAX));
    let groups = table.groups("year", (i64::from(first), i64::from(last)));
    let of_group = groups.iter().enumerate().filter(|(_, (_, holds))| *holds);
    let kept: Vec<usize> = of_group.map(|(n, _)| n).collect();
    // Where the rows that are read start and end in the file.
    let ends = groups.iter().skip(1).map(|(start, _)| *start).chain([table.rows()]);
    let runs: Vec<(usize, usize)> = groups
        .iter()
        .zip(ends)
        .filter(|((_, holds), _)| *holds)
        .map(|((start, _), end)| (*start as usize, (end - start) as usize))
        .collect();
    // A batch may span row groups that do not follow each other: rows are counted in those read.
    let row_of = |read: usize| {
        let mut left = read;
        for &(first, rows) in &runs {
            if left < rows {
                return first + left;
            }
            left -= rows;
        }
        read
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut read = 0;
    for batch in table.of_groups(&names, kept).map_err(failed)? {
        let batch = batch.map_err(failed)?;
        clear(&mut chunk, row_of(read));
        let (mut text, mut number) = (0, 0);
        for &(name, kind) in columns {
            let Some(array) = batch.column_by_name(name) else { continue };
            if let Some(n) = (0..array.len()).find(|&n| array.is_null(n)) {
                return Err(bad_cell(path, row_of(read + n), name, kind, "null"));
            }
            let read_cells = match kind {
                ColumnKind::Text => {
                    text += 1;
                    texts(array, &mut chunk.texts[text - 1])
                }
                ColumnKind::Number => {
                    number += 1;
                    numbers(array, &mut chunk.numbers[number - 1])
                }
            };
            read_cells.ok_or_else(|| {
                let what = format!("type {}", array.data_type());
                let expected = if kind == ColumnKind::Text { "text" } else { "numbers" };
                let problem = Problem::Unsupported { what, expected };
                DatasetError::at(path, FilePlace::Key(name.to_string()), problem)
            })?;
        }
        read += batch.num_rows();
        each(&chunk)?;
    }
    Ok(())
}

/// Appends the cells of a text column; `None` if it is none.
fn texts(array: &ArrayRef, cells: &mut Texts) -> Option<()> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let mut values = Texts::default();
        std::mem::swap(&mut values, cells);
        let mut inner = Texts { keys: Vec::new(), ..values };
        let read = texts(dictionary.values(), &mut inner);
        let of_value = std::mem::take(&mut inner.keys);
        *cells = inner;
        read?;
        if !of_value.is_empty() {
            cells.keys.extend(dictionary.normalized_keys().iter().map(|&key| of_value[key]));
        }
        return Some(());
    }
    match array.data_type() {
        DataType::Utf8 => {
            for text in array.as_string::<i32>() {
                let key = cells.key(text.unwrap_or_default());
                cells.keys.push(key);
            }
        }
        DataType::LargeUtf8 => {
            for text in array.as_string::<i64>() {
                let key = cells.key(text.unwrap_or_default());
                cells.keys.push(key);
            }
        }
        DataType::Utf8View => {
            for text in array.as_string_view() {
                let key = cells.key(text.unwrap_or_default());
                cells.keys.push(key);
            }
        }
        _ => return None,
    }
    Some(())
}

/// Appends the cells of a number column; `None` if it is none.
fn numbers(array: &ArrayRef, cells: &mut Vec<f64>) -> Option<()> {
    macro_rules! exact {
        ($type:ty) => {
            cells.extend(array.as_primitive::<$type>().values().iter().map(|&v| f64::from(v)))
        };
    }
    match array.data_type() {
        DataType::Float64 => cells.extend_from_slice(array.as_primitive::<Float64Type>().values()),
        DataType::Float32 => exact!(Float32Type),
        DataType::Int8 => exact!(Int8Type),
        DataType::Int16 => exact!(Int16Type),
        DataType::Int32 => exact!(Int32Type),
        DataType::UInt8 => exact!(UInt8Type),
        DataType::UInt16 => exact!(UInt16Type),
        DataType::UInt32 => exact!(UInt32Type),
        // Amounts and years: whole numbers far below 2^53.
        DataType::Int64 => {
            cells.extend(array.as_primitive::<Int64Type>().values().iter().map(|&v| v as f64));
        }
        DataType::UInt64 => {
            cells.extend(array.as_primitive::<UInt64Type>().values().iter().map(|&v| v as f64));
        }
        // Through their digits: a quotient by a power of ten would be rounded twice.
        DataType::Decimal32(_, _) | DataType::Decimal64(_, _) | DataType::Decimal128(_, _) => {
            for digits in text::cells(array)? {
                cells.push(digits.parse().ok()?);
            }
        }
        _ => return None,
    }
    Some(())
}
