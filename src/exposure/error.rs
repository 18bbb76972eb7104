//! Why an exposure cannot be told.

use std::path::PathBuf;

use crate::dataset::names::NameError;
use crate::engine::EngineError;
use crate::sink::SinkError;
use crate::text_table::TableError;

/// A question about exposure that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExposureError {
    /// A name that stands for nothing.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The result cannot be read, or a table cannot be written.
    #[error(transparent)]
    Result(#[from] SinkError),
    /// The engine fails.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A table of probabilities that cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A table of probabilities that says what cannot be.
    #[error("{}: {problem}", path.display())]
    Chances {
        /// File.
        path: PathBuf,
        /// What is wrong, with the row.
        problem: String,
    },
    /// A result that does not hold what is asked.
    #[error("{}: {problem}", root.display())]
    Unanswered {
        /// Result folder.
        root: PathBuf,
        /// What is missing, and what would help.
        problem: String,
    },
    /// A question that cannot be asked.
    #[error("{0}")]
    Question(String),
}
