//! Mirror of `part_sources.wgsl`.

use super::Args;
use crate::engine::gpu::part_patches::{Head, NOWHERE, PART_PATCH};

/// Finds what the columns of patches send.
pub fn find_sources(a: &Args<'_>) {
    let (patches, columns, known) = (a.whole(1), a.whole(2), a.real(3));
    let (losses_in, active_in, mut sources) = (a.real(4), a.whole(5), a.real_mut(6));
    for words in patches[1..].chunks_exact(PART_PATCH).take(a.launched(patches[0])) {
        let head = Head::from_words(words);
        let mut number = head.first_number as usize;
        for column in head.columns_begin..head.columns_end {
            let column = &columns[4 * column as usize..];
            let (place, mut first_known) = (column[0], column[2] as usize);
            for nth in 0..head.width {
                sources[number] = 0.0;
                if column[1] >> nth & 1 == 1 {
                    sources[number] = known[first_known];
                    first_known += 1;
                }
                if place != NOWHERE {
                    let lane = head.first_lane + nth;
                    sources[number] += a.loss(&losses_in, &active_in, lane, place);
                }
                number += 1;
            }
        }
    }
}
