//! The sweep driver: the only place that sees both an engine and a sink.

pub mod choice;
pub mod drive;
mod finish;
pub(crate) mod interacting;
pub mod merge;
mod options;
mod pace;
pub mod parts;
mod propagator;
pub mod rankings;
mod rule_check;
pub mod scenarios;
pub mod screen;
mod screened;
pub mod screening;
pub mod sets;
mod single_runs;
pub mod superposition;
pub mod work;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::dataset::{Dataset, hash};
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::adapter::{self, DeviceChoice};
use crate::engine::gpu::{GpuEngine, GpuOptions};
use crate::engine::reference::ReferenceEngine;
use crate::engine::rescue::Rescued;
use crate::engine::{Engine, EngineError};
use crate::job::{EngineKind, Plan};
use crate::objects::{Address, address};
use crate::scenario::Scenario;
use crate::sink::PartList;
use crate::sink::ledger::{Header, Identity, Shard};
use crate::sink::manifest::{Counts, Manifest, Times};
use crate::sink::memory::Memory;
use crate::sink::parquet_folder::{Opened, now};
use crate::sink::stored::{OpenedStore, StoredFolder};
use crate::sink::{ParquetFolder, Results, Sink, SinkError};
use drive::{Unfinished, drive};
use scenarios::Scenarios;
use screening::ScreeningWork;
use work::Work;

pub use crate::sink::{RESULT_FORMAT, Start};
pub use options::{Ended, Progress, RunOptions, Silent};

/// Scenarios with an effect from which on the room on the disk is estimated before the run.
const ESTIMATED_FROM: usize = 2_000;

/// Scenarios that are run for that estimate.
const ESTIMATED_BY: usize = 64;

