//! `shocksweep explain`: why pairs of shocks are worse than their sum.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::analysis::superposition as analysis;
use crate::dataset::hash;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::job::plan::open_dataset;
use crate::job::{EngineKind, JobError};
use crate::model::adaptation::AdaptationSettings;
use crate::report;
use crate::scenario::Shock;
use crate::scenario::selection::items_named;
use crate::scenario::spec;
use crate::sink::SinkError;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;
use crate::study::explain;
use crate::superposition::Pair;
use crate::sweep::make_engine;

/// Arguments of `shocksweep explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep explain results/screen-group               the most super-additive pairs, and why
  shocksweep explain results/screen-group 62940         one of them in detail
  shocksweep explain results/pairs 17 --dataset food2020

Without PAIR the tables of the result are shown. With it the pair is run again, with and without
adaptation and substitution, which needs the dataset of the result: `synthetic`, or give --dataset.")]
pub struct ExplainArgs {
    /// Result folder of a run with superposition, or of a screening.
    pub result: PathBuf,
    /// Identifier of the pair: column `scenario` of superposition.parquet.
    pub pair: Option<i32>,
    /// Dataset of the result [default: `synthetic`, if it is that].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Pairs to show.
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
        None => report::superposition::ranked(&manifest, &args.result, args.top)?,
        Some(id) => detail(&args, &manifest, id)?,
    };
    write!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

fn detail(args: &ExplainArgs, manifest: &Manifest, id: i32) -> Result<String, CliError> {
    let rows = analysis::pairs(&args.result)?;
    let row = rows.iter().find(|row| row.scenario == id);
    let row = row.ok_or_else(|| SinkError::Unreadable {
        path: args.result.clone(),
        problem: format!("has no pair {id}; superposition.parquet lists those it has"),
    })?;
    let given = args.dataset.as_ref().unwrap_or(&manifest.job.dataset);
    let dataset = open_dataset(given).map_err(|error| match error {
        JobError::NoDataset(_) if args.dataset.is_none() => CliError::Usage(
            "the result keeps the name of its dataset, not its folder: give --dataset DIR",
        ),
        error => error.into(),
    })?;
    if hash::content_hash(&dataset) != manifest.dataset.content_hash {
        return Err(CliError::OtherDataset { given: given.clone() });
    }
    let mut shocks = [Shock::new(0, 1.0); 2];
    for (n, shock) in shocks.iter_mut().enumerate() {
        let [area, item] = &row.sectors[n];
        *shock = spec::shocks(area, item, row.phi[n], &dataset)?.remove(0);
    }
    let adaptation = match manifest.job.adaptation.as_str() {
        "off" => None,
        _ => manifest.job.adaptive.as_ref().map(AdaptationSettings::from),
    };
    let pair = Pair { id: id as u32, shocks, adaptation };
    let leave_out = manifest.superposition.as_ref().map_or(&[][..], |s| &s.leave_out[..]);
    let left_out = items_named("leave_out", leave_out, &dataset).map_err(JobError::from)?;
    let counted: Vec<bool> = left_out.into_iter().map(|left_out| !left_out).collect();
    let kind = match manifest.job.engine.as_str() {
        "reference" => EngineKind::Reference,
        _ => EngineKind::Cpu,
    };
    // A pair is six runs: the cpu engine answers what a result of the gpu engine asks.
    let engine = make_engine(kind, &DeviceChoice::default(), &dataset, manifest.job.steps)?;
    let producers = dataset.parameters.producers();
    let explanation = explain::explain(engine.as_ref(), &producers, &counted, &pair)?;
    Ok(report::explain::pair(&dataset, &pair, &explanation))
}
