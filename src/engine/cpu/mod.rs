//! The fast engine on the processor: exact propagation of sparse losses, f64, all cores.
//!
//! [`network`] lays the network out, [`grouping`] puts similar scenarios side by side,
//! [`kernel`] propagates a group, and this file turns groups into outcomes. Measurements and the
//! reasoning behind the layout: `benches/README.md`.

pub mod collect;
pub mod grouping;
pub mod kernel;
pub mod network;

use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use super::outcome::Outcome;
use super::{Engine, Precision};
use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;
use collect::{Against, Collector};
use grouping::Reach;
use kernel::{LANES, LaneShock, Workspace};
use network::Network;

/// Runs scenarios in lane groups on rayon's thread pool.
pub struct CpuEngine {
    network: Network,
    reach: Reach,
    baseline: Baseline,
    populated: Vec<bool>,
    /// Buffers waiting for their next group; never more than there are threads.
    idle: Mutex<Vec<GroupState>>,
}

/// Buffers of one group in the making.
struct GroupState {
    work: Workspace,
    collector: Collector,
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
        CpuEngine {
            reach,
            network,
            baseline,
            populated: super::populated_sectors(dataset),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs one lane group and collects the losses after each of `steps`.
    ///
    /// Returns one list of outcomes per step of `steps`, in lane order.
    fn run_group(
        &self,
        group: &[&Scenario],
        min_loss: f64,
        steps: Range<usize>,
    ) -> Vec<Vec<Outcome>> {
        let mut state =
            self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop().unwrap_or_else(
                || GroupState {
                    work: Workspace::new(&self.network),
                    collector: Collector::new(&self.network),
                },
            );
        let shocks = self.lane_shocks(group);
        let outcomes = pulp::Arch::new().dispatch(GroupRun {
            engine: self,
            state: &mut state,
            group,
            shocks: &shocks,
            min_loss,
            steps,
        });
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(state);
        outcomes
    }

    fn lane_shocks(&self, group: &[&Scenario]) -> Vec<LaneShock> {
        let mut shocks = Vec::new();
        for (lane, scenario) in group.iter().enumerate() {
            for shock in &scenario.shocks {
                shocks.push(LaneShock {
                    sector: shock.sector,
                    place: self.network.place(shock.sector as usize) as u32,
                    lane: lane as u32,
                    phi: shock.phi,
                });
            }
        }
        shocks
    }
}

/// One group's run, compiled for every instruction set that a machine may offer.
struct GroupRun<'a> {
    engine: &'a CpuEngine,
    state: &'a mut GroupState,
    group: &'a [&'a Scenario],
    shocks: &'a [LaneShock],
    min_loss: f64,
    steps: Range<usize>,
}

impl pulp::NullaryFnOnce for GroupRun<'_> {
    type Output = Vec<Vec<Outcome>>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let GroupRun { engine, state, group, shocks, min_loss, steps } = self;
        let GroupState { work, collector } = state;
        let mut outcomes = Vec::new();
        for t in 0..steps.end {
            if t == 0 {
                kernel::start(work, &engine.baseline, shocks);
            } else {
                kernel::advance(&engine.network, work, &engine.baseline, shocks, t);
            }
            if steps.contains(&t) {
                let against = Against {
                    baseline: &engine.baseline.available[t],
                    populated: &engine.populated,
                    shocks,
                    min_loss,
                };
                outcomes.push(collector.collect(
                    &engine.network,
                    &work.current,
                    against,
                    group.len(),
                ));
            }
        }
        outcomes
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

    fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome> {
        let order = self.reach.order(&self.network, scenarios);
        let last = self.baseline.steps() - 1;
        let by_group: Vec<Vec<Outcome>> = order
            .par_chunks(LANES)
            .with_max_len(1)
            .map(|members| {
                let group: Vec<&Scenario> =
                    members.iter().map(|&at| &scenarios[at as usize]).collect();
                let outcomes = self.run_group(&group, min_loss, last..last + 1);
                progress(group.len());
                outcomes.into_iter().flatten().collect()
            })
            .collect();
        let mut outcomes = vec![Outcome::default(); scenarios.len()];
        for (&at, outcome) in order.iter().zip(by_group.into_iter().flatten()) {
            outcomes[at as usize] = outcome;
        }
        outcomes
    }

    fn trace(&self, scenario: &Scenario, min_loss: f64, steps: Range<usize>) -> Vec<Outcome> {
        self.run_group(&[scenario], min_loss, steps).into_iter().flatten().collect()
    }
}
