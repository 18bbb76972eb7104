// Events: which sectors reach the thresholds, `RL >= relative` and `AL >= absolute`, both with their
// tolerance taken off already. One workgroup per mask word; the order of the hits is not defined.

// Per scenario: relative and absolute loss; below 0 for a scenario that does not decide now.
@group(0) @binding(1) var<storage, read> limits: array<real>;
@group(0) @binding(2) var<storage, read> available: array<real>;
@group(0) @binding(3) var<storage, read> losses: array<real>;
@group(0) @binding(4) var<storage, read> active_in: array<u32>;
@group(0) @binding(5) var<storage, read_write> count: array<atomic<u32>>;
// (scenario, place)
@group(0) @binding(6) var<storage, read_write> hits: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> hit_losses: array<real>;

@compute @workgroup_size(32, 8)
fn decide(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let scenario = group * LANES + local.x;
    let relative = limits[2u * scenario];
    let absolute = limits[2u * scenario + 1u];
    if relative < real(0.0) {
        return;
    }
    let active_word = active_in[group * sizes.words + workgroup.x];
    for (var row = local.y; row < 32u; row += 8u) {
        if (active_word >> row & 1u) == 0u {
            continue;
        }
        let place = workgroup.x * 32u + row;
        let loss = losses[at(group, place, local.x)];
        if loss <= real(0.0) || loss < absolute {
            continue;
        }
        // A division by 0 has no defined result on every device; its relative loss is infinite.
        if available[place] == real(0.0) || loss / available[place] >= relative {
            let hit = atomicAdd(&count[0], 1u);
            if hit < sizes.capacity {
                hits[hit] = vec2<u32>(scenario, place);
                hit_losses[hit] = loss;
            }
        }
    }
}
