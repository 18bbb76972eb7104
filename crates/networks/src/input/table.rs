//! Columns of an input table by name, with errors that name file, row and key.

use std::path::{Path, PathBuf};

use shocksweep_columnar::text::TextTable;

use crate::error::{NetworkError, nearest};

/// A table with the positions of its columns.
pub(crate) struct Columns {
    table: TextTable,
}

/// One cell's place: row (from 0) and column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnAt(usize);

impl Columns {
    /// Reads a table.
    pub(crate) fn read(path: &Path) -> Result<Self, NetworkError> {
        Ok(Columns { table: TextTable::read(path)? })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.table.path
    }

    pub(crate) fn len(&self) -> usize {
        self.table.rows.len()
    }

    /// Names of all columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.table.header.iter().map(String::as_str)
    }

    /// A column that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<ColumnAt, NetworkError> {
        self.find(name).ok_or_else(|| {
            let known = nearest(name, self.names());
            NetworkError::file(self.path(), format!("has no column `{name}`; {known}"))
        })
    }

    /// A column that may be there.
    pub(crate) fn find(&self, name: &str) -> Option<ColumnAt> {
        self.table.find(&[name]).map(ColumnAt)
    }

    /// Text of a cell, without the spaces around it.
    pub(crate) fn text(&self, row: usize, column: ColumnAt) -> &str {
        self.table.rows[row].get(column.0).map_or("", |cell| cell.trim())
    }

    /// Text that must not be empty.
    pub(crate) fn name(&self, row: usize, column: ColumnAt) -> Result<&str, NetworkError> {
        let text = self.text(row, column);
        if text.is_empty() {
            let name = &self.table.header[column.0];
            return Err(self.bad(row, format!("`{name}` is empty; expected a name")));
        }
        Ok(text)
    }

    /// A whole number.
    pub(crate) fn year(&self, row: usize, column: ColumnAt) -> Result<i32, NetworkError> {
        let text = self.text(row, column);
        // Tables that passed through a program for numbers write 2001 as 2001.0.
        let whole = text.strip_suffix(".0").unwrap_or(text);
        whole.parse().map_err(|_| {
            let name = &self.table.header[column.0];
            self.bad(row, format!("`{name}` is `{text}`; expected a whole year"))
        })
    }

    /// A finite number.
    pub(crate) fn number(&self, row: usize, column: ColumnAt) -> Result<f64, NetworkError> {
        let text = self.text(row, column);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                let name = &self.table.header[column.0];
                Err(self.bad(row, format!("`{name}` is `{text}`; expected a finite number")))
            }
        }
    }

    /// A finite number of at least 0; `key` says what the row is about.
    pub(crate) fn amount(
        &self,
        row: usize,
        column: ColumnAt,
        key: impl Fn() -> String,
    ) -> Result<f64, NetworkError> {
        let text = self.text(row, column);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
            _ => {
                let name = &self.table.header[column.0];
                let key = key();
                let problem = format!(
                    "`{name}` of {key} is `{text}`; expected a finite number of at least 0"
                );
                Err(self.bad(row, problem))
            }
        }
    }

    /// An error about a row.
    pub(crate) fn bad(&self, row: usize, problem: impl Into<String>) -> NetworkError {
        // The header is line 1.
        NetworkError::row(self.path(), row + 2, problem)
    }
}

/// The table `name` of a folder: CSV, compressed CSV or Parquet, whichever is there.
pub(crate) fn locate(folder: &Path, name: &str) -> Option<PathBuf> {
    ["csv", "csv.gz", "parquet"]
        .iter()
        .map(|end| folder.join(format!("{name}.{end}")))
        .find(|path| path.is_file())
}
