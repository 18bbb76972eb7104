//! Scenario sets: which scenarios a job runs.

use super::{NamedScenario, Scenario, ScenarioId, Shock};
use crate::dataset::Dataset;

/// Every sector's full failure, one scenario per sector; the sector's index is the identifier.
///
/// Baum et al. 2024: 192 areas x 123 items = 23,616 scenarios.
pub fn all_single(dataset: &Dataset) -> Vec<NamedScenario> {
    let sectors = dataset.dimensions().sectors() as u32;
    (0..sectors)
        .map(|sector| {
            let shocks = vec![Shock::new(sector, 1.0)];
            let scenario = Scenario { id: ScenarioId(sector), shocks, adaptation: None };
            NamedScenario::new(scenario, dataset.labels.sector_name(sector as usize))
        })
        .collect()
}
