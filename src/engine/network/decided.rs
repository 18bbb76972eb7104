//! What the sectors of one scenario decide, and what changes with it.
//!
//! The changes are built from [`super::tables`] by item ([`super::tile`]) and by area
//! ([`super::production`]), and kept in the form in which every later step applies them
//! ([`super::changes`]).

use super::changes::Changes;
use super::layout::Network;
use super::production::{ItemHit, Outputs};
use super::tables::AdaptiveTables;
use super::tile::{Tile, TileHit};
use super::untouched::Added;
use crate::engine::outcome::{Event, EventKind};
use crate::model::adaptation::entry::{self, learned};
use crate::model::adaptation::{
    AdaptationSettings, Hit, MissingRule, SubstituteConflict, import_growth,
};

/// Room for building changes; used again from scenario to scenario.
#[derive(Debug, Clone)]
pub struct Room {
    added: Added,
    outputs: Outputs,
    /// Per hit its adapted shares, if a rule leaves it any.
    shares: Vec<Option<[f64; 2]>>,
    /// Hits by item.
    by_item: Vec<usize>,
    item_hits: Vec<ItemHit>,
    hits: Vec<Hit>,
}

impl Room {
    /// Room for a dataset's areas.
    pub fn new(areas: usize) -> Self {
        Room {
            added: Added::new(areas),
            outputs: Outputs::default(),
            shares: Vec::new(),
            by_item: Vec::new(),
            item_hits: Vec::new(),
            hits: Vec::new(),
        }
    }
}

/// Adaptation of one scenario; its room is used again by the next one.
#[derive(Debug, Clone)]
pub struct Decided {
    settings: AdaptationSettings,
    events: Vec<Event>,
    /// Items with adapting areas, ascending: the first `used`.
    tiles: Vec<Tile>,
    used: usize,
    changes: Changes,
}

impl Decided {
    /// A scenario in which nobody has decided.
    pub fn new(settings: AdaptationSettings) -> Self {
        let changes = Changes::default();
        Decided { settings, events: Vec::new(), tiles: Vec::new(), used: 0, changes }
    }

    /// Begins another scenario.
    pub fn restart(&mut self, settings: AdaptationSettings) {
        self.settings = settings;
        self.events.clear();
        self.used = 0;
        self.changes.clear();
    }

    /// How areas adapt.
    pub fn settings(&self) -> &AdaptationSettings {
        &self.settings
    }

