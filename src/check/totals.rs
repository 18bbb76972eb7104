//! Whether the losses of a result, and every sum over them, are what the tables say of each other.
//!
//! Everything is computed here anew, by formulas of its own: a check that asked the functions that
//! wrote the tables would repeat their faults.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;
use shocksweep_columnar::Cell;

use super::integrity::Check;
use crate::analysis::scenarios::Recorded;
use crate::analysis::world::World;
use crate::engine::Precision;
use crate::results::{Name, losses};
use crate::sink::SinkError;
use crate::sink::folder::LOSSES;
use crate::sink::manifest::Manifest;

/// Columns of a loss table that contradict each other where one is changed.
const COLUMNS: [&str; 9] = [
    "scenario",
    "adaptation",
    "area",
    "item",
    "baseline",
    "available",
    "al",
    "rl",
    "al_per_capita",
];

/// What the loss tables hold of one scenario.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    pub(super) rows: usize,
    pub(super) al: f64,
    /// Sum of the sizes of the losses: what rounding is measured by.
    pub(super) size: f64,
    pub(super) al_populated: f64,
    /// Sectors above each mark, and those that are as good as at it.
    pub(super) above: [usize; 3],
    pub(super) at: [usize; 3],
    /// Sector that loses most, shocked ones apart, and its loss.
    pub(super) largest: Option<(usize, f64)>,
    /// What the sectors of the shocks lose: one that makes nothing is not shocked, only named.
    pub(super) shocked: Vec<(usize, f64)>,
    /// Sector that gains most of what it has, and how many times that.
    pub(super) gain: Option<(usize, f64)>,
}

/// The result that is looked at.
pub(super) struct Looked<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) world: World,
    /// Rounding of one operation of the engine.
    pub(super) eps: f64,
    /// Every scenario in one of its two ways, ascending, and the sectors that it shocks.
    pub(super) keys: Vec<((u32, bool), Vec<usize>)>,
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
    let words = |e: SinkError| e.to_string();
    let world = World::read(root).map_err(words)?;
    let bad = |v: &&f64| !v.is_finite() || v.is_sign_negative();
    if let Some(amount) = world.baseline.values().flatten().find(bad) {
        return Err(format!("the baseline table has an amount of {amount} t"));
    }
    let shocked = |r: &Recorded| -> Vec<usize> {
        let output = r.shocks.iter().filter(|shock| shock.kind == "production");
        let sector =
            |area: &str, item: &str| Some(world.sector(world.area(area)?, world.item(item)?));
        output.filter_map(|shock| sector(&shock.area, &shock.item)).collect()
    };
    let keys = recorded.iter().map(|r| ((r.id, r.adaptation), shocked(r))).collect();
    let eps = if manifest.engine.precision == Precision::F32 {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    };
    let looked = Looked { manifest, eps, keys, world };
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
    Ok(format!("{rows} rows: amounts fit each other, and every sum over them"))
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

impl Looked<'_> {
    /// What a loss table holds, by position of the scenario.
    fn part(&self, path: &Path) -> Result<BTreeMap<usize, Held>, String> {
        let reader = losses::columns(path, &COLUMNS, (0, i32::MAX)).map_err(|e| e.to_string())?;
        let mut held = BTreeMap::new();
        for batch in reader {
            let batch = batch.map_err(|e| e.to_string())?;
            let lacking = || "lacks columns of a loss table".to_string();
            self.rows(&batch, &mut held).ok_or_else(lacking)??;
        }
        Ok(held)
    }

    fn rows(
        &self,
        batch: &RecordBatch,
        held: &mut BTreeMap<usize, Held>,
    ) -> Option<Result<(), String>> {
        let column = |name: &str| batch.column_by_name(name);
        let float = |name: &str| column(name)?.as_primitive_opt::<Float64Type>();
        let scenario = column("scenario")?.as_primitive_opt::<Int32Type>()?;
        let adaptation = column("adaptation")?.as_boolean_opt()?;
        let (areas, items) = (Name::read(column("area")?)?, Name::read(column("item")?)?);
        let (baseline, available) = (float("baseline")?, float("available")?);
        let (al, rl, per_capita) = (float("al")?, float("rl")?, float("al_per_capita")?);
        let required = [baseline, available, al, rl];
        if required.iter().any(|c| c.null_count() > 0) || scenario.null_count() > 0 {
            return None;
        }
        for row in 0..batch.num_rows() {
            let id = scenario.value(row);
            let wrong = |what: &str| Some(Err(format!("scenario {id}: {what}")));
            let key = (id as u32, adaptation.value(row));
            let Ok(at) = self.keys.binary_search_by_key(&key, |(key, _)| *key) else {
                return wrong("is unknown");
            };
            let places = self.world.area(&areas[row]).zip(self.world.item(&items[row]));
            let Some((area, item)) = places else { return wrong("names what there is not") };
            let sector = self.world.sector(area, item);
            let (al, xb) = (al.value(row), baseline.value(row));
            let persons = self.world.areas[area].population.filter(|_| per_capita.is_valid(row));
            let has_persons = self.world.areas[area].population.is_some();
            let is_right = al.is_finite()
                && al.abs() > self.manifest.thresholds.min_loss
                && self.world.last().get(sector) == Some(&xb)
                && available.value(row) == xb - al
                && rl.value(row) == stated(al, xb)
                && has_persons == per_capita.is_valid(row)
                && persons.is_none_or(|p| per_capita.value(row) == 1000.0 * al / p);
            if !is_right {
                return wrong("the amounts of a row contradict each other");
            }
            self.add(held.entry(at).or_default(), at, sector, (al, xb));
        }
        Some(Ok(()))
    }

    fn add(&self, own: &mut Held, at: usize, sector: usize, (al, xb): (f64, f64)) {
        own.rows += 1;
        own.al += al;
        own.size += al.abs();
        if self.world.areas[self.world.parts_of(sector).0].population.is_some() {
            own.al_populated += al;
        }
        for (n, mark) in self.manifest.thresholds.relative_loss_marks.into_iter().enumerate() {
            own.above[n] += usize::from(al > mark * xb);
            own.at[n] += usize::from((al - mark * xb).abs() <= 4.0 * self.eps * mark * xb);
        }
        let is_shocked = self.keys[at].1.contains(&sector);
        if is_shocked {
            own.shocked.push((sector, al));
        }
        if al > 0.0 && !is_shocked && own.largest.is_none_or(|(_, most)| al > most) {
            own.largest = Some((sector, al));
        }
        let gain = -al / xb;
        if al < 0.0 && xb > 0.0 && own.gain.is_none_or(|(_, most)| gain > most) {
            own.gain = Some((sector, gain));
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
