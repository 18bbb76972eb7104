// Marks every place that a patch writes, so that it has a stored loss from now on. One workgroup per patch.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> forced: array<atomic<u32>>;

fn mark_patch(patch_at: u32, invocation: u32) {
    let group = patches[patch_at] / LANES;
    for (var list = 0u; list < LISTS; list += 1u) {
        if list == PROCESSES || list == COLUMNS {
            continue;
        }
        let end = patches[patch_at + 2u + list];
        for (var k = patches[patch_at + 1u + list] + invocation; k < end; k += 64u) {
            atomicOr(&forced[word(group, items[k].x)], bit(items[k].x));
        }
    }
}

@compute @workgroup_size(64)
fn mark(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        mark_patch(1u + nth * PATCH, local.x);
    }
}
