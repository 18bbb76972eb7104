//! Engines: the same question, answered by different machinery.
//!
//! [`mod@reference`] is the plain transcription of the model that everything is measured against;
//! [`cpu`] is the fast one, [`gpu`] the one on a graphics device. An engine turns scenarios into losses and knows nothing of files.

pub mod cpu;
pub mod error;
pub mod gpu;
pub mod outcome;
pub mod reference;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;

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

/// Turns scenarios into losses.
///
/// Outcomes depend on the dataset, the number of steps and the scenario alone: not on the order
/// of the scenarios, on the other scenarios of a call, or on the number of threads.
///
/// Scenarios given to an engine shock producers only: see [`Scenario::effective`].
pub trait Engine: Sync {
    /// Name as given to `--engine`.
    fn name(&self) -> &'static str;

    /// What computes: for the manifest.
    fn device(&self) -> String;

    /// Whether the device is a graphics device in name only: a program on the processor.
    fn is_software(&self) -> bool {
        false
    }

    /// Whether the processor has time while it computes: then tables are written meanwhile.
    fn leaves_processor_free(&self) -> bool {
        false
    }

    /// Scenarios so far whose answer was computed again by another engine, in f64.
    fn recomputed(&self) -> usize {
        0
    }

    /// Arithmetic in use.
    fn precision(&self) -> Precision;

    /// Scenarios that are best given to it at a time: enough to find like ones to compute side by
    /// side, few enough that a run can be interrupted between them.
    fn batch(&self) -> usize;

    /// The unshocked run that losses are measured against.
    fn baseline(&self) -> &Baseline;

    /// Losses after the last step, one outcome per scenario, in the order given.
    ///
    /// Scenarios that differ in nothing but their adaptation are best given side by side: the fast
    /// engines compute the steps that they share once.
    ///
    /// A sector is listed where its absolute loss or gain exceeds `min_loss` tonnes; totals
    /// are over all sectors. `progress` is told how many more scenarios are done.
    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome>;

    /// Losses after the last step, summed; one element per scenario, in the order given.
    ///
    /// `counted` says of every item whether it counts in the sums by area.
    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Sums>;

    /// Losses after every step of `steps`, for one scenario.
    fn trace(&self, scenario: &Scenario, min_loss: f64, steps: Range<usize>) -> Vec<Outcome>;

    /// As [`Engine::run`], which panics where this returns an error.
    ///
    /// # Errors
    /// The device is lost, or has no memory left.
    fn try_run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Outcome>, EngineError> {
        Ok(self.run(scenarios, min_loss, progress))
    }

    /// As [`Engine::sums`].
    ///
    /// # Errors
    /// As [`Engine::try_run`].
    fn try_sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Sums>, EngineError> {
        Ok(self.sums(scenarios, counted, progress))
    }

    /// As [`Engine::trace`].
    ///
    /// # Errors
    /// As [`Engine::try_run`].
    fn try_trace(
        &self,
        scenario: &Scenario,
        min_loss: f64,
        steps: Range<usize>,
    ) -> Result<Vec<Outcome>, EngineError> {
        Ok(self.trace(scenario, min_loss, steps))
    }
}

/// Whether the area of each sector has a population, and with it losses per person.
pub(crate) fn populated_sectors(dataset: &Dataset) -> Vec<bool> {
    let dims = dataset.dimensions();
    let areas = &dataset.labels.areas;
    (0..dims.sectors()).map(|s| areas[dims.area_of(s)].population.is_some()).collect()
}
