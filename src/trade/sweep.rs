//! Trade risk as a sweep: every failure of a year, run in batches on any engine.
//!
//! Sets of items that no link connects are systems of their own: on the processor each runs by itself,
//! many at a time, and an item alone by its closed recursion ([`own_market`]), which is what makes all of
//! HS feasible. The gpu and the reference engine run every item. The order in which losses are added up
//! does not depend on the threads.

use rayon::prelude::*;
use shocksweep_trade::TradeError;
use shocksweep_trade::balance::Balance;
use shocksweep_trade::indicators::YearIndicators;
use shocksweep_trade::own_market;
use shocksweep_trade::parameters::{Link, components, parameters};
use shocksweep_trade::reach::passed_on;
use shocksweep_trade::study::{Loss, Study};

use super::TradeRunError;
use super::dataset::dataset_of;
use crate::engine::EngineError;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::job::EngineKind;
use crate::model::constants::STEPS;
use crate::scenario::{Scenario, ScenarioId, Shock};
use crate::sweep::make_engine;

/// Which engine runs the failures.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Engine.
    pub engine: Option<EngineKind>,
    /// Graphics device, for the gpu engine.
    pub device: DeviceChoice,
}

/// Sets of items that are run side by side.
const SIDE_BY_SIDE: usize = 64;

/// Sets of at most so many items are run side by side, each by itself.
const SMALL: usize = 4;

/// A failure (item, area) and its losses (item, area, loss).
type Failed = ((usize, usize), Vec<(usize, usize, f64)>);

/// Runs every failure of a year: its indicators and, if `listed`, the losses of its failures.
///
/// # Errors
/// The engine is not there or fails, or `stop` says so between two batches.
pub fn year(
    study: &Study<'_>,
    at: usize,
    machine: &Machine,
    listed: bool,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(YearIndicators, Vec<Loss>), TradeRunError> {
    let balance = study.balance(at);
    let sweep = Sweep { study, balance: &balance, machine, stop, progress };
    let mut failure: Option<EngineError> = None;
    let mut run = |failures: &[(usize, usize)],
                   take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)])| {
        sweep.run(failures, take).map_err(|error| {
            failure = error;
            TradeError::Stopped
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

/// The failures of a year.
struct Sweep<'a> {
    study: &'a Study<'a>,
    balance: &'a Balance,
    machine: &'a Machine,
    stop: &'a (dyn Fn() -> bool + Sync),
    progress: &'a (dyn Fn(usize) + Sync),
}

impl Sweep<'_> {
    /// Runs failures; an error without an engine's is the wish to stop.
    fn run(
        &self,
        failures: &[(usize, usize)],
        take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)]),
    ) -> Result<(), Option<EngineError>> {
        let items = self.balance.items;
        // Its systems are too small to look for a device.
        let kind = match self.machine.engine {
            None | Some(EngineKind::Auto) => EngineKind::Cpu,
            Some(kind) => kind,
        };
        // A device is filled by one large system, not by many small ones.
        let sets = match kind {
            EngineKind::Gpu => vec![(0..items).collect()],
            _ => components(items, &self.study.links),
        };
        let mut of = vec![0; items];
        for (nth, set) in sets.iter().enumerate() {
            set.iter().for_each(|&p| of[p] = nth);
        }
        let mut by_set: Vec<Vec<(usize, usize)>> = vec![Vec::new(); sets.len()];
        failures.iter().for_each(|&failure| by_set[of[failure.0]].push(failure));
        let work: Vec<(&Vec<usize>, Vec<(usize, usize)>)> =
            sets.iter().zip(by_set).filter(|(_, failures)| !failures.is_empty()).collect();
        let (small, large): (Vec<_>, Vec<_>) =
            work.into_iter().partition(|(set, _)| set.len() <= SMALL && kind != EngineKind::Gpu);
        for together in small.chunks(SIDE_BY_SIDE) {
            if (self.stop)() {
                return Err(None);
            }
            let run = |(set, failures): &(&Vec<usize>, Vec<(usize, usize)>)| {
                let mut all: Vec<Failed> = Vec::new();
                let ended = self.set(set, failures, kind, &mut |failure, losses| {
                    all.push((failure, losses.to_vec()));
                });
                ended.map(|()| all)
            };
            let found: Vec<_> = together.par_iter().with_max_len(1).map(run).collect();
            for of_set in found {
                for (failure, losses) in of_set? {
                    take(failure, &losses);
                }
            }
        }
        for (set, failures) in &large {
            self.set(set, failures, kind, take)?;
        }
        Ok(())
    }

    /// The failures of an item that no link connects.
    fn alone(
        &self,
        item: usize,
        failures: &[(usize, usize)],
        take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)]),
    ) {
        let areas: Vec<usize> = failures.iter().map(|&(_, area)| area).collect();
        let mut losses = Vec::new();
        own_market::losses(self.balance, item, &areas, STEPS, &mut |area, lost| {
            losses.clear();
            let lost = lost.iter().enumerate().filter(|(_, lost)| **lost > 0.0);
            losses.extend(lost.map(|(c, &lost)| (item, c, lost)));
            take((item, area), &losses);
        });
        (self.progress)(failures.len());
    }

    /// Runs the failures of a set of linked items.
    fn set(
        &self,
        set: &[usize],
        failures: &[(usize, usize)],
        kind: EngineKind,
        take: &mut dyn FnMut((usize, usize), &[(usize, usize, f64)]),
    ) -> Result<(), Option<EngineError>> {
        if let (&[item], EngineKind::Cpu) = (set, kind) {
            self.alone(item, failures, take);
            return Ok(());
        }
        let place = |p: usize| set.binary_search(&p).ok();
        let links: Vec<Link> =
            self.study.links.iter().filter_map(|&(r, p)| Some((place(r)?, place(p)?))).collect();
        let balance = self.balance.select(set);
        let world = dataset_of(self.study.panel, set, &balance, &parameters(&balance, &links));
        let engine = make_engine(kind, &self.machine.device, &world, STEPS).map_err(Some)?;
        let items = set.len();
        let mut losses = Vec::new();
        let last = [engine.last_step()];
        for batch in failures.chunks(engine.info().batch.max(1)) {
            if (self.stop)() {
                return Err(None);
            }
            let scenario = |(at, &(item, area)): (usize, &(usize, usize))| Scenario {
                id: ScenarioId(at as u32),
                shocks: vec![Shock::new((area * items + place(item).unwrap_or(0)) as u32, 1.0)],
                adaptation: None,
            };
            let scenarios: Vec<Scenario> = batch.iter().enumerate().map(scenario).collect();
            let answers = engine.losses(&scenarios, &last, 0.0, self.progress).map_err(Some)?;
            for (&failure, outcome) in batch.iter().zip(&answers.of) {
                losses.clear();
                let of = outcome.sectors.iter().zip(&outcome.losses);
                losses.extend(
                    of.map(|(&s, &lost)| (set[s as usize % items], s as usize / items, lost)),
                );
                take(failure, &losses);
            }
        }
        Ok(())
    }
}

/// Seconds that a flow costs per failure that passes it on in all of ten steps, measured on one thread of a
/// small machine (`benches/README.md`).
const SECONDS_PER_FLOW: f64 = 3e-9;

/// Seconds that all failures of a year would take about, on the processor with all threads.
pub fn estimate(study: &Study<'_>, at: usize) -> f64 {
    let flows = passed_on(&study.balance(at), &study.links, STEPS);
    flows * SECONDS_PER_FLOW / rayon::current_num_threads() as f64
}
