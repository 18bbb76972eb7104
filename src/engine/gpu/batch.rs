//! One batch of scenarios on a machine, from the shocks to the losses after the last step.
//!
//! ```text
//! every step          ship, feed, production, produce, shock, cap, send, trade, receive, embargo
//! in deciding steps   decide; the hits come back, the host builds what changes, touch
//! at the end          totals, reduce; the counts come back; compact, or sum_areas and sum_items
//! ```
//!
//! Kernels that have nothing to do in a batch (no bans, nothing changed, no cap) are not run.

use std::time::Instant;

use rayon::prelude::*;

use super::bans::{self, BanTable};
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Kind, Machine};
use super::network::{OnMachine, Prepared};
use super::patch::Patches;
use super::shocks::ShockTable;
use super::timing::Stages;
use crate::engine::EngineError;
use crate::engine::network::{Decided, Room};
use crate::engine::outcome::Event;
use crate::model::adaptation::{AdaptationSettings, Hit};
use crate::model::constants::TIE_TOLERANCE;
use crate::model::losses::relative_loss;
use crate::scenario::Scenario;

/// Hits per scenario that there is room for at first.
const HITS: usize = 24;

/// A batch on a machine.
pub struct Batch<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) on: &'a OnMachine,
    pub(super) machine: &'a mut dyn Machine,
    /// Lane by lane.
    pub(super) scenarios: &'a [&'a Scenario],
    is_watched: bool,
    pub(super) groups: usize,
    pub(super) sizes: Buffer,
    pub(super) shocks: ShockTable,
    pub(super) shock_places: Buffer,
    pub(super) current: Field,
    phi: Vec<Buffer>,
    next: Field,
    made: Buffer,
    spare: Buffer,
    forced: Buffer,
    forced_mask: Vec<u32>,
    patches: Option<PatchBuffers>,
    bans: Option<(BanTable, BanBuffers)>,
    caps: Option<(Vec<f64>, Buffer)>,
    decided: Vec<Option<Decided>>,
    /// Scenarios that f32 may not hold its bound for.
    pub(super) suspects: Vec<bool>,
    pub(super) stages: Option<Stages>,
}

/// Losses of a batch after a step, and the mask of those that are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub losses: Buffer,
    pub active: Buffer,
}

struct PatchBuffers {
    /// Heads, items, values, entries, weights, scratch.
    lists: [Buffer; 6],
    count: u32,
}