    /// What was decided.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What has changed.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// `(importing area, weight)` of one exporter's column in the current trade.
    pub fn column(&self, tables: &AdaptiveTables, net: &Network, place: u32) -> Vec<(u32, f64)> {
        let (item, exporter) = (place as usize / net.stride, place as usize % net.stride);
        let Some(tile) = self.tiles[..self.used].iter().find(|tile| tile.item == item) else {
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

    /// Lets `hits` (ascending by sector, at least one), found after step `t`, adapt or substitute.
    pub fn decide(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        t: usize,
        hits: &[Hit],
        room: &mut Room,
    ) {
        self.take(tables, net, t, hits, room);
        self.list_trade(tables);
    }

    /// Begins a scenario that has decided what `events` say, and then, if there are `hits`, decides as
    /// [`Decided::decide`] does. What has changed is the same as if it had been asked step by step.
    pub fn resume(
        &mut self,
        (tables, net): (&AdaptiveTables, &Network),
        (settings, events): (AdaptationSettings, &[Event]),
        (t, hits): (usize, &[Hit]),
        room: &mut Room,
    ) {
        self.restart(settings);
        for of_step in events.chunk_by(|a, b| a.step == b.step) {
            // Whoever adapts and substitutes after one step does both for the same hits.
            let first = of_step[0];
            let mut earlier = std::mem::take(&mut room.hits);
            earlier.clear();
            earlier.extend(of_step.iter().filter(|e| e.kind == first.kind).map(|e| e.hit));
            self.take(tables, net, first.step, &earlier, room);
            room.hits = earlier;
        }
        if !hits.is_empty() {
            self.take(tables, net, t, hits, room);
        }
        self.list_trade(tables);
    }

    /// Takes note of hits; what changes of the trade of items with adapting areas is not listed yet.
    fn take(
        &mut self,
        tables: &AdaptiveTables,
        net: &Network,
        t: usize,
        hits: &[Hit],
        room: &mut Room,
    ) {
        let settings = self.settings;
        if t == settings.adaptation_step {
            self.adapt(tables, net, hits, room);
        }
        let has_no_share_rule = |at: usize| room.shares[at].is_none();
        add_events(&settings, (t, hits), has_no_share_rule, &mut self.events);
        self.changes.clear_trade();
        if t == settings.substitution_step && settings.substitution {
            self.substitute(tables, hits, &mut room.added);
        }
    }

    fn list_trade(&mut self, tables: &AdaptiveTables) {
        for tile in &self.tiles[..self.used] {
            self.changes.tile(tables, tile);
        }
    }

    fn adapt(&mut self, tables: &AdaptiveTables, net: &Network, hits: &[Hit], room: &mut Room) {
        let dims = tables.dims;
        let missing = self.settings.missing_rule;
        let shares = &mut room.shares;
        shares.clear();
        shares.extend(hits.iter().map(|hit| adapted_shares(tables, hit, missing)));
        let share = |at: usize, which: usize| {
            let sector = hits[at].sector as usize;
            shares[at].map_or(tables.shares[which][sector], |new| new[which])
        };

        let by_item = &mut room.by_item;
        by_item.clear();
        by_item.extend(0..hits.len());
        by_item
            .sort_unstable_by_key(|&at| (dims.item_of(hits[at].sector as usize), hits[at].sector));
        let item = |at: &usize| dims.item_of(hits[*at].sector as usize);
        for of_item in by_item.chunk_by(|a, b| item(a) == item(b)) {
            let tile_hit = |&at: &usize| TileHit {
                area: dims.area_of(hits[at].sector as usize) as u32,
                rl: hits[at].rl,
                eta_exp: share(at, 0),
            };
            if self.tiles.len() == self.used {
                self.tiles.push(Tile::default());
            }
            let tile = &mut self.tiles[self.used];
            tile.restart(tables, item(&of_item[0]), of_item.iter().map(tile_hit), missing);
            self.used += 1;
        }

        let area = |hit: &Hit| dims.area_of(hit.sector as usize);
        let mut first = 0;
        for of_area in hits.chunk_by(|a, b| area(a) == area(b)) {
            let item_hit = |(at, hit): (usize, &Hit)| ItemHit {
                sector: hit.sector as usize,
                rl: hit.rl,
                eta_prod: share(at, 1),
            };
            room.item_hits.clear();
            room.item_hits.extend((first..).zip(of_area).map(item_hit));
            first += of_area.len();
            let place = |sector: usize| net.place(sector) as u32;
            let (changes, area) = (&mut self.changes, area(&of_area[0]));
            room.outputs.change(tables, area, &room.item_hits, missing, &place, changes);
        }
    }

    fn substitute(&mut self, tables: &AdaptiveTables, hits: &[Hit], added: &mut Added) {
        let by_item = growth_by_item(tables, hits, self.settings.substitute_conflict);
        let mut of_item = Vec::new();
        for grown in by_item.chunk_by(|a, b| a.0 == b.0) {
            let item = grown[0].0 as usize;
            of_item.clear();
            of_item.extend(grown.iter().map(|g| (g.1, g.2)));
            let tiles = &mut self.tiles[..self.used];
            match tiles.binary_search_by_key(&item, |tile| tile.item) {
                Ok(at) => tiles[at].substitute(tables, &of_item, added),
                Err(_) => self.changes.untouched_tile(tables, item, &of_item, added),
            }
        }
    }
}

/// What substituting sectors do to imports: `(item, area, growth)`, ascending.
pub fn growth_by_item(
    tables: &AdaptiveTables,
    hits: &[Hit],
    conflict: SubstituteConflict,
) -> Vec<(u32, u32, f64)> {
    let Some(substitutability) = &tables.substitutability else { return Vec::new() };
    let dims = tables.dims;
    let growth = import_growth(dims, substitutability, hits, conflict);
    let mut by_item: Vec<(u32, u32, f64)> = growth
        .into_iter()
        .map(|(s, g)| (dims.item_of(s as usize) as u32, dims.area_of(s as usize) as u32, g))
        .collect();
    by_item.sort_unstable_by_key(|g| (g.0, g.1));
    by_item
}

/// Adds what `hits` decide after step `t` to the events; `has_no_share_rule` says it of those that adapt, by number.
pub fn add_events(
    settings: &AdaptationSettings,
    (t, hits): (usize, &[Hit]),
    has_no_share_rule: impl Fn(usize) -> bool,
    events: &mut Vec<Event>,
) {
    if t == settings.adaptation_step {
        events.extend(hits.iter().enumerate().map(|(at, &hit)| {
            let no_share_rule = has_no_share_rule(at);
            Event { kind: EventKind::Adapting, step: t, hit, no_share_rule }
        }));
    }
    if t == settings.substitution_step && settings.substitution {
        let kind = EventKind::Substituting;
        let event = |&hit| Event { kind, step: t, hit, no_share_rule: false };
        events.extend(hits.iter().map(event));
    }
}

/// The shares for exports and production of an adapting sector; `None` where it keeps its own.
pub fn adapted_shares(
    tables: &AdaptiveTables,
    hit: &Hit,
    missing: MissingRule,
) -> Option<[f64; 2]> {
    let s = hit.sector as usize;
    let old = [tables.shares[0][s], tables.shares[1][s]];
    let old = [old[0], old[1], 1.0 - old[0] - old[1]];
    let rule = |family: usize| tables.share_rules[family][s].as_ref();
    (0..3).any(|family| learned(rule(family)).is_some()).then_some(())?;
    let new = [0, 1, 2].map(|f| entry::changed(old[f], rule(f), hit.rl, missing));
    entry::shares(new).map(|[exports, production, _]| [exports, production])
}
