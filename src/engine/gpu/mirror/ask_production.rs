//! Mirror of `ask_production.wgsl`.

use super::Args;
use super::deciding::{ADAPTING, Asked, Writer, adapted_share, marked, plus};
use crate::engine::gpu::decisions::{ADAPTS, ASKED, LACKS};
use crate::engine::gpu::rooms::PRODUCTION;

/// Room of a sector or an area.
fn room(rooms: &[u32], nth: usize) -> [u32; 4] {
    std::array::from_fn(|word| rooms[1 + 4 * nth + word])
}

/// What a scenario asks for; without the amounts of members if there are no hits yet.
fn asked(a: &Args<'_>, scenario: usize, with_amounts: bool) -> Vec<Asked> {
    let (orders, marks, ranges, hit_losses) = (a.whole(1), a.whole(2), a.whole(4), a.real(5));
    let (rooms, amounts) = (a.whole(6), a.real(7));
    if orders[scenario] & ADAPTS == 0 {
        return Vec::new();
    }
    let (items, areas) = (a.sizes.items as usize, a.sizes.areas as usize);
    let stride = a.sizes.stride as usize;
    let places = marked(a, &marks, ADAPTING, scenario);
    let of_area = |area: usize| {
        let hits = || places.iter().enumerate().filter(move |(_, place)| *place % stride == area);
        hits().next()?;
        let of_hits =
            hits().map(|(_, place)| room(&rooms, area * items + place / stride)).fold([0; 4], plus);
        let most = room(&rooms, areas * items + area);
        let [made, outputs, shares, inputs] = std::array::from_fn(|at| of_hits[at].min(most[at]));
        let (members, all) = (hits().count() as u32, items as u32);
        let processes = shares.min(rooms[0]);
        let of_items = members + made.min(all) + processes + outputs.min(all);
        let of_members = (processes * members).saturating_add(shares);
        let entries = made.saturating_add(inputs).saturating_add(of_members);
        let member = |(nth, &place): (usize, &usize)| {
            if !with_amounts {
                return (place / stride, [0.0; 2]);
            }
            let rl = hit_losses[2 * (ranges[4 * scenario] as usize + nth) + 1];
            let share = adapted_share(&amounts, place, 1, orders[scenario], rl);
            (place / stride, [rl, share])
        };
        Some(Asked {
            subject: area,
            room: [of_items, entries],
            members: hits().map(member).collect(),
            adapting: members as usize,
        })
    };
    (0..areas).filter_map(of_area).collect()
}

fn writer<'a>(a: &'a Args<'_>) -> Writer<'a> {
    Writer {
        needs: a.whole_mut(8),
        jobs: a.whole_mut(9),
        member_at: a.whole_mut(10),
        member_amounts: a.real_mut(11),
        orders: a.whole(1),
        part: PRODUCTION,
    }
}

/// Counts what scenarios ask for of production.
pub fn count_production(a: &Args<'_>) {
    let mut writer = writer(a);
    for scenario in 0..a.workgroups[0] as usize {
        writer.count(scenario, &asked(a, scenario, false));
    }
}

/// Asks for it.
pub fn ask_production(a: &Args<'_>) {
    let (mut writer, ledger) = (writer(a), a.whole(3));
    writer.jobs[0] = ledger[ASKED];
    for scenario in (0..a.workgroups[0] as usize).filter(|_| ledger[LACKS] == 0) {
        writer.write(scenario, &asked(a, scenario, true));
    }
}
