//! A dataset with rules from a folder of yearly data: everything that is learned, asked for at once.

use std::path::Path;

use super::backtest::{Backtest, backtest};
use crate::calibrate::DEFAULT_FLOOR;
use crate::dataset::error::Problem;
use crate::dataset::names::NameIndex;
use crate::dataset::store::Report;
use crate::dataset::{Dataset, DatasetError};
use crate::learn::dataset::{dataset, reports, stability_report};
use crate::learn::impact::{Impact, impacts};
use crate::learn::stability::{Stability, default_grid, halves, stability};
use crate::learn::{Criteria, LearnOptions, Learned, Series, growth, learn, series};

/// What to learn from a series, and what to do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesOptions {
    /// Years to learn from, first and last; all where there is no number.
    pub years: Option<(i32, i32)>,
    /// Year whose parameters the dataset gets; the newest where there is no number.
    pub year: Option<i32>,
    /// Shares below this are removed when tables are calibrated.
    pub floor: f64,
    /// What is learned, and how.
    pub learn: LearnOptions,
    /// Whether rules of two halves are compared.
    pub stability: bool,
    /// Whether rules of the first half are tried on the losses of the second.
    pub backtest: bool,
    /// Areas that teach nothing, names or codes: those that end rather than fail.
    pub leave_out: Vec<String>,
    /// Name of the dataset; that of the year's data where there is none.
    pub name: Option<String>,
}

impl Default for SeriesOptions {
    fn default() -> Self {
        SeriesOptions {
            years: None,
            year: None,
            floor: DEFAULT_FLOOR,
            learn: LearnOptions::default(),
            stability: false,
            backtest: false,
            leave_out: Vec::new(),
            name: None,
        }
    }
}

/// What a series taught.
#[derive(Debug)]
pub struct Taught {
    /// The dataset of the year asked for, with the rules of all years.
    pub dataset: Dataset,
    /// Tables of what was found: candidates, events, observations, rules, tests, impact ...
    pub tables: Vec<Report>,
    /// The growth-adjusted series.
    pub series: Series,
    /// Everything learned.
    pub learned: Learned,
    /// Tonnes that the rules can move.
    pub impacts: Vec<Impact>,
    /// How far rules of two halves agree, where asked for.
    pub stability: Option<Vec<Stability>>,
    /// How rules of the first half fare on the second, where asked for.
    pub backtest: Option<Backtest>,
}

/// Learns from a folder of yearly data.
///
/// # Errors
/// The series is faulty, has no such year, or is too short for what is asked of it.
pub fn from_series(path: &Path, options: &SeriesOptions) -> Result<Taught, DatasetError> {
    let (mut series, metadata) = series::read(path, options.years, options.floor)?;
    let names = NameIndex::new(&series.labels);
    let left_out =
        options.leave_out.iter().map(|name| names.area(name)).collect::<Result<Vec<_>, _>>();
    let left_out =
        left_out.map_err(|e| DatasetError::file(path, Problem::Inconsistent(e.to_string())))?;
    drop(names);
    series.leave_out(&left_out);
    let newest = series.years.len() - 1;
    let at = match options.year {
        None => newest,
        Some(year) => series.years.iter().position(|y| y.year == year).ok_or_else(|| {
            let (first, last) = (series.years[0].year, series.years[newest].year);
            let text = format!("no year {year}; the series holds {first} to {last}");
            DatasetError::file(path, Problem::Inconsistent(text))
        })?,
    };
    let parameters = series.years[at].parameters.clone();
    // Growth adjustment changes the parameters; runs need them as they are.
    let middle = halves(&series)[0].end.saturating_sub(1);
    let start = options.backtest.then(|| series.years[middle].parameters.clone());
    growth::adjust(&mut series);
    let learned = learn(&series, 0..newest + 1, &options.learn);
    let impacts =
        impacts(&parameters, series.labels.dimensions(), &learned.rules, &learned.substitutions);
    let mut tables = reports(&series, &learned, &impacts);
    let stability = options.stability.then(|| {
        let grid = with(default_grid(), &options.learn.criteria);
        stability(&series, &options.learn, &grid)
    });
    tables.extend(stability.as_deref().map(stability_report));
    let backtest = start
        .map(|start| backtest(&series, start, metadata[middle].clone(), &options.learn, path))
        .transpose()?;
    tables.extend(backtest.as_ref().map(|found| found.report(&series)));
    let mut metadata = metadata[at].clone();
    if let Some(name) = &options.name {
        metadata.name.clone_from(name);
    }
    let method = method(&series, &options.learn);
    let year = (parameters, series.years[at].food_part.clone());
    let dataset = dataset(&series.labels, year, &learned, metadata, &method);
    Ok(Taught { dataset, tables, series, learned, impacts, stability, backtest })
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
fn method(series: &Series, options: &LearnOptions) -> String {
    let c = &options.criteria;
    let [first, last] = [0, series.years.len() - 1].map(|at| series.years[at].year);
    format!(
        "learned from {first} to {last}: relative loss {}, absolute loss {} t, deviation {}, quiet \
         years {}, import share {}, significance {}",
        c.relative, c.absolute, c.deviation, c.quiet, options.import_share, options.significance
    )
}
