//! What can be wrong with an input, each said in one sentence.

use std::path::{Path, PathBuf};

use shocksweep_columnar::{TableError, WriteError};

/// Why networks, or models of them, cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A table cannot be read at all.
    #[error("{0}")]
    Table(#[from] TableError),
    /// A value of a table cannot be used.
    #[error("{}, row {row}: {problem}", path.display())]
    Row {
        /// File.
        path: PathBuf,
        /// Line of the file, the header being the first; for Parquet as if it were CSV.
        row: usize,
        /// What is wrong, with the key, and what was expected.
        problem: String,
    },
    /// A table as a whole cannot be used.
    #[error("{}: {problem}", path.display())]
    File {
        /// File.
        path: PathBuf,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A model asks for something that is not there.
    #[error("model `{model}`: {problem}")]
    Model {
        /// `tier/name`.
        model: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// Options that do not fit together.
    #[error("{0}")]
    Options(String),
    /// A result cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
    /// Whoever watches asked for it; models that are done are kept.
    #[error("stopped")]
    Stopped,
}

impl NetworkError {
    /// Whether the user can mend it; otherwise the machine has failed.
    pub fn is_bad_input(&self) -> bool {
        match self {
            NetworkError::Write(_) | NetworkError::Stopped => false,
            NetworkError::Table(TableError::Io { source, .. }) => {
                source.kind() != std::io::ErrorKind::OutOfMemory
            }
            _ => true,
        }
    }

    /// About one row of a table.
    pub(crate) fn row(path: &Path, row: usize, problem: impl Into<String>) -> Self {
        NetworkError::Row { path: path.to_path_buf(), row, problem: problem.into() }
    }

    /// About a whole table.
    pub(crate) fn file(path: &Path, problem: impl Into<String>) -> Self {
        NetworkError::File { path: path.to_path_buf(), problem: problem.into() }
    }

    /// About a model.
    pub(crate) fn model(model: &str, problem: impl Into<String>) -> Self {
        NetworkError::Model { model: model.to_string(), problem: problem.into() }
    }
}

/// The name most like `name`, as a question, or what names there are.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut best: Option<(f64, &str)> = None;
    let mut count = 0;
    let wanted = name.to_lowercase();
    for known in names {
        count += 1;
        let likeness = strsim::jaro_winkler(&wanted, &known.to_lowercase());
        if best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, known));
        }
    }
    match best {
        Some((_, known)) => format!("expected one of {count} names, nearest `{known}`"),
        None => "there are none".to_string(),
    }
}
