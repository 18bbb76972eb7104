//! Parts of runs on a machine: what one shock, or two together, add to the losses of others.
//!
//! A part obeys `s(t) = A s(t-1) + sum over columns of (known + s)(t-1)`, with the shared network `A`, a few columns
//! per lane that it does not have, and what is known of other parts beforehand ([`crate::interaction`]). No amount of
//! the baseline enters it, so that a part is as accurate as what it is made of, however small it is.
//!
//! ```text
//! every step    production, find_sources, send_parts, trade, receive_parts
//! ```
//!
//! Who decides is decided by whoever asks: a batch is read, and given other patches. What patches are: [`super::part_patches`].

use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Element, Machine, View};
use super::network::{OnMachine, Prepared};
use super::part_patches::PartPatches;
use crate::engine::EngineError;

/// Patches on a machine: heads, columns, items, entries, weights, sources; and what is known by step.
struct OnDevice {
    lists: [Buffer; 6],
    known: Vec<Buffer>,
    count: u32,
}

/// Parts of lanes side by side, on a machine.
pub struct PartBatch<'a> {
    on: &'a OnMachine,
    machine: &'a mut dyn Machine,
    groups: usize,
    words: usize,
    places: usize,
    sizes: Buffer,
    losses: [Buffer; 2],
    active: [Buffer; 2],
    made: Buffer,
    forced: Buffer,
    patches: Vec<OnDevice>,
}

impl<'a> PartBatch<'a> {
    /// Room for so many lanes, with nothing anywhere.
    pub fn new(
        (prepared, on): (&'a Prepared, &'a OnMachine),
        machine: &'a mut dyn Machine,
        lanes: usize,
    ) -> Self {
        let groups = lanes.div_ceil(LANES);
        let places = prepared.network.places();
        let words = places / 32;
        let mask = |machine: &mut dyn Machine| machine.room(Element::Whole, groups * words);
        let losses = [(); 2].map(|()| machine.room(Element::Real, groups * places * LANES));
        let active = [(); 2].map(|()| mask(machine));
        machine.clear(active[0]);
        PartBatch {
            sizes: machine.upload_whole(prepared.sizes(groups, 0).words()),
            made: mask(machine),
            forced: machine.upload_whole(&vec![0; groups * words]),
            patches: Vec::new(),
            on,
            machine,
            groups,
            words,
            places,
            losses,
            active,
        }
    }

    /// Lets other patches hold from the next step on: first those of whole groups, then those of lanes.
    pub fn change(&mut self, sets: [&PartPatches; 2]) {
        self.forget();
        let mut mask = vec![0; self.groups * self.words];
        for set in sets.into_iter().filter(|set| set.count() > 0) {
            set.force(&mut mask, self.words);
            let numbers = set.known.first().map_or(0, Vec::len);
            self.patches.push(OnDevice {
                lists: [
                    self.machine.upload_whole(&set.heads),
                    self.machine.upload_whole(&set.columns),
                    self.machine.upload_whole(&set.items),
                    self.machine.upload_whole(&set.entry_at),
                    self.machine.upload_real(&set.entry_weight),
                    self.machine.room(Element::Real, numbers),
                ],
                known: set.known.iter().map(|known| self.machine.upload_real(known)).collect(),
                count: set.count(),
            });
        }
        self.machine.free(self.forced);
        self.forced = self.machine.upload_whole(&mask);
        let [active, spare] = self.active;
        let buffers = [self.sizes, self.forced, active, self.losses[0], spare];
        self.machine.dispatch(&k::TOUCH, &buffers, self.by_word());
        self.active.swap(0, 1);
    }

    fn by_word(&self) -> [u32; 2] {
        [self.words as u32, self.groups as u32]
    }

    /// One step, the `nth` of the stage.
    pub fn step(&mut self, nth: usize) {
        let ([from, to], [active_in, active_out]) = (self.losses, self.active);
        let words = self.by_word();
        let rows = |[starts, sources, weights]: [Buffer; 3], own, mask| {
            [self.sizes, starts, sources, weights, from, active_in, own, to, mask]
        };
        let production = rows(self.on.production, self.forced, self.made);
        let trade = rows(self.on.trade, self.made, active_out);
        self.machine.copy(self.forced, self.made);
        self.machine.dispatch(&k::PRODUCTION, &production, words);
        for patches in &self.patches {
            let [heads, columns, .., sources] = patches.lists;
            let buffers =
                [self.sizes, heads, columns, patches.known[nth], from, active_in, sources];
            self.machine.dispatch(&k::FIND_SOURCES, &buffers, [patches.count, 1]);
        }
        self.flow(&k::SEND_PARTS, from);
        self.machine.clear(active_out);
        self.machine.dispatch(&k::TRADE, &trade, words);
        self.flow(&k::RECEIVE_PARTS, to);
        self.losses.swap(0, 1);
        self.active.swap(0, 1);
        self.machine.submit();
    }

    fn flow(&mut self, kernel: &'static k::Kernel, losses: Buffer) {
        for patches in &self.patches {
            let [heads, _, items, at, weight, sources] = patches.lists;
            let buffers = [self.sizes, heads, items, at, weight, sources, losses];
            self.machine.dispatch(kernel, &buffers, [patches.count, 1]);
        }
    }

    /// Lets `with` see the part where it is stored: number of the group, place, a number per lane.
    ///
    /// # Errors
    /// The device has failed, or has no memory for what was asked before; then `with` is not called.
    pub fn read(&mut self, with: &mut dyn FnMut(usize, u32, &[f64])) -> Result<(), EngineError> {
        let (words, places) = (self.words, self.places);
        let asked =
            [(self.losses[0], self.groups * places * LANES), (self.active[0], self.groups * words)];
        self.machine.read_with(&asked, &mut |views| {
            let mut single: Vec<f64>;
            for (at, &word) in views[1].whole().iter().enumerate() {
                let (group, first) = (at / words, at % words * 32);
                for place in (0..32).filter(|bit| word >> bit & 1 == 1).map(|bit| first + bit) {
                    let own = (group * places + place) * LANES;
                    let losses = match views[0] {
                        View::Double(losses) => &losses[own..own + LANES],
                        other => {
                            single = other.real(own..own + LANES);
                            &single
                        }
                    };
                    with(group, place as u32, losses);
                }
            }
        })
    }

    fn forget(&mut self) {
        for OnDevice { lists, known, .. } in std::mem::take(&mut self.patches) {
            lists.into_iter().chain(known).for_each(|buffer| self.machine.free(buffer));
        }
    }

    /// Gives every buffer back.
    pub fn free(mut self) {
        self.forget();
        let own = [self.sizes, self.made, self.forced];
        for buffer in own.into_iter().chain(self.losses).chain(self.active) {
            self.machine.free(buffer);
        }
    }
}
