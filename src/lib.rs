//! # shocksweep
//!
//! If these producers fail, who loses what?
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod dataset;
pub mod engine;
pub mod model;
pub mod scenario;
pub mod sparse;
