//! Verifies a result: its files, its tables, and a sample of it run again.

use std::path::Path;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::integrity::{self, Check};
use super::pair_checks;
use super::read_losses::read_losses;
use super::seal;
use super::verify_pairs::{self, Drawn};
use super::{totals, totals_again};
use crate::analysis::scenarios::{self, Recorded};
use crate::analysis::settings::Settings;
use crate::dataset::Dataset;
use crate::engine::gpu::bound;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Agreement, Answers, Engine, EngineError, Outcome, Precision};
use crate::job::JobFile;
use crate::job::superposition::Keep;
use crate::scenario::Scenario;
use crate::sink::SinkError;
use crate::sink::close::damage;
use crate::sink::folder::{LOCK, MANIFEST, SCENARIOS, is_in_use};
use crate::sink::ledger::{Identity, Ledger};
use crate::sink::manifest::{FileRecord, Manifest};
use crate::whatif;

/// Largest difference of a loss from the reference engine, relative to itself or, as a floor, to the
/// sector's baseline; a result of a device in f32 has its own bound ([`bound`]).
pub const TOLERANCE: f64 = 1e-9;

/// Checks a result folder, finished or not; `dataset` is what it was made from, if at hand, and
/// `sample` scenarios, chosen by `seed`, are run again.
///
/// # Errors
/// The folder holds no result at all.
pub fn verify(
    root: &Path,
    dataset: Option<&Dataset>,
    sample: usize,
    seed: u64,
) -> Result<Vec<Check>, SinkError> {
    let busy = is_in_use(root);
    let mut checks = look(root, dataset, sample, seed)?;
    let fails = |checks: &[Check]| checks.iter().any(|check| check.holds == Some(false));
    if !fails(&checks) || !(busy || is_in_use(root)) {
        return Ok(checks);
    }
    // Parts may have been put together between two looks; a run that goes on proves nothing wrong.
    checks = look(root, dataset, sample, seed)?;
    if is_in_use(root) {
        for check in checks.iter_mut().filter(|check| check.holds == Some(false)) {
            check.holds = None;
            check.found = format!("a process is at work there: {}", check.found);
        }
    }
    Ok(checks)
}

/// One look at a result folder, as [`verify`].
fn look(
    root: &Path,
    dataset: Option<&Dataset>,
    sample: usize,
    seed: u64,
) -> Result<Vec<Check>, SinkError> {
    let mut checks = Vec::new();
    let ledger = Ledger::read(root)?;
    let finished = root.join(MANIFEST).exists();
    if ledger.is_none() && !finished && !root.join(LOCK).exists() {
        return Err(SinkError::Unreadable {
            path: root.to_path_buf(),
            problem: "holds no shocksweep result".to_string(),
        });
    }
    checks.push(of_ledger(ledger.as_ref(), finished));
    let manifest = finished.then(|| Manifest::read(&root.join(MANIFEST)));
    if let Some(Err(error)) = &manifest {
        checks.push(Check::new("manifest", Some(error.to_string()), String::new()));
    }
    let manifest = manifest.and_then(Result::ok);
    let files: Vec<FileRecord> = match (&manifest, &ledger) {
        (Some(manifest), _) => manifest.files.clone(),
        (None, Some(ledger)) => ledger.parts.values().flat_map(|p| p.files.clone()).collect(),
        (None, None) => Vec::new(),
    };
    let bytes: u64 = files.iter().map(|f| f.bytes).sum();
    let found = format!(
        "{} files, {:.1} MB, sizes and checksums as recorded",
        files.len(),
        bytes as f64 / 1e6
    );
    let problem = damage(root, &files);
    let stray = manifest.as_ref().and_then(|_| integrity::stray(root, &files));
    checks.push(Check::new("files", problem.or(stray), found));
    checks.push(integrity::row_counts(root, &files));
    let Some(manifest) = manifest else { return Ok(checks) };
    checks.push(seal::check(ledger.as_ref(), &manifest));
    let identity = ledger.map(|l| l.header.identity);
    let mut recorded = Vec::new();
    if files.iter().any(|f| f.path == SCENARIOS) {
        match scenarios::read(root) {
            Err(error) => {
                checks.push(Check::new("scenarios", Some(error.to_string()), String::new()));
                return Ok(checks);
            }
            Ok(scenarios) => recorded = scenarios,
        }
        checks.push(integrity::completeness(&manifest, &recorded));
        checks.push(match manifest.job.losses.are_all() {
            true => totals::losses(root, &manifest, &recorded),
            false => integrity::no_losses(&recorded),
        });
    }
    if let Some(record) = &manifest.superposition {
        let unreadable =
            |e: SinkError| Check::new("superposition", Some(e.to_string()), String::new());
        checks.push(pair_checks::pairs(root, record).unwrap_or_else(unreadable));
        if record.keep == Keep::Top {
            checks.push(pair_checks::screening(root, record).unwrap_or_else(unreadable));
        }
    }
    checks.extend(again(root, &manifest, identity.as_ref(), &recorded, dataset, (sample, seed)));
    Ok(checks)
}

