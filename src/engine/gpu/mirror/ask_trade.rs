//! Mirror of `ask_trade.wgsl`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Args;
use super::deciding::{ADAPTING, Asked, SUBSTITUTING, Writer, adapted_share, marked};
use crate::engine::gpu::choices::SHARES;
use crate::engine::gpu::decisions::{ASKED, CONFLICT, LACKS};
use crate::engine::gpu::rooms::TRADE;

/// Entries of a row of substitutes, and their items.
fn row(a: &Args<'_>, substitutes: &[u32], row: usize) -> Range<usize> {
    let first = 2 * a.sizes.places as usize + 1;
    first + substitutes[row] as usize..first + substitutes[row + 1] as usize
}

/// Growth of what a place imports, of what the places `lost` stand for.
fn growth(a: &Args<'_>, scenario: usize, place: usize, lost: &[usize]) -> f64 {
    let (orders, substitutes, amounts) = (a.whole(1), a.whole(7), a.real(8));
    let (stride, places) = (a.sizes.stride as usize, a.sizes.places as usize);
    let factors = places * SHARES;
    let mut growth = 1.0;
    for entry in row(a, &substitutes, places + place) {
        let of = substitutes[entry] as usize * stride + place % stride;
        if lost.binary_search(&of).is_ok() {
            let factor: f64 = amounts[factors + entry - 2 * places - 1];
            growth = match orders[scenario] / CONFLICT {
                0 => factor,
                1 => factor.max(growth),
                _ => growth * factor,
            };
        }
    }
    growth
}

/// What a scenario asks for; without the amounts of members if there are no hits yet.
fn asked(a: &Args<'_>, scenario: usize, with_amounts: bool) -> Vec<Asked> {
    let (orders, marks, ranges, hit_losses) = (a.whole(1), a.whole(2), a.whole(4), a.real(5));
    let (starts, substitutes, amounts) = (a.whole(6), a.whole(7), a.real(8));
    let (stride, areas) = (a.sizes.stride as usize, a.sizes.areas);
    let places = a.sizes.places as usize;
    let adapting = marked(a, &marks, ADAPTING, scenario);
    let lost = marked(a, &marks, SUBSTITUTING, scenario);
    let mut grown = BTreeSet::new();
    for &place in &lost {
        let items = substitutes[row(a, &substitutes, place)].iter();
        grown.extend(items.map(|&item| item as usize * stride + place % stride));
    }
    let length = |row: usize| starts[row + 2] - starts[row + 1];
    let of_item = |item: usize| {
        let is_of = |place: &usize| place / stride == item;
        let hits: Vec<usize> = (0..adapting.len()).filter(|&nth| is_of(&adapting[nth])).collect();
        let growing: Vec<usize> = grown.iter().copied().filter(is_of).collect();
        if hits.is_empty() && growing.is_empty() {
            return None;
        }
        let imports: u32 = hits.iter().map(|&nth| length(adapting[nth])).sum();
        let exports: u32 = hits.iter().map(|&nth| length(places + adapting[nth])).sum();
        let grown_imports: u32 = growing.iter().map(|&place| length(place)).sum();
        let (count, grows) = (hits.len() as u32, growing.len() as u32);
        let columns = exports + count * count;
        let factors = areas.min(imports + grown_imports);
        let items = factors + 2 * count + areas.min(columns) + count + grows;
        let hit = |&nth: &usize| {
            let place = adapting[nth];
            if !with_amounts {
                return (place % stride, [0.0; 2]);
            }
            let rl = hit_losses[2 * (ranges[4 * scenario] as usize + nth) + 1];
            (place % stride, [rl, adapted_share(&amounts, place, 0, orders[scenario], rl)])
        };
        let grows = |&place: &usize| (place % stride, [growth(a, scenario, place, &lost), 0.0]);
        Some(Asked {
            subject: item,
            room: [items, columns + imports + count * count],
            members: hits.iter().map(hit).chain(growing.iter().map(grows)).collect(),
            adapting: hits.len(),
        })
    };
    (0..a.sizes.items as usize).filter_map(of_item).collect()
}

fn writer<'a>(a: &'a Args<'_>) -> Writer<'a> {
    Writer {
        needs: a.whole_mut(9),
        jobs: a.whole_mut(10),
        member_at: a.whole_mut(11),
        member_amounts: a.real_mut(12),
        orders: a.whole(1),
        part: TRADE,
    }
}

/// Counts what scenarios ask for of trade.
pub fn count_trade(a: &Args<'_>) {
    let mut writer = writer(a);
    for scenario in 0..a.workgroups[0] as usize {
        writer.count(scenario, &asked(a, scenario, false));
    }
}

/// Asks for it.
pub fn ask_trade(a: &Args<'_>) {
    let (mut writer, ledger) = (writer(a), a.whole(3));
    writer.jobs[0] = ledger[ASKED + 1];
    for scenario in (0..a.workgroups[0] as usize).filter(|_| ledger[LACKS] == 0) {
        writer.write(scenario, &asked(a, scenario, true));
    }
}
