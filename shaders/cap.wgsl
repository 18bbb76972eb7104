// Keeps outputs below a multiple of the baseline's: `L >= ob - cap ob`. One workgroup per mask word.

// Per scenario; below 0 for none.
@group(0) @binding(1) var<storage, read> caps: array<real>;
@group(0) @binding(2) var<storage, read> output: array<real>;
@group(0) @binding(3) var<storage, read> made: array<u32>;
@group(0) @binding(4) var<storage, read_write> losses: array<real>;

@compute @workgroup_size(32, 8)
fn cap(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let multiple = caps[group * LANES + local.x];
    if multiple < real(0.0) {
        return;
    }
    let made_word = made[group * sizes.words + workgroup.x];
    for (var row = local.y; row < 32u; row += 8u) {
        if (made_word >> row & 1u) == 1u {
            let place = workgroup.x * 32u + row;
            let i = at(group, place, local.x);
            losses[i] = max(losses[i], output[place] - multiple * output[place]);
        }
    }
}
