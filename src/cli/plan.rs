//! `shocksweep plan`: what a job would run, before it runs.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::say::say;
use super::{CliError, ink};
use crate::job::{Adaptation, JobFile, Plan, census};
use crate::report;
use crate::study::estimate::{estimate, estimate_pairs};

/// Arguments of `shocksweep plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep plan jobs/pairs-sampled.toml
  shocksweep plan jobs/pairs-sampled.toml -o pairs.csv
  shocksweep run --scenarios pairs.csv --out results/pairs

A small sample of the scenarios is run to estimate time and size; no result is written.")]
pub struct PlanArgs {
    /// Job file (TOML).
    pub job: PathBuf,
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Whether areas adapt [default: as the job says].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Also write the scenarios as a table for `run --scenarios` (.csv or .parquet); replaces an
    /// older one.
    #[arg(short, long, value_name = "TABLE", alias = "table")]
    pub out: Option<PathBuf>,
}

/// Counts a job's scenarios, estimates their cost, and writes their table if asked for.
///
/// # Errors
/// The job is wrong, or the table cannot be written.
pub fn execute(args: PlanArgs) -> Result<(), CliError> {
    let started = Instant::now();
    let known =
        |e: &std::ffi::OsStr| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("parquet");
    if args.out.as_ref().is_some_and(|t| !t.extension().is_some_and(known)) {
        return Err(CliError::Usage("--out: expected a file name that ends in .csv or .parquet"));
    }
    let mut job = JobFile::read(&args.job)?;
    if let Some(dataset) = args.dataset {
        job.dataset = dataset;
    }
    job.adaptation = args.adaptation.or(job.adaptation);
    let plan = Plan::new(&job)?;
    let load_s = started.elapsed().as_secs_f64();
    if let Some(asked) = &plan.superposition
        && let Some(grid) = &asked.grid
    {
        if args.out.is_some() {
            return Err(CliError::Usage(
                "--out: the job is a screening, which keeps no list of scenarios",
            ));
        }
        let mut estimate = estimate_pairs(&plan, asked, grid)?;
        estimate.prepare_s += load_s;
        let text = report::plan::screening(&plan, grid, &estimate);
        ink::print(&text)?;
        return Ok(());
    }
    for note in &plan.notes {
        say(&format!("note: {note}"));
    }
    let kinds = census::count(&plan);
    let mut estimate = estimate(&plan, &kinds)?;
    estimate.prepare_s += load_s;
    let mut text = report::plan::summary(&plan, &kinds, &estimate);
    if let Some(table) = &args.out {
        let rows = report::plan::write_table(table, &plan, job.adaptive)?;
        let both = plan.adaptation == Some(Adaptation::Both);
        let again = if both { "; run it with --adaptation both" } else { "" };
        text += &format!("\nScenario table: {} ({rows} rows){again}.\n", table.display());
    }
    ink::print(&text)?;
    Ok(())
}