/// Runs a sample of scenarios, and of pairs, again in the reference engine.
fn again(
    root: &Path,
    manifest: &Manifest,
    identity: Option<&Identity>,
    recorded: &[Recorded],
    dataset: Option<&Dataset>,
    (sample, seed): (usize, u64),
) -> Vec<Check> {
    let name = "sample run again";
    let Some(dataset) = dataset else {
        let found = "not done: it needs the dataset, which was not given".to_string();
        return vec![Check { name, found, holds: None }];
    };
    let recorded_hash = &manifest.dataset.content_hash;
    let Some(dataset) = whatif::of_result(dataset, recorded_hash, &manifest.job.change) else {
        let problem = "the dataset is not the one of the result (its hash differs)".to_string();
        return vec![Check::new(name, Some(problem), String::new())];
    };
    let dataset: &Dataset = &dataset;
    let job = match identity.map(Identity::job_file).transpose() {
        Ok(job) => job,
        Err(problem) => return vec![Check::new(name, Some(problem), String::new())],
    };
    let job = job.as_ref();
    let mut random = Pcg64::seed_from_u64(seed);
    let mut checks = Vec::new();
    if !recorded.is_empty() {
        checks.push(rerun(root, manifest, job, recorded, dataset, sample, &mut random));
    }
    if manifest.superposition.is_some() {
        let drawn = Drawn { root, manifest, job, recorded, dataset };
        checks.push(verify_pairs::rerun(&drawn, sample, &mut random));
    }
    checks
}

fn of_ledger(ledger: Option<&Ledger>, finished: bool) -> Check {
    let Some(ledger) = ledger else {
        let problem = "is gone, or does not say what was computed".to_string();
        return Check::new("ledger", Some(problem), String::new());
    };
    let missing = ledger.missing().len();
    let parts = ledger.header.own_parts().count();
    // A line torn by a full disk stays in the ledger of a run that was continued to its end: it does
    // no harm where every part has a line of its own.
    let problem = if ledger.damaged > 0 && missing > 0 {
        Some(format!("{} lines are torn or damaged", ledger.damaged))
    } else if finished && missing > 0 {
        Some(format!("{missing} of {parts} parts of a finished result are not recorded"))
    } else {
        None
    };
    let standing = if missing > 0 { ", the run is not finished" } else { "" };
    Check::new(
        "ledger",
        problem,
        format!("{} of {parts} parts recorded{standing}", parts - missing),
    )
}

