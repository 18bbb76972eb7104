//! What a plan will cost, from a small sample of it that is run and thrown away.

use std::time::Instant;

use crate::engine::EngineError;
use crate::job::Plan;
use crate::job::census::KindCount;
use crate::job::limits::BYTES_PER_SINGLE;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::pairs::PairGrid;
use crate::scenario::{Scenario, ScenarioId};
use crate::sink::space::BYTES_PER_ROW;
use crate::sweep::make_engine;

/// Neighbours that are run together: the engines compute like scenarios side by side, and
/// neighbours in a plan are alike.
const BLOCK: usize = 16;

/// Blocks of each kind that are run, evenly spaced over the plan.
const BLOCKS: usize = 8;

/// Bytes that a loss takes in memory until its table is written: sector and loss.
const BYTES_PER_LOSS: f64 = 12.0;

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

/// Runs up to `BLOCKS` evenly spaced blocks of each kind and scales time and rows.
///
/// The time is an upper estimate: the full run finds more like scenarios to compute side by side,
/// and shares the first steps of runs without and with adaptation.
///
/// # Errors
/// The engine cannot be had, or fails.
pub fn estimate(plan: &Plan, kinds: &[KindCount]) -> Result<Estimate, EngineError> {
    let started = Instant::now();
    let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps)?;
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
    let last = [engine.last_step()];
    for kind in kinds.iter().filter(|kind| !kind.to_run.is_empty()) {
        let all = kind.to_run.len();
        let sample: Vec<Scenario> = sample(all)
            .into_iter()
            .map(|n| plan.scenarios[kind.to_run[n]].scenario.effective(&producers))
            .collect();
        let size = sample.len();
        let started = Instant::now();
        let outcomes = engine.losses(&sample, &last, plan.min_loss, &|_| {})?.of;
        let scale = all as f64 / size as f64;
        let rows = outcomes.iter().map(|o| o.sectors.len()).sum::<usize>() as f64;
        estimate.compute_s += started.elapsed().as_secs_f64() * scale;
        estimate.rows += rows * scale;
        estimate.sampled += size;
        most_rows = most_rows.max(rows / size as f64);
    }
    let to_run: usize = kinds.iter().map(|kind| kind.to_run.len()).sum();
    estimate.output_bytes = estimate.rows * BYTES_PER_ROW;
    let losses = to_run.min(engine.info().batch) as f64 * most_rows * BYTES_PER_LOSS;
    estimate.memory_bytes = losses + plan.bytes() as f64;
    Ok(estimate)
}

/// Seconds that reducing one single run takes per thread, about: many times a plain run.
const SECONDS_PER_SINGLE: f64 = 5e-3;

/// Runs a sample of a screening's pairs and scales time as if all had to be run.
///
/// # Errors
/// The engine cannot be had, or fails.
pub fn estimate_pairs(
    plan: &Plan,
    grid: &PairGrid,
    adaptation: Option<AdaptationSettings>,
) -> Result<Estimate, EngineError> {
    let started = Instant::now();
    let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps)?;
    let prepare_s = started.elapsed().as_secs_f64();
    let producers = plan.dataset.parameters.producers();
    let pair = |number: usize| {
        let shocks = grid.pair(number as u64)?.to_vec();
        Some(Scenario { id: ScenarioId(0), shocks, adaptation }.effective(&producers))
    };
    let sample: Vec<Scenario> = sample(grid.len() as usize)
        .into_iter()
        .filter_map(pair)
        .filter(|scenario| !scenario.shocks.is_empty())
        .collect();
    let started = Instant::now();
    engine.sums(&sample, &vec![true; plan.dataset.dimensions().items], &|_| {})?;
    let each = started.elapsed().as_secs_f64() / sample.len().max(1) as f64;
    let singles = grid.shocks().len() as f64;
    let threads = rayon::current_num_threads() as f64;
    Ok(Estimate {
        sampled: sample.len(),
        prepare_s: prepare_s + singles * SECONDS_PER_SINGLE / threads,
        compute_s: each * grid.len() as f64,
        rows: 0.0,
        output_bytes: 1e6,
        memory_bytes: singles * BYTES_PER_SINGLE as f64,
    })
}

/// Which of `all` scenarios are run: all of them, or blocks that do not overlap.
fn sample(all: usize) -> Vec<usize> {
    if all <= BLOCK * BLOCKS {
        return (0..all).collect();
    }
    let start = |block: usize| block * (all - BLOCK) / (BLOCKS - 1);
    (0..BLOCKS).flat_map(|block| start(block)..start(block) + BLOCK).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_ascend_and_reach_the_end() {
        for all in [1, 127, 128, 129, 130, 1000, 11_256] {
            let chosen = sample(all);
            assert_eq!(chosen.len(), all.min(BLOCK * BLOCKS));
            assert!(chosen.windows(2).all(|w| w[0] < w[1]), "{all}");
            assert_eq!(chosen.last(), Some(&(all - 1)));
        }
    }
}
