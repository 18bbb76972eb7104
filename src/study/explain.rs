//! One pair, or triple, in detail: where the difference arises, and which decisions differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::analysis::settings::Settings;
use crate::analysis::superposition::{SetRow, Unknown, all};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::engine::{EngineError, EventKind};
use crate::interaction::lattice::Decided;
use crate::job::EngineKind;
use crate::model::losses::relative_loss;
use crate::scenario::selection::{SelectionError, items_named};
use crate::scenario::{ScenarioId, Shock};
use crate::sink::SinkError;
use crate::sink::folder::{MANIFEST, SUPERPOSITION, TRIPLES};
use crate::sink::manifest::Manifest;
use crate::superposition::set::{values, words};
use crate::superposition::{Mode, SetSums, ShockSet};
use crate::sweep::make_engine;
use crate::sweep::sets::{SetRun, SetRunner};
use crate::whatif;

/// A sector that decides differently when all shocks happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The sector.
    pub sector: u32,
    /// What it does.
    pub kind: EventKind,
    /// Whether it does so only when all happen; else only when fewer do.
    pub in_joint: bool,
    /// Losses that decide, tonnes: in the joint run, or in the first of the others.
    pub al: f64,
    /// The same relative to the baseline, unit 1.
    pub rl: f64,
}

/// A pair, or a triple, in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// S by sector after the last step, tonnes, ascending by sector.
    pub by_sector: Vec<(u32, f64)>,
    /// S by mode over all sectors, in the order of [`Mode::ALL`], tonnes.
    pub by_mode: [f64; 3],
    /// Losses of all shocks together, and of each alone, tonnes.
    pub al: Vec<f64>,
    /// S of the pairs of a triple, tonnes: first and second, first and third, second and third.
    pub s_of_pairs: Vec<f64>,
    /// Food that people eat less, kcal per person and day worldwide, sectors that run away in some run left out;
    /// `None` where the dataset knows no food.
    pub kcal: Option<Food>,
    /// S of food by area, of those with a population, kcal of its people per person and day.
    pub kcal_by_area: BTreeMap<usize, f64>,
    /// Sectors of the runs that run away: sector, multiple of the baseline, most first.
    pub runaway: Vec<(u32, f64)>,
    /// Decisions that differ, by sector.
    pub differences: Vec<Difference>,
}

/// What a pair, or a triple, costs in food.
#[derive(Debug, Clone, PartialEq)]
pub struct Food {
    /// After all shocks together, and after each alone.
    pub al: Vec<f64>,
    /// S of the pairs of a triple.
    pub s_of_pairs: Vec<f64>,
    /// S.
    pub s: f64,
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
    #[error("{}: has no {one} {pair}; {table} lists those it has", root.display())]
    NoPair {
        /// Result folder.
        root: PathBuf,
        /// Pair, or triple.
        one: &'static str,
        /// Which table lists them.
        table: &'static str,
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
        "{one} {pair}: amounts leave the range of numbers after step {step} ({mode}): S is not known; fewer steps, or `--cap`, keep them in it"
    )]
    Diverged {
        /// Identifier.
        pair: ScenarioId,
        /// Pair, or triple.
        one: &'static str,
        /// First step after which an amount is out of range.
        step: usize,
        /// In which of its runs.
        mode: &'static str,
    },
    /// The engine fails.
    #[error("{0}")]
    Engine(#[from] EngineError),
}

/// Explains a pair, or a triple, of a result as it was run: with its own switches, or those of the job.
///
/// # Errors
/// The result has none of that identifier, or the dataset is not the one it was made from.
pub fn of_result(
    root: &Path,
    id: ScenarioId,
    dataset: &Dataset,
) -> Result<(ShockSet, Explanation), ExplainError> {
    let manifest = Manifest::read(&root.join(MANIFEST))?;
    let record = manifest.superposition.as_ref();
    let record = record.ok_or_else(|| ExplainError::NoPairs(root.to_path_buf()))?;
    // One whose S is not known is run all the same: to say where it diverges.
    let of_row = |row| match row {
        Ok(SetRow { set, .. }) | Err(Unknown { set, .. }) => set,
    };
    let row = all(root)?.into_iter().map(of_row).find(|set| set.scenario == id);
    let row = row.ok_or_else(|| ExplainError::NoPair {
        root: root.to_path_buf(),
        one: words(record.shocks).one,
        table: if record.shocks == 3 { TRIPLES } else { SUPERPOSITION },
        pair: id,
    })?;
    let recorded = &manifest.dataset.content_hash;
    let dataset = whatif::of_result(dataset, recorded, &manifest.job.change)
        .ok_or_else(|| ExplainError::OtherDataset(dataset.metadata.name.clone()))?;
    let dataset: &Dataset = &dataset;
    let names = NameIndex::new(&dataset.labels);
    let shock = |([area, item], &phi): (&[String; 2], &f64)| {
        let sector = names.sector(area, item).map_err(|e| ExplainError::Record(e.to_string()))?;
        Ok::<_, ExplainError>(Shock::new(sector as u32, phi))
    };
    let shocks = row.sectors.iter().zip(&row.phi).map(shock).collect::<Result<Vec<_>, _>>()?;
    let settings = Settings::read(root, &manifest, dataset).map_err(ExplainError::Record)?;
    let set = ShockSet { id, shocks, adaptation: settings.of_pair(id) };
    let left_out = items_named("leave_out", &record.leave_out, dataset)?;
    let counted: Vec<bool> = left_out.into_iter().map(|left_out| !left_out).collect();
    // The cpu engine answers what a result of the gpu engine asks.
    let kind = match manifest.job.engine {
        EngineKind::Reference => EngineKind::Reference,
        EngineKind::Cpu | EngineKind::Gpu | EngineKind::Auto => EngineKind::Cpu,
    };
    let engine = make_engine(kind, &DeviceChoice::default(), dataset, manifest.job.steps)?;
    let overshoot = manifest.thresholds.overshoot;
    let runner = SetRunner::new(engine.as_ref(), dataset, &counted, overshoot);
    let explanation = match set.shocks.len() {
        3 => explain::<8>(&runner, dataset, &counted, &set),
        _ => explain::<4>(&runner, dataset, &counted, &set),
    }?;
    Ok((set, explanation))
}

