//! Mirror of `compact.wgsl`.

use super::{Args, LANES};

/// Rows of every scenario, one after the other, ascending by sector.
pub fn compact(a: &Args<'_>) {
    let (marks, losses, active_in) = (a.real(1), a.real(2), a.whole(3));
    let (first, rows_before) = (a.whole(4), a.whole(5));
    let (mut row_sectors, mut row_losses) = (a.whole_mut(6), a.real_mut(7));
    let (areas, items) = (a.sizes.areas as usize, a.sizes.items as usize);
    for scenario in 0..a.sizes.groups as usize * LANES {
        let (group, lane) = (scenario / LANES, scenario % LANES);
        for area in 0..areas {
            let before = rows_before[(group * areas + area) * LANES + lane];
            let mut row = (first[scenario] + before) as usize;
            for item in 0..items {
                let place = item * a.sizes.stride as usize + area;
                if !a.is_set(&active_in, group, place) {
                    continue;
                }
                let loss = losses[a.at(group, place, lane)];
                if loss.abs() > marks[0] {
                    row_sectors[row] = (area * items + item) as u32;
                    row_losses[row] = loss;
                    row += 1;
                }
            }
        }
    }
}
