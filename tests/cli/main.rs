//! The program as its users meet it: every test runs the command, or what it wrote, at least once.

#[path = "../common/mod.rs"]
mod common;
#[path = "../../crates/trade/tests/compare/mod.rs"]
mod compare;
#[cfg(all(feature = "objects", unix))]
#[path = "../support/store.rs"]
mod store;
#[path = "../support/mod.rs"]
mod support;

mod against;
mod cases;
mod cluster;
mod disk_full;
#[cfg(feature = "explore")]
mod explore;
#[cfg(feature = "explore")]
mod explore_walk;
mod exposure;
mod first_sight;
mod folders;
mod hostile;
mod injector;
mod layout;
mod learning;
#[cfg(feature = "networks")]
mod network;
#[cfg(not(feature = "objects"))]
mod no_stores;
mod overnight;
mod program;
mod readme;
mod report;
mod resume;
mod screening;
mod sets;
mod shown;
mod snapshots;
#[cfg(all(feature = "objects", unix))]
mod stores;
mod superposition;
mod tables;
mod trade;
mod verify;
