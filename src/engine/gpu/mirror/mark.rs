//! Mirror of `mark.wgsl`.

use super::{Args, LANES};
use crate::engine::gpu::patch::{COLUMNS, LISTS, PATCH, PROCESSES};

/// Marks every place that patches write.
pub fn mark(a: &Args<'_>) {
    let (patches, items, mut forced) = (a.whole(1), a.whole(2), a.whole_mut(3));
    for head in patches[1..].chunks_exact(PATCH).take(a.launched(patches[0])) {
        for list in (0..LISTS).filter(|list| ![PROCESSES, COLUMNS].contains(list)) {
            for item in head[1 + list]..head[2 + list] {
                let place = items[4 * item as usize] as usize;
                a.set(&mut forced, head[0] as usize / LANES, place);
            }
        }
    }
}
