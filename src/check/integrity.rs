//! Whether the tables of a result are what they say they are.

use std::path::Path;

use rayon::prelude::*;
use shocksweep_columnar::read::Table;

use crate::analysis::scenarios::Recorded;
use crate::sink::folder::LOSSES;
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

    /// A check of `sample` scenarios whose largest relative difference may be `tolerance`.
    pub fn within(
        name: &'static str,
        sample: usize,
        (largest, tolerance): (f64, f64),
        found: String,
    ) -> Self {
        if sample == 0 {
            let found = "not done: no scenario was chosen, or none was run".to_string();
            return Check { name, found, holds: None };
        }
        let problem = (largest > tolerance).then(|| format!("{found}; allowed {tolerance:.0e}"));
        Check::new(name, problem, found)
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
    let found = match scenarios.len() {
        1 => format!("1 scenario, {run} run"),
        many => format!("{many} scenarios, each once, {run} run"),
    };
    Check::new("scenarios", problem, found)
}

/// Whether a result that keeps totals alone says of no scenario that it has rows elsewhere.
pub fn no_losses(scenarios: &[Recorded]) -> Check {
    let with_rows = scenarios.iter().find(|scenario| scenario.rows != 0);
    let problem = with_rows.map(|s| format!("scenario {} has rows in no table", s.id));
    Check::new("losses", problem, "totals alone were asked for, and are there".to_string())
}
