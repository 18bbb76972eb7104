//! Patches on a machine: brought up from the host, or built there from jobs.

use std::ops::Range;

use super::jobs::Jobs;
use super::kernels::{self as k, Kernel};
use super::machine::{Buffer, Element, Machine};
use super::network::MAX_WORKGROUPS;
use super::patch::{PATCH, Patches};
use super::rules::RuleBuffers;

/// Items and entries of one set at most: so many fit one buffer of every device.
const MAX_ITEMS: u32 = 1 << 22;
const MAX_ENTRIES: u32 = 1 << 23;

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

/// Patches on a machine.
#[derive(Debug, Clone, Copy)]
pub struct PatchBuffers {
    /// Heads, items, values, entries, weights, scratch.
    pub lists: [Buffer; 6],
    /// Number of patches.
    pub count: u32,
    /// What they change.
    pub part: Part,
}

/// Jobs that one launch builds: the parts that they come from, and how much they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSet {
    /// Parts.
    pub parts: Range<usize>,
    /// Items.
    pub items: u32,
    /// Entries.
    pub entries: u32,
    /// Jobs.
    pub count: u32,
}

/// Puts parts one after the other, into as few sets as a device takes.
pub fn sets(parts: &mut [&mut Jobs]) -> Vec<JobSet> {
    let mut sets: Vec<JobSet> = Vec::new();
    let mut members = 0;
    for (at, jobs) in parts.iter_mut().enumerate() {
        let count = jobs.len() as u32;
        let fits = |set: &&mut JobSet| {
            set.count + count <= MAX_WORKGROUPS as u32
                && set.items.saturating_add(jobs.items) <= MAX_ITEMS
                && set.entries.saturating_add(jobs.entries) <= MAX_ENTRIES
        };
        let set = match sets.last_mut().filter(fits) {
            Some(set) => set,
            None => {
                members = 0;
                sets.push(JobSet { parts: at..at, items: 0, entries: 0, count: 0 });
                let last = sets.len() - 1;
                &mut sets[last]
            }
        };
        jobs.shift(members, set.items, set.entries);
        members += jobs.member_at.len() as u32;
        set.parts.end = at + 1;
        set.items += jobs.items;
        set.entries += jobs.entries;
        set.count += count;
    }
    sets.retain(|set| set.count > 0);
    sets
}

/// Lets the machine build the patches of a set.
pub fn build(
    machine: &mut dyn Machine,
    sizes: Buffer,
    rules: &RuleBuffers,
    (part, set, jobs): (Part, &JobSet, &[&mut Jobs]),
) -> PatchBuffers {
    let (kernel, rows): (&'static Kernel, _) = match part {
        Part::Trade => (&k::CHANGE_TRADE, rules.trade),
        Part::Production | Part::Both => (&k::CHANGE_PRODUCTION, rules.production),
    };
    let jobs = &jobs[set.parts.clone()];
    let heads: Vec<&[u32]> = jobs.iter().map(|of| of.heads.as_slice()).collect();
    let at: Vec<&[u32]> = jobs.iter().map(|of| of.member_at.as_slice()).collect();
    let amounts: Vec<&[f64]> = jobs.iter().map(|of| of.member_amounts.as_slice()).collect();
    let asked =
        [machine.upload_wholes(&heads), machine.upload_wholes(&at), machine.upload_reals(&amounts)];
    let (items, entries) = (set.items as usize, set.entries as usize);
    let lists = [
        machine.room(Element::Whole, PATCH * set.count as usize),
        machine.room(Element::Whole, 4 * items),
        machine.room(Element::Real, items),
        machine.room(Element::Whole, entries),
        machine.room(Element::Real, entries),
        machine.room(Element::Real, items),
    ];
    let [heads, members, member_amounts] = asked;
    let [starts, others, numbers, sums] = rows;
    let [patches, items, values, entry_at, entry_weight, _] = lists;
    let buffers = [
        sizes,
        heads,
        members,
        member_amounts,
        starts,
        others,
        numbers,
        sums,
        patches,
        items,
        values,
        entry_at,
        entry_weight,
    ];
    machine.dispatch(kernel, &buffers, [set.count, 1]);
    asked.into_iter().for_each(|buffer| machine.free(buffer));
    PatchBuffers { lists, count: set.count, part }
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
    let lists = [
        machine.upload_wholes(&all(patches, |p| &p.heads)),
        machine.upload_wholes(&all(patches, |p| &p.items)),
        machine.upload_reals(&all(patches, |p| &p.values)),
        machine.upload_wholes(&all(patches, |p| &p.entry_at)),
        machine.upload_reals(&all(patches, |p| &p.entry_weight)),
        machine.room(Element::Real, items as usize),
    ];
    Some(PatchBuffers { lists, count, part: Part::Both })
}

/// Adds every place that patches write to those that have a stored loss.
pub fn mark(machine: &mut dyn Machine, sizes: Buffer, patches: &PatchBuffers, forced: Buffer) {
    let [heads, items, ..] = patches.lists;
    machine.dispatch(&k::MARK, &[sizes, heads, items, forced], [patches.count, 1]);
}
