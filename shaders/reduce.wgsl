// Totals of every scenario from those of its areas, in their order, and how many rows the areas before
// each have. One workgroup per group.

@group(0) @binding(1) var<storage, read> parts: array<real>;
@group(0) @binding(2) var<storage, read> part_counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> rows_before: array<u32>;
@group(0) @binding(4) var<storage, read_write> totals: array<real>;
@group(0) @binding(5) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(32)
fn reduce(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    var loss = real(0.0);
    var populated = real(0.0);
    var largest = real(0.0);
    var gain = real(0.0);
    var rows = 0u;
    var above = vec3<u32>(0u);
    var largest_sector = 0xffffffffu;
    var gain_sector = 0xffffffffu;
    for (var area = 0u; area < sizes.areas; area += 1u) {
        let part = group * sizes.areas + area;
        rows_before[part * LANES + local.x] = rows;
        loss += parts[(part * 4u) * LANES + local.x];
        populated += parts[(part * 4u + 1u) * LANES + local.x];
        // Sectors ascend with areas: the first one of equals stays.
        if parts[(part * 4u + 2u) * LANES + local.x] > largest {
            largest = parts[(part * 4u + 2u) * LANES + local.x];
            largest_sector = part_counts[(part * 6u + 4u) * LANES + local.x];
        }
        if parts[(part * 4u + 3u) * LANES + local.x] > gain {
            gain = parts[(part * 4u + 3u) * LANES + local.x];
            gain_sector = part_counts[(part * 6u + 5u) * LANES + local.x];
        }
        rows += part_counts[(part * 6u) * LANES + local.x];
        above.x += part_counts[(part * 6u + 1u) * LANES + local.x];
        above.y += part_counts[(part * 6u + 2u) * LANES + local.x];
        above.z += part_counts[(part * 6u + 3u) * LANES + local.x];
    }
    totals[(group * 4u) * LANES + local.x] = loss;
    totals[(group * 4u + 1u) * LANES + local.x] = populated;
    totals[(group * 4u + 2u) * LANES + local.x] = largest;
    totals[(group * 4u + 3u) * LANES + local.x] = gain;
    counts[(group * 6u) * LANES + local.x] = rows;
    counts[(group * 6u + 1u) * LANES + local.x] = above.x;
    counts[(group * 6u + 2u) * LANES + local.x] = above.y;
    counts[(group * 6u + 3u) * LANES + local.x] = above.z;
    counts[(group * 6u + 4u) * LANES + local.x] = largest_sector;
    counts[(group * 6u + 5u) * LANES + local.x] = gain_sector;
}
