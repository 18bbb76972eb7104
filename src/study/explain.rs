//! One pair in detail: where the difference arises, and which decisions differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::analysis::settings::Settings;
use crate::analysis::superposition::all;
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::engine::{Engine, EngineError, EventKind, Outcome};
use crate::job::EngineKind;
use crate::model::losses::runs_away;
use crate::results::Name;
use crate::results::losses::LossWriter;
use crate::scenario::selection::{SelectionError, items_named};
use crate::scenario::{Scenario, ScenarioId, Shock};
use crate::sink::SinkError;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;
use crate::superposition::{Mode, Pair};
use crate::sweep::make_engine;
use crate::whatif;

/// A sector that decides differently when both shocks happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The sector.
    pub sector: u32,
    /// What it does.
    pub kind: EventKind,
    /// Whether it does so in the joint run only; else in a single run only.
    pub in_joint: bool,
    /// Losses that decide, tonnes: in the joint run, or in the single one.
    pub al: f64,
    /// The same relative to the baseline, unit 1.
    pub rl: f64,
}

/// A pair in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// S by sector after the last step, tonnes, ascending by sector.
    pub by_sector: Vec<(u32, f64)>,
    /// S by mode over all sectors, in the order of [`Mode::ALL`], tonnes.
    pub by_mode: [f64; 3],
    /// Losses of the joint run and of the two singles, tonnes.
    pub al: [f64; 3],
    /// Food that people eat less in these three runs, kcal per person and day worldwide, sectors that
    /// run away left out; `None` where the dataset knows no food.
    pub kcal: Option<[f64; 3]>,
    /// S of food by area, of those with a population, kcal of its people per person and day.
    pub kcal_by_area: BTreeMap<usize, f64>,
    /// Sectors of the three runs that run away: sector, multiple of the baseline, most first.
    pub runaway: Vec<(u32, f64)>,
    /// Decisions that differ, by sector.
    pub differences: Vec<Difference>,
}

/// A pair of a result that cannot be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The result cannot be read.
    #[error("{0}")]
    Result(#[from] SinkError),
    /// A result without pairs.
    #[error("{}: compares no pairs", .0.display())]
    NoPairs(PathBuf),
    /// A pair that the result does not have.
    #[error("{}: has no pair {pair}; superposition.parquet lists those it has", root.display())]
    NoPair {
        /// Result folder.
        root: PathBuf,
        /// Identifier.
        pair: ScenarioId,
    },
    /// A dataset that the result was not made from.
    #[error("dataset `{0}`: is not the dataset of the result (its content hash differs)")]
    OtherDataset(String),
    /// What the result says of itself does not fit.
    #[error("{0}")]
    Record(String),
    /// The result leaves out what the dataset does not have.
    #[error("{0}")]
    LeaveOut(#[from] SelectionError),
    /// A run of the pair leaves the range of numbers.
    #[error(
        "pair {pair}: amounts leave the range of numbers after step {step} ({mode}): S is not known; fewer steps, or `--cap`, keep them in it"
    )]
    Diverged {
        /// Identifier.
        pair: ScenarioId,
        /// First step after which an amount is out of range.
        step: usize,
        /// In which of its runs.
        mode: &'static str,
    },
    /// The engine fails.
    #[error("{0}")]
    Engine(#[from] EngineError),
}

