//! The sweep driver: the only place that sees both an engine and a sink.

pub mod estimate;
pub mod explain;
mod finish;
pub mod merge;
pub mod parts;
pub mod screen;
pub mod screening;
pub mod session;
mod space;
pub mod superposition;
pub mod verify;
mod window;

use std::time::Instant;

use crate::dataset::{Dataset, hash};
use crate::engine::Engine;
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::job::{EngineKind, Plan};
use crate::scenario::Scenario;
use crate::sink::SinkError;
use crate::sink::ledger::{Header, Identity, Shard};
use crate::sink::losses::LossWriter;
use crate::sink::manifest::{Counts, Manifest, Times};
use parts::{Parts, window_limit, windows};
use session::{Opened, Session};
use space::Space;
use superposition::PairRunner;
use window::Window;

/// Layout of result folders written by this version.
pub const RESULT_FORMAT: u32 = 5;

/// Scenarios with an effect from which on the room on the disk is estimated before the run.
const ESTIMATED_FROM: usize = 2_000;

/// Scenarios that are run for that estimate.
const ESTIMATED_BY: usize = 64;

/// Told how a run goes on.
pub trait Progress: Sync {
    /// The run starts; `total` scenarios of `of` still need computing.
    fn start(&self, total: usize, of: usize);
    /// `done` more scenarios are computed.
    fn advance(&self, done: usize);
    /// So many parts are on the disk, of all there are.
    fn committed(&self, _parts: usize, _of: usize) {}
    /// The last tables are being written.
    fn writing(&self);
    /// Something the user should know.
    fn note(&self, _text: &str) {}
}

/// No reports.
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _total: usize, _of: usize) {}
    fn advance(&self, _done: usize) {}
    fn writing(&self) {}
}

/// What a run does with what lies in its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The folder must be empty, or not there.
    New,
    /// An earlier result is removed.
    Replace,
    /// An unfinished result is continued.
    Resume,
}

/// How a plan is run.
#[derive(Clone, Copy)]
pub struct RunOptions<'a> {
    /// What to do with what is there.
    pub start: Start,
    /// Which parts of the plan.
    pub shard: Shard,
    /// When the program started.
    pub started: Instant,
    /// Asked between batches; true ends the run there.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl RunOptions<'_> {
    /// A new run of the whole plan, from now.
    pub fn new() -> Self {
        RunOptions {
            start: Start::New,
            shard: Shard::WHOLE,
            started: Instant::now(),
            stop: &|| false,
        }
    }
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The result is complete.
    Complete(Box<Manifest>),
    /// This shard is complete: so many parts.
    Shard(usize),
    /// It was stopped; what is on the disk, for a person.
    Stopped(String),
}

/// Makes the engine a plan asks for.
pub fn make_engine(
    kind: EngineKind,
    dataset: &Dataset,
    steps: usize,
) -> Box<dyn Engine + Send + '_> {
    match kind {
        EngineKind::Reference => Box::new(ReferenceEngine::new(dataset, steps)),
        EngineKind::Cpu => Box::new(CpuEngine::new(dataset, steps)),
    }
}

