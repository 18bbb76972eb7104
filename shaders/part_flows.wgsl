// Adds what columns of patches send: `send_parts` before the shared trade to what exporters pass on, `receive_parts`
// after it to the rows. A column of workgroups per patch; no two of a launch write one number.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> entry_at: array<u32>;
@group(0) @binding(4) var<storage, read> entry_weight: array<real>;
@group(0) @binding(5) var<storage, read> sources: array<real>;
@group(0) @binding(6) var<storage, read_write> losses: array<real>;

// What entry e adds to its place in a lane: that of the number `first`.
fn flow(e: u32, first: u32, width: u32) -> real {
    return entry_weight[e] * sources[first + entry_at[e] * width];
}

// Adds to the places of the items between two words of a patch.
fn add_flows(patch_at: u32, begin_word: u32, end_word: u32, mine: vec2<u32>) {
    let width = patches[patch_at + WIDTH];
    let first = patches[patch_at + FIRST_NUMBER];
    let begin = patches[patch_at + begin_word];
    let numbers = (patches[patch_at + end_word] - begin) * width;
    for (var k = mine.x; k < numbers; k += mine.y) {
        let item = items[begin + k / width];
        let lane = patches[patch_at + FIRST_LANE] + k % width;
        let own = first + k % width;
        var sum = real(0.0);
        var e = item.y;
        for (; e + 4u <= item.z; e += 4u) {
            // Four at a time: the loads of one do not wait for those of another.
            let one = flow(e, own, width);
            let two = flow(e + 1u, own, width);
            let three = flow(e + 2u, own, width);
            let four = flow(e + 3u, own, width);
            sum = (((sum + one) + two) + three) + four;
        }
        for (; e < item.z; e += 1u) {
            sum += flow(e, own, width);
        }
        // Places that nothing comes to may have no stored loss.
        if sum != real(0.0) {
            losses[at(lane / LANES, item.x, lane % LANES)] += sum;
        }
    }
}

@compute @workgroup_size(64)
fn send_parts(runner: Runner) {
    if runner.workgroup.x < patches[0] {
        add_flows(patch_of(runner), SENT_BEGIN, ROWS_BEGIN, share(runner));
    }
}

@compute @workgroup_size(64)
fn receive_parts(runner: Runner) {
    if runner.workgroup.x < patches[0] {
        add_flows(patch_of(runner), ROWS_BEGIN, ROWS_END, share(runner));
    }
}
