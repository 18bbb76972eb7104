//! The gpu engine, kernel by kernel, and the command on a graphics device.

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod building;
mod changes;
mod engine;
mod parts;
mod robust;
mod script;
mod waiting;
