//! The engine on a graphics device, through wgpu: thousands of scenarios side by side.
//!
//! | file | what it does |
//! |---|---|
//! | [`adapter`], [`device`] | which adapters there are; buffers and kernels on one of them. All of wgpu is here |
//! | [`kernels`], [`layout`] | shaders with their bindings, held against naga by a test |
//! | [`mirror`] | the same kernels on the processor, one file per shader |
//! | [`machine`], [`checked`] | what a batch runs on: a device, the mirrors, or both with a comparison after every kernel |
//! | [`network`], [`shocks`], [`patch`], [`bans`] | what kernels read |
//! | [`batch`], [`collect`] | the steps of a batch, and what comes back |
//! | [`timing`] | how long the stages take |
//!
//! Losses are kept scenario-fastest, 32 scenarios to a group, with one mask per group of the places
//! where some of them lose anything. Every place *gathers*: no two invocations write one number and
//! no value is added atomically, so an outcome depends neither on the batch nor on the other scenarios
//! of a group. The sums run in the order of the cpu engine, with the same rounding where a device does
//! not fuse multiplications with additions; where it does, results differ within the bound that
//! `validate` checks.
//!
//! Which sectors adapt and substitute is decided on the device. What follows from it, a few rows,
//! columns and factors per scenario, is built on the host by the cpu engine's code, since it walks
//! rule tables of irregular shape for 1.6 sectors of a scenario on average, and applied on the device;
//! meanwhile the device computes another batch.
//!
//! Reasoning, floors and measurements: `benches/README.md`.

pub mod adapter;
pub mod bans;
pub mod batch;
pub mod checked;
pub mod collect;
#[cfg(feature = "gpu")]
pub mod device;
#[cfg(not(feature = "gpu"))]
#[path = "no_device.rs"]
pub mod device;
pub mod kernels;
pub mod layout;
pub mod machine;
pub mod mirror;
pub mod network;
pub mod patch;
pub mod shocks;
pub mod timing;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::outcome::{Outcome, Sums};
use super::{Engine, EngineError, Precision};
use crate::dataset::Dataset;
use crate::engine::cpu::CpuEngine;
use crate::engine::cpu::group::LaneJob;
use crate::model::Baseline;
use crate::scenario::{Kind, Scenario};
use batch::Batch;
use device::{Device, DeviceMachine, Resident};
use layout::LANES;
use network::{MAX_WORKGROUPS, OnMachine, Prepared};
use timing::Stages;

/// Bytes that the losses of a batch take at most in one field; there are two fields, and two batches
/// at a time.
const FIELD_BYTES: u64 = 1 << 30;

/// Batches that are computed at a time: while the host is busy with one, the device has another.
const WORKERS: usize = 2;

/// Largest difference of a loss from the cpu engine's, relative to the larger of the loss and the
/// sector's baseline: in f64, and in f32 where nothing is computed again.
pub fn bound(precision: Precision) -> f64 {
    match precision {
        Precision::F64 => 1e-9,
        Precision::F32 => 1e-5,
    }
}

/// Answers, and whether f32 may not hold its bound for them.
type Found<T> = Result<(Vec<T>, Vec<bool>), EngineError>;

/// Parts that a batch is retried in.
const RETRIED_IN: usize = 4;

/// How an engine behaves; the defaults are for everything but tests and benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GpuOptions {
    /// Scenarios of a batch at most, instead of what fits the device.
    pub batch: Option<usize>,
    /// Whether stages are timed, one batch at a time.
    pub timed: bool,
    /// Whether new buffers are filled with numbers that are none.
    pub poison: bool,
    /// Bytes of a batch at most, as if the device had no more memory.
    pub memory: Option<u64>,
    /// Factor for the intensity of the first shock of every batch: a fault that must be found.
    pub perturb: Option<f64>,
}

/// Runs scenarios in batches on a device.
pub struct GpuEngine {
    device: Arc<Device>,
    prepared: Prepared,
    on: OnMachine,
    resident: Resident,
    options: GpuOptions,
    /// Scenarios of a batch.
    capacity: usize,
    stages: Mutex<Stages>,
    /// In f32: decides, and computes again what f32 cannot hold its bound for.
    double: Option<CpuEngine>,
    recomputed: AtomicUsize,
}

