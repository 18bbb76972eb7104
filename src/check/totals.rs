//! Whether the losses of a result, and every sum over them, are what the tables say of each other.
//!
//! Everything is computed here anew, by formulas of its own: a check that asked the functions that
//! wrote the tables would repeat their faults.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, Float64Array, RecordBatch};
use rayon::prelude::*;

use super::integrity::Check;
use crate::analysis::outcomes::{ALL, positions};
use crate::analysis::scenarios::Recorded;
use crate::analysis::world::World;
use crate::engine::Precision;
use crate::results::losses;
use crate::scenario::{RunKey, ScenarioId};
use crate::sink::SinkError;
use crate::sink::folder::LOSSES;
use crate::sink::manifest::Manifest;

/// Columns of a loss table that contradict each other where one is changed.
const COLUMNS: [&str; 11] = [
    "scenario",
    "adaptation",
    "area",
    "item",
    "unit",
    "baseline",
    "available",
    "al",
    "rl",
    "al_per_capita",
    "kcal_per_person_day",
];

/// What the loss tables hold of one scenario.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    pub(super) rows: usize,
    /// Summed absolute losses of everything, and of what is counted in tonnes.
    pub(super) al: f64,
    pub(super) summed: f64,
    pub(super) summed_populated: f64,
    /// Sum of the sizes of the losses: what rounding is measured by.
    pub(super) size: f64,
    /// Food that people eat less, kcal a day, of sectors that have not run away; the sum of the sizes;
    /// and that of sectors so near to running away that rounding decides.
    pub(super) kcal: f64,
    pub(super) kcal_size: f64,
    pub(super) kcal_at: f64,
    /// Sectors above each mark, and those that are as good as at it.
    pub(super) above: [usize; 3],
    pub(super) at: [usize; 3],
    /// Sector that loses most tonnes, shocked ones apart, and its loss.
    pub(super) largest: Option<(usize, f64)>,
    /// Sector that gains most of what it has, and how many times that.
    pub(super) gain: Option<(usize, f64)>,
}

/// The result that is looked at.
pub(super) struct Looked<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) world: World,
    /// Largest error of one operation of the engine, relative.
    pub(super) unit: f64,
    /// Every scenario in one of its two ways, ascending, and the sectors that it shocks.
    pub(super) keys: Vec<(RunKey, Vec<usize>)>,
}

/// Recomputes the loss tables and every sum over them.
pub fn losses(root: &Path, manifest: &Manifest, recorded: &[Recorded]) -> Check {
    let name = "losses";
    match look(root, manifest, recorded) {
        Ok(found) => Check::new(name, None, found),
        Err(problem) => Check::new(name, Some(problem), String::new()),
    }
}

fn look(root: &Path, manifest: &Manifest, recorded: &[Recorded]) -> Result<String, String> {
    let world = World::read(root).map_err(|e: SinkError| e.to_string())?;
    let bad = |v: &&f64| !v.is_finite() || v.is_sign_negative();
    if let Some(amount) = world.baseline.values().flatten().find(bad) {
        return Err(format!("the baseline table has an amount of {amount}"));
    }
    let shocked = |r: &Recorded| -> Vec<usize> {
        let output = r.shocks.iter().filter(|shock| shock.is_of_output());
        let sector =
            |area: &str, item: &str| Some(world.sector(world.area(area)?, world.item(item)?));
        output.filter_map(|shock| sector(&shock.area, &shock.item)).collect()
    };
    let keys = recorded.iter().map(|r| (r.key(), shocked(r))).collect();
    let unit = match manifest.engine.precision {
        Precision::F32 => f64::from(f32::EPSILON) / 2.0,
        Precision::F64 => f64::EPSILON / 2.0,
    };
    let looked = Looked { manifest, unit, keys, world };
    let files = manifest.files.iter().filter(|f| f.path.starts_with(LOSSES));
    let files: Vec<&str> = files.map(|f| f.path.as_str()).collect();
    let parts: Vec<Result<BTreeMap<usize, Held>, String>> = files
        .par_iter()
        .map(|file| looked.part(&root.join(file)).map_err(|problem| format!("{file}: {problem}")))
        .collect();
    let mut held: BTreeMap<usize, Held> = BTreeMap::new();
    for part in parts {
        for (at, own) in part? {
            if held.insert(at, own).is_some() {
                return Err(format!("scenario {} is in two tables", looked.keys[at].0.0));
            }
        }
    }
    looked.scenarios(root, &held)?;
    let rows: usize = held.values().map(|own| own.rows).sum();
    Ok(format!("{rows} rows: amounts fit each other, and every sum over them in scenarios.parquet"))
}

/// Relative loss as tables state it: of what there was, nothing above all, gains at most -1.
pub(super) fn stated(al: f64, baseline: f64) -> f64 {
    match baseline > 0.0 {
        true if al >= baseline => 1.0,
        true if al <= -baseline => -1.0,
        true => al / baseline,
        false if al > 0.0 => 1.0,
        false if al < 0.0 => -1.0,
        false => 0.0,
    }
}

/// The numbers of a batch; a column that must have no nulls has none.
struct Columns<'a> {
    baseline: &'a [f64],
    available: &'a [f64],
    al: &'a [f64],
    rl: &'a [f64],
    per_capita: &'a Float64Array,
    kcal: &'a Float64Array,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let nullable = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
        let float =
            |name: &str| Some(nullable(name).filter(|c| c.null_count() == 0)?.values().as_ref());
        Some(Columns {
            baseline: float("baseline")?,
            available: float("available")?,
            al: float("al")?,
            rl: float("rl")?,
            per_capita: nullable("al_per_capita")?,
            kcal: nullable("kcal_per_person_day")?,
        })
    }
}

