//! Bringing a changed world to rest, as far as the world before was at rest.

use super::WhatIfError;
use crate::dataset::Parameters;
use crate::model::step;

/// Steps after which a world that still moves is refused.
const STEPS: usize = 5_000;

/// Largest movement of a settled world, relative to the largest amount that moves.
const AT_REST: f64 = 1e-13;

/// Amounts after one more step without start stock: `A x + b`.
fn next(p: &Parameters, x: &[f64]) -> Vec<f64> {
    // Start stocks are added in the first step only.
    step::available(&step::output(p, x, 1), &step::imports(p, x))
}

/// Moves `x0` of `after` so that the world drifts from it as little as it did `before`.
///
/// With `r = (A' x0 + b') - (A x0 + b)`, what the change adds in the first step, `x0' = x0 + d` where
/// `d = A' d + r`; then `A' x0' + b' - x0' = A x0 + b - x0`. `d` is the limit of that recursion.
///
/// # Errors
/// The recursion has no limit: the changed world feeds itself.
pub fn settle(before: &Parameters, after: &mut Parameters) -> Result<(), WhatIfError> {
    let at_rest = next(before, &before.x0);
    let added: Vec<f64> =
        next(after, &after.x0).iter().zip(&at_rest).map(|(new, old)| new - old).collect();
    if added.iter().all(|&r| r == 0.0) {
        return Ok(());
    }
    let mut moved = added.clone();
    let mut left = f64::INFINITY;
    for steps in 1..=STEPS {
        let next = step_of_difference(after, &moved, &added);
        let size = next.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        let step = next.iter().zip(&moved).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()));
        moved = next;
        if !size.is_finite() {
            return Err(WhatIfError::Endless { steps });
        }
        left = step / size.max(f64::MIN_POSITIVE);
        if left <= AT_REST {
            break;
        }
    }
    // Slow worlds are accepted once what is left is far below what is ever reported.
    if left > 1e-9 {
        return Err(WhatIfError::Unsettled { steps: STEPS, left });
    }
    for (x, d) in after.x0.iter_mut().zip(&moved) {
        // Rounding must not leave a sector with less than nothing.
        *x = (*x + d).max(0.0);
    }
    Ok(())
}

/// `A d + r`: the model's step is linear in the amounts but for outputs that need no input.
fn step_of_difference(p: &Parameters, d: &[f64], r: &[f64]) -> Vec<f64> {
    let scaled = |share: &[f64]| -> Vec<f64> { share.iter().zip(d).map(|(s, d)| s * d).collect() };
    let inputs = p.allocation_nu.times(&scaled(&p.share_eta_prod));
    let output = p.conversion_alpha.times(&inputs);
    let imports = p.trade_t.times(&scaled(&p.share_eta_exp));
    output.iter().zip(&imports).zip(r).map(|((o, h), r)| o + h + r).collect()
}
