//! Two results side by side: two policies, two years, two engines, before and after.
//!
//! Scenarios are matched by their names, areas and items by theirs; what one result has alone is counted and
//! left out. Differences are B less A: positive where B loses more. [`scenarios`] compares scenario by
//! scenario, [`sectors`] what areas, items and sectors lose on average over the scenarios of both,
//! [`mod@losses`] every sector in every scenario.
//!
//! Nothing is loaded whole. Results that list the same scenarios in the same order, as two runs of one job do,
//! are read side by side; otherwise 100 bytes are kept of a scenario while they are matched: of its name, and
//! the numbers that are compared. Losses are read a part at a time and summed, in one order whatever the threads.

pub mod error;
pub mod losses;
pub mod matching;
pub mod rows;
pub mod scenarios;
pub mod sectors;
pub mod writer;

use std::path::Path;

use crate::analysis::world::World;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

pub use error::CompareError;
use matching::Matching;
use rows::{AreaDifference, ItemDifference, ScenarioDifference};
use sectors::Sectors;

/// What two results differ in.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Scenarios that both have, run or without effect; those run both ways count once.
    pub matched: usize,
    /// Scenarios that A, and B, has alone.
    pub alone: [usize; 2],
    /// A name that one of them has alone.
    pub example: [Option<String>; 2],
    /// In what the results themselves differ, in words.
    pub notes: Vec<String>,
    /// Whether scenarios are ranked by food; else by the amounts that are summed over items.
    pub by_food: bool,
    /// Unit of what is compared of scenarios and areas.
    pub unit: String,
    /// Whether both results tell food from other uses.
    pub tells_food: bool,
    /// Scenarios that got worse, the most first.
    pub worse: Vec<ScenarioDifference>,
    /// Scenarios that got better, the most first.
    pub better: Vec<ScenarioDifference>,
    /// Scenarios and ways that got worse, better, and stayed.
    pub counts: [usize; 3],
    /// All areas, by way.
    pub areas: Vec<AreaDifference>,
    /// All items, by way.
    pub items: Vec<ItemDifference>,
}

/// One of the results.
pub struct Side<'a> {
    /// Its folder.
    pub root: &'a Path,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its areas and items.
    pub world: World,
}

impl<'a> Side<'a> {
    /// Reads what a result says of itself.
    ///
    /// # Errors
    /// It is no finished result, or keeps no losses.
    pub fn read(root: &'a Path) -> Result<Self, CompareError> {
        let manifest = Manifest::read(&root.join(MANIFEST))?;
        if manifest.is_screening() {
            let problem =
                "is a screening, which keeps no losses by scenario; compare runs".to_string();
            return Err(CompareError::Incomparable { root: root.to_path_buf(), problem });
        }
        Ok(Side { root, manifest, world: World::read(root)? })
    }
}

/// Writes what every sector loses in every scenario of both results, where that differs, to
/// `loss_differences.parquet` in a folder; the number of rows.
///
/// # Errors
/// As [`compare`].
pub fn compare_losses(a: &Path, b: &Path, out: &Path) -> Result<u64, CompareError> {
    let sides = [Side::read(a)?, Side::read(b)?];
    matching::check_worlds(&sides)?;
    let matching = Matching::of(&sides)?;
    losses::differences(&sides, &matching, out)
}

/// Compares two results; `top` scenarios are ranked, and with `out` tables are written to that folder:
/// `scenario_differences`, `area_differences`, `item_differences`, `sector_differences`.
///
/// # Errors
/// One of them is no finished result or keeps no losses, their areas, items or units differ, no scenario
/// is in both, or a table cannot be written.
pub fn compare(
    a: &Path,
    b: &Path,
    top: usize,
    out: Option<&Path>,
) -> Result<Comparison, CompareError> {
    let sides = [Side::read(a)?, Side::read(b)?];
    matching::check_worlds(&sides)?;
    let matching = Matching::of(&sides)?;
    let scenarios = scenarios::differences(&sides, &matching, top, out)?;
    // A result that keeps totals alone tells no areas and items apart.
    let sectors = match keeps_losses(&sides) {
        true => sectors::differences(&sides, &matching, out)?,
        false => Sectors::default(),
    };
    Ok(Comparison {
        matched: matching.matched,
        alone: matching.alone,
        example: matching.example.clone(),
        notes: notes(&sides),
        by_food: sides[0].world.knows_food(),
        unit: match sides[0].world.knows_food() {
            true => "kcal per person and day".to_string(),
            false => sides[0].world.summed_unit.clone(),
        },
        tells_food: sides.iter().all(|side| side.manifest.dataset.tells_food),
        worse: scenarios.worse,
        better: scenarios.better,
        counts: scenarios.counts,
        areas: sectors.areas,
        items: sectors.items,
    })
}

/// Whether both results keep losses by sector.
fn keeps_losses(sides: &[Side<'_>; 2]) -> bool {
    sides.iter().all(|side| side.manifest.job.losses.are_all())
}

/// In what the results themselves differ, and what cannot be compared.
fn notes(sides: &[Side<'_>; 2]) -> Vec<String> {
    let [a, b] = sides;
    let (a, b) = (&a.manifest, &b.manifest);
    let mut notes = Vec::new();
    if !keeps_losses(sides) {
        let text = "one of them keeps totals by scenario alone: areas and items are not compared";
        notes.push(text.to_string());
    }
    let mut note = |what: &str, a: String, b: String| {
        if a != b {
            notes.push(format!("{what}: {a} in A, {b} in B"));
        }
    };
    let data = |m: &Manifest| match m.job.change.len() {
        0 => m.dataset.name.clone(),
        1 => format!("{} with 1 change", m.dataset.name),
        many => format!("{} with {many} changes", m.dataset.name),
    };
    note("dataset", data(a), data(b));
    if a.dataset.content_hash != b.dataset.content_hash && data(a) == data(b) {
        note("content of the dataset", "one".to_string(), "another".to_string());
    }
    note("engine", a.engine.name.clone(), b.engine.name.clone());
    note("steps", a.job.steps.to_string(), b.job.steps.to_string());
    let adaptive = |m: &Manifest| format!("{:?}", m.job.adaptive);
    if adaptive(a) != adaptive(b) {
        note("switches of adaptation", "some".to_string(), "others".to_string());
    }
    note(
        "losses listed from, t",
        a.thresholds.min_loss.to_string(),
        b.thresholds.min_loss.to_string(),
    );
    notes
}
