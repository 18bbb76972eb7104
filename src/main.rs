//! The `shocksweep` program: arguments in, exit code out.
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]

use std::process::ExitCode;

use clap::Parser;
use shocksweep::low_level::cli::say::say;
use shocksweep::low_level::cli::{Cli, execute};

fn main() -> ExitCode {
    match execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads has seen enough: nothing to complain of.
        Err(error) if error.exit_code() == 0 => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
