//! What the lanes of a group compute.

use crate::engine::network::reach::Grouped;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Scenario, Shock};

/// What one lane computes: the same shocks without adaptation, with it, or both.
#[derive(Debug, Clone, Copy)]
pub struct LaneJob<'a> {
    /// The shocks.
    pub shocks: &'a [Shock],
    /// How the run with adaptation adapts.
    pub settings: Option<AdaptationSettings>,
    /// Position of the outcome without adaptation, and of that with it.
    pub(super) positions: [Option<u32>; 2],
}

impl<'a> LaneJob<'a> {
    /// What is to be run, as [`crate::engine::network::Reach`] orders it.
    pub fn run(&self) -> Grouped<'a> {
        Grouped { shocks: self.shocks, settings: self.settings }
    }

    /// A lane for one scenario at position `at`.
    fn alone(scenario: &'a Scenario, at: u32) -> Self {
        let mut positions = [None; 2];
        positions[scenario.response().index()] = Some(at);
        LaneJob { shocks: &scenario.shocks, settings: scenario.adaptation, positions }
    }
}

/// Lanes for some scenarios; neighbours that differ in their adaptation alone share one.
pub fn lane_jobs(scenarios: &[Scenario]) -> Vec<LaneJob<'_>> {
    let mut lanes: Vec<LaneJob<'_>> = Vec::with_capacity(scenarios.len());
    for (at, scenario) in scenarios.iter().enumerate() {
        let adapts = scenario.response().index();
        if let Some(last) = lanes.last_mut()
            && last.shocks == scenario.shocks
            && last.positions[adapts].is_none()
            && !gains_are_capped(scenario, last)
        {
            last.positions[adapts] = Some(at as u32);
            last.settings = last.settings.or(scenario.adaptation);
            continue;
        }
        lanes.push(LaneJob::alone(scenario, at as u32));
    }
    lanes
}

/// Whether a cap can tell the two runs of a lane apart before any sector decides: only bans make
/// gains that early.
fn gains_are_capped(scenario: &Scenario, other: &LaneJob<'_>) -> bool {
    let settings = scenario.adaptation.or(other.settings);
    settings.is_some_and(|s| s.output_cap.is_some())
        && scenario.shocks.iter().any(|shock| shock.kind.is_ban())
}
