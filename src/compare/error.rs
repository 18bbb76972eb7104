//! Why two results cannot be compared.

use std::path::PathBuf;

use crate::sink::SinkError;

/// Results that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One cannot be read, or a table cannot be written.
    #[error(transparent)]
    Result(#[from] SinkError),
    /// One does not fit the other.
    #[error("{}: {problem}", root.display())]
    Incomparable {
        /// Result folder.
        root: PathBuf,
        /// What is wrong.
        problem: String,
    },
}
