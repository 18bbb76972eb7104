// Marks what columns of patches send something to in this step: these places must have a stored loss, and no others, since
// every stored one makes the shared network look where it leads. A column of workgroups per patch.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> entry_at: array<u32>;
@group(0) @binding(4) var<storage, read> sources: array<real>;
@group(0) @binding(5) var<storage, read_write> sent: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> received: array<atomic<u32>>;

// Whether the column of entry e sends anything in a lane: that of the number `first`.
fn sends(e: u32, first: u32, width: u32) -> bool {
    return sources[first + entry_at[e] * width] != real(0.0);
}

fn is_reached(patch_at: u32, item: vec4<u32>, nth: u32) -> bool {
    let width = patches[patch_at + WIDTH];
    let first = patches[patch_at + FIRST_NUMBER] + nth;
    var e = item.y;
    for (; e + 4u <= item.z; e += 4u) {
        // Four at a time: the loads of one do not wait for those of another.
        let one_of_two = sends(e, first, width) | sends(e + 1u, first, width);
        if one_of_two | sends(e + 2u, first, width) | sends(e + 3u, first, width) {
            return true;
        }
    }
    for (; e < item.z; e += 1u) {
        if sends(e, first, width) {
            return true;
        }
    }
    return false;
}

fn mark_of_patch(patch_at: u32, mine: vec2<u32>) {
    let width = patches[patch_at + WIDTH];
    let group = patches[patch_at + FIRST_LANE] / LANES;
    let begin = patches[patch_at + SENT_BEGIN];
    let rows = patches[patch_at + ROWS_BEGIN];
    let numbers = (patches[patch_at + ROWS_END] - begin) * width;
    for (var k = mine.x; k < numbers; k += mine.y) {
        let at_item = begin + k / width;
        let item = items[at_item];
        if is_reached(patch_at, item, k % width) {
            // Most are marked by another lane already: many who write one word wait for one another.
            let at_word = word(group, item.x);
            if at_item < rows {
                if (atomicLoad(&sent[at_word]) & bit(item.x)) == 0u {
                    atomicOr(&sent[at_word], bit(item.x));
                }
            } else if (atomicLoad(&received[at_word]) & bit(item.x)) == 0u {
                atomicOr(&received[at_word], bit(item.x));
            }
        }
    }
}

@compute @workgroup_size(64)
fn mark_parts(runner: Runner) {
    if runner.workgroup.x < patches[0] {
        mark_of_patch(patch_of(runner), share(runner));
    }
}
