//! One lane group's run: shared steps, the adaptive branch, the branch without adaptation.

use std::ops::Range;

use super::CpuEngine;
use super::adaptive::Group;
use super::bans::Bans;
use super::collect::{Against, Collector};
use super::kernel::{self, LaneShock, LossField, Workspace};
use super::network::Network;
use super::sums;
use crate::engine::outcome::{Event, Outcome, Sums};
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Kind, Scenario, Shock};

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

impl<'a> LaneJob<'a> {
    /// A lane for one scenario at position `at`.
    pub fn alone(scenario: &'a Scenario, at: u32) -> Self {
        let mut positions = [None; 2];
        positions[usize::from(scenario.adaptation.is_some())] = Some(at);
        LaneJob { shocks: &scenario.shocks, settings: scenario.adaptation, positions }
    }
}

/// Lanes for some scenarios; neighbours that differ in their adaptation alone share one.
pub fn lane_jobs(scenarios: &[Scenario]) -> Vec<LaneJob<'_>> {
    let mut lanes: Vec<LaneJob<'_>> = Vec::with_capacity(scenarios.len());
    for (at, scenario) in scenarios.iter().enumerate() {
        let adapts = usize::from(scenario.adaptation.is_some());
        if let Some(last) = lanes.last_mut()
            && last.shocks == scenario.shocks
            && last.positions[adapts].is_none()
            && !gains_are_capped(scenario, last)
        {
            last.positions[adapts] = Some(at as u32);
            last.settings = last.settings.or(scenario.adaptation);
            continue;
        }
        lanes.push(LaneJob::alone(scenario, at as u32));
    }
    lanes
}

/// Whether a cap can tell the two runs of a lane apart before any sector decides: only bans make
/// gains that early.
fn gains_are_capped(scenario: &Scenario, other: &LaneJob<'_>) -> bool {
    let settings = scenario.adaptation.or(other.settings);
    settings.is_some_and(|s| s.output_cap.is_some())
        && scenario.shocks.iter().any(|shock| shock.kind != Kind::Production)
}

/// Shocks of all lanes of a group with their intensities in step `t`.
fn lane_shocks(net: &Network, lanes: &[&LaneJob<'_>], t: usize) -> Vec<LaneShock> {
    let mut shocks = Vec::new();
    for (lane, job) in lanes.iter().enumerate() {
        let of_output = job.shocks.iter().filter(|shock| shock.kind == Kind::Production);
        shocks.extend(of_output.map(|shock| LaneShock {
            sector: shock.sector,
            place: net.place(shock.sector as usize) as u32,
            lane: lane as u32,
            phi: shock.at(t),
        }));
    }
    shocks
}

/// Shocks of a group by step; one list where no intensity changes.
pub struct Intensities(Vec<Vec<LaneShock>>);

impl Intensities {
    /// The shocks of a group for `steps` steps.
    pub fn new(net: &Network, lanes: &[&LaneJob<'_>], steps: usize) -> Self {
        let is_constant = lanes.iter().all(|job| job.shocks.iter().all(Shock::is_constant));
        let lists = if is_constant { 1 } else { steps };
        Intensities((0..lists).map(|t| lane_shocks(net, lanes, t)).collect())
    }

    /// The shocks in step `t`.
    #[inline(always)]
    fn at(&self, t: usize) -> &[LaneShock] {
        &self.0[t.min(self.0.len() - 1)]
    }
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

/// What is asked of every lane after a step.
pub trait Gather: Copy + Sync {
    /// The answer for one lane.
    type Gathered: Clone + Send + Default;

    /// Answers of the first `lanes` lanes after step `t`.
    fn gather(
        self,
        engine: &CpuEngine,
        collector: &mut Collector,
        field: &LossField,
        shocks: &[LaneShock],
        t: usize,
        lanes: usize,
    ) -> Vec<Self::Gathered>;

    /// Adds what the lane has decided so far.
    fn add_events(gathered: &mut Self::Gathered, events: impl FnOnce() -> Vec<Event>);
}

/// Asks for the losses above a threshold, sector by sector, with totals and decisions.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// Absolute loss above which a sector is listed, tonnes.
    pub min_loss: f64,
}

impl Gather for Rows {
    type Gathered = Outcome;

    #[inline(always)]
    fn gather(
        self,
        engine: &CpuEngine,
        collector: &mut Collector,
        field: &LossField,
        shocks: &[LaneShock],
        t: usize,
        lanes: usize,
    ) -> Vec<Outcome> {
        let against = Against {
            baseline: &engine.by_place.available[t],
            populated: &engine.by_place.populated,
            shocks,
            min_loss: self.min_loss,
        };
        collector.collect(&engine.network, field, against, lanes)
    }

    fn add_events(outcome: &mut Outcome, events: impl FnOnce() -> Vec<Event>) {
        outcome.events = events();
    }
}

/// Asks for the losses summed by area and by item.
#[derive(Debug, Clone, Copy)]
pub struct SumsOf<'a> {
    /// Per item, whether it counts in the sums by area.
    pub counted: &'a [bool],
}

impl Gather for SumsOf<'_> {
    type Gathered = Sums;

    #[inline(always)]
    fn gather(
        self,
        engine: &CpuEngine,
        _collector: &mut Collector,
        field: &LossField,
        _shocks: &[LaneShock],
        _t: usize,
        lanes: usize,
    ) -> Vec<Sums> {
        sums::sums(&engine.network, field, &engine.by_place.populated, self.counted, lanes)
    }

    fn add_events(_sums: &mut Sums, _events: impl FnOnce() -> Vec<Event>) {}
}

