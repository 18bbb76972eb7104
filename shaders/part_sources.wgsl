// What the columns of patches send in a step. A column of workgroups per patch.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> known: array<real>;
@group(0) @binding(4) var<storage, read> losses_in: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
@group(0) @binding(6) var<storage, read_write> sources: array<real>;

fn find_of_patch(patch_at: u32, mine: vec2<u32>) {
    let width = patches[patch_at + WIDTH];
    let first = patches[patch_at + FIRST_NUMBER];
    let begin = patches[patch_at + COLUMNS_BEGIN];
    let numbers = (patches[patch_at + COLUMNS_END] - begin) * width;
    for (var k = mine.x; k < numbers; k += mine.y) {
        let column = columns[begin + k / width];
        let place = column.x;
        let nth = k % width;
        let lane = patches[patch_at + FIRST_LANE] + nth;
        var source = real(0.0);
        if (column.y >> nth & 1u) == 1u {
            source = known[column.z + countOneBits(column.y & ((1u << nth) - 1u))];
        }
        if place != NOWHERE && (active_in[word(lane / LANES, place)] & bit(place)) != 0u {
            source += losses_in[at(lane / LANES, place, lane % LANES)];
        }
        sources[first + k] = source;
    }
}

@compute @workgroup_size(64)
fn find_sources(runner: Runner) {
    if runner.workgroup.x < patches[0] {
        find_of_patch(patch_of(runner), share(runner));
    }
}
