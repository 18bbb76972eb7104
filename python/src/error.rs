//! Errors of the library as exceptions of one family.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use shocksweep::low_level::analysis::aggregate::AggregateError;
use shocksweep::low_level::dataset::DatasetError;
use shocksweep::low_level::engine::EngineError;
use shocksweep::low_level::hint::Hint;
use shocksweep::low_level::job::JobError;
use shocksweep::low_level::sink::SinkError;
use shocksweep::low_level::trade::TradeRunError;
use shocksweep_networks::NetworkError;

create_exception!(
    shocksweep,
    ShockSweepError,
    PyException,
    "Anything that shocksweep cannot do; its kinds say why."
);
create_exception!(
    shocksweep,
    InputError,
    ShockSweepError,
    "A name, a value, a file or a job that cannot be used."
);
create_exception!(shocksweep, EngineFailure, ShockSweepError, "The engine is not there, or fails.");
create_exception!(
    shocksweep,
    ResultError,
    ShockSweepError,
    "A result that cannot be written, read or continued."
);

/// Makes the exceptions known.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("ShockSweepError", py.get_type::<ShockSweepError>())?;
    module.add("InputError", py.get_type::<InputError>())?;
    module.add("EngineFailure", py.get_type::<EngineFailure>())?;
    module.add("ResultError", py.get_type::<ResultError>())?;
    Ok(())
}

/// What would help, in Python's words.
fn worded(hint: Option<Hint>) -> &'static str {
    match hint {
        Some(Hint::NameFolder | Hint::NameAnyFolder) => "; name a folder: `out=...`",
        Some(Hint::WithoutAdaptation) => "; `adaptation=\"off\"` runs without",
        Some(Hint::ReplaceResult | Hint::StartOver) => "; `force=True` replaces it",
        Some(Hint::ContinueOrReplace) => "; `resume=True` continues it, `force=True` replaces it",
        Some(Hint::ContinueWithRoom | Hint::ContinueShard) => "; `resume=True` continues it",
        Some(Hint::ContinueFromScratch) => {
            "; `resume=True` continues it in the store, `out=` that folder there"
        }
        Some(Hint::ReplaceDataset | Hint::ReplaceStudy) => "; `force=True` replaces what is there",
        Some(Hint::AllowAnyCost) => ", or allow it with `any_cost=True`",
        Some(Hint::AllowSoftware) => "; a job with `allow_software = true` allows any",
        None => "",
    }
}

/// Bad input of any kind.
pub fn input(problem: impl std::fmt::Display) -> PyErr {
    InputError::new_err(problem.to_string())
}

/// A job, or something it names, is wrong.
pub fn job(problem: JobError) -> PyErr {
    let hint = worded(problem.hint());
    InputError::new_err(format!("{problem}{hint}"))
}

/// A dataset is wrong.
pub fn dataset(problem: DatasetError) -> PyErr {
    let hint = worded(problem.hint());
    InputError::new_err(format!("{problem}{hint}"))
}

/// A result cannot be written or read.
pub fn result(problem: SinkError) -> PyErr {
    let hint = worded(problem.hint());
    ResultError::new_err(format!("{problem}{hint}"))
}

/// Sums over a result cannot be made.
pub fn sums(problem: AggregateError) -> PyErr {
    InputError::new_err(problem.to_string())
}

/// The engine fails.
pub fn engine(problem: EngineError) -> PyErr {
    EngineFailure::new_err(problem.to_string())
}

/// A result cannot be written, in words.
pub fn result_text(problem: String) -> PyErr {
    ResultError::new_err(problem)
}

/// A study of trade cannot be done.
pub fn trade(problem: TradeRunError) -> PyErr {
    let text = format!("{problem}{}", worded(problem.hint()));
    match (&problem, problem.is_bad_input()) {
        (TradeRunError::Engine(_), _) => EngineFailure::new_err(text),
        (
            TradeRunError::Exists(_) | TradeRunError::Unfinished(_) | TradeRunError::Different(_),
            _,
        )
        | (_, false) => ResultError::new_err(text),
        _ => InputError::new_err(text),
    }
}

/// Networks, or models of them, cannot be made.
pub fn network(problem: NetworkError) -> PyErr {
    match problem.is_bad_input() {
        true => InputError::new_err(problem.to_string()),
        false => ResultError::new_err(problem.to_string()),
    }
}
