//! The library: readers, model, engines, learning, stored tables.
//!
//! One program instead of one a file: linking costs more than compiling here. Nothing in it runs the
//! command, opens no more than one graphics device, and no test changes the process's own state
//! (environment, current folder, the global thread pool).

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod adaptive;
mod aggregate;
mod architecture;
mod bans;
mod bound;
mod calibration;
mod calibration_properties;
mod compare;
mod differences;
mod engines;
mod exposure;
#[cfg(feature = "fabio")]
mod fabio;
mod fuzz;
mod golden;
mod hand_worked;
mod import;
mod import_faults;
mod interaction;
mod limit;
mod mitigate;
mod names;
mod relabelled;
mod reserves;
mod store;
mod store_check;
#[cfg(feature = "trade")]
mod trade;
mod triples;
mod whatif;
mod whatif_properties;
