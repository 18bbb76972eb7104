//! The kernels on the processor, one file per shader, in f64.
//!
//! They read and write the same buffers as the shaders and add in the same order, so that a device
//! which does not fuse multiplications with additions gives the same bits.

mod adapted_production;
mod adapted_trade;
mod ask_production;
mod ask_trade;
mod ban;
mod cap;
mod change_production;
mod change_trade;
mod changes;
mod compact;
mod decide;
mod deciding;
mod list;
mod machine;
mod mark;
mod pack;
mod part_flows;
mod part_marks;
mod part_sources;
mod production;
mod reckon;
mod reduce;
mod reserve;
mod shock;
mod sums;
mod totals;
mod touch;
mod trade;

use std::cell::{Ref, RefCell, RefMut};

pub use adapted_production::{feed, produce};
pub use adapted_trade::{receive, send};
pub use ask_production::{ask_production, count_production};
pub use ask_trade::{ask_trade, count_trade};
pub use ban::{embargo, ship};
pub use cap::cap;
pub use change_production::change_production;
pub use change_trade::change_trade;
pub use compact::compact;
pub use decide::decide;
pub use list::{count_hits, list_hits};
pub use machine::MirrorMachine;
pub use mark::mark;
pub use pack::pack;
pub use part_flows::{receive_parts, send_parts};
pub use part_marks::mark_parts;
pub use part_sources::find_sources;
pub use production::production;
pub use reckon::reckon;
pub use reduce::reduce;
pub use reserve::reserve;
pub use shock::shock;
pub use sums::{sum_areas, sum_items};
pub use totals::totals;
pub use touch::touch;
pub use trade::trade;

use super::layout::Sizes;
use super::machine::Content;

/// A kernel on the processor.
pub type Mirror = fn(&Args<'_>);

/// Scenarios of a group.
pub const LANES: usize = super::layout::LANES;

/// What a kernel is called with: its bindings after the sizes, and the number of workgroups.
pub struct Args<'a> {
    /// Numbers of the batch.
    pub sizes: Sizes,
    /// Bindings 1, 2 ...
    pub buffers: Vec<&'a RefCell<Content>>,
    /// Workgroups in both directions.
    pub workgroups: [u32; 2],
}

impl Args<'_> {
    fn whole(&self, binding: usize) -> Ref<'_, [u32]> {
        Ref::map(self.buffers[binding - 1].borrow(), |content| match content {
            Content::Whole(values) => values.as_slice(),
            Content::Real(_) => panic!("binding {binding} holds real numbers"),
        })
    }

    fn real(&self, binding: usize) -> Ref<'_, [f64]> {
        Ref::map(self.buffers[binding - 1].borrow(), |content| match content {
            Content::Real(values) => values.as_slice(),
            Content::Whole(_) => panic!("binding {binding} holds whole numbers"),
        })
    }

    fn whole_mut(&self, binding: usize) -> RefMut<'_, [u32]> {
        RefMut::map(self.buffers[binding - 1].borrow_mut(), |content| match content {
            Content::Whole(values) => values.as_mut_slice(),
            Content::Real(_) => panic!("binding {binding} holds real numbers"),
        })
    }

    fn real_mut(&self, binding: usize) -> RefMut<'_, [f64]> {
        RefMut::map(self.buffers[binding - 1].borrow_mut(), |content| match content {
            Content::Real(values) => values.as_mut_slice(),
            Content::Whole(_) => panic!("binding {binding} holds whole numbers"),
        })
    }

    /// How many of `asked` its workgroups do: all, or nothing where none runs.
    fn launched(&self, asked: u32) -> usize {
        self.workgroups[0].saturating_mul(self.workgroups[1]).min(asked) as usize
    }

    /// Every group with every place.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (groups, places) = (self.sizes.groups as usize, self.sizes.places as usize);
        (0..groups).flat_map(move |group| (0..places).map(move |place| (group, place)))
    }

    /// Index of a loss.
    fn at(&self, group: usize, place: usize, lane: usize) -> usize {
        (group * self.sizes.places as usize + place) * LANES + lane
    }

    /// Index of the loss of a scenario's place.
    fn index(&self, scenario: u32, place: u32) -> usize {
        self.at(scenario as usize / LANES, place as usize, scenario as usize % LANES)
    }

    /// Whether the bit of a place is set.
    fn is_set(&self, mask: &[u32], group: usize, place: usize) -> bool {
        mask[group * self.sizes.words as usize + place / 32] >> (place % 32) & 1 == 1
    }

    /// Sets the bit of a place.
    fn set(&self, mask: &mut [u32], group: usize, place: usize) {
        mask[group * self.sizes.words as usize + place / 32] |= 1 << (place % 32);
    }

    /// A place's loss in the step before, 0 where none is stored.
    fn loss(&self, losses: &[f64], mask: &[u32], scenario: u32, place: u32) -> f64 {
        match self.is_set(mask, scenario as usize / LANES, place as usize) {
            true => losses[self.index(scenario, place)],
            false => 0.0,
        }
    }
}
