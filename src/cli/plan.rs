//! `shocksweep plan`: what a job would run, before it runs.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use super::say::say;
use crate::job::{Adaptation, JobFile, Plan, census};
use crate::report;
use crate::study::estimate::{estimate, estimate_pairs};

/// Arguments of `shocksweep plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep plan jobs/pairs-sampled.toml
  shocksweep plan jobs/pairs-sampled.toml --table pairs.csv
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
    #[arg(long, value_name = "TABLE")]
    pub table: Option<PathBuf>,
}

/// Counts a job's scenarios, estimates their cost, and writes their table if asked for.
///
/// # Errors
/// The job is wrong, or the table cannot be written.
pub fn execute(args: PlanArgs) -> Result<(), CliError> {
    let known =
        |e: &std::ffi::OsStr| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("parquet");
    if args.table.as_ref().is_some_and(|t| !t.extension().is_some_and(known)) {
        return Err(CliError::Usage("--table: expected a file name that ends in .csv or .parquet"));
    }
    let mut job = JobFile::read(&args.job)?;
    if let Some(dataset) = args.dataset {
        job.dataset = dataset;
    }
    job.adaptation = args.adaptation.or(job.adaptation);
    let plan = Plan::new(&job)?;
    if let Some(asked) = &plan.superposition
        && let Some(grid) = &asked.grid
    {
        if args.table.is_some() {
            return Err(CliError::Usage(
                "--table: the job is a screening, which keeps no list of scenarios",
            ));
        }
        let estimate = estimate_pairs(&plan, grid, asked.adaptation)?;
        let text = report::plan::screening(&plan, grid, &estimate);
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(());
    }
    for note in &plan.notes {
        say(&format!("note: {note}"));
    }
    let kinds = census::count(&plan);
    let mut text = report::plan::summary(&plan, &kinds, &estimate(&plan, &kinds)?);
    if let Some(table) = &args.table {
        let rows = report::plan::write_table(table, &plan, job.adaptive)?;
        let both = plan.adaptation == Some(Adaptation::Both);
        let again = if both { "; run it with --adaptation both" } else { "" };
        text += &format!("\nScenario table: {} ({rows} rows){again}.\n", table.display());
    }
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
