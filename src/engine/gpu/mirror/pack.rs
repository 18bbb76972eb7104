//! Mirror of `pack.wgsl`.

use super::{Args, LANES};

/// Puts the losses that are stored side by side.
pub fn pack(a: &Args<'_>) {
    let (stored_before, losses) = (a.whole(1), a.real(2));
    let (active_in, mut packed) = (a.whole(3), a.real_mut(4));
    for (at_word, &mask) in active_in.iter().enumerate() {
        let (group, word) = (at_word / a.sizes.words as usize, at_word % a.sizes.words as usize);
        let stored = (0..32).filter(|bit| mask >> bit & 1 == 1);
        for (nth, bit) in (stored_before[at_word] as usize..).zip(stored) {
            let from = a.at(group, word * 32 + bit, 0);
            packed[nth * LANES..][..LANES].copy_from_slice(&losses[from..from + LANES]);
        }
    }
}
