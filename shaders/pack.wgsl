// Puts the losses that are stored side by side, for the host to read those alone. One workgroup per mask word.

// Before every mask word of the batch: places stored in those before.
@group(0) @binding(1) var<storage, read> stored_before: array<u32>;
@group(0) @binding(2) var<storage, read> losses: array<real>;
@group(0) @binding(3) var<storage, read> active_in: array<u32>;
@group(0) @binding(4) var<storage, read_write> packed: array<real>;

@compute @workgroup_size(32, 8)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let at_word = group * sizes.words + workgroup.x;
    let mask = active_in[at_word];
    for (var row = local.y; row < 32u; row += 8u) {
        if (mask >> row & 1u) == 1u {
            let nth = stored_before[at_word] + countOneBits(mask & ((1u << row) - 1u));
            packed[nth * LANES + local.x] = losses[at(group, workgroup.x * 32u + row, local.x)];
        }
    }
}
