//! Mirror of `decide.wgsl`.

use super::{Args, LANES};

/// Lists the sectors that reach the thresholds.
pub fn decide(a: &Args<'_>) {
    let (limits, available, losses, active_in) = (a.real(1), a.real(2), a.real(3), a.whole(4));
    let (mut count, mut hits, mut hit_losses) = (a.whole_mut(5), a.whole_mut(6), a.real_mut(7));
    for (group, place) in a.places() {
        if !a.is_set(&active_in, group, place) {
            continue;
        }
        for lane in 0..LANES {
            let scenario = group * LANES + lane;
            let (relative, absolute) = (limits[2 * scenario], limits[2 * scenario + 1]);
            let loss = losses[a.at(group, place, lane)];
            let reaches = || available[place] == 0.0 || loss / available[place] >= relative;
            if relative >= 0.0 && loss > 0.0 && loss >= absolute && reaches() {
                let hit = count[0];
                count[0] += 1;
                if hit < a.sizes.capacity {
                    hits[2 * hit as usize] = scenario as u32;
                    hits[2 * hit as usize + 1] = place as u32;
                    hit_losses[hit as usize] = loss;
                }
            }
        }
    }
}
