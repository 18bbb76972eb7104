//! Typed columns of one table, read with checks that name file, row and column.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use shocksweep_columnar::{TableError, read};

use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::names::{LabelKind, NameError, nearest};

/// A table in memory.
pub(super) struct StoredTable {
    path: PathBuf,
    batches: Vec<RecordBatch>,
}

/// Largest table in memory, bytes: nearly twenty times the largest of the 2020 data. A file of a few
/// kilobytes can announce, and decode to, any number of equal rows.
const TABLE_LIMIT: u64 = 1 << 30;

impl StoredTable {
    /// Reads a whole table.
    pub(super) fn read(path: &Path, expected: &'static str) -> Result<Self, DatasetError> {
        let batches = read::whole(path, TABLE_LIMIT).map_err(|error| match error {
            TableError::TooLarge { limit, .. } => {
                let text = format!("takes more than {} MiB in memory", limit >> 20);
                DatasetError::file(path, Problem::Parquet(text))
            }
            error => DatasetError::table(error, expected),
        })?;
        Ok(StoredTable { path: path.to_path_buf(), batches })
    }

    pub(super) fn fault(&self, row: usize, problem: Problem) -> DatasetError {
        DatasetError::at(&self.path, FilePlace::Row(row + 1), problem)
    }

    fn cell(&self, row: usize, column: &str, problem: impl Into<Problem>) -> DatasetError {
        DatasetError::at(&self.path, FilePlace::Cell(row + 1, column.to_string()), problem)
    }

    /// A column, batch by batch, with the row each batch starts at.
    fn column(&self, name: &str) -> Result<Vec<(usize, &ArrayRef)>, DatasetError> {
        let mut row = 0;
        let mut found = Vec::new();
        for batch in &self.batches {
            let array = batch.column_by_name(name).ok_or_else(|| {
                let problem = Problem::Missing { expected: "a column of that name" };
                DatasetError::at(&self.path, FilePlace::Key(name.to_string()), problem)
            })?;
            found.push((row, array));
            row += array.len();
        }
        Ok(found)
    }

    fn wrong_type(&self, name: &str, array: &ArrayRef, expected: &'static str) -> DatasetError {
        let what = format!("type {}", array.data_type());
        let problem = Problem::Unsupported { what, expected };
        DatasetError::at(&self.path, FilePlace::Key(name.to_string()), problem)
    }

    fn null(&self, row: usize, column: &str) -> DatasetError {
        let (expected, found) = ("a value", "null".to_string());
        self.cell(row, column, Problem::Syntax { expected, found })
    }