/// One group's run, compiled for every instruction set that a machine may offer.
pub struct GroupRun<'a, G> {
    /// The engine.
    pub engine: &'a CpuEngine,
    /// Its buffers.
    pub state: &'a mut GroupState,
    /// The lanes.
    pub lanes: &'a [&'a LaneJob<'a>],
    /// Their shocks.
    pub shocks: &'a Intensities,
    /// What is asked of the lanes.
    pub gather: G,
    /// Steps after which it is asked.
    pub steps: Range<usize>,
}

impl<G: Gather> pulp::NullaryFnOnce for GroupRun<'_, G> {
    /// Answers with their positions; those of one position in the order of the steps.
    type Output = Vec<(u32, G::Gathered)>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let GroupRun { engine, state, lanes, shocks, gather, steps } = self;
        let GroupState { work, collector, adaptation: group } = state;
        let net = &engine.network;
        group.start(lanes.iter().map(|job| job.settings));
        // Plans refuse to adapt without rules.
        let adapts = lanes.iter().any(|job| job.settings.is_some());
        let tables = adapts.then(|| engine.tables.as_ref().expect("a dataset with rules"));
        let mut outcomes = Vec::new();
        // Step after which some lane's parameters change while it is also run without adaptation.
        let mut fork: Option<usize> = None;
        let has_bans = Bans::are_in(lanes);
        let bans = |losses: &LossField, t: usize| {
            has_bans.then(|| Bans::before_step(net, &engine.by_place, lanes, losses, t))
        };
        for t in 0..steps.end {
            let banned = bans(&work.current, t);
            if t == 0 {
                kernel::start(work, &engine.baseline, shocks.at(0));
            } else {
                let changed = tables
                    // Bans make gains, which a cap holds down before any sector decides.
                    .filter(|_| group.has_changes() || has_bans)
                    .map(|_| (&mut *group, &engine.by_place));
                kernel::advance(net, work, &engine.baseline, shocks.at(t), changed, t);
            }
            if let Some(banned) = banned {
                let adaptation = tables.filter(|_| group.has_changes());
                banned.after_step(net, adaptation.map(|t| (&*group, t)), &mut work.current);
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
            let collected =
                gather.gather(engine, collector, &work.current, shocks.at(t), t, lanes.len());
            for (lane, mut outcome) in collected.into_iter().enumerate() {
                let [without, with] = lanes[lane].positions;
                let is_shared = fork.is_none_or(|fork| t <= fork) || !group.is_changed(lane);
                if let Some(at) = without.filter(|_| is_shared) {
                    outcomes.push((at, outcome.clone()));
                }
                if let Some(at) = with {
                    G::add_events(&mut outcome, || group.events(lane, t));
                    outcomes.push((at, outcome));
                }
            }
        }
        let Some(fork) = fork else { return outcomes };
        work.restore();
        for t in fork + 1..steps.end {
            let banned = bans(&work.current, t);
            kernel::advance(net, work, &engine.baseline, shocks.at(t), None, t);
            if let Some(banned) = banned {
                banned.after_step(net, None, &mut work.current);
            }
            if !steps.contains(&t) {
                continue;
            }
            let collected =
                gather.gather(engine, collector, &work.current, shocks.at(t), t, lanes.len());
            for (lane, outcome) in collected.into_iter().enumerate() {
                if let Some(at) = lanes[lane].positions[0].filter(|_| group.is_changed(lane)) {
                    outcomes.push((at, outcome));
                }
            }
        }
        outcomes
    }
}
