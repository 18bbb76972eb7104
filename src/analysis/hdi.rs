//! Human-development comparison: does adaptation raise or lower the losses of each HDI class?
//!
//! Source: Baum et al. 2024, abstract and Results (Indian rice: +5.8 % in countries with a low
//! index, -14.2 % in those with a very high one).

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};

use super::tables::{names, parts, unreadable};
use crate::dataset::hdi::HdiClass;
use crate::model::losses::runs_away;
use crate::results::areas::AreaRow;
use crate::results::scenarios::{ScenarioResult, Status};
use crate::results::{Record, losses};
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::{AREAS, MANIFEST, SCENARIOS};
use crate::sink::manifest::Manifest;

/// Mean change of the losses of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassChange {
    /// The class.
    pub class: HdiClass,
    /// Areas of the class that lose without adaptation.
    pub areas: usize,
    /// Mean over these areas of (loss with adaptation - loss without) / |loss without|, unit 1.
    pub change: f64,
}

/// Comparison of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What fails: area and item.
    pub shock: (String, String),
    /// The classes that lose, low first, over all areas that lose [`LOSES_FROM`] or more.
    pub all: Vec<ClassChange>,
    /// The same over the [`MOST_AFFECTED`] areas that lose most per person without adaptation: a
    /// mean of ratios is easily drowned by areas that lose next to nothing.
    pub most_affected: Vec<ClassChange>,
}

/// Areas that the paper's figure of losses shows.
///
/// Source: Baum et al. 2024, figure 3; stated by the paper.
pub const MOST_AFFECTED: usize = 50;

/// Loss per person from which an area is one that loses, kg: of a gram more or less nobody knows, and a mean
/// of ratios is drowned by it.
pub const LOSES_FROM: f64 = 0.1;

/// The shocks whose comparison the paper reports.
pub const HEADLINES: [(&str, &str); 2] =
    [("India", "Rice and products"), ("Ukraine", "Wheat and products")];

/// Mean changes by class of areas with their losses per person without and with adaptation; areas
/// that do not lose without adaptation are left out.
///
/// Source: Baum et al. 2024, Results; as spelled out by this crate's model documentation.
pub fn mean_changes(areas: impl Iterator<Item = (HdiClass, f64, f64)>) -> Vec<ClassChange> {
    let mut classes: BTreeMap<HdiClass, (usize, f64)> = BTreeMap::new();
    for (class, without, with) in areas.filter(|&(_, without, _)| without > 0.0) {
        let (count, sum) = classes.entry(class).or_default();
        *count += 1;
        *sum += (with - without) / without.abs();
    }
    let change = |(class, (areas, sum))| ClassChange { class, areas, change: sum / areas as f64 };
    classes.into_iter().map(change).collect()
}

/// The comparisons of [`HEADLINES`] that a result holds: single full shocks run both ways. The
/// losses are those of the shocked item, in the areas that are not shocked themselves and where it has not
/// run away.
///
/// # Errors
/// A table of the result is missing or unreadable.
pub fn headlines(folder: &Path) -> Result<Vec<Comparison>, SinkError> {
    let classes = classes(&folder.join(AREAS))?;
    let multiple = Manifest::read(&folder.join(MANIFEST))?.thresholds.overshoot;
    let mut found = Vec::new();
    for (scenario, area, item) in both_ways(&folder.join(SCENARIOS))? {
        let mut losses: BTreeMap<String, [f64; 2]> = BTreeMap::new();
        for path in parts(folder)? {
            read_losses(&path, scenario, &item, multiple, &mut losses)?;
        }
        losses.retain(|_, loss| loss.iter().all(|loss| !loss.is_nan()));
        let others = losses.iter().filter(|(name, _)| **name != area);
        let class =
            |(name, loss): (&String, &[f64; 2])| Some((*classes.get(name)?, loss[0], loss[1]));
        let mut areas: Vec<(HdiClass, f64, f64)> = others.filter_map(class).collect();
        let all = mean_changes(areas.iter().copied().filter(|area| area.1 >= LOSES_FROM));
        // Equal losses keep the order of the names.
        areas.sort_by(|a, b| b.1.total_cmp(&a.1));
        areas.truncate(MOST_AFFECTED);
        if !all.is_empty() {
            let most_affected = mean_changes(areas.into_iter());
            found.push(Comparison { shock: (area, item), all, most_affected });
        }
    }
    Ok(found)
}