    /// Whether the table has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.batches.first().is_some_and(|batch| batch.column_by_name(name).is_some())
    }

    /// Yes, no, or `None` for null.
    pub(super) fn flags(&self, name: &str) -> Result<Vec<Option<bool>>, DatasetError> {
        let mut all = Vec::new();
        for (_, array) in self.column(name)? {
            let flags = array
                .as_boolean_opt()
                .ok_or_else(|| self.wrong_type(name, array, "true or false"))?;
            all.extend(flags.iter());
        }
        Ok(all)
    }

    /// Numbers that pass a check; `None` for null.
    fn checked_numbers(
        &self,
        name: &str,
        wrong: impl Fn(f64) -> Option<Problem>,
    ) -> Result<Vec<Option<f64>>, DatasetError> {
        let mut all = Vec::new();
        for (start, array) in self.column(name)? {
            let numbers = array
                .as_primitive_opt::<Float64Type>()
                .ok_or_else(|| self.wrong_type(name, array, "64-bit floating-point numbers"))?;
            for (n, value) in numbers.iter().enumerate() {
                if let Some(problem) = value.and_then(&wrong) {
                    return Err(self.cell(start + n, name, problem));
                }
                all.push(value);
            }
        }
        Ok(all)
    }

    /// Finite numbers at least 0 and at most `limit`; `None` for null.
    pub(super) fn optional_numbers(
        &self,
        name: &str,
        limit: f64,
    ) -> Result<Vec<Option<f64>>, DatasetError> {
        self.checked_numbers(name, |v| number_problem(v, limit))
    }

    /// As [`StoredTable::optional_numbers`], without nulls.
    pub(super) fn numbers(&self, name: &str, limit: f64) -> Result<Vec<f64>, DatasetError> {
        let all = self.optional_numbers(name, limit)?;
        all.into_iter().enumerate().map(|(n, v)| v.ok_or_else(|| self.null(n, name))).collect()
    }

    /// Coordinates, `None` for null.
    pub(super) fn degrees(&self, name: &str) -> Result<Vec<Option<f64>>, DatasetError> {
        self.checked_numbers(name, degrees_problem)
    }

    /// Whole numbers.
    pub(super) fn integers(&self, name: &str) -> Result<Vec<i64>, DatasetError> {
        let mut all = Vec::new();
        for (start, array) in self.column(name)? {
            let numbers = array
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| self.wrong_type(name, array, "64-bit whole numbers"))?;
            for (n, value) in numbers.iter().enumerate() {
                all.push(value.ok_or_else(|| self.null(start + n, name))?);
            }
        }
        Ok(all)
    }

    /// Text, `None` for null.
    pub(super) fn optional_texts(&self, name: &str) -> Result<Vec<Option<String>>, DatasetError> {
        let mut all: Vec<Option<String>> = Vec::new();
        // One long text in a dictionary can stand in every row.
        let mut bytes = 0;
        let mut add = |text: Option<&str>| {
            bytes += (text.map_or(0, str::len) + size_of::<Option<String>>()) as u64;
            if bytes > TABLE_LIMIT {
                let problem =
                    Problem::TooLarge { what: "text in bytes", size: bytes, limit: TABLE_LIMIT };
                return Err(DatasetError::at(
                    &self.path,
                    FilePlace::Key(name.to_string()),
                    problem,
                ));
            }
            all.push(text.map(String::from));
            Ok(())
        };
        for (_, array) in self.column(name)? {
            if let Some(texts) = array.as_string_opt::<i32>() {
                texts.iter().try_for_each(&mut add)?;
                continue;
            }
            let dictionary = array.as_any_dictionary_opt();
            let values = dictionary.and_then(|d| d.values().as_string_opt::<i32>());
            let (Some(dictionary), Some(values)) = (dictionary, values) else {
                return Err(self.wrong_type(name, array, "text"));
            };
            let keys = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            for n in 0..array.len() {
                let key = keys.get(n).filter(|_| array.is_valid(n));
                add(key.map(|&key| values.value(key)))?;
            }
        }
        Ok(all)
    }

    /// Text without nulls.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, DatasetError> {
        let all = self.optional_texts(name)?;
        all.into_iter().enumerate().map(|(n, v)| v.ok_or_else(|| self.null(n, name))).collect()
    }

    /// Names, as indices into `labels` (ascending); every dictionary value is looked up once.
    pub(super) fn labels(
        &self,
        name: &str,
        kind: LabelKind,
        labels: &[&str],
    ) -> Result<Vec<u32>, DatasetError> {
        let find = |text: &str| labels.binary_search(&text).ok().map(|at| at as u32);
        let unknown = |row: usize, text: &str| {
            let nearest = nearest(text, labels.iter().copied());
            let error = NameError::Unknown { kind, name: text.to_string(), nearest };
            self.cell(row, name, error)
        };
        let mut all = Vec::new();
        for (start, array) in self.column(name)? {
            if let Some(texts) = array.as_string_opt::<i32>() {
                for (n, text) in texts.iter().enumerate() {
                    let text = text.ok_or_else(|| self.null(start + n, name))?;
                    all.push(find(text).ok_or_else(|| unknown(start + n, text))?);
                }
                continue;
            }
            let dictionary = array.as_any_dictionary_opt();
            let values = dictionary.and_then(|d| d.values().as_string_opt::<i32>());
            let (Some(dictionary), Some(values)) = (dictionary, values) else {
                return Err(self.wrong_type(name, array, "text"));
            };
            if let Some(n) = (0..array.len()).find(|&n| array.is_null(n)) {
                return Err(self.null(start + n, name));
            }
            let found: Vec<Option<u32>> = values.iter().map(|v| find(v.unwrap_or(""))).collect();
            if values.is_empty() {
                continue;
            }
            for (n, key) in dictionary.normalized_keys().into_iter().enumerate() {
                let index = found[key].ok_or_else(|| unknown(start + n, values.value(key)))?;
                all.push(index);
            }
        }
        Ok(all)
    }
}

/// What is wrong with a number that must be finite, at least 0 and at most `limit`.
pub(super) fn number_problem(value: f64, limit: f64) -> Option<Problem> {
    match value {
        v if !v.is_finite() => Some(Problem::NotFinite(v)),
        v if v < 0.0 => Some(Problem::Negative(v)),
        v if v > limit => Some(out_of_range(v, format!("0 to {limit}"))),
        _ => None,
    }
}

/// What is wrong with a coordinate.
pub(super) fn degrees_problem(value: f64) -> Option<Problem> {
    let valid = (-360.0..=360.0).contains(&value);
    (!valid).then(|| out_of_range(value, "-360 to 360".to_string()))
}

fn out_of_range(value: f64, range: String) -> Problem {
    Problem::OutOfRange { value: value.to_string(), range }
}
