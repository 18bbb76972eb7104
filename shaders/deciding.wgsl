// Put before the kernels that turn hits into what the device is asked to build.
//
// One workgroup per scenario. How much a scenario takes of every list is counted first, then where it begins follows
// from those before it, then the lists are written: no order of workgroups can be seen in them.

// Invocations of a workgroup.
const ASKERS: u32 = 64u;

// What a scenario needs: hits, then for production and for trade jobs, members, items and entries.
const NEEDS: u32 = 9u;
const HITS: u32 = 0u;
const PRODUCTION: u32 = 1u;
const TRADE: u32 = 5u;

// The ledger: hits so far; 1 if some list had no room; jobs of production and of trade that are asked for; what was
// needed at most.
const SO_FAR: u32 = 0u;
const LACKS: u32 = 1u;
const ASKED: u32 = 2u;
const LARGEST: u32 = 4u;

// What a scenario does in this step, then how: bits of its order.
const ADAPTS: u32 = 1u;
const SUBSTITUTES: u32 = 2u;
const KEEPS: u32 = 4u;
const CONFLICT: u32 = 8u;

const MOST: u32 = 0xffffffffu;

// Word of the places at which a scenario adapts (0) or substitutes (1).
fn mark_at(kind: u32, scenario: u32, word: u32) -> u32 {
    return (kind * sizes.groups * LANES + scenario) * sizes.words + word;
}

// Sums that end at the largest number: what has no room is told, and never taken for little.
fn plus(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
    let sum = a + b;
    return select(sum, vec4<u32>(MOST), sum < a);
}

fn plus_one(a: u32, b: u32) -> u32 {
    let sum = a + b;
    return select(sum, MOST, sum < a);
}

var<workgroup> counts: array<vec4<u32>, 64>;
var<workgroup> counted: vec4<u32>;

// What the invocations before this one add; `counted` is what all add. Called by all. In six rounds, each over twice
// as many neighbours: sums of whole numbers that end at the largest one do not depend on how they are put together.
fn add_up(index: u32, own: vec4<u32>) -> vec4<u32> {
    workgroupBarrier();
    counts[index] = own;
    workgroupBarrier();
    for (var far = 1u; far < ASKERS; far *= 2u) {
        var sum = counts[index];
        if index >= far {
            sum = plus(counts[index - far], sum);
        }
        workgroupBarrier();
        counts[index] = sum;
        workgroupBarrier();
    }
    if index == ASKERS - 1u {
        counted = counts[index];
    }
    workgroupBarrier();
    var before = vec4<u32>(0u);
    if index > 0u {
        before = counts[index - 1u];
    }
    return before;
}