impl GpuEngine {
    /// An engine for runs of `steps` steps on an open device.
    ///
    /// # Errors
    /// The dataset does not fit the device.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(
        device: Arc<Device>,
        dataset: &Dataset,
        steps: usize,
        options: GpuOptions,
    ) -> Result<Self, EngineError> {
        let prepared = Prepared::new(dataset, steps)?;
        let mut machine = DeviceMachine::new(&device, &[]);
        let on = OnMachine::new(&prepared, &mut machine);
        let resident = machine.into_resident()?;
        let adapter = device.adapter();
        let group = prepared.group_losses() as u64 * device.real_bytes();
        let field = adapter.max_binding.min(adapter.max_buffer).min(FIELD_BYTES);
        let groups = (field / group).min((MAX_WORKGROUPS / LANES) as u64) as usize;
        if groups == 0 {
            return Err(EngineError::Unfit(format!(
                "{} scenarios of this dataset take {group} bytes; {} has room for {field} in one buffer",
                LANES, adapter.name
            )));
        }
        let capacity = options.batch.unwrap_or(usize::MAX).clamp(1, groups * LANES);
        let double = (device.precision() == Precision::F32).then(|| CpuEngine::new(dataset, steps));
        Ok(GpuEngine {
            on,
            resident,
            options,
            capacity,
            prepared,
            device,
            double,
            stages: Mutex::default(),
            recomputed: AtomicUsize::new(0),
        })
    }

    /// The device.
    pub fn open_device(&self) -> &Device {
        &self.device
    }

    /// Scenarios of a batch at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// What the stages have taken since the last call, if they are timed.
    pub fn take_stages(&self) -> Stages {
        std::mem::take(&mut *self.stages.lock().unwrap_or_else(|p| p.into_inner()))
    }

    /// Runs one batch and asks for something on the way; once more in smaller parts if the device
    /// has no memory for it. Answers, and whether f32 may not hold its bound for them.
    fn batch<T>(
        &self,
        scenarios: &[&Scenario],
        ask: &(impl Fn(&mut Batch<'_>) -> Result<Vec<T>, EngineError> + Sync),
    ) -> Found<T> {
        let run = |scenarios: &[&Scenario]| -> Found<T> {
            let mut machine = DeviceMachine::new(&self.device, &[&self.resident])
                .with_poison(self.options.poison)
                .with_limit(self.options.memory.unwrap_or(u64::MAX));
            let mut batch = Batch::new(&self.prepared, &self.on, &mut machine, scenarios)
                .timed(self.options.timed)
                .watched(self.double.is_some());
            if let Some(factor) = self.options.perturb {
                batch = batch.perturbed(factor);
            }
            let found = ask(&mut batch);
            let (stages, suspects) = batch.free();
            if let Some(stages) = stages {
                *self.stages.lock().unwrap_or_else(|p| p.into_inner()) += stages;
            }
            Ok((found?, suspects))
        };
        match run(scenarios) {
            Err(EngineError::OutOfMemory { .. }) => {
                let part = scenarios.len().div_ceil(RETRIED_IN).next_multiple_of(LANES);
                let (mut all, mut suspects) = (Vec::new(), Vec::new());
                for part in scenarios.chunks(part) {
                    let found = run(part).map_err(|error| match error {
                        EngineError::OutOfMemory { device, problem, .. } => {
                            EngineError::OutOfMemory { device, problem, scenarios: part.len() }
                        }
                        other => other,
                    })?;
                    all.extend(found.0);
                    suspects.extend(found.1);
                }
                Ok((all, suspects))
            }
            other => other,
        }
    }

    /// Runs scenarios, in f32 those that it can hold its bound for; the others by `in_double`.
    fn run_all<T: Clone + Default + Send>(
        &self,
        scenarios: &[Scenario],
        progress: &(dyn Fn(usize) + Sync),
        ask: impl Fn(&mut Batch<'_>) -> Result<Vec<T>, EngineError> + Sync,
        in_double: impl Fn(&CpuEngine, &[Scenario]) -> Vec<T>,
    ) -> Result<Vec<T>, EngineError> {
        let Some(cpu) = &self.double else {
            return Ok(self.on_device(scenarios, progress, ask)?.0);
        };
        let mut again = needs_double(cpu, scenarios);
        let fit: Vec<usize> = (0..scenarios.len()).filter(|&at| !again[at]).collect();
        // Nobody decides anything in these.
        let of: Vec<Scenario> =
            fit.iter().map(|&at| scenarios[at].clone().with_adaptation(None)).collect();
        let (answers, suspects) = self.on_device(&of, progress, ask)?;
        let mut all = vec![T::default(); scenarios.len()];
        for ((&at, answer), suspect) in fit.iter().zip(answers).zip(suspects) {
            all[at] = answer;
            again[at] = suspect;
        }
        let again: Vec<usize> = (0..scenarios.len()).filter(|&at| again[at]).collect();
        let of: Vec<Scenario> = again.iter().map(|&at| scenarios[at].clone()).collect();
        for (&at, answer) in again.iter().zip(in_double(cpu, &of)) {
            all[at] = answer;
        }
        progress(scenarios.len() - fit.len());
        self.recomputed.fetch_add(again.len(), Ordering::SeqCst);
        Ok(all)
    }

    /// Runs scenarios in batches of like ones; answers, and whether f32 may not hold its bound for
    /// them.
    fn on_device<T: Clone + Default + Send>(
        &self,
        scenarios: &[Scenario],
        progress: &(dyn Fn(usize) + Sync),
        ask: impl Fn(&mut Batch<'_>) -> Result<Vec<T>, EngineError> + Sync,
    ) -> Found<T> {
        let lanes: Vec<LaneJob<'_>> =
            scenarios.iter().zip(0..).map(|(s, at)| LaneJob::alone(s, at)).collect();
        let net = &self.prepared.network;
        let order = self.prepared.reach.order(net, &lanes, &self.prepared.baseline);
        let batches = self.batches(scenarios, &order);
        let next = AtomicUsize::new(0);
        let found: Mutex<Found<T>> =
            Mutex::new(Ok((vec![T::default(); scenarios.len()], vec![false; scenarios.len()])));
        let work = || {
            while let Some(members) = batches.get(next.fetch_add(1, Ordering::SeqCst)) {
                let of: Vec<&Scenario> =
                    members.iter().map(|&at| &scenarios[at as usize]).collect();
                let answers = self.batch(&of, &ask);
                let mut found = found.lock().unwrap_or_else(|p| p.into_inner());
                match (&mut *found, answers) {
                    (Ok((all, suspected)), Ok((answers, suspects))) => {
                        for ((&at, answer), suspect) in members.iter().zip(answers).zip(suspects) {
                            all[at as usize] = answer;
                            suspected[at as usize] = suspect;
                        }
                        progress(members.len());
                    }
                    (Ok(_), Err(error)) => *found = Err(error),
                    (Err(_), _) => {}
                }
                if found.is_err() {
                    return;
                }
            }
        };
        let workers = if self.options.timed { 1 } else { WORKERS.min(batches.len()) };
        if workers == 1 || rayon::current_thread_index().is_some() {
            // Batches use the thread pool: one of its threads must not wait for others that need it.
            work();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..workers {
                    scope.spawn(work);
                }
            });
        }
        found.into_inner().unwrap_or_else(|p| p.into_inner())
    }

    /// Cuts an order of scenarios into batches that fit the device.
    fn batches<'o>(&self, scenarios: &[Scenario], order: &'o [u32]) -> Vec<&'o [u32]> {
        let limit = self.device.adapter().max_binding / 16;
        let mut batches = Vec::new();
        let (mut start, mut weight) = (0, 0);
        for (at, &number) in order.iter().enumerate() {
            let own = self.weight(&scenarios[number as usize]);
            if at - start == self.capacity || (at > start && weight + own > limit) {
                batches.push(&order[start..at]);
                (start, weight) = (at, 0);
            }
            weight += own;
        }
        if start < order.len() {
            batches.push(&order[start..]);
        }
        batches
    }

    /// Entries that a scenario's shocks take in the largest table, at most.
    fn weight(&self, scenario: &Scenario) -> u64 {
        let net = &self.prepared.network;
        let of = |kind: Kind, sector: u32| match kind {
            Kind::Production => 1,
            Kind::ImportBan { .. } => {
                net.tile_links[self.prepared.dims().item_of(sector as usize)] + net.dims.areas
            }
            Kind::ExportBan | Kind::Blockade { .. } => net.dims.areas + 1,
        };
        scenario.shocks.iter().map(|shock| of(shock.kind, shock.sector) as u64).sum()
    }
}

