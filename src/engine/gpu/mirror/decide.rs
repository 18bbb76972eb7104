//! Mirror of `decide.wgsl`.

use super::deciding::{ADAPTING, SUBSTITUTING, mark_at};
use super::{Args, LANES};
use crate::engine::gpu::decisions::{ADAPTS, SUBSTITUTES};

/// Marks the sectors that reach the thresholds.
pub fn decide(a: &Args<'_>) {
    let (limits, orders, available) = (a.real(1), a.whole(2), a.real(3));
    let (losses, active_in, mut marks) = (a.real(4), a.whole(5), a.whole_mut(6));
    let words = a.sizes.words as usize;
    for scenario in 0..a.sizes.groups as usize * LANES {
        let (relative, absolute) = (limits[2 * scenario], limits[2 * scenario + 1]);
        let group = scenario / LANES;
        let is_hit = |place: usize| {
            let loss = losses[a.at(group, place, scenario % LANES)];
            let reaches = || available[place] == 0.0 || loss / available[place] >= relative;
            relative >= 0.0
                && a.is_set(&active_in, group, place)
                && loss > 0.0
                && loss >= absolute
                && reaches()
        };
        for word in 0..words {
            let hit = (0..32).filter(|bit| is_hit(32 * word + bit)).fold(0, |m, bit| m | 1 << bit);
            for (kind, bit) in [(ADAPTING, ADAPTS), (SUBSTITUTING, SUBSTITUTES)] {
                if orders[scenario] & bit != 0 {
                    marks[mark_at(a, kind, scenario, word)] = hit;
                }
            }
        }
    }
}
