//! Adaptation in the cpu engine: per scenario a handful of changes on the shared network.
//!
//! After the deciding steps the sectors that reach the thresholds are found for all lanes at once
//! ([`Group::decide`]); the changes of their scenarios are built from [`tables`] by item
//! ([`trade`]) and by area ([`production`]), and kept in the form in which every later step applies
//! them ([`changes`]). Lanes without a hit stay what they are without adaptation, to the bit.

pub mod changes;
pub mod production;
pub mod tables;
pub mod trade;

use changes::{Changes, Scratch};
use production::{ItemHit, Outputs};
use tables::AdaptiveTables;
use trade::{Tile, TileHit};

use super::kernel::{LANES, Lanes, LossField, bits};
use super::network::{ByPlace, Network, WORD};
use crate::engine::outcome::{Event, EventKind};
use crate::model::adaptation::entry::{self, learned};
use crate::model::adaptation::{AdaptationSettings, Hit, MissingRule, import_growth};

/// Adaptation of one lane; its room is used again by the next group.
#[derive(Debug, Clone)]
struct Lane {
    lane: usize,
    settings: AdaptationSettings,
    events: Vec<Event>,
    /// Items with adapting areas, ascending.
    tiles: Vec<Tile>,
    changes: Changes,
    scratch: Scratch,
}

/// Adaptation of a lane group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Lanes that adapt: the first `used`, ascending.
    lanes: Vec<Lane>,
    used: usize,
    has_changes: bool,
    has_caps: bool,
    /// `(lane, sector)` near the thresholds.
    near: Vec<(u32, u32)>,
    room: Room,
}

/// Room for building changes; used again from scenario to scenario.
#[derive(Debug, Clone)]
pub struct Room {
    /// One 0 per area.
    added: Vec<f64>,
    outputs: Outputs,
}

impl Room {
    /// Room for a dataset's areas.
    pub fn new(areas: usize) -> Self {
        Room { added: vec![0.0; areas], outputs: Outputs::default() }
    }
}

impl Group {
    /// Room for a group.
    pub fn new(areas: usize) -> Self {
        Group {
            lanes: Vec::new(),
            used: 0,
            has_changes: false,
            has_caps: false,
            near: Vec::new(),
            room: Room::new(areas),
        }
    }

    /// Begins a group whose lanes have these settings; `None` for a lane without adaptation.
    pub fn start(&mut self, settings: impl Iterator<Item = Option<AdaptationSettings>>) {
        self.used = 0;
        self.has_changes = false;
        self.has_caps = false;
        for (at, settings) in settings.enumerate().filter_map(|(lane, s)| Some((lane, s?))) {
            if self.lanes.len() == self.used {
                self.lanes.push(Lane::new(at, settings));
            }
            let lane = &mut self.lanes[self.used];
            lane.lane = at;
            lane.settings = settings;
            lane.events.clear();
            lane.tiles.clear();
            lane.changes.clear();
            self.used += 1;
            self.has_caps |= settings.output_cap.is_some();
        }
    }

    /// Whether some lane has changed its parameters.
    pub fn has_changes(&self) -> bool {
        self.has_changes
    }

    fn lane(&self, lane: usize) -> Option<&Lane> {
        self.lanes[..self.used].iter().find(|l| l.lane == lane)
    }

    /// `(importing area, weight)` of one exporter's column in the lane's current trade.
    pub fn column(
        &self,
        tables: &AdaptiveTables,
        net: &Network,
        lane: usize,
        place: u32,
    ) -> Vec<(u32, f64)> {
        match self.lane(lane) {
            Some(lane) => lane.column(tables, net, place),
            None => net.column(place),
        }
    }

    /// What a lane has decided up to step `t`.
    pub fn events(&self, lane: usize, t: usize) -> Vec<Event> {
        let events = self.lane(lane).into_iter().flat_map(|l| &l.events);
        events.filter(|e| e.step <= t).copied().collect()
    }

    /// Whether the lane's parameters may differ from the dataset's.
    pub fn is_changed(&self, lane: usize) -> bool {
        self.lane(lane).is_some_and(|l| !l.events.is_empty())
    }

