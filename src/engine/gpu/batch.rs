//! One batch of scenarios on a machine, from the shocks to the losses after the last step.
//!
//! ```text
//! every step          ship, feed, production, produce, shock, cap, send, trade, receive, embargo, reserve
//! in deciding steps   decide, count, reckon, list; ask and change of production and trade; mark, touch
//! at the end          totals, reduce; the counts come back; compact, or sum_areas and sum_items
//! ```
//!
//! No step waits for the host. How many patches are applied is found on the device, which launches as many workgroups;
//! the host reads who was hit at the end, with the counts. One kind of batch is different: where a scenario adapts and has
//! bans, the host reads the hits of a deciding step and builds what all scenarios of the batch change (`by_host`);
//! such scenarios have batches of their own.
//!
//! Kernels that have nothing to do in a batch (no bans, nothing changed, no cap) are not run.

use std::time::Instant;

use super::bans::{self, BanBuffers, BanTable};
use super::build::{Part, PatchBuffers};
use super::decisions::Decisions;
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Element, Machine};
use super::network::{OnMachine, Prepared};
use super::reserves::ReserveBuffers;
use super::rooms::Halt;
use super::shocks::ShockTable;
use super::timing::Stages;
use super::watch::{Looks, Watches};
use crate::engine::EngineError;
use crate::engine::network::Decided;
use crate::engine::outcome::Event;
use crate::scenario::Scenario;

/// A batch on a machine.
pub struct Batch<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) on: &'a OnMachine,
    pub(super) machine: &'a mut dyn Machine,
    /// Lane by lane.
    pub(super) scenarios: &'a [&'a Scenario],
    pub(super) is_watched: bool,
    pub(super) groups: usize,
    pub(super) sizes: Buffer,
    pub(super) shocks: ShockTable,
    pub(super) shock_places: Buffer,
    pub(super) current: Field,
    phi: Vec<Buffer>,
    next: Field,
    made: Buffer,
    pub(super) spare: Buffer,
    pub(super) forced: Buffer,
    pub(super) patches: Vec<PatchBuffers>,
    pub(super) bans: Option<(BanTable, BanBuffers)>,
    pub(super) caps: Option<(Vec<f64>, Buffer)>,
    pub(super) reserves: Option<ReserveBuffers>,
    /// What scenarios have decided: their changes are built anew from it.
    pub(super) events: Vec<Vec<Event>>,
    /// The changes of scenarios that adapt and have bans, which act on the columns in force.
    pub(super) banned: Vec<Option<Decided>>,
    /// Decisions, from the first deciding step on.
    pub(super) decisions: Option<Decisions>,
    /// Whether the host builds what scenarios change.
    pub(super) by_host: bool,
    /// What is looked at after steps.
    pub(super) watches: Watches,
    pub(super) stages: Option<Stages>,
}

/// Losses of a batch after a step, and the mask of those that are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub losses: Buffer,
    pub active: Buffer,
}

/// Whether bans of a scenario act on columns that its adaptation changes.
pub(super) fn acts_on_columns(scenario: &Scenario) -> bool {
    scenario.adaptation.is_some() && bans::has_bans(scenario)
}

fn banned(scenario: &Scenario) -> Option<Decided> {
    scenario.adaptation.filter(|_| acts_on_columns(scenario)).map(Decided::new)
}

