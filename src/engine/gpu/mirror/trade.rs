//! Mirror of `trade.wgsl`.

use super::{Args, LANES};

/// Adds the losses of every place's exporters to those of its output.
pub fn trade(a: &Args<'_>) {
    let (starts, exporters, weights) = (a.whole(1), a.whole(2), a.real(3));
    let (losses_in, active_in, made) = (a.real(4), a.whole(5), a.whole(6));
    let (mut losses_out, mut active_out) = (a.real_mut(7), a.whole_mut(8));
    for (group, place) in a.places() {
        let mut is_stored = a.is_set(&made, group, place);
        let mut sums = [0.0; LANES];
        if is_stored {
            let first = a.at(group, place, 0);
            sums.copy_from_slice(&losses_out[first..first + LANES]);
        }
        for k in starts[place] as usize..starts[place + 1] as usize {
            let exporter = exporters[k] as usize;
            if a.is_set(&active_in, group, exporter) {
                is_stored = true;
                for (lane, sum) in sums.iter_mut().enumerate() {
                    *sum += weights[k] * losses_in[a.at(group, exporter, lane)];
                }
            }
        }
        if is_stored {
            a.set(&mut active_out, group, place);
            for (lane, sum) in sums.into_iter().enumerate() {
                losses_out[a.at(group, place, lane)] = sum;
            }
        }
    }
}
