//! Results that keep totals by scenario alone: run again in the reference engine.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::integrity::Check;
use super::verify::TOLERANCE;
use crate::analysis::scenarios::Recorded;
use crate::dataset::Dataset;
use crate::engine::gpu::bound;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Answers, Engine, EngineError, Precision};
use crate::results::Record;
use crate::results::scenarios::ScenarioResult;
use crate::scenario::{RunKey, Scenario};
use crate::sink::folder::SCENARIOS;
use crate::sink::manifest::Manifest;

/// Compares the totals of some scenarios, of a result that keeps nothing else, with those of the
/// reference engine.
pub fn again(
    root: &Path,
    manifest: &Manifest,
    dataset: &Dataset,
    recorded: &[&Recorded],
    scenarios: &[Scenario],
) -> Check {
    let name = "sample run again";
    let engine = ReferenceEngine::new(dataset, manifest.job.steps);
    let last = [engine.last_step()];
    let is_single = manifest.engine.precision == Precision::F32;
    let tolerance = if is_single { bound(Precision::F32) } else { TOLERANCE };
    let outcomes: Result<Vec<_>, EngineError> = scenarios
        .par_iter()
        .map(|scenario| engine.losses(std::slice::from_ref(scenario), &last, 0.0, &|_| {}))
        .collect();
    let outcomes: Vec<_> = match outcomes {
        Ok(outcomes) => outcomes.into_iter().map(Answers::first).collect(),
        Err(error) => return Check::new(name, Some(error.to_string()), String::new()),
    };
    let mut written: BTreeMap<RunKey, Option<f64>> = BTreeMap::new();
    let read = ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        let of = |row: ScenarioResult| ((row.scenario, row.adaptation), row.total_loss_published);
        written.extend(rows.into_iter().map(of));
    });
    if let Err(error) = read {
        return Check::new(name, Some(error.to_string()), String::new());
    }
    let mut largest = 0.0f64;
    for (recorded, outcome) in recorded.iter().zip(&outcomes) {
        let size: f64 = outcome.losses.iter().map(|loss| loss.abs()).sum();
        if outcome.diverged.is_some() && recorded.diverged_at.is_some() {
            continue;
        }
        // What is not there differs from everything.
        let found = written.get(&recorded.key()).copied().flatten().unwrap_or(f64::NAN);
        let difference = (found - outcome.totals.loss).abs();
        let relative = if difference == 0.0 { 0.0 } else { difference / size };
        largest = largest.max(if relative.is_nan() { f64::INFINITY } else { relative });
    }
    let found = format!(
        "the totals of {} scenarios in the reference engine; largest difference {largest:.1e} of what is lost",
        scenarios.len()
    );
    Check::within(name, scenarios.len(), (largest, tolerance), found)
}
