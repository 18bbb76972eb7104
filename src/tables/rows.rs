//! Long tables from CSV or Parquet, read a run of rows at a time.
//!
//! Tables of all years have tens of millions of rows: text is turned into small numbers as it is
//! read, and row groups of a Parquet file that hold no wanted year are skipped.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::dataset::DatasetError;
use crate::dataset::error::{Place, Problem};

/// Rows handed over at a time.
const CHUNK: usize = 1 << 16;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
        self.values.push(text.to_string());
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
    columns: &[(&str, Kind)],
    years: Option<(i32, i32)>,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let mut chunk = Chunk::default();
    for (_, kind) in columns {
        match kind {
            Kind::Text => chunk.texts.push(Texts::default()),
            Kind::Number => chunk.numbers.push(Vec::new()),
        }
    }
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) {
        read_parquet(path, columns, years, chunk, each)
    } else {
        read_csv(path, columns, chunk, each)
    }
}

fn missing_column(path: &Path, name: &str) -> DatasetError {
    let problem = Problem::Missing { expected: "a column of that name" };
    DatasetError::at(path, Place::Key(name.to_string()), problem)
}

fn bad_cell(path: &Path, row: usize, column: &str, kind: Kind, found: &str) -> DatasetError {
    let expected = if kind == Kind::Text { "a name" } else { "a number" };
    let found = found.chars().take(40).collect();
    let place = Place::Cell(row + 1, column.to_string());
    DatasetError::at(path, place, Problem::Syntax { expected, found })
}

fn read_csv(
    path: &Path,
    columns: &[(&str, Kind)],
    mut chunk: Chunk,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let file = File::open(path).map_err(|e| DatasetError::io(path, e, "a table"))?;
    let bad = |e: csv::Error| {
        let line = e.position().map(|p| p.line() as usize);
        let text = format!("not a readable CSV table: {e}");
        DatasetError::at(path, line.map_or(Place::Whole, Place::Line), Problem::Inconsistent(text))
    };
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(bad)?;
    // Spreadsheets put a byte order mark before the first name.
    let names: Vec<&str> = header.iter().map(|h| h.trim_start_matches('\u{feff}').trim()).collect();
    let at = columns
        .iter()
        .map(|(name, _)| {
            names.iter().position(|h| h == name).ok_or_else(|| missing_column(path, name))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut record = csv::StringRecord::new();
    let mut row = 0;
    while reader.read_record(&mut record).map_err(bad)? {
        let (mut text, mut number) = (0, 0);
        for (&(name, kind), &at) in columns.iter().zip(&at) {
            let cell = record.get(at).unwrap_or_default().trim();
            let wrong = || bad_cell(path, row, name, kind, cell);
            match kind {
                Kind::Text if cell.is_empty() => return Err(wrong()),
                Kind::Text => {
                    let key = chunk.texts[text].key(cell);
                    chunk.texts[text].keys.push(key);
                    text += 1;
                }
                Kind::Number => {
                    let value = cell.parse().map_err(|_| wrong())?;
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
    columns: &[(&str, Kind)],
    years: Option<(i32, i32)>,
    mut chunk: Chunk,
    each: &mut dyn FnMut(&Chunk) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let file = File::open(path).map_err(|e| DatasetError::io(path, e, "a table"))?;
    let bad = |problem: String| DatasetError::file(path, Problem::Parquet(problem));
    // The decoder may panic on damaged bytes; that must stay an error about this file.
    let guarded = |work: &mut dyn FnMut() -> Result<Option<arrow_array::RecordBatch>, String>| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        caught.unwrap_or_else(|_| Err("damaged".to_string())).map_err(bad)
    };
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut reader: Option<ParquetRecordBatchReader> = None;
    guarded(&mut || {
        let file = file.try_clone().map_err(|e| e.to_string())?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| e.to_string())?;
        let schema = builder.parquet_schema();
        let wanted = columns.iter().map(|(name, _)| *name);
        let mask = ProjectionMask::columns(schema, wanted);
        let mut row = 0;
        let mut kept = Vec::new();
        for (n, group) in builder.metadata().row_groups().iter().enumerate() {
            let rows = group.num_rows().max(0) as usize;
            if years.is_none_or(|range| may_hold(group, range)) {
                groups.push((row, rows));
                kept.push(n);
            }
            row += rows;
        }
        let built = builder.with_projection(mask).with_row_groups(kept).with_batch_size(CHUNK);
        reader = Some(built.build().map_err(|e| e.to_string())?);
        Ok(None)
    })?;
    let Some(mut reader) = reader else { return Ok(()) };
    // A batch may span row groups that do not follow each other: rows are counted in those read.
    let row_of = |read: usize| {
        let mut left = read;
        for &(first, rows) in &groups {
            if left < rows {
                return first + left;
            }
            left -= rows;
        }
        read
    };
    let mut read = 0;
    while let Some(batch) = guarded(&mut || reader.next().transpose().map_err(|e| e.to_string()))? {
        clear(&mut chunk, row_of(read));
        let (mut text, mut number) = (0, 0);
        for &(name, kind) in columns {
            let array = batch.column_by_name(name).ok_or_else(|| missing_column(path, name))?;
            if let Some(n) = (0..array.len()).find(|&n| array.is_null(n)) {
                return Err(bad_cell(path, row_of(read + n), name, kind, "null"));
            }
            let read_cells = match kind {
                Kind::Text => {
                    text += 1;
                    texts(array, &mut chunk.texts[text - 1])
                }
                Kind::Number => {
                    number += 1;
                    numbers(array, &mut chunk.numbers[number - 1])
                }
            };
            read_cells.ok_or_else(|| {
                let what = format!("type {}", array.data_type());
                let expected = if kind == Kind::Text { "text" } else { "numbers" };
                let problem = Problem::Unsupported { what, expected };
                DatasetError::at(path, Place::Key(name.to_string()), problem)
            })?;
        }
        read += batch.num_rows();
        each(&chunk)?;
    }
    Ok(())
}

/// Whether a row group can hold a year of the range, by its statistics.
fn may_hold(group: &RowGroupMetaData, (first, last): (i32, i32)) -> bool {
    let column = group.columns().iter().find(|c| c.column_path().string() == "year");
    let bounds = column.and_then(|c| match c.statistics() {
        Some(Statistics::Int32(s)) => Some((i64::from(*s.min_opt()?), i64::from(*s.max_opt()?))),
        Some(Statistics::Int64(s)) => Some((*s.min_opt()?, *s.max_opt()?)),
        _ => None,
    });
    bounds.is_none_or(|(low, high)| low <= i64::from(last) && high >= i64::from(first))
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
    match array.data_type() {
        DataType::Float64 => cells.extend_from_slice(array.as_primitive::<Float64Type>().values()),
        DataType::Float32 => {
            cells
                .extend(array.as_primitive::<Float32Type>().values().iter().map(|&v| f64::from(v)));
        }
        DataType::Int16 => {
            cells.extend(array.as_primitive::<Int16Type>().values().iter().map(|&v| f64::from(v)));
        }
        DataType::Int32 => {
            cells.extend(array.as_primitive::<Int32Type>().values().iter().map(|&v| f64::from(v)));
        }
        // Amounts and years: whole numbers far below 2^53.
        DataType::Int64 => {
            cells.extend(array.as_primitive::<Int64Type>().values().iter().map(|&v| v as f64));
        }
        _ => return None,
    }
    Some(())
}
