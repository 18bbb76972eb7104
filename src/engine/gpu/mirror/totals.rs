//! Mirror of `totals.wgsl`.

use super::{Args, LANES};

/// Sums, counts and the largest loss and gain of every area.
pub fn totals(a: &Args<'_>) {
    let (marks, available, populated) = (a.real(1), a.real(2), a.whole(3));
    let (losses, active_in, shocked) = (a.real(4), a.whole(5), a.whole(6));
    let (shocks, shock_starts) = (a.whole(7), a.whole(8));
    let (mut parts, mut part_counts) = (a.real_mut(9), a.whole_mut(10));
    let (areas, items) = (a.sizes.areas as usize, a.sizes.items as usize);
    let is_shocked = |scenario: usize, place: usize| {
        let of = shock_starts[scenario] as usize..shock_starts[scenario + 1] as usize;
        a.is_set(&shocked, scenario / LANES, place)
            && of.into_iter().any(|k| shocks[2 * k + 1] as usize == place)
    };
    for scenario in 0..a.sizes.groups as usize * LANES {
        let (group, lane) = (scenario / LANES, scenario % LANES);
        for area in 0..areas {
            let (mut sum, mut largest, mut gain) = (0.0, 0.0, 0.0);
            let (mut largest_sector, mut gain_sector) = (u32::MAX, u32::MAX);
            let (mut rows, mut above) = (0, [0; 3]);
            for item in 0..items {
                let place = item * a.sizes.stride as usize + area;
                if !a.is_set(&active_in, group, place) {
                    continue;
                }
                let loss = losses[a.at(group, place, lane)];
                let sector = (area * items + item) as u32;
                sum += loss;
                for (count, mark) in above.iter_mut().zip(&marks[1..4]) {
                    *count += u32::from(loss != 0.0 && loss > mark * available[place]);
                }
                if loss > largest && !is_shocked(scenario, place) {
                    (largest, largest_sector) = (loss, sector);
                }
                if loss.abs() > marks[0] {
                    rows += 1;
                    let relative = -loss / available[place];
                    if loss < 0.0 && available[place] > 0.0 && relative > gain {
                        (gain, gain_sector) = (relative, sector);
                    }
                }
            }
            let part = group * areas + area;
            let of_populated = if populated[area] == 1 { sum } else { 0.0 };
            for (nth, value) in [sum, of_populated, largest, gain].into_iter().enumerate() {
                parts[(part * 4 + nth) * LANES + lane] = value;
            }
            let counts = [rows, above[0], above[1], above[2], largest_sector, gain_sector];
            for (nth, count) in counts.into_iter().enumerate() {
                part_counts[(part * 6 + nth) * LANES + lane] = count;
            }
        }
    }
}
