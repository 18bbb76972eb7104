//! The engine on a graphics device, through wgpu: thousands of scenarios side by side.
//!
//! | file | what it does |
//! |---|---|
//! | [`adapter`], [`device`] | which adapters there are; buffers and kernels on one of them. All of wgpu is here |
//! | [`kernels`], [`layout`] | shaders with their bindings, held against naga by a test |
//! | [`mirror`] | the same kernels on the processor, one file per shader |
//! | [`machine`], [`checked`] | what a batch runs on: a device, the mirrors, or both with a comparison after every kernel |
//! | [`network`], [`rules`], [`choices`], [`shocks`], [`bans`], `caps`, [`reserves`] | what kernels read |
//! | [`decisions`], [`build`], [`rooms`] | what sectors decide and scenarios change: found and built on the device, and how much room it takes |
//! | [`parts`], [`part_patches`] | parts of runs: interactions of pairs, in lanes over their partners |
//! | `by_host`, `change_rooms`, [`patch`] | the same, where the host builds what changes |
//! | [`batch`], `decide`, `watch`, [`collect`] | the steps of a batch, what is looked at on the way, and what comes back |
//! | `run`, [`pace`] | scenarios in batches, several at a time, and how large they are |
//! | [`timing`] | how long the stages take |
//!
//! Losses are kept scenario-fastest, 32 scenarios to a group, with one mask per group of the places
//! where some of them lose anything. Every place *gathers*: no two invocations write one number and
//! no value is added atomically, so an outcome depends neither on the batch nor on the other scenarios
//! of a group. The sums run in the order of the cpu engine, with the same rounding where a device does
//! not fuse multiplications with additions; where it does, results differ within the bound that
//! `validate` checks.
//!
//! Which sectors adapt and substitute is decided on the device, and what follows from it, a few rows, columns and
//! factors per scenario, is asked for and built there; no step of a batch waits for the host, which notes the events
//! when the batch is over. It builds changes itself, with the cpu engine's code, where bans act on the columns in
//! force and where a dataset is too wide ([`rules::WIDEST`]). Of a scenario nothing is kept from step to step but
//! what it has decided.
//!
//! Reasoning, floors and measurements: `benches/README.md`.

pub mod adapter;
pub mod bans;
pub mod batch;
mod bindings;
pub mod build;
mod by_host;
mod caps;
mod change_rooms;
pub mod checked;
pub mod choices;
pub mod collect;
mod decide;
pub mod decisions;
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
pub mod pace;
pub mod part_patches;
pub mod parts;
pub mod patch;
pub mod reserves;
pub mod rooms;
pub mod rules;
mod run;
pub mod shocks;
pub mod timing;
mod watch;

use std::sync::{Arc, Mutex};

use super::capability::check_steps;
use super::outcome::{Outcome, Sums};
use super::{Answers, Engine, EngineError, EngineInfo, Feature, Precision, check};
use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;
use device::{Device, DeviceMachine, Resident};
use layout::LANES;
use machine::Machine;
use network::{MAX_WORKGROUPS, OnMachine, Prepared};
use pace::Pace;
use rooms::KeptRooms;
use rules::Rules;
use timing::Stages;

/// Bytes that the losses of a batch take at most in one field, of which a batch has two: few enough that a
/// sweep has several batches, which overlap.
const FIELD_BYTES: u64 = 512 << 20;

/// Batches that are computed at a time: while the host is busy with some, the device has another.
const WORKERS: usize = 3;

/// Largest difference of a loss from the cpu engine's, relative to the loss or to what flows
/// ([`super::Agreement`]): in f64, and in f32 where nothing is computed again.
pub fn bound(precision: Precision) -> f64 {
    match precision {
        Precision::F64 => 1e-9,
        Precision::F32 => 1e-5,
    }
}

