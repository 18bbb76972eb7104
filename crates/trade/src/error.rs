//! What can be wrong with trade data: one sentence that names the file, the row and the cause.

use std::path::{Path, PathBuf};

use shocksweep_columnar::text::TableError;
use shocksweep_columnar::write::WriteError;

/// Bad input, or a table that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TradeError {
    /// Something in a file is not what it should be.
    #[error("{}{}: {problem}", path.display(), row.map(|row| format!(", row {row}")).unwrap_or_default())]
    Input {
        /// File or folder at fault.
        path: PathBuf,
        /// Row, counted from 1 and without the header.
        row: Option<u64>,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A table that cannot be read at all.
    #[error("{0}")]
    Table(#[from] TableError),
    /// A table that cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
    /// Settings that do not fit together or to the panel.
    #[error("{0}")]
    Settings(String),
    /// The caller asked to stop.
    #[error("stopped")]
    Stopped,
}

impl TradeError {
    /// A problem of a whole file.
    pub fn file(path: &Path, problem: impl Into<String>) -> Self {
        TradeError::Input { path: path.to_path_buf(), row: None, problem: problem.into() }
    }

    /// A problem of a row, counted from 1 and without the header.
    pub fn row(path: &Path, row: u64, problem: impl Into<String>) -> Self {
        TradeError::Input { path: path.to_path_buf(), row: Some(row), problem: problem.into() }
    }
}