    /// Lets the sectors that step `t` has hit adapt and substitute, in the lanes that decide now.
    #[inline(always)]
    pub fn decide(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        base: &ByPlace,
        field: &LossField,
        t: usize,
    ) {
        let decides = |s: &AdaptationSettings| {
            s.adaptation_step == t || (s.substitution && s.substitution_step == t)
        };
        // A little below the thresholds: the exact comparison follows for the few that remain.
        let below = 1.0 - 1e-8;
        let (mut absolute, mut relative) = ([f64::INFINITY; LANES], [f64::INFINITY; LANES]);
        let lanes = &mut self.lanes[..self.used];
        for lane in lanes.iter().filter(|lane| decides(&lane.settings)) {
            absolute[lane.lane] = below * lane.settings.thresholds.absolute;
            relative[lane.lane] = below * lane.settings.thresholds.relative;
        }
        if absolute.iter().all(|limit| limit.is_infinite()) {
            return;
        }
        self.near.clear();
        let available = &base.available[t];
        for (w, &word) in field.active.iter().enumerate() {
            for bit in bits(word) {
                let place = w * WORD + bit;
                let mask = reaching(&field.lanes[place], &absolute, &relative, available[place]);
                self.near.extend(bits(mask).map(|lane| (lane as u32, net.sector(place))));
            }
        }
        self.near.sort_unstable();
        for lane in lanes.iter_mut().filter(|lane| decides(&lane.settings)) {
            let range = self.near.partition_point(|n| (n.0 as usize) < lane.lane)
                ..self.near.partition_point(|n| n.0 as usize <= lane.lane);
            let hits: Vec<Hit> = self.near[range]
                .iter()
                .filter_map(|&(_, sector)| {
                    let place = net.place(sector as usize);
                    let al = field.lanes[place][lane.lane];
                    lane.settings.thresholds.hit(sector as usize, al, available[place])
                })
                .collect();
            if !hits.is_empty() {
                lane.decide(tables, net, t, &hits, &mut self.room);
                self.has_changes = true;
            }
        }
    }

    /// To be called before the shared network's production of step `t`.
    #[inline(always)]
    pub fn before_production(&mut self, base: &ByPlace, t: usize, from: &mut LossField) {
        for lane in &mut self.lanes[..self.used] {
            lane.changes.before_production(base, lane.lane, t, from, &mut lane.scratch);
        }
    }

    /// To be called after the shared network's production of step `t`.
    #[inline(always)]
    pub fn after_production(
        &mut self,
        base: &ByPlace,
        t: usize,
        from: &mut LossField,
        to: &mut LossField,
    ) {
        for lane in &mut self.lanes[..self.used] {
            lane.changes.after_production(base, lane.lane, t, from, to, &mut lane.scratch);
        }
    }

    /// Keeps outputs of step `t` below the caps: `L >= (1 - cap) ob`.
    #[inline(always)]
    pub fn cap(&self, base: &ByPlace, t: usize, to: &mut LossField) {
        if !self.has_caps {
            return;
        }
        let output = &base.output[t];
        for lane in self.lanes[..self.used].iter().filter(|l| t > l.settings.adaptation_step) {
            let Some(cap) = lane.settings.output_cap else { continue };
            for (w, &word) in to.active.iter().enumerate() {
                for bit in bits(word) {
                    let place = w * WORD + bit;
                    let loss = &mut to.lanes[place][lane.lane];
                    *loss = loss.max(output[place] - cap * output[place]);
                }
            }
        }
    }

    /// To be called before the shared network's trade of step `t`.
    #[inline(always)]
    pub fn before_trade(&mut self, base: &ByPlace, t: usize, from: &mut LossField, to: &LossField) {
        for lane in &mut self.lanes[..self.used] {
            lane.changes.before_trade(base, lane.lane, t, from, to, &mut lane.scratch);
        }
    }

    /// To be called after the shared network's trade of step `t`.
    #[inline(always)]
    pub fn after_trade(&self, base: &ByPlace, t: usize, to: &mut LossField) {
        for lane in &self.lanes[..self.used] {
            lane.changes.after_trade(base, lane.lane, t, to, &lane.scratch);
        }
    }
}

/// Adaptation of one scenario whose losses are elsewhere: for engines that only decide differently.
#[derive(Debug, Clone)]
pub struct Decided(Lane);

impl Decided {
    /// A scenario in which nobody has decided.
    pub fn new(settings: AdaptationSettings) -> Self {
        Decided(Lane::new(0, settings))
    }

    /// Lets `hits` (ascending by sector, at least one), found after step `t`, adapt or substitute.
    pub fn decide(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        t: usize,
        hits: &[Hit],
        room: &mut Room,
    ) {
        self.0.decide(tables, net, t, hits, room);
    }

    /// What was decided.
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// What has changed.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// `(importing area, weight)` of one exporter's column in the current trade.
    pub fn column(&self, tables: &AdaptiveTables, net: &Network, place: u32) -> Vec<(u32, f64)> {
        self.0.column(tables, net, place)
    }
}

/// Lanes whose loss reaches both limits, as a bit mask.
#[inline(always)]
fn reaching(losses: &Lanes, absolute: &Lanes, relative: &Lanes, baseline: f64) -> u64 {
    let mut mask = 0u64;
    for lane in 0..LANES {
        let reaches = losses[lane] >= absolute[lane] && losses[lane] >= relative[lane] * baseline;
        mask |= u64::from(reaches) << lane;
    }
    mask
}

impl Lane {
    fn new(lane: usize, settings: AdaptationSettings) -> Self {
        Lane {
            lane,
            settings,
            events: Vec::new(),
            tiles: Vec::new(),
            changes: Changes::default(),
            scratch: Scratch::default(),
        }
    }

