// Reserves at the end of a step: losses fall by what they give, and grow by what fills them up again.
// One workgroup per reserve and group.

// (place, 1 if it is filled up again)
@group(0) @binding(1) var<storage, read> reserves: array<vec2<u32>>;
// Per reserve its size, the share of a loss that it covers, and what it gives in this step anyway.
@group(0) @binding(2) var<storage, read> amounts: array<real>;
// What is left, by reserve and group 32 lanes.
@group(0) @binding(3) var<storage, read_write> left: array<real>;
@group(0) @binding(4) var<storage, read_write> losses: array<real>;

@compute @workgroup_size(32)
fn reserve(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.x;
    let i = at(workgroup.y, reserves[nth].x, local.x);
    let held_at = (nth * sizes.groups + workgroup.y) * LANES + local.x;
    let held = left[held_at];
    let loss = losses[i];
    var wanted = amounts[3u * nth + 2u];
    if loss > real(0.0) {
        wanted += amounts[3u * nth + 1u] * loss;
    }
    let given = min(held, wanted);
    if given > real(0.0) {
        left[held_at] = held - given;
        losses[i] = loss - given;
    } else if reserves[nth].y == 1u && loss < real(0.0) {
        let taken = max(min(amounts[3u * nth] - held, -loss), real(0.0));
        left[held_at] = held + taken;
        losses[i] = loss + taken;
    }
}
