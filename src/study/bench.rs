//! Measures engines on the same scenarios, verified first.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::check::validate::{Asked, KindReport, KindSample, compare};
use crate::dataset::Dataset;
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::adapter::{self, DeviceChoice};
use crate::engine::gpu::device::Device;
use crate::engine::gpu::timing::{KernelTime, Stages};
use crate::engine::gpu::{GpuEngine, GpuOptions, bound};
use crate::engine::network::Network;
use crate::engine::reference::ReferenceEngine;
use crate::engine::rescue::Rescued;
use crate::engine::{Engine, EngineError, Outcome};
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::MIN_LOSS;
use crate::results::losses::{LossWriter, ScenarioOutcome};
use crate::scenario::{Scenario, Shock};
use crate::sink::SinkError;

/// Rounds of which the fastest counts, at least.
const ROUNDS: usize = 3;

/// Time that the rounds take together, at least. A card that had nothing to do lowers its clock, to a
/// sixth on an H200 while the reference engine was measured, and takes some tenths of a second of work to raise it again.
const BUSY: Duration = Duration::from_secs(1);

/// Scenarios that engines are compared on before they are measured.
const VERIFIED: usize = 128;

/// Scenarios that the reference engine runs.
const BY_REFERENCE: usize = 16;

/// Scenarios in which links are counted.
const COUNTED: usize = 64;

/// One engine on one set of scenarios.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct EngineRow {
    /// Set: `static`, `adaptive` or `pairs`.
    pub set: &'static str,
    /// Engine.
    pub engine: &'static str,
    /// Scenarios that were run.
    pub scenarios: usize,
    /// Seconds of the fastest round, for what was run.
    pub seconds: f64,
    /// Scenarios per second.
    pub rate: f64,
    /// Rate relative to the cpu engine's.
    pub ratio: f64,
    /// Floor of the set on the device over the time, unit 1; for the gpu engine.
    pub floor_share: Option<f64>,
}

/// Stages of the gpu engine on one set, one batch at a time.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StageRow {
    /// Set.
    pub set: &'static str,
    /// Making room, shocks, bans and caps to the device, seconds.
    pub upload: f64,
    /// Steps, seconds.
    pub steps: f64,
    /// Hits, found and brought to the host, seconds.
    pub decisions: f64,
    /// What changes: events and what the device is asked to build, on the host, seconds.
    pub changes: f64,
    /// The same brought to the device and built there, seconds.
    pub patches: f64,
    /// Totals, counts and rows on the device, seconds.
    pub compaction: f64,
    /// Rows and totals to the host, seconds.
    pub download: f64,
    /// All of it, and what lies between, seconds.
    pub whole: f64,
    /// By kernel, on the device's own clock.
    pub kernels: Vec<KernelTime>,
    /// Loss table as Parquet, seconds.
    pub write: f64,
    /// Links that exact propagation touches per scenario, on average.
    pub links: f64,
    /// Floor: loading one loss per link touched, at the rate at which the device copies; seconds.
    pub floor: f64,
}

/// The gpu engine with batches of one size.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BatchRow {
    /// Set.
    pub set: &'static str,
    /// Scenarios of a batch at most.
    pub batch: usize,
    /// Seconds of the fastest round, for the whole set.
    pub seconds: f64,
}

/// What a benchmark found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Bench {
    /// Version of the program.
    pub version: &'static str,
    /// Dataset.
    pub dataset: String,
    /// Graphics device.
    pub device: String,
    /// Whether it is software.
    pub software: bool,
    /// Its arithmetic.
    pub precision: String,
    /// Scenarios of a batch on it.
    pub batch: usize,
    /// Bytes per second that it copies, read and written.
    pub copy_rate: f64,
    /// What the cpu engine runs on.
    pub processor: String,
    /// How the engines agree.
    pub verified: Vec<KindReport>,
    /// Times.
    pub engines: Vec<EngineRow>,
    /// Batches of other sizes.
    pub batches: Vec<BatchRow>,
    /// Stages of the gpu engine.
    pub stages: Vec<StageRow>,
}