    /// `(importing area, weight)` of one exporter's column in the current trade.
    fn column(&self, tables: &AdaptiveTables, net: &Network, place: u32) -> Vec<(u32, f64)> {
        let (item, exporter) = (place as usize / net.stride, place as usize % net.stride);
        let Some(tile) = self.tiles.iter().find(|tile| tile.item == item) else {
            return self.changes.scaled(place, net.stride, net.column(place));
        };
        let eta_exp = tile.eta_exp(tables, exporter);
        let mut column = Vec::new();
        for importer in 0..net.dims.areas {
            let growth = tile.growth[importer];
            tile.each_share(tables, importer, |from, share| {
                if from == exporter {
                    column.push((importer as u32, share * eta_exp * growth));
                }
            });
        }
        column
    }

    fn decide(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        t: usize,
        hits: &[Hit],
        room: &mut Room,
    ) {
        let settings = self.settings;
        if t == settings.adaptation_step {
            self.adapt(tables, net, t, hits, &mut room.outputs);
        }
        self.changes.clear_trade();
        if t == settings.substitution_step && settings.substitution {
            self.substitute(tables, hits, &mut room.added);
            let kind = EventKind::Substituting;
            let event = |&hit| Event { kind, step: t, hit, no_share_rule: false };
            self.events.extend(hits.iter().map(event));
        }
        for tile in &self.tiles {
            self.changes.tile(tables, tile);
        }
    }

    fn adapt(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        t: usize,
        hits: &[Hit],
        outputs: &mut Outputs,
    ) {
        let dims = tables.dims;
        let missing = self.settings.missing_rule;
        let shares: Vec<Option<[f64; 2]>> =
            hits.iter().map(|hit| adapted_shares(tables, hit, missing)).collect();
        let share = |at: usize, which: usize| {
            let sector = hits[at].sector as usize;
            shares[at].map_or(tables.shares[which][sector], |new| new[which])
        };
        for (at, &hit) in hits.iter().enumerate() {
            let no_share_rule = shares[at].is_none();
            self.events.push(Event { kind: EventKind::Adapting, step: t, hit, no_share_rule });
        }

        let mut by_item: Vec<usize> = (0..hits.len()).collect();
        by_item.sort_by_key(|&at| (dims.item_of(hits[at].sector as usize), hits[at].sector));
        let item = |at: &usize| dims.item_of(hits[*at].sector as usize);
        for of_item in by_item.chunk_by(|a, b| item(a) == item(b)) {
            let tile_hit = |&at: &usize| TileHit {
                area: dims.area_of(hits[at].sector as usize) as u32,
                rl: hits[at].rl,
                eta_exp: share(at, 0),
            };
            let tile_hits = of_item.iter().map(tile_hit).collect();
            self.tiles.push(Tile::new(tables, item(&of_item[0]), tile_hits, missing));
        }

        let area = |at: &usize| dims.area_of(hits[*at].sector as usize);
        let by_area: Vec<usize> = (0..hits.len()).collect();
        for of_area in by_area.chunk_by(|a, b| area(a) == area(b)) {
            let item_hit = |&at: &usize| ItemHit {
                sector: hits[at].sector as usize,
                rl: hits[at].rl,
                eta_prod: share(at, 1),
            };
            let item_hits: Vec<ItemHit> = of_area.iter().map(item_hit).collect();
            let place = |sector: usize| net.place(sector) as u32;
            let changes = &mut self.changes;
            let area = area(&of_area[0]);
            outputs.change(tables, area, &item_hits, missing, &place, changes);
        }
    }

    fn substitute(&mut self, tables: &AdaptiveTables, hits: &[Hit], added: &mut [f64]) {
        let Some(substitutability) = &tables.substitutability else { return };
        let dims = tables.dims;
        let conflict = self.settings.substitute_conflict;
        let growth = import_growth(dims, substitutability, hits, conflict);
        let mut by_item: Vec<(u32, u32, f64)> = growth
            .into_iter()
            .map(|(s, g)| (dims.item_of(s as usize) as u32, dims.area_of(s as usize) as u32, g))
            .collect();
        by_item.sort_unstable_by_key(|g| (g.0, g.1));
        let mut of_item = Vec::new();
        for grown in by_item.chunk_by(|a, b| a.0 == b.0) {
            let item = grown[0].0 as usize;
            of_item.clear();
            of_item.extend(grown.iter().map(|g| (g.1, g.2)));
            match self.tiles.binary_search_by_key(&item, |tile| tile.item) {
                Ok(at) => self.tiles[at].substitute(tables, &of_item),
                Err(_) => self.changes.untouched_tile(tables, item, &of_item, added),
            }
        }
    }
}

/// The shares for exports and production of an adapting sector; `None` where it keeps its own.
fn adapted_shares(tables: &AdaptiveTables, hit: &Hit, missing: MissingRule) -> Option<[f64; 2]> {
    let s = hit.sector as usize;
    let old = [tables.shares[0][s], tables.shares[1][s]];
    let old = [old[0], old[1], 1.0 - old[0] - old[1]];
    let rule = |family: usize| tables.share_rules[family][s].as_ref();
    (0..3).any(|family| learned(rule(family)).is_some()).then_some(())?;
    let new = [0, 1, 2].map(|f| entry::changed(old[f], rule(f), hit.rl, missing));
    entry::shares(new).map(|[exports, production, _]| [exports, production])
}
