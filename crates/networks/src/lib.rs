//! # Trade-dependency networks, geopolitics and the TERGM
//!
//! From tables of trade and events to directed dependency networks per tier and year, cooperation
//! and conflict networks, their indicators, and temporal exponential random graph models with
//! bootstrap and goodness of fit (Liu et al. 2025). Knows nothing of food or of shocks.
//!
//! ```text
//! tables -> world -> networks -> indicators, communities, rankings, flows
//!                             -> change statistics -> fit -> bootstrap -> simulation -> tables
//! ```
//!
//! Notation: areas i, j; y_ij imports of i from j; A_ij = 1 where importer i depends on exporter j,
//! so the out-degree counts suppliers, the in-degree customers; t = time step = year, from 1.
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]

pub mod bans;
pub mod build;
pub mod communities;
mod error;
pub mod indicators;
pub mod input;
pub mod job;
pub mod network;
pub mod networks;
pub mod rankings;
pub mod reading;
pub mod records;
pub mod synth;
pub mod tables;
pub mod tergm;
pub mod world;

pub use error::NetworkError;
