//! # shocksweep
//!
//! If these producers fail, who loses what?
#![warn(missing_docs)]

pub mod dataset;
pub mod sparse;
