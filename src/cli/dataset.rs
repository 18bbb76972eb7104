//! `shocksweep dataset import | check | synth`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::CliError;
use crate::dataset::import::{ImportOptions, import};
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::dataset::{Dataset, check, store};
use crate::job::plan::open_dataset;

/// The dataset commands.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Read the published file layout and write shocksweep's own form.
    Import(ImportArgs),
    /// Print what a dataset holds and whether it keeps the model's invariants.
    Check {
        /// Dataset: a folder (own form or published layout), or `synthetic`.
        dataset: String,
    },
    /// Invent a world and write it in shocksweep's own form.
    Synth(SynthArgs),
}

/// Arguments of `shocksweep dataset import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep dataset import food2020-files food2020 --year 2020 --reconstructed trade_t \\
      --synthetic rules_import,rules_export

The folder holds io_codes_alph.csv, su_codes_alph.csv, a_frame.csv and sparse_*.mtx; the rules
(transition_*.npz) and substitutability_trade.npz are optional.")]
pub struct ImportArgs {
    /// Folder in the published layout.
    pub src: PathBuf,
    /// Folder to write.
    pub out: PathBuf,
    /// Name of the dataset [default: the source folder's].
    #[arg(long)]
    pub name: Option<String>,
    /// Year the data describe.
    #[arg(long)]
    pub year: Option<i32>,
    /// Licence of the data.
    #[arg(long)]
    pub licence: Option<String>,
    /// Tables that were reconstructed, comma-separated.
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub reconstructed: Vec<String>,
    /// Tables that are invented, comma-separated.
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub synthetic: Vec<String>,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `shocksweep dataset synth`.
#[derive(Debug, Args)]
pub struct SynthArgs {
    /// Folder to write.
    pub out: PathBuf,
    /// Number of areas.
    #[arg(long, default_value_t = SynthOptions::default().areas)]
    pub areas: usize,
    /// Number of items.
    #[arg(long, default_value_t = SynthOptions::default().items)]
    pub items: usize,
    /// Seed: the same seed gives the same world on every machine.
    #[arg(long, default_value_t = SynthOptions::default().seed)]
    pub seed: u64,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// Does what a dataset command asks.
///
/// # Errors
/// The input is wrong, the output cannot be written, or a check fails.
pub fn execute(command: DatasetCommand) -> Result<(), CliError> {
    match command {
        DatasetCommand::Import(args) => {
            let options = ImportOptions {
                name: args.name,
                year: args.year,
                licence: args.licence,
                reconstructed: args.reconstructed,
                synthetic: args.synthetic,
            };
            let dataset = import(&args.src, &options)?;
            store::write(&dataset, &args.out, args.force)?;
            announce(&dataset, &args.out)
        }
        DatasetCommand::Synth(args) => {
            let options = SynthOptions { areas: args.areas, items: args.items, seed: args.seed };
            let dataset = synthesize(&options)?;
            store::write(&dataset, &args.out, args.force)?;
            announce(&dataset, &args.out)
        }
        DatasetCommand::Check { dataset } => {
            let dataset = open_dataset(&dataset)?;
            let report = check::check(&dataset);
            let mut out = std::io::stdout().lock();
            if let Some(warning) = dataset.metadata.warning() {
                writeln!(out, "Note: {warning}.\n")?;
            }
            writeln!(out, "{report}")?;
            if report.failed() == 0 {
                return Ok(());
            }
            Err(CliError::Check(report.failed()))
        }
    }
}

/// Says what was written, in one sentence.
pub(super) fn announce(dataset: &Dataset, out: &std::path::Path) -> Result<(), CliError> {
    let dims = dataset.dimensions();
    let producers = dataset.parameters.producers().iter().filter(|&&p| p).count();
    let rules = if dataset.rules.is_some() { "with" } else { "without" };
    writeln!(
        std::io::stdout().lock(),
        "{}: {} areas, {} items, {} processes, {} producing sectors, {} trade links, {rules} rules \
         of adaptation.{}",
        out.display(),
        dims.areas,
        dims.items,
        dims.processes,
        producers,
        dataset.parameters.trade_t.nnz(),
        dataset.metadata.warning().map(|w| format!("\nNote: {w}.")).unwrap_or_default(),
    )?;
    Ok(())
}
