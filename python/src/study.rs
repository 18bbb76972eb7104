//! Runs of many scenarios: in memory, or in a folder; told as they go on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use shocksweep::low_level::job::SuperpositionJob;
use shocksweep::low_level::job::file::Losses;
use shocksweep::low_level::scenario::switches::Switches;
use shocksweep::low_level::sink::ledger::Shard;
use shocksweep::low_level::sink::{PartList, Start};
use shocksweep::low_level::sweep::Ended;
use shocksweep::{
    Dataset, Job, Plan, Progress, Results, RunOptions, ScenarioSet, ShockRow, collect, run,
    scenarios,
};

use crate::error;
use crate::table::Table;
use crate::watch::watched;
use crate::world::{World, adaptation, engine_kind};

/// Counts of a run, read by the thread that waits for it.
#[derive(Default)]
struct Counter {
    total: AtomicUsize,
    done: AtomicUsize,
}

impl Progress for Counter {
    fn start(&self, total: usize, _of: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    fn advance(&self, done: usize) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }
}

/// A result in memory: Arrow tables.
#[pyclass(frozen, module = "shocksweep")]
pub struct Collected {
    results: Results,
}

#[pymethods]
impl Collected {
    /// Names of the tables.
    #[getter]
    fn names(&self) -> Vec<&'static str> {
        self.results.names().collect()
    }

    /// One of the tables.
    fn table(&self, name: &str) -> PyResult<Table> {
        let batches = self.results.table(name).filter(|batches| !batches.is_empty());
        let Some(batches) = batches else {
            let names: Vec<&str> = self.results.names().collect();
            return Err(error::input(format!(
                "the result has no table `{name}` (it has {})",
                names.join(", ")
            )));
        };
        Ok(Table::new(batches[0].schema(), batches.to_vec()))
    }

    /// What was computed, on which data, by which program, as JSON.
    #[getter]
    fn manifest(&self) -> PyResult<String> {
        serde_json::to_string(&self.results.manifest).map_err(error::input)
    }
}

/// What a run is asked for besides its scenarios.
#[derive(FromPyObject)]
pub struct Asked {
    #[pyo3(item)]
    adaptation: Option<String>,
    #[pyo3(item)]
    engine: Option<String>,
    #[pyo3(item)]
    min_loss: Option<f64>,
    #[pyo3(item)]
    events: bool,
    #[pyo3(item)]
    superposition: bool,
    #[pyo3(item)]
    trace: Vec<i64>,
    #[pyo3(item)]
    out: Option<PathBuf>,
    #[pyo3(item)]
    resume: bool,
    #[pyo3(item)]
    force: bool,
    #[pyo3(item)]
    threads: Option<usize>,
    #[pyo3(item)]
    shard: Option<String>,
    #[pyo3(item)]
    parts: Option<String>,
    #[pyo3(item)]
    steps: Option<usize>,
    #[pyo3(item)]
    memory_limit: Option<String>,
    #[pyo3(item)]
    losses: Option<bool>,
    #[pyo3(item)]
    device: Option<String>,
    #[pyo3(item)]
    allow_software: bool,
    #[pyo3(item)]
    switches: Option<String>,
}

impl Asked {
    /// Puts what is asked over a job.
    ///
    /// # Errors
    /// A word or a number is none that the job can have.
    pub fn over(&self, job: &mut Job) -> PyResult<()> {
        job.adaptation = adaptation(self.adaptation.as_deref())?.or(job.adaptation);
        if let Some(engine) = &self.engine {
            job.engine = engine_kind(engine)?;
        }
        job.output.min_loss = self.min_loss.unwrap_or(job.output.min_loss);
        job.output.events |= self.events;
        if self.superposition && job.superposition.is_none() {
            job.superposition = Some(SuperpositionJob::default());
        }
        job.steps = self.steps.unwrap_or(job.steps);
        job.memory_limit = self.memory_limit.clone().or(job.memory_limit.take());
        job.device = self.device.clone().or(job.device.take());
        job.allow_software |= self.allow_software;
        if let Some(all) = self.losses {
            job.output.losses = if all { Losses::All } else { Losses::None };
        }
        if let Some(text) = &self.switches {
            let own: Switches =
                serde_json::from_str(text).map_err(|e| error::input(format!("switches: {e}")))?;
            job.adaptive = own.or(job.adaptive);
        }
        for &id in &self.trace {
            let id = u32::try_from(id)
                .map_err(|_| error::input(format!("trace: {id} is no identifier of a scenario")))?;
            job.output.trace.push(id.into());
        }
        if let Some(out) = &self.out {
            job.output.folder = Some(out.clone());
        }
        Ok(())
    }

