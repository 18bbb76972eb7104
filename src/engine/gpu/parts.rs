//! Parts of runs on a machine: what one shock, or two together, add to the losses of others.
//!
//! A part obeys `s(t) = A s(t-1) + sum over columns of (known + s)(t-1)`, with the shared network `A`, a few columns
//! per lane that it does not have, and what is known of other parts beforehand ([`crate::interaction`]). No amount of
//! the baseline enters it, so that a part is as accurate as what it is made of, however small it is.
//!
//! ```text
//! every step    find_sources, mark_parts, production, touch, send_parts, trade, receive_parts
//! ```
//!
//! Who decides is decided by whoever asks: a batch is read, and given other patches. What patches are: [`super::part_patches`].

use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Element, Machine, View};
use super::network::{OnMachine, Prepared};
use super::part_patches::PartPatches;
use crate::engine::EngineError;

/// Invocations of a workgroup of patches.
const PART_WIDTH: u32 = 64;

/// Workgroups that a patch is shared by at most; of one for which these are not enough each invocation does several
/// numbers.
const MOST_OF_PATCH: u32 = 128;

/// Patches on a machine: heads, columns, items, entries, weights, sources; and what is known by step.
struct OnDevice {
    lists: [Buffer; 6],
    known: Vec<Buffer>,
    /// Workgroups: a column for each patch.
    workgroups: [u32; 2],
}

/// Parts of lanes side by side, on a machine.
pub struct PartBatch<'a> {
    on: &'a OnMachine,
    machine: &'a mut dyn Machine,
    groups: usize,
    words: usize,
    sizes: Buffer,
    losses: [Buffer; 2],
    active: [Buffer; 2],
    /// Mask of output.
    made: Buffer,
    /// Mask of rows that patches send something to in this step.
    received: Buffer,
    /// Mask of exporters of whose column patches send a multiple.
    sent: Buffer,
    /// Mask of what trade passes on: what was stored, and these.
    exported: Buffer,
    patches: Vec<OnDevice>,
}

impl<'a> PartBatch<'a> {
    /// Room for so many groups of [`LANES`], with nothing anywhere.
    pub fn new(
        (prepared, on): (&'a Prepared, &'a OnMachine),
        machine: &'a mut dyn Machine,
        groups: usize,
    ) -> Self {
        let places = prepared.network.places();
        let words = places / 32;
        let mask = |machine: &mut dyn Machine| machine.room(Element::Whole, groups * words);
        let losses = [(); 2].map(|()| machine.room(Element::Real, groups * places * LANES));
        let active = [(); 2].map(|()| mask(machine));
        machine.clear(active[0]);
        PartBatch {
            sizes: machine.upload_whole(prepared.sizes(groups, 0).words()),
            made: mask(machine),
            received: mask(machine),
            sent: mask(machine),
            exported: mask(machine),
            patches: Vec::new(),
            on,
            machine,
            groups,
            words,
            losses,
            active,
        }
    }

    /// Lets other patches hold from the next step on: first those of whole groups, then those of lanes.
    pub fn change(&mut self, sets: [&PartPatches; 2]) {
        self.forget();
        for set in sets.into_iter().filter(|set| set.count() > 0) {
            self.patches.push(OnDevice {
                lists: [
                    self.machine.upload_whole(&set.heads),
                    self.machine.upload_whole(&set.columns),
                    self.machine.upload_whole(&set.items),
                    self.machine.upload_whole(&set.entry_at),
                    self.machine.upload_real(&set.entry_weight),
                    self.machine.room(Element::Real, set.numbers as usize),
                ],
                known: set.known.iter().map(|known| self.machine.upload_real(known)).collect(),
                workgroups: [set.count(), set.largest.div_ceil(PART_WIDTH).clamp(1, MOST_OF_PATCH)],
            });
        }
    }

    fn by_word(&self) -> [u32; 2] {
        [self.words as u32, self.groups as u32]
    }

