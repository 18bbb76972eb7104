//! `shocksweep bench`: the engines measured on the same scenarios.

use std::path::PathBuf;

use clap::Args;

use super::devices::DeviceArgs;
use super::say::say;
use super::{CliError, ink};
use crate::engine::Precision;
use crate::engine::gpu::bound;
use crate::job::plan::open_dataset;
use crate::job::{EngineKind, JobError};
use crate::model::constants::STEPS;
use crate::report;
use crate::sink::SinkError;
use crate::study::bench::bench;

/// Arguments of `shocksweep bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Compares cpu and gpu on single shocks without and with adaptation and on pairs, and the reference engine
on a few of them. Results are verified before anything is measured: exit code 3 if they differ. Times
are those of the fastest round within a second (three at least), losses above 1 kg extracted.

Examples:
  shocksweep bench food2020
  shocksweep bench food2020 --scenarios 11047 --device H100 -o bench.json
  shocksweep bench synthetic --scenarios 200 --allow-software")]
pub struct BenchArgs {
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    pub dataset: String,
    /// Scenarios of every set at most.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    pub scenarios: usize,
    /// Also measure the gpu engine with batches of these sizes.
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    pub batches: Vec<usize>,
    /// The graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// One JSON object instead of tables.
    #[arg(long)]
    pub json: bool,
    /// Also write everything to this file, as JSON.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print nothing about what is going on.
    #[arg(long)]
    pub quiet: bool,
}

/// Measures the engines and prints the tables.
///
/// # Errors
/// The device is not there or fails, or the engines differ.
pub fn execute(args: BenchArgs) -> Result<(), CliError> {
    let choice = args.device.choice(EngineKind::Gpu)?;
    let dataset = open_dataset(&args.dataset).map_err(|e: JobError| CliError::Job(e))?;
    let note = |text: &str| {
        if !args.quiet {
            say(text);
        }
    };
    let bench = bench(&dataset, STEPS, &choice, args.scenarios, &args.batches, &note)?;
    let json = || format!("{:#}\n", serde_json::json!(bench));
    if let Some(path) = &args.out {
        std::fs::write(path, json()).map_err(SinkError::io(path))?;
    }
    let is_single = bench.precision == Precision::F32.to_string();
    let allowed = bound(if is_single { Precision::F32 } else { Precision::F64 });
    let text = if args.json { json() } else { report::bench::text(&bench, allowed) };
    if args.json { ink::data(&text) } else { ink::print(&text) }?;
    match bench.verified.iter().filter(|report| report.is_broken).count() {
        0 => Ok(()),
        broken => Err(CliError::Validate(broken)),
    }
}
