//! One lane group's run: shared steps, the adaptive branch, the branch without adaptation.

use std::ops::Range;

use super::CpuEngine;
use super::adaptive::Group;
use super::collect::{Against, Collector};
use super::kernel::{self, LaneShock, Workspace};
use super::network::Network;
use crate::engine::outcome::Outcome;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Scenario, Shock};

/// What one lane computes: the same shocks without adaptation, with it, or both.
#[derive(Debug, Clone, Copy)]
pub struct LaneJob<'a> {
    /// The shocks.
    pub shocks: &'a [Shock],
    /// How the run with adaptation adapts.
    pub settings: Option<AdaptationSettings>,
    /// Position of the outcome without adaptation, and of that with it.
    positions: [Option<u32>; 2],
}

/// Lanes for some scenarios; neighbours that differ in their adaptation alone share one.
pub fn lane_jobs(scenarios: &[Scenario]) -> Vec<LaneJob<'_>> {
    let mut lanes: Vec<LaneJob<'_>> = Vec::with_capacity(scenarios.len());
    for (at, scenario) in scenarios.iter().enumerate() {
        let adapts = usize::from(scenario.adaptation.is_some());
        if let Some(last) = lanes.last_mut()
            && last.shocks == scenario.shocks
            && last.positions[adapts].is_none()
        {
            last.positions[adapts] = Some(at as u32);
            last.settings = last.settings.or(scenario.adaptation);
            continue;
        }
        let mut positions = [None; 2];
        positions[adapts] = Some(at as u32);
        lanes.push(LaneJob { shocks: &scenario.shocks, settings: scenario.adaptation, positions });
    }
    lanes
}

/// Shocks of all lanes of a group.
pub fn lane_shocks(net: &Network, lanes: &[&LaneJob<'_>]) -> Vec<LaneShock> {
    let mut shocks = Vec::new();
    for (lane, job) in lanes.iter().enumerate() {
        shocks.extend(job.shocks.iter().map(|shock| LaneShock {
            sector: shock.sector,
            place: net.place(shock.sector as usize) as u32,
            lane: lane as u32,
            phi: shock.phi,
        }));
    }
    shocks
}

/// Buffers of one group in the making.
pub struct GroupState {
    /// Losses.
    pub work: Workspace,
    /// Rows and totals.
    pub collector: Collector,
    /// Adaptation.
    pub adaptation: Group,
}

/// One group's run, compiled for every instruction set that a machine may offer.
pub struct GroupRun<'a> {
    /// The engine.
    pub engine: &'a CpuEngine,
    /// Its buffers.
    pub state: &'a mut GroupState,
    /// The lanes.
    pub lanes: &'a [&'a LaneJob<'a>],
    /// Their shocks.
    pub shocks: &'a [LaneShock],
    /// Absolute loss above which a sector is listed, tonnes.
    pub min_loss: f64,
    /// Steps after which outcomes are collected.
    pub steps: Range<usize>,
}

impl pulp::NullaryFnOnce for GroupRun<'_> {
    /// Outcomes with their positions; those of one position in the order of the steps.
    type Output = Vec<(u32, Outcome)>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let GroupRun { engine, state, lanes, shocks, min_loss, steps } = self;
        let GroupState { work, collector, adaptation: group } = state;
        let net = &engine.network;
        group.start(lanes.iter().map(|job| job.settings));
        // Plans refuse to adapt without rules.
        let adapts = lanes.iter().any(|job| job.settings.is_some());
        let tables = adapts.then(|| engine.tables.as_ref().expect("a dataset with rules"));
        let against = |t: usize| Against {
            baseline: &engine.by_place.available[t],
            populated: &engine.by_place.populated,
            shocks,
            min_loss,
        };
        let mut outcomes = Vec::new();
        // Step after which some lane's parameters change while it is also run without adaptation.
        let mut fork: Option<usize> = None;
        for t in 0..steps.end {
            if t == 0 {
                kernel::start(work, &engine.baseline, shocks);
            } else {
                let changed =
                    tables.filter(|_| group.has_changes()).map(|_| (&mut *group, &engine.by_place));
                kernel::advance(net, work, &engine.baseline, shocks, changed, t);
            }
            if let Some(tables) = tables {
                let had_changes = group.has_changes();
                group.decide(tables, net, &engine.by_place, &work.current, t);
                let is_both = |job: &&LaneJob<'_>| job.positions.iter().all(Option::is_some);
                if !had_changes && group.has_changes() && lanes.iter().any(is_both) {
                    work.keep();
                    fork = Some(t);
                }
            }
            if !steps.contains(&t) {
                continue;
            }
            let collected = collector.collect(net, &work.current, against(t), lanes.len());
            for (lane, mut outcome) in collected.into_iter().enumerate() {
                let [without, with] = lanes[lane].positions;
                let is_shared = fork.is_none_or(|fork| t <= fork) || !group.is_changed(lane);
                if let Some(at) = without.filter(|_| is_shared) {
                    outcomes.push((at, outcome.clone()));
                }
                if let Some(at) = with {
                    outcome.events = group.events(lane, t);
                    outcomes.push((at, outcome));
                }
            }
        }
        let Some(fork) = fork else { return outcomes };
        work.restore();
        for t in fork + 1..steps.end {
            kernel::advance(net, work, &engine.baseline, shocks, None, t);
            if !steps.contains(&t) {
                continue;
            }
            let collected = collector.collect(net, &work.current, against(t), lanes.len());
            for (lane, outcome) in collected.into_iter().enumerate() {
                if let Some(at) = lanes[lane].positions[0].filter(|_| group.is_changed(lane)) {
                    outcomes.push((at, outcome));
                }
            }
        }
        outcomes
    }
}
