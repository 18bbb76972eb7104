//! Between networks and sweeps: conflict as trade bans, losses as networks.

use std::path::PathBuf;

use clap::Args;
use shocksweep_columnar::{Record, WriteError, write};
use shocksweep_networks::job::{Request, models_of, prepare};
use shocksweep_networks::tables::network_indicators;
use shocksweep_networks::{NetworkError, bans};

use super::super::{CliError, ink};
use crate::analysis::loss_networks::loss_networks;

/// Arguments of `shocksweep network bans`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep network bans --sample synthetic --year 2023 --top 8 -o bans.csv
  shocksweep run --scenarios bans.csv --adaptation both --out results/bans

The first scenario holds all bans together, the others one each: who acts against whom stops selling to
them; its other customers get what is banned. jobs/conflict-bans.toml runs such a table.")]
pub struct BansArgs {
    /// Folder of tables, or `synthetic`.
    #[arg(long, value_name = "FOLDER")]
    pub sample: PathBuf,
    /// Year of the events [default: the last].
    #[arg(long)]
    pub year: Option<i32>,
    /// Instead of conflict the ties of the last network that a model, `tier/name`, finds least likely.
    #[arg(long, value_name = "MODEL", conflicts_with = "year")]
    pub model: Option<String>,
    /// Models file, for --model [default: models.json of the sample, or the paper's].
    #[arg(long, value_name = "FILE", requires = "model")]
    pub models: Option<PathBuf>,
    /// Links to cut.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub top: usize,
    /// Item or group that is banned; `*` for all.
    #[arg(long, default_value = "*", value_name = "NAME")]
    pub item: String,
    /// Share of the trade that is cut.
    #[arg(long, default_value_t = 1.0)]
    pub phi: f64,
    /// Scenario table to write: .csv or .parquet.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Arguments of `shocksweep network losses`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep run jobs/all-single.toml
  shocksweep network losses results/all-single --threshold 0.1 --out results/loss-networks

Writes loss_dependency (who depends on whom, and how much) and network_indicators of every item.")]
pub struct LossesArgs {
    /// Result of single failures.
    pub result: PathBuf,
    /// Least relative loss of a tie.
    #[arg(long, default_value_t = 0.1)]
    pub threshold: f64,
    /// Item, as results name it [default: all].
    #[arg(long, value_name = "NAME")]
    pub item: Option<String>,
    /// Take the runs with adaptation.
    #[arg(long)]
    pub adaptation: bool,
    /// Folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Write CSV beside Parquet.
    #[arg(long)]
    pub csv: bool,
}

/// Writes scenarios of trade bans.
///
/// # Errors
/// The input cannot be used, or the output cannot be written.
pub(super) fn cut(args: &BansArgs) -> Result<(), CliError> {
    if !(0.0..=1.0).contains(&args.phi) {
        return Err(CliError::Usage("--phi must lie in 0 to 1"));
    }
    let mut request = Request::of_folder(&args.sample)?;
    request.stages.models = args.model.is_some();
    if let Some(models) = &args.models {
        request.models = Some(models_of(models)?);
    }
    let prepared = prepare(&request)?;
    let (title, cuts) = match &args.model {
        Some(model) => {
            let (year, cuts) = bans::by_probability(&prepared, model, args.top)?;
            (format!("Least likely ties of {model}, {year}"), cuts)
        }
        None => {
            let year = bans::conflict_year(&prepared, args.year)?;
            (format!("Conflicts of {year}"), bans::by_conflict(&prepared, year, args.top))
        }
    };
    if cuts.is_empty() {
        return Err(NetworkError::Options(format!("{title}: there is nothing to cut")).into());
    }
    let rows = bans::scenarios(&prepared, &title, &cuts, &args.item, args.phi);
    write::batch(&args.out, &bans::Ban::batch(&rows)).map_err(NetworkError::from)?;
    let count = cuts.len();
    let output = args.out.display();
    Ok(ink::print(&format!("{output}: {title}, {count} bans together and one by one.\n"))?)
}

/// Writes the networks of a result of single failures.
///
/// # Errors
/// The input cannot be used, or the output cannot be written.
pub(super) fn losses(args: &LossesArgs) -> Result<(), CliError> {
    if !(0.0..1.0).contains(&args.threshold) {
        return Err(CliError::Usage("--threshold must be 0 or more and less than 1"));
    }
    let found =
        loss_networks(&args.result, args.adaptation.into(), args.item.as_deref(), args.threshold)?;
    if found.ties.is_empty() {
        let problem = format!(
            "{}: nobody loses more than {} of an item when another area's output of it fails; expected \
             a result of single failures, a lower --threshold, or --adaptation for runs with it",
            args.result.display(),
            args.threshold
        );
        return Err(NetworkError::Options(problem).into());
    }
    std::fs::create_dir_all(&args.out)
        .map_err(WriteError::at(&args.out))
        .map_err(NetworkError::from)?;
    write::table(&args.out, &found.ties, args.csv).map_err(NetworkError::from)?;
    let rows = network_indicators(&found.indicators);
    write::table(&args.out, &rows, args.csv).map_err(NetworkError::from)?;
    Ok(ink::print(&format!(
        "{} ties in {} items; tables are in {}.\n",
        found.ties.len(),
        found.indicators.len(),
        args.out.display()
    ))?)
}
