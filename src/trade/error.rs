//! Why a study of trade was not done.

use std::path::PathBuf;

use shocksweep_trade::TradeError;

use crate::dataset::DatasetError;
use crate::engine::EngineError;

/// Bad input, or something that could not be written or run.
#[derive(Debug, thiserror::Error)]
pub enum TradeRunError {
    /// Trade, its small tables, or a panel.
    #[error("{0}")]
    Trade(#[from] TradeError),
    /// The engine is not there, or has failed.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// The dataset of a year cannot be written.
    #[error("{0}")]
    Dataset(#[from] DatasetError),
    /// A job, or a setting.
    #[error("{}: {problem}", path.display())]
    Job {
        /// Job file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The output folder holds something already.
    #[error("{}: {problem}", path.display())]
    Output {
        /// Folder.
        path: PathBuf,
        /// What is there, and what helps.
        problem: String,
    },
    /// The operating system refused.
    #[error("{}: cannot be written: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl TradeRunError {
    /// Whether the user's input is at fault, not the machine.
    pub fn is_bad_input(&self) -> bool {
        match self {
            TradeRunError::Engine(error) => error.is_bad_input(),
            TradeRunError::Io { .. }
            | TradeRunError::Trade(TradeError::Write(_) | TradeError::Stopped) => false,
            _ => true,
        }
    }

    /// An input or output error at `path`.
    pub fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> TradeRunError {
        let path = path.to_path_buf();
        move |source| TradeRunError::Io { path, source }
    }
}
