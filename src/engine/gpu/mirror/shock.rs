//! Mirror of `shock.wgsl`.

use super::Args;

/// Takes the shocked shares of output away.
pub fn shock(a: &Args<'_>) {
    let (shocks, phi, output) = (a.whole(1), a.real(2), a.real(3));
    let mut losses = a.real_mut(4);
    for (shock, phi) in shocks.chunks_exact(2).zip(&*phi) {
        let loss = &mut losses[a.index(shock[0], shock[1])];
        *loss = phi * output[shock[1] as usize] + (1.0 - phi) * *loss;
    }
}
