//! `shocksweep learn`: rules of adaptation and substitutability from a series of years.

use std::path::PathBuf;

use clap::Args;

use super::calibrate::check_floor;
use super::dataset::years;
use super::{CliError, ink};
use crate::calibrate::DEFAULT_FLOOR;
use crate::dataset::store;
use crate::learn::{Criteria, LearnOptions};
use crate::report;
use crate::study::learning::{SeriesOptions, Taught, from_series};

/// Arguments of `shocksweep learn`.
#[derive(Debug, Args)]
#[command(after_help = "\
SERIES is a folder of supply-use tables of many years (as for `calibrate`), or a folder that holds one
dataset per year. OUT becomes the dataset of the newest year with the rules that all years taught,
ready for `run`, and beside them: candidates, events, rule_observations, rules (with the number of
events behind each), substitution_tests and impact, as Parquet.

Examples:
  shocksweep dataset synth mytables --areas 50 --items 30 --years 1993-2020
  shocksweep learn mytables learned --stability --backtest
  shocksweep run --dataset learned --all-single --adaptation both --out results/learned

An entry that no event taught a rule keeps its value when its sector adapts (missing_rule = \"keep\").")]
pub struct LearnArgs {
    /// Folder of yearly data.
    pub series: PathBuf,
    /// Folder of the dataset to write.
    pub out: PathBuf,
    /// Years to learn from [default: all].
    #[arg(long, value_name = "FIRST-LAST", value_parser = years)]
    pub years: Option<(i32, i32)>,
    /// Year whose parameters the dataset gets [default: the newest].
    #[arg(long)]
    pub year: Option<i32>,
    /// Shares below this are removed when tables are calibrated; 0 for none.
    #[arg(long, default_value_t = DEFAULT_FLOOR)]
    pub floor: f64,
    /// Least relative loss of an event.
    #[arg(long, default_value_t = Criteria::default().relative)]
    pub relative: f64,
    /// Least absolute loss of an event, tonnes.
    #[arg(long, default_value_t = Criteria::default().absolute)]
    pub absolute: f64,
    /// Largest coefficient of variation of the years on each side of an event.
    #[arg(long, default_value_t = Criteria::default().deviation)]
    pub deviation: f64,
    /// Years that must lie on each side of an event.
    #[arg(long, default_value_t = Criteria::default().quiet)]
    pub quiet_years: usize,
    /// Least share of an exporter's exports that counts in an import index.
    #[arg(long, default_value_t = LearnOptions::default().import_share)]
    pub import_share: f64,
    /// Largest adjusted p of a substitution that is kept.
    #[arg(long, default_value_t = LearnOptions::default().significance)]
    pub significance: f64,
    /// Also learn from two halves and tell how far their rules agree (stability.parquet).
    #[arg(long)]
    pub stability: bool,
    /// Also try the rules of the first half on the losses of the second (backtest.parquet).
    #[arg(long)]
    pub backtest: bool,
    /// Area that teaches nothing, name or code: one that ended rather than failed; may be given
    /// several times.
    #[arg(long, value_name = "AREA")]
    pub leave_out_area: Vec<String>,
    /// Name of the dataset [default: that of the year's data].
    #[arg(long)]
    pub name: Option<String>,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

impl LearnArgs {
    fn options(&self) -> Result<LearnOptions, CliError> {
        check_floor(self.floor)?;
        let shares = [self.relative, self.import_share, self.significance];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            let text = "--relative, --import-share and --significance must lie in 0 to 1";
            return Err(CliError::Usage(text));
        }
        if !(self.absolute >= 0.0 && self.deviation >= 0.0) {
            return Err(CliError::Usage("--absolute and --deviation must be 0 or more"));
        }
        let criteria = Criteria {
            relative: self.relative,
            absolute: self.absolute,
            deviation: self.deviation,
            quiet: self.quiet_years,
        };
        let (import_share, significance) = (self.import_share, self.significance);
        Ok(LearnOptions { criteria, import_share, significance })
    }
}

/// Learns, writes the dataset and says what came of it.
///
/// # Errors
/// The series is faulty, or the dataset cannot be written.
pub fn execute(args: &LearnArgs) -> Result<(), CliError> {
    let learn = args.options()?;
    let options = SeriesOptions {
        years: args.years,
        year: args.year,
        floor: args.floor,
        learn,
        stability: args.stability,
        backtest: args.backtest,
        leave_out: args.leave_out_area.clone(),
        name: Some(args.name.clone().unwrap_or_else(|| super::dataset::named_after(&args.out))),
    };
    let taught = from_series(&args.series, &options)?;
    let Taught { series, learned, impacts, .. } = &taught;
    let mut text = report::learn::summary(series, learned, impacts, &learn);
    if let Some(rows) = &taught.stability {
        text += &report::learn::stability(rows, &learn);
    }
    if let Some(found) = &taught.backtest {
        text += &report::learn::backtest(found);
    }
    store::write_with(&taught.dataset, taught.tables, &args.out, args.force)?;
    ink::print(&format!("{text}\n"))?;
    super::dataset::announce(&taught.dataset, &args.out)
}
