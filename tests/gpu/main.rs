//! The gpu engine, kernel by kernel, and the command on a graphics device.
#![allow(clippy::print_stderr, clippy::too_many_lines, clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod engine;
mod robust;
mod script;
