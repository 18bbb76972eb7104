//! The fast engine on the processor: exact propagation of sparse losses, f64, all cores.
//!
//! [`network`] lays the network out, [`grouping`] puts similar scenarios side by side,
//! [`kernel`] propagates a group, [`adaptive`] puts over it what adaptation changes, and [`group`]
//! runs one. This file turns groups into outcomes. Measurements and the reasoning behind the
//! layout: `benches/README.md`.

pub mod adaptive;
mod bans;
pub mod collect;
pub mod group;
pub mod grouping;
pub mod kernel;
pub mod network;
pub mod sums;

use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use super::outcome::{Event, Outcome, Sums};
use super::{Engine, Precision};
use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;
use adaptive::Group;
use adaptive::tables::AdaptiveTables;
use collect::Collector;
use group::{Gather, GroupRun, GroupState, Intensities, LaneJob, Rows, SumsOf};
use grouping::Reach;
use kernel::{LANES, Workspace};
use network::{ByPlace, Network};

/// Runs scenarios in lane groups on rayon's thread pool.
pub struct CpuEngine {
    network: Network,
    reach: Reach,
    baseline: Baseline,
    by_place: ByPlace,
    /// What adaptation reads; `None` for a dataset without rules.
    tables: Option<AdaptiveTables>,
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
        CpuEngine {
            tables,
            by_place: ByPlace::new(&network, &dataset.parameters.x0, &baseline, &populated),
            reach,
            network,
            baseline,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// What the sectors of every scenario decide; runs no further than the last one that decides.
    pub fn decisions(&self, scenarios: &[&Scenario]) -> Vec<Vec<Event>> {
        let deciding = scenarios.iter().filter_map(|scenario| {
            let settings = scenario.adaptation?;
            Some(settings.adaptation_step.max(settings.substitution_step))
        });
        let Some(after) = deciding.max() else { return vec![Vec::new(); scenarios.len()] };
        let scenarios: Vec<Scenario> = scenarios.iter().map(|&scenario| scenario.clone()).collect();
        let none = Rows { min_loss: f64::INFINITY };
        let after = after.min(self.baseline.steps() - 1);
        let outcomes = self.run_all(&scenarios, none, after, &|_| {});
        outcomes.into_iter().map(|outcome| outcome.events).collect()
    }

    /// Runs one lane group; returns answers with the positions they are for.
    fn run_group<G: Gather>(
        &self,
        lanes: &[&LaneJob<'_>],
        gather: G,
        steps: Range<usize>,
    ) -> Vec<(u32, G::Gathered)> {
        let mut state =
            self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop().unwrap_or_else(
                || GroupState {
                    work: Workspace::new(&self.network),
                    collector: Collector::new(&self.network),
                    adaptation: Group::new(self.network.dims.areas),
                },
            );
        let shocks = Intensities::new(&self.network, lanes, steps.end);
        let outcomes = pulp::Arch::new().dispatch(GroupRun {
            engine: self,
            state: &mut state,
            lanes,
            shocks: &shocks,
            gather,
            steps,
        });
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(state);
        outcomes
    }

    /// Runs scenarios in groups of like ones and asks for something after step `after`.
    fn run_all<G: Gather>(
        &self,
        scenarios: &[Scenario],
        gather: G,
        after: usize,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<G::Gathered> {
        let lanes = group::lane_jobs(scenarios);
        let order = self.reach.order(&self.network, &lanes, &self.baseline);
        let by_group: Vec<Vec<(u32, G::Gathered)>> = order
            .par_chunks(LANES)
            .with_max_len(1)
            .map(|members| {
                let members: Vec<&LaneJob<'_>> =
                    members.iter().map(|&at| &lanes[at as usize]).collect();
                let gathered = self.run_group(&members, gather, after..after + 1);
                progress(gathered.len());
                gathered
            })
            .collect();
        let mut all = vec![G::Gathered::default(); scenarios.len()];
        for (at, gathered) in by_group.into_iter().flatten() {
            all[at as usize] = gathered;
        }
        all
    }
}

impl Engine for CpuEngine {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn device(&self) -> String {
        format!("cpu, {} threads", rayon::current_num_threads())
    }

    fn precision(&self) -> Precision {
        Precision::F64
    }

    fn batch(&self) -> usize {
        12_288
    }

    fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome> {
        self.run_all(scenarios, Rows { min_loss }, self.baseline.steps() - 1, progress)
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Sums> {
        self.run_all(scenarios, SumsOf { counted }, self.baseline.steps() - 1, progress)
    }

    fn trace(&self, scenario: &Scenario, min_loss: f64, steps: Range<usize>) -> Vec<Outcome> {
        let lanes = group::lane_jobs(std::slice::from_ref(scenario));
        let lanes: Vec<&LaneJob<'_>> = lanes.iter().collect();
        let gathered = self.run_group(&lanes, Rows { min_loss }, steps);
        gathered.into_iter().map(|(_, outcome)| outcome).collect()
    }
}
