// Put before the kernels of the shared network, whose rows gather what their sources lose.
//
// A group's losses lie at few places: of the links of a row one in five has a source that loses
// anything. The links of the 32 rows of a workgroup lie side by side; all its invocations test them,
// one each, before the rows walk those that count. So nobody waits for a test link by link, and what a row
// loads does not depend on what it has loaded before.

@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> sources: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<real>;
@group(0) @binding(4) var<storage, read> losses_in: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;

// Links tested at a time, and invocations that test them.
const TESTED: u32 = 4096u;
const TESTERS: u32 = 256u;

// One bit for every link tested: whether its source is active in the group.
var<workgroup> tested: array<atomic<u32>, 128>;

// Tests the links from `first` on, of which `end` is the end. Between barriers.
fn test_links(group: u32, first: u32, end: u32, index: u32) {
    for (var k = first + index; k < min(first + TESTED, end); k += TESTERS) {
        let source = sources[k];
        if (active_in[word(group, source)] & bit(source)) != 0u {
            atomicOr(&tested[(k - first) / 32u], 1u << ((k - first) % 32u));
        }
    }
}

fn flow(group: u32, k: u32, lane: u32) -> real {
    return weights[k] * losses_in[at(group, sources[k], lane)];
}

// Adds the flows of a row's tested links to `sum`, in their order; sets `found` if there is one.
fn gather(group: u32, place: u32, first: u32, lane: u32, sum: real, found: ptr<function, bool>) -> real {
    var result = sum;
    var k = max(starts[place], first);
    let end = min(starts[place + 1u], first + TESTED);
    while k < end {
        // The bits of one word, from that of link k on.
        let in_word = (k - first) % 32u;
        let base = k - in_word;
        var bits = atomicLoad(&tested[(k - first) / 32u]) >> in_word << in_word;
        if end < base + 32u {
            bits &= (1u << (end - base)) - 1u;
        }
        k = base + 32u;
        while bits != 0u {
            *found = true;
            // Two at a time: the loads of the second do not wait for those of the first.
            let one = flow(group, base + firstTrailingBit(bits), lane);
            bits &= bits - 1u;
            if bits != 0u {
                let other = flow(group, base + firstTrailingBit(bits), lane);
                bits &= bits - 1u;
                result = (result + one) + other;
            } else {
                result += one;
            }
        }
    }
    return result;
}
