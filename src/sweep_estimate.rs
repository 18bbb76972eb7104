//! What a plan will cost, from a small sample of it that is run and thrown away.

use std::time::Instant;

use crate::job::Plan;
use crate::job::census::KindCount;
use crate::scenario::{NamedScenario, Scenario};
use crate::sweep::make_engine;

/// Scenarios of each kind that are run.
const SAMPLE: usize = 64;

/// Bytes per row of uncompressed loss tables, as measured on all single shocks of the built-in
/// world: 36.2 without and with adaptation alike.
const BYTES_PER_ROW: f64 = 36.2;

/// Bytes that a loss takes in memory until its table is written: sector and loss.
const BYTES_PER_LOSS: f64 = 12.0;

/// Scenarios whose losses are in memory together, as in [`crate::sweep`].
const WINDOW: usize = 12_288;

/// Estimated cost of running a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Scenarios that were run for it.
    pub sampled: usize,
    /// Time to prepare the engine, as measured, s.
    pub prepare_s: f64,
    /// Time to compute all scenarios, s; what writing adds depends on the disk.
    pub compute_s: f64,
    /// Rows of the loss tables.
    pub rows: f64,
    /// Size of the loss tables, uncompressed, bytes.
    pub output_bytes: f64,
    /// Memory for scenarios and losses, beside the dataset and the engine, bytes.
    pub memory_bytes: f64,
}

/// Runs up to [`SAMPLE`] evenly spaced scenarios of each kind and scales time and rows.
///
/// An estimate: like scenarios are cheaper side by side, as they are in the full run, so the time
/// of a sample leans to the high side.
pub fn estimate(plan: &Plan, kinds: &[KindCount]) -> Estimate {
    let started = Instant::now();
    let engine = make_engine(plan.engine, &plan.dataset, plan.steps);
    let prepare_s = started.elapsed().as_secs_f64();
    let producers = plan.dataset.parameters.producers();
    let mut estimate = Estimate {
        sampled: 0,
        prepare_s,
        compute_s: 0.0,
        rows: 0.0,
        output_bytes: 0.0,
        memory_bytes: 0.0,
    };
    let mut most_rows: f64 = 0.0;
    for kind in kinds.iter().filter(|kind| !kind.to_run.is_empty()) {
        let all = kind.to_run.len();
        let size = all.min(SAMPLE);
        let sample: Vec<Scenario> = (0..size)
            .map(|n| plan.scenarios[kind.to_run[n * all / size]].scenario.effective(&producers))
            .collect();
        let started = Instant::now();
        let outcomes = engine.run(&sample, plan.min_loss, &|_| {});
        let scale = all as f64 / size as f64;
        let rows = outcomes.iter().map(|o| o.sectors.len()).sum::<usize>() as f64;
        estimate.compute_s += started.elapsed().as_secs_f64() * scale;
        estimate.rows += rows * scale;
        estimate.sampled += size;
        most_rows = most_rows.max(rows / size as f64);
    }
    let to_run: usize = kinds.iter().map(|kind| kind.to_run.len()).sum();
    estimate.output_bytes = estimate.rows * BYTES_PER_ROW;
    let losses = to_run.min(WINDOW) as f64 * most_rows * BYTES_PER_LOSS;
    let bytes = |named: &NamedScenario| {
        size_of::<NamedScenario>()
            + named.name.capacity()
            + std::mem::size_of_val(named.scenario.shocks.as_slice())
    };
    let scenarios: usize = plan.scenarios.iter().map(bytes).sum();
    estimate.memory_bytes = losses + scenarios as f64;
    estimate
}
