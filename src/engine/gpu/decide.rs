//! What the sectors of a batch decide, and what changes with it.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::build::{self, Part};
use super::change_rooms::{Builder, Hits, Made};
use super::jobs::{Jobs, Source};
use super::kernels as k;
use super::layout::LANES;
use super::machine::Element;
use crate::engine::EngineError;
use crate::engine::network::Decided;
use crate::engine::network::decided::{adapted_shares, add_events};
use crate::engine::outcome::Event;
use crate::model::adaptation::{AdaptationSettings, Hit};
use crate::model::constants::TIE_TOLERANCE;
use crate::model::losses::relative_loss;
use crate::scenario::Scenario;

/// Hits per scenario that there is room for at first.
const HITS: usize = 24;

/// Scenarios whose changes a core builds at a time: few, since some decide much and others nothing.
const PART: usize = 8;
const _: () = assert!(LANES.is_multiple_of(PART));

impl Batch<'_> {
    /// Lets the sectors that step `t` has hit adapt and substitute.
    pub(super) fn decide(&mut self, t: usize) -> Result<(), EngineError> {
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
        let started = Instant::now();
        let hits = self.hits(&limits, t)?;
        self.clock(started, |s| &mut s.decisions)?;
        let started = Instant::now();
        let changed = self.prepared.tables.is_some() && !hits.is_empty();
        let made = if changed { self.change(&hits, t) } else { Vec::new() };
        self.clock(started, |s| &mut s.changes)?;
        let started = Instant::now();
        if changed {
            self.bring(made);
        }
        self.clock(started, |s| &mut s.patches)
    }

    /// Asks the device which sectors reach the limits; per scenario, ascending by sector.
    fn hits(&mut self, limits: &[f64], t: usize) -> Result<Hits, EngineError> {
        let net = &self.prepared.network;
        let limits = self.machine.upload_real(limits);
        let mut capacity = HITS * LANES * self.groups;
        let (found, places, losses) = loop {
            let sizes = self.prepared.sizes(self.groups, self.shocks.len(), capacity);
            let sizes = self.machine.upload_whole(sizes.words());
            let count = self.machine.upload_whole(&[0]);
            let hits = self.machine.room(Element::Whole, 2 * capacity);
            let hit_losses = self.machine.room(Element::Real, capacity);
            let available = self.on.available[t];
            let Field { losses, active } = self.current;
            let buffers = [sizes, limits, available, losses, active, count, hits, hit_losses];
            self.machine.dispatch(&k::DECIDE, &buffers, self.by_word());
            let asked = [(count, 1), (hits, 2 * capacity), (hit_losses, capacity)];
            let (mut found, mut listed) = (0, (Vec::new(), Vec::new()));
            self.machine.read_with(&asked, &mut |views| {
                found = views[0].whole()[0] as usize;
                let len = found.min(capacity);
                listed = (views[1].whole()[..2 * len].to_vec(), views[2].real(0..len));
            })?;
            for buffer in [sizes, count, hits, hit_losses] {
                self.machine.free(buffer);
            }
            if found <= capacity {
                break (found, listed.0, listed.1);
            }
            capacity = found;
        };
        self.machine.free(limits);
        let available = &self.prepared.by_place.available[t];
        let found = (0..found).map(|at| {
            let (scenario, place) = (places[2 * at], places[2 * at + 1] as usize);
            let rl = relative_loss(losses[at], available[place]);
            (scenario, Hit { sector: net.sector(place), al: losses[at], rl })
        });
        // The device lists them in no order.
        let mut found: Vec<(u32, Hit)> = found.collect();
        found.sort_unstable_by_key(|(scenario, hit)| (*scenario, hit.sector));
        Ok(Hits::new(found, self.scenarios.len()))
    }

    /// Lets scenarios change by what was hit: asks for all that they have changed so far, part by part.
    fn change(&mut self, hits: &Hits, t: usize) -> Vec<Made> {
        let Some(tables) = &self.prepared.tables else { return Vec::new() };
        let (net, scenarios) = (&self.prepared.network, self.scenarios);
        let rooms = &self.prepared.change_rooms;
        let rules = self.prepared.rules.as_ref().filter(|_| self.on.rules.is_some());
        let source = rules.map(|rules| Source { tables, rules });
        let of_part = |(part, (events, banned)): (usize, (&mut [Vec<Event>], &mut [_]))| {
            let (mut made, mut builder) = rooms.take(net.dims.areas);
            let first = part * PART;
            for (nth, (events, banned)) in events.iter_mut().zip(banned).enumerate() {
                let number = first + nth;
                let Some(settings) = scenarios[number].adaptation else { continue };
                let hits = hits.of(number);
                if hits.is_empty() && events.is_empty() {
                    continue;
                }
                // Bans act on the columns in force, which the host has to know then.
                if let (Some(source), None) = (source, &*banned) {
                    ask(&mut made, source, (number as u32, &settings), (t, hits), events);
                    continue;
                }
                let Builder { room, decided, links } = &mut builder;
                let decided: &Decided = if let Some(own) = banned {
                    if !hits.is_empty() {
                        Decided::decide(own, tables, net, t, hits, room);
                    }
                    own
                } else {
                    let decided = decided.get_or_insert_with(|| Decided::new(settings));
                    decided.resume((tables, net), (settings, events), (t, hits), room);
                    decided
                };
                events.extend_from_slice(&decided.events()[events.len()..]);
                made.patches.add(number as u32, decided.changes(), links);
            }
            rooms.put_builder(builder);
            made
        };
        let parts = self.events.par_chunks_mut(PART).zip(self.banned.par_chunks_mut(PART));
        parts.enumerate().with_max_len(1).map(of_part).collect()
    }

    /// Has patches made of what scenarios have changed, and gives every place that they write a stored loss.
    fn bring(&mut self, mut made: Vec<Made>) {
        let machine = &mut *self.machine;
        // An area's production changes once; everything else is made anew.
        let (kept, old): (Vec<_>, Vec<_>) =
            self.patches.drain(..).partition(|set| set.part == Part::Production);
        old.iter().flat_map(|set| set.lists).for_each(|buffer| machine.free(buffer));
        let mut new = Vec::new();
        let mut patches: Vec<_> = made.iter_mut().map(|of| &mut of.patches).collect();
        new.extend(build::upload(machine, &mut patches));
        if let Some(rules) = &self.on.rules {
            let mut of_part = |part: Part, mut jobs: Vec<&mut Jobs>| {
                for set in build::sets(&mut jobs) {
                    new.push(build::build(machine, self.sizes, rules, (part, &set, &jobs)));
                }
            };
            of_part(Part::Production, made.iter_mut().map(|of| &mut of.production).collect());
            of_part(Part::Trade, made.iter_mut().map(|of| &mut of.trade).collect());
        }
        self.prepared.change_rooms.put_made(made);
        for set in &new {
            build::mark(machine, self.sizes, set, self.forced);
        }
        self.patches = [kept, new].concat();
        let Field { losses, active } = self.current;
        let buffers = [self.sizes, self.forced, active, losses, self.spare];
        let words = self.by_word();
        self.machine.dispatch(&k::TOUCH, &buffers, words);
        std::mem::swap(&mut self.spare, &mut self.current.active);
    }
}

/// Notes what a scenario's `hits` after step `t` decide, and asks for what it has changed by then.
fn ask(
    made: &mut Made,
    source: Source<'_>,
    (number, settings): (u32, &AdaptationSettings),
    (t, hits): (usize, &[Hit]),
    events: &mut Vec<Event>,
) {
    if !hits.is_empty() {
        let shares = |at: usize| adapted_shares(source.tables, &hits[at], settings.missing_rule);
        add_events(settings, (t, hits), |at| shares(at).is_none(), events);
        if t == settings.adaptation_step {
            made.production.production(source, (number, settings), events);
        }
    }
    made.trade.trade(source, (number, settings), events);
}