/// Runs a plan and writes its result folder.
///
/// # Errors
/// The result cannot be written. What was committed before stays valid.
pub fn run(
    plan: &Plan,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Ended, SinkError> {
    // The hash is provenance, not input: it is computed beside the engine's preparation.
    let (content_hash, engine) = rayon::join(
        || hash::content_hash(&plan.dataset),
        || make_engine(plan.engine, &plan.dataset, plan.steps),
    );
    let engine = engine.as_ref();
    if let Some(asked) = &plan.superposition
        && let Some(grid) = &asked.grid
    {
        return screening::run(plan, (asked, grid), engine, content_hash, options, progress);
    }
    let producers = plan.dataset.parameters.producers();
    let has_effect: Vec<bool> =
        plan.scenarios.iter().map(|s| !s.scenario.is_no_op(&producers)).collect();
    let parts = Parts::new(plan.scenarios.len());
    let effective = |part: usize| parts.positions(part).filter(|&at| has_effect[at]).count();
    let own = (0..parts.len()).filter(|&part| options.shard.has(part));
    let to_run = own.map(effective).sum();
    let header = header(plan, engine, content_hash, options, parts.len(), to_run);
    let mut session = match Session::open(&plan.output, options, header, progress)? {
        Opened::Complete(manifest) => return Ok(Ended::Complete(manifest)),
        Opened::Open(session) => session,
    };
    let missing = session.missing();
    let mut remaining: usize = missing.iter().map(|&part| effective(part)).sum();
    let mut space = Space::new(session.root(), rows_per_scenario(plan, engine, remaining));
    space.check(remaining, "the run", &session.state())?;
    let prepare_s = options.started.elapsed().as_secs_f64();
    progress.start(remaining, to_run);

    let writer = LossWriter::new(&plan.dataset, engine.baseline().last(), plan.compress);
    let root = session.root().to_path_buf();
    let window = Window {
        plan,
        root: &root,
        engine,
        writer: &writer,
        producers: &producers,
        has_effect: &has_effect,
        parts,
    };
    let asked = plan.superposition.as_ref();
    let mut runner = asked.map(|asked| PairRunner::new(engine, &plan.dataset, &asked.counted));
    let own = options.shard;
    let all = (0..parts.len()).filter(|&part| own.has(part)).count();
    // Half of the memory is for losses; the dataset, the engine and the plan take the rest.
    let limit = window_limit(plan.memory_limit / 2, plan.dataset.dimensions(), engine.batch());
    for of_window in windows(&missing, limit, effective) {
        if (options.stop)() {
            return Ok(Ended::Stopped(session.state()));
        }
        let scenarios = of_window.iter().map(|&part| effective(part)).sum();
        space.check(scenarios, "the next batch", &session.state())?;
        let committed = window.run(of_window, runner.as_mut(), progress);
        let bytes = committed.records.iter().flat_map(|r| &r.files).map(|f| f.bytes).sum();
        space.learn(scenarios, bytes);
        session.commit(committed.records)?;
        if let Some(failure) = committed.failure {
            return Err(failure);
        }
        remaining -= scenarios;
        progress.committed(all - session.missing().len(), all);
    }
    debug_assert_eq!(remaining, 0);
    if options.shard != Shard::WHOLE {
        return Ok(Ended::Shard(all));
    }
    progress.writing();
    let manifest = session.close(prepare_s, options.started)?;
    Ok(Ended::Complete(Box::new(manifest)))
}

/// What the ledger says of a plan.
fn header(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    parts: usize,
    to_run: usize,
) -> Header {
    let times = Times { started_unix_s: session::now() as u64, ..Times::default() };
    let record = plan.superposition.as_ref().map(|asked| superposition::record(asked, 0));
    let manifest = Manifest {
        superposition: record,
        ..finish::manifest(plan, engine, content_hash, Counts::default(), times, Vec::new())
    };
    Header {
        identity: Identity {
            program: manifest.program.version.clone(),
            format: manifest.format,
            dataset: manifest.dataset.content_hash.clone(),
            engine: manifest.engine.name.clone(),
            precision: manifest.engine.precision.clone(),
            job: plan.job.clone(),
            table: plan.table_hash.clone(),
        },
        shard: options.shard,
        parts,
        to_run,
        manifest,
    }
}

/// Rows of the loss tables per scenario, from a few that are run and thrown away; 0 for runs that no
/// disk is too small for.
fn rows_per_scenario(plan: &Plan, engine: &dyn Engine, to_run: usize) -> f64 {
    if to_run < ESTIMATED_FROM {
        return 0.0;
    }
    let producers = plan.dataset.parameters.producers();
    let all = plan.scenarios.len();
    // Even steps would meet one item again and again: these are spread without a period (the golden
    // ratio's multiples).
    let spread = |n: usize| ((n as f64 * 0.618_033_988_749_895).fract() * all as f64) as usize;
    let sample: Vec<Scenario> = (0..all)
        .map(|n| plan.scenarios[spread(n)].scenario.effective(&producers))
        .filter(|scenario| !scenario.shocks.is_empty())
        .take(ESTIMATED_BY)
        .collect();
    let outcomes = engine.run(&sample, plan.min_loss, &|_| {});
    let rows: usize = outcomes.iter().map(|outcome| outcome.sectors.len()).sum();
    rows as f64 / sample.len().max(1) as f64
}
