//! Questions asked of written results. This layer reads tables and never calls an engine.

pub mod hdi;
pub mod integrity;
pub mod pair_checks;
pub mod scenarios;
pub mod screening;
pub mod superposition;
pub mod worst;
