// Events: which sectors reach the thresholds, `RL >= relative` and `AL >= absolute`, both with their
// tolerance taken off already. One workgroup per mask word; every scenario that decides now gets its bits of it.

// Per scenario: relative and absolute loss; below 0 for a scenario that does not decide now.
@group(0) @binding(1) var<storage, read> limits: array<real>;
@group(0) @binding(2) var<storage, read> orders: array<u32>;
@group(0) @binding(3) var<storage, read> available: array<real>;
@group(0) @binding(4) var<storage, read> losses: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
@group(0) @binding(6) var<storage, read_write> marks: array<u32>;

var<workgroup> found: array<u32, 256>;

@compute @workgroup_size(32, 8)
fn decide(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let scenario = group * LANES + local.x;
    let relative = limits[2u * scenario];
    let absolute = limits[2u * scenario + 1u];
    let active_word = active_in[group * sizes.words + workgroup.x];
    var hit = 0u;
    for (var row = local.y; row < 32u; row += 8u) {
        if relative < real(0.0) || (active_word >> row & 1u) == 0u {
            continue;
        }
        let place = workgroup.x * 32u + row;
        let loss = losses[at(group, place, local.x)];
        if loss <= real(0.0) || loss < absolute {
            continue;
        }
        // A division by 0 has no defined result on every device; its relative loss is infinite.
        if available[place] == real(0.0) || loss / available[place] >= relative {
            hit |= 1u << row;
        }
    }
    found[local.y * LANES + local.x] = hit;
    workgroupBarrier();
    if local.y == 0u {
        for (var y = 1u; y < 8u; y += 1u) {
            hit |= found[y * LANES + local.x];
        }
        let order = orders[scenario];
        if (order & ADAPTS) != 0u {
            marks[mark_at(0u, scenario, workgroup.x)] = hit;
        }
        if (order & SUBSTITUTES) != 0u {
            marks[mark_at(1u, scenario, workgroup.x)] = hit;
        }
    }
}
