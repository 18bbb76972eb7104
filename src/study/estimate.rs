//! What a plan will cost, from a small sample of it that is run and thrown away.
//!
//! The sample is computed and written as the run does it, on the machine as it is now: what other
//! programs take of it is in the times.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;

use crate::engine::{Engine, EngineError, Outcome};
use crate::job::Plan;
use crate::job::census::KindCount;
use crate::job::limits::BYTES_PER_SINGLE;
use crate::job::superposition::SuperpositionPlan;
use crate::results::losses::{LossWriter, ScenarioOutcome};
use crate::scenario::pairs::PairGrid;
use crate::scenario::{NamedScenario, Scenario, ScenarioId};
use crate::sink::space::BYTES_PER_ROW;
use crate::sweep::choice::settled;
use crate::sweep::interacting::{BLOCK as SINGLES, Interacting, KEPT};
use crate::sweep::make_engine;
use crate::sweep::screen::{Screening, Way};
use crate::sweep::superposition::PairRunner;

/// Neighbours that are run together at least: the engines compute like scenarios side by side, and
/// neighbours in a plan are alike.
const BLOCK: usize = 16;

/// Blocks that are run, evenly spaced over the plan.
const BLOCKS: usize = 8;

/// Time that the sample may take, about, seconds.
const SAMPLE_S: f64 = 0.5;

/// Scenarios of a sample at most.
const MOST: usize = 2_048;

/// Places of a grid whose pairs are run.
const SAMPLED: u64 = 4;

/// Bytes that a loss takes in memory until its table is written: sector and loss.
const BYTES_PER_LOSS: f64 = 12.0;

/// Estimated cost of running a plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Estimate {
    /// Scenarios that were run for it.
    pub sampled: usize,
    /// Time to load the dataset and to prepare the engine, as measured, s.
    pub prepare_s: f64,
    /// Time to compute all scenarios, s.
    pub compute_s: f64,
    /// Time to write the loss tables where they will lie, s.
    pub write_s: f64,
    /// Rows of the loss tables.
    pub rows: f64,
    /// Size of the loss tables, bytes.
    pub output_bytes: f64,
    /// Memory for scenarios and losses, beside the dataset and the engine, bytes.
    pub memory_bytes: f64,
}

impl Estimate {
    /// Time in all, s.
    pub fn total_s(&self) -> f64 {
        self.prepare_s + self.compute_s + self.write_s
    }
}

/// Runs blocks of the plan and scales time and rows.
///
/// # Errors
/// The engine cannot be had, or fails.
pub fn estimate(plan: &Plan, kinds: &[KindCount]) -> Result<Estimate, EngineError> {
    let started = Instant::now();
    let plan = &*settled(plan)?;
    let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps)?;
    let mut estimate =
        Estimate { prepare_s: started.elapsed().as_secs_f64(), ..Estimate::default() };
    let mut all: Vec<usize> = kinds.iter().flat_map(|kind| kind.to_run.iter().copied()).collect();
    all.sort_unstable();
    estimate.memory_bytes = plan.bytes() as f64;
    if all.is_empty() {
        return Ok(estimate);
    }
    let run = |positions: &[usize]| -> Result<(Vec<Outcome>, f64), EngineError> {
        let scenarios = effective(plan, positions);
        let started = Instant::now();
        let of = engine.losses(&scenarios, &[engine.last_step()], plan.min_loss, &|_| {})?.of;
        Ok((of, started.elapsed().as_secs_f64()))
    };
    // A few say how many the sample can have.
    let chosen = sample(all.len(), BLOCK * BLOCKS);
    let (_, seconds) = run(&of(&all, &chosen))?;
    let most = (chosen.len() as f64 * SAMPLE_S / seconds.max(1e-6)) as usize;
    let size = most.clamp(BLOCK * BLOCKS, MOST).next_multiple_of(2 * BLOCKS);
    let positions = of(&all, &sample(all.len(), size));
    let (outcomes, seconds) = run(&positions)?;
    let scale = all.len() as f64 / positions.len() as f64;
    let rows = outcomes.iter().map(|o| o.sectors.len()).sum::<usize>() as f64;
    estimate.sampled = positions.len();
    estimate.compute_s = seconds * scale * runs_of_pairs(plan, &all);
    if plan.losses.are_all() {
        estimate.rows = rows * scale;
        // What cannot be written now is not known; the run will say why.
        let written = write(plan, engine.as_ref(), &positions, &outcomes);
        let (seconds, bytes) = written.unwrap_or((0.0, rows * BYTES_PER_ROW));
        estimate.write_s = seconds * scale;
        estimate.output_bytes = bytes * scale;
    }
    let each = rows / positions.len() as f64;
    let held = all.len().min(engine.info().batch) as f64;
    estimate.memory_bytes += held * each * BYTES_PER_LOSS;
    Ok(estimate)
}

