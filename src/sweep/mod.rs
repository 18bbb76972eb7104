//! The sweep driver: the only place that sees both an engine and a sink.

mod finish;
pub mod merge;
pub mod parts;
pub mod rankings;
pub mod screen;
pub mod screening;
pub mod session;
pub mod space;
pub mod superposition;
mod window;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::dataset::{Dataset, hash};
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::adapter::{self, DeviceChoice};
use crate::engine::gpu::{GpuEngine, GpuOptions};
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError};
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
use window::{Committed, Computed, Window};

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

/// Makes the engine a plan asks for; `device` is for the gpu engine.
///
/// # Errors
/// The device is not there, or cannot do what is asked of it.
pub fn make_engine<'a>(
    kind: EngineKind,
    device: &DeviceChoice,
    dataset: &'a Dataset,
    steps: usize,
) -> Result<Box<dyn Engine + Send + 'a>, EngineError> {
    Ok(match kind {
        EngineKind::Reference => Box::new(ReferenceEngine::new(dataset, steps)),
        EngineKind::Cpu => Box::new(CpuEngine::new(dataset, steps)),
        EngineKind::Gpu => {
            let device = Arc::new(adapter::open(device)?);
            Box::new(GpuEngine::new(device, dataset, steps, GpuOptions::default())?)
        }
    })
}

/// Runs a plan and writes its result folder.
///
/// # Errors
/// The engine is not there or fails, or the result cannot be written. What was committed before stays valid.
pub fn run(
    plan: &Plan,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Ended, SinkError> {
    // The hash is provenance, not input: it is computed beside the engine's preparation.
    let (content_hash, engine) = rayon::join(
        || hash::content_hash(&plan.dataset),
        || make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps),
    );
    run_on(plan, engine?.as_ref(), content_hash, options, progress)
}

/// Runs a plan on an engine, as [`run`]; `content_hash` is the dataset's.
///
/// # Errors
/// The engine fails, or the result cannot be written. What was committed before stays valid.
pub fn run_on(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Ended, SinkError> {
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
    let mut session = match Session::open(folder(plan)?, options, header, progress)? {
        Opened::Complete(manifest) => return Ok(Ended::Complete(manifest)),
        Opened::Open(session) => session,
    };
    let missing = session.missing();
    let mut remaining: usize = missing.iter().map(|&part| effective(part)).sum();
    let mut space = Space::new(session.root(), rows_per_scenario(plan, engine, remaining)?);
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
    // Half of the memory is for losses; the dataset, the engine and the plan take the rest. Of losses
    // that are written while the next are computed there are two windows.
    let overlaps = engine.leaves_processor_free();
    let memory = plan.memory_limit / if overlaps { 4 } else { 2 };
    let limit = window_limit(memory, plan.dataset.dimensions(), engine.batch());
    let mut commit = |session: &mut Session, space: &mut Space, (scenarios, committed)| {
        let committed: Committed = committed;
        let bytes = committed.records.iter().flat_map(|r| &r.files).map(|f| f.bytes).sum();
        space.learn(scenarios, bytes);
        session.commit(committed.records)?;
        if let Some(failure) = committed.failure {
            return Err(failure);
        }
        remaining -= scenarios;
        progress.committed(all - session.missing().len(), all);
        Ok(())
    };
    let mut waiting: Option<(usize, Computed)> = None;
    for of_window in windows(&missing, limit, effective) {
        if (options.stop)() {
            if let Some((scenarios, computed)) = waiting.take() {
                commit(&mut session, &mut space, (scenarios, window.write(computed)))?;
            }
            return Ok(Ended::Stopped(session.state()));
        }
        let scenarios = of_window.iter().map(|&part| effective(part)).sum();
        space.check(scenarios, "the next batch", &session.state())?;
        let previous = waiting.take();
        let (computed, committed) = std::thread::scope(|scope| {
            let window = &window;
            let writer = previous.map(|(scenarios, computed)| {
                (scenarios, scope.spawn(move || window.write(computed)))
            });
            let computed = window.compute(of_window, runner.as_mut(), progress);
            let committed = writer.map(|(scenarios, writer)| {
                (scenarios, writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            });
            (computed, committed)
        });
        if let Some(committed) = committed {
            commit(&mut session, &mut space, committed)?;
        }
        waiting = Some((scenarios, computed?));
        if let Some((scenarios, computed)) = waiting.take_if(|_| !overlaps) {
            commit(&mut session, &mut space, (scenarios, window.write(computed)))?;
        }
    }
    if let Some((scenarios, computed)) = waiting {
        commit(&mut session, &mut space, (scenarios, window.write(computed)))?;
    }
    debug_assert_eq!(remaining, 0);
    if options.shard != Shard::WHOLE {
        return Ok(Ended::Shard(all));
    }
    progress.writing();
    let manifest = session.close(prepare_s, options.started)?;
    Ok(Ended::Complete(Box::new(manifest)))
}

/// The folder of a plan's result.
///
/// # Errors
/// Its job names none.
pub fn folder(plan: &Plan) -> Result<&Path, SinkError> {
    plan.output.as_deref().ok_or(SinkError::NoFolder)
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
fn rows_per_scenario(plan: &Plan, engine: &dyn Engine, to_run: usize) -> Result<f64, EngineError> {
    if to_run < ESTIMATED_FROM {
        return Ok(0.0);
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
    let outcomes = engine.try_run(&sample, plan.min_loss, &|_| {})?;
    let rows: usize = outcomes.iter().map(|outcome| outcome.sectors.len()).sum();
    Ok(rows as f64 / sample.len().max(1) as f64)
}
