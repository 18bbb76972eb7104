//! Runs of many scenarios: in memory, or in a folder; stopped by Ctrl-C, told as they go on.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pyo3::prelude::*;
use shocksweep::low_level::job::SuperpositionJob;
use shocksweep::low_level::sink::Start;
use shocksweep::low_level::sink::ledger::Shard;
use shocksweep::low_level::sweep::Ended;
use shocksweep::{
    Job, Plan, Progress, Results, RunOptions, ScenarioSet, ShockRow, collect, run, scenarios,
};

use crate::error;
use crate::table::Table;
use crate::world::{World, adaptation, engine_kind};

/// How long Python waits before it looks whether it was interrupted.
const GLANCE: Duration = Duration::from_millis(50);

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
}

impl Asked {
    fn over(&self, job: &mut Job) -> PyResult<()> {
        job.adaptation = adaptation(self.adaptation.as_deref())?.or(job.adaptation);
        if let Some(engine) = &self.engine {
            job.engine = engine_kind(engine)?;
        }
        job.output.min_loss = self.min_loss.unwrap_or(job.output.min_loss);
        job.output.events |= self.events;
        if self.superposition && job.superposition.is_none() {
            job.superposition = Some(SuperpositionJob::default());
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

/// Runs a plan on a thread of its own while Python watches for signals and tells how it goes on.
fn watched(
    py: Python<'_>,
    plan: &Plan,
    asked: &Asked,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let (stop, counter) = (AtomicBool::new(false), Counter::default());
    let shard = match &asked.shard {
        None => Shard::WHOLE,
        Some(text) => text.parse().map_err(error::input)?,
    };
    let start = asked.start()?;
    let is_stopped = || stop.load(Ordering::Relaxed);
    let options = RunOptions {
        start,
        shard,
        stop: &is_stopped,
        threads: asked.threads.and_then(NonZeroUsize::new),
        ..RunOptions::new()
    };
    let mut interrupted = None;
    let ended = std::thread::scope(|scope| {
        let running = scope.spawn(|| match &plan.output {
            Some(folder) => run(plan, &options, &counter).map(|ended| match ended {
                Ended::Complete(_) | Ended::Shard(_) => (None, Some(folder.clone()), None),
                Ended::Stopped(state) => (None, Some(folder.clone()), Some(state)),
            }),
            None => collect(plan, &options, &counter).map(|results| match results {
                Some(results) => (Some(Collected { results }), None, None),
                None => (None, None, Some("nothing is kept".to_string())),
            }),
        });
        while !running.is_finished() {
            py.detach(|| std::thread::sleep(GLANCE));
            let told = progress.map_or(Ok(()), |progress| {
                let (done, total) = (&counter.done, &counter.total);
                let counts = (done.load(Ordering::Relaxed), total.load(Ordering::Relaxed));
                progress.call1(counts).map(|_| ())
            });
            if let Err(error) = told.and_then(|()| py.check_signals()) {
                stop.store(true, Ordering::Relaxed);
                interrupted.get_or_insert(error);
            }
        }
        py.detach(|| running.join())
    });
    let ended = ended.map_err(|_| error::input("the run failed; this is a fault of shocksweep"))?;
    if let Some(error) = interrupted {
        return Err(error);
    }
    ended.map_err(error::result)
}

/// Rows of shocks: identifier and name of the scenario, area, item, share of output lost.
type Rows = Vec<(i64, Option<String>, String, String, f64)>;

/// Runs scenarios given as rows `(scenario, name, area, item, phi)`, or every single shock.
#[pyfunction]
#[pyo3(signature = (world, rows, asked, progress = None))]
pub fn run_rows(
    py: Python<'_>,
    world: PyRef<'_, World>,
    rows: Option<Rows>,
    asked: Asked,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let mut job = Job::new(ScenarioSet::AllSingle);
    asked.over(&mut job)?;
    let dataset = Arc::clone(&world.dataset);
    let plan = match rows {
        None => py.detach(|| Plan::on(dataset, &job)),
        Some(rows) => {
            let mut given = Vec::with_capacity(rows.len());
            for (id, name, area, item, phi) in rows {
                let id = u32::try_from(id).map_err(|_| {
                    error::input(format!("{id} is no identifier of a scenario (0 to 2^31 - 1)"))
                })?;
                given.push(ShockRow { name, ..ShockRow::new(id, &area, &item, phi) });
            }
            let named = scenarios(&given, &dataset).map_err(error::input)?;
            py.detach(|| Plan::of_scenarios(dataset, &job, named))
        }
    };
    watched(py, &plan.map_err(error::job)?, &asked, progress.as_ref())
}

/// Runs a job file; `world` takes the place of the dataset it names.
#[pyfunction]
#[pyo3(signature = (file, world, asked, progress = None))]
pub fn run_job(
    py: Python<'_>,
    file: PathBuf,
    world: Option<PyRef<'_, World>>,
    asked: Asked,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let mut job = Job::read(&file).map_err(error::job)?;
    asked.over(&mut job)?;
    let dataset = world.map(|world| Arc::clone(&world.dataset));
    let plan = py.detach(|| match dataset {
        Some(dataset) => Plan::on(dataset, &job),
        None => Plan::new(&job),
    });
    watched(py, &plan.map_err(error::job)?, &asked, progress.as_ref())
}
