//! What a plan holds, counted before anything is run.

use std::collections::HashMap;

use super::Plan;
use crate::model::adaptation::AdaptationSettings;

/// Scenarios of one kind: all those without adaptation, or all those with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    /// Whether areas adapt.
    pub adapts: bool,
    /// Scenarios of this kind.
    pub scenarios: usize,
    /// Those that change nothing: recorded, not run.
    pub no_ops: usize,
    /// Those whose effective shocks and switches an earlier scenario has already; they are run.
    pub repeats: usize,
    /// Positions in the plan of those that are run.
    pub to_run: Vec<usize>,
}

/// Counts the scenarios of a plan by kind: without adaptation first; kinds without any are left
/// out.
pub fn count(plan: &Plan) -> Vec<KindCount> {
    let producers = plan.dataset.parameters.producers();
    let kind = |adapts| {
        let mut count =
            KindCount { adapts, scenarios: 0, no_ops: 0, repeats: 0, to_run: Vec::new() };
        // Only looked up, never walked: the order of a hash map reaches no output.
        let mut seen: HashMap<Vec<(u32, String)>, Vec<Option<AdaptationSettings>>> = HashMap::new();
        for (at, named) in plan.scenarios.iter().enumerate() {
            let scenario = &named.scenario;
            if scenario.adaptation.is_some() != adapts {
                continue;
            }
            count.scenarios += 1;
            let shocks = scenario.effective(&producers).shocks;
            if shocks.is_empty() {
                count.no_ops += 1;
                continue;
            }
            count.to_run.push(at);
            let key = shocks
                .iter()
                .map(|s| (s.sector, format!("{} {} {:?}", s.phi, s.course, s.kind)))
                .collect();
            let with = seen.entry(key).or_default();
            if with.contains(&scenario.adaptation) {
                count.repeats += 1;
            } else {
                with.push(scenario.adaptation);
            }
        }
        count
    };
    [false, true].map(kind).into_iter().filter(|k| k.scenarios > 0).collect()
}
