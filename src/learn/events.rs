//! Events: sudden losses of a sector between years without change (Baum et al. 2024, Methods 4).
//!
//! The candidate of a sector is its largest relative loss from one year to the next; ties: the
//! earliest. If it fails any criterion the sector has no event.

use std::ops::Range;

use rayon::prelude::*;

use super::series::Series;
use crate::statistics::moments;

/// What makes a loss an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criteria {
    /// Least relative loss.
    pub relative: f64,
    /// Least absolute loss, tonnes, on growth-adjusted amounts.
    pub absolute: f64,
    /// Largest coefficient of variation of the years before, and of those after.
    pub deviation: f64,
    /// Years that must lie on each side of the loss.
    pub quiet: usize,
}

impl Default for Criteria {
    /// Published values.
    fn default() -> Self {
        Criteria { relative: 0.26, absolute: 1000.0, deviation: 0.32, quiet: 5 }
    }
}

/// Quiet years where rules are learned on half of the series.
pub const QUIET_IN_HALVES: usize = 3;

/// The largest relative loss of a sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The sector.
    pub sector: usize,
    /// Position of the last year before the loss.
    pub at: usize,
    /// `RL(y) = (x(y) - x(y+1)) / x(y)`.
    pub relative_loss: f64,
    /// `x(y) - x(y+1)`, tonnes.
    pub absolute_loss: f64,
    /// Coefficient of variation of all years up to y; undefined for fewer than two or a mean of 0.
    pub cv_before: Option<f64>,
    /// The same of all years from y+1 on.
    pub cv_after: Option<f64>,
    /// Verdicts: relative, absolute, window, before, after, the area exists throughout.
    pub ok: [bool; 6],
}

impl Candidate {
    /// Whether it meets all criteria.
    pub fn is_event(&self) -> bool {
        self.ok.iter().all(|ok| *ok)
    }
}

/// A loss that meets all criteria.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// The sector.
    pub sector: usize,
    /// Position of the last year before the loss.
    pub at: usize,
    /// Relative loss.
    pub relative_loss: f64,
}

/// The candidate of every sector that ever loses within `years`, by sector.
pub fn candidates(series: &Series, years: Range<usize>, criteria: &Criteria) -> Vec<Candidate> {
    let sectors = series.labels.dimensions().sectors();
    (0..sectors).into_par_iter().filter_map(|s| candidate(series, &years, criteria, s)).collect()
}

fn candidate(
    series: &Series,
    years: &Range<usize>,
    criteria: &Criteria,
    sector: usize,
) -> Option<Candidate> {
    let x: Vec<f64> = years.clone().map(|at| series.amount(at, sector)).collect();
    let mut best: Option<(usize, f64)> = None;
    for y in 0..x.len().saturating_sub(1) {
        if x[y] > 0.0 {
            let loss = (x[y] - x[y + 1]) / x[y];
            if loss > 0.0 && best.is_none_or(|(_, known)| loss > known) {
                best = Some((y, loss));
            }
        }
    }
    let (y, relative_loss) = best?;
    let absolute_loss = x[y] - x[y + 1];
    let [cv_before, cv_after] = [&x[..=y], &x[y + 1..]].map(variation);
    let quiet = |cv: Option<f64>| cv.is_some_and(|cv| cv <= criteria.deviation);
    let area = series.labels.dimensions().area_of(sector);
    let ok = [
        relative_loss >= criteria.relative,
        absolute_loss >= criteria.absolute,
        y >= criteria.quiet && x.len() - 1 - y >= criteria.quiet,
        quiet(cv_before),
        quiet(cv_after),
        series.exists[area],
    ];
    let at = years.start + y;
    Some(Candidate { sector, at, relative_loss, absolute_loss, cv_before, cv_after, ok })
}

/// Standard deviation (n - 1) over mean.
fn variation(values: &[f64]) -> Option<f64> {
    let (mean, deviation) = moments(values);
    deviation.filter(|_| mean > 0.0).map(|deviation| deviation / mean)
}

/// The candidates that are events.
pub fn events(candidates: &[Candidate]) -> Vec<Event> {
    let event =
        |c: &Candidate| Event { sector: c.sector, at: c.at, relative_loss: c.relative_loss };
    candidates.iter().filter(|c| c.is_event()).map(event).collect()
}
