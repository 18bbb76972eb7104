//! Mirror of `adapted_trade.wgsl`, with what the kernels of patches share.

use std::cell::Ref;
use std::ops::Range;

use super::Args;
use crate::engine::gpu::patch::{COLUMN_IMPORTERS, COLUMNS, FACTORS, GROWTH, PATCH, ROWS};

/// The lists of patches.
pub struct Lists<'a> {
    patches: Ref<'a, [u32]>,
    items: Ref<'a, [u32]>,
    values: Ref<'a, [f64]>,
    entry_at: Ref<'a, [u32]>,
    entry_weight: Ref<'a, [f64]>,
    count: usize,
}

/// One patch: a scenario and the bounds of its lists.
pub struct Patch<'a>(&'a [u32]);

impl Patch<'_> {
    pub fn scenario(&self) -> u32 {
        self.0[0]
    }

    pub fn list(&self, list: usize) -> Range<usize> {
        self.0[1 + list] as usize..self.0[2 + list] as usize
    }
}

impl<'a> Lists<'a> {
    pub fn new(a: &'a Args<'_>) -> Self {
        Lists {
            patches: a.whole(1),
            items: a.whole(2),
            values: a.real(3),
            entry_at: a.whole(4),
            entry_weight: a.real(5),
            count: a.launched(a.whole(1)[0]),
        }
    }

    pub fn patches(&self) -> impl Iterator<Item = Patch<'_>> {
        self.patches[1..].chunks_exact(PATCH).take(self.count).map(Patch)
    }

    pub fn place(&self, item: usize) -> u32 {
        self.items[4 * item]
    }

    pub fn value(&self, item: usize) -> f64 {
        self.values[item]
    }

    /// `(place or item, weight)` of the entries of an item.
    pub fn entries(&self, item: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.items[4 * item + 1] as usize..self.items[4 * item + 2] as usize;
        range.map(|e| (self.entry_at[e] as usize, self.entry_weight[e]))
    }
}

/// Amount of a place after the step before.
pub fn amount(
    a: &Args<'_>,
    losses_in: &[f64],
    active_in: &[u32],
    before: &[f64],
    scenario: u32,
    place: u32,
) -> f64 {
    before[place as usize] - a.loss(losses_in, active_in, scenario, place)
}

/// Sums changed rows anew and scales what exporters send.
pub fn send(a: &Args<'_>) {
    let l = Lists::new(a);
    let (mut scratch, mut losses_in, losses_out) = (a.real_mut(6), a.real_mut(7), a.real_mut(9));
    let (active_in, before, available, output) = (a.whole(8), a.real(10), a.real(11), a.real(12));
    for patch in l.patches() {
        let scenario = patch.scenario();
        let of = |losses: &[f64], place| amount(a, losses, &active_in, &before, scenario, place);
        for k in patch.list(GROWTH) {
            scratch[k] = losses_out[a.index(scenario, l.place(k))];
        }
        for k in patch.list(ROWS) {
            let imports = l
                .entries(k)
                .fold(0.0, |sum, (place, weight)| sum + weight * of(&losses_in, place as u32));
            let place = l.place(k) as usize;
            let own = losses_out[a.index(scenario, l.place(k))];
            scratch[k] = own + ((available[place] - output[place]) - imports);
        }
        for k in patch.list(COLUMNS) {
            scratch[k] = of(&losses_in, l.place(k));
        }
        for k in patch.list(FACTORS) {
            let sent = l.value(k) * of(&losses_in, l.place(k));
            losses_in[a.index(scenario, l.place(k))] = before[l.place(k) as usize] - sent;
        }
    }
}

/// Puts replaced columns, grown imports and the rows over the shared trade.
pub fn receive(a: &Args<'_>) {
    let l = Lists::new(a);
    let (scratch, mut losses_out) = (a.real_mut(6), a.real_mut(9));
    let (available, output) = (a.real(11), a.real(12));
    for patch in l.patches() {
        let scenario = patch.scenario();
        for k in patch.list(COLUMN_IMPORTERS) {
            let loss = &mut losses_out[a.index(scenario, l.place(k))];
            *loss = l.entries(k).fold(*loss, |loss, (column, w)| loss - w * scratch[column]);
        }
        for k in patch.list(GROWTH) {
            let place = l.place(k) as usize;
            let (own, imports) = (scratch[k], available[place] - output[place]);
            let loss = &mut losses_out[a.index(scenario, l.place(k))];
            *loss = own + (imports - l.value(k) * (imports - (*loss - own)));
        }
        for k in patch.list(ROWS) {
            losses_out[a.index(scenario, l.place(k))] = scratch[k];
        }
    }
}
