//! The command line, in process.

use clap::Parser;
use pyo3::prelude::*;
use shocksweep::low_level::cli::say::say;
use shocksweep::low_level::cli::{Cli, execute};

/// Runs a command of the command line; the exit code.
///
/// What a command prints goes to the process's own output. Signals and threads become the program's:
/// for scripts, not for notebooks.
#[pyfunction]
pub fn program(py: Python<'_>, arguments: Vec<String>) -> u8 {
    py.detach(|| {
        let given = std::iter::once("shocksweep".to_string()).chain(arguments);
        let cli = match Cli::try_parse_from(given) {
            Ok(cli) => cli,
            Err(problem) => {
                // Help and version are no mistakes, and go where clap says.
                let _ = problem.print();
                return u8::try_from(problem.exit_code()).unwrap_or(2);
            }
        };
        match execute(cli) {
            Ok(()) => 0,
            Err(error) => {
                say(&format!("error: {error}"));
                error.exit_code()
            }
        }
    })
}
