//! Changes against one scenario, as it stands.

use rayon::prelude::*;

use super::candidates::candidates;
use super::{Candidate, MitigateError, Question};
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::engine::cpu::CpuEngine;
use crate::scenario::Scenario;
use crate::whatif::apply;

/// Changes that were tried against a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Mean loss over the steps in the world as it is, in the item's unit a year.
    pub before: f64,
    /// Changes with the mean loss that is left, those first that leave least.
    pub tried: Vec<(Candidate, f64)>,
    /// Changes that cannot be made, with the reason.
    pub impossible: Vec<(Candidate, String)>,
}

/// Tries every candidate of a question ([`mod@super::candidates`]) against one scenario, and ranks them by
/// what the area still loses of the item, as the mean over the steps.
///
/// # Errors
/// The budget is no amount, the scenario costs the area nothing, or the engine fails.
pub fn against(
    dataset: &Dataset,
    scenario: &Scenario,
    question: &Question,
) -> Result<Against, MitigateError> {
    let Question { area, item, budget, .. } = *question;
    let sector = dataset.dimensions().sector(area, item);
    if !(budget.is_finite() && budget > 0.0) {
        return Err(MitigateError::Budget(budget));
    }
    let run = |dataset: &Dataset| mean_loss(dataset, scenario, sector as u32, question.steps);
    let before = run(dataset)?;
    if before <= 0.0 {
        return Err(MitigateError::Unhurt(dataset.labels.sector_name(sector)));
    }
    let measured: Vec<(Candidate, Result<f64, MitigateError>)> = candidates(dataset, question)
        .into_par_iter()
        .with_max_len(1)
        .map(|candidate| {
            let change = candidate.change(dataset, area, item);
            let left = match apply(dataset, std::slice::from_ref(&change)) {
                Ok((changed, _)) => run(&changed),
                Err(error) => Err(MitigateError::Change(error)),
            };
            (candidate, left)
        })
        .collect();
    let (mut tried, mut impossible) = (Vec::new(), Vec::new());
    for (candidate, left) in measured {
        match left {
            Ok(left) => tried.push((candidate, left)),
            Err(MitigateError::Change(error)) => impossible.push((candidate, error.to_string())),
            Err(error) => return Err(error),
        }
    }
    // Stable: equal ones stay in the order in which they were made.
    tried.sort_by(|a, b| a.1.total_cmp(&b.1));
    Ok(Against { before, tried, impossible })
}

/// What a sector loses in a run, as the mean over its steps.
fn mean_loss(
    dataset: &Dataset,
    scenario: &Scenario,
    sector: u32,
    steps: usize,
) -> Result<f64, MitigateError> {
    let engine = CpuEngine::new(dataset, steps);
    let effective = scenario.effective(&dataset.parameters.producers());
    let outcomes = engine.losses(&[effective], &engine.all_steps(), 0.0, &|_| {})?.of;
    let of_step = |outcome: &crate::engine::Outcome| {
        outcome.sectors.binary_search(&sector).map_or(0.0, |at| outcome.losses[at])
    };
    Ok(outcomes.iter().map(of_step).sum::<f64>() / steps as f64)
}
