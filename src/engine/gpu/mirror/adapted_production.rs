//! Mirror of `adapted_production.wgsl`.

use super::Args;
use super::adapted_trade::{Lists, amount};
use crate::engine::gpu::patch::{FED, FED_OUTPUTS, OUTPUTS, PROCESSES};

/// Leaves nothing of adapting inputs to the shared production.
pub fn feed(a: &Args<'_>) {
    let l = Lists::new(a);
    let (mut scratch, mut losses_in, before) = (a.real_mut(6), a.real_mut(7), a.real(10));
    for patch in l.patches() {
        for k in patch.list(FED) {
            let place = l.place(k);
            let loss = &mut losses_in[a.index(patch.scenario(), place)];
            scratch[k] = std::mem::replace(loss, before[place as usize]);
        }
    }
}

/// Puts what adaptation changes of production over the shared production.
pub fn produce(a: &Args<'_>) {
    let l = Lists::new(a);
    let (mut scratch, mut losses_in, mut losses_out) =
        (a.real_mut(6), a.real_mut(7), a.real_mut(9));
    let (active_in, before, output) = (a.whole(8), a.real(10), a.real(12));
    for patch in l.patches() {
        let scenario = patch.scenario();
        for k in patch.list(FED) {
            losses_in[a.index(scenario, l.place(k))] = scratch[k];
        }
        for k in patch.list(FED_OUTPUTS) {
            let mut loss = losses_out[a.index(scenario, l.place(k))];
            for (input, weight) in l.entries(k) {
                let fed = l.place(input) as usize;
                loss -= weight * (before[fed] - scratch[input]);
            }
            losses_out[a.index(scenario, l.place(k))] = loss;
        }
        for k in patch.list(PROCESSES) {
            let of = |place| amount(a, &losses_in, &active_in, &before, scenario, place as u32);
            scratch[k] = l.entries(k).fold(0.0, |sum, (place, weight)| sum + weight * of(place));
        }
        for k in patch.list(OUTPUTS) {
            let made =
                l.entries(k).fold(0.0, |sum, (process, share)| sum + share * scratch[process]);
            let place = l.place(k);
            losses_out[a.index(scenario, place)] = output[place as usize] - (made + l.value(k));
        }
    }
}
