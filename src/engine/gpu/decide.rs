//! The deciding steps of a batch, and the events that it ends with.
//!
//! Usually all of it stays on the device ([`super::decisions`]). The host builds what changes, by the cpu engine's code,
//! where bans act on the columns in force, where a dataset is too wide for the kernels, and where it was asked to: then,
//! and only then, it reads the hits in the middle of a batch, and the device waits.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::build::{self, Part, PatchBuffers};
use super::decisions::{ADAPTS, Decisions, Now, RANGES, SO_FAR, SUBSTITUTES, order};
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, View};
use super::network::Prepared;
use super::rooms::{Halt, Rooms};
use crate::engine::EngineError;
use crate::engine::network::Network;
use crate::engine::network::decided::{adapted_shares, add_events};
use crate::engine::outcome::Event;
use crate::model::adaptation::{AdaptationSettings, Hit};
use crate::model::constants::TIE_TOLERANCE;
use crate::model::losses::relative_loss;
use crate::scenario::Scenario;

/// Hits of one scenario as the device lists them, ascending by sector.
pub(super) fn listed(
    (net, available): (&Network, &[f64]),
    (places, losses): (View<'_>, View<'_>),
    range: std::ops::Range<usize>,
) -> Vec<Hit> {
    let hit = |at: usize| {
        let (place, al) = (places.whole()[at] as usize, losses.number(2 * at));
        Hit { sector: net.sector(place), al, rl: relative_loss(al, available[place]) }
    };
    let mut hits: Vec<Hit> = range.map(hit).collect();
    hits.sort_unstable_by_key(|hit| hit.sector);
    hits
}

/// The hits after step `t` among those of a scenario.
pub(super) fn range(
    settings: &AdaptationSettings,
    t: usize,
    ranges: &[u32],
) -> std::ops::Range<usize> {
    let first = if settings.adaptation_step == t { 0 } else { 2 };
    ranges[first] as usize..ranges[first + 1] as usize
}

/// What scenarios have decided, from the ranges, places and losses of their hits.
pub(super) fn events(
    prepared: &Prepared,
    scenarios: &[&Scenario],
    [ranges, places, losses]: [View<'_>; 3],
) -> Vec<Vec<Event>> {
    let Some(tables) = &prepared.tables else { return vec![Vec::new(); scenarios.len()] };
    let ranges = ranges.whole();
    let of = |number: usize| {
        let mut events = Vec::new();
        let Some(settings) = scenarios[number].adaptation else { return events };
        let mut steps = vec![settings.adaptation_step, settings.substitution_step];
        steps.dedup();
        for t in steps {
            let range = range(&settings, t, &ranges[RANGES * number..]);
            // A step that was not run has no hits, nor an available amount.
            if range.is_empty() {
                continue;
            }
            let available = &prepared.by_place.available[t];
            let hits = listed((&prepared.network, available), (places, losses), range);
            let keeps =
                |at: usize| adapted_shares(tables, &hits[at], settings.missing_rule).is_none();
            add_events(&settings, (t, &hits), keeps, &mut events);
        }
        events
    };
    (0..scenarios.len()).into_par_iter().with_min_len(8).map(of).collect()
}

impl Batch<'_> {
    /// Lets the sectors that step `t` has hit adapt and substitute.
    pub(super) fn decide(&mut self, t: usize) -> Result<(), Halt> {
        let lanes = LANES * self.groups;
        // Both tolerances as the thresholds have them.
        let (mut limits, mut orders) = (vec![-1.0; 2 * lanes], vec![0; lanes]);
        for (number, scenario) in self.scenarios.iter().enumerate() {
            let Some(settings) = &scenario.adaptation else { continue };
            orders[number] = order(settings, t);
            if orders[number] & (ADAPTS | SUBSTITUTES) != 0 {
                limits[2 * number] = settings.thresholds.relative * (1.0 - TIE_TOLERANCE);
                limits[2 * number + 1] = settings.thresholds.absolute * (1.0 - TIE_TOLERANCE);
            }
        }
        let decides = orders.iter().fold(0, |all, order| all | order);
        if decides & (ADAPTS | SUBSTITUTES) == 0 {
            return Ok(());
        }
        limits.push(f64::INFINITY);
        let started = Instant::now();
        let machine = &mut *self.machine;
        let mut decisions = self.decisions.take().unwrap_or_else(|| {
            let steps = self.prepared.baseline.steps();
            let rooms = self.prepared.rooms.of(lanes);
            let sizes = self.prepared.sizes(self.groups, self.shocks.len());
            Decisions::new(machine, &sizes, (rooms, steps), !self.by_host)
        });
        let Field { losses, active } = self.current;
        let now = Now {
            sizes: self.sizes,
            losses,
            active,
            available: self.on.available[t],
            limits: machine.upload_real(&limits),
            orders: machine.upload_whole(&orders),
            adapts: decides & ADAPTS != 0,
        };
        decisions.find(machine, &now, self.on.rules.as_ref().filter(|_| !self.by_host));
        self.clock(started, |s| &mut s.decisions)?;
        let done = match self.by_host {
            true => self.change_by_host(&decisions, t),
            false => self.change(&decisions, &now).map_err(Halt::from),
        };
        self.machine.free(now.limits);
        self.machine.free(now.orders);
        self.decisions = Some(decisions);
        done
    }

    /// Has all that scenarios have changed by now built on the device.
    fn change(&mut self, decisions: &Decisions, now: &Now) -> Result<(), EngineError> {
        let Some(rules) = &self.on.rules else { return Ok(()) };
        let started = Instant::now();
        decisions.ask(self.machine, now, rules);
        self.clock(started, |s| &mut s.changes)?;
        let started = Instant::now();
        let first = self.patches.len();
        decisions.build(self.machine, now, rules, &mut self.patches);
        let is_new = |(nth, set): &(usize, &PatchBuffers)| *nth >= first || set.part == Part::Trade;
        for (_, set) in self.patches.iter().enumerate().filter(is_new) {
            build::mark(self.machine, self.sizes, set, self.forced);
        }
        self.touch();
        self.clock(started, |s| &mut s.patches)
    }

    /// Gives every place that patches write a stored loss.
    pub(super) fn touch(&mut self) {
        let Field { losses, active } = self.current;
        let buffers = [self.sizes, self.forced, active, losses, self.spare];
        let words = self.by_word();
        self.machine.dispatch(&k::TOUCH, &buffers, words);
        std::mem::swap(&mut self.spare, &mut self.current.active);
    }

    /// A batch that was too large for its room.
    pub(super) fn no_room(&self, needed: &Rooms) -> Halt {
        Halt::NoRoom { fits: self.prepared.rooms.note(LANES * self.groups, needed) }
    }

    /// Buffers with all hits so far: ranges, places, losses; how many there are is in the ledger.
    pub(super) fn hit_buffers(&self, ledger: &[u32]) -> Vec<(Buffer, usize)> {
        let Some(decisions) = self.decisions.as_ref().filter(|_| !self.by_host) else {
            return Vec::new();
        };
        let hits = ledger[SO_FAR] as usize;
        let ranges = (decisions.ranges, RANGES * LANES * self.groups);
        vec![ranges, (decisions.hits, hits), (decisions.hit_losses, 2 * hits)]
    }
}
