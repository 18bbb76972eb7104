//! The native half of the Python package `shocksweep`: what it says is in `package/shocksweep`.
//!
//! | module | what it holds |
//! |---|---|
//! | `error` | exceptions, and hints in Python's words |
//! | `table` | Arrow tables, handed over without a copy |
//! | `world` | a dataset and the questions it answers |
//! | `answer` | the answer to one scenario |
//! | `study` | runs: in memory, or in a folder, stopped by Ctrl-C |
//! | `result` | finished results on the disk |
//! | `program` | the command line, in process |
#![forbid(unsafe_code)]

mod answer;
mod error;
mod program;
mod result;
mod study;
mod table;
mod world;

use pyo3::prelude::*;

/// The module as Python sees it.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    error::add(module)?;
    module.add_class::<table::Table>()?;
    module.add_class::<world::World>()?;
    module.add_class::<answer::Answer>()?;
    module.add_class::<study::Collected>()?;
    module.add_class::<result::ResultFolder>()?;
    module.add_function(wrap_pyfunction!(world::load, module)?)?;
    module.add_function(wrap_pyfunction!(study::run_rows, module)?)?;
    module.add_function(wrap_pyfunction!(study::run_job, module)?)?;
    module.add_function(wrap_pyfunction!(result::open_result, module)?)?;
    module.add_function(wrap_pyfunction!(program::program, module)?)?;
    Ok(())
}