struct BanBuffers {
    /// Heads, items, entries, weights, scratch.
    lists: [Buffer; 5],
    count: u32,
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
        let losses = groups * prepared.group_losses();
        let field = |machine: &mut dyn Machine| Field {
            losses: machine.room(Kind::Real, losses),
            active: machine.room(Kind::Whole, forced_mask.len()),
        };
        let sizes = prepared.sizes(groups, shocks.len(), 0);
        Batch {
            groups,
            current: field(machine),
            next: field(machine),
            made: machine.room(Kind::Whole, forced_mask.len()),
            spare: machine.room(Kind::Whole, forced_mask.len()),
            forced: machine.upload_whole(&forced_mask),
            sizes: machine.upload_whole(sizes.words()),
            shock_places: machine.upload_whole(&shocks.places),
            phi: (0..shocks.lists()).map(|list| machine.upload_real(shocks.phi(list))).collect(),
            decided: scenarios.iter().map(|s| s.adaptation.map(Decided::new)).collect(),
            suspects: vec![false; scenarios.len()],
            patches: None,
            bans: None,
            caps: None,
            is_watched: false,
            stages: None,
            shocks,
            forced_mask,
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

    /// Decisions of every scenario so far.
    pub fn events(&self, number: usize) -> &[Event] {
        self.decided[number].as_ref().map_or(&[], |decided| decided.events())
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
    /// The device fails.
    pub fn step(&mut self, t: usize) -> Result<(), EngineError> {
        let started = Instant::now();
        self.ban_table(t);
        self.cap_table(t);
        self.clock(started, |s| &mut s.upload)?;
        let started = Instant::now();
        self.advance(t);
        self.clock(started, |s| &mut s.steps)?;
        let started = Instant::now();
        self.decide(t)?;
        if self.is_watched && self.may_gain() {
            self.watch(t)?;
        }
        self.clock(started, |s| &mut s.adaptation)
    }

    /// Whether a sector may end with more than without the shock.
    fn may_gain(&self) -> bool {
        self.scenarios.iter().any(|s| s.adaptation.is_some() || bans::has_bans(s))
    }

    fn by_word(&self) -> [u32; 2] {
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
            self.patch(&k::FEED, t);
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
            self.patch(&k::PRODUCE, t);
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
            self.patch(&k::SEND, t);
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
            self.patch(&k::RECEIVE, t);
        }
        if let Some((_, bans)) = &self.bans {
            let [heads, items, at, weight, scratch] = bans.lists;
            let buffers =
                [self.sizes, heads, items, at, weight, scratch, to.losses, to.active, before];
            self.machine.dispatch(&k::EMBARGO, &buffers, [bans.count, 1]);
        }
        (self.current, self.next) = (to, from);
    }

    /// Runs a kernel of patches, if there are any.
    fn patch(&mut self, kernel: &'static k::Kernel, t: usize) {
        let Some(patches) = &self.patches else { return };
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
        self.machine.dispatch(kernel, &buffers, [patches.count, 1]);
    }

    /// Lets the sectors that step `t` has hit adapt and substitute.
    fn decide(&mut self, t: usize) -> Result<(), EngineError> {
        let decides = |s: &AdaptationSettings| {
            s.adaptation_step == t || (s.substitution && s.substitution_step == t)
        };
        let settings = |s: &&Scenario| s.adaptation.filter(decides);
        if !self.scenarios.iter().any(|s| settings(s).is_some()) {
            return Ok(());
        }
        // Both tolerances as the thresholds have them.
        let mut limits = vec![-1.0; 2 * LANES * self.groups];
        for (number, scenario) in self.scenarios.iter().enumerate() {
            let Some(settings) = settings(scenario) else { continue };
            limits[2 * number] = settings.thresholds.relative * (1.0 - TIE_TOLERANCE);
            limits[2 * number + 1] = settings.thresholds.absolute * (1.0 - TIE_TOLERANCE);
        }
        let hits = self.hits(&limits, t)?;
        let (prepared, mut changed) = (self.prepared, false);
        if let Some(tables) = &prepared.tables {
            let net = &prepared.network;
            let room = || Room::new(net.dims.areas);
            self.decided.par_iter_mut().zip(&hits).for_each_init(room, |room, (decided, hits)| {
                if let Some(decided) = decided.as_mut().filter(|_| !hits.is_empty()) {
                    decided.decide(tables, net, t, hits, room);
                }
            });
            changed = hits.iter().any(|hits| !hits.is_empty());
        }
        if changed {
            self.upload_patches();
        }
        Ok(())
    }

    /// Asks the device which sectors reach the limits; per scenario, ascending by sector.
    fn hits(&mut self, limits: &[f64], t: usize) -> Result<Vec<Vec<Hit>>, EngineError> {
        let net = &self.prepared.network;
        let limits = self.machine.upload_real(limits);
        let mut capacity = HITS * LANES * self.groups;
        let (found, places, losses) = loop {
            let sizes = self.prepared.sizes(self.groups, self.shocks.len(), capacity);
            let sizes = self.machine.upload_whole(sizes.words());
            let count = self.machine.upload_whole(&[0]);
            let hits = self.machine.room(Kind::Whole, 2 * capacity);
            let hit_losses = self.machine.room(Kind::Real, capacity);
            let available = self.on.available[t];
            let Field { losses, active } = self.current;
            let buffers = [sizes, limits, available, losses, active, count, hits, hit_losses];
            self.machine.dispatch(&k::DECIDE, &buffers, self.by_word());
            let found = self.machine.read(&[(count, 1)])?.remove(0).whole()[0] as usize;
            let len = found.min(capacity);
            let mut read = self.machine.read(&[(hits, 2 * len), (hit_losses, len)])?;
            for buffer in [sizes, count, hits, hit_losses] {
                self.machine.free(buffer);
            }
            if found <= capacity {
                let losses = read.remove(1).real();
                break (found, read.remove(0).whole(), losses);
            }
            capacity = found;
        };
        self.machine.free(limits);
        let mut by_scenario: Vec<Vec<Hit>> = vec![Vec::new(); self.scenarios.len()];
        let available = &self.prepared.by_place.available[t];
        for at in 0..found {
            let (scenario, place) = (places[2 * at] as usize, places[2 * at + 1] as usize);
            let rl = relative_loss(losses[at], available[place]);
            by_scenario[scenario].push(Hit { sector: net.sector(place), al: losses[at], rl });
        }
        // The device lists them in no order.
        by_scenario.iter_mut().for_each(|hits| hits.sort_by_key(|hit| hit.sector));
        Ok(by_scenario)
    }

    /// Uploads what scenarios have changed, and gives every place that it writes a stored loss.
    fn upload_patches(&mut self) {
        let own: Vec<Patches> = self
            .decided
            .par_iter()
            .enumerate()
            .filter_map(|(number, decided)| Some((number, decided.as_ref()?)))
            .filter(|(_, decided)| !decided.events().is_empty())
            .map(|(number, decided)| Patches::of(number as u32, decided.changes()))
            .collect();
        let mut all = Patches::default();
        own.iter().for_each(|patch| all.append(patch));
        let words = self.prepared.network.places() / 32;
        for (scenario, place) in all.written() {
            let group = scenario as usize / LANES;
            self.forced_mask[group * words + place as usize / 32] |= 1 << (place % 32);
        }
        let machine = &mut *self.machine;
        machine.free(self.forced);
        self.forced = machine.upload_whole(&self.forced_mask);
        if let Some(old) = self.patches.take() {
            old.lists.into_iter().for_each(|buffer| machine.free(buffer));
        }
        let lists = [
            machine.upload_whole(&all.heads),
            machine.upload_whole(&all.items),
            machine.upload_real(&all.values),
            machine.upload_whole(&all.entry_at),
            machine.upload_real(&all.entry_weight),
            machine.room(Kind::Real, all.values.len()),
        ];
        self.patches = Some(PatchBuffers { lists, count: all.len() as u32 });
        let Field { losses, active } = self.current;
        let buffers = [self.sizes, self.forced, active, losses, self.spare];
        let words = self.by_word();
        self.machine.dispatch(&k::TOUCH, &buffers, words);
        std::mem::swap(&mut self.spare, &mut self.current.active);
    }

    /// Uploads the bans of step `t` where they differ from those before.
    fn ban_table(&mut self, t: usize) {
        let net = &self.prepared.network;
        let mut table = BanTable::default();
        for (number, scenario) in self.scenarios.iter().enumerate().filter(|s| bans::has_bans(s.1))
        {
            let decided = self.decided[number].as_ref().zip(self.prepared.tables.as_ref());
            table.add((number, scenario), net, t, |place| match decided {
                Some((decided, tables)) => decided.column(tables, net, place),
                None => net.column(place),
            });
        }
        if self.bans.as_ref().is_some_and(|(old, _)| *old == table) {
            return;
        }
        let machine = &mut *self.machine;
        if let Some((_, old)) = self.bans.take() {
            old.lists.into_iter().for_each(|buffer| machine.free(buffer));
        }
        if !table.heads.is_empty() {
            let lists = [
                machine.upload_whole(&table.heads),
                machine.upload_whole(&table.items),
                machine.upload_whole(&table.entry_at),
                machine.upload_real(&table.entry_weight),
                machine.room(Kind::Real, table.items.len() / 4),
            ];
            let count = (table.heads.len() / bans::BAN) as u32;
            self.bans = Some((table, BanBuffers { lists, count }));
        }
    }

    /// Uploads the caps in force in step `t` where they differ from those before.
    fn cap_table(&mut self, t: usize) {
        let cap = |s: &&Scenario| s.adaptation.filter(|s| t > s.adaptation_step)?.output_cap;
        if !self.scenarios.iter().any(|s| cap(s).is_some()) {
            return;
        }
        let mut caps = vec![-1.0; LANES * self.groups];
        for (of, scenario) in caps.iter_mut().zip(self.scenarios) {
            *of = cap(scenario).unwrap_or(-1.0);
        }
        if self.caps.as_ref().is_none_or(|(old, _)| *old != caps) {
            if let Some((_, old)) = self.caps.take() {
                self.machine.free(old);
            }
            let buffer = self.machine.upload_real(&caps);
            self.caps = Some((caps, buffer));
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
        for buffer in all.chain(self.phi).chain(self.caps.map(|c| c.1)) {
            machine.free(buffer);
        }
        (self.stages, self.suspects)
    }
}
