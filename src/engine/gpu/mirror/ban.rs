//! Mirror of `ban.wgsl`.

use super::Args;
use crate::engine::gpu::bans::BAN;

/// Keeps the amounts that exporters under a ban send from.
pub fn ship(a: &Args<'_>) {
    let (bans, items) = (a.whole(1), a.whole(2));
    let (mut scratch, losses) = (a.real_mut(5), a.real_mut(6));
    let (active_in, before) = (a.whole(7), a.real(8));
    for ban in bans.chunks_exact(BAN).take(a.workgroups[0] as usize) {
        for k in ban[1] as usize..ban[2] as usize {
            let place = items[4 * k];
            scratch[k] = before[place as usize] - a.loss(&losses, &active_in, ban[0], place);
        }
    }
}

/// Takes banned shares away from importers, and gives them what is rerouted or kept.
pub fn embargo(a: &Args<'_>) {
    let (bans, items, entry_at, weights) = (a.whole(1), a.whole(2), a.whole(3), a.real(4));
    let (scratch, mut losses) = (a.real_mut(5), a.real_mut(6));
    for ban in bans.chunks_exact(BAN).take(a.workgroups[0] as usize) {
        for k in ban[2] as usize..ban[3] as usize {
            let loss = &mut losses[a.index(ban[0], items[4 * k])];
            for e in items[4 * k + 1] as usize..items[4 * k + 2] as usize {
                *loss -= weights[e] * scratch[entry_at[e] as usize];
            }
        }
    }
}
