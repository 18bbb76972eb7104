//! What can be wrong with a what-if file.

use std::path::PathBuf;

use crate::dataset::names::{NameError, suggestion};

/// A change that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// The file cannot be read.
    #[error("{}: {}", path.display(), if source.kind() == std::io::ErrorKind::NotFound { "not found; expected a what-if file (TOML)".to_string() } else { source.to_string() })]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the TOML of a what-if file.
    #[error("{}: {problem}", path.display())]
    Syntax {
        /// File.
        path: PathBuf,
        /// What the parser says, with the line.
        problem: String,
    },
    /// A key or a kind nobody knows.
    #[error("{}: unknown {what} `{found}`{}; expected one of {}", path.display(), suggestion(nearest), known.join(", "))]
    Unknown {
        /// File.
        path: PathBuf,
        /// What was looked for.
        what: String,
        /// As written.
        found: String,
        /// Valid one nearest to it.
        nearest: Option<String>,
        /// All valid ones.
        known: Vec<&'static str>,
    },
    /// A name that stands for nothing.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A value out of range.
    #[error("{key} is {value}; expected {expected}")]
    Value {
        /// Key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is valid.
        expected: String,
    },
    /// A change of what is not there, or of more than there is.
    #[error("{problem}")]
    NotThere {
        /// What is asked for and what there is.
        problem: String,
    },
    /// A world that grows until amounts are no numbers.
    #[error(
        "the changed world grows without end: after {steps} steps amounts are no numbers any more; change it by less"
    )]
    Endless {
        /// Steps that were run.
        steps: usize,
    },
    /// A world that still moves, or oscillates.
    #[error(
        "the changed world does not settle: after {steps} steps amounts still move by {left:.1e} of their size; change it by less"
    )]
    Unsettled {
        /// Steps that were run.
        steps: usize,
        /// What is left.
        left: f64,
    },
    /// A problem with the change at a position of the file.
    #[error("change {number} ({kind}): {source}")]
    Change {
        /// Position, from 1.
        number: usize,
        /// Kind of change.
        kind: &'static str,
        /// What is wrong with it.
        source: Box<WhatIfError>,
    },
}

impl WhatIfError {
    /// The same, saying which change it is about.
    pub(super) fn in_change(self, number: usize, kind: &'static str) -> Self {
        WhatIfError::Change { number, kind, source: Box::new(self) }
    }

    /// A change of what is not there.
    pub(super) fn not_there(problem: String) -> Self {
        WhatIfError::NotThere { problem }
    }
}

/// A share or a relative change, checked.
pub(super) fn within(
    key: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<f64, WhatIfError> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    let expected = format!("a number from {low} to {high}");
    Err(WhatIfError::Value { key, value: value.to_string(), expected })
}
