//! `shocksweep run`: a job file, or flags alone, or flags over a job file.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::CliError;
use super::progress::Bar;
use super::switches::SwitchArgs;
use crate::analysis::hdi::headlines;
use crate::analysis::worst::worst;
use crate::job::file::Compression;
use crate::job::{Adaptation, EngineKind, JobFile, Plan, ScenarioSet, SuperpositionJob};
use crate::report;
use crate::sink::manifest::Manifest;
use crate::sweep;

/// Scenarios in the summary.
const SHOWN: usize = 10;

/// Arguments of `shocksweep run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep run jobs/adaptive.toml
  shocksweep run jobs/adaptive.toml --dataset food2020 --out results/food2020
  shocksweep run --dataset food2020 --all-single --adaptation on --events --out results/on
  shocksweep run --dataset food2020 --scenarios my-shocks.csv --min-loss 0 --out results/mine
  shocksweep run --dataset food2020 --scenarios pairs.csv --superposition --out results/pairs
  shocksweep run jobs/screen-group.toml       which pairs are far worse than their sum

A scenario table has one row per shocked sector: scenario, area, item and optionally phi, adaptation
and the switches of the adaptive model (substitution, relative_threshold ...).")]
pub struct RunArgs {
    /// Job file (TOML); the flags below override what it says.
    pub job: Option<PathBuf>,
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Run every sector's full failure, one scenario each.
    #[arg(long, conflicts_with = "scenarios")]
    pub all_single: bool,
    /// Run the scenarios of this table (CSV or Parquet).
    #[arg(long, value_name = "TABLE")]
    pub scenarios: Option<PathBuf>,
    /// Result folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write rows whose absolute loss or gain exceeds this many tonnes [default: 0.001].
    #[arg(long, value_name = "TONNES")]
    pub min_loss: Option<f64>,
    /// Engine [default: cpu].
    #[arg(long)]
    pub engine: Option<EngineKind>,
    /// Whether areas adapt [default: as each scenario says, else on].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model.
    #[command(flatten)]
    pub switches: SwitchArgs,
    /// Also write every decision to adapt or substitute (events.parquet).
    #[arg(long)]
    pub events: bool,
    /// Compare scenarios of two shocks with the sum of their single losses (superposition.parquet).
    #[arg(long)]
    pub superposition: bool,
    /// Yearly steps [default: 10].
    #[arg(long)]
    pub steps: Option<usize>,
    /// Compression of the loss tables [default: none].
    #[arg(long)]
    pub compression: Option<Compression>,
    /// Also write every step of these scenarios, comma-separated identifiers.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub trace: Option<Vec<u32>>,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Replace an earlier result in the same folder.
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
}

impl RunArgs {
    /// The job file with the flags put over it.
    fn job(&self) -> Result<JobFile, CliError> {
        let flagged = match (&self.scenarios, self.all_single) {
            (Some(table), _) => Some(ScenarioSet::Table { table: table.clone() }),
            (None, true) => Some(ScenarioSet::AllSingle),
            (None, false) => None,
        };
        let mut job = match (&self.job, flagged) {
            (Some(path), None) => JobFile::read(path)?,
            (Some(path), Some(set)) => JobFile { scenarios: set, ..JobFile::read(path)? },
            (None, Some(set)) => JobFile::new(set),
            (None, None) => {
                return Err(CliError::Usage(
                    "nothing to run: give a job file, --all-single or --scenarios TABLE",
                ));
            }
        };
        if let Some(dataset) = &self.dataset {
            job.dataset.clone_from(dataset);
        }
        if let Some(out) = &self.out {
            job.output.folder = Some(out.clone());
        }
        if let Some(trace) = &self.trace {
            job.output.trace.clone_from(trace);
        }
        job.output.min_loss = self.min_loss.unwrap_or(job.output.min_loss);
        job.output.compression = self.compression.unwrap_or(job.output.compression);
        job.engine = self.engine.unwrap_or(job.engine);
        job.adaptation = self.adaptation.or(job.adaptation);
        job.adaptive = self.switches.switches().or(job.adaptive);
        if self.superposition && job.superposition.is_none() {
            job.superposition = Some(SuperpositionJob::default());
        }
        job.output.events |= self.events;
        job.steps = self.steps.unwrap_or(job.steps);
        Ok(job)
    }
}

/// Runs a job and prints its summary.
///
/// # Errors
/// The job is wrong, or the result cannot be written.
pub fn execute(args: RunArgs) -> Result<(), CliError> {
    let started = Instant::now();
    if let Some(threads) = args.threads {
        // Fails only if the pool exists already, which nothing before this line makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
    let plan = Plan::new(&args.job()?)?;
    if args.quiet {
        let manifest = sweep::run(&plan, args.force, started, &sweep::Silent)?;
        return checked(&manifest);
    }
    for note in &plan.notes {
        eprintln!("note: {note}");
    }
    let bar = Bar::new();
    let result = sweep::run(&plan, args.force, started, &bar);
    bar.clear();
    let manifest = result?;
    let folder = plan.output.display().to_string();
    let is_screening = plan.superposition.as_ref().is_some_and(|s| s.grid.is_some());
    if is_screening {
        let summary = report::superposition::screening(&manifest, &plan.output, SHOWN)?;
        write!(std::io::stdout().lock(), "{summary}")?;
        return checked(&manifest);
    }
    let worst = worst(&plan.output, SHOWN)?;
    let comparisons = headlines(&plan.output)?;
    let mut summary = report::run::summary(&manifest, &worst, &comparisons, &folder);
    if manifest.superposition.is_some() {
        summary += &report::superposition::pairs(&manifest, &plan.output, SHOWN)?;
    }
    write!(std::io::stdout().lock(), "{summary}")?;
    Ok(())
}

/// Whether the rules of a screening held where they were checked.
fn checked(manifest: &Manifest) -> Result<(), CliError> {
    let broken = manifest.superposition.as_ref().and_then(|s| s.check).map_or(0, |c| c.broken);
    if broken == 0 { Ok(()) } else { Err(CliError::Rules(broken)) }
}