impl Looked<'_> {
    /// What a loss table holds, by position of the scenario.
    fn part(&self, path: &Path) -> Result<BTreeMap<usize, Held>, String> {
        let reader = losses::columns(path, &COLUMNS, ALL).map_err(|e| e.to_string())?;
        let mut held = BTreeMap::new();
        for batch in reader {
            let batch = batch.map_err(|e| e.to_string())?;
            let lacking = || "lacks columns of a loss table, or values of them".to_string();
            self.rows(&batch, &mut held).ok_or_else(lacking)??;
        }
        Ok(held)
    }

    fn rows(
        &self,
        batch: &RecordBatch,
        held: &mut BTreeMap<usize, Held>,
    ) -> Option<Result<(), String>> {
        let scenario = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
        let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
        if scenario.null_count() > 0 || adaptation.null_count() > 0 {
            return None;
        }
        let areas = positions(batch, "area", |name| self.world.area(name))?;
        let items = positions(batch, "item", |name| self.world.item(name))?;
        let items_of = |unit: &str| self.world.items.iter().position(|item| item.unit == unit);
        let units = positions(batch, "unit", items_of)?;
        let columns = Columns::of(batch)?;
        let mut last: Option<(RunKey, usize, Held)> = None;
        for row in 0..batch.num_rows() {
            let id = ScenarioId::of_table(scenario.value(row))?;
            let key = (id, adaptation.value(row).into());
            let wrong = |what: &str| Some(Err(format!("scenario {id}: {what}")));
            if last.as_ref().is_none_or(|(of, _, _)| *of != key) {
                if let Some((_, at, own)) = last.take() {
                    held.insert(at, own);
                }
                let Ok(at) = self.keys.binary_search_by_key(&key, |(key, _)| *key) else {
                    return wrong("is unknown");
                };
                // A scenario may lie in two batches.
                last = Some((key, at, held.remove(&at).unwrap_or_default()));
            }
            let Some((_, at, own)) = &mut last else { return None };
            let place = (areas[row], items[row]);
            let has_unit = self.world.items[items[row]].unit == self.world.items[units[row]].unit;
            if !has_unit || !self.is_right(&columns, row, place) {
                return wrong("the amounts of a row contradict each other");
            }
            self.add(own, &self.keys[*at].1, place, (&columns, row));
        }
        if let Some((_, at, own)) = last {
            held.insert(at, own);
        }
        Some(Ok(()))
    }

    /// Whether the numbers of a row fit each other, and the world.
    fn is_right(&self, columns: &Columns<'_>, row: usize, (area, item): (usize, usize)) -> bool {
        let (al, xb) = (columns.al[row], columns.baseline[row]);
        let Columns { per_capita, kcal, .. } = columns;
        let (persons, item_of) = (self.world.areas[area].population, &self.world.items[item]);
        let fits = |is_valid: bool, should: bool| is_valid == (should && persons.is_some());
        let sector = self.world.sector(area, item);
        al.is_finite()
            && al.abs() > self.manifest.thresholds.min_loss
            && self.world.last().get(sector) == Some(&xb)
            && columns.available[row] == xb - al
            && columns.rl[row] == stated(al, xb)
            && fits(per_capita.is_valid(row), item_of.is_mass)
            && fits(kcal.is_valid(row), item_of.is_food)
            && (per_capita.is_null(row)
                || persons.is_some_and(|p| per_capita.value(row) == 1000.0 * al / p))
            && (kcal.is_null(row) || kcal.value(row).is_finite())
    }

    fn add(
        &self,
        own: &mut Held,
        shocked: &[usize],
        (area, item): (usize, usize),
        (columns, row): (&Columns<'_>, usize),
    ) {
        let (al, xb) = (columns.al[row], columns.baseline[row]);
        let (persons, sector) = (self.world.areas[area].population, self.world.sector(area, item));
        own.rows += 1;
        own.al += al;
        own.size += al.abs();
        if self.world.items[item].is_summed {
            own.summed += al;
            own.summed_populated += if persons.is_some() { al } else { 0.0 };
            let is_larger = own.largest.is_none_or(|(_, most)| al > most);
            if al > 0.0 && is_larger && !shocked.contains(&sector) {
                own.largest = Some((sector, al));
            }
        }
        let tie = 8.0 * self.unit;
        for (n, mark) in self.manifest.thresholds.relative_loss_marks.into_iter().enumerate() {
            own.above[n] += usize::from(al > mark * xb);
            own.at[n] += usize::from((al - mark * xb).abs() <= tie * mark * xb);
        }
        let gain = -al / xb;
        if al < 0.0 && xb > 0.0 && own.gain.is_none_or(|(_, most)| gain > most) {
            own.gain = Some((sector, gain));
        }
        if columns.kcal.is_valid(row) {
            let eaten = columns.kcal.value(row) * persons.unwrap_or(0.0);
            let multiple = self.manifest.thresholds.overshoot;
            let over = if xb > 0.0 { 1.0 + gain - multiple } else { -1.0 };
            own.kcal += if over > 0.0 { 0.0 } else { eaten };
            own.kcal_size += eaten.abs();
            own.kcal_at +=
                if over.abs() <= 8.0 * f64::EPSILON * multiple { eaten.abs() } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stated;

    #[test]
    fn relative_losses_as_tables_state_them() {
        assert_eq!(stated(26.0, 100.0), 0.26);
        assert_eq!((stated(-250.0, 100.0), stated(1.5, 1.0)), (-1.0, 1.0));
        assert_eq!((stated(-5.0, 0.0), stated(-5.0, -0.0), stated(0.0, 0.0)), (-1.0, -1.0, 0.0));
    }
}
