//! Mirror of `reserve.wgsl`.

use super::{Args, LANES};

/// Lets the reserves act on the losses of a step.
pub fn reserve(a: &Args<'_>) {
    let (reserves, amounts) = (a.whole(1), a.real(2));
    let (mut left, mut losses) = (a.real_mut(3), a.real_mut(4));
    let groups = a.sizes.groups as usize;
    for (nth, (of, amounts)) in reserves
        .chunks_exact(2)
        .zip(amounts.chunks_exact(3))
        .take(a.workgroups[0] as usize)
        .enumerate()
    {
        let &[size, cover, stated] = amounts else { continue };
        for group in 0..groups {
            for lane in 0..LANES {
                let held = &mut left[(nth * groups + group) * LANES + lane];
                let loss = &mut losses[a.at(group, of[0] as usize, lane)];
                let wanted = if *loss > 0.0 { stated + cover * *loss } else { stated };
                let given = held.min(wanted);
                if given > 0.0 {
                    *held -= given;
                    *loss -= given;
                } else if of[1] == 1 && *loss < 0.0 {
                    let taken = (size - *held).min(-*loss).max(0.0);
                    *held += taken;
                    *loss += taken;
                }
            }
        }
    }
}
