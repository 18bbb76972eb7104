//! Patches on a machine: brought up from the host, or built there from jobs.
//!
//! A job is the trade of one item, or the production of one area, that a scenario changes. Jobs share nothing: the trade
//! of an item reads and writes places of that item, production those of its area. So each becomes a patch of its
//! own. Layout: `shaders/changes.wgsl`.

use super::kernels::{self as k, Kernel};
use super::machine::{Buffer, Element, Machine};
use super::patch::{PATCH, Patches};
use super::rules::RowBuffers;

/// Words of a job.
pub const JOB: usize = 8;

/// What patches change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Trade of items.
    Trade,
    /// Production of areas.
    Production,
    /// Both: patches that the host has built.
    Both,
}

/// How many patches there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// As many as the host has built.
    Built(u32),
    /// As many as the device has found: the buffer of launches, and which of them.
    Found(Buffer, usize),
}

/// Patches on a machine.
#[derive(Debug, Clone, Copy)]
pub struct PatchBuffers {
    /// Heads after their number, items, values, entries, weights, scratch.
    pub lists: [Buffer; 6],
    /// Number of patches.
    pub launch: Launch,
    /// What they change.
    pub part: Part,
}

impl PatchBuffers {
    /// Room for so many patches, items and entries.
    pub fn new(
        machine: &mut dyn Machine,
        part: Part,
        [patches, items, entries]: [usize; 3],
        launch: Launch,
    ) -> Self {
        let lists = [
            machine.room(Element::Whole, 1 + PATCH * patches),
            machine.room(Element::Whole, 4 * items),
            machine.room(Element::Real, items),
            machine.room(Element::Whole, entries),
            machine.room(Element::Real, entries),
            machine.room(Element::Real, items),
        ];
        PatchBuffers { lists, launch, part }
    }

    /// Runs a kernel with one workgroup per patch.
    pub fn run(&self, machine: &mut dyn Machine, kernel: &'static Kernel, buffers: &[Buffer]) {
        match self.launch {
            Launch::Built(count) => machine.dispatch(kernel, buffers, [count, 1]),
            Launch::Found(launches, nth) => {
                machine.dispatch_indirect(kernel, buffers, (launches, nth));
            }
        }
    }
}

/// Lets the machine build patches of jobs: heads, members, their amounts.
pub fn change(
    machine: &mut dyn Machine,
    sizes: Buffer,
    ([heads, members, member_amounts], rows): ([Buffer; 3], RowBuffers),
    patches: &PatchBuffers,
) {
    let kernel: &'static Kernel = match patches.part {
        Part::Trade => &k::CHANGE_TRADE,
        Part::Production | Part::Both => &k::CHANGE_PRODUCTION,
    };
    let [starts, others, numbers, sums] = rows;
    let [of_patches, items, values, entry_at, entry_weight, _] = patches.lists;
    let buffers = [
        sizes,
        heads,
        members,
        member_amounts,
        starts,
        others,
        numbers,
        sums,
        of_patches,
        items,
        values,
        entry_at,
        entry_weight,
    ];
    patches.run(machine, kernel, &buffers);
}

/// Brings patches up that the host has built; `None` if there are none.
pub fn upload(machine: &mut dyn Machine, patches: &mut [&mut Patches]) -> Option<PatchBuffers> {
    let (mut items, mut entries, mut count) = (0, 0, 0);
    for patch in patches.iter_mut() {
        let own = (patch.values.len() as u32, patch.entry_at.len() as u32);
        patch.shift(items, entries);
        (items, entries) = (items + own.0, entries + own.1);
        count += patch.len() as u32;
    }
    if count == 0 {
        return None;
    }
    fn all<'p, T>(patches: &'p [&mut Patches], of: fn(&Patches) -> &Vec<T>) -> Vec<&'p [T]> {
        patches.iter().map(|patch| of(patch).as_slice()).collect()
    }
    let count_first = [count];
    let heads = [vec![&count_first[..]], all(patches, |p| &p.heads)].concat();
    let lists = [
        machine.upload_wholes(&heads),
        machine.upload_wholes(&all(patches, |p| &p.items)),
        machine.upload_reals(&all(patches, |p| &p.values)),
        machine.upload_wholes(&all(patches, |p| &p.entry_at)),
        machine.upload_reals(&all(patches, |p| &p.entry_weight)),
        machine.room(Element::Real, items as usize),
    ];
    Some(PatchBuffers { lists, launch: Launch::Built(count), part: Part::Both })
}

/// Adds every place that patches write to those that have a stored loss.
pub fn mark(machine: &mut dyn Machine, sizes: Buffer, patches: &PatchBuffers, forced: Buffer) {
    let [heads, items, ..] = patches.lists;
    patches.run(machine, &k::MARK, &[sizes, heads, items, forced]);
}
