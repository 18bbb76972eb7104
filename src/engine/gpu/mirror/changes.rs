//! Mirror of `changes.wgsl`: what the kernels that build changes share.

use std::cell::{Ref, RefMut};
use std::ops::Range;

use super::Args;
use crate::engine::gpu::build::JOB;
use crate::engine::gpu::patch::PATCH;
use crate::engine::gpu::rules::{LEARNED, MARKED, WIDEST};

/// What these kernels read.
pub struct Tables<'a> {
    jobs: Ref<'a, [u32]>,
    member_at: Ref<'a, [u32]>,
    member_amounts: Ref<'a, [f64]>,
    starts: Ref<'a, [u32]>,
    others: Ref<'a, [u32]>,
    rules: Ref<'a, [f64]>,
    pub amounts: Ref<'a, [f64]>,
}

impl<'a> Tables<'a> {
    pub fn new(a: &'a Args<'_>) -> Self {
        Tables {
            jobs: a.whole(1),
            member_at: a.whole(2),
            member_amounts: a.real(3),
            starts: a.whole(4),
            others: a.whole(5),
            rules: a.real(6),
            amounts: a.real(7),
        }
    }

    /// Number of jobs.
    pub fn count(&self) -> u32 {
        self.jobs[0]
    }

    /// The dataset's number before the rows.
    pub fn number(&self) -> usize {
        self.starts[0] as usize
    }

    pub fn row(&self, row: usize) -> Range<usize> {
        self.starts[row + 1] as usize..self.starts[row + 2] as usize
    }

    pub fn other(&self, entry: usize) -> usize {
        (self.others[entry] & !(LEARNED | MARKED)) as usize
    }

    pub fn is_learned(&self, entry: usize) -> bool {
        self.others[entry] & LEARNED != 0
    }

    pub fn is_marked(&self, entry: usize) -> bool {
        self.others[entry] & MARKED != 0
    }

    pub fn value(&self, entry: usize) -> f64 {
        self.rules[3 * entry]
    }

    /// Entry of a row by its other end.
    pub fn find(&self, row: usize, other: usize) -> Option<usize> {
        self.row(row).find(|&entry| self.other(entry) == other)
    }

    /// Factor that restores a column's sum.
    pub fn rescaling(&self, sum: f64, wanted: f64) -> f64 {
        let is_off = (sum - wanted).abs() > self.amounts[0] * wanted;
        if sum > 0.0 && is_off { wanted / sum } else { 1.0 }
    }

    /// Whether rounding could decide if a sum is rescaled.
    pub fn is_doubtful(&self, sum: f64) -> bool {
        sum < self.amounts[1] || ((sum - 1.0).abs() - self.amounts[0]).abs() < self.amounts[2]
    }

    pub fn member_at(&self, member: usize) -> usize {
        self.member_at[member] as usize
    }

    /// First number of a member: relative loss, or growth.
    pub fn first_of(&self, member: usize) -> f64 {
        self.member_amounts[2 * member]
    }

    /// Second number of a member: its share.
    pub fn share_of(&self, member: usize) -> f64 {
        self.member_amounts[2 * member + 1]
    }
}

/// One job.
pub struct Job<'t, 'a> {
    pub t: &'t Tables<'a>,
    /// Item or area.
    pub subject: usize,
    /// Members that adapt.
    pub hits: Range<usize>,
    /// Members that grow.
    pub grown: Range<usize>,
    pub keeps: bool,
    /// By area or item.
    position: Vec<Option<usize>>,
}

impl<'t, 'a> Job<'t, 'a> {
    pub fn new(t: &'t Tables<'a>, nth: usize) -> Self {
        let head = &t.jobs[1 + nth * JOB..1 + (nth + 1) * JOB];
        let [first, adapted, end] = [2, 3, 4].map(|word| head[word] as usize);
        let mut position = vec![None; WIDEST];
        (first..adapted).for_each(|member| position[t.member_at(member)] = Some(member));
        Job {
            t,
            subject: head[1] as usize,
            hits: first..adapted,
            grown: adapted..end,
            keeps: head[7] == 1,
            position,
        }
    }

    /// Member of an area or item that adapts.
    pub fn position(&self, at: usize) -> Option<usize> {
        self.position[at]
    }

    /// Value of an entry after its sector, a member, has adapted.
    pub fn changed(&self, entry: usize, member: usize) -> f64 {
        let rule = &self.t.rules[3 * entry..3 * entry + 3];
        match (self.t.is_learned(entry), self.keeps) {
            (true, _) => (rule[0] * rule[1] + rule[2]) * self.t.first_of(member),
            (false, true) => rule[0],
            (false, false) => 0.0,
        }
    }
}

/// A patch on its way into its buffers.
pub struct Writer<'a> {
    patches: RefMut<'a, [u32]>,
    items: RefMut<'a, [u32]>,
    values: RefMut<'a, [f64]>,
    entry_at: RefMut<'a, [u32]>,
    entry_weight: RefMut<'a, [f64]>,
    patch: usize,
    item: usize,
    entry: usize,
}

impl<'a> Writer<'a> {
    pub fn new(a: &'a Args<'_>) -> Self {
        Writer {
            patches: a.whole_mut(8),
            items: a.whole_mut(9),
            values: a.real_mut(10),
            entry_at: a.whole_mut(11),
            entry_weight: a.real_mut(12),
            patch: 0,
            item: 0,
            entry: 0,
        }
    }

    /// Says how many patches there are, if any; of so many the kernel builds the first.
    pub fn begin(&mut self, a: &Args<'_>, t: &Tables<'_>) -> usize {
        let count = a.launched(t.count());
        if count > 0 {
            self.patches[0] = t.count();
        }
        count
    }

    /// Begins the patch of a job.
    pub fn start(&mut self, t: &Tables<'_>, nth: usize) {
        let head = &t.jobs[1 + nth * JOB..1 + (nth + 1) * JOB];
        self.patch = 1 + nth * PATCH;
        self.patches[self.patch] = head[0];
        (self.item, self.entry) = (head[5] as usize, head[6] as usize);
    }

    /// Begins a list, or ends the last one; number of its first item.
    pub fn list(&mut self, list: usize) -> u32 {
        self.patches[self.patch + 1 + list] = self.item as u32;
        self.item as u32
    }

    /// Adds an item; its number.
    pub fn item(&mut self, place: usize, value: f64, entries: &[(u32, f64)]) -> u32 {
        let first = self.entry;
        for &(to, weight) in entries {
            self.entry_at[self.entry] = to;
            self.entry_weight[self.entry] = weight;
            self.entry += 1;
        }
        let words = [place as u32, first as u32, self.entry as u32, 0];
        self.items[4 * self.item..4 * self.item + 4].copy_from_slice(&words);
        self.values[self.item] = value;
        self.item += 1;
        self.item as u32 - 1
    }
}
