//! Why a study of trade was not done.

use std::path::PathBuf;

use shocksweep_trade::TradeError;

use crate::dataset::DatasetError;
use crate::engine::EngineError;
use crate::hint::Hint;

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
    /// The output folder holds a study.
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// The output folder holds an unfinished study.
    #[error("{}: holds an unfinished study", .0.display())]
    Unfinished(PathBuf),
    /// The output folder holds a study of something else.
    #[error("{}: holds a different study", .0.display())]
    Different(PathBuf),
    /// Failures that take hours.
    #[error(
        "the failures of {items} items in {years} years would take about {hours} hours on this machine; take fewer items or links"
    )]
    Expensive {
        /// Items.
        items: usize,
        /// Years.
        years: usize,
        /// Hours, rounded up.
        hours: u64,
    },
    /// The output folder holds something else.
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
    /// What would help.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            TradeRunError::Engine(error) => error.hint(),
            TradeRunError::Dataset(error) => error.hint(),
            TradeRunError::Exists(_) => Some(Hint::ReplaceStudy),
            TradeRunError::Unfinished(_) => Some(Hint::ContinueOrReplace),
            TradeRunError::Different(_) => Some(Hint::StartOver),
            TradeRunError::Expensive { .. } => Some(Hint::AllowAnyCost),
            _ => None,
        }
    }

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
