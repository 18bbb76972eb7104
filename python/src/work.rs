//! A plan computed part by part by whoever claims them: workers of a cluster, in process.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use shocksweep::low_level::dataset::hash;
use shocksweep::low_level::job::census;
use shocksweep::low_level::report;
use shocksweep::low_level::report::prose::shown;
use shocksweep::low_level::sink::PartList;
use shocksweep::low_level::sink::ledger::Ledger;
use shocksweep::low_level::study::estimate::{estimate, estimate_pairs};
use shocksweep::low_level::sweep::merge::{Merged, merge};
use shocksweep::low_level::sweep::{parts_of, run_on};
use shocksweep::{Engine, Plan, RunOptions, Silent, make_engine};

use crate::error;
use crate::study::{Asked, Set};
use crate::world::World;

/// A plan and its engine, ready to compute any of its parts, again and again.
#[pyclass(frozen, module = "shocksweep")]
pub struct Work {
    plan: Plan,
    engine: Box<dyn Engine>,
    content_hash: String,
}

#[pymethods]
impl Work {
    /// Number of parts.
    #[getter]
    fn parts(&self) -> usize {
        parts_of(&self.plan)
    }

    /// Whether it is a screening, whose joined parts are put together by one more run.
    #[getter]
    fn is_screening(&self) -> bool {
        self.plan.superposition.as_ref().is_some_and(|asked| asked.grid.is_some())
    }

    /// Computes parts, such as `0-3,7`, into a folder of their own.
    #[pyo3(signature = (parts, out, threads = None))]
    fn run(
        &self,
        py: Python<'_>,
        parts: &str,
        out: PathBuf,
        threads: Option<usize>,
    ) -> PyResult<()> {
        let parts: PartList = parts.parse().map_err(error::input)?;
        let plan = Plan { output: Some(out.clone()), ..self.plan.clone() };
        let options = RunOptions { parts: Some(&parts), ..RunOptions::new() };
        let engine = self.engine.as_ref();
        py.detach(|| {
            let run = || run_on(&plan, engine, self.content_hash.clone(), &options, &Silent);
            match threads.and_then(NonZeroUsize::new) {
                None => run(),
                Some(threads) => shocksweep::low_level::sweep::within(Some(threads), run),
            }
        })
        .map_err(error::result)?;
        // Somebody may have started over meanwhile, and removed what was written so far.
        let ledger = Ledger::read(&out).map_err(error::result)?;
        let is_there = |part| ledger.as_ref().is_some_and(|found| found.parts.contains_key(&part));
        match (0..self.parts()).filter(|&part| parts.has(part)).all(is_there) {
            true => Ok(()),
            false => Err(error::result_text(format!(
                "{}: parts that were computed are gone; something removed them",
                out.display()
            ))),
        }
    }
}

/// Makes a plan and its engine ready.
#[pyfunction]
pub fn work(
    py: Python<'_>,
    world: Option<PyRef<'_, World>>,
    set: Set,
    asked: Asked,
) -> PyResult<Work> {
    let dataset = world.map(|world| Arc::clone(&world.dataset));
    py.detach(|| {
        let plan = set.plan(dataset, &asked)?;
        let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps);
        let engine = engine.map_err(error::engine)?;
        let content_hash = hash::content_hash(&plan.dataset);
        Ok(Work { plan, engine, content_hash })
    })
}

/// What a plan would run and what that costs, in words; a small sample is run for it.
#[pyfunction]
pub fn plan_told(
    py: Python<'_>,
    world: Option<PyRef<'_, World>>,
    set: Set,
    asked: Asked,
) -> PyResult<String> {
    let dataset = world.map(|world| Arc::clone(&world.dataset));
    py.detach(|| {
        let plan = set.plan(dataset, &asked)?;
        if let Some(asked) = &plan.superposition
            && let Some(grid) = &asked.grid
        {
            let cost = estimate_pairs(&plan, asked, grid).map_err(error::engine)?;
            return Ok(shown(&report::plan::screening(&plan, grid, &cost)));
        }
        let kinds = census::count(&plan);
        let cost = estimate(&plan, &kinds).map_err(error::engine)?;
        Ok(shown(&report::plan::summary(&plan, &kinds, &cost)))
    })
}

/// Joins folders of shards or parts; whether the result is complete.
#[pyfunction]
pub fn merge_parts(
    py: Python<'_>,
    out: PathBuf,
    shards: Vec<PathBuf>,
    force: bool,
) -> PyResult<bool> {
    py.detach(|| merge(&out, &shards, force))
        .map(|merged| matches!(merged, Merged::Complete(_)))
        .map_err(error::result)
}
