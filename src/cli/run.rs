//! `shocksweep run`: a job file, or flags alone, or flags over a job file.

mod place;
mod summary;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use place::Place;
use summary::{checked, summary};

use super::devices::DeviceArgs;
use super::place::Copies;
use super::progress::{Log, reporter};
use super::say::say;
use super::switches::SwitchArgs;
use super::{CliError, ink, signals};
use crate::compare::compare;
use crate::job::file::{Compression, Losses};
use crate::job::regions::OwnRegions;
use crate::job::{
    Adaptation, EngineKind, JobError, JobFile, Plan, ScenarioSet, SuperpositionJob, limits,
    policies,
};
use crate::report::{self, quoted};
use crate::scenario::ScenarioId;
use crate::sink::PartList;
use crate::sink::ledger::Shard;
use crate::sweep::{self, Ended, Progress, RunOptions, Silent, Start};
use crate::whatif::WhatIf;

/// Threads at most: several times the cores of the largest machines; tens of thousands take minutes to start.
const MOST_THREADS: i64 = 4096;

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
  shocksweep run JOB --out D --resume         continue after an interruption
  shocksweep run JOB --out D3 --shard 3/16    one of sixteen machines; then `shocksweep merge`
  shocksweep run JOB --out s3://bucket/run    into a store; --resume continues there, on any machine

A scenario table has one row per shocked sector: scenario, area, item and optionally phi, adaptation
and the switches of the adaptive model (substitution, relative_threshold ...).")]
pub struct RunArgs {
    /// Job file (TOML); the flags below override what it says.
    pub job: Option<PathBuf>,
    /// Dataset: a folder (own form or published layout), an address (s3://, https://), or `synthetic`.
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Run every sector's full failure, one scenario each.
    #[arg(long, conflicts_with = "scenarios")]
    pub all_single: bool,
    /// Run the scenarios of this table (CSV or Parquet).
    #[arg(long, value_name = "TABLE")]
    pub scenarios: Option<PathBuf>,
    /// Result folder, or address (s3://BUCKET/PREFIX).
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder where a result for a store is made first, and stays [default: a temporary one].
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
    /// Write rows whose absolute loss or gain exceeds this many tonnes [default: 0.001].
    #[arg(long, value_name = "TONNES")]
    pub min_loss: Option<f64>,
    /// Engine [default: cpu]; auto: cpu or gpu, whichever is faster for this plan.
    #[arg(long)]
    pub engine: Option<EngineKind>,
    /// The graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Whether areas adapt [default: as each scenario says, else on].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model.
    #[command(flatten)]
    pub switches: SwitchArgs,
    /// Also write every decision to adapt or substitute (events.parquet).
    #[arg(long)]
    pub events: bool,
    /// Compare scenarios of two shocks with the sum of their single losses (superposition.parquet), of three
    /// with what their pairs explain (triples.parquet).
    #[arg(long)]
    pub superposition: bool,
    /// Yearly steps [default: 10].
    #[arg(long)]
    pub steps: Option<usize>,
    /// Compression of the loss tables [default: zstd].
    #[arg(long)]
    pub compression: Option<Compression>,
    /// Which losses to write: all, or none, totals by scenario alone.
    #[arg(long)]
    pub losses: Option<Losses>,
    /// Also write every step of these scenarios, comma-separated identifiers.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub trace: Option<Vec<ScenarioId>>,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    pub threads: Option<u16>,
    /// Memory the run may use, such as "4 GiB" [default: half of the machine's].
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Table of regions (columns area, region) that scenarios mean by a region.
    #[arg(long, value_name = "FILE")]
    pub regions: Option<PathBuf>,
    /// Change the dataset first, as this file says (diversify, supplier, link, domestic, yield ...).
    #[arg(long, value_name = "FILE")]
    pub what_if: Option<PathBuf>,
    /// Continue an unfinished run in the same folder: what is on the disk is kept.
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Run a fixed share of the job, such as 3/16; `shocksweep merge` joins all of them.
    #[arg(long, value_name = "N/OF")]
    pub shard: Option<Shard>,
    /// Run these parts of the job alone, such as 0-3,7; `shocksweep merge` joins folders that hold all.
    #[arg(long, value_name = "LIST", conflicts_with = "shard")]
    pub parts: Option<PartList>,
    /// Replace an earlier result in the same folder.
    #[arg(long)]
    pub force: bool,
    /// How to report progress on standard error.
    #[arg(long, value_enum, default_value_t = Log::Auto)]
    pub log: Log,
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
        } else if let Some(folder) = &job.output.folder {
            limits::check_folder(folder, Path::new("."))?;
        }
        if job.output.folder.is_none() {
            return Err(JobError::NoOutput.into());
        }
        if let Some(trace) = &self.trace {
            job.output.trace.clone_from(trace);
        }
        job.output.min_loss = self.min_loss.unwrap_or(job.output.min_loss);
        job.output.compression = self.compression.unwrap_or(job.output.compression);
        job.output.losses = self.losses.unwrap_or(job.output.losses);
        job.engine = self.engine.unwrap_or(job.engine);
        job.device = self.device.device.clone().or(job.device);
        job.precision = self.device.precision.or(job.precision);
        job.allow_software |= self.device.allow_software;
        job.adaptation = self.adaptation.or(job.adaptation);
        job.adaptive = self.switches.switches().or(job.adaptive);
        if self.superposition && job.superposition.is_none() {
            job.superposition = Some(SuperpositionJob::default());
        }
        job.output.events |= self.events;
        job.memory_limit = self.memory_limit.clone().or(job.memory_limit);
        job.steps = self.steps.unwrap_or(job.steps);
        if let Some(path) = &self.regions {
            job.regions = Some(OwnRegions::Table(path.clone()).resolved(Path::new(""))?);
        }
        if let Some(path) = &self.what_if {
            job.change.extend(WhatIf::read(path)?.change);
        }
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
    let job = args.job()?;
    let policies = policies::jobs(&job)?;
    if policies.is_empty() {
        return one(&args, &job, started).map(drop);
    }
    if args.scratch.is_some() {
        return Err(CliError::Usage(
            "a job with [[what-if]] sets makes several results: leave --scratch out, or run its sets apart",
        ));
    }
    if args.shard.is_some() {
        return Err(CliError::Usage(
            "a job with [[what-if]] sets cannot be cut into shards; run its sets apart",
        ));
    }
    // What is wrong with the last set is said before the first is run.
    for of in &policies {
        Plan::new(&of.job)?;
    }
    let mut folders = Vec::new();
    for of in &policies {
        if !args.quiet {
            say(&format!("{}:", of.name));
        }
        one(&args, &of.job, started)?;
        folders.extend(of.job.output.folder.clone());
    }
    if args.quiet {
        return Ok(());
    }
    let mut copies = Copies::default();
    let names: Vec<&str> = policies.iter().map(|of| of.name.as_str()).collect();
    let folders: Vec<PathBuf> =
        folders.iter().map(|folder| copies.result(folder)).collect::<Result<_, _>>()?;
    let mut text = String::new();
    if let [as_it_is, others @ ..] = folders.as_slice() {
        let compared = others.iter().map(|other| compare(as_it_is, other, 0, None));
        let compared = compared.collect::<Result<Vec<_>, _>>()?;
        text = report::compare::policies(&names[1..], &compared);
        if let Some(last) = others.last() {
            text += &format!(
                "\nNext:\n  shocksweep compare {} {}   scenario by scenario, area by area\n",
                quoted(&as_it_is.display().to_string()),
                quoted(&last.display().to_string())
            );
        }
    }
    ink::print(&text)?;
    Ok(())
}

