//! What the host needs where it builds changes: hits by scenario, and room that is used again.
//!
//! Memory that all cores ask for at once, and give back, costs several times what is done with it.

use std::sync::{Mutex, PoisonError};

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
    /// Hits of one scenario after the other, ascending by sector.
    pub fn new(of: impl Iterator<Item = Vec<Hit>>) -> Self {
        let mut hits = Hits::default();
        for of_scenario in of {
            hits.hits.extend(of_scenario);
            hits.ends.push(hits.hits.len() as u32);
        }
        hits
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

/// Room of all cores, kept from batch to batch.
#[derive(Default)]
pub(super) struct ChangeRooms {
    builders: Mutex<Vec<Builder>>,
    patches: Mutex<Vec<Patches>>,
}

impl ChangeRooms {
    /// Room for what some scenarios have changed, and to build it in.
    pub fn take(&self, areas: usize) -> (Patches, Builder) {
        let patches = self.patches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let builder = self.builders.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let new = || Builder { room: Room::new(areas), decided: None, links: Vec::new() };
        (patches.unwrap_or_default(), builder.unwrap_or_else(new))
    }

    /// Takes a builder's room back.
    pub fn put_builder(&self, builder: Builder) {
        self.builders.lock().unwrap_or_else(PoisonError::into_inner).push(builder);
    }

    /// Takes back the room of what is on the device.
    pub fn put_patches(&self, patches: Vec<Patches>) {
        let mut waiting = self.patches.lock().unwrap_or_else(PoisonError::into_inner);
        for mut patches in patches {
            patches.clear();
            waiting.push(patches);
        }
    }
}
