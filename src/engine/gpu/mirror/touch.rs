//! Mirror of `touch.wgsl`.

use super::{Args, LANES};

/// Gives every place of `forced` a stored loss.
pub fn touch(a: &Args<'_>) {
    let (forced, active_in) = (a.whole(1), a.whole(2));
    let (mut losses, mut active_out) = (a.real_mut(3), a.whole_mut(4));
    for (group, place) in a.places() {
        if a.is_set(&forced, group, place) && !a.is_set(&active_in, group, place) {
            for lane in 0..LANES {
                losses[a.at(group, place, lane)] = 0.0;
            }
        }
    }
    for (word, out) in active_out.iter_mut().enumerate() {
        *out = active_in[word] | forced[word];
    }
}
