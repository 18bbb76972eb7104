//! Adaptation of a lane group: per scenario a handful of changes on the shared network.
//!
//! After the deciding steps the sectors that reach the thresholds are found for all lanes at once
//! ([`Group::decide`]); what changes then is every lane's [`Decided`], which later steps put over the
//! shared network ([`Changed`]). Lanes without a hit stay what they are without adaptation, to the bit.

use super::changed::{Changed, Scratch};
use super::lanes::{LANES, LossField};
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{ByPlace, Decided, Network, Room, WORD, bits};
use crate::engine::outcome::Event;
use crate::model::adaptation::{AdaptationSettings, Hit};

/// Adaptation of one lane; its room is used again by the next group.
#[derive(Debug, Clone)]
struct Lane {
    lane: usize,
    decided: Decided,
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

impl Lane {
    fn changed<'a>(&'a self, base: &'a ByPlace, t: usize) -> Changed<'a> {
        Changed { lists: self.decided.changes().lists(), base, lane: self.lane, t }
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
                let decided = Decided::new(settings);
                self.lanes.push(Lane { lane: at, decided, scratch: Scratch::default() });
            }
            let lane = &mut self.lanes[self.used];
            lane.lane = at;
            lane.decided.restart(settings);
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
            Some(lane) => lane.decided.column(tables, net, place),
            None => net.column(place),
        }
    }

    /// What a lane has decided up to step `t`.
    pub fn events(&self, lane: usize, t: usize) -> Vec<Event> {
        let events = self.lane(lane).into_iter().flat_map(|l| l.decided.events());
        events.filter(|e| e.step <= t).copied().collect()
    }

    /// Whether the lane's parameters may differ from the dataset's after step `t`.
    pub fn is_changed(&self, lane: usize, t: usize) -> bool {
        self.lane(lane).is_some_and(|l| l.decided.events().iter().any(|e| e.step <= t))
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
        for lane in lanes.iter().filter(|lane| decides(lane.decided.settings())) {
            absolute[lane.lane] = below * lane.decided.settings().thresholds.absolute;
            relative[lane.lane] = below * lane.decided.settings().thresholds.relative;
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
        for lane in lanes.iter_mut().filter(|lane| decides(lane.decided.settings())) {
            let range = self.near.partition_point(|n| (n.0 as usize) < lane.lane)
                ..self.near.partition_point(|n| n.0 as usize <= lane.lane);
            let hits: Vec<Hit> = self.near[range]
                .iter()
                .filter_map(|&(_, sector)| {
                    let place = net.place(sector as usize);
                    let al = field.lanes[place][lane.lane];
                    lane.decided.settings().thresholds.hit(sector as usize, al, available[place])
                })
                .collect();
            if !hits.is_empty() {
                lane.decided.decide(tables, net, t, &hits, &mut self.room);
                self.has_changes = true;
            }
        }
    }

    /// To be called before the shared network's production of step `t`.
    #[inline(always)]
    pub fn before_production(&mut self, base: &ByPlace, t: usize, from: &mut LossField) {
        for lane in &mut self.lanes[..self.used] {
            let mut scratch = std::mem::take(&mut lane.scratch);
            lane.changed(base, t).before_production(from, &mut scratch);
            lane.scratch = scratch;
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
            let mut scratch = std::mem::take(&mut lane.scratch);
            lane.changed(base, t).after_production(from, to, &mut scratch);
            lane.scratch = scratch;
        }
    }

    /// Keeps outputs of step `t` below the caps: `L >= (1 - cap) ob`.
    #[inline(always)]
    pub fn cap(&self, base: &ByPlace, t: usize, to: &mut LossField) {
        if !self.has_caps {
            return;
        }
        let output = &base.output[t];
        for lane in
            self.lanes[..self.used].iter().filter(|l| t > l.decided.settings().adaptation_step)
        {
            let Some(cap) = lane.decided.settings().output_cap else { continue };
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
            let mut scratch = std::mem::take(&mut lane.scratch);
            lane.changed(base, t).before_trade(from, to, &mut scratch);
            lane.scratch = scratch;
        }
    }

    /// To be called after the shared network's trade of step `t`.
    #[inline(always)]
    pub fn after_trade(&self, base: &ByPlace, t: usize, to: &mut LossField) {
        for lane in &self.lanes[..self.used] {
            lane.changed(base, t).after_trade(to, &lane.scratch);
        }
    }
}

/// Lanes whose loss reaches both limits, as a bit mask.
#[inline(always)]
fn reaching(
    losses: &[f64; LANES],
    absolute: &[f64; LANES],
    relative: &[f64; LANES],
    baseline: f64,
) -> u64 {
    let mut mask = 0u64;
    for lane in 0..LANES {
        let reaches = losses[lane] >= absolute[lane] && losses[lane] >= relative[lane] * baseline;
        mask |= u64::from(reaches) << lane;
    }
    mask
}
