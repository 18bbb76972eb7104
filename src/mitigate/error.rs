//! Why nothing can be ranked.

use crate::engine::EngineError;
use crate::whatif::WhatIfError;

/// A search that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum MitigateError {
    /// No failure costs the area anything of the item.
    #[error("{0}: no single failure costs it anything; there is nothing to mitigate")]
    Nothing(String),
    /// A scenario that costs the area nothing of the item.
    #[error("{0}: the failure costs it nothing; there is nothing to mitigate")]
    Unhurt(String),
    /// A budget that is none.
    #[error("budget is {0}; expected an amount above 0, in the item's unit")]
    Budget(f64),
    /// A change that cannot be made.
    #[error(transparent)]
    Change(WhatIfError),
    /// The engine fails.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
