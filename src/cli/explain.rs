//! `shocksweep explain`: why pairs of shocks are worse than their sum, triples than their pairs explain.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{CliError, ink};
use crate::dataset::Dataset;
use crate::job::JobError;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::report::{self, quoted};
use crate::scenario::ScenarioId;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;
use crate::study::explain::of_result;

/// Arguments of `shocksweep explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep explain results/screen-group               the most super-additive pairs, and why
  shocksweep explain results/screen-group 62940         one of them in detail
  shocksweep explain results/pairs 17 --dataset food2020
  shocksweep explain results/triples 204                what no pair of the three shocks explains

Without PAIR the tables of the result are shown. With it the pair, or triple, is run again, with and
without adaptation and substitution, which needs the dataset of the result: `synthetic`, or give --dataset.")]
pub struct ExplainArgs {
    /// Result folder of a run with superposition, or of a screening.
    pub result: PathBuf,
    /// Identifier of the pair, or triple: column `scenario` of superposition.parquet, or triples.parquet.
    pub pair: Option<ScenarioId>,
    /// Dataset of the result [default: `synthetic`, if it is that].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Pairs, or triples, to show.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
}

/// Prints the pairs of a result, or one of them in detail.
///
/// # Errors
/// The folder is no such result, or the dataset is not the one it was made from.
pub fn execute(args: ExplainArgs) -> Result<(), CliError> {
    let manifest = Manifest::read(&args.result.join(MANIFEST))?;
    if manifest.superposition.is_none() {
        return Err(CliError::Usage(
            "the result compares no pairs: run its job with --superposition or a table [superposition]",
        ));
    }
    let text = match args.pair {
        None => {
            let dataset = args.dataset.as_ref().unwrap_or(&manifest.job.dataset);
            let ranked = report::superposition::ranked(&manifest, &args.result, args.top)?;
            ranked + &next_of_pairs(&args.result, dataset)?
        }
        Some(id) => detail(&args, &manifest, id)?,
    };
    ink::print(&text)?;
    Ok(())
}

fn detail(args: &ExplainArgs, manifest: &Manifest, id: ScenarioId) -> Result<String, CliError> {
    let dataset = dataset_of(manifest, args.dataset.as_deref())?;
    let (set, explanation) = of_result(&args.result, id, &dataset)?;
    Ok(report::explain::set(&dataset, &set, &explanation))
}

/// The dataset that a result was made from: the one given, or the built-in world if it is that.
///
/// # Errors
/// It cannot be read, or none is given of a result of another one.
pub(super) fn dataset_of(manifest: &Manifest, given: Option<&str>) -> Result<Dataset, CliError> {
    open_dataset(given.unwrap_or(&manifest.job.dataset)).map_err(|error| match error {
        JobError::NoDataset(_) if given.is_none() => CliError::Usage(
            "the result keeps the name of its dataset, not its folder: give --dataset DIR",
        ),
        error => error.into(),
    })
}

/// The commands that a person would type next after a look at pairs; `dataset` is what they were run on, as
/// given.
///
/// # Errors
/// The result cannot be read.
pub(super) fn next_of_pairs(root: &Path, dataset: &str) -> Result<String, CliError> {
    let folder = quoted(&root.display().to_string());
    let dataset = match dataset {
        SYNTHETIC => String::new(),
        given => format!(" --dataset {}", quoted(given)),
    };
    let first = report::superposition::best(root, 1)?;
    let pair = first.first().map_or(String::new(), |row| {
        let id = row.set.scenario;
        format!("  shocksweep explain {folder} {id}{dataset}   why the first is worse\n")
    });
    Ok(format!(
        "\nNext:\n{pair}  shocksweep report {folder} -o pairs.html   everything on one page\n"
    ))
}
