//! The fast engine on the processor: exact propagation of sparse losses, f64, all cores.
//!
//! [`crate::engine::network`] lays the network out and puts similar scenarios side by side;
//! [`kernel`] propagates the losses of a group ([`lanes`]), `adaptation` puts over it what adaptation
//! changes (`changed`), and `group` runs one. This file turns groups into outcomes. Measurements
//! and the reasoning behind the layout: `benches/README.md`.

mod adaptation;
mod bans;
mod changed;
mod collect;
mod group;
pub mod kernel;
mod lane_job;
pub mod lanes;
mod reserves;
pub mod sums;

use std::sync::Mutex;

use rayon::prelude::*;

use super::capability::check_steps;
use super::network::tables::AdaptiveTables;
use super::network::{ByPlace, Network, Reach};
use super::outcome::{Event, Outcome, Sums};
use super::{Answers, Engine, EngineError, EngineInfo, Feature, Precision, check};
use crate::dataset::{Dataset, Reserve};
use crate::model::Baseline;
use crate::model::constants::LARGEST_AMOUNT;
use crate::model::divergence::Range;
use crate::scenario::Scenario;
use adaptation::Group;
use collect::Collector;
use group::{Gather, Gathered, GroupRun, GroupState, Intensities, Rows, SumsOf};
use kernel::Workspace;
use lane_job::{LaneJob, lane_jobs};
use lanes::LANES;
use reserves::Stocks;

/// Runs scenarios in lane groups on rayon's thread pool.
pub struct CpuEngine {
    network: Network,
    reach: Reach,
    baseline: Baseline,
    by_place: ByPlace,
    /// Steps after which runs must be watched.
    range: Range,
    /// What adaptation reads; `None` for a dataset without rules.
    tables: Option<AdaptiveTables>,
    /// Reserves with their places.
    reserves: Vec<(u32, Reserve)>,
    /// Buffers waiting for their next group; never more than there are threads.
    idle: Mutex<Vec<GroupState>>,
}

impl CpuEngine {
    /// An engine for runs of `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(dataset: &Dataset, steps: usize) -> Self {
        let (baseline, (network, reach)) = rayon::join(
            || Baseline::compute(&dataset.parameters, steps),
            || {
                let network = Network::new(dataset);
                let reach = Reach::new(&network);
                (network, reach)
            },
        );
        let tables = AdaptiveTables::new(dataset, &network);
        let populated = super::populated_sectors(dataset);
        let place = |r: &Reserve| (network.place(r.sector as usize) as u32, r.clone());
        CpuEngine {
            reserves: dataset.reserves.iter().map(place).collect(),
            range: Range::new(dataset, &baseline, LARGEST_AMOUNT),
            tables,
            by_place: ByPlace::new(&network, &dataset.parameters.x0, &baseline, &populated),
            reach,
            network,
            baseline,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// What the sectors of every scenario decide; runs no further than the last one that decides.
    ///
    /// # Errors
    /// Those of [`check`].
    pub fn decisions(&self, scenarios: &[Scenario]) -> Result<Vec<Vec<Event>>, EngineError> {
        check(self, scenarios)?;
        let deciding = scenarios.iter().filter_map(|scenario| {
            let settings = scenario.adaptation?;
            Some(settings.adaptation_step.max(settings.substitution_step))
        });
        let Some(after) = deciding.max() else { return Ok(vec![Vec::new(); scenarios.len()]) };
        let none = Rows { min_loss: f64::INFINITY };
        let after = after.min(self.last_step());
        let outcomes = self.run_all(scenarios, none, &[after], &|_| {});
        Ok(outcomes.into_iter().map(|outcome| outcome.events).collect())
    }

    /// Runs one lane group; returns answers with the positions they are for.
    fn run_group<G: Gather>(
        &self,
        lanes: &[&LaneJob<'_>],
        gather: G,
        steps: &[usize],
    ) -> Gathered<G::Gathered> {
        let idle = || self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let waiting = idle().pop();
        let mut state = waiting.unwrap_or_else(|| GroupState {
            work: Workspace::new(&self.network),
            collector: Collector::new(&self.network),
            adaptation: Group::new(self.network.dims.areas),
            stocks: Stocks::default(),
            diverged: [None; LANES],
        });
        let end = steps.last().map_or(0, |last| last + 1);
        let shocks = Intensities::new(&self.network, lanes, end);
        let outcomes = pulp::Arch::new().dispatch(GroupRun {
            engine: self,
            state: &mut state,
            lanes,
            shocks: &shocks,
            gather,
            steps,
        });
        idle().push(state);
        outcomes
    }

    /// Runs scenarios in groups of like ones and asks for something after each of `steps`.
    fn run_all<G: Gather>(
        &self,
        scenarios: &[Scenario],
        gather: G,
        steps: &[usize],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<G::Gathered> {
        let lanes = lane_jobs(scenarios);
        let runs: Vec<_> = lanes.iter().map(LaneJob::run).collect();
        let order = self.reach.order(&self.network, &runs, &self.baseline);
        let by_group: Vec<Gathered<G::Gathered>> = order
            .par_chunks(LANES)
            .with_max_len(1)
            .map(|members| {
                let members: Vec<&LaneJob<'_>> =
                    members.iter().map(|&at| &lanes[at as usize]).collect();
                let gathered = self.run_group(&members, gather, steps);
                progress(gathered.len() / steps.len().max(1));
                gathered
            })
            .collect();
        let mut all = vec![G::Gathered::default(); scenarios.len() * steps.len()];
        let mut answered = vec![0; scenarios.len()];
        for (at, gathered) in by_group.into_iter().flatten() {
            let at = at as usize;
            all[at * steps.len() + answered[at]] = gathered;
            answered[at] += 1;
        }
        all
    }
}

impl Engine for CpuEngine {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "cpu",
            device: format!("cpu, {} threads", rayon::current_num_threads()),
            precision: Precision::F64,
            is_software: false,
            leaves_processor_free: false,
            batch: 12_288,
        }
    }

    fn supports(&self) -> &'static [Feature] {
        &Feature::ALL
    }

    fn has_rules(&self) -> bool {
        self.tables.is_some()
    }

    fn has_reserves(&self) -> bool {
        !self.reserves.is_empty()
    }

    fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError> {
        check_steps(self, scenarios, steps)?;
        Ok(Answers::new(self.run_all(scenarios, Rows { min_loss }, steps, progress)))
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError> {
        check(self, scenarios)?;
        let last = [self.last_step()];
        Ok(Answers::new(self.run_all(scenarios, SumsOf { counted }, &last, progress)))
    }
}
