//! Mirror of `part_marks.wgsl`.

use super::{Args, LANES};
use crate::engine::gpu::part_patches::{Head, PART_PATCH};

/// Marks what columns of patches send something to.
pub fn mark_parts(a: &Args<'_>) {
    let (patches, items, entry_at) = (a.whole(1), a.whole(2), a.whole(3));
    let (sources, mut sent, mut received) = (a.real(4), a.whole_mut(5), a.whole_mut(6));
    for words in patches[1..].chunks_exact(PART_PATCH).take(a.launched(patches[0])) {
        let head = Head::from_words(words);
        let group = head.first_lane as usize / LANES;
        for nth in head.sent_begin..head.rows_end {
            let item = &items[4 * nth as usize..];
            let mut entries = entry_at[item[1] as usize..item[2] as usize].iter();
            let sends = |column: &u32| {
                let first = (head.first_number + column * head.width) as usize;
                sources[first..first + head.width as usize].iter().any(|&source| source != 0.0)
            };
            if entries.any(sends) {
                let mask = if nth < head.rows_begin { &mut sent } else { &mut received };
                a.set(mask, group, item[0] as usize);
            }
        }
    }
}
