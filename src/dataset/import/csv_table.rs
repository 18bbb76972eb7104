//! A CSV file with a header, read whole, whose faults name row and column.

use std::path::{Path, PathBuf};

use shocksweep_columnar::formula::plain;

use super::entries;
use crate::dataset::error::{DatasetError, FilePlace, Problem};

/// A table with named columns.
pub struct CsvTable {
    path: PathBuf,
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl CsvTable {
    /// Reads a table; every row has as many cells as the header.
    ///
    /// # Errors
    /// No such file, not UTF-8, cut short, or a row with more or fewer cells than the header.
    pub fn read(path: &Path, expected: &'static str) -> Result<Self, DatasetError> {
        let bytes = entries::read_bytes(path, expected)?;
        let text = entries::as_text(&bytes, path)?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| csv_error(path, e))?.clone();
        let rows: Result<Vec<_>, _> = reader.records().collect();
        let rows = rows.map_err(|e| csv_error(path, e))?;
        Ok(CsvTable { path: path.to_path_buf(), header, rows })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows, the header not counted.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Position of the first column with one of these names.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|h| h.trim() == *name))
    }

    /// Position of a column that must be there, under the first of its names that is.
    ///
    /// # Errors
    /// No column with any of these names.
    pub fn column(&self, names: &[&str]) -> Result<usize, DatasetError> {
        self.find(names).ok_or_else(|| {
            let place = FilePlace::Key(names.first().copied().unwrap_or_default().to_string());
            let expected = "a column of this name in the header";
            DatasetError::at(&self.path, place, Problem::Missing { expected })
        })
    }

    /// A cell as it stands, without what keeps spreadsheets from taking it for a formula ([`plain`]).
    pub fn cell(&self, row: usize, column: usize) -> &str {
        plain(self.rows[row].get(column).unwrap_or_default())
    }

    /// An error about a cell; `row` counted from 0.
    pub fn fail(&self, row: usize, column: usize, problem: impl Into<Problem>) -> DatasetError {
        let name = self.header.get(column).unwrap_or_default().to_string();
        DatasetError::at(&self.path, FilePlace::Cell(row + 1, name), problem)
    }

    /// A cell that must not be empty.
    ///
    /// # Errors
    /// The cell is empty.
    pub fn text(&self, row: usize, column: usize) -> Result<&str, DatasetError> {
        let cell = self.cell(row, column);
        if cell.trim().is_empty() {
            let problem = Problem::Syntax { expected: "a text", found: String::new() };
            return Err(self.fail(row, column, problem));
        }
        Ok(cell.trim())
    }

    /// A whole number; `113.0` counts as one, since pandas writes such columns so.
    ///
    /// # Errors
    /// Anything else.
    pub fn integer(&self, row: usize, column: usize) -> Result<i64, DatasetError> {
        /// Below this every whole `f64` is exact.
        const EXACT: f64 = 9e15;
        let cell = self.cell(row, column).trim();
        let whole = || cell.parse::<f64>().ok().filter(|v| v.fract() == 0.0 && v.abs() < EXACT);
        cell.parse().ok().or_else(|| whole().map(|v| v as i64)).ok_or_else(|| {
            let found = entries::shorten(cell);
            self.fail(row, column, Problem::Syntax { expected: "a whole number", found })
        })
    }

    /// A number from `low` to `high`; `None` where the cell is empty.
    ///
    /// # Errors
    /// Not a number, not finite, or outside the range.
    pub fn number(
        &self,
        row: usize,
        column: usize,
        (low, high): (f64, f64),
    ) -> Result<Option<f64>, DatasetError> {
        let cell = self.cell(row, column).trim();
        if cell.is_empty() {
            return Ok(None);
        }
        let fail = |problem| Err(self.fail(row, column, problem));
        match cell.parse::<f64>() {
            Err(_) => {
                let found = entries::shorten(cell);
                fail(Problem::Syntax { expected: "a number or nothing", found })
            }
            Ok(value) if !value.is_finite() => fail(Problem::NotFinite(value)),
            Ok(value) if low == 0.0 && value < 0.0 => fail(Problem::Negative(value)),
            Ok(value) if value < low || value > high => {
                let range = match high.is_finite() {
                    true => format!("{low} to {high}"),
                    false => format!("{low} and above"),
                };
                fail(Problem::OutOfRange { value: value.to_string(), range })
            }
            Ok(value) => Ok(Some(value)),
        }
    }
}

fn csv_error(path: &Path, error: csv::Error) -> DatasetError {
    let line = error.position().map(|p| p.line() as usize);
    let place = line.map_or(FilePlace::Whole, FilePlace::Line);
    let problem = match *error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len: expected, len: found, .. } => {
            let what = "cells";
            if found < expected {
                Problem::Truncated { what, expected, found }
            } else {
                Problem::Excess { what, expected, found }
            }
        }
        _ => Problem::Inconsistent(format!("not a readable CSV table: {error}")),
    };
    DatasetError::at(path, place, problem)
}
