//! Questions asked of written results. This layer reads tables and never calls an engine.

pub mod aggregate;
pub mod hdi;
#[cfg(feature = "networks")]
pub mod loss_networks;
pub mod outcomes;
pub mod overview;
pub mod regions;
pub mod scenarios;
pub mod screening;
pub mod settings;
pub mod superposition;
mod tables;
pub mod world;
pub mod worst;
