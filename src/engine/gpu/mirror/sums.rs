//! Mirror of `sums.wgsl`.

use super::{Args, LANES};

fn sum_at(a: &Args<'_>, group: usize, line: usize, lane: usize) -> usize {
    (group * (a.sizes.areas + 2 * a.sizes.items) as usize + line) * LANES + lane
}

/// Every scenario with its losses by area and item.
fn each(a: &Args<'_>, mut with: impl FnMut(usize, usize, &dyn Fn(usize, usize) -> f64)) {
    let (losses, active_in) = (a.real(3), a.whole(4));
    for scenario in 0..a.sizes.groups as usize * LANES {
        let (group, lane) = (scenario / LANES, scenario % LANES);
        let loss = |area: usize, item: usize| {
            let place = item * a.sizes.stride as usize + area;
            match a.is_set(&active_in, group, place) {
                true => losses[a.at(group, place, lane)],
                false => 0.0,
            }
        };
        with(group, lane, &loss);
    }
}

/// Losses by area, over the items that count.
pub fn sum_areas(a: &Args<'_>) {
    let (counted, mut sums) = (a.whole(1), a.real_mut(5));
    each(a, |group, lane, loss| {
        for area in 0..a.sizes.areas as usize {
            let items = (0..a.sizes.items as usize).filter(|&item| counted[item] == 1);
            sums[sum_at(a, group, area, lane)] =
                items.fold(0.0, |sum, item| sum + loss(area, item));
        }
    });
}

/// Losses by item, over all areas and over those with a population.
pub fn sum_items(a: &Args<'_>) {
    let (populated, mut sums) = (a.whole(2), a.real_mut(5));
    let (areas, items) = (a.sizes.areas as usize, a.sizes.items as usize);
    each(a, |group, lane, loss| {
        for item in 0..items {
            let all = (0..areas).fold(0.0, |sum, area| sum + loss(area, item));
            let of = (0..areas).filter(|&area| populated[area] == 1);
            sums[sum_at(a, group, areas + item, lane)] = all;
            sums[sum_at(a, group, areas + items + item, lane)] =
                of.fold(0.0, |sum, area| sum + loss(area, item));
        }
    });
}
