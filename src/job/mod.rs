//! Jobs: what to compute, first as written ([`mod@file`]), then checked against a dataset ([`plan`]).

pub mod census;
pub mod error;
pub mod file;
mod identity;
mod keys;
pub mod limits;
pub mod listed;
pub mod memory;
mod output;
pub mod plan;
pub mod policies;
pub mod regions;
pub mod sets;
pub mod superposition;

pub use error::JobError;
pub use file::{Adaptation, EngineKind, JobFile};
pub use plan::Plan;
pub use sets::ScenarioSet;
pub use superposition::SuperpositionJob;
