//! Mirror of `part_flows.wgsl`.

use std::ops::Range;

use super::Args;
use crate::engine::gpu::part_patches::{Head, PART_PATCH};

/// Adds to what exporters pass on.
pub fn send_parts(a: &Args<'_>) {
    add_flows(a, |head| head.sent_begin..head.rows_begin);
}

/// Adds to the rows.
pub fn receive_parts(a: &Args<'_>) {
    add_flows(a, |head| head.rows_begin..head.rows_end);
}

fn add_flows(a: &Args<'_>, of: impl Fn(&Head) -> Range<u32>) {
    let (patches, items, entry_at) = (a.whole(1), a.whole(2), a.whole(3));
    let (entry_weight, sources, mut losses) = (a.real(4), a.real(5), a.real_mut(6));
    for words in patches[1..].chunks_exact(PART_PATCH).take(a.launched(patches[0])) {
        let head = Head::from_words(words);
        for item in of(&head) {
            let item = &items[4 * item as usize..];
            for nth in 0..head.width {
                let flow = |sum: f64, e: usize| {
                    let number = head.first_number + entry_at[e] * head.width + nth;
                    sum + entry_weight[e] * sources[number as usize]
                };
                let sum = (item[1] as usize..item[2] as usize).fold(0.0, flow);
                // Places that nothing comes to may have no stored loss.
                if sum != 0.0 {
                    losses[a.index(head.first_lane + nth, item[0])] += sum;
                }
            }
        }
    }
}
