//! Jobs: what to compute, first as written ([`mod@file`]), then checked against a dataset ([`plan`]).

pub mod error;
pub mod file;
pub mod plan;

pub use error::JobError;
pub use file::{Adaptation, EngineKind, JobFile, ScenarioSet};
pub use plan::Plan;
