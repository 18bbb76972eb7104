//! Mirror of `reckon.wgsl`.

use super::{Args, LANES};
use crate::engine::gpu::decisions::{ASKED, LACKS, LARGEST, SO_FAR};
use crate::engine::gpu::layout::ROW;
use crate::engine::gpu::rooms::{HITS, NEEDS, PRODUCTION, TRADE};

/// Says where what scenarios need begins, whether there is room, and how many workgroups build it.
pub fn reckon(a: &Args<'_>) {
    let (rooms, mut needs) = (a.whole(1), a.whole_mut(2));
    let (mut ledger, mut launches) = (a.whole_mut(3), a.whole_mut(4));
    let mut totals = [0u32; NEEDS];
    totals[HITS] = ledger[SO_FAR];
    for scenario in 0..a.sizes.groups as usize * LANES {
        for (need, total) in totals.iter_mut().enumerate() {
            let own = std::mem::replace(&mut needs[scenario * NEEDS + need], *total);
            *total = total.saturating_add(own);
        }
    }
    for (need, &total) in totals.iter().enumerate() {
        ledger[LARGEST + need] = ledger[LARGEST + need].max(total);
        if total > rooms[need] {
            ledger[LACKS] = 1;
        }
    }
    let has_room = ledger[LACKS] == 0;
    if has_room {
        ledger[SO_FAR] = totals[HITS];
    }
    for (nth, need) in [PRODUCTION, TRADE].into_iter().enumerate() {
        ledger[ASKED + nth] = if has_room { totals[need] } else { 0 };
    }
    for (nth, jobs) in [(rooms[NEEDS], ledger[ASKED]), (0, ledger[ASKED + 1])] {
        let row = ROW as u32;
        let words = [jobs.min(row), jobs.div_ceil(row), 1];
        launches[3 * nth as usize..3 * nth as usize + 3].copy_from_slice(&words);
    }
}
