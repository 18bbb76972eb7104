//! The paper's reconciliation with data: rules of the first half of the years, tried on the losses
//! of the second.
//!
//! The model starts from the last year of the first half. Every sector that had an event in the
//! second half is shocked by its relative loss, in every step; a step is a year. What the run says
//! of the areas' shares in the world's amount of an item is compared with the shares observed:
//!
//! ```text
//! sigma[c,i](t) = x[c,i](t) / sum_d x[d,i](t)
//! ```
//!
//! three times: without a shock, with shocks in the static model, and with shocks and adaptation.
//!
//! Source: Baum et al. 2024, appendix 3. The paper leaves open which losses count as events of the
//! second half: here those that events of a half are ([`crate::learn::stability`]).

use std::path::Path;

use shocksweep_columnar::{Name, record};

use crate::calibrate::dataset::sector_names;
use crate::dataset::error::Problem;
use crate::dataset::store::Report;
use crate::dataset::{DatasetError, Dimensions, Metadata, Parameters};
use crate::engine::Engine;
use crate::engine::reference::ReferenceEngine;
use crate::learn::dataset::dataset;
use crate::learn::events::QUIET_IN_HALVES;
use crate::learn::stability::halves;
use crate::learn::{Criteria, LearnOptions, Series, learn};
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Scenario, ScenarioId, Shock};
use crate::statistics::moments;

/// What is compared with the observed years.
pub const RUNS: [&str; 3] = ["baseline", "static", "adaptive"];

/// Market shares of one sector: mean and standard deviation over the years of the second half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Mean share, unit 1.
    pub mean: f64,
    /// Standard deviation (n - 1).
    pub deviation: f64,
}

/// One sector of the second half.
#[derive(Debug, Clone, PartialEq)]
pub struct BacktestRow {
    /// The sector.
    pub sector: usize,
    /// Relative loss it was shocked by; 0 without an event.
    pub phi: f64,
    /// Observed.
    pub observed: Share,
    /// In each of [`RUNS`].
    pub runs: [Share; 3],
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// Year that the runs start from, and the last year compared.
    pub years: (i32, i32),
    /// Events of the first half, which taught the rules.
    pub events_first: usize,
    /// Events of the second half.
    pub events_second: usize,
    /// Those of them in sectors that produce nothing in the first year, which no shock can hit.
    pub without_effect: usize,
    /// Sectors that adapted.
    pub adapting: usize,
    /// Every sector that possesses something at the start or later.
    pub rows: Vec<BacktestRow>,
}

/// Learns on the first half and simulates the losses of the second.
///
/// `series` is growth-adjusted; `start` are the parameters of the first half's last year as they
/// are, and `metadata` describes them.
///
/// # Errors
/// The series is too short to be cut in two. `path` is blamed.
pub fn backtest(
    series: &Series,
    start: Parameters,
    metadata: Metadata,
    options: &LearnOptions,
    path: &Path,
) -> Result<Backtest, DatasetError> {
    let [first, second] = halves(series);
    if first.len() < 2 || second.len() < 2 {
        let text = format!("holds {} years; a backtest needs four", series.years.len());
        return Err(DatasetError::file(path, Problem::Inconsistent(text)));
    }
    let criteria = Criteria { quiet: QUIET_IN_HALVES, ..options.criteria };
    let options = LearnOptions { criteria, ..*options };
    let learned = learn(series, first.clone(), &options);
    let events = learn(series, second.clone(), &options).events;
    let mut phi = vec![0.0; series.labels.dimensions().sectors()];
    events.iter().for_each(|e| phi[e.sector] = e.relative_loss);

    let dataset = dataset(&series.labels, (start, None), &learned, metadata, "first half");
    let producers = dataset.parameters.producers();
    let shocks: Vec<Shock> = (events.iter().filter(|e| producers[e.sector]))
        .map(|e| Shock::new(e.sector as u32, e.relative_loss))
        .collect();
    let without_effect = events.len() - shocks.len();
    let engine = ReferenceEngine::new(&dataset, second.len());
    let settings =
        AdaptationSettings { missing_rule: dataset.missing_rule(), ..Default::default() };
    let run = |adaptation| {
        let scenario = Scenario { id: ScenarioId(0), shocks: shocks.clone(), adaptation };
        let blamed = |error| DatasetError::file(path, Problem::Inconsistent(format!("{error}")));
        engine.available(&scenario).map_err(blamed)
    };
    let (shocked, _) = run(None)?;
    let (adaptive, decisions) = run(Some(settings))?;

    let d = series.labels.dimensions();
    let observed: Vec<Vec<f64>> =
        second.clone().map(|at| series.years[at].parameters.x0.clone()).collect();
    let observed = shares(d, &observed);
    let runs = [&engine.baseline().available, &shocked, &adaptive].map(|run| shares(d, run));
    let rows = (0..d.sectors())
        .filter(|&s| observed[s].mean > 0.0 || runs[0][s].mean > 0.0)
        .map(|sector| BacktestRow {
            sector,
            phi: phi[sector],
            observed: observed[sector],
            runs: [0, 1, 2].map(|run: usize| runs[run][sector]),
        })
        .collect();
    Ok(Backtest {
        years: (series.years[first.end - 1].year, series.years[second.end - 1].year),
        events_first: learned.events.len(),
        events_second: events.len(),
        without_effect,
        adapting: decisions.len(),
        rows,
    })
}

