//! Tests of networks and of models of them, in one program.

mod bad_input;
mod change_statistics;
mod common;
mod golden_gof;
mod golden_networks;
mod golden_tergm;
