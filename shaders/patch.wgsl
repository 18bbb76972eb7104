// Put before the kernels that apply what scenarios have changed of the shared network.
//
// Every item has a number of scratch room. One workgroup applies one patch, so that barriers of the
// workgroup order what its lists do one after the other.

@group(0) @binding(1) var<storage, read> patches: array<u32>;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> values: array<real>;
@group(0) @binding(4) var<storage, read> entry_at: array<u32>;
@group(0) @binding(5) var<storage, read> entry_weight: array<real>;
@group(0) @binding(6) var<storage, read_write> scratch: array<real>;
@group(0) @binding(7) var<storage, read_write> losses_in: array<real>;
@group(0) @binding(8) var<storage, read> active_in: array<u32>;
@group(0) @binding(9) var<storage, read_write> losses_out: array<real>;
// Baseline available amounts of the step before and of this one, baseline output of this one.
@group(0) @binding(10) var<storage, read> before: array<real>;
@group(0) @binding(11) var<storage, read> available: array<real>;
@group(0) @binding(12) var<storage, read> output: array<real>;

// Amount of a place after the step before.
fn amount(scenario: u32, place: u32) -> real {
    let group = scenario / LANES;
    if (active_in[word(group, place)] & bit(place)) == 0u {
        return before[place];
    }
    return before[place] - losses_in[at(group, place, scenario % LANES)];
}

fn index(scenario: u32, place: u32) -> u32 {
    return at(scenario / LANES, place, scenario % LANES);
}

// Invocations of a workgroup, and entries whose amounts they find side by side.
const PATCHERS: u32 = 64u;
const STAGED: u32 = 256u;

var<workgroup> staged: array<real, 256>;

// Finds the weighted amounts of the entries from `first` on, of which `end` is the end. Between
// barriers.
fn stage(scenario: u32, first: u32, end: u32, invocation: u32) {
    for (var e = first + invocation; e < min(first + STAGED, end); e += PATCHERS) {
        staged[e - first] = entry_weight[e] * amount(scenario, entry_at[e]);
    }
}

// Adds those of one item's entries to `sum`, in their order.
fn staged_sum(entries: vec2<u32>, first: u32, sum: real) -> real {
    var result = sum;
    for (var e = max(entries.x, first); e < min(entries.y, first + STAGED); e += 1u) {
        result += staged[e - first];
    }
    return result;
}
