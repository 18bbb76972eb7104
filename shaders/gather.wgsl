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

// Losses that a row has gathered, and whether they are to be stored.
struct Row {
    sum: real,
    is_stored: bool,
}

// Adds the flows of a row's tested links, in their order.
fn gather(group: u32, place: u32, first: u32, lane: u32, row: Row) -> Row {
    var result = row;
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
            result.is_stored = true;
            // Two at a time: the loads of the second do not wait for those of the first.
            let one = flow(group, base + firstTrailingBit(bits), lane);
            bits &= bits - 1u;
            if bits != 0u {
                let other = flow(group, base + firstTrailingBit(bits), lane);
                bits &= bits - 1u;
                result.sum = (result.sum + one) + other;
            } else {
                result.sum += one;
            }
        }
    }
    return result;
}

// What the 32 rows of a workgroup gather, four of each of its invocations: rows 0, 8, 16, 24 from its own one on.
// Called by all of them.
fn gather_rows(workgroup: vec3<u32>, local: vec3<u32>, index: u32, rows: array<Row, 4>) -> array<Row, 4> {
    var result = rows;
    let group = workgroup.y;
    let place = workgroup.x * 32u + local.y;
    let end = starts[workgroup.x * 32u + 32u];
    for (var first = starts[workgroup.x * 32u]; first < end; first += TESTED) {
        workgroupBarrier();
        if index < TESTED / 32u {
            atomicStore(&tested[index], 0u);
        }
        workgroupBarrier();
        test_links(group, first, end, index);
        workgroupBarrier();
        result[0] = gather(group, place, first, local.x, result[0]);
        result[1] = gather(group, place + 8u, first, local.x, result[1]);
        result[2] = gather(group, place + 16u, first, local.x, result[2]);
        result[3] = gather(group, place + 24u, first, local.x, result[3]);
    }
    return result;
}