/// Runs shocks together and in every smaller set, with and without their stages; `N` is two to their number.
///
/// `counted` says of every item whether it counts in sums; shocks of sectors that produce nothing change nothing.
///
/// # Errors
/// The engine fails, or a run diverges.
pub fn explain<const N: usize>(
    runner: &SetRunner<'_>,
    dataset: &Dataset,
    counted: &[bool],
    set: &ShockSet,
) -> Result<Explanation, ExplainError> {
    let of = std::slice::from_ref(set);
    let run = |mode: Mode| -> Result<(SetRun<N>, SetSums<N>), ExplainError> {
        let both = |set: &ShockSet, run: SetRun<N>| (runner.sums(set, &run), run);
        let Some((sums, run)) = runner.run(of, mode, &both)?.pop() else {
            unreachable!("an answer for each set")
        };
        match run.diverged {
            None => Ok((run, sums)),
            Some(step) => {
                let mode = match mode {
                    Mode::Full => "as it was asked for",
                    Mode::Adaptation => "without substitution",
                    Mode::Static => "without adaptation",
                };
                let one = words(set.shocks.len()).one;
                Err(ExplainError::Diverged { pair: set.id, one, step, mode })
            }
        }
    };
    let (run_fully, sums) = run(Mode::Full)?;
    let [adaptation, without] = [run(Mode::Adaptation)?.1.s(), run(Mode::Static)?.1.s()];
    let dims = dataset.dimensions();
    let counts = |sector: u32| counted[dims.item_of(sector as usize)];
    let own = run_fully.sectors.iter().filter(|of| of.loss[N - 1] != 0.0 && counts(of.sector));
    let mut by_sector: Vec<(u32, f64)> = own.map(|of| (of.sector, of.loss[N - 1])).collect();
    by_sector.sort_unstable_by_key(|s| s.0);
    let mut kcal_by_area: BTreeMap<usize, f64> = BTreeMap::new();
    for of in run_fully.sectors.iter().filter(|of| of.runaway.is_none()) {
        let area = dims.area_of(of.sector as usize);
        if let Some(persons) = dataset.labels.areas[area].population {
            *kcal_by_area.entry(area).or_default() += of.kcal[N - 1] / persons;
        }
    }
    let away = run_fully.sectors.iter().filter_map(|of| Some((of.sector, of.runaway?)));
    let mut runaway: Vec<(u32, f64)> = away.collect();
    runaway.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(Explanation {
        by_sector,
        by_mode: [sums.s(), adaptation, without],
        al: together_and_alone(&sums.added),
        s_of_pairs: of_pairs(&sums.added),
        kcal: sums.kcal.map(|added| Food {
            al: together_and_alone(&added),
            s_of_pairs: of_pairs(&added),
            s: added[N - 1],
        }),
        kcal_by_area,
        runaway,
        differences: differences(&run_fully.decided),
    })
}

/// What all shocks do together, and each alone, from what every subset adds.
fn together_and_alone<const N: usize>(added: &[f64; N]) -> Vec<f64> {
    let alone = (0..N).filter(|set| set.count_ones() == 1).map(|set| added[set]);
    [values(added)[N - 1]].into_iter().chain(alone).collect()
}

/// What pairs add that are not all of the shocks.
fn of_pairs<const N: usize>(added: &[f64; N]) -> Vec<f64> {
    (0..N - 1).filter(|set| set.count_ones() == 2).map(|set| added[set]).collect()
}

/// Decisions that only all shocks together bring about, and those that they prevent.
fn differences<const N: usize>(decided: &[Decided<N>]) -> Vec<Difference> {
    let joint = 1u32 << (N - 1);
    let differs = |of: &&Decided<N>| of.mask & joint == 0 || of.mask == joint;
    let difference = |of: &Decided<N>| {
        let al = of.loss.value[of.mask.trailing_zeros() as usize];
        let (in_joint, rl) = (of.mask == joint, relative_loss(al, of.baseline));
        Difference { sector: of.sector, kind: of.kind, in_joint, al, rl }
    };
    let mut differences: Vec<Difference> = decided.iter().filter(differs).map(difference).collect();
    differences.sort_by_key(|d| (!d.in_joint, d.sector, d.kind));
    differences
}