/// Scenarios that f32 cannot be trusted with: those whose sectors decide anything, since changed
/// parameters turn small remainders of large amounts into what others live on.
fn needs_double(cpu: &CpuEngine, scenarios: &[Scenario]) -> Vec<bool> {
    let all: Vec<&Scenario> = scenarios.iter().collect();
    let decisions = cpu.decisions(&all);
    let is_capped = |s: &Scenario| s.adaptation.is_some_and(|s| s.output_cap.is_some());
    let of = scenarios.iter().zip(decisions);
    of.map(|(s, events)| !events.is_empty() || (is_capped(s) && bans::has_bans(s))).collect()
}

/// Runs every step of a batch.
fn all_steps(batch: &mut Batch<'_>, steps: usize) -> Result<(), EngineError> {
    (0..steps).try_for_each(|t| batch.step(t))
}

impl Engine for GpuEngine {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn device(&self) -> String {
        let adapter = self.device.adapter();
        let driver = if adapter.driver.is_empty() { "" } else { ", " };
        format!(
            "{} ({}, {}{driver}{})",
            adapter.name, adapter.kind, adapter.backend, adapter.driver
        )
    }

    fn is_software(&self) -> bool {
        self.device.adapter().is_software
    }

    fn leaves_processor_free(&self) -> bool {
        !self.is_software()
    }

