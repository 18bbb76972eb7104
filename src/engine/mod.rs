//! Engines: the same question, answered by different machinery.
//!
//! [`mod@reference`] is the plain transcription of the model that everything is measured against;
//! [`cpu`] is the fast one, [`gpu`] the one on a graphics device; these two share [`network`].
//! [`rescue`] puts another engine behind one in single precision. An engine turns scenarios into
//! losses and knows nothing of files.

pub mod agreement;
pub mod answer;
pub mod capability;
pub mod cpu;
pub mod error;
pub mod gpu;
pub mod network;
pub mod outcome;
pub mod reference;
pub mod rescue;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;

pub use agreement::Agreement;
pub use answer::Answers;
pub use capability::{Feature, check};
pub use error::EngineError;
pub use outcome::{Event, EventKind, LargestGain, LargestLoss, Outcome, Sums, Totals};

/// The arithmetic an engine computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// IEEE double precision.
    F64,
    /// IEEE single precision, decisions in double: on graphics devices only.
    F32,
}

impl std::fmt::Display for Precision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Precision::F64 => "f64",
            Precision::F32 => "f32",
        })
    }
}

/// What an engine is, as data: for the manifest, for tables, for the driver of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineInfo {
    /// Name as given to `--engine`.
    pub name: &'static str,
    /// What computes.
    pub device: String,
    /// Arithmetic in use.
    pub precision: Precision,
    /// Whether the device is a graphics device in name only: a program on the processor.
    pub is_software: bool,
    /// Whether the processor has time while it computes: then tables are written meanwhile.
    pub leaves_processor_free: bool,
    /// Scenarios that are best given to it at a time: enough to find like ones to compute side by
    /// side, few enough that a run can be interrupted between them.
    pub batch: usize,
}

/// Turns scenarios into losses.
///
/// Outcomes depend on the dataset, the number of steps and the scenario alone: not on the order
/// of the scenarios, on the other scenarios of a call, or on the number of threads.
///
/// Scenarios given to an engine shock producers only: see [`Scenario::effective`]. An engine owns what
/// it needs; it borrows no dataset.
pub trait Engine: Send + Sync {
    /// What it is.
    fn info(&self) -> EngineInfo;

    /// What it can do; [`check`] compares scenarios with it.
    fn supports(&self) -> &'static [Feature];

    /// Whether its dataset has rules to adapt by.
    fn has_rules(&self) -> bool;

    /// Whether its dataset has reserves.
    fn has_reserves(&self) -> bool;

    /// The unshocked run that losses are measured against.
    fn baseline(&self) -> &Baseline;

    /// Losses after each of `steps` (ascending), scenario by scenario in the order given.
    ///
    /// Scenarios that differ in nothing but their adaptation are best given side by side: the fast
    /// engines compute the steps that they share once.
    ///
    /// A sector is listed where its absolute loss or gain exceeds `min_loss` tonnes; totals
    /// are over all sectors. `progress` is told how many more scenarios are done.
    ///
    /// # Errors
    /// Those of [`check`]; a step that is not run; the device is lost, or has no memory left.
    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError>;

    /// Losses after the last step, summed; one element per scenario, in the order given.
    ///
    /// `counted` says of every item whether it counts in the sums by area.
    ///
    /// # Errors
    /// As [`Engine::losses`].
    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError>;

    /// The device that can run parts of runs as well, if it is on one and computes in f64.
    fn device_of_parts(&self) -> Option<&gpu::GpuEngine> {
        None
    }

    /// The last step.
    fn last_step(&self) -> usize {
        self.baseline().steps() - 1
    }

    /// All steps.
    fn all_steps(&self) -> Vec<usize> {
        (0..self.baseline().steps()).collect()
    }
}

/// Whether the area of each sector has a population, and with it losses per person.
pub(crate) fn populated_sectors(dataset: &Dataset) -> Vec<bool> {
    let dims = dataset.dimensions();
    let areas = &dataset.labels.areas;
    (0..dims.sectors()).map(|s| areas[dims.area_of(s)].population.is_some()).collect()
}