/// Positions of a sample of so many, ascending, each once.
fn chosen(of: usize, sample: usize, random: &mut Pcg64) -> Vec<usize> {
    let draws = (0..sample.min(of)).map(|_| (random.next_u64() % of as u64) as usize);
    let mut chosen: Vec<usize> = draws.collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Every scenario by itself, all losses after the last step.
fn each_alone(
    engine: &ReferenceEngine,
    scenarios: &[Scenario],
) -> Result<Vec<Outcome>, EngineError> {
    let last = [engine.last_step()];
    let alone = |one: &Scenario| engine.losses(std::slice::from_ref(one), &last, 0.0, &|_| {});
    let answers: Result<Vec<_>, EngineError> = scenarios.par_iter().map(alone).collect();
    Ok(answers?.into_iter().map(Answers::first).collect())
}

/// Runs a sample of scenarios in the reference engine and compares every loss.
fn rerun(
    root: &Path,
    manifest: &Manifest,
    job: Option<&JobFile>,
    recorded: &[Recorded],
    dataset: &Dataset,
    sample: usize,
    random: &mut Pcg64,
) -> Check {
    let name = "sample run again";
    let failed = |problem: String| Check::new(name, Some(problem), String::new());
    let is_run = |s: &&Recorded| s.is_run || s.diverged_at.is_some();
    let run: Vec<&Recorded> = recorded.iter().filter(is_run).collect();
    let chosen = chosen(run.len(), sample, random);
    let producers = dataset.parameters.producers();
    let settings = match Settings::new(manifest, job, recorded, dataset) {
        Ok(settings) => settings,
        Err(problem) => return failed(problem),
    };
    let scenario = |scenario: &Recorded| -> Result<Scenario, String> {
        let adaptation = settings.of(scenario, dataset)?;
        let shocks = scenario.shocks(dataset)?;
        Ok(Scenario { id: scenario.id, shocks, adaptation }.effective(&producers))
    };
    let scenarios: Result<Vec<Scenario>, String> =
        chosen.iter().map(|&at| scenario(run[at])).collect();
    let scenarios = match scenarios {
        Ok(scenarios) => scenarios,
        Err(problem) => return failed(problem),
    };
    if !manifest.job.losses.are_all() {
        let asked: Vec<&Recorded> = chosen.iter().map(|&at| run[at]).collect();
        return totals_again::again(root, manifest, dataset, &asked, &scenarios);
    }
    let mut written = match read_losses(root, manifest, dataset, &scenarios) {
        Ok(written) => written,
        Err(problem) => return failed(problem),
    };
    let is_single = manifest.engine.precision == Precision::F32;
    let tolerance = if is_single { bound(Precision::F32) } else { TOLERANCE };
    let engine = ReferenceEngine::new(dataset, manifest.job.steps);
    let agreement = Agreement::new(engine.baseline(), dataset.dimensions());
    let min_loss = manifest.thresholds.min_loss;
    let outcomes = match each_alone(&engine, &scenarios) {
        Ok(outcomes) => outcomes,
        Err(error) => return failed(error.to_string()),
    };
    for (&at, outcome) in chosen.iter().zip(&outcomes) {
        if let Some(problem) = diverges_otherwise(run[at], outcome) {
            return failed(problem);
        }
    }
    let (mut largest, mut compared) = (0.0f64, 0);
    let mut worst = None;
    for (scenario, outcome) in scenarios.iter().zip(&outcomes) {
        let mut own = written.remove(&scenario.key()).unwrap_or_default();
        for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
            let s = sector as usize;
            let scale = agreement.scale(s, loss);
            let difference = match own.remove(&sector) {
                Some(found) => (found - loss).abs() / scale,
                // Not written: rightly so, up to rounding at the threshold.
                None => (loss.abs() - min_loss).max(0.0) / scale,
            };
            compared += 1;
            // What is no number is the largest difference of all.
            let difference = if difference.is_nan() { f64::INFINITY } else { difference };
            if difference > largest {
                largest = difference;
                worst = Some((scenario.id, s));
            }
        }
        if let Some((&sector, _)) = own.first_key_value() {
            let name = dataset.labels.sector_name(sector as usize);
            return failed(format!(
                "scenario {}: the reference engine finds no loss in {name}",
                scenario.id
            ));
        }
    }
    let place = worst.map_or(String::new(), |(id, s)| {
        format!(" (scenario {id}, {})", dataset.labels.sector_name(s))
    });
    let found = format!(
        "{} scenarios in the reference engine, {compared} losses; largest relative difference {largest:.1e}{place}",
        scenarios.len()
    );
    Check::within(name, scenarios.len(), (largest, tolerance), found)
}

/// Whether a scenario leaves the range of numbers otherwise than recorded; by rounding one step earlier or
/// later is as recorded.
fn diverges_otherwise(recorded: &Recorded, outcome: &Outcome) -> Option<String> {
    let found = outcome.diverged.and_then(|at| i32::try_from(at).ok());
    let same = match (recorded.diverged_at, found) {
        (None, None) => true,
        (Some(a), Some(b)) => a.abs_diff(b) <= 1,
        _ => false,
    };
    let words = |at: Option<i32>| {
        at.map_or("stays in range".to_string(), |at| format!("diverges after step {at}"))
    };
    (!same).then(|| {
        format!(
            "scenario {} {} in the result and {} in the reference engine",
            recorded.id,
            words(recorded.diverged_at),
            words(found)
        )
    })
}
