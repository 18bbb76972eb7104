//! What an engine can do, declared, so that a plan is refused before it runs.

use super::{Engine, EngineError};
use crate::scenario::Scenario;

/// Something that a scenario may ask of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Sectors that lose output.
    LostOutput,
    /// Bans on exports and imports, blockades.
    Bans,
    /// Sectors that adapt and substitute by the rules of the dataset.
    Adaptation,
    /// Outputs that are kept below a multiple of the baseline's.
    OutputCap,
    /// Reserves that are released where something is lost: asked for by a dataset.
    Reserves,
}

impl Feature {
    /// Everything that there is.
    pub const ALL: [Feature; 5] = [
        Feature::LostOutput,
        Feature::Bans,
        Feature::Adaptation,
        Feature::OutputCap,
        Feature::Reserves,
    ];

    /// Everything but reserves.
    pub const OF_SCENARIOS: [Feature; 4] =
        [Feature::LostOutput, Feature::Bans, Feature::Adaptation, Feature::OutputCap];

    /// Whether a scenario asks for it.
    pub fn is_in(self, scenario: &Scenario) -> bool {
        match self {
            Feature::LostOutput => scenario.shocks.iter().any(|s| s.kind.is_of_output()),
            Feature::Bans => scenario.shocks.iter().any(|s| s.kind.is_ban()),
            Feature::Adaptation => scenario.adaptation.is_some(),
            Feature::OutputCap => scenario.adaptation.is_some_and(|s| s.output_cap.is_some()),
            Feature::Reserves => false,
        }
    }
}

impl std::fmt::Display for Feature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Feature::LostOutput => "losses of output",
            Feature::Bans => "bans on trade",
            Feature::Adaptation => "adaptation",
            Feature::OutputCap => "caps on outputs",
            Feature::Reserves => "reserves",
        })
    }
}

/// Whether an engine can run scenarios; asked before a run, and by every engine itself.
///
/// # Errors
/// A scenario asks for something that the engine cannot do, or adapts without rules to adapt by.
pub fn check(engine: &(impl Engine + ?Sized), scenarios: &[Scenario]) -> Result<(), EngineError> {
    let supported = engine.supports();
    let missing: Vec<Feature> =
        Feature::ALL.into_iter().filter(|feature| !supported.contains(feature)).collect();
    if engine.has_reserves() && missing.contains(&Feature::Reserves) {
        return Err(EngineError::NoReserves { engine: engine.info().name });
    }
    let has_rules = engine.has_rules();
    for scenario in scenarios {
        if let Some(&feature) = missing.iter().find(|feature| feature.is_in(scenario)) {
            let engine = engine.info().name;
            return Err(EngineError::Unsupported { engine, feature, scenario: scenario.id });
        }
        if !has_rules && Feature::Adaptation.is_in(scenario) {
            return Err(EngineError::NoRules { scenario: scenario.id });
        }
    }
    Ok(())
}

/// As [`check`], and that `steps` ascend and are all run.
pub(super) fn check_steps(
    engine: &impl Engine,
    scenarios: &[Scenario],
    steps: &[usize],
) -> Result<(), EngineError> {
    let all = engine.baseline().steps();
    let ascend = steps.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascend || steps.last().is_some_and(|&last| last >= all) {
        return Err(EngineError::NoSuchSteps { asked: steps.to_vec(), steps: all });
    }
    check(engine, scenarios)
}
