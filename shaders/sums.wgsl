// Losses summed by area, over the items that count, and by item, over all areas and over those with a
// population. 32 lanes x 8 areas or items per workgroup; sums run in the order of items or areas.

@group(0) @binding(1) var<storage, read> counted: array<u32>;
@group(0) @binding(2) var<storage, read> populated: array<u32>;
@group(0) @binding(3) var<storage, read> losses: array<real>;
@group(0) @binding(4) var<storage, read> active_in: array<u32>;
// Per group: areas, items, items again, 32 lanes each.
@group(0) @binding(5) var<storage, read_write> sums: array<real>;

fn sum_at(group: u32, line: u32, lane: u32) -> u32 {
    return (group * (sizes.areas + 2u * sizes.items) + line) * LANES + lane;
}

@compute @workgroup_size(32, 8)
fn sum_areas(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let area = workgroup.x * 8u + local.y;
    let group = workgroup.y;
    if area >= sizes.areas {
        return;
    }
    var sum = real(0.0);
    for (var item = 0u; item < sizes.items; item += 1u) {
        let place = item * sizes.stride + area;
        if counted[item] == 1u && (active_in[word(group, place)] & bit(place)) != 0u {
            sum += losses[at(group, place, local.x)];
        }
    }
    sums[sum_at(group, area, local.x)] = sum;
}

@compute @workgroup_size(32, 8)
fn sum_items(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let item = workgroup.x * 8u + local.y;
    let group = workgroup.y;
    if item >= sizes.items {
        return;
    }
    var all = real(0.0);
    var of_populated = real(0.0);
    for (var area = 0u; area < sizes.areas; area += 1u) {
        let place = item * sizes.stride + area;
        if (active_in[word(group, place)] & bit(place)) == 0u {
            continue;
        }
        let loss = losses[at(group, place, local.x)];
        all += loss;
        if populated[area] == 1u {
            of_populated += loss;
        }
    }
    sums[sum_at(group, sizes.areas + item, local.x)] = all;
    sums[sum_at(group, sizes.areas + sizes.items + item, local.x)] = of_populated;
}