/// Makes the engine a plan asks for; `device` is for the gpu engine.
///
/// # Errors
/// The device is not there, or cannot do what is asked of it.
pub fn make_engine(
    kind: EngineKind,
    device: &DeviceChoice,
    dataset: &Dataset,
    steps: usize,
) -> Result<Box<dyn Engine>, EngineError> {
    Ok(match kind {
        EngineKind::Reference => Box::new(ReferenceEngine::new(dataset, steps)),
        // Without a plan there is too little to run to look for a device.
        EngineKind::Cpu | EngineKind::Auto => Box::new(CpuEngine::new(dataset, steps)),
        EngineKind::Gpu => {
            let device = Arc::new(adapter::open(device)?);
            let gpu = GpuEngine::new(device, dataset, steps, GpuOptions::default())?;
            Box::new(Rescued::new(gpu, dataset))
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
    within(options.threads, || {
        let plan = &*choice::settled(plan)?;
        let (engine, content_hash) = prepare(plan)?;
        run_on(plan, engine.as_ref(), content_hash, options, progress)
    })
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
    let root = folder(plan)?;
    if let Some(address) = address(root)? {
        return stored(plan, engine, content_hash, options, progress, &address);
    }
    let note = |text: &str| progress.note(text);
    let open = |header| match ParquetFolder::open(root, options.start, header, &note)? {
        Opened::Complete(manifest) => Ok(ControlFlow::Break(Ended::Complete(manifest))),
        Opened::Open(folder) => Ok(ControlFlow::Continue(*folder)),
    };
    let complete = |manifest| Ended::Complete(Box::new(manifest));
    answer(plan, engine, content_hash, options, progress, open, complete)
}

/// Runs a plan on an engine, as [`run_on`], and puts its result into a store.
fn stored(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
    address: &Address,
) -> Result<Ended, SinkError> {
    let own = match options.scratch {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(SinkError::io(&std::env::temp_dir()))?),
    };
    let scratch =
        options.scratch.or(own.as_ref().map(|own| own.path())).ok_or(SinkError::NoFolder)?;
    let note = |text: &str| progress.note(text);
    let open = |header| {
        Ok(match StoredFolder::open(address, scratch, options.start, header, &note)? {
            OpenedStore::Complete(manifest) => ControlFlow::Break(Ended::Complete(manifest)),
            OpenedStore::Open(folder) => ControlFlow::Continue(*folder),
        })
    };
    let complete = |manifest| Ended::Complete(Box::new(manifest));
    let ended = answer(plan, engine, content_hash, options, progress, open, complete);
    if let (Some(own), Err(SinkError::NotStored { .. })) = (own, &ended) {
        // It holds what the store does not: named in the error.
        let _ = own.keep();
    }
    ended
}

/// Runs a plan and keeps its result in memory; `None` if it was stopped.
///
/// # Errors
/// The engine is not there, or fails.
pub fn collect(
    plan: &Plan,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Option<Results>, SinkError> {
    within(options.threads, || {
        let plan = &*choice::settled(plan)?;
        let (engine, content_hash) = prepare(plan)?;
        collect_on(plan, engine.as_ref(), content_hash, options, progress)
    })
}

/// Runs a plan on an engine, as [`collect`]; `content_hash` is the dataset's.
///
/// # Errors
/// The engine fails.
pub fn collect_on(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Option<Results>, SinkError> {
    let options = RunOptions { shard: Shard::WHOLE, parts: None, ..*options };
    let open = |header| Ok(ControlFlow::Continue(Memory::new(header)));
    // All parts are the run's own: it is complete, or was stopped.
    match answer(plan, engine, content_hash, &options, progress, open, |results| {
        Collected::Complete(Box::new(results))
    })? {
        Collected::Complete(results) => Ok(Some(*results)),
        Collected::Stopped => Ok(None),
    }
}

enum Collected {
    Complete(Box<Results>),
    Stopped,
}

impl From<Unfinished> for Collected {
    fn from(_: Unfinished) -> Self {
        Collected::Stopped
    }
}

impl From<Unfinished> for Ended {
    fn from(unfinished: Unfinished) -> Self {
        match unfinished {
            Unfinished::Shard(parts) => Ended::Shard(parts),
            Unfinished::Stopped(state) => Ended::Stopped(state),
        }
    }
}

/// The engine of a plan, and its dataset's hash: provenance, not input, and computed meanwhile.
fn prepare(plan: &Plan) -> Result<(Box<dyn Engine>, String), SinkError> {
    let (content_hash, engine) = rayon::join(
        || hash::content_hash(&plan.dataset),
        || make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps),
    );
    let engine = engine?;
    crate::engine::check(engine.as_ref(), &[])?;
    Ok((engine, content_hash))
}

/// Does something on so many threads of its own, or on those there are.
///
/// # Errors
/// Its own, or the threads cannot be had.
pub fn within<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> Result<T, SinkError> + Send,
) -> Result<T, SinkError> {
    let Some(threads) = threads else { return work() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
    let pool = pool.map_err(|e| SinkError::io(Path::new("threads"))(std::io::Error::other(e)))?;
    pool.install(work)
}

/// Computes what a plan asks for into the sink that `open` makes.
fn answer<S: Sink, E: From<Unfinished>>(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
    open: impl FnOnce(Header) -> Result<ControlFlow<E, S>, SinkError>,
    complete: impl FnOnce(S::Closed) -> E,
) -> Result<E, SinkError> {
    let screening = plan.superposition.as_ref().and_then(|s| Some((s, s.grid.as_ref()?)));
    match screening {
        Some(asked) => {
            let work = ScreeningWork::new(plan, asked, engine);
            let header = header(plan, engine, content_hash, options, &work)?;
            match open(header)? {
                ControlFlow::Break(ended) => Ok(ended),
                ControlFlow::Continue(sink) => drive(&work, sink, false, options, progress)
                    .map(|d| d.map_or_else(E::from, complete)),
            }
        }
        None => {
            let work = Scenarios::new(plan, engine);
            let header = header(plan, engine, content_hash, options, &work)?;
            match open(header)? {
                ControlFlow::Break(ended) => Ok(ended),
                ControlFlow::Continue(mut sink) => {
                    let to_run = sink.missing().iter().map(|&part| work.size(part)).sum();
                    sink.expect(rows_per_scenario(plan, engine, to_run)?);
                    let overlaps = engine.info().leaves_processor_free;
                    drive(&work, sink, overlaps, options, progress)
                        .map(|d| d.map_or_else(E::from, complete))
                }
            }
        }
    }
}

/// Number of parts that a plan is cut into: what [`RunOptions::parts`] may name.
pub fn parts_of(plan: &Plan) -> usize {
    match plan.superposition.as_ref().and_then(|asked| asked.grid.as_ref()) {
        Some(grid) => screen::parts(grid),
        None => parts::Parts::new(plan.scenarios.len()).len(),
    }
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
    work: &impl Work,
) -> Result<Header, SinkError> {
    let parts = work.parts();
    if let Some(part) = options.parts.map(PartList::last).filter(|last| *last >= parts) {
        return Err(SinkError::NoSuchPart { part, parts });
    }
    let own = (0..parts).filter(|&part| options.has(part));
    let times = Times { started_unix_s: now() as u64, ..Times::default() };
    let record = plan.superposition.as_ref().map(|asked| superposition::record(asked, 0));
    let manifest = Manifest {
        superposition: record,
        ..finish::manifest(plan, engine, content_hash, Counts::default(), times, Vec::new())
    };
    Ok(Header {
        identity: Identity {
            program: manifest.program.version.clone(),
            format: manifest.format,
            dataset: manifest.dataset.content_hash.clone(),
            engine: manifest.engine.name.clone(),
            precision: manifest.engine.precision,
            job: plan.job.clone(),
            table: plan.table_hash.clone(),
        },
        shard: options.shard,
        only: options.parts.cloned(),
        parts,
        to_run: own.map(|part| work.size(part)).sum(),
        manifest,
    })
}

/// Number `n` of a sample of `all`. Even steps would meet one item again and again: these are spread
/// without a period (the golden ratio's multiples).
fn spread(n: usize, all: usize) -> usize {
    ((n as f64 * 0.618_033_988_749_895).fract() * all as f64) as usize
}

/// Rows of the loss tables per scenario, from a few that are run and thrown away; 0 for runs that no
/// disk is too small for.
fn rows_per_scenario(plan: &Plan, engine: &dyn Engine, to_run: usize) -> Result<f64, EngineError> {
    if to_run < ESTIMATED_FROM {
        return Ok(0.0);
    }
    let producers = plan.dataset.parameters.producers();
    let all = plan.scenarios.len();
    let sample: Vec<Scenario> = (0..all)
        .map(|n| plan.scenarios[spread(n, all)].scenario.effective(&producers))
        .filter(|scenario| !scenario.shocks.is_empty())
        .take(ESTIMATED_BY)
        .collect();
    let last = [engine.last_step()];
    let outcomes = engine.losses(&sample, &last, plan.min_loss, &|_| {})?.of;
    let rows: usize = outcomes.iter().map(|outcome| outcome.sectors.len()).sum();
    Ok(rows as f64 / sample.len().max(1) as f64)
}
