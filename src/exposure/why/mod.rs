//! Why something is lost: the loss of a run taken apart by the links it came over.
//!
//! With `x(t) = A'(t) x(t-1) + b'(t)` in the run and `xb(t) = A xb(t-1) + b` in the baseline (`A` and
//! `A'` hold production and trade, `A'` with what adaptation, bans and shocks have changed),
//!
//! ```text
//! L(t) = xb(t) - x(t) = A'(t) L(t-1) + shock(t) + adaptation(t) + ban(t) + cap(t) + reserve(t)
//! shock[i]       phi ob[i]                                 the failure itself
//! adaptation[i]  ((A - A'') xb(t-1) + beta - beta'')[i]    links that adaptation has changed (A'' before bans)
//! ban[i]         ((A'' - A') xb(t-1))[i]                   links that are banned
//! cap[i]         o - min(o, cap ob)                        output that a cap holds down
//! reserve[i]     - release + refill                        what a reserve gives
//! ```
//!
//! In a shocked sector production, before and after, counts `1 - phi` times. `L(-1) = 0`, so that a loss
//! is the sum of what these five sources send over the links of the steps that follow: [`steps`] takes the
//! last step apart, [`origins`] sums over all ways, [`routes`] follows the largest ways link by link. All
//! three sum to the loss, to rounding.

pub mod origins;
pub mod routes;
pub mod sources;
pub mod steps;

use crate::dataset::Dataset;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, EngineError};
use crate::measure::Measure;
use crate::model::adaptation::MissingRule;
use crate::scenario::Scenario;

pub use origins::Origin;
pub use routes::{Route, Routes};
pub use sources::{Source, TracedRun};
pub use steps::LastStep;

/// What is asked about: a sum over sectors of `weight` times what a sector loses.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Sectors with their weights, ascending.
    pub weights: Vec<(u32, f64)>,
    /// What is lost in it whatever the amounts: people eat another share of what there is after adaptation.
    pub constant: f64,
}

impl Target {
    /// One sector, in the unit of its item.
    pub fn sector(sector: u32) -> Self {
        Target { weights: vec![(sector, 1.0)], constant: 0.0 }
    }

    /// An area in a measure, after the last step of a run: per person where it has a population, else as
    /// a sum. Sectors that have adapted count with the share that they consume since; what has run away after
    /// the last step counts nothing, as in every other sum.
    pub fn area(
        dataset: &Dataset,
        measure: &Measure,
        area: usize,
        run: &TracedRun<'_>,
        missing: MissingRule,
    ) -> Self {
        let dims = dataset.dimensions();
        let last = run.steps() - 1;
        let hits = run.adapted_before(last);
        let shares = measure.adapted_shares(hits.into_iter(), missing, dataset);
        let scale = match dataset.labels.areas[area].population {
            Some(population) if population > 0.0 => measure.per_person(1.0, population),
            _ => 1.0,
        };
        let mut target = Target { weights: Vec::new(), constant: 0.0 };
        for item in 0..dims.items {
            let sector = dims.sector(area, item);
            if !measure.counts(item) || run.has_run_away(sector, last) {
                continue;
            }
            let share = shares.get(&(sector as u32)).copied();
            let xb = run.baseline[last][sector];
            // Linear in the loss: what is lost of nothing is the constant, what is lost of a unit the weight;
            // as a difference of large amounts it would be rounding.
            let none = measure.loss(sector, xb, 0.0, share);
            let weight = measure.loss(sector, 0.0, 1.0, share);
            target.constant += none * scale;
            if weight != 0.0 {
                target.weights.push((sector as u32, weight * scale));
            }
        }
        target
    }

    /// What is lost after step `t` of a run, without the constant.
    pub fn loss(&self, run: &TracedRun<'_>, t: usize) -> f64 {
        self.weights.iter().map(|&(s, weight)| weight * run.loss(s as usize, t)).sum()
    }
}

/// Why a run loses what it loses.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// What the target loses after each step; the last one with the constant.
    pub losses: Vec<f64>,
    /// The last step before each step, link by link.
    pub steps: Vec<LastStep>,
    /// What the sources contribute to the loss after the last step.
    pub origins: Vec<Origin>,
    /// The largest ways from the sources to the target.
    pub routes: Routes,
    /// Loss after the last step that no amount explains: [`Target::constant`].
    pub constant: f64,
    /// Sectors of the whole run that have run away after the last step, ascending. What comes from them, and the
    /// loss of one of them, is no finding.
    pub runaway: Vec<u32>,
}

/// Runs a scenario in the reference engine and takes its loss apart.
///
/// `target` makes what is asked about from the run: [`Target::sector`] or [`Target::area`].
///
/// # Errors
/// The scenario cannot be run.
pub fn why(
    engine: &ReferenceEngine,
    scenario: &Scenario,
    target: impl FnOnce(&TracedRun<'_>) -> Target,
) -> Result<Why, EngineError> {
    let course = engine.course(scenario)?;
    let run = TracedRun::new(engine, scenario, course);
    let target = target(&run);
    let last = engine.last_step();
    let mut losses: Vec<f64> = (0..=last).map(|t| target.loss(&run, t)).collect();
    losses[last] += target.constant;
    Ok(Why {
        losses,
        steps: (0..=last).flat_map(|t| steps::last_steps(&run, &target, t)).collect(),
        origins: origins::origins(&run, &target),
        routes: routes::routes(&run, &target),
        constant: target.constant,
        runaway: (0..run.dimensions().sectors())
            .filter(|&sector| run.has_run_away(sector, last))
            .map(|sector| sector as u32)
            .collect(),
    })
}
