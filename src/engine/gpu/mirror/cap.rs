//! Mirror of `cap.wgsl`.

use super::{Args, LANES};

/// Keeps outputs below a multiple of the baseline's.
pub fn cap(a: &Args<'_>) {
    let (caps, output, made) = (a.real(1), a.real(2), a.whole(3));
    let mut losses = a.real_mut(4);
    for (group, place) in a.places() {
        if !a.is_set(&made, group, place) {
            continue;
        }
        for lane in 0..LANES {
            let multiple = caps[group * LANES + lane];
            if multiple >= 0.0 {
                let loss = &mut losses[a.at(group, place, lane)];
                *loss = loss.max(output[place] - multiple * output[place]);
            }
        }
    }
}
