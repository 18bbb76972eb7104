//! What scenarios change, built on the host from hits that it reads in the middle of a batch.
//!
//! By the cpu engine's code, for all scenarios of a batch: where one of them adapts and has bans, which act on the columns
//! in force; where a dataset is too wide for the kernels that build changes; on software adapters, where it is faster.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::Batch;
use super::build;
use super::change_rooms::{Builder, Hits};
use super::decide::{listed, range};
use super::decisions::{ADAPTS, Decisions, LEDGER, RANGES, SUBSTITUTES, lacking, order};
use super::layout::LANES;
use super::patch::Patches;
use super::rooms::Halt;
use crate::engine::network::Decided;
use crate::engine::outcome::Event;

/// Scenarios whose changes a core builds at a time: few, since some decide much and others nothing.
const PART: usize = 8;
const _: () = assert!(LANES.is_multiple_of(PART));

impl Batch<'_> {
    /// Reads the hits of step `t`, and builds on the host what all scenarios have changed by then.
    pub(super) fn change_by_host(&mut self, decisions: &Decisions, t: usize) -> Result<(), Halt> {
        let started = Instant::now();
        let hits = self.read_hits(decisions, t)?;
        self.clock(started, |s| &mut s.decisions)?;
        if self.prepared.tables.is_none() || hits.is_empty() {
            return Ok(());
        }
        let started = Instant::now();
        let patches = self.patches_by_host(&hits, t);
        self.clock(started, |s| &mut s.changes)?;
        let started = Instant::now();
        self.bring(patches);
        Ok(self.clock(started, |s| &mut s.patches)?)
    }

    /// Which sectors step `t` has hit; per scenario, ascending by sector.
    fn read_hits(&mut self, decisions: &Decisions, t: usize) -> Result<Hits, Halt> {
        let (net, available) = (&self.prepared.network, &self.prepared.by_place.available[t]);
        let (capacity, lanes) = (decisions.capacity(), LANES * self.groups);
        let asked = [
            (decisions.ledger, LEDGER),
            (decisions.ranges, RANGES * lanes),
            (decisions.hits, capacity),
            (decisions.hit_losses, 2 * capacity),
        ];
        let (mut hits, mut needed) = (Hits::default(), None);
        let scenarios = self.scenarios;
        self.machine.read_with(&asked, &mut |views| {
            needed = lacking(views[0].whole());
            if needed.is_some() {
                return;
            }
            let of = |(number, ranges): (usize, &[u32])| {
                let settings = scenarios[number].adaptation;
                match settings.filter(|s| order(s, t) & (ADAPTS | SUBSTITUTES) != 0) {
                    Some(settings) => {
                        let range = range(&settings, t, ranges);
                        listed((net, available), (views[2], views[3]), range)
                    }
                    None => Vec::new(),
                }
            };
            let ranges = views[1].whole().chunks_exact(RANGES).take(scenarios.len());
            hits = Hits::new(ranges.enumerate().map(of));
        })?;
        match needed {
            Some(needed) => Err(self.no_room(&needed)),
            None => Ok(hits),
        }
    }

    /// Lets scenarios change by what was hit: patches with all that they have changed so far, part by part.
    fn patches_by_host(&mut self, hits: &Hits, t: usize) -> Vec<Patches> {
        let Some(tables) = &self.prepared.tables else { return Vec::new() };
        let (net, scenarios) = (&self.prepared.network, self.scenarios);
        let rooms = &self.prepared.change_rooms;
        let of_part = |(part, (events, banned)): (usize, (&mut [Vec<Event>], &mut [_]))| {
            let (mut patches, mut builder) = rooms.take(net.dims.areas);
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
                patches.add(number as u32, decided.changes(), links);
            }
            rooms.put_builder(builder);
            patches
        };
        let parts = self.events.par_chunks_mut(PART).zip(self.banned.par_chunks_mut(PART));
        parts.enumerate().with_max_len(1).map(of_part).collect()
    }

    /// Brings patches up in place of those of earlier steps, and gives every place that they write a stored loss.
    fn bring(&mut self, mut made: Vec<Patches>) {
        let machine = &mut *self.machine;
        self.patches.drain(..).flat_map(|set| set.lists).for_each(|buffer| machine.free(buffer));
        let mut patches: Vec<_> = made.iter_mut().collect();
        self.patches.extend(build::upload(machine, &mut patches));
        self.prepared.change_rooms.put_patches(made);
        for set in &self.patches {
            build::mark(machine, self.sizes, set, self.forced);
        }
        self.touch();
    }
}
