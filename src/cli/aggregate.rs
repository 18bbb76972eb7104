//! `shocksweep aggregate`: losses summed over regions, groups and scenarios.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::CliError;
use super::report::left_out;
use crate::analysis::aggregate::{AggregateError, Dimension, Query, aggregate, rows};
use crate::analysis::world::World;
use crate::report::aggregate::{Writer, print, text};
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

/// Which runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ways {
    /// Those with adaptation.
    On,
    /// Those without.
    Off,
    /// All, apart.
    Both,
}

/// Arguments of `shocksweep aggregate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep aggregate results/adaptive --by region,item --out regions.parquet
  shocksweep aggregate results/named --by scenario,hdi_class --adaptation both
  shocksweep aggregate results/named --by region,commodity_group --scenario 2 --others

Dimensions: scenario, region, hdi_class, area, item_group, commodity_group, item. The relative loss of a
group is the ratio of sums over all its sectors, also those that lose nothing; the loss per person is
summed loss over summed population, areas without one left out and counted. Without `scenario` amounts
are means over the scenarios run. Losses below the result's threshold are not in the sums.")]
pub struct AggregateArgs {
    /// Result folder of a finished run.
    pub result: PathBuf,
    /// Dimensions of the groups, comma-separated.
    #[arg(long, value_delimiter = ',', required = true, value_name = "DIMENSIONS")]
    pub by: Vec<String>,
    /// File to write, Parquet if it ends in .parquet, else CSV [default: a table on the terminal].
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only these scenarios, by identifier, comma-separated.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    pub scenario: Vec<u32>,
    /// Runs with adaptation, without, or both, apart.
    #[arg(long, value_enum, default_value = "both")]
    pub adaptation: Ways,
    /// Leave the shocked areas out: what a shock does to others.
    #[arg(long)]
    pub others: bool,
    /// Item or group of items to leave out; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub leave_out: Vec<String>,
}

/// Writes or prints aggregated losses.
///
/// # Errors
/// The folder is no finished result, or has nothing of that name.
pub fn execute(args: &AggregateArgs) -> Result<(), CliError> {
    let manifest = Manifest::read(&args.result.join(MANIFEST))?;
    let parsed: Result<Vec<Dimension>, String> = args.by.iter().map(|by| by.parse()).collect();
    let mut by = parsed.map_err(AggregateError::Query)?;
    by.sort();
    by.dedup();
    if manifest.counts.loss_rows == 0 && manifest.superposition.is_some() {
        return Err(CliError::Usage("a screening keeps no losses to sum; `explain` reads it"));
    }
    let world = World::read(&args.result)?;
    let query = Query {
        by: by.clone(),
        scenarios: Some(args.scenario.clone()).filter(|chosen| !chosen.is_empty()),
        adaptation: match args.adaptation {
            Ways::On => Some(true),
            Ways::Off => Some(false),
            Ways::Both => None,
        },
        others_only: args.others,
        leave_out: left_out(&args.leave_out).unwrap_or_default(),
    };
    let Some(path) = &args.out else {
        let rows = rows(&args.result, &world, &query)?;
        print(&text(&manifest, &by, &rows))?;
        return Ok(());
    };
    let mut writer = Writer::create(path, &manifest, &by)?;
    let mut written = 0;
    aggregate(&args.result, &world, &query, |rows| {
        written += rows.len();
        writer.write(path, &rows)
    })?;
    writer.commit(path)?;
    print(&format!("{}: {} rows.\n", path.display(), crate::report::whole(written)))?;
    Ok(())
}
