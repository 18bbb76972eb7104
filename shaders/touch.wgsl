// Gives every place of `forced` a stored loss: 0 where there was none. One workgroup per mask word.

@group(0) @binding(1) var<storage, read> forced: array<u32>;
@group(0) @binding(2) var<storage, read> active_in: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<real>;
@group(0) @binding(4) var<storage, read_write> active_out: array<u32>;

@compute @workgroup_size(32, 8)
fn touch(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let at_word = group * sizes.words + workgroup.x;
    let missing = forced[at_word] & ~active_in[at_word];
    for (var row = local.y; row < 32u; row += 8u) {
        if (missing >> row & 1u) == 1u {
            losses[at(group, workgroup.x * 32u + row, local.x)] = real(0.0);
        }
    }
    if local.x == 0u && local.y == 0u {
        active_out[at_word] = active_in[at_word] | forced[at_word];
    }
}
