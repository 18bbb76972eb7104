//! `shocksweep dataset import | export | check | synth`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, ink};
use crate::check::settles;
use crate::dataset::import::{ImportOptions, import};
use crate::dataset::metadata::UNITS;
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::dataset::{Dataset, MissingRule, check, export, store};
use crate::job::plan::open_dataset;
use crate::tables::synth::SyntheticSeries;
use crate::tables::{self, About};
use crate::whatif::{self, WhatIf};

/// The dataset commands.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Read the published file layout and write shocksweep's own form.
    Import(ImportArgs),
    /// Write a dataset in the published file layout, for the authors' program and others.
    Export {
        /// Dataset: a folder (own form or published layout), or `synthetic`.
        dataset: String,
        /// Folder to write.
        out: PathBuf,
        /// Replace an earlier export in the same folder.
        #[arg(long)]
        force: bool,
    },
    /// Write a dataset changed by a what-if file, and say what the changes do.
    Change {
        /// Dataset: a folder (own form or published layout), or `synthetic`.
        dataset: String,
        /// What-if file (TOML): see the documentation of `whatif`.
        what_if: PathBuf,
        /// Folder to write.
        out: PathBuf,
        /// Replace an earlier dataset in the same folder.
        #[arg(long)]
        force: bool,
    },
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
    /// Name of the dataset [default: that of the folder to write].
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
    /// What an entry without a rule becomes when its sector adapts: 0, or it keeps its value (rules
    /// that shocksweep learned).
    #[arg(long, value_enum, default_value_t)]
    pub missing_rule: MissingRule,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `shocksweep dataset synth`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep dataset synth myworld --areas 50 --items 30 --seed 7
  shocksweep dataset synth mytables --areas 50 --items 30 --years 1993-2020
  shocksweep calibrate mytables myworld2020 --year 2020
  shocksweep learn mytables mylearned

With --years, yearly supply-use tables are written instead of a dataset (Parquet; columns:
documentation of `tables::long`). Calibrated with --floor 0, the first year gives the world's
parameters back; later years grow and hold sudden losses to learn from. No area of such a world
exports what it imported.")]
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
    /// Write supply-use tables of these years, such as 1993-2020, instead of a dataset.
    #[arg(long, value_name = "FIRST-LAST", value_parser = years)]
    pub years: Option<(i32, i32)>,
    /// Replace what an earlier call wrote to the same folder.
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
                name: Some(args.name.unwrap_or_else(|| named_after(&args.out))),
                year: args.year,
                licence: args.licence,
                reconstructed: args.reconstructed,
                synthetic: args.synthetic,
                missing_rule: args.missing_rule,
            };
            let dataset = import(&args.src, &options)?;
            store::write(&dataset, &args.out, args.force)?;
            announce(&dataset, &args.out)
        }
        DatasetCommand::Synth(args) => {
            let options = SynthOptions { areas: args.areas, items: args.items, seed: args.seed };
            if let Some(years) = args.years {
                return synth_tables(&options, years, &args);
            }
            let dataset = synthesize(&options)?;
            store::write(&dataset, &args.out, args.force)?;
            announce(&dataset, &args.out)
        }
        DatasetCommand::Change { dataset, what_if, out, force } => {
            let changes = WhatIf::read(&what_if)?.change;
            let (mut changed, rows) = whatif::apply(&open_dataset(&dataset)?, &changes)?;
            changed.metadata.name = named_after(&out);
            store::write(&changed, &out, force)?;
            for line in whatif::told(&rows) {
                ink::print(&format!("{line}\n"))?;
            }
            announce(&changed, &out)
        }
        DatasetCommand::Export { dataset, out, force } => {
            let dataset = open_dataset(&dataset)?;
            export::export(&dataset, &out, force)?;
            let mut text = format!("{}: written in the published layout.", out.display());
            for note in export::lost(&dataset) {
                text += &format!("\nNote: {note}.");
            }
            Ok(ink::print(&format!("{text}\n"))?)
        }
        DatasetCommand::Check { dataset } => {
            let dataset = open_dataset(&dataset)?;
            let mut report = check::check(&dataset);
            if report.failed() == 0 {
                report.verdicts.push(settles(&dataset));
            }
            if let Some(warning) = dataset.metadata.warning() {
                ink::print(&format!("Note: {warning}.\n\n"))?;
            }
            ink::print(&format!("{}\n", crate::report::check::text(&report)))?;
            if report.failed() == 0 {
                return Ok(());
            }
            Err(CliError::Check(report.failed()))
        }
    }
}

/// A year, or a first and a last one.
pub(super) fn years(text: &str) -> Result<(i32, i32), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let [first, last] = [first, last].map(|year| year.trim().parse::<i32>());
    match (first, last) {
        (Ok(first), Ok(last)) if first <= last && last - first < MOST_YEARS => Ok((first, last)),
        _ => Err(format!("expected a year or two, such as 1993-2020, at most {MOST_YEARS} years")),
    }
}

/// Years a synthetic series can have.
const MOST_YEARS: i32 = 200;

/// Writes the supply-use tables of an invented world.
fn synth_tables(
    options: &SynthOptions,
    (first, last): (i32, i32),
    args: &SynthArgs,
) -> Result<(), CliError> {
    let series = SyntheticSeries::new(options, first..=last)?;
    let about = About {
        name: Some("synthetic tables".to_string()),
        units: UNITS.to_string(),
        licence: "CC0-1.0 (generated)".to_string(),
        synthetic: true,
    };
    let years = series.years.clone().map(|year| (year, series.year(year)));
    tables::write(&series.labels, &about, years, &args.out, args.force)?;
    let d = series.labels.dimensions();
    ink::print(&format!(
        "{}: supply-use tables of {first} to {last}, {} areas, {} items, {} processes, {} planted \
         losses.\nNote: every number in them is invented.\n",
        args.out.display(),
        d.areas,
        d.items,
        d.processes,
        series.losses.len(),
    ))?;
    Ok(())
}

/// A dataset's name where none is given: that of its folder, which is what its user calls it.
pub(super) fn named_after(out: &std::path::Path) -> String {
    let resolved = out.file_name().is_none().then(|| out.canonicalize().ok()).flatten();
    let name = resolved.as_deref().unwrap_or(out).file_name();
    name.map_or_else(|| "dataset".to_string(), |name| name.to_string_lossy().into_owned())
}

/// Says what was written, in one sentence.
pub(super) fn announce(dataset: &Dataset, out: &std::path::Path) -> Result<(), CliError> {
    let dims = dataset.dimensions();
    let producers = dataset.parameters.producers().iter().filter(|&&p| p).count();
    let rules = if dataset.rules.is_some() { "with" } else { "without" };
    ink::print(&format!(
        "{}: {} areas, {} items, {} processes, {} producing sectors, {} trade links, {rules} rules \
         of adaptation.{}\n",
        out.display(),
        dims.areas,
        dims.items,
        dims.processes,
        producers,
        dataset.parameters.trade_t.nnz(),
        dataset.metadata.warning().map(|w| format!("\nNote: {w}.")).unwrap_or_default(),
    ))?;
    Ok(())
}
