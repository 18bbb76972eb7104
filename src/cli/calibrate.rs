//! `shocksweep calibrate`: a dataset from the supply-use tables of a year.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, ink};
use crate::calibrate::DEFAULT_FLOOR;
use crate::calibrate::dataset::{Calibrated, balance_table, from_tables};
use crate::dataset::store;
use crate::report;

/// Arguments of `shocksweep calibrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
TABLES is a folder with long tables (supply, use, demand, areas, items, processes, purposes as .csv
or .parquet; columns: documentation of `tables::long`) or with FABIO's mr_sup_mass.rds, mr_use.rds,
mr_use_fd.rds and their labels.

Example:
  shocksweep dataset synth mytables --areas 50 --items 30 --years 1993-2020
  shocksweep calibrate mytables world2020 --year 2020
  shocksweep run --dataset world2020 --all-single --out results/world2020

The balance of every sector is written beside the dataset (balance.parquet); what stands out is
printed.")]
pub struct CalibrateArgs {
    /// Folder of supply-use tables.
    pub tables: PathBuf,
    /// Folder of the dataset to write.
    pub out: PathBuf,
    /// Year whose tables are used.
    #[arg(long)]
    pub year: i32,
    /// Shares below this are removed; 0 for none, as in the published files.
    #[arg(long, default_value_t = DEFAULT_FLOOR)]
    pub floor: f64,
    /// Name of the dataset [default: that of the tables, and the year].
    #[arg(long)]
    pub name: Option<String>,
    /// Licence of the data.
    #[arg(long)]
    pub licence: Option<String>,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// Calibrates and says what came of it.
///
/// # Errors
/// The tables are faulty, or the dataset cannot be written.
pub fn execute(args: &CalibrateArgs) -> Result<(), CliError> {
    check_floor(args.floor)?;
    let Calibrated { mut dataset, calibration, labels, year } =
        from_tables(&args.tables, args.year, args.floor)?;
    dataset.metadata.name =
        args.name.clone().unwrap_or_else(|| super::dataset::named_after(&args.out));
    if let Some(licence) = &args.licence {
        dataset.metadata.licence.clone_from(licence);
    }
    let reports = vec![balance_table(&dataset.labels, &calibration)];
    store::write_with(&dataset, reports, &args.out, args.force)?;
    let text = report::calibrate::balance(&labels, &year, &calibration, args.floor);
    ink::print(&text)?;
    super::dataset::announce(&dataset, &args.out)
}

/// Refuses a floor that would remove everything, or nothing sensible.
pub(super) fn check_floor(floor: f64) -> Result<(), CliError> {
    if (0.0..0.5).contains(&floor) {
        return Ok(());
    }
    Err(CliError::Usage("--floor must be 0 or a share below 0.5, such as 1e-6"))
}