/// HDI class by area name.
fn classes(path: &Path) -> Result<BTreeMap<String, HdiClass>, SinkError> {
    let areas = AreaRow::read(path)?.into_iter();
    Ok(areas.filter_map(|row| Some((row.area.to_string(), HdiClass::of(row.hdi?)))).collect())
}

/// Scenarios of [`HEADLINES`] that were run both ways: identifier, area, item; in their order.
fn both_ways(path: &Path) -> Result<Vec<(ScenarioId, String, String)>, SinkError> {
    let mut ways: BTreeMap<(usize, ScenarioId), [bool; 2]> = BTreeMap::new();
    ScenarioResult::each(path, |rows| {
        for row in rows.into_iter().filter(|row| row.status == Status::Run.as_str()) {
            let [shock] = &row.shocks[..] else { continue };
            let is_shocked = |h: &(&str, &str)| *h == (shock.area.as_str(), shock.item.as_str());
            if let Some(headline) = HEADLINES.iter().position(is_shocked)
                && shock.phi == 1.0
            {
                let ways = ways.entry((headline, row.scenario)).or_default();
                ways[row.adaptation.index()] = true;
            }
        }
    })?;
    let both = ways.into_iter().filter(|(_, ways)| *ways == [true, true]);
    let name = |(headline, scenario): (usize, ScenarioId)| {
        let (area, item) = HEADLINES[headline];
        (scenario, area.to_string(), item.to_string())
    };
    Ok(both.map(|(key, _)| name(key)).collect())
}

/// Losses per person of one scenario and item, without and with adaptation, by area; NaN where it
/// ends above `multiple` times its baseline.
fn read_losses(
    path: &Path,
    scenario: ScenarioId,
    item: &str,
    multiple: f64,
    found: &mut BTreeMap<String, [f64; 2]>,
) -> Result<(), SinkError> {
    let names = ["scenario", "adaptation", "area", "item", "baseline", "al", "al_per_capita"];
    for batch in losses::columns(path, &names, (scenario, scenario))? {
        add_losses(&batch?, scenario, item, multiple, found).ok_or_else(|| unreadable(path))?;
    }
    Ok(())
}

fn add_losses(
    batch: &RecordBatch,
    scenario: ScenarioId,
    item: &str,
    multiple: f64,
    found: &mut BTreeMap<String, [f64; 2]>,
) -> Option<()> {
    let ids = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
    if !ids.values().contains(&scenario.in_table()) {
        return Some(());
    }
    let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
    let (areas, items) =
        (names(batch.column_by_name("area")?)?, names(batch.column_by_name("item")?)?);
    let number = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
    let (baseline, al) = (number("baseline")?, number("al")?);
    let loss = number("al_per_capita")?;
    for row in (0..batch.num_rows()).filter(|&row| ids.value(row) == scenario.in_table()) {
        if *items[row] == *item && loss.is_valid(row) {
            let of_area = found.entry(areas[row].to_string()).or_default();
            let runs_away = runs_away(al.value(row), baseline.value(row), multiple);
            let loss = if runs_away { f64::NAN } else { loss.value(row) };
            of_area[usize::from(adaptation.value(row))] = loss;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_the_areas_that_lose() {
        let areas = [
            (HdiClass::Low, 10.0, 11.0),
            (HdiClass::Low, 100.0, 130.0),
            (HdiClass::Low, -5.0, 7.0),
            (HdiClass::VeryHigh, 2.0, -1.0),
        ];
        let changes = mean_changes(areas.into_iter());
        assert_eq!(changes.len(), 2);
        assert_eq!((changes[0].class, changes[0].areas), (HdiClass::Low, 2));
        assert!((changes[0].change - 0.2).abs() < 1e-12);
        assert!((changes[1].change + 1.5).abs() < 1e-12);
    }
}
