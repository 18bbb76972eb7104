// Marks what columns of patches send something to in this step: these places must have a stored loss, and no others, since
// every stored one makes the shared network look where it leads. One workgroup per patch.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> entry_at: array<u32>;
@group(0) @binding(4) var<storage, read> sources: array<real>;
@group(0) @binding(5) var<storage, read_write> sent: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> received: array<atomic<u32>>;

fn is_reached(patch_at: u32, item: vec4<u32>, nth: u32) -> bool {
    let width = patches[patch_at + WIDTH];
    let first = patches[patch_at + FIRST_NUMBER] + nth;
    for (var e = item.y; e < item.z; e += 1u) {
        if sources[first + entry_at[e] * width] != real(0.0) {
            return true;
        }
    }
    return false;
}

fn mark_of_patch(patch_at: u32, invocation: u32) {
    let width = patches[patch_at + WIDTH];
    let group = patches[patch_at + FIRST_LANE] / LANES;
    let begin = patches[patch_at + SENT_BEGIN];
    let rows = patches[patch_at + ROWS_BEGIN];
    let numbers = (patches[patch_at + ROWS_END] - begin) * width;
    for (var k = invocation; k < numbers; k += 64u) {
        let at_item = begin + k / width;
        let item = items[at_item];
        if is_reached(patch_at, item, k % width) {
            if at_item < rows {
                atomicOr(&sent[word(group, item.x)], bit(item.x));
            } else {
                atomicOr(&received[word(group, item.x)], bit(item.x));
            }
        }
    }
}

@compute @workgroup_size(64)
fn mark_parts(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        mark_of_patch(1u + nth * PART_PATCH, local.x);
    }
}
