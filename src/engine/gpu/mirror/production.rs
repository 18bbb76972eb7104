//! Mirror of `production.wgsl`.

use super::{Args, LANES};

/// Gathers the losses of every place's inputs.
pub fn production(a: &Args<'_>) {
    let (starts, sources, weights) = (a.whole(1), a.whole(2), a.real(3));
    let (losses_in, active_in, forced) = (a.real(4), a.whole(5), a.whole(6));
    let (mut losses_out, mut made) = (a.real_mut(7), a.whole_mut(8));
    for (group, place) in a.places() {
        let mut sums = [0.0; LANES];
        let mut is_stored = a.is_set(&forced, group, place);
        for k in starts[place] as usize..starts[place + 1] as usize {
            let source = sources[k] as usize;
            if a.is_set(&active_in, group, source) {
                is_stored = true;
                for (lane, sum) in sums.iter_mut().enumerate() {
                    *sum += weights[k] * losses_in[a.at(group, source, lane)];
                }
            }
        }
        if is_stored {
            a.set(&mut made, group, place);
            for (lane, sum) in sums.into_iter().enumerate() {
                losses_out[a.at(group, place, lane)] = sum;
            }
        }
    }
}
