//! Trade risk as a sweep: every failure of a year, run in batches on any engine.

use shocksweep_trade::TradeError;
use shocksweep_trade::balance::Balance;
use shocksweep_trade::indicators::YearIndicators;
use shocksweep_trade::study::{Loss, Study};

use super::TradeRunError;
use super::dataset::dataset;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::engine::{Engine, EngineError};
use crate::job::EngineKind;
use crate::model::constants::STEPS;
use crate::scenario::{Scenario, Shock};
use crate::sweep::make_engine;

/// Which engine runs the failures.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Engine.
    pub engine: Option<EngineKind>,
    /// Graphics device, for the gpu engine.
    pub device: DeviceChoice,
}

/// Runs every failure of a year: its indicators and, if `listed`, the losses of its failures.
///
/// # Errors
/// The engine is not there or fails, or `stop` says so between two batches.
pub fn year(
    study: &Study<'_>,
    at: usize,
    machine: &Machine,
    listed: bool,
    stop: &dyn Fn() -> bool,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(YearIndicators, Vec<Loss>), TradeRunError> {
    let (balance, parameters) = study.model(at);
    let dataset = dataset(study.panel, &balance, &parameters);
    let kind = machine.engine.unwrap_or(EngineKind::Cpu);
    let engine = make_engine(kind, &machine.device, &dataset, STEPS)?;
    let mut failure: Option<EngineError> = None;
    let mut run = |failures: &[(usize, usize)],
                   take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)])| {
        batches(engine.as_ref(), &balance, failures, stop, progress, take).map_err(|error| {
            match error {
                Some(error) => {
                    failure = Some(error);
                    TradeError::Stopped
                }
                None => TradeError::Stopped,
            }
        })
    };
    let found = study.year(at, &balance, &mut run);
    let losses = match (&found, listed) {
        (Ok(found), true) => study.losses(&balance, found, &mut run),
        _ => Ok(Vec::new()),
    };
    match failure {
        Some(error) => Err(error.into()),
        None => Ok((found?, losses?)),
    }
}

/// Runs failures batch by batch; an error without an engine's is the wish to stop.
fn batches(
    engine: &dyn Engine,
    balance: &Balance,
    failures: &[(usize, usize)],
    stop: &dyn Fn() -> bool,
    progress: &(dyn Fn(usize) + Sync),
    take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)]),
) -> Result<(), Option<EngineError>> {
    let items = balance.items;
    let mut losses = Vec::new();
    for batch in failures.chunks(engine.batch().max(1)) {
        if stop() {
            return Err(None);
        }
        let scenario = |(at, &(item, area)): (usize, &(usize, usize))| Scenario {
            id: at as u32,
            shocks: vec![Shock::new((area * items + item) as u32, 1.0)],
            adaptation: None,
        };
        let scenarios: Vec<Scenario> = batch.iter().enumerate().map(scenario).collect();
        let outcomes = engine.try_run(&scenarios, 0.0, progress).map_err(Some)?;
        for (&failure, outcome) in batch.iter().zip(&outcomes) {
            losses.clear();
            let of = outcome.sectors.iter().zip(&outcome.losses);
            losses.extend(of.map(|(&s, &lost)| (s as usize % items, s as usize / items, lost)));
            take(failure, &losses);
        }
    }
    Ok(())
}
