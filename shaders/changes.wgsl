// Put before the kernels that build what a scenario changes, from what its sectors have decided.
//
// A job is one item's trade or one area's production in one scenario, built by one workgroup into a patch of its
// own; how many items and entries it may take was counted before. Before the jobs stands how many there are. Sums run in the order of the cpu
// engine, and a factor is found by the same comparisons, so that a device that does not fuse multiplications with
// additions builds the same changes to the last bit.

// Words of a job: scenario, item or area, its first member, the ends of members that adapt and of all, its
// first item and entry, 1 if entries without a rule keep their value.
const JOB: u32 = 8u;
// Areas, items and processes at most.
const WIDEST: u32 = 256u;
// Invocations of a workgroup.
const BUILDERS: u32 = 64u;
const NONE: u32 = 0xffffffffu;

// The other end of an entry, and what is said of it: it has a rule; see the kernels for the second mark.
const OTHER: u32 = 0x3fffffffu;
const LEARNED: u32 = 0x80000000u;
const MARKED: u32 = 0x40000000u;

@group(0) @binding(1) var<storage, read> jobs: array<u32>;
// Area or item of a member.
@group(0) @binding(2) var<storage, read> member_at: array<u32>;
// Of members that adapt the relative loss and the adapted share; of others the growth of their imports, and 0.
@group(0) @binding(3) var<storage, read> member_amounts: array<real>;
// A number of the dataset, then where the entries of every row begin.
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> others: array<u32>;
// Value, multiplier and rewiring of every entry.
@group(0) @binding(6) var<storage, read> rules: array<real>;
// The tolerance of rescaling, the limits of doubt, then sums and shares.
@group(0) @binding(7) var<storage, read> amounts: array<real>;
@group(0) @binding(8) var<storage, read_write> patches: array<u32>;
@group(0) @binding(9) var<storage, read_write> items: array<vec4<u32>>;
@group(0) @binding(10) var<storage, read_write> values: array<real>;
@group(0) @binding(11) var<storage, read_write> entry_at: array<u32>;
@group(0) @binding(12) var<storage, read_write> entry_weight: array<real>;

// Numbers of `amounts` before the sums.
const LIMITS: u32 = 3u;

// Members of the job: the first, the end of those that adapt.
var<private> hits: u32;
var<private> hits_end: u32;
var<private> keeps: bool;

// Per area or item its member, or NONE.
var<workgroup> position: array<u32, 256>;
var<workgroup> touched: array<atomic<u32>, 256>;

fn begin_job(nth: u32) {
    hits = jobs[1u + nth * JOB + 2u];
    hits_end = jobs[1u + nth * JOB + 3u];
    keeps = jobs[1u + nth * JOB + 7u] == 1u;
}

// Says which members adapt, and that nothing is touched. Called by all invocations.
fn place_members(index: u32) {
    for (var i = index; i < WIDEST; i += BUILDERS) {
        position[i] = NONE;
        atomicStore(&touched[i], 0u);
    }
    workgroupBarrier();
    for (var m = hits + index; m < hits_end; m += BUILDERS) {
        position[member_at[m]] = m;
    }
    workgroupBarrier();
}

fn relative_loss(member: u32) -> real {
    return member_amounts[2u * member];
}

fn other(entry: u32) -> u32 {
    return others[entry] & OTHER;
}

fn value(entry: u32) -> real {
    return rules[3u * entry];
}

fn row_start(row: u32) -> u32 {
    return starts[1u + row];
}

fn row_end(row: u32) -> u32 {
    return starts[2u + row];
}

// Entry of a row by its other end, or NONE.
fn find(row: u32, wanted: u32) -> u32 {
    var low = row_start(row);
    var high = row_end(row);
    while low < high {
        let middle = (low + high) / 2u;
        if other(middle) < wanted {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    if low < row_end(row) && other(low) == wanted {
        return low;
    }
    return NONE;
}

// Value of an entry after its sector has adapted: `(p m + r) rl`.
fn changed(entry: u32, rl: real) -> real {
    let p = rules[3u * entry];
    if (others[entry] & LEARNED) != 0u {
        return (p * rules[3u * entry + 1u] + rules[3u * entry + 2u]) * rl;
    }
    if keeps {
        return p;
    }
    return real(0.0);
}

// Factor that restores a column's sum.
fn rescaling(sum: real, wanted: real) -> real {
    if sum > real(0.0) && abs(sum - wanted) > amounts[0] * wanted {
        return wanted / sum;
    }
    return real(1.0);
}

// Whether rounding could decide if a sum kept up to date by differences is rescaled.
fn is_doubtful(sum: real) -> bool {
    return sum < amounts[1] || abs(abs(sum - real(1.0)) - amounts[0]) < amounts[2];
}

fn put(item: u32, place: u32, first: u32, end: u32, value: real) {
    items[item] = vec4<u32>(place, first, end, 0u);
    values[item] = value;
}

fn put_entry(entry: u32, to: u32, weight: real) {
    entry_at[entry] = to;
    entry_weight[entry] = weight;
}

var<workgroup> counts: array<vec2<u32>, 64>;
var<workgroup> counted: vec2<u32>;

// Items and entries that the invocations before this one add, then those that all add. Called by all.
fn add_up(index: u32, own: vec2<u32>) -> vec4<u32> {
    workgroupBarrier();
    counts[index] = own;
    workgroupBarrier();
    if index == 0u {
        var before = vec2<u32>(0u);
        for (var i = 0u; i < BUILDERS; i += 1u) {
            let of_one = counts[i];
            counts[i] = before;
            before += of_one;
        }
        counted = before;
    }
    workgroupBarrier();
    return vec4<u32>(counts[index], counted);
}
