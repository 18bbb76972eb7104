//! `shocksweep report`: a result as one page.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::place::shown;
use super::say::say;
use super::{CliError, ink};
use crate::analysis::overview::{Options, overview};
use crate::check::verify::verify;
use crate::compare::compare;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::report::compare::page::section;
use crate::report::{html, many};
use crate::sink::SinkError;
use crate::sink::commit::Pending;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;
use crate::study::traced::trace_shown;

/// Scenarios that are run again to check a result.
const SAMPLE: usize = 20;

/// Rows of each table of what changed against another result.
const CHANGED: usize = 25;

/// Arguments of `shocksweep report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep report results/adaptive -o report.html
  shocksweep report results/food2020 -o egypt.html --scenario \"Ukraine/Wheat and products\"
  shocksweep report results/food2020 -o report.html --dataset food2020    runs a sample again, too
  shocksweep report results/diversified -o report.html --against results/as-it-is    and what changed

The page needs nothing else: it opens from a USB stick, asks nothing of the network, prints. It holds
all scenarios as a ranking, and the worst of them in detail: maps, regions by items, classes of
development; time traces where the job names some or the dataset is given; pairs where the job compares them.")]
pub struct ReportArgs {
    /// Result folder of a finished run.
    pub result: PathBuf,
    /// Page to write.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// Scenario to show in detail and first, by name or identifier; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Scenarios to show in detail.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub detail: usize,
    /// Item or group of items left out of sums over items; may be given several times, `none` for
    /// nothing [default: Grazing, Fodder crops, Live animals].
    #[arg(long, value_name = "NAME")]
    pub leave_out: Vec<String>,
    /// Table of regions (columns area, region) to take instead of those of the result.
    #[arg(long, value_name = "FILE")]
    pub regions: Option<PathBuf>,
    /// Dataset of the result, to run a sample and the shown scenarios again, over time [default: `synthetic`, if it
    /// is that].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Another result that this one is held against, in a section of its own: what changed.
    #[arg(long, value_name = "RESULT")]
    pub against: Option<PathBuf>,
    /// Do not check the result's tables first.
    #[arg(long)]
    pub no_verify: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
}

/// Writes the page of a result.
///
/// # Errors
/// The folder is no finished result, has no such scenario or item, or the page cannot be written.
pub fn execute(args: &ReportArgs) -> Result<(), CliError> {
    let options = Options {
        scenarios: args.scenario.clone(),
        most: args.detail,
        leave_out: left_out(&args.leave_out),
        regions: args.regions.clone(),
    };
    let mut overview = overview(&args.result, &options)?;
    let manifest = Manifest::read(&args.result.join(MANIFEST))?;
    let synthetic = || Some(manifest.job.dataset.clone()).filter(|name| name == SYNTHETIC);
    let given = args.dataset.clone().or_else(synthetic);
    let dataset = given.map(|given| open_dataset(&given)).transpose()?;
    let checks = match args.no_verify {
        true => Vec::new(),
        false => verify(&args.result, dataset.as_ref(), SAMPLE, 0)?,
    };
    // Whether it is another dataset is one of the checks.
    if let Some(dataset) = &dataset
        && let Err(problem) = trace_shown(&mut overview, &args.result, dataset)
    {
        say(&format!("note: nothing over time: {problem}"));
    }
    let against = match &args.against {
        None => String::new(),
        Some(other) => {
            let names = [other, &args.result].map(|path| shown(&path.display().to_string()));
            let found = compare(other, &args.result, CHANGED, None)?;
            section(&found, [&names[0], &names[1]], CHANGED)
        }
    };
    let page = html::page(&overview, &checks, &against);
    let mut pending = Pending::create(&args.out).map_err(SinkError::from)?;
    pending.write_all(page.as_bytes()).map_err(SinkError::io(&args.out))?;
    pending.commit().map_err(SinkError::from)?;
    if !args.quiet {
        ink::print(&format!(
            "{}: {:.1} MB, {} of {} in detail.\n",
            args.out.display(),
            page.len() as f64 / 1e6,
            overview.stories.len(),
            many(overview.scenarios, "scenario"),
        ))?;
    }
    if checks.iter().any(|check| check.holds == Some(false)) {
        let failed = checks.iter().filter(|check| check.holds == Some(false)).count();
        return Err(CliError::Verify(failed));
    }
    Ok(())
}

/// Names given one by one; none at all for the default, and `none` for nothing.
pub fn left_out(names: &[String]) -> Option<Vec<String>> {
    match names {
        [] => None,
        [name] if name == "none" => Some(Vec::new()),
        names => Some(names.to_vec()),
    }
}
