//! Mirror of `list.wgsl`.

use super::deciding::{ADAPTING, SUBSTITUTING, marked};
use super::{Args, LANES};
use crate::engine::gpu::decisions::{ADAPTS, LACKS, SUBSTITUTES};
use crate::engine::gpu::rooms::{HITS, NEEDS};

/// Places that are hit in this step.
fn hit(a: &Args<'_>, orders: &[u32], marks: &[u32], scenario: usize) -> Vec<usize> {
    match orders[scenario] {
        order if order & ADAPTS != 0 => marked(a, marks, ADAPTING, scenario),
        order if order & SUBSTITUTES != 0 => marked(a, marks, SUBSTITUTING, scenario),
        _ => Vec::new(),
    }
}

/// Counts hits by scenario.
pub fn count_hits(a: &Args<'_>) {
    let (orders, marks, mut needs) = (a.whole(2), a.whole(3), a.whole_mut(7));
    for scenario in 0..a.workgroups[0] as usize {
        needs[scenario * NEEDS + HITS] = hit(a, &orders, &marks, scenario).len() as u32;
    }
}

/// Lists hits, and says where those of every scenario are.
pub fn list_hits(a: &Args<'_>) {
    let (limits, orders, marks) = (a.real(1), a.whole(2), a.whole(3));
    let (ledger, available, losses, needs) = (a.whole(4), a.real(5), a.real(6), a.whole_mut(7));
    let (mut ranges, mut hits, mut hit_losses) = (a.whole_mut(8), a.whole_mut(9), a.real_mut(10));
    if ledger[LACKS] != 0 {
        return;
    }
    let infinite = limits[2 * a.sizes.groups as usize * LANES];
    for scenario in 0..a.workgroups[0] as usize {
        let first = needs[scenario * NEEDS + HITS];
        let mut at = first as usize;
        for place in hit(a, &orders, &marks, scenario) {
            let loss = losses[a.index(scenario as u32, place as u32)];
            let of = available[place];
            hits[at] = place as u32;
            hit_losses[2 * at] = loss;
            hit_losses[2 * at + 1] = if of == 0.0 { infinite } else { loss / of };
            at += 1;
        }
        for (kind, bit) in [(ADAPTING, ADAPTS), (SUBSTITUTING, SUBSTITUTES)] {
            if orders[scenario] & bit != 0 {
                ranges[4 * scenario + 2 * kind] = first;
                ranges[4 * scenario + 2 * kind + 1] = at as u32;
            }
        }
    }
}
