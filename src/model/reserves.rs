//! Reserves: shocksweep's own option, whose absence both papers name as a limit. Off by default.
//!
//! A sector's reserve `R` acts at the end of a step, on what is available after production and trade, and
//! before sectors adapt or substitute:
//!
//! ```text
//! l = xb(t) - o(t) - h(t)                                   loss before the reserve acts
//! r = min(R(t-1), cover max(0, l))                          automatic
//! r = min(R(t-1), release[t])                               at stated steps, 0 after the last
//! f = min(size - R(t-1), max(0, -l)), 0 where r > 0         only where it is refilled
//! x(t) = o(t) + h(t) + r - f          R(t) = R(t-1) - r + f          R(-1) = size
//! ```
//!
//! So `0 <= R <= size`, and what is given less what is taken back is what the reserve has lost: amounts are
//! conserved. The baseline is the run without a shock, in which no reserve acts, also none at stated steps: what
//! these give is a gain against it. A release is not linear in losses: the recursion of [`crate::interaction`]
//! and the rules of [`crate::superposition`] do not hold, and pairs of such a dataset are run jointly.

use crate::dataset::reserves::{Release, Reserve};

/// What a reserve adds to what is available in step `t`, given the loss before it acts; negative where it
/// is refilled. `left` is what it holds.
#[inline]
pub fn act(reserve: &Reserve, left: &mut f64, loss: f64, t: usize) -> f64 {
    let wanted = match &reserve.release {
        Release::Automatic { cover } if loss > 0.0 => cover * loss,
        Release::Automatic { .. } => 0.0,
        Release::Steps(amounts) => amounts.get(t).copied().unwrap_or(0.0),
    };
    let given = left.min(wanted);
    if given > 0.0 {
        *left -= given;
        return given;
    }
    if reserve.refilled && loss < 0.0 {
        let taken = (reserve.size - *left).min(-loss).max(0.0);
        *left += taken;
        return -taken;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve(release: Release, refilled: bool) -> Reserve {
        Reserve { sector: 0, size: 100.0, release, refilled }
    }

    #[test]
    fn a_reserve_covers_losses_until_it_is_empty() {
        let automatic = reserve(Release::Automatic { cover: 0.5 }, false);
        let mut left = automatic.size;
        let given: Vec<f64> =
            [80.0, 0.0, 100.0, 40.0, -50.0].map(|loss| act(&automatic, &mut left, loss, 0)).into();
        assert_eq!(given, [40.0, 0.0, 50.0, 10.0, 0.0]);
        assert_eq!(left, 0.0);
    }

    #[test]
    fn amounts_at_stated_steps_and_filling_up() {
        let stated = reserve(Release::Steps(vec![0.0, 70.0, 70.0]), true);
        let mut left = stated.size;
        let losses = [10.0, -5.0, 20.0, -60.0, -60.0];
        let given: Vec<f64> = (0..5).map(|t| act(&stated, &mut left, losses[t], t)).collect();
        assert_eq!(given, [0.0, 70.0, 30.0, -60.0, -40.0]);
        assert_eq!(left, 100.0);
    }
}
