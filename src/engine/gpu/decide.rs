//! What the sectors of a batch decide, and what changes with it.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::{Batch, Field, PatchBuffers};
use super::change_rooms::{Builder, Hits};
use super::kernels as k;
use super::layout::LANES;
use super::machine::Element;
use super::patch::Patches;
use crate::engine::EngineError;
use crate::engine::network::Decided;
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
        let patches = if changed { self.change(&hits, t) } else { Vec::new() };
        self.clock(started, |s| &mut s.changes)?;
        let started = Instant::now();
        if changed {
            self.upload_patches(patches);
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

    /// Lets scenarios change by what was hit; all that they have changed so far, part by part.
    fn change(&mut self, hits: &Hits, t: usize) -> Vec<Patches> {
        let Some(tables) = &self.prepared.tables else { return Vec::new() };
        let (net, scenarios) = (&self.prepared.network, self.scenarios);
        let rooms = &self.prepared.change_rooms;
        let of_part = |(part, (events, banned)): (usize, (&mut [Vec<Event>], &mut [_]))| {
            let (mut all, mut builder) = rooms.take(net.dims.areas);
            let first = part * PART;
            for (nth, (events, banned)) in events.iter_mut().zip(banned).enumerate() {
                let number = first + nth;
                let Some(settings) = scenarios[number].adaptation else { continue };
                let hits = hits.of(number);
                if hits.is_empty() && events.is_empty() {
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
                all.add(number as u32, decided.changes(), links);
            }
            rooms.put_builder(builder);
            all
        };
        let parts = self.events.par_chunks_mut(PART).zip(self.banned.par_chunks_mut(PART));
        parts.enumerate().with_max_len(1).map(of_part).collect()
    }

    /// Uploads what scenarios have changed, and gives every place that it writes a stored loss.
    fn upload_patches(&mut self, mut patches: Vec<Patches>) {
        let words = self.prepared.network.places() / 32;
        let (mut items, mut entries) = (0, 0);
        let mut starts = Vec::with_capacity(patches.len());
        for patch in &patches {
            starts.push((items, entries));
            items += patch.values.len() as u32;
            entries += patch.entry_at.len() as u32;
        }
        let of_group = patches.par_chunks_mut(LANES / PART).zip(starts.par_chunks(LANES / PART));
        of_group.zip(self.forced_mask.par_chunks_mut(words)).for_each(
            |((patches, starts), mask)| {
                for (patch, &(items, entries)) in patches.iter_mut().zip(starts) {
                    for (_, place) in patch.written() {
                        mask[place as usize / 32] |= 1 << (place % 32);
                    }
                    patch.shift(items, entries);
                }
            },
        );
        let machine = &mut *self.machine;
        machine.free(self.forced);
        self.forced = machine.upload_whole(&self.forced_mask);
        if let Some(old) = self.patches.take() {
            old.lists.into_iter().for_each(|buffer| machine.free(buffer));
        }
        fn all<T>(patches: &[Patches], of: fn(&Patches) -> &Vec<T>) -> Vec<&[T]> {
            patches.iter().map(|patch| of(patch).as_slice()).collect()
        }
        let lists = [
            machine.upload_wholes(&all(&patches, |p| &p.heads)),
            machine.upload_wholes(&all(&patches, |p| &p.items)),
            machine.upload_reals(&all(&patches, |p| &p.values)),
            machine.upload_wholes(&all(&patches, |p| &p.entry_at)),
            machine.upload_reals(&all(&patches, |p| &p.entry_weight)),
            machine.room(Element::Real, items as usize),
        ];
        let count = patches.iter().map(Patches::len).sum::<usize>() as u32;
        self.patches = Some(PatchBuffers { lists, count });
        self.prepared.change_rooms.put_patches(patches);
        let Field { losses, active } = self.current;
        let buffers = [self.sizes, self.forced, active, losses, self.spare];
        let words = self.by_word();
        self.machine.dispatch(&k::TOUCH, &buffers, words);
        std::mem::swap(&mut self.spare, &mut self.current.active);
    }
}