/// Where what the sectors of a scenario change when they decide is built; datasets that are too wide for the
/// device's kernels have it built on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChangesOn {
    /// On a device, but for software adapters: there the host is faster.
    #[default]
    Usual,
    /// On the host.
    Host,
    /// On the device, whatever it is.
    Device,
}

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
    /// Bytes that a buffer for decisions holds at most, as if the device's were no larger.
    pub room: Option<u64>,
    /// Factor for the time that steps seem to take: as if the device were slower.
    pub slowness: Option<f64>,
    /// Factor for the intensity of the first shock of every batch: a fault that must be found.
    pub perturb: Option<f64>,
    /// Where what scenarios change is built.
    pub changes: ChangesOn,
    /// Step of a batch after which the device is lost, as if it were unplugged.
    pub lost_after: Option<usize>,
}

/// Runs scenarios in batches on a device.
pub struct GpuEngine {
    device: Arc<Device>,
    prepared: Prepared,
    on: OnMachine,
    resident: Resident,
    options: GpuOptions,
    pace: Pace,
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
        let mut prepared = Prepared::new(dataset, steps)?;
        let adapter = device.adapter();
        let field = adapter.max_binding.min(adapter.max_buffer).min(FIELD_BYTES);
        let fits = |rules: &Rules| rules.largest() as u64 * device.real_bytes() <= field;
        let on_device = match options.changes {
            ChangesOn::Usual => !adapter.is_software,
            ChangesOn::Host => false,
            ChangesOn::Device => true,
        };
        prepared.rules = prepared.rules.filter(|of| fits(of) && on_device);
        let limit = adapter.max_binding.min(adapter.max_buffer);
        let limit = options.room.unwrap_or(u64::MAX).min(limit);
        prepared.rooms = KeptRooms::new(prepared.dims(), limit, device.real_bytes());
        let mut machine = DeviceMachine::new(&device, &[]);
        let on = OnMachine::new(&prepared, &mut machine);
        let resident = machine.into_resident()?;
        let group = prepared.group_losses() as u64 * device.real_bytes();
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
            pace: Pace::new(capacity),
            prepared,
            device,
            stages: Mutex::default(),
        })
    }

    /// Scenarios of a batch at most.
    pub fn capacity(&self) -> usize {
        self.pace.capacity()
    }

    /// Scenarios of the next batch: fewer on a device that is slow, or that has not shown yet that it is
    /// not.
    pub fn batch_size(&self) -> usize {
        self.pace.size()
    }

    /// Lets `with` run kernels of its own on the device.
    pub fn with_machine<T>(
        &self,
        with: impl FnOnce((&Prepared, &OnMachine), &mut dyn Machine) -> T,
    ) -> T {
        let mut machine = DeviceMachine::new(&self.device, &[&self.resident])
            .with_poison(self.options.poison)
            .with_limit(self.options.memory.unwrap_or(u64::MAX));
        with((&self.prepared, &self.on), &mut machine)
    }

    /// What the stages have taken since the last call, if they are timed.
    pub fn take_stages(&self) -> Stages {
        std::mem::take(&mut *self.stages.lock().unwrap_or_else(|p| p.into_inner()))
    }
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
            batch: (WORKERS * self.pace.capacity()).max(12_288),
        }
    }

    fn supports(&self) -> &'static [Feature] {
        match self.device.precision() {
            Precision::F64 => &Feature::ALL,
            // Decisions cannot be trusted in f32: see `Rescued`.
            Precision::F32 => &[Feature::LostOutput, Feature::Bans],
        }
    }

    fn device_of_parts(&self) -> Option<&GpuEngine> {
        (self.device.precision() == Precision::F64).then_some(self)
    }

    fn has_rules(&self) -> bool {
        self.prepared.tables.is_some()
    }

    fn has_reserves(&self) -> bool {
        !self.prepared.reserves.is_empty()
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
                if self.options.lost_after == Some(t) {
                    self.device.destroy();
                }
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
