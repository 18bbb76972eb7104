// Put before the kernels that apply what scenarios have changed of the shared network.
//
// A patch is what one scenario changes: its number, then the bounds of nine lists of items. An item is
// (place, first entry, end of its entries, 0) with a value; an entry is (place or item, weight). Every
// item has a number of scratch room. One workgroup applies one patch, so that barriers of the
// workgroup order what its lists do one after the other.

const FED: u32 = 0u;            // adapting inputs: replaced by what they are made into now
const FED_OUTPUTS: u32 = 1u;    // entries: (input's item, weight)
const PROCESSES: u32 = 2u;      // entries: (input's place, weight)
const OUTPUTS: u32 = 3u;        // value: output without input; entries: (process's item, weight)
const FACTORS: u32 = 4u;        // value: factor of what the exporter sends
const COLUMNS: u32 = 5u;        // exporters whose column is replaced
const COLUMN_IMPORTERS: u32 = 6u; // entries: (column's item, weight)
const ROWS: u32 = 7u;           // importers summed anew; entries: (exporter's place, weight)
const GROWTH: u32 = 8u;         // value: growth of the importer's shares
const PATCH: u32 = 11u;

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