/// Runs for every one of the plan's: where pairs are compared with their sum each is run again for every stage,
/// and for the food that it costs; so is every shock alone, which is half a pair. A triple of a stage is all its
/// seven runs side by side.
fn runs_of_pairs(plan: &Plan, all: &[usize]) -> f64 {
    let Some(asked) = &plan.superposition else { return 1.0 };
    let stages = if asked.job.stages { 3.0 } else { 1.0 };
    if asked.shocks == 3 {
        return 1.0 + 7.0 * stages;
    }
    let shocks = all.iter().flat_map(|&at| &plan.scenarios[at].scenario.shocks);
    let singles: BTreeSet<(u32, u64)> = shocks.map(|s| (s.sector, s.phi.to_bits())).collect();
    1.0 + (stages + 1.0) * (1.0 + 0.5 * singles.len() as f64 / all.len() as f64)
}

fn of(all: &[usize], chosen: &[usize]) -> Vec<usize> {
    chosen.iter().map(|&at| all[at]).collect()
}

fn effective(plan: &Plan, positions: &[usize]) -> Vec<Scenario> {
    let producers = plan.dataset.parameters.producers();
    let of = |named: &NamedScenario| named.scenario.effective(&producers);
    positions.iter().map(|&at| of(&plan.scenarios[at])).collect()
}

/// Writes the sample's loss tables, as many at a time as there are threads, where the result will lie;
/// seconds and bytes.
fn write(
    plan: &Plan,
    engine: &dyn Engine,
    positions: &[usize],
    outcomes: &[Outcome],
) -> Option<(f64, f64)> {
    let folder = tempfile::tempdir_in(existing(plan.output.as_deref())).ok()?;
    let writer = LossWriter::new(&plan.dataset, engine.baseline().last(), plan.compress);
    let size = positions.len().div_ceil(rayon::current_num_threads()).max(1);
    let started = Instant::now();
    let parts: Option<Vec<u64>> = positions
        .par_chunks(size)
        .zip(outcomes.par_chunks(size))
        .enumerate()
        .map(|(part, (positions, outcomes))| {
            let mut rows = Vec::with_capacity(outcomes.len());
            for (&at, outcome) in positions.iter().zip(outcomes) {
                let scenario = &plan.scenarios[at].scenario;
                let missing = scenario.adaptation.unwrap_or_default().missing_rule;
                let shares = writer.shares(&plan.dataset, missing, engine.last_step(), outcome);
                let adaptation = scenario.response();
                let scenario = scenario.id;
                rows.push(ScenarioOutcome { scenario, adaptation, outcome, shares });
            }
            let path = folder.path().join(format!("{part}.parquet"));
            let (pending, _) = writer.write(&path, &rows).ok()?;
            Some(pending.commit().ok()?.bytes)
        })
        .collect();
    Some((started.elapsed().as_secs_f64(), parts?.iter().sum::<u64>() as f64))
}

/// The nearest folder above a path that is there; that of temporary files where no path is given.
fn existing(path: Option<&Path>) -> PathBuf {
    let above = path.into_iter().flat_map(Path::ancestors).find(|folder| folder.is_dir());
    match above {
        Some(folder) => folder.to_path_buf(),
        None if path.is_some() => PathBuf::from("."),
        None => std::env::temp_dir(),
    }
}

/// Runs some first shocks of a screening with all their partners, and scales.
///
/// # Errors
/// The engine cannot be had, or fails.
pub fn estimate_pairs(
    plan: &Plan,
    asked: &SuperpositionPlan,
    grid: &PairGrid,
) -> Result<Estimate, EngineError> {
    let started = Instant::now();
    let plan = &*settled(plan)?;
    let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps)?;
    let prepare_s = started.elapsed().as_secs_f64();
    let (singles, pairs) = (grid.shocks().len(), grid.len() as f64);
    let mut estimate = Estimate {
        prepare_s,
        output_bytes: 1e6,
        memory_bytes: singles as f64 * BYTES_PER_SINGLE as f64,
        ..Estimate::default()
    };
    if grid.is_empty() {
        return Ok(estimate);
    }
    let runner = PairRunner::new(engine.as_ref(), &plan.dataset, &asked.counted);
    let some = grid.thinned(KEPT);
    let of_shocks = |chosen: &[usize]| -> Vec<Scenario> {
        let shock = |&at: &usize| Scenario {
            id: ScenarioId(0),
            shocks: vec![some.shocks()[at]],
            adaptation: asked.adaptation,
        };
        chosen.iter().map(shock).collect()
    };
    let chosen = of_shocks(&sample(some.shocks().len(), BLOCK * BLOCKS));
    let started = Instant::now();
    runner.eaten(&chosen);
    let per_run = started.elapsed().as_secs_f64() / chosen.len() as f64;
    let screening = Screening::of(asked, engine.as_ref());
    let (per_single, per_pair, sampled) = if screening.way == Way::Interaction {
        let quiet = vec![false; some.shocks().len()];
        let of = (&some, quiet.as_slice());
        let mut work = Interacting::new(&plan.dataset, engine.as_ref(), &runner, of, &screening);
        let firsts = firsts(&some, rayon::current_num_threads());
        let pairs = |of: &Range<usize>| (some.start(of.end) - some.start(of.start)) as f64;
        let sampled: f64 = firsts.iter().map(pairs).sum();
        let mut timed = || -> Result<f64, EngineError> {
            let started = Instant::now();
            for of in &firsts {
                work.part(of.clone(), &|_| {})?;
            }
            Ok(started.elapsed().as_secs_f64())
        };
        let (once, again) = (timed()?, timed()?);
        let runs = some.shocks().len() - firsts[0].start / SINGLES * SINGLES;
        ((once - again).max(0.0) / runs as f64, again / sampled.max(1.0), sampled)
    } else {
        let chosen = sample(grid.len() as usize, BLOCK * BLOCKS);
        let pair = |&number: &usize| {
            let shocks = grid.pair(number as u64)?.to_vec();
            Some(Scenario { id: ScenarioId(0), shocks, adaptation: asked.adaptation })
        };
        let chosen: Vec<Scenario> = chosen.iter().filter_map(pair).collect();
        let started = Instant::now();
        runner.sums(&chosen, &|_| {});
        (per_run, started.elapsed().as_secs_f64() / chosen.len() as f64, chosen.len() as f64)
    };
    runner.check()?;
    // Of many shocks the single runs are made again for every part.
    let blocks = singles.div_ceil(SINGLES);
    let times = if singles > KEPT { (blocks + 1) as f64 / 2.0 } else { 1.0 };
    // What is ranked is run in the end, with and without its stages.
    let ranked = (plan.dataset.dimensions().areas * asked.job.top).min(grid.len() as usize) as f64;
    let in_the_end = ranked * per_run * if asked.job.stages { 4.0 } else { 2.0 };
    let of_singles = singles as f64 * (per_run + per_single * times);
    estimate.compute_s = pairs * per_pair + of_singles + in_the_end;
    estimate.sampled = sampled as usize;
    Ok(estimate)
}