/// Explains a pair of a result as it was run: with its own switches, or those of the job.
///
/// # Errors
/// The result has no such pair, or the dataset is not the one it was made from.
pub fn of_result(
    root: &Path,
    id: ScenarioId,
    dataset: &Dataset,
) -> Result<(Pair, Explanation), ExplainError> {
    let manifest = Manifest::read(&root.join(MANIFEST))?;
    let record = manifest.superposition.as_ref();
    let record = record.ok_or_else(|| ExplainError::NoPairs(root.to_path_buf()))?;
    let rows = all(root)?;
    let row = rows
        .iter()
        .find(|row| row.as_ref().map_or_else(|unknown| unknown.scenario, |row| row.scenario) == id);
    let row = row.ok_or_else(|| ExplainError::NoPair { root: root.to_path_buf(), pair: id })?;
    let (sectors, phi) = match row {
        Ok(row) => (row.sectors.clone(), row.phi),
        // It is run all the same: to say where it diverges.
        Err(row) => {
            let name = |area: &Name, item: &Name| [area.to_string(), item.to_string()];
            let sectors = [name(&row.area_a, &row.item_a), name(&row.area_b, &row.item_b)];
            (sectors, [row.phi_a, row.phi_b])
        }
    };
    let recorded = &manifest.dataset.content_hash;
    let dataset = whatif::of_result(dataset, recorded, &manifest.job.change)
        .ok_or_else(|| ExplainError::OtherDataset(dataset.metadata.name.clone()))?;
    let dataset: &Dataset = &dataset;
    let names = NameIndex::new(&dataset.labels);
    let mut shocks = [Shock::new(0, 1.0); 2];
    for (n, shock) in shocks.iter_mut().enumerate() {
        let [area, item] = &sectors[n];
        let sector = names.sector(area, item).map_err(|e| ExplainError::Record(e.to_string()))?;
        *shock = Shock::new(sector as u32, phi[n]);
    }
    let settings = Settings::read(root, &manifest, dataset).map_err(ExplainError::Record)?;
    let pair = Pair { id, shocks, adaptation: settings.of_pair(id) };
    let left_out = items_named("leave_out", &record.leave_out, dataset)?;
    let counted: Vec<bool> = left_out.into_iter().map(|left_out| !left_out).collect();
    // A pair is six runs: the cpu engine answers what a result of the gpu engine asks.
    let kind = match manifest.job.engine {
        EngineKind::Reference => EngineKind::Reference,
        EngineKind::Cpu | EngineKind::Gpu | EngineKind::Auto => EngineKind::Cpu,
    };
    let engine = make_engine(kind, &DeviceChoice::default(), dataset, manifest.job.steps)?;
    let overshoot = manifest.thresholds.overshoot;
    let explanation = explain(engine.as_ref(), dataset, &counted, overshoot, &pair)?;
    Ok((pair, explanation))
}

/// Runs a pair and its shocks alone, with and without its stages.
///
/// `counted` says of every item whether it counts in sums; sectors that end above `overshoot` times their
/// baseline have run away; shocks of sectors that produce nothing change nothing.
///
/// # Errors
/// The engine fails, or a run diverges.
pub fn explain(
    engine: &dyn Engine,
    dataset: &Dataset,
    counted: &[bool],
    overshoot: f64,
    pair: &Pair,
) -> Result<Explanation, ExplainError> {
    let producers = dataset.parameters.producers();
    let mut explanation = Explanation {
        by_sector: Vec::new(),
        by_mode: [0.0; 3],
        al: [0.0; 3],
        kcal: None,
        kcal_by_area: BTreeMap::new(),
        runaway: Vec::new(),
        differences: Vec::new(),
    };
    for (at, mode) in Mode::ALL.into_iter().enumerate() {
        let scenarios = [pair.joint(mode), pair.single(0, mode), pair.single(1, mode)];
        let mut outcomes = [Outcome::default(), Outcome::default(), Outcome::default()];
        for (outcome, scenario) in outcomes.iter_mut().zip(&scenarios) {
            *outcome = run(engine, &producers, scenario)?;
            if let Some(step) = outcome.diverged {
                let mode = match mode {
                    Mode::Full => "as it was asked for",
                    Mode::Adaptation => "without substitution",
                    Mode::Static => "without adaptation",
                };
                return Err(ExplainError::Diverged { pair: pair.id, step, mode });
            }
        }
        let counts = |sector: u32| counted[sector as usize % counted.len()];
        let mut by_sector: BTreeMap<u32, f64> = BTreeMap::new();
        for (sign, outcome) in [1.0, -1.0, -1.0].into_iter().zip(&outcomes) {
            for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
                if counts(sector) {
                    *by_sector.entry(sector).or_default() += sign * loss;
                }
            }
        }
        explanation.by_mode[at] = by_sector.values().sum();
        if mode == Mode::Full {
            let total = |o: &Outcome| -> f64 {
                let losses = o.sectors.iter().zip(&o.losses);
                losses.filter(|(sector, _)| counts(**sector)).map(|(_, loss)| loss).sum()
            };
            explanation.al = [0, 1, 2].map(|n| total(&outcomes[n]));
            explanation.by_sector = by_sector.into_iter().collect();
            explanation.differences = differences(&outcomes);
            told(engine, dataset, overshoot, &scenarios, &outcomes, &mut explanation);
        }
    }
    Ok(explanation)
}

