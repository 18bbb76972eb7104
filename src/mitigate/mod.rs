//! What to do about it: single changes of the world ranked by how much they cut a loss per tonne.
//!
//! Asked of an area and an item with a budget of so many tonnes a year (or held once), every change is
//! made ([`crate::whatif`]), the failures that matter are run in the changed world, and what is lost is
//! held against the world as it is. Changes tried ([`mod@candidates`]):
//!
//! | change | how much |
//! |---|---|
//! | `move` from a supplier to another exporter, every pair of the largest | the budget, or all that comes from there |
//! | `reserve` | the budget, half of it and a quarter, covering every loss while it lasts |
//!
//! A loss is the mean over the steps of a run, in the item's unit a year: a reserve ends, a supplier stays, and
//! the first years count as the last ones do. With `p[f]` the probability of failure f (they are the
//! largest of all single failures: [`Mitigation::covered`] says what part of the expected loss they make),
//!
//! ```text
//! L[f]     = sum_t loss(t) / steps
//! expected = sum_f p[f] L[f]        worst = max_f L[f]
//! cut      = (before - after) / tonnes of the change
//! ```

pub mod against;
pub mod candidates;
pub mod error;
pub mod rows;

use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::engine::cpu::CpuEngine;
use crate::exposure::computed::Setting;
use crate::exposure::singles::Failure;
use crate::exposure::{Chances, Singles, profile};
use crate::scenario::{Scenario, Shock};
use crate::whatif::{Change, apply};

use candidates::candidates;
pub use candidates::{Candidate, CandidateKind};
pub use error::MitigateError;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Area that loses.
    pub area: usize,
    /// Item that it loses.
    pub item: usize,
    /// Amount that a change may move or hold, in the item's unit.
    pub budget: f64,
    /// Failures that are run: the largest to the area.
    pub failures: usize,
    /// Suppliers and exporters that are tried.
    pub suppliers: usize,
    /// Yearly steps.
    pub steps: usize,
}

/// Losses under the failures that are run, in the item's unit a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// Expected loss.
    pub expected: f64,
    /// Largest.
    pub worst: f64,
    /// The failure of the largest, by its position in [`Mitigation::failures`].
    pub worst_failure: usize,
}

/// A change that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What it is.
    pub candidate: Candidate,
    /// Losses with it.
    pub losses: Losses,
}

/// What changes come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Mitigation {
    /// Failures that were run, with their probabilities, the worst first.
    pub failures: Vec<(Failure, f64)>,
    /// Losses in the world as it is.
    pub before: Losses,
    /// Part of the expected loss of all single failures that these make, unit 1; of losses after the last step.
    pub covered: f64,
    /// Changes, those first that cut the expected loss most per tonne.
    pub tried: Vec<Measured>,
    /// Changes that cannot be made, with the reason.
    pub impossible: Vec<(Candidate, String)>,
    /// Runs that this took.
    pub runs: usize,
}

/// Tries changes and ranks them.
///
/// `singles` holds what single failures cost the area of this item, and `chances` their probabilities.
///
/// # Errors
/// No failure costs the area anything, the budget is no amount, or an engine fails.
pub fn mitigate(
    dataset: &Dataset,
    (singles, chances): (&Singles, &Chances),
    setting: &Setting,
    question: &Question,
) -> Result<Mitigation, MitigateError> {
    let Question { area, item, budget, .. } = *question;
    let name = || dataset.labels.sector_name(dataset.dimensions().sector(area, item));
    if !(budget.is_finite() && budget > 0.0) {
        return Err(MitigateError::Budget(budget));
    }
    let mut order = profile::worst(singles, area);
    order.retain(|&n| chances.of[n] > 0.0);
    let whole = expected_of(singles, chances, &order, area);
    order.truncate(question.failures.max(1));
    if order.is_empty() {
        return Err(MitigateError::Nothing(name()));
    }
    let covered = expected_of(singles, chances, &order, area) / whole;
    let failures: Vec<(Failure, f64)> =
        order.iter().map(|&n| (singles.failures[n], chances.of[n])).collect();
    let sector = dataset.dimensions().sector(area, item) as u32;
    let run = |dataset: &Dataset| losses(dataset, &failures, setting, sector, question.steps);
    let before = run(dataset)?;
    let all = candidates(dataset, question);
    let measured: Vec<(Candidate, Result<Losses, MitigateError>)> = all
        .into_par_iter()
        .with_max_len(1)
        .map(|candidate| {
            let change: Change = candidate.change(dataset, area, item);
            let changed = apply(dataset, std::slice::from_ref(&change));
            let losses = match changed {
                Ok((changed, _)) => run(&changed),
                Err(error) => Err(MitigateError::Change(error)),
            };
            (candidate, losses)
        })
        .collect();
    let (mut tried, mut impossible) = (Vec::new(), Vec::new());
    for (candidate, losses) in measured {
        match losses {
            Ok(losses) => tried.push(Measured { candidate, losses }),
            Err(MitigateError::Change(error)) => impossible.push((candidate, error.to_string())),
            Err(error) => return Err(error),
        }
    }
    let cut = |m: &Measured| (before.expected - m.losses.expected) / m.candidate.amount;
    // Stable: equal ones stay in the order in which they were made.
    tried.sort_by(|a, b| cut(b).total_cmp(&cut(a)));
    let ways = setting.runs().into_iter().filter(|is_run| *is_run).count().min(1);
    let runs = (tried.len() + 1) * failures.len() * ways;
    Ok(Mitigation { failures, before, covered, tried, impossible, runs })
}

/// Expected loss of some failures after the last step.
fn expected_of(singles: &Singles, chances: &Chances, order: &[usize], area: usize) -> f64 {
    let way = singles.main_way();
    order.iter().map(|&n| chances.of[n] * singles.loss(way, n, area).max(0.0)).sum()
}

/// Losses of a sector under failures, in the way that counts: with adaptation, if it is run.
fn losses(
    dataset: &Dataset,
    failures: &[(Failure, f64)],
    setting: &Setting,
    sector: u32,
    steps: usize,
) -> Result<Losses, MitigateError> {
    let engine = CpuEngine::new(dataset, steps);
    let producers = dataset.parameters.producers();
    let adaptation = setting.runs()[1].then_some(setting.adaptation);
    let scenario = |failure: &Failure| {
        let shocks = vec![Shock::new(failure.sector, failure.phi)];
        let scenario = Scenario { id: failure.scenario, shocks, adaptation };
        scenario.effective(&producers)
    };
    let scenarios: Vec<Scenario> = failures.iter().map(|(failure, _)| scenario(failure)).collect();
    let all = engine.all_steps();
    let outcomes = engine.losses(&scenarios, &all, 0.0, &|_| {})?.of;
    let mut found = Losses { expected: 0.0, worst: f64::NEG_INFINITY, worst_failure: 0 };
    for (n, (of_steps, (_, p))) in outcomes.chunks(all.len()).zip(failures).enumerate() {
        let lost = of_steps.iter().map(|outcome| {
            let at = outcome.sectors.binary_search(&sector);
            at.map_or(0.0, |at| outcome.losses[at])
        });
        let mean = lost.sum::<f64>() / steps as f64;
        found.expected += p * mean;
        if mean > found.worst {
            (found.worst, found.worst_failure) = (mean, n);
        }
    }
    Ok(found)
}