    fn recomputed(&self) -> usize {
        self.recomputed.load(Ordering::SeqCst)
    }

    fn precision(&self) -> Precision {
        self.device.precision()
    }

    fn batch(&self) -> usize {
        (WORKERS * self.capacity).max(12_288)
    }

    fn baseline(&self) -> &Baseline {
        &self.prepared.baseline
    }

    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome> {
        self.try_run(scenarios, min_loss, progress).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Outcome>, EngineError> {
        let steps = self.prepared.baseline.steps();
        let ask = |batch: &mut Batch<'_>| {
            all_steps(batch, steps)?;
            batch.outcomes(min_loss, steps - 1)
        };
        self.run_all(scenarios, progress, ask, |cpu, of| cpu.run(of, min_loss, &|_| {}))
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Sums> {
        self.try_sums(scenarios, counted, progress).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Sums>, EngineError> {
        let steps = self.prepared.baseline.steps();
        let ask = |batch: &mut Batch<'_>| {
            all_steps(batch, steps)?;
            batch.sums(counted)
        };
        self.run_all(scenarios, progress, ask, |cpu, of| cpu.sums(of, counted, &|_| {}))
    }

    fn trace(&self, scenario: &Scenario, min_loss: f64, steps: Range<usize>) -> Vec<Outcome> {
        self.try_trace(scenario, min_loss, steps).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_trace(
        &self,
        scenario: &Scenario,
        min_loss: f64,
        steps: Range<usize>,
    ) -> Result<Vec<Outcome>, EngineError> {
        if let Some(cpu) = &self.double
            && needs_double(cpu, std::slice::from_ref(scenario))[0]
        {
            self.recomputed.fetch_add(1, Ordering::SeqCst);
            return Ok(cpu.trace(scenario, min_loss, steps));
        }
        // In f32 nobody decides anything in what is left.
        let undecided = scenario.clone().with_adaptation(None);
        let own = if self.double.is_some() { &undecided } else { scenario };
        let (outcomes, suspects) = self.batch(&[own], &|batch: &mut Batch<'_>| {
            let mut outcomes = Vec::new();
            for t in 0..steps.end {
                batch.step(t)?;
                if steps.contains(&t) {
                    outcomes.append(&mut batch.outcomes(min_loss, t)?);
                }
            }
            Ok(outcomes)
        })?;
        match self.double.as_ref().filter(|_| suspects[0]) {
            Some(cpu) => {
                self.recomputed.fetch_add(1, Ordering::SeqCst);
                Ok(cpu.trace(scenario, min_loss, steps))
            }
            None => Ok(outcomes),
        }
    }
}
