//! Whether the tables of a result are what they say they are.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use rayon::prelude::*;
use shocksweep_columnar::read::Table;

use crate::analysis::outcomes::ALL;
use crate::analysis::scenarios::Recorded;
use crate::results::losses;
use crate::scenario::{RunKey, ScenarioId};
use crate::sink::folder::{AREAS, ITEMS, LOSSES};
use crate::sink::manifest::{FileRecord, Manifest};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// What was found.
    pub found: String,
    /// Whether it is as it should be; `None` if it could not be looked at.
    pub holds: Option<bool>,
}

impl Check {
    /// A check that found `found` if there is no problem, else the problem.
    pub fn new(name: &'static str, problem: Option<String>, found: String) -> Self {
        match problem {
            None => Check { name, found, holds: Some(true) },
            Some(problem) => Check { name, found: problem, holds: Some(false) },
        }
    }
}

/// A loss table that the result does not record: whoever reads all that lie there would sum it.
pub fn stray(root: &Path, files: &[FileRecord]) -> Option<String> {
    let entries = std::fs::read_dir(root.join(LOSSES)).ok()?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| format!("{LOSSES}/{}", entry.file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".parquet"))
        .collect();
    names.sort();
    let stray = names.iter().find(|name| files.iter().all(|file| file.path != **name))?;
    Some(format!("{stray}: is no table of this result; expected those that the manifest names"))
}

/// Compares the numbers of rows that Parquet files have with those recorded.
pub fn row_counts(root: &Path, files: &[FileRecord]) -> Check {
    let problem =
        files.par_iter().filter(|f| f.path.ends_with(".parquet")).find_map_first(|file| {
            match Table::open(&root.join(&file.path)).map(|table| table.rows()) {
                Ok(rows) if rows == file.rows as u64 => None,
                Ok(rows) => Some(format!("{}: {rows} rows instead of {}", file.path, file.rows)),
                Err(problem) => Some(format!("{}: {problem}", file.path)),
            }
        });
    let rows: usize = files.iter().map(|f| f.rows).sum();
    Check::new("rows", problem, format!("{rows} rows in {} files, as recorded", files.len()))
}

/// Whether the scenario table has every scenario once, in order, and as many as counted.
pub fn completeness(manifest: &Manifest, scenarios: &[Recorded]) -> Check {
    let key = Recorded::key;
    let counts = &manifest.counts;
    let run = scenarios.iter().filter(|s| s.is_run).count();
    let problem = if let Some(pair) = scenarios.windows(2).find(|w| key(&w[0]) >= key(&w[1])) {
        Some(format!("scenario {} follows {}", pair[1].id, pair[0].id))
    } else if (scenarios.len(), run) != (counts.scenarios, counts.run) {
        Some(format!(
            "{} scenarios, {run} run, instead of {}, {}",
            scenarios.len(),
            counts.scenarios,
            counts.run
        ))
    } else {
        None
    };
    Check::new("scenarios", problem, format!("{} scenarios, each once, {run} run", scenarios.len()))
}

/// Unit of the items whose losses are added.
const TONNE: &str = "tonne";

/// What the loss tables hold of one scenario.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    rows: usize,
    al: f64,
    mass: f64,
    size: f64,
}