    fn start(&self) -> PyResult<Start> {
        match (self.resume, self.force) {
            (true, true) => Err(error::input("`resume` and `force` exclude each other")),
            (true, false) => Ok(Start::Resume),
            (false, true) => Ok(Start::Replace),
            (false, false) => Ok(Start::New),
        }
    }
}

/// How a run ended, for Python: a result in memory, the folder of one, or what was left.
type Outcome = (Option<Collected>, Option<PathBuf>, Option<String>);

/// Runs a plan while Python watches for signals and tells how it goes on.
fn run_watched(
    py: Python<'_>,
    plan: &Plan,
    asked: &Asked,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let counter = Counter::default();
    let shard = match &asked.shard {
        None => Shard::WHOLE,
        Some(text) => text.parse().map_err(error::input)?,
    };
    let parts: Option<PartList> =
        asked.parts.as_deref().map(str::parse).transpose().map_err(error::input)?;
    if parts.is_some() && asked.shard.is_some() {
        return Err(error::input("`shard` and `parts` exclude each other"));
    }
    let start = asked.start()?;
    let threads = asked.threads.and_then(NonZeroUsize::new);
    let tell = || {
        progress.map_or(Ok(()), |progress| {
            let (done, total) = (&counter.done, &counter.total);
            let counts = (done.load(Ordering::Relaxed), total.load(Ordering::Relaxed));
            progress.call1(counts).map(|_| ())
        })
    };
    let ended = watched(py, tell, |stop| {
        let parts = parts.as_ref();
        let options = RunOptions { start, shard, parts, stop, threads, ..RunOptions::new() };
        match &plan.output {
            Some(folder) => run(plan, &options, &counter).map(|ended| match ended {
                Ended::Complete(_) | Ended::Shard(_) => (None, Some(folder.clone()), None),
                Ended::Stopped(state) => (None, Some(folder.clone()), Some(state)),
            }),
            None => collect(plan, &options, &counter).map(|results| match results {
                Some(results) => (Some(Collected { results }), None, None),
                None => (None, None, Some("nothing is kept".to_string())),
            }),
        }
    });
    ended?.map_err(error::result)
}

/// Rows of shocks: identifier and name of the scenario, area, item, share of output lost.
type Rows = Vec<(i64, Option<String>, String, String, f64)>;

/// What is to be run: rows of shocks, every single shock where there are none, or a job.
#[derive(FromPyObject)]
pub struct Set {
    #[pyo3(item)]
    rows: Option<Rows>,
    #[pyo3(item)]
    file: Option<PathBuf>,
    #[pyo3(item)]
    text: Option<String>,
}

impl Set {
    /// The plan of it; a world takes the place of the dataset that a job names.
    ///
    /// # Errors
    /// Anything in the job or its scenarios that would keep it from running.
    pub fn plan(self, world: Option<Arc<Dataset>>, asked: &Asked) -> PyResult<Plan> {
        let mut job = match (&self.file, &self.text) {
            (Some(file), _) => Job::read(file).map_err(error::job)?,
            (None, Some(text)) => Job::parse(text, Path::new("job")).map_err(error::job)?,
            (None, None) => Job::new(ScenarioSet::AllSingle),
        };
        if !job.what_if.is_empty() {
            return Err(error::input(
                "a job with [[what-if]] sets makes several results; `policies` runs them one by one",
            ));
        }
        asked.over(&mut job)?;
        let plan = match (world, self.rows) {
            (Some(dataset), Some(rows)) => {
                let mut given = Vec::with_capacity(rows.len());
                for (id, name, area, item, phi) in rows {
                    let id = u32::try_from(id).map_err(|_| {
                        error::input(format!("{id} is no identifier of a scenario (0 to 2^31 - 1)"))
                    })?;
                    given.push(ShockRow { name, ..ShockRow::new(id, &area, &item, phi) });
                }
                let named = scenarios(&given, &dataset).map_err(error::input)?;
                Plan::of_scenarios(dataset, &job, named)
            }
            (Some(dataset), None) => Plan::on(dataset, &job),
            (None, _) => Plan::new(&job),
        };
        plan.map_err(error::job)
    }
}

/// Runs a set of scenarios.
#[pyfunction]
#[pyo3(signature = (world, set, asked, progress = None))]
pub fn run_set(
    py: Python<'_>,
    world: Option<PyRef<'_, World>>,
    set: Set,
    asked: Asked,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let dataset = world.map(|world| Arc::clone(&world.dataset));
    let plan = py.detach(|| set.plan(dataset, &asked))?;
    run_watched(py, &plan, &asked, progress.as_ref())
}