/// Runs a job of one world.
fn one(args: &RunArgs, job: &JobFile, started: Instant) -> Result<(), CliError> {
    let plan = Plan::new(job)?;
    let mut place = Place::new(sweep::folder(&plan)?, args.scratch.as_deref())?;
    let scratch = place.scratch().map(Path::to_path_buf);
    let options = RunOptions {
        start: match (args.resume, args.force) {
            (true, _) => Start::Resume,
            (false, true) => Start::Replace,
            (false, false) => Start::New,
        },
        shard: args.shard.unwrap_or(Shard::WHOLE),
        parts: args.parts.as_ref(),
        started,
        stop: &signals::interrupted,
        scratch: scratch.as_deref(),
        threads: None,
    };
    signals::listen(args.quiet);
    let reporter = reporter(args.log);
    let progress: &dyn Progress = if args.quiet { &Silent } else { reporter.as_ref() };
    for note in &plan.notes {
        progress.note(note);
    }
    let result = sweep::run(&plan, &options, progress);
    reporter.end();
    let root = sweep::folder(&plan)?.display();
    let manifest = match place.ended(result)? {
        Ended::Complete(manifest) => *manifest,
        Ended::Stopped(state) => return Err(CliError::Stopped(state)),
        Ended::Shard(parts) => {
            if !args.quiet {
                let (what, all) = match &args.parts {
                    Some(list) => (format!("Parts {list}: complete"), "parts".to_string()),
                    None => {
                        let Shard { of, .. } = options.shard;
                        (format!("Shard {} is complete", options.shard), of.to_string())
                    }
                };
                ink::print(&format!(
                    "{what}: {parts} parts in {root}.\n\
                     When all {all} are: shocksweep merge RESULT SHARD_FOLDERS...\n"
                ))?;
            }
            return Ok(());
        }
    };
    if args.quiet {
        return checked(&manifest);
    }
    summary(&plan, place.folder(), &manifest, &job.dataset)?;
    checked(&manifest)
}
