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

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::capability::check_steps;
use super::network::reach::Run;
use super::outcome::{Outcome, Sums};
use super::{Answers, Engine, EngineError, EngineInfo, Feature, Precision, check};
use crate::dataset::Dataset;
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

/// Answers scenario by scenario and step by step, and whether f32 may not hold its bound for a scenario.
type Found<T> = Result<(Vec<T>, Vec<bool>), EngineError>;

/// Answers of a batch: of every scenario after one step, then after the next one.
type Answered<T> = Result<Vec<Vec<T>>, EngineError>;

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
        Ok(GpuEngine {
            on,
            resident,
            options,
            capacity,
            prepared,
            device,
            stages: Mutex::default(),
        })
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
        ask: &(impl Fn(&mut Batch<'_>) -> Answered<T> + Sync),
    ) -> Found<T> {
        let run = |scenarios: &[&Scenario]| -> Found<T> {
            let mut machine = DeviceMachine::new(&self.device, &[&self.resident])
                .with_poison(self.options.poison)
                .with_limit(self.options.memory.unwrap_or(u64::MAX));
            let mut batch = Batch::new(&self.prepared, &self.on, &mut machine, scenarios)
                .timed(self.options.timed)
                .watched(self.device.precision() == Precision::F32);
            if let Some(factor) = self.options.perturb {
                batch = batch.perturbed(factor);
            }
            let found = ask(&mut batch);
            let (stages, suspects) = batch.free();
            if let Some(stages) = stages {
                *self.stages.lock().unwrap_or_else(|p| p.into_inner()) += stages;
            }
            Ok((by_scenario(found?), suspects))
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

    /// Runs scenarios in batches of like ones; answers, and whether f32 may not hold its bound for
    /// them.
    fn on_device<T: Clone + Default + Send>(
        &self,
        (scenarios, per): (&[Scenario], usize),
        progress: &(dyn Fn(usize) + Sync),
        ask: impl Fn(&mut Batch<'_>) -> Answered<T> + Sync,
    ) -> Result<Answers<T>, EngineError> {
        let runs: Vec<Run<'_>> = scenarios.iter().map(Run::of).collect();
        let net = &self.prepared.network;
        let order = self.prepared.reach.order(net, &runs, &self.prepared.baseline);
        let batches = self.batches(scenarios, &order);
        let next = AtomicUsize::new(0);
        let found: Mutex<Found<T>> = Mutex::new(Ok((
            vec![T::default(); scenarios.len() * per],
            vec![false; scenarios.len()],
        )));
        let work = || {
            while let Some(members) = batches.get(next.fetch_add(1, Ordering::SeqCst)) {
                let of: Vec<&Scenario> =
                    members.iter().map(|&at| &scenarios[at as usize]).collect();
                let answers = self.batch(&of, &ask);
                let mut found = found.lock().unwrap_or_else(|p| p.into_inner());
                match (&mut *found, answers) {
                    (Ok((all, suspected)), Ok((answers, suspects))) => {
                        for (&at, suspect) in members.iter().zip(suspects) {
                            suspected[at as usize] = suspect;
                        }
                        for (nth, answer) in answers.into_iter().enumerate() {
                            all[members[nth / per] as usize * per + nth % per] = answer;
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
        let (of, suspected) = found.into_inner().unwrap_or_else(|p| p.into_inner())?;
        let doubtful = (0..suspected.len()).filter(|&at| suspected[at]).collect();
        Ok(Answers { of, doubtful, recomputed: Vec::new() })
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

/// Answers step by step, put scenario by scenario.
fn by_scenario<T>(by_step: Vec<Vec<T>>) -> Vec<T> {
    if by_step.len() == 1 {
        return by_step.into_iter().flatten().collect();
    }
    let count = by_step.first().map_or(0, Vec::len);
    let mut by_step: Vec<_> = by_step.into_iter().map(Vec::into_iter).collect();
    (0..count)
        .flat_map(|_| by_step.iter_mut().filter_map(Iterator::next).collect::<Vec<T>>())
        .collect()
}

impl Engine for GpuEngine {
    fn info(&self) -> EngineInfo {
        let adapter = self.device.adapter();
        let driver = if adapter.driver.is_empty() { "" } else { ", " };
        EngineInfo {
            name: "gpu",
            device: format!(
                "{} ({}, {}{driver}{})",
                adapter.name, adapter.kind, adapter.backend, adapter.driver
            ),
            precision: self.device.precision(),
            is_software: adapter.is_software,
            leaves_processor_free: !adapter.is_software,
            batch: (WORKERS * self.capacity).max(12_288),
        }
    }

    fn supports(&self) -> &'static [Feature] {
        match self.device.precision() {
            Precision::F64 => &Feature::ALL,
            // Decisions cannot be trusted in f32: see `Rescued`.
            Precision::F32 => &[Feature::LostOutput, Feature::Bans],
        }
    }

    fn has_rules(&self) -> bool {
        self.prepared.tables.is_some()
    }

    fn baseline(&self) -> &Baseline {
        &self.prepared.baseline
    }

    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError> {
        check_steps(self, scenarios, steps)?;
        let end = steps.last().map_or(0, |last| last + 1);
        self.on_device((scenarios, steps.len()), progress, |batch| {
            let mut by_step = Vec::with_capacity(steps.len());
            for t in 0..end {
                batch.step(t)?;
                if steps.binary_search(&t).is_ok() {
                    by_step.push(batch.outcomes(min_loss, t)?);
                }
            }
            Ok(by_step)
        })
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError> {
        check(self, scenarios)?;
        self.on_device((scenarios, 1), progress, |batch| {
            (0..=self.last_step()).try_for_each(|t| batch.step(t))?;
            Ok(vec![batch.sums(counted)?])
        })
    }
}
