//! Mirror of `reduce.wgsl`.

use super::{Args, LANES};

/// Totals of every scenario from those of its areas.
pub fn reduce(a: &Args<'_>) {
    let (parts, part_counts) = (a.real(1), a.whole(2));
    let (mut rows_before, mut totals, mut counts) = (a.whole_mut(3), a.real_mut(4), a.whole_mut(5));
    let areas = a.sizes.areas as usize;
    for scenario in 0..a.sizes.groups as usize * LANES {
        let (group, lane) = (scenario / LANES, scenario % LANES);
        let mut values = [0.0; 4];
        let mut found = [0, 0, 0, 0, u32::MAX, u32::MAX];
        for part in group * areas..(group + 1) * areas {
            let value = |nth: usize| parts[(part * 4 + nth) * LANES + lane];
            let count = |nth: usize| part_counts[(part * 6 + nth) * LANES + lane];
            rows_before[part * LANES + lane] = found[0];
            values[0] += value(0);
            values[1] += value(1);
            for (nth, sector) in [(2, 4), (3, 5)] {
                if value(nth) > values[nth] {
                    values[nth] = value(nth);
                    found[sector] = count(sector);
                }
            }
            for (nth, sum) in found.iter_mut().enumerate().take(4) {
                *sum += count(nth);
            }
        }
        for (nth, value) in values.into_iter().enumerate() {
            totals[(group * 4 + nth) * LANES + lane] = value;
        }
        for (nth, count) in found.into_iter().enumerate() {
            counts[(group * 6 + nth) * LANES + lane] = count;
        }
    }
}
