//! Why an engine cannot answer.

use super::Feature;
use crate::hint::Hint;
use crate::scenario::ScenarioId;

/// An engine that cannot be made, or that failed while it ran.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// No adapter is as asked for.
    #[error("device: no adapter is `{asked}`; there are: {known}")]
    NoSuchAdapter {
        /// What was asked for.
        asked: String,
        /// The adapters there are.
        known: String,
    },
    /// There is no adapter that may be used.
    #[error(
        "engine gpu: no graphics adapter was found (Vulkan, Metal or DirectX 12); adapters: {known}; a software adapter is used only when it is named or allowed (in jobs `allow_software = true`)"
    )]
    NoAdapter {
        /// The adapters there are.
        known: String,
    },
    /// The program was built without the engine.
    #[error(
        "engine gpu: this build of shocksweep has none (it was built without the feature `gpu`); use the cpu engine"
    )]
    NotBuilt,
    /// An adapter without arithmetic in f64.
    #[error(
        "precision: the adapter {adapter} has no f64; use `precision = \"f32\"`, whose reach is stated in the README, or the cpu engine"
    )]
    NoDouble {
        /// The adapter.
        adapter: String,
    },
    /// A scenario that adapts, on a dataset without rules.
    #[error(
        "scenario {scenario} adapts, but the dataset has no rules of adaptation; expected a dataset with rules, or a run without adaptation"
    )]
    NoRules {
        /// Identifier of the scenario.
        scenario: ScenarioId,
    },
    /// A scenario of a kind that the engine cannot run.
    #[error(
        "engine {engine}: cannot compute {feature}, which scenario {scenario} asks for; the reference and cpu engines can"
    )]
    Unsupported {
        /// Name of the engine.
        engine: &'static str,
        /// What is asked for.
        feature: Feature,
        /// Identifier of the scenario.
        scenario: ScenarioId,
    },
    /// A dataset with reserves, and an engine that has none.
    #[error(
        "engine {engine}: cannot compute reserves, which the dataset has; the reference and cpu engines can, and the gpu engine in f64"
    )]
    NoReserves {
        /// Name of the engine.
        engine: &'static str,
    },
    /// Losses asked for after steps that are not run, or in no order.
    #[error("losses were asked for after steps {asked:?}; expected ascending ones below {steps}")]
    NoSuchSteps {
        /// The steps.
        asked: Vec<usize>,
        /// Steps that are run.
        steps: usize,
    },
    /// A dataset, a number of steps or a device too large or too small for each other.
    #[error("engine gpu: {0}")]
    Unfit(String),
    /// The device has no memory for a batch, not even for half of it.
    #[error(
        "engine gpu: {device} has no memory left for a batch of {scenarios} scenarios: {problem}"
    )]
    OutOfMemory {
        /// The device.
        device: String,
        /// Scenarios of the batch.
        scenarios: usize,
        /// What the device says.
        problem: String,
    },
    /// The device is gone, or reports a fault.
    #[error("engine gpu: {device} failed: {problem}")]
    Device {
        /// The device.
        device: String,
        /// What it says.
        problem: String,
    },
}

impl EngineError {
    /// What would help.
    pub fn hint(&self) -> Option<Hint> {
        matches!(self, EngineError::NoAdapter { .. }).then_some(Hint::AllowSoftware)
    }

    /// Whether what was asked for is at fault, rather than what happened on the way.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, EngineError::OutOfMemory { .. } | EngineError::Device { .. })
    }
}
