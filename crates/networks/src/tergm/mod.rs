//! Temporal exponential random graph models.
//!
//! P(Y_t | Y_{t-1}, X_t) is proportional to exp(theta . s(Y_t)); the change statistic of (i, j) is
//! the statistic with A_ij = 1 minus that with A_ij = 0, the rest as observed.
//! Source: Liu et al. 2025, section 4.2; Leifeld, Cranmer and Desmarais 2018.

pub mod bootstrap;
pub mod counts;
pub mod covariates;
pub mod curves;
pub mod design;
pub mod fit;
pub mod gof;
pub mod intervals;
pub mod kernel;
pub mod likelihood;
pub mod model;
pub mod refit;
pub mod simulate;
mod solve;
pub mod spec;
pub mod step;
pub mod structure;
pub mod term;
