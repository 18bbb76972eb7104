//! Why a question has no answer.

use crate::dataset::names::NameError;
use crate::engine::EngineError;
use crate::exposure::ExposureError;
use crate::mitigate::MitigateError;
use crate::scenario::ScenarioProblem;
use crate::sink::SinkError;
use crate::whatif::WhatIfError;

/// A question without an answer.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// A name that stands for nothing.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioProblem),
    /// A change that cannot be made.
    #[error(transparent)]
    Change(#[from] WhatIfError),
    /// Nothing to be ranked.
    #[error(transparent)]
    Best(#[from] MitigateError),
    /// No exposure.
    #[error(transparent)]
    Exposure(#[from] ExposureError),
    /// The engine fails.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The result cannot be read.
    #[error(transparent)]
    Result(#[from] SinkError),
    /// A value out of range.
    #[error("{what} is {found}; expected {expected}")]
    Value {
        /// What.
        what: &'static str,
        /// As asked.
        found: String,
        /// What is valid.
        expected: String,
    },
    /// The world cannot tell losses in this measure.
    #[error("the dataset cannot tell losses in `{measure}`; expected one of {}", known.join(", "))]
    Measure {
        /// As asked.
        measure: String,
        /// Those it can.
        known: Vec<&'static str>,
    },
    /// The dataset has no rules of adaptation.
    #[error("dataset `{0}` has no rules of adaptation; ask with `ways` = off")]
    NoRules(String),
    /// A run whose amounts left the range of numbers.
    #[error("{0} leaves the range of numbers; its losses are not known")]
    Diverged(String),
    /// Something that ran beside the questions failed.
    #[error("{0}")]
    Background(String),
    /// A table that cannot be written.
    #[error("the table cannot be written: {0}")]
    Unwritable(String),
    /// There is no result to ask.
    #[error("no finished sweep was opened; start with --result DIR")]
    NoResult,
    /// The result was made from another world.
    #[error("the result was made from another dataset (`{made}`) than `{opened}`")]
    OtherWorld {
        /// Dataset of the result.
        made: String,
        /// The one opened.
        opened: String,
    },
    /// A newer question took its place, or nobody waits for the answer.
    #[error("no longer asked")]
    Stale,
    /// Too many wait.
    #[error("{0} questions wait already; ask again")]
    Busy(usize),
}

impl ExploreError {
    /// Whether what was asked is at fault, not what answers.
    pub fn is_asked_wrongly(&self) -> bool {
        !matches!(
            self,
            ExploreError::Engine(_)
                | ExploreError::Result(_)
                | ExploreError::Stale
                | ExploreError::Busy(_)
        )
    }
}
