//! The losses of scenarios computed side by side.

use std::ops::{Deref, DerefMut};

use crate::engine::network::{WORD, bits};
use crate::model::divergence::is_out_of_range;

/// Scenarios computed side by side.
pub const LANES: usize = 16;

/// Losses of one place in every lane, tonnes: whole lines of the cache, since a vector that lies across two
/// costs twice as much to load and to store.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes(pub [f64; LANES]);

impl Lanes {
    /// No losses.
    pub const ZERO: Self = Lanes([0.0; LANES]);
}

impl Deref for Lanes {
    type Target = [f64; LANES];

    #[inline(always)]
    fn deref(&self) -> &[f64; LANES] {
        &self.0
    }
}

impl DerefMut for Lanes {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; LANES] {
        &mut self.0
    }
}

/// Marks a place as possibly non-zero.
#[inline(always)]
pub fn set_active(active: &mut [u64], place: u32) {
    active[place as usize / WORD] |= 1 << (place as usize % WORD);
}

/// Whether something holds of some lane: compared all at once, where most places have none.
#[inline(always)]
pub fn any(lanes: &Lanes, holds: impl Fn(f64) -> bool) -> bool {
    lanes.iter().fold(false, |any, &loss| any | holds(loss))
}

/// A shock of one lane.
#[derive(Debug, Clone, Copy)]
pub struct LaneShock {
    /// Sector that fails.
    pub sector: u32,
    /// Its place.
    pub place: u32,
    /// Lane of the scenario.
    pub lane: u32,
    /// Intensity in [0, 1].
    pub phi: f64,
}

/// Losses of a lane group at one step, with the mask of places that may be non-zero.
#[derive(Debug, Clone)]
pub struct LossField {
    /// One element per place.
    pub lanes: Vec<Lanes>,
    /// One bit per place.
    pub active: Vec<u64>,
}

impl LossField {
    /// No losses.
    pub fn new(places: usize) -> Self {
        LossField { lanes: vec![Lanes::ZERO; places], active: vec![0; places / WORD] }
    }

    /// Lanes in which some loss is out of range.
    pub fn out_of_range(&self) -> [bool; LANES] {
        let mut is_out = [false; LANES];
        for place in set_places(&self.active) {
            for (is_out, &loss) in is_out.iter_mut().zip(self.lanes[place].iter()) {
                *is_out |= is_out_of_range(loss);
            }
        }
        is_out
    }

    /// Zeroes the active places.
    #[inline(always)]
    pub fn clear(&mut self) {
        for (w, word) in self.active.iter_mut().enumerate() {
            for bit in bits(std::mem::take(word)) {
                self.lanes[w * WORD + bit] = Lanes::ZERO;
            }
        }
    }
}

/// Positions of the set bits of a run of words, ascending.
#[inline(always)]
pub fn set_places(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(w, &word)| bits(word).map(move |bit| w * WORD + bit))
}