/// Market shares over the years, summed up for every sector.
fn shares(d: Dimensions, years: &[Vec<f64>]) -> Vec<Share> {
    let totals: Vec<Vec<f64>> = years
        .iter()
        .map(|x| {
            let mut totals = vec![0.0; d.items];
            x.iter().enumerate().for_each(|(s, x)| totals[d.item_of(s)] += x);
            totals
        })
        .collect();
    let share = |s: usize| {
        let of_year = |(x, totals): (&Vec<f64>, &Vec<f64>)| {
            let total = totals[d.item_of(s)];
            if total > 0.0 { x[s] / total } else { 0.0 }
        };
        let values: Vec<f64> = years.iter().zip(&totals).map(of_year).collect();
        let (mean, deviation) = moments(&values);
        Share { mean, deviation: deviation.unwrap_or(0.0) }
    };
    (0..d.sectors()).map(share).collect()
}

/// How far a run is from what was observed, over the sectors that `counts` names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// Sectors compared.
    pub sectors: usize,
    /// Mean absolute difference of the mean shares, unit 1.
    pub mean: f64,
    /// Mean absolute difference of their standard deviations, unit 1.
    pub deviation: f64,
}

impl Backtest {
    /// Distances of the three runs, over all sectors or over those with an event.
    pub fn distances(&self, with_event: bool) -> [Distance; 3] {
        let rows: Vec<&BacktestRow> =
            self.rows.iter().filter(|r| !with_event || r.phi > 0.0).collect();
        [0, 1, 2].map(|run: usize| {
            let mean = |part: fn(&Share) -> f64| {
                let differences =
                    rows.iter().map(|r| (part(&r.runs[run]) - part(&r.observed)).abs());
                differences.sum::<f64>() / rows.len().max(1) as f64
            };
            Distance {
                sectors: rows.len(),
                mean: mean(|share| share.mean),
                deviation: mean(|share| share.deviation),
            }
        })
    }

    /// `backtest`: one row per sector.
    pub fn report(&self, series: &Series) -> Report {
        let row = |r: &BacktestRow| {
            let (area, item) = sector_names(&series.labels, r.sector);
            BacktestLine {
                area,
                item,
                event: r.phi > 0.0,
                phi: r.phi,
                share_observed: r.observed.mean,
                share_baseline: r.runs[0].mean,
                share_static: r.runs[1].mean,
                share_adaptive: r.runs[2].mean,
                deviation_observed: r.observed.deviation,
                deviation_baseline: r.runs[0].deviation,
                deviation_static: r.runs[1].deviation,
                deviation_adaptive: r.runs[2].deviation,
            }
        };
        Report::of(&self.rows.iter().map(row).collect::<Vec<_>>())
    }
}

record! {
    /// Market shares of a sector over the second half, observed and run.
    pub struct BacktestLine = "backtest" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// whether the sector has an event, and was shocked
        pub event: bool,
        /// relative loss that it was shocked by
        pub phi: f64 ["1"],
        /// mean share, observed
        pub share_observed: f64 ["1"],
        /// mean share without shocks
        pub share_baseline: f64 ["1"],
        /// mean share with shocks
        pub share_static: f64 ["1"],
        /// mean share with shocks and adaptation
        pub share_adaptive: f64 ["1"],
        /// standard deviation of the share, observed
        pub deviation_observed: f64 ["1"],
        /// standard deviation without shocks
        pub deviation_baseline: f64 ["1"],
        /// standard deviation with shocks
        pub deviation_static: f64 ["1"],
        /// standard deviation with shocks and adaptation
        pub deviation_adaptive: f64 ["1"],
    }
}