/// Recomputes what columns of the loss tables say of each other, and compares them with the scenario
/// table.
pub fn losses(root: &Path, manifest: &Manifest, scenarios: &[Recorded]) -> Check {
    let files: Vec<&FileRecord> =
        manifest.files.iter().filter(|f| f.path.starts_with(LOSSES)).collect();
    let min_loss = manifest.thresholds.min_loss;
    let count = |table: &str| Table::open(&root.join(table)).map_or(0, |table| table.rows());
    let sectors = count(AREAS).saturating_mul(count(ITEMS));
    let parts: Vec<Result<BTreeMap<RunKey, Held>, String>> = files
        .par_iter()
        .map(|file| {
            let problem = |text: String| format!("{}: {text}", file.path);
            part(&root.join(&file.path), min_loss).map_err(problem)
        })
        .collect();
    let mut held: BTreeMap<RunKey, Held> = BTreeMap::new();
    for part in parts {
        match part {
            Err(problem) => return Check::new("losses", Some(problem), String::new()),
            Ok(part) => {
                for (key, own) in part {
                    if held.insert(key, own).is_some() {
                        let problem = format!("scenario {} is in two tables", key.0);
                        return Check::new("losses", Some(problem), String::new());
                    }
                }
            }
        }
    }
    let problem = scenarios.iter().find_map(|scenario| {
        let own = held.remove(&scenario.key()).unwrap_or_default();
        // Losses that are not listed are in the sum: none of them exceeds the threshold.
        let unlisted = sectors.saturating_sub(own.rows as u64) as f64;
        let allowed = 1e-9 * own.size + min_loss * unlisted;
        // What is no number differs from everything.
        let differs = |held: f64, total: f64| !((held - total).abs() <= allowed);
        if own.rows != scenario.rows {
            let (id, rows) = (scenario.id, scenario.rows);
            Some(format!("scenario {id} has {} rows instead of {rows}", own.rows))
        } else if differs(own.mass, scenario.total_loss)
            || differs(own.al, scenario.total_loss_published)
        {
            Some(format!(
                "scenario {} loses {} t in the loss table and {} t in the scenario table",
                scenario.id, own.mass, scenario.total_loss
            ))
        } else {
            None
        }
    });
    let stray = held.first_key_value().map(|(key, _)| format!("scenario {} is unknown", key.0));
    let rows = manifest.counts.loss_rows;
    let found = format!("{rows} rows: available = baseline - al, rl = al / baseline, sums agree");
    Check::new("losses", problem.or(stray), found)
}

fn part(path: &Path, min_loss: f64) -> Result<BTreeMap<RunKey, Held>, String> {
    let names = ["scenario", "adaptation", "unit", "baseline", "available", "al", "rl"];
    let reader = losses::columns(path, &names, ALL).map_err(|e| e.to_string())?;
    let mut held = BTreeMap::new();
    for batch in reader {
        let batch = batch.map_err(|e| e.to_string())?;
        rows(&batch, min_loss, &mut held)
            .ok_or_else(|| "lacks columns of a loss table".to_string())??;
    }
    Ok(held)
}

fn rows(
    batch: &RecordBatch,
    min_loss: f64,
    held: &mut BTreeMap<RunKey, Held>,
) -> Option<Result<(), String>> {
    let scenario = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
    let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
    let float = |name: &str| -> Option<&[f64]> {
        Some(batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?.values())
    };
    let (baseline, available) = (float("baseline")?, float("available")?);
    let (al, rl) = (float("al")?, float("rl")?);
    let units = batch.column_by_name("unit")?.as_any_dictionary_opt()?;
    let is_mass: Vec<bool> =
        units.values().as_string_opt::<i32>()?.iter().map(|u| u == Some(TONNE)).collect();
    let is_whole = units.null_count() == 0 && !is_mass.is_empty();
    let unit_keys = if is_whole { units.normalized_keys() } else { return None };
    for row in 0..batch.num_rows() {
        let id = ScenarioId::of_table(scenario.value(row))?;
        let is_right = available[row] == baseline[row] - al[row]
            && rl[row] == stated(al[row], baseline[row])
            && baseline[row].is_sign_positive()
            && al[row].abs() > min_loss;
        if !is_right {
            return Some(Err(format!("scenario {id}: the amounts of a row contradict each other")));
        }
        let own: &mut Held = held.entry((id, adaptation.value(row).into())).or_default();
        own.rows += 1;
        own.al += al[row];
        own.mass += if is_mass[unit_keys[row]] { al[row] } else { 0.0 };
        own.size += al[row].abs();
    }
    Some(Ok(()))
}

/// Relative loss as tables state it, by a formula of its own: of what there was, nothing above all,
/// gains at most -1.
fn stated(al: f64, baseline: f64) -> f64 {
    match baseline > 0.0 {
        true if al >= baseline => 1.0,
        true if al <= -baseline => -1.0,
        true => al / baseline,
        false if al > 0.0 => 1.0,
        false if al < 0.0 => -1.0,
        false => 0.0,
    }
}
