//! Reserves of a batch, in the form in which the kernel lets them act.

use super::batch::Batch;
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Machine};
use crate::dataset::reserves::{Release, Reserve};
use crate::engine::network::Network;

/// Reserves of a dataset, by place.
#[derive(Debug, Clone, Default)]
pub struct Reserves(Vec<(u32, Reserve)>);

/// What they hold in a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReserveBuffers {
    /// Places, and whether they are filled up again.
    places: Buffer,
    /// What is left, by reserve and scenario.
    pub left: Buffer,
}

impl Reserves {
    /// The reserves of a dataset.
    pub fn new(net: &Network, reserves: &[Reserve]) -> Self {
        let place = |r: &Reserve| (net.place(r.sector as usize) as u32, r.clone());
        Reserves(reserves.iter().map(place).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of reserves.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Sets the bits of their places in the mask of every group, of so many words.
    pub(super) fn force(&self, mask: &mut [u32], words: usize) {
        for of_group in mask.chunks_mut(words.max(1)) {
            self.0
                .iter()
                .for_each(|(place, _)| of_group[*place as usize / 32] |= 1 << (place % 32));
        }
    }

    /// Fills the reserves of all groups; `None` without reserves.
    pub(super) fn fill(&self, machine: &mut dyn Machine, groups: usize) -> Option<ReserveBuffers> {
        if self.is_empty() {
            return None;
        }
        let places = self.0.iter().flat_map(|(place, r)| [*place, u32::from(r.refilled)]);
        let left = self.0.iter().flat_map(|(_, r)| vec![r.size; groups * LANES]);
        Some(ReserveBuffers {
            places: machine.upload_whole(&places.collect::<Vec<u32>>()),
            left: machine.upload_real(&left.collect::<Vec<f64>>()),
        })
    }

    /// Size, covered share and stated amount of every reserve in step `t`.
    fn amounts(&self, t: usize) -> Vec<f64> {
        let of = |(_, r): &(u32, Reserve)| match &r.release {
            Release::Automatic { cover } => [r.size, *cover, 0.0],
            Release::Steps(amounts) => [r.size, 0.0, amounts.get(t).copied().unwrap_or(0.0)],
        };
        self.0.iter().flat_map(of).collect()
    }
}

impl ReserveBuffers {
    /// Its buffers.
    pub fn all(self) -> [Buffer; 2] {
        [self.places, self.left]
    }
}

impl Batch<'_> {
    /// Lets the reserves act after step `t`.
    pub(super) fn release(&mut self, t: usize) {
        let Some(ReserveBuffers { places, left }) = self.reserves else { return };
        let amounts = self.prepared.reserves.amounts(t);
        let workgroups = [(amounts.len() / 3) as u32, self.groups as u32];
        let amounts = self.machine.upload_real(&amounts);
        let buffers = [self.sizes, places, amounts, left, self.current.losses];
        self.machine.dispatch(&k::RESERVE, &buffers, workgroups);
        self.machine.free(amounts);
    }
}
