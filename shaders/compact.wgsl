// Rows of every scenario, one after the other, ascending by sector: what is above the threshold.
// 32 lanes x 8 areas per workgroup.

@group(0) @binding(1) var<storage, read> marks: array<real>;
@group(0) @binding(2) var<storage, read> losses: array<real>;
@group(0) @binding(3) var<storage, read> active_in: array<u32>;
// Per scenario its first row.
@group(0) @binding(4) var<storage, read> first: array<u32>;
@group(0) @binding(5) var<storage, read> rows_before: array<u32>;
@group(0) @binding(6) var<storage, read_write> row_sectors: array<u32>;
@group(0) @binding(7) var<storage, read_write> row_losses: array<real>;

@compute @workgroup_size(32, 8)
fn compact(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let area = workgroup.x * 8u + local.y;
    let group = workgroup.y;
    if area >= sizes.areas {
        return;
    }
    var row = first[group * LANES + local.x] + rows_before[(group * sizes.areas + area) * LANES + local.x];
    for (var item = 0u; item < sizes.items; item += 1u) {
        let place = item * sizes.stride + area;
        if (active_in[word(group, place)] & bit(place)) == 0u {
            continue;
        }
        let loss = losses[at(group, place, local.x)];
        if abs(loss) > marks[0] {
            row_sectors[row] = area * sizes.items + item;
            row_losses[row] = loss;
            row += 1u;
        }
    }
}