/// The sets: single shocks to up to `count` evenly spaced producers, and as many pairs of them.
fn sets(dataset: &Dataset, count: usize) -> Vec<(&'static str, Vec<Scenario>)> {
    let is_producer = dataset.parameters.producers();
    let all: Vec<u32> =
        (0..is_producer.len() as u32).filter(|&s| is_producer[s as usize]).collect();
    let count = count.min(all.len());
    let chosen: Vec<u32> = (0..count).map(|n| all[n * all.len() / count.max(1)]).collect();
    let adapts = dataset.rules.is_some().then(AdaptationSettings::default);
    let scenario = |id: usize, shocks: Vec<Shock>, adaptation| {
        let scenario = Scenario::new(id as u32, shocks, &dataset.labels).ok()?;
        Some(scenario.with_adaptation(adaptation))
    };
    let single = |adaptation: Option<AdaptationSettings>| -> Vec<Scenario> {
        let of = |(id, &s): (usize, &u32)| scenario(id, vec![Shock::new(s, 1.0)], adaptation);
        chosen.iter().enumerate().filter_map(of).collect()
    };
    let mut sets = vec![("static", single(None))];
    if adapts.is_some() {
        sets.push(("adaptive", single(adapts)));
        let pair = |id: usize| {
            // Steps without a common divisor with most counts: every producer meets another one.
            let other = chosen[(id * 7919 + count / 2) % count];
            let shocks = vec![Shock::new(chosen[id], 1.0), Shock::new(other, 1.0)];
            scenario(id, shocks, adapts)
        };
        sets.push(("pairs", (0..count).filter_map(pair).collect()));
    }
    sets
}

/// Evenly spaced ones.
fn spaced(scenarios: &[Scenario], count: usize) -> Vec<Scenario> {
    let step = scenarios.len().div_ceil(count.max(1)).max(1);
    scenarios.iter().step_by(step).cloned().collect()
}

/// Verifies and measures the engines on up to `count` scenarios of every set, and the gpu engine with
/// batches of other sizes too.
///
/// # Errors
/// The device is not there or fails, or a table cannot be written to the temporary folder.
pub fn bench(
    dataset: &Dataset,
    steps: usize,
    choice: &DeviceChoice,
    count: usize,
    batches: &[usize],
    note: &dyn Fn(&str),
) -> Result<Bench, SinkError> {
    let device = Arc::new(adapter::open(choice)?);
    let copy_rate = device.copy_rate()?;
    let gpu = GpuEngine::new(Arc::clone(&device), dataset, steps, GpuOptions::default())?;
    let gpu = Rescued::new(gpu, dataset);
    let options = GpuOptions { timed: true, ..GpuOptions::default() };
    let timed =
        Rescued::new(GpuEngine::new(Arc::clone(&device), dataset, steps, options)?, dataset);
    let info = gpu.info();
    let cpu = CpuEngine::new(dataset, steps);
    let reference = ReferenceEngine::new(dataset, steps);
    let network = Network::new(dataset);
    let mut bench = Bench {
        version: env!("CARGO_PKG_VERSION"),
        dataset: dataset.metadata.name.clone(),
        device: info.device,
        software: info.is_software,
        precision: info.precision.to_string(),
        batch: gpu.engine().capacity(),
        copy_rate,
        processor: cpu.info().device,
        verified: Vec::new(),
        engines: Vec::new(),
        batches: Vec::new(),
        stages: Vec::new(),
    };
    for (set, scenarios) in sets(dataset, count) {
        note(&format!("{set}: verifying"));
        let sample =
            KindSample { kind: set, asked: Asked::Losses, scenarios: spaced(&scenarios, VERIFIED) };
        let samples = std::slice::from_ref(&sample);
        let mut verified = compare(dataset, &cpu, &gpu, samples, bound(info.precision))?;
        let few = KindSample { scenarios: spaced(&scenarios, BY_REFERENCE), ..sample };
        for mut report in compare(dataset, &reference, &cpu, &[few], 1e-9)? {
            report.kind = "cpu against reference";
            verified.push(report);
        }
        let is_broken = verified.iter().any(|report| report.is_broken);
        bench.verified.append(&mut verified);
        if is_broken {
            // What is wrong is not worth measuring.
            continue;
        }
        note(&format!("{set}: measuring"));
        let of_cpu = fastest(&cpu, &scenarios)?;
        let of_gpu = fastest(&gpu, &scenarios)?;
        let few = spaced(&scenarios, BY_REFERENCE);
        let of_reference = round(&reference, &few)?.as_secs_f64();
        // First to make the buffers that are used again, and the device busy.
        fastest(&timed, &scenarios)?;
        timed.engine().take_stages();
        let started = Instant::now();
        let outcomes = timed.losses(&scenarios, &[steps - 1], MIN_LOSS, &|_| {})?.of;
        let whole = started.elapsed().as_secs_f64();
        let stages = timed.engine().take_stages();
        let links = links(&network, &cpu, &spaced(&scenarios, COUNTED), steps)?;
        let bytes = links * device.real_bytes() as f64 * scenarios.len() as f64;
        let floor = bytes / copy_rate;
        let write = write(dataset, &cpu, &scenarios, &outcomes)?;
        bench.stages.push(stage_row(set, stages, whole, write, (links, floor)));
        bench.batches.append(&mut of_sizes(&device, (dataset, steps), (set, &scenarios), batches)?);
        let cpu_rate = scenarios.len() as f64 / of_cpu;
        let runs = [
            ("cpu", scenarios.len(), of_cpu, None),
            ("gpu", scenarios.len(), of_gpu, Some(floor / of_gpu)),
            ("reference", few.len(), of_reference, None),
        ];
        bench.engines.extend(runs.map(|(engine, scenarios, seconds, floor_share)| {
            let rate = scenarios as f64 / seconds;
            EngineRow { set, engine, scenarios, seconds, rate, ratio: rate / cpu_rate, floor_share }
        }));
    }
    Ok(bench)
}

