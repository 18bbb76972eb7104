//! `shocksweep verify`: checks a result.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, ink};
use crate::check::verify::verify;
use crate::job::JobError;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::report;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

/// Arguments of `shocksweep verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at the ledger, sizes and checksums of all files, numbers of rows, completeness and order of the
scenarios, what columns say of each other, and runs a random sample of scenarios again in the
reference engine. Exit code 3 if anything is wrong; `run ... --resume` computes damaged parts again.

Examples:
  shocksweep verify results/adaptive
  shocksweep verify results/food2020 --dataset food2020 --sample 100 --seed 7")]
pub struct VerifyArgs {
    /// Result folder, finished or not.
    pub result: PathBuf,
    /// Dataset of the result, to run a sample again [default: `synthetic`, if it is that].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Scenarios to run again.
    #[arg(long, default_value_t = 20)]
    pub sample: usize,
    /// Which ones.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// Checks a result and prints what it found.
///
/// # Errors
/// There is no result, or a check fails.
pub fn execute(args: &VerifyArgs) -> Result<(), CliError> {
    let given = match &args.dataset {
        Some(given) => Some(given.clone()),
        None => Manifest::read(&args.result.join(MANIFEST))
            .ok()
            .map(|manifest| manifest.job.dataset)
            .filter(|name| name == SYNTHETIC),
    };
    let dataset = given.map(|given| open_dataset(&given)).transpose();
    let dataset = dataset.map_err(|error: JobError| CliError::Job(error))?;
    let checks = verify(&args.result, dataset.as_ref(), args.sample, args.seed)?;
    let mut text = report::verify::text(&checks);
    if dataset.is_none() {
        text += "\nWith --dataset a sample is run again.\n";
    }
    ink::print(&text)?;
    match checks.iter().filter(|check| check.holds == Some(false)).count() {
        0 => Ok(()),
        failed => Err(CliError::Verify(failed)),
    }
}
