//! Tests of networks and of models of them, in one program.

mod change_statistics;
mod common;
mod golden_networks;
mod golden_tergm;