fn stage_row(set: &'static str, s: Stages, whole: f64, write: f64, floor: (f64, f64)) -> StageRow {
    StageRow {
        set,
        upload: s.upload,
        steps: s.steps,
        decisions: s.decisions,
        changes: s.changes,
        patches: s.patches,
        compaction: s.compaction,
        download: s.download,
        whole,
        kernels: s.kernels,
        write,
        links: floor.0,
        floor: floor.1,
    }
}

/// The gpu engine on a set with batches of some sizes.
fn of_sizes(
    device: &Arc<Device>,
    (dataset, steps): (&Dataset, usize),
    (set, scenarios): (&'static str, &[Scenario]),
    sizes: &[usize],
) -> Result<Vec<BatchRow>, EngineError> {
    let row = |&size: &usize| {
        let options = GpuOptions { batch: Some(size), ..GpuOptions::default() };
        let engine = GpuEngine::new(Arc::clone(device), dataset, steps, options)?;
        let batch = engine.capacity();
        let seconds = fastest(&Rescued::new(engine, dataset), scenarios)?;
        Ok(BatchRow { set, batch, seconds })
    };
    sizes.iter().map(row).collect()
}

/// Seconds of the fastest of several rounds.
fn fastest(engine: &dyn Engine, scenarios: &[Scenario]) -> Result<f64, EngineError> {
    let mut fastest = Duration::MAX;
    let started = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS || started.elapsed() < BUSY {
        fastest = fastest.min(round(engine, scenarios)?);
        rounds += 1;
    }
    Ok(fastest.as_secs_f64())
}

fn round(engine: &dyn Engine, scenarios: &[Scenario]) -> Result<Duration, EngineError> {
    let started = Instant::now();
    engine.losses(scenarios, &[engine.last_step()], MIN_LOSS, &|_| {})?;
    Ok(started.elapsed())
}

/// Links that exact propagation touches per scenario: those of every sector with a loss, step by step.
fn links(
    network: &Network,
    engine: &dyn Engine,
    scenarios: &[Scenario],
    steps: usize,
) -> Result<f64, EngineError> {
    let mut links = 0;
    let all_but_last: Vec<usize> = (0..steps - 1).collect();
    for scenario in scenarios {
        let of = std::slice::from_ref(scenario);
        for outcome in engine.losses(of, &all_but_last, 0.0, &|_| {})?.of {
            let places = outcome.sectors.iter().map(|&s| network.place(s as usize));
            links += places
                .map(|p| network.production.degree(p) + network.trade_by_exporter.degree(p))
                .sum::<usize>();
        }
    }
    Ok(links as f64 / scenarios.len().max(1) as f64)
}

/// Seconds that the loss table takes, in a temporary folder.
fn write(
    dataset: &Dataset,
    engine: &dyn Engine,
    scenarios: &[Scenario],
    outcomes: &[Outcome],
) -> Result<f64, SinkError> {
    let folder = tempfile::tempdir().map_err(SinkError::io(&std::env::temp_dir()))?;
    let writer = LossWriter::new(dataset, engine.baseline().last(), false);
    let rows: Vec<ScenarioOutcome<'_>> = scenarios
        .iter()
        .zip(outcomes)
        .map(|(scenario, outcome)| ScenarioOutcome {
            scenario: scenario.id,
            adaptation: scenario.response(),
            outcome,
            shares: BTreeMap::new(),
        })
        .collect();
    let started = Instant::now();
    writer.write(&folder.path().join("losses.parquet"), &rows)?.0.commit()?;
    Ok(started.elapsed().as_secs_f64())
}
