//! What `shocksweep run` prints of a complete run, and how it ends.

use std::path::Path;

use crate::analysis::hdi::headlines;
use crate::analysis::worst::{ScenarioLoss, worst};
use crate::cli::explain::next_of_pairs;
use crate::cli::{CliError, ink};
use crate::job::Plan;
use crate::report::{self, quoted};
use crate::sink::manifest::{FileRecord, Manifest};
use crate::superposition::set::words;

/// Scenarios in the summary.
const SHOWN: usize = 10;

/// Prints what a complete run came to; `root` is where its tables are read. Losses need not be there: those of a run
/// that was continued in a store have stayed there, and what is told of them is left out.
pub fn summary(
    plan: &Plan,
    root: &Path,
    manifest: &Manifest,
    dataset: &str,
) -> Result<(), CliError> {
    let folder = root.display().to_string();
    let is_screening = plan.superposition.as_ref().is_some_and(|s| s.grid.is_some());
    if is_screening {
        let summary = report::superposition::screening(manifest, root, SHOWN)?;
        let summary = summary + &next_of_pairs(root, dataset)?;
        ink::print(&summary)?;
        return Ok(());
    }
    let worst = worst(root, SHOWN)?;
    let keeps_losses = manifest.job.losses.are_all();
    let is_here = |file: &FileRecord| root.join(&file.path).is_file();
    let has_losses = keeps_losses && manifest.files.iter().all(is_here);
    let comparisons = if has_losses { headlines(root)? } else { Vec::new() };
    let mut summary = report::run::summary(manifest, &worst, &comparisons, &folder);
    if manifest.superposition.is_some() {
        summary += &report::superposition::pairs(manifest, root, SHOWN)?;
        summary += &next_of_pairs(root, dataset)?;
    } else if keeps_losses {
        summary += &next(&worst, &folder);
    } else {
        summary += &next_of_totals(&folder);
    }
    ink::print(&summary)?;
    Ok(())
}

/// Whether the rules of a screening held where they were checked, and every run stayed in range.
pub fn checked(manifest: &Manifest) -> Result<(), CliError> {
    let record = manifest.superposition.as_ref();
    let broken = record.and_then(|s| s.check).map_or(0, |c| c.broken);
    if broken > 0 {
        return Err(CliError::Rules(broken));
    }
    let words = words(record.map_or(2, |s| s.shocks));
    let many = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{} {many}", report::whole(count as usize))),
    };
    let diverged = [
        many(manifest.counts.diverged as u64, "scenario", "scenarios"),
        many(record.map_or(0, |s| s.diverged), words.one, words.many),
    ];
    let diverged: Vec<String> = diverged.into_iter().flatten().collect();
    if diverged.is_empty() { Ok(()) } else { Err(CliError::Diverged(diverged.join(" and "))) }
}

/// The same of a run that keeps totals alone.
fn next_of_totals(folder: &str) -> String {
    let table = quoted(&format!("{folder}/scenarios.parquet"));
    format!(
        "\nNext:\n  duckdb -c \"FROM {table} ORDER BY kcal_per_person_day DESC LIMIT 10\"   the totals\n  \
         shocksweep verify {}   whether they are whole\n",
        quoted(folder)
    )
}

/// The commands that a person would type next.
fn next(worst: &[ScenarioLoss], folder: &str) -> String {
    let folder = quoted(folder);
    let story = worst.first().map_or(String::new(), |s| {
        format!(
            "  shocksweep plot {folder} --kind map --scenario {} -o map.svg   the worst as a map\n",
            quoted(&s.name)
        )
    });
    format!(
        "\nNext:\n  shocksweep report {folder} -o report.html   everything on one page\n{story}  \
         shocksweep aggregate {folder} --by region,commodity_group   sums over regions and groups\n"
    )
}