impl<'a> Batch<'a> {
    /// Room for a batch, and its shocks.
    pub fn new(
        prepared: &'a Prepared,
        on: &'a OnMachine,
        machine: &'a mut dyn Machine,
        scenarios: &'a [&'a Scenario],
    ) -> Self {
        let net = &prepared.network;
        let groups = scenarios.len().div_ceil(LANES);
        let steps = prepared.baseline.steps();
        let shocks = ShockTable::new(net, scenarios, steps);
        let mut forced_mask = shocks.mask.clone();
        for (number, scenario) in scenarios.iter().enumerate() {
            bans::force(&mut forced_mask, (number, scenario), net, prepared.dims(), steps);
        }
        prepared.reserves.force(&mut forced_mask, net.places() / 32);
        let losses = groups * prepared.group_losses();
        let field = |machine: &mut dyn Machine| Field {
            losses: machine.room(Element::Real, losses),
            active: machine.room(Element::Whole, forced_mask.len()),
        };
        let sizes = prepared.sizes(groups, shocks.len());
        Batch {
            groups,
            current: field(machine),
            next: field(machine),
            made: machine.room(Element::Whole, forced_mask.len()),
            spare: machine.room(Element::Whole, forced_mask.len()),
            forced: machine.upload_whole(&forced_mask),
            sizes: machine.upload_whole(sizes.words()),
            shock_places: machine.upload_whole(&shocks.places),
            phi: (0..shocks.lists()).map(|list| machine.upload_real(shocks.phi(list))).collect(),
            events: vec![Vec::new(); scenarios.len()],
            banned: scenarios.iter().map(|s| banned(s)).collect(),
            decisions: None,
            by_host: on.rules.is_none() || scenarios.iter().any(|s| acts_on_columns(s)),
            watches: Watches::new(scenarios.len()),
            patches: Vec::new(),
            bans: None,
            caps: None,
            reserves: prepared.reserves.fill(machine, groups),
            is_watched: false,
            stages: None,
            shocks,
            prepared,
            on,
            machine,
            scenarios,
        }
    }

    /// Notes the scenarios in which a sector comes to feed itself, for machines in f32.
    pub fn watched(mut self, is_watched: bool) -> Self {
        self.is_watched = is_watched;
        self
    }

    /// Has the host build what its scenarios change, whatever they are.
    pub fn by_host(mut self, by_host: bool) -> Self {
        self.by_host |= by_host;
        self
    }

    /// Measures how long its stages take, which costs time itself.
    pub fn timed(mut self, timed: bool) -> Self {
        self.stages = timed.then(Stages::default);
        self
    }

    /// Multiplies the intensity of the first shock: for tests of what finds faults.
    pub fn perturbed(mut self, factor: f64) -> Self {
        for (list, buffer) in self.phi.iter_mut().enumerate() {
            let mut phi = self.shocks.phi(list).to_vec();
            if let Some(first) = phi.first_mut() {
                *first *= factor;
            }
            *buffer = self.machine.upload_real(&phi);
        }
        self
    }

    /// Waits, if stages are timed, and adds the time since `started` to one of them.
    pub(super) fn clock(
        &mut self,
        started: Instant,
        of: fn(&mut Stages) -> &mut f64,
    ) -> Result<(), EngineError> {
        if let Some(stages) = &mut self.stages {
            self.machine.wait()?;
            *of(stages) += started.elapsed().as_secs_f64();
        }
        Ok(())
    }

    /// Runs step `t`; the losses after it are the current ones.
    ///
    /// # Errors
    /// The device fails, or the host has seen that decisions take more room than there is.
    pub fn step(&mut self, t: usize) -> Result<(), Halt> {
        let started = Instant::now();
        self.ban_table(t);
        self.cap_table(t);
        self.clock(started, |s| &mut s.upload)?;
        let started = Instant::now();
        self.advance(t);
        self.clock(started, |s| &mut s.steps)?;
        // The device begins while the host goes on.
        self.machine.submit();
        self.decide(t)?;
        if self.is_watched && self.may_gain() {
            self.watch(Looks::Gain, t)?;
        }
        let (range, _) = self.prepared.range(self.is_watched);
        if range.is_possible(t) {
            self.watch(Looks::Range { is_certain: range.is_certain(t) }, t)?;
        }
        Ok(())
    }

    /// Whether a sector may end with more than without the shock.
    fn may_gain(&self) -> bool {
        self.scenarios.iter().any(|s| s.adaptation.is_some() || bans::has_bans(s))
    }

    pub(super) fn by_word(&self) -> [u32; 2] {
        [(self.prepared.network.places() / 32) as u32, self.groups as u32]
    }

    fn advance(&mut self, t: usize) {
        let (on, words) = (self.on, self.by_word());
        let (from, to) = (self.current, self.next);
        if t == 0 {
            self.machine.clear(from.active);
        }
        let before = if t == 0 { on.x0 } else { on.available[t - 1] };
        if let Some((_, bans)) = &self.bans {
            let [heads, items, at, weight, scratch] = bans.lists;
            let buffers =
                [self.sizes, heads, items, at, weight, scratch, from.losses, from.active, before];
            self.machine.dispatch(&k::SHIP, &buffers, [bans.count, 1]);
        }
        if t == 0 {
            let buffers = [self.sizes, self.forced, from.active, to.losses, to.active];
            self.machine.dispatch(&k::TOUCH, &buffers, words);
        } else {
            self.patch(&k::FEED, Part::Production, t);
            self.machine.copy(self.forced, self.made);
            let [starts, sources, weights] = on.production;
            self.machine.dispatch(
                &k::PRODUCTION,
                &[
                    self.sizes,
                    starts,
                    sources,
                    weights,
                    from.losses,
                    from.active,
                    self.forced,
                    to.losses,
                    self.made,
                ],
                words,
            );
            self.patch(&k::PRODUCE, Part::Production, t);
        }
        if !self.shocks.is_empty() {
            let phi = self.phi[t.min(self.phi.len() - 1)];
            let buffers = [self.sizes, self.shock_places, phi, on.output[t], to.losses];
            let workgroups = [self.shocks.len().div_ceil(64) as u32, 1];
            self.machine.dispatch(&k::SHOCK, &buffers, workgroups);
        }
        if t > 0 {
            if let Some((_, caps)) = self.caps {
                let buffers = [self.sizes, caps, on.output[t], self.made, to.losses];
                self.machine.dispatch(&k::CAP, &buffers, words);
            }
            self.patch(&k::SEND, Part::Trade, t);
            self.machine.clear(to.active);
            let [starts, exporters, weights] = on.trade;
            self.machine.dispatch(
                &k::TRADE,
                &[
                    self.sizes,
                    starts,
                    exporters,
                    weights,
                    from.losses,
                    from.active,
                    self.made,
                    to.losses,
                    to.active,
                ],
                words,
            );
            self.patch(&k::RECEIVE, Part::Trade, t);
        }
        if let Some((_, bans)) = &self.bans {
            let [heads, items, at, weight, scratch] = bans.lists;
            let buffers =
                [self.sizes, heads, items, at, weight, scratch, to.losses, to.active, before];
            self.machine.dispatch(&k::EMBARGO, &buffers, [bans.count, 1]);
        }
        (self.current, self.next) = (to, from);
        self.release(t);
    }

    /// Runs a kernel of the patches that change this part.
    fn patch(&mut self, kernel: &'static k::Kernel, part: Part, t: usize) {
        for patches in self.patches.iter().filter(|set| set.part == part || set.part == Part::Both)
        {
            let [heads, items, values, at, weight, scratch] = patches.lists;
            let buffers = [
                self.sizes,
                heads,
                items,
                values,
                at,
                weight,
                scratch,
                self.current.losses,
                self.current.active,
                self.next.losses,
                self.on.available[t - 1],
                self.on.available[t],
                self.on.output[t],
            ];
            patches.run(self.machine, kernel, &buffers);
        }
    }

    /// Gives every buffer of the batch back; how long its stages took, and which scenarios f32 may
    /// not hold its bound for.
    pub fn free(self) -> (Option<Stages>, Vec<bool>) {
        let machine = self.machine;
        let of_patches = self.patches.iter().flat_map(|p| p.lists);
        let of_bans = self.bans.iter().flat_map(|(_, b)| b.lists);
        let fields = [self.current, self.next].map(|f| [f.losses, f.active]);
        let masks = [self.made, self.spare, self.forced, self.sizes, self.shock_places];
        let all = of_patches.chain(of_bans).chain(fields.into_iter().flatten()).chain(masks);
        let reserves = self.reserves.into_iter().flat_map(ReserveBuffers::all);
        let decisions = self.decisions.iter().flat_map(Decisions::buffers);
        let all = all.chain(decisions).chain(self.watches.buffers());
        for buffer in all.chain(self.phi).chain(self.caps.map(|c| c.1)).chain(reserves) {
            machine.free(buffer);
        }
        let mut stages = self.stages;
        if let Some(stages) = &mut stages {
            // Times are no results: a batch that has answered is not failed for them.
            stages.kernels = machine.kernel_times().unwrap_or_default();
        }
        (stages, self.watches.suspects)
    }
}
