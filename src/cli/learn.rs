//! `shocksweep learn`: rules of adaptation and substitutability from a series of years.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use super::calibrate::check_floor;
use super::dataset::years;
use crate::calibrate::DEFAULT_FLOOR;
use crate::dataset::error::Problem;
use crate::dataset::{DatasetError, store};
use crate::learn::dataset::{dataset, reports, stability_report};
use crate::learn::impact::impacts;
use crate::learn::stability::{default_grid, halves, stability};
use crate::learn::{Criteria, LearnOptions, growth, learn, series};
use crate::report;
use crate::study::backtest::backtest;

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
    let options = args.options()?;
    let (mut series, metadata) = series::read(&args.series, args.years, args.floor)?;
    let newest = series.years.len() - 1;
    let at = match args.year {
        None => newest,
        Some(year) => series.years.iter().position(|y| y.year == year).ok_or_else(|| {
            let (first, last) = (series.years[0].year, series.years[newest].year);
            let text = format!("no year {year}; the series holds {first} to {last}");
            DatasetError::file(&args.series, Problem::Inconsistent(text))
        })?,
    };
    let parameters = series.years[at].parameters.clone();
    // Growth adjustment changes the parameters; runs need them as they are.
    let middle = halves(&series)[0].end.saturating_sub(1);
    let start = args.backtest.then(|| series.years[middle].parameters.clone());
    growth::adjust(&mut series);
    let learned = learn(&series, 0..newest + 1, &options);
    let impacts =
        impacts(&parameters, series.labels.dimensions(), &learned.rules, &learned.substitutions);
    let mut text = report::learn::summary(&series, &learned, &impacts, &options);
    let mut tables = reports(&series, &learned, &impacts);
    if args.stability {
        let grid = with(default_grid(), &options.criteria);
        let rows = stability(&series, &options, &grid);
        text += &report::learn::stability(&rows, &options);
        tables.push(stability_report(&rows));
    }
    if let Some(start) = start {
        let found = backtest(&series, start, metadata[middle].clone(), &options, &args.series)?;
        text += &report::learn::backtest(&found);
        tables.push(found.report(&series));
    }
    let mut metadata = metadata[at].clone();
    if let Some(name) = &args.name {
        metadata.name.clone_from(name);
    }
    let dataset =
        dataset(&series.labels, parameters, &learned, metadata, &method(&series, &options));
    store::write_with(&dataset, tables, &args.out, args.force)?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    super::dataset::announce(&dataset, &args.out)
}

/// The grid with the thresholds in use among those tried.
fn with(mut grid: [Vec<f64>; 3], criteria: &Criteria) -> [Vec<f64>; 3] {
    let own = [criteria.relative, criteria.absolute, criteria.deviation];
    for (values, own) in grid.iter_mut().zip(own) {
        if !values.contains(&own) {
            values.push(own);
            values.sort_by(f64::total_cmp);
        }
    }
    grid
}

/// What the rules were learned from, and how: for the dataset's description.
fn method(series: &series::Series, options: &LearnOptions) -> String {
    let c = &options.criteria;
    let [first, last] = [0, series.years.len() - 1].map(|at| series.years[at].year);
    format!(
        "learned from {first} to {last}: relative loss {}, absolute loss {} t, deviation {}, quiet \
         years {}, import share {}, significance {}",
        c.relative, c.absolute, c.deviation, c.quiet, options.import_share, options.significance
    )
}
