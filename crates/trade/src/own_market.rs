//! Every failure in an item that no link connects: a system of its own, and a small one.
//!
//! Without links nothing is made of anything, so `A_s` of [`crate::recursion`] is the same for all
//! failures, and what an area loses is passed on by trade alone:
//!
//! ```text
//! L(0) = P e_s        L(t)[c] = sum_d V[d,c] / x0[d] L(t-1)[d] + P[c] (c = s)
//! ```
//!
//! Failures are taken 16 at a time, flows by importer, so that a sum of a lane has one order:
//! the order of the flows. A step visits every flow once per group of lanes; all of HS (5,000 items, 230
//! areas, 11 million flows, ten steps) is 1.2 million failures and 2.3e10 multiplications.

use crate::balance::Balance;

/// Failures side by side.
const LANES: usize = 16;

type Lanes = [f64; LANES];

/// Losses after `steps` steps (t = 0 .. steps - 1), for each failing area by area: `take(area, losses)`.
pub fn losses(
    balance: &Balance,
    item: usize,
    failing: &[usize],
    steps: usize,
    take: &mut dyn FnMut(usize, &[f64]),
) {
    let production = balance.row(&balance.production, item);
    let flows = by_importer(balance, item);
    let mut of_one = vec![0.0; balance.areas];
    let mut lost: Vec<Lanes> = vec![[0.0; LANES]; balance.areas];
    let mut next = lost.clone();
    for group in failing.chunks(LANES) {
        lost.fill([0.0; LANES]);
        for (lane, &area) in group.iter().enumerate() {
            lost[area][lane] = production[area];
        }
        for _ in 1..steps {
            for (sums, flows) in next.iter_mut().zip(flows.rows()) {
                *sums = row(flows, &lost);
            }
            for (lane, &area) in group.iter().enumerate() {
                next[area][lane] += production[area];
            }
            std::mem::swap(&mut lost, &mut next);
        }
        for (lane, &area) in group.iter().enumerate() {
            of_one.iter_mut().zip(&lost).for_each(|(one, lanes)| *one = lanes[lane]);
            take(area, &of_one);
        }
    }
}

/// What an importer loses by what its suppliers have lost.
fn row(flows: &[(u32, f64)], lost: &[Lanes]) -> Lanes {
    let mut sums = [0.0; LANES];
    for &(exporter, share) in flows {
        let of = &lost[exporter as usize];
        for (sum, lost) in sums.iter_mut().zip(of) {
            *sum += share * lost;
        }
    }
    sums
}

/// Flows of an item by importer: exporter and `V / x0` of it.
struct ByImporter {
    starts: Vec<usize>,
    flows: Vec<(u32, f64)>,
}

impl ByImporter {
    fn rows(&self) -> impl Iterator<Item = &[(u32, f64)]> {
        self.starts.windows(2).map(|ends| &self.flows[ends[0]..ends[1]])
    }
}

fn by_importer(balance: &Balance, item: usize) -> ByImporter {
    let possessed = balance.row(&balance.possessed, item);
    let mut starts = vec![0; balance.areas + 1];
    for flow in &balance.flows[item] {
        starts[flow.importer + 1] += 1;
    }
    for area in 0..balance.areas {
        starts[area + 1] += starts[area];
    }
    let mut free = starts.clone();
    let mut flows = vec![(0, 0.0); balance.flows[item].len()];
    for flow in &balance.flows[item] {
        let share = flow.amount / possessed[flow.exporter];
        flows[free[flow.importer]] = (flow.exporter as u32, share);
        free[flow.importer] += 1;
    }
    ByImporter { starts, flows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::parameters;
    use crate::recursion;
    use crate::synth::synthesize;

    #[test]
    fn the_plain_recursion_loses_the_same() {
        let panel = synthesize(2);
        for rho in [0.0, 0.4, 1.0] {
            let balance = Balance::of(&panel, 3, rho);
            let plain = parameters(&balance, &[]);
            let mut compared = 0;
            for item in [0, balance.items - 1] {
                let made = balance.row(&balance.production, item);
                let failing: Vec<usize> = (0..balance.areas).filter(|&c| made[c] > 0.0).collect();
                for steps in [1, 2, 10] {
                    losses(&balance, item, &failing, steps, &mut |area, lost| {
                        let expected = recursion::losses(&balance, &plain, (item, area), steps);
                        for (c, &lost) in lost.iter().enumerate() {
                            let expected = expected[balance.at(item, c)];
                            let near = (lost - expected).abs() <= 1e-12 * expected.abs();
                            assert!(near, "{lost} instead of {expected}");
                            compared += usize::from(lost > 0.0);
                        }
                    });
                }
            }
            assert!(compared > 100, "{compared}");
        }
    }
}