/// Tells three runs in food: in all, and S by area.
fn told(
    engine: &dyn Engine,
    dataset: &Dataset,
    overshoot: f64,
    scenarios: &[Scenario; 3],
    outcomes: &[Outcome; 3],
    explanation: &mut Explanation,
) {
    let (baseline, dims) = (engine.baseline().last(), dataset.dimensions());
    let writer = LossWriter::new(dataset, baseline, false);
    let people: f64 = dataset.labels.areas.iter().filter_map(|area| area.population).sum();
    let mut kcal = [0.0; 3];
    let mut runaway: BTreeMap<u32, f64> = BTreeMap::new();
    for (nth, (scenario, outcome)) in scenarios.iter().zip(outcomes).enumerate() {
        let sign = if nth == 0 { 1.0 } else { -1.0 };
        let missing = scenario.adaptation.unwrap_or_default().missing_rule;
        let shares = writer.shares(dataset, missing, engine.last_step(), outcome);
        let rows = outcome.sectors.iter().zip(&outcome.losses);
        for ((&sector, &loss), own) in rows.zip(writer.kcal(outcome, &shares)) {
            let before = baseline[sector as usize];
            if runs_away(loss, before, overshoot) {
                let multiple = runaway.entry(sector).or_default();
                *multiple = multiple.max(1.0 - loss / before);
                continue;
            }
            let area = dims.area_of(sector as usize);
            let Some(persons) = dataset.labels.areas[area].population else { continue };
            if !own.is_nan() {
                kcal[nth] += own * persons / people;
                *explanation.kcal_by_area.entry(area).or_default() += sign * own;
            }
        }
    }
    explanation.kcal = writer.food().filter(|_| people > 0.0).map(|_| kcal);
    explanation.runaway = runaway.into_iter().collect();
    explanation.runaway.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}

fn run(
    engine: &dyn Engine,
    producers: &[bool],
    scenario: &Scenario,
) -> Result<Outcome, EngineError> {
    let effective = scenario.effective(producers);
    if effective.shocks.is_empty() {
        return Ok(Outcome::default());
    }
    Ok(engine.losses(&[effective], &[engine.last_step()], 0.0, &|_| {})?.first())
}

/// Decisions of the joint run that no single run takes, and the other way round.
fn differences([joint, a, b]: &[Outcome; 3]) -> Vec<Difference> {
    let decided = |outcomes: &[&Outcome]| -> BTreeSet<(u32, EventKind)> {
        outcomes.iter().flat_map(|o| &o.events).map(|e| (e.hit.sector, e.kind)).collect()
    };
    let (together, alone) = (decided(&[joint]), decided(&[a, b]));
    let mut differences = Vec::new();
    let mut seen = BTreeSet::new();
    for (in_joint, outcome) in [(true, joint), (false, a), (false, b)] {
        for event in &outcome.events {
            let key = (event.hit.sector, event.kind);
            let is_elsewhere = if in_joint { &alone } else { &together }.contains(&key);
            if !is_elsewhere && seen.insert(key) {
                differences.push(Difference {
                    sector: event.hit.sector,
                    kind: event.kind,
                    in_joint,
                    al: event.hit.al,
                    rl: event.hit.rl,
                });
            }
        }
    }
    differences.sort_by_key(|d| (!d.in_joint, d.sector, d.kind));
    differences
}
