//! Tests of networks and of models of them, in one program.
#![allow(clippy::disallowed_methods)] // compared with the platform's own functions

mod bad_input;
mod change_statistics;
mod common;
mod golden_gof;
mod golden_networks;
mod golden_tergm;
mod jobs;
