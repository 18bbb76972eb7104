//! One lane group's run: shared steps, the adaptive branch, the branch without adaptation.

use super::CpuEngine;
use super::adaptation::Group;
use super::bans::Bans;
use super::collect::{Against, Collector};
use super::kernel::{self, Workspace};
use super::lane_job::LaneJob;
use super::lanes::{LANES, LaneShock, LossField};
use super::reserves::Stocks;
use super::sums;
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{ByPlace, Network};
use crate::engine::outcome::{Event, Outcome, Sums};
use crate::scenario::Shock;

/// Shocks of all lanes of a group with their intensities in step `t`.
fn lane_shocks(net: &Network, lanes: &[&LaneJob<'_>], t: usize) -> Vec<LaneShock> {
    let mut shocks = Vec::new();
    for (lane, job) in lanes.iter().enumerate() {
        let of_output = job.shocks.iter().filter(|shock| shock.kind.is_of_output());
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
    /// What reserves hold.
    pub stocks: Stocks,
    /// First step after which each lane is out of range.
    pub diverged: [Option<usize>; LANES],
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

    /// The answer for a lane that is out of range after step `at`.
    fn out_of_range(self, engine: &CpuEngine, at: usize) -> Self::Gathered;

    /// Adds what the lane has decided so far.
    fn add_events(gathered: &mut Self::Gathered, events: impl FnOnce() -> Vec<Event>);

    /// Adds what the lane's reserves hold; most answers do not say.
    fn add_reserves(_gathered: &mut Self::Gathered, _left: impl FnOnce() -> Vec<f64>) {}
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

    fn out_of_range(self, _engine: &CpuEngine, at: usize) -> Outcome {
        Outcome::out_of_range(at, Vec::new())
    }

    fn add_events(outcome: &mut Outcome, events: impl FnOnce() -> Vec<Event>) {
        outcome.events = events();
        if let Some(at) = outcome.diverged {
            outcome.events.retain(|event| event.step < at);
        }
    }

    fn add_reserves(outcome: &mut Outcome, left: impl FnOnce() -> Vec<f64>) {
        outcome.reserves = left();
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

    fn out_of_range(self, engine: &CpuEngine, at: usize) -> Sums {
        let dims = engine.network.dims;
        Sums { diverged: Some(at), ..Sums::zero(dims.areas, dims.items) }
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
    /// Steps after which it is asked, ascending.
    pub steps: &'a [usize],
}

/// Answers with the positions of their scenarios; those of one scenario in the order of the steps.
pub type Gathered<T> = Vec<(u32, T)>;

impl<G: Gather> pulp::NullaryFnOnce for GroupRun<'_, G> {
    type Output = Gathered<G::Gathered>;

    #[inline(always)]
    fn call(mut self) -> Self::Output {
        let end = self.steps.last().map_or(0, |last| last + 1);
        self.state.adaptation.start(self.lanes.iter().map(|job| job.settings));
        self.state.stocks.start(&self.engine.reserves);
        let adapts = self.lanes.iter().any(|job| job.settings.is_some());
        // An engine refuses to adapt without rules.
        let tables = self.engine.tables.as_ref().filter(|_| adapts);
        let is_both = |job: &&LaneJob<'_>| job.positions.iter().all(Option::is_some);
        let has_both = self.lanes.iter().any(is_both);
        let mut outcomes = Vec::new();
        // Step after which some lane's parameters change while it is also run without adaptation.
        let mut fork: Option<usize> = None;
        self.state.diverged = [None; LANES];
        let mut diverged = self.state.diverged;
        for t in 0..end {
            self.step(tables, t);
            if let Some(tables) = tables {
                let GroupState { work, adaptation: group, stocks, .. } = &mut *self.state;
                let had_changes = group.has_changes();
                let net = &self.engine.network;
                group.decide(tables, net, &self.engine.by_place, &work.current, t);
                if !had_changes && group.has_changes() && has_both {
                    work.keep();
                    stocks.keep();
                    diverged = self.state.diverged;
                    fork = Some(t);
                }
            }
            for (lane, mut outcome) in self.gathered(t).into_iter().enumerate() {
                let group = &self.state.adaptation;
                let [without, with] = self.lanes[lane].positions;
                let is_shared = fork.is_none_or(|fork| t <= fork) || !group.is_changed(lane, t);
                if let Some(at) = without.filter(|_| is_shared) {
                    outcomes.push((at, outcome.clone()));
                }
                if let Some(at) = with {
                    G::add_events(&mut outcome, || group.events(lane, t));
                    outcomes.push((at, outcome));
                }
            }
        }
        if let Some(fork) = fork {
            self.state.work.restore();
            self.state.stocks.restore();
            self.state.diverged = diverged;
            for t in fork + 1..end {
                self.step(None, t);
                for (lane, outcome) in self.gathered(t).into_iter().enumerate() {
                    let is_changed = |_: &u32| self.state.adaptation.is_changed(lane, t);
                    if let Some(at) = self.lanes[lane].positions[0].filter(is_changed) {
                        outcomes.push((at, outcome));
                    }
                }
            }
        }
        outcomes
    }
}

impl<G: Gather> GroupRun<'_, G> {
    /// Runs step `t`, with what lanes have changed if there are `tables`.
    #[inline(always)]
    fn step(&mut self, tables: Option<&AdaptiveTables>, t: usize) {
        let CpuEngine { network: net, by_place, baseline, .. } = self.engine;
        let GroupState { work, adaptation: group, stocks, .. } = &mut *self.state;
        let shocks = self.shocks.at(t);
        let has_bans = Bans::are_in(self.lanes);
        let banned =
            has_bans.then(|| Bans::before_step(net, by_place, self.lanes, &work.current, t));
        if t == 0 {
            kernel::start(work, baseline, shocks);
        } else {
            // Bans make gains, which a cap holds down before any sector decides.
            let changed: Option<(&mut Group, &ByPlace)> =
                tables.filter(|_| group.has_changes() || has_bans).map(|_| (&mut *group, by_place));
            kernel::advance(net, work, baseline, shocks, changed, t);
        }
        if let Some(banned) = banned {
            let adaptation = tables.filter(|_| group.has_changes());
            banned.after_step(net, adaptation.map(|t| (&*group, t)), &mut work.current);
        }
        stocks.act(&self.engine.reserves, self.lanes.len(), &mut work.current, t);
        if self.engine.range.is_possible(t) {
            self.watch(t);
        }
    }

    /// Notes the lanes that are out of range after step `t`.
    fn watch(&mut self, t: usize) {
        let GroupState { work, diverged, .. } = &mut *self.state;
        let mut is_out = work.current.out_of_range();
        if self.engine.range.is_certain(t) {
            is_out = [true; LANES];
        }
        for (diverged, is_out) in diverged.iter_mut().zip(is_out) {
            *diverged = diverged.or(is_out.then_some(t));
        }
    }

    /// What is asked of the lanes after step `t`; nothing if it is not asked then.
    #[inline(always)]
    fn gathered(&mut self, t: usize) -> Vec<G::Gathered> {
        if self.steps.binary_search(&t).is_err() {
            return Vec::new();
        }
        let GroupState { work, collector, stocks, diverged, .. } = &mut *self.state;
        let (shocks, lanes) = (self.shocks.at(t), self.lanes.len());
        let mut gathered =
            self.gather.gather(self.engine, collector, &work.current, shocks, t, lanes);
        for (lane, (gathered, at)) in gathered.iter_mut().zip(diverged).enumerate() {
            match *at {
                Some(at) => *gathered = self.gather.out_of_range(self.engine, at),
                None => G::add_reserves(gathered, || stocks.of(lane)),
            }
        }
        gathered
    }
}
