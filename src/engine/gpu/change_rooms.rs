//! What the host needs for changes: hits by scenario, and room that is used again.
//!
//! Memory that all cores ask for at once, and give back, costs several times what is done with it.

use std::sync::{Mutex, PoisonError};

use super::jobs::Jobs;
use super::patch::{Link, Patches};
use crate::engine::network::{Decided, Room};
use crate::model::adaptation::Hit;

/// Hits of a batch, by scenario.
#[derive(Debug, Clone, Default)]
pub(super) struct Hits {
    hits: Vec<Hit>,
    /// Per scenario the end of its hits.
    ends: Vec<u32>,
}

impl Hits {
    /// Hits in order of scenarios, of which there are so many, and sectors.
    pub fn new(found: Vec<(u32, Hit)>, scenarios: usize) -> Self {
        let end = |number: usize| found.partition_point(|(of, _)| *of as usize <= number) as u32;
        let ends = (0..scenarios).map(end).collect();
        Hits { hits: found.into_iter().map(|(_, hit)| hit).collect(), ends }
    }

    /// Whether nobody is hit.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Those of one scenario, ascending by sector.
    pub fn of(&self, number: usize) -> &[Hit] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.hits[start..self.ends[number] as usize]
    }
}

/// Room of one core.
pub(super) struct Builder {
    pub room: Room,
    pub decided: Option<Decided>,
    pub links: Vec<Link>,
}

/// What some scenarios have decided, on its way to the device.
#[derive(Default)]
pub(super) struct Made {
    /// Changes of scenarios that the host builds.
    pub patches: Patches,
    /// What the device is asked to build.
    pub trade: Jobs,
    /// As `trade`.
    pub production: Jobs,
}

/// Room of all cores, kept from batch to batch.
#[derive(Default)]
pub(super) struct ChangeRooms {
    builders: Mutex<Vec<Builder>>,
    made: Mutex<Vec<Made>>,
}

impl ChangeRooms {
    /// Room for what some scenarios have decided, and to build changes in.
    pub fn take(&self, areas: usize) -> (Made, Builder) {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let builder = self.builders.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let new = || Builder { room: Room::new(areas), decided: None, links: Vec::new() };
        (made.unwrap_or_default(), builder.unwrap_or_else(new))
    }

    /// Takes a builder's room back.
    pub fn put_builder(&self, builder: Builder) {
        self.builders.lock().unwrap_or_else(PoisonError::into_inner).push(builder);
    }

    /// Takes back the room of what is on the device.
    pub fn put_made(&self, made: Vec<Made>) {
        let mut waiting = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        for mut made in made {
            made.patches.clear();
            made.trade.clear();
            made.production.clear();
            waiting.push(made);
        }
    }
}
