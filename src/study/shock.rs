//! One scenario, answered at once, without and with adaptation.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError, Outcome};
use crate::job::Adaptation;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::Scenario;

/// What one scenario comes to.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The scenario without the shocks that change nothing; without any, nothing was run.
    pub effective: Scenario,
    /// Losses without adaptation, where that was asked for.
    pub without: Option<Outcome>,
    /// Losses with adaptation, where that was asked for.
    pub with: Option<Outcome>,
    /// Available amounts of the unshocked run after the last step, by sector, tonnes.
    pub baseline: Arc<[f64]>,
}

/// The ways a dataset can be asked: both where it has rules, else without adaptation.
pub fn ways(dataset: &Dataset) -> Adaptation {
    match dataset.rules {
        Some(_) => Adaptation::Both,
        None => Adaptation::Off,
    }
}

/// Runs a scenario; every loss is listed, however small.
///
/// # Errors
/// The engine fails.
pub fn shock(
    engine: &dyn Engine,
    dataset: &Dataset,
    scenario: &Scenario,
    ways: Adaptation,
    settings: AdaptationSettings,
) -> Result<Answer, EngineError> {
    let effective = scenario.effective(&dataset.parameters.producers());
    let mut runs = Vec::new();
    if !effective.shocks.is_empty() && ways != Adaptation::On {
        runs.push(effective.clone().with_adaptation(None));
    }
    if !effective.shocks.is_empty() && ways != Adaptation::Off {
        runs.push(effective.clone().with_adaptation(Some(settings)));
    }
    let outcomes = engine.losses(&runs, &[engine.last_step()], 0.0, &|_| {})?.of;
    let (mut without, mut with) = (None, None);
    for (run, outcome) in runs.iter().zip(outcomes) {
        *(if run.adaptation.is_some() { &mut with } else { &mut without }) = Some(outcome);
    }
    Ok(Answer { effective, without, with, baseline: engine.baseline().last().into() })
}
