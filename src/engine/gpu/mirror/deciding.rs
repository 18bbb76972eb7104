//! Mirror of `deciding.wgsl` and `shares.wgsl`: what the kernels that turn hits into jobs share.

use std::cell::{Ref, RefMut};

use super::{Args, LANES};
use crate::engine::gpu::build::JOB;
use crate::engine::gpu::choices::{SHARE, SHARES};
use crate::engine::gpu::decisions::KEEPS;
use crate::engine::gpu::rooms::NEEDS;

/// Marks of places that adapt.
pub const ADAPTING: usize = 0;
/// Marks of places that substitute.
pub const SUBSTITUTING: usize = 1;

/// Word of the marks of a scenario.
pub fn mark_at(a: &Args<'_>, kind: usize, scenario: usize, word: usize) -> usize {
    let scenarios = a.sizes.groups as usize * LANES;
    (kind * scenarios + scenario) * a.sizes.words as usize + word
}

/// Marked places, ascending.
pub fn marked(a: &Args<'_>, marks: &[u32], kind: usize, scenario: usize) -> Vec<usize> {
    let is_marked =
        |&place: &usize| marks[mark_at(a, kind, scenario, place / 32)] >> (place % 32) & 1 == 1;
    (0..a.sizes.places as usize).filter(is_marked).collect()
}

/// Sums that end at the largest number.
pub fn plus(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    std::array::from_fn(|at| a[at].saturating_add(b[at]))
}

/// Share of exports (0) or production (1) of a place that has adapted.
pub fn adapted_share(amounts: &[f64], place: usize, which: usize, order: u32, rl: f64) -> f64 {
    let shares: Vec<&[f64]> =
        amounts[place * SHARES..(place + 1) * SHARES].chunks_exact(SHARE).collect();
    let changed = |of: &&[f64]| match (of[3] != 0.0, order & KEEPS != 0) {
        (true, _) => (of[0] * of[1] + of[2]) * rl,
        (false, true) => of[0],
        (false, false) => 0.0,
    };
    let new: Vec<f64> = shares.iter().map(changed).collect();
    let sum = new[0] + new[1] + new[2];
    match shares.iter().any(|of| of[3] != 0.0) && sum > 0.0 {
        true => new[which] / sum,
        false => shares[which][0],
    }
}

/// A job of a scenario: what it is about, what it needs, and its members.
pub struct Asked {
    pub subject: usize,
    /// Items and entries.
    pub room: [u32; 2],
    /// Area or item, two numbers.
    pub members: Vec<(usize, [f64; 2])>,
    /// How many of them adapt.
    pub adapting: usize,
}

/// Sum of what jobs need: jobs, members, items, entries.
pub fn needed(asked: &[Asked]) -> [u32; 4] {
    let of = |job: &Asked| [1, job.members.len() as u32, job.room[0], job.room[1]];
    asked.iter().fold([0; 4], |sum, job| plus(sum, of(job)))
}

/// Jobs on their way into their buffers.
pub struct Writer<'a> {
    pub needs: RefMut<'a, [u32]>,
    pub jobs: RefMut<'a, [u32]>,
    pub member_at: RefMut<'a, [u32]>,
    pub member_amounts: RefMut<'a, [f64]>,
    pub orders: Ref<'a, [u32]>,
    /// First of the needs: of production or of trade.
    pub part: usize,
}

impl Writer<'_> {
    /// Writes how much a scenario needs.
    pub fn count(&mut self, scenario: usize, asked: &[Asked]) {
        let first = scenario * NEEDS + self.part;
        self.needs[first..first + 4].copy_from_slice(&needed(asked));
    }

    /// Writes a scenario's jobs where its needs say that they begin.
    pub fn write(&mut self, scenario: usize, asked: &[Asked]) {
        let first = scenario * NEEDS + self.part;
        let mut next: Vec<usize> =
            self.needs[first..first + 4].iter().map(|&n| n as usize).collect();
        for job in asked {
            let (member, count) = (next[1], job.members.len());
            let keeps = self.orders[scenario] & KEEPS != 0;
            let head = [
                scenario,
                job.subject,
                member,
                member + job.adapting,
                member + count,
                next[2],
                next[3],
                usize::from(keeps),
            ];
            let at = 1 + next[0] * JOB;
            for (word, value) in self.jobs[at..at + JOB].iter_mut().zip(head) {
                *word = value as u32;
            }
            for (nth, (at, amounts)) in (member..).zip(&job.members) {
                self.member_at[nth] = *at as u32;
                self.member_amounts[2 * nth..2 * nth + 2].copy_from_slice(amounts);
            }
            let own = [1, count, job.room[0] as usize, job.room[1] as usize];
            next.iter_mut().zip(own).for_each(|(next, own)| *next += own);
        }
    }
}
