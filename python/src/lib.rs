//! The native half of the Python package `shocksweep`: what it says is in `package/shocksweep`.
//!
//! | module | what it holds |
//! |---|---|
//! | `error` | exceptions, and hints in Python's words |
//! | `table` | Arrow tables, handed over without a copy |
//! | `world` | a dataset and the questions it answers |
//! | `answer` | the answer to one scenario |
//! | `watch` | long work, stopped by Ctrl-C |
//! | `study` | runs: in memory, or in a folder |
//! | `result` | finished results on the disk |
//! | `findings` | what a question came to: words, tables, a picture, a page |
//! | `compare` | two results side by side |
//! | `other_side` | whose failure an area must fear, and what would help |
//! | `data` | datasets from yearly tables |
//! | `work` | a plan computed part by part by workers of a cluster |
//! | `trade`, `trade_study` | dependency in product trade: panels and their questions, finished studies |
//! | `network` | networks of dependence and conflict |
//! | `program` | the command line, in process |
#![forbid(unsafe_code)]

mod answer;
mod compare;
mod data;
mod error;
mod findings;
mod network;
mod other_side;
mod program;
mod result;
mod study;
mod table;
mod trade;
mod trade_study;
mod watch;
mod work;
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
    module.add_class::<work::Work>()?;
    module.add_function(wrap_pyfunction!(study::run_set, module)?)?;
    module.add_function(wrap_pyfunction!(work::work, module)?)?;
    module.add_function(wrap_pyfunction!(work::plan_told, module)?)?;
    module.add_function(wrap_pyfunction!(work::merge_parts, module)?)?;
    module.add_function(wrap_pyfunction!(result::open_result, module)?)?;
    module.add_class::<findings::Findings>()?;
    module.add_class::<trade::TradePanel>()?;
    module.add_class::<trade_study::TradeStudy>()?;
    module.add_function(wrap_pyfunction!(other_side::exposure, module)?)?;
    module.add_function(wrap_pyfunction!(other_side::mitigate, module)?)?;
    module.add_function(wrap_pyfunction!(compare::compare_results, module)?)?;
    module.add_function(wrap_pyfunction!(data::calibrate_tables, module)?)?;
    module.add_function(wrap_pyfunction!(data::learn_series, module)?)?;
    module.add_function(wrap_pyfunction!(trade::trade_panel, module)?)?;
    module.add_function(wrap_pyfunction!(trade::trade_import, module)?)?;
    module.add_function(wrap_pyfunction!(trade_study::trade_study, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_run, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_told, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_tables, module)?)?;
    module.add_function(wrap_pyfunction!(network::read_table, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_picture, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_bans, module)?)?;
    module.add_function(wrap_pyfunction!(network::network_losses, module)?)?;
    module.add_function(wrap_pyfunction!(program::program, module)?)?;
    Ok(())
}