/// Some first shocks, ascending, of which each stands for as many pairs as the others: like shocks are neighbours, and
/// what their pairs cost differs. As many side by side as keep all threads busy.
fn firsts(grid: &PairGrid, threads: usize) -> Vec<Range<usize>> {
    let shocks = grid.shocks().len();
    let many = threads.min(shocks);
    let mut found: Vec<Range<usize>> = Vec::new();
    for nth in 0..SAMPLED {
        // In the middle of its share of the pairs.
        let until = grid.len() * (2 * nth + 1) / (2 * SAMPLED);
        let middle = (0..shocks).find(|&at| grid.start(at + 1) > until).unwrap_or(0);
        let start = middle.saturating_sub(many / 2).min(shocks - many);
        let start = start.max(found.last().map_or(0, |last| last.end));
        // All of one block of single runs.
        let end = (start + many).min(shocks).min((start / SINGLES + 1) * SINGLES);
        if start < end {
            found.push(start..end);
        }
    }
    found
}

/// Which `size` of `all` scenarios are run: all of them, or blocks that do not overlap.
fn sample(all: usize, size: usize) -> Vec<usize> {
    if all <= size {
        return (0..all).collect();
    }
    let block = size / BLOCKS;
    let start = |nth: usize| nth * (all - block) / (BLOCKS - 1);
    (0..BLOCKS).flat_map(|nth| start(nth)..start(nth) + block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_ascend_and_reach_the_end() {
        for all in [1, 127, 128, 129, 130, 1000, 2_049, 11_256] {
            for size in [128, 2_048] {
                let chosen = sample(all, size);
                assert_eq!(chosen.len(), all.min(size));
                assert!(chosen.windows(2).all(|w| w[0] < w[1]), "{all}");
                assert_eq!(chosen.last(), Some(&(all - 1)));
            }
        }
    }

    #[test]
    fn first_shocks_are_sampled_where_pairs_are() {
        let world = crate::dataset::synth::synthesize(&Default::default()).unwrap();
        let produces = world.parameters.producers();
        let every = 0..produces.len() as u32;
        let producers: Vec<u32> = every.filter(|&s| produces[s as usize]).collect();
        for count in [2, 3, 5, 40, 300, 1_585] {
            let sectors = &producers[..count];
            let grid = PairGrid::new(&world, sectors, sectors, false, 1.0);
            for threads in [1, 2, 16] {
                let found = firsts(&grid, threads);
                assert!(found.windows(2).all(|of| of[0].end <= of[1].start), "{found:?}");
                assert!(found.iter().all(|of| !of.is_empty() && of.end <= count), "{found:?}");
                let block = |at: usize| at / SINGLES;
                assert!(found.iter().all(|of| block(of.start) == block(of.end - 1)), "{found:?}");
            }
        }
        // Pairs of 300: half of them are those of the first 88.
        let grid = PairGrid::new(&world, &producers[..300], &producers[..300], false, 1.0);
        let middles: Vec<usize> = firsts(&grid, 1).iter().map(|of| of.start).collect();
        assert_eq!(middles, [19, 62, 116, 193]);
    }

    #[test]
    fn tables_are_tried_where_the_result_will_lie() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(existing(Some(&dir.path().join("a/b/c"))), dir.path());
        assert_eq!(existing(Some(Path::new("no/such/folder"))), PathBuf::from("."));
        assert_eq!(existing(None), std::env::temp_dir());
    }
}