    /// One step, the `nth` of the stage.
    pub fn step(&mut self, nth: usize) {
        let ([from, to], [active_in, active_out]) = (self.losses, self.active);
        let words = self.by_word();
        // Side by side: whatever kernels follow wait for them once.
        [self.received, self.sent, active_out]
            .into_iter()
            .for_each(|mask| self.machine.clear(mask));
        for patches in &self.patches {
            let [heads, columns, .., sources] = patches.lists;
            let buffers =
                [self.sizes, heads, columns, patches.known[nth], from, active_in, sources];
            self.machine.dispatch(&k::FIND_SOURCES, &buffers, patches.workgroups);
        }
        for patches in &self.patches {
            let [heads, _, items, at, _, sources] = patches.lists;
            let buffers = [self.sizes, heads, items, at, sources, self.sent, self.received];
            self.machine.dispatch(&k::MARK_PARTS, &buffers, patches.workgroups);
        }
        let rows = |[starts, sources, weights]: [Buffer; 3], active, own, mask| {
            [self.sizes, starts, sources, weights, from, active, own, to, mask]
        };
        let production = rows(self.on.production, active_in, self.received, self.made);
        let trade = rows(self.on.trade, self.exported, self.made, active_out);
        self.machine.copy(self.received, self.made);
        self.machine.dispatch(&k::PRODUCTION, &production, words);
        let touched = [self.sizes, self.sent, active_in, from, self.exported];
        self.machine.dispatch(&k::TOUCH, &touched, words);
        self.flow(&k::SEND_PARTS, from);
        self.machine.dispatch(&k::TRADE, &trade, words);
        self.flow(&k::RECEIVE_PARTS, to);
        self.losses.swap(0, 1);
        self.active.swap(0, 1);
        // A step at a time: systems stop a program whose work keeps a device busy for too long.
        self.machine.submit();
    }

    fn flow(&mut self, kernel: &'static k::Kernel, losses: Buffer) {
        for patches in &self.patches {
            let [heads, _, items, at, weight, sources] = patches.lists;
            let buffers = [self.sizes, heads, items, at, weight, sources, losses];
            self.machine.dispatch(kernel, &buffers, patches.workgroups);
        }
    }

    /// Lets `with` see the part where it is stored, group after group: the group's mask, and for every bit of that a
    /// number per lane.
    ///
    /// Only what is stored comes back: at most places there is nothing.
    ///
    /// # Errors
    /// The device has failed, or has no memory for what was asked before; then `with` is not called.
    pub fn read(&mut self, with: &mut dyn FnMut(&[u32], &[f64])) -> Result<(), EngineError> {
        let (losses, active) = (self.losses[0], self.active[0]);
        let mask = self.machine.read(&[(active, self.groups * self.words)])?.remove(0).whole();
        let mut stored = 0;
        let before = |word: &u32| {
            let before = stored;
            stored += word.count_ones();
            before
        };
        let stored_before: Vec<u32> = mask.iter().map(before).collect();
        let numbers = stored as usize * LANES;
        let stored_before = self.machine.upload_whole(&stored_before);
        let packed = self.machine.room(Element::Real, numbers);
        let buffers = [self.sizes, stored_before, losses, active, packed];
        self.machine.dispatch(&k::PACK, &buffers, self.by_word());
        let words = self.words;
        let found = self.machine.read_with(&[(packed, numbers)], &mut |views| {
            let mut begin = 0;
            for mask in mask.chunks_exact(words) {
                let stored: u32 = mask.iter().map(|word| word.count_ones()).sum();
                let own = begin..begin + stored as usize * LANES;
                begin = own.end;
                match views[0] {
                    View::Double(losses) => with(mask, &losses[own]),
                    other => with(mask, &other.real(own)),
                }
            }
        });
        [stored_before, packed].into_iter().for_each(|buffer| self.machine.free(buffer));
        found
    }

    fn forget(&mut self) {
        for OnDevice { lists, known, .. } in std::mem::take(&mut self.patches) {
            lists.into_iter().chain(known).for_each(|buffer| self.machine.free(buffer));
        }
    }

    /// Gives every buffer back.
    pub fn free(mut self) {
        self.forget();
        let own = [self.sizes, self.made, self.received, self.sent, self.exported];
        for buffer in own.into_iter().chain(self.losses).chain(self.active) {
            self.machine.free(buffer);
        }
    }
}
