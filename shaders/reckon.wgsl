// From what every scenario needs to where it begins, whether there is room for all, and how many workgroups build
// it. One workgroup; sums of whole numbers, in the order of scenarios.

// Room by need, then the number of this step's launches of production.
@group(0) @binding(1) var<storage, read> rooms: array<u32>;
@group(0) @binding(2) var<storage, read_write> needs: array<u32>;
@group(0) @binding(3) var<storage, read_write> ledger: array<u32>;
// Workgroups in three directions: of trade, then of production by step.
@group(0) @binding(4) var<storage, read_write> launches: array<u32>;

const RECKONERS: u32 = 256u;

var<workgroup> sums: array<u32, 2304>;
var<workgroup> totals: array<u32, 9>;

fn launch(nth: u32, jobs: u32) {
    launches[3u * nth] = min(jobs, ROW);
    launches[3u * nth + 1u] = (jobs + ROW - 1u) / ROW;
    launches[3u * nth + 2u] = 1u;
}

@compute @workgroup_size(256)
fn reckon(@builtin(local_invocation_index) index: u32) {
    let scenarios = sizes.groups * LANES;
    let own = (scenarios + RECKONERS - 1u) / RECKONERS;
    let first = min(index * own, scenarios);
    let end = min(first + own, scenarios);
    for (var need = 0u; need < NEEDS; need += 1u) {
        var sum = 0u;
        for (var scenario = first; scenario < end; scenario += 1u) {
            sum = plus_one(sum, needs[scenario * NEEDS + need]);
        }
        sums[need * RECKONERS + index] = sum;
    }
    workgroupBarrier();
    if index < NEEDS {
        var sum = 0u;
        if index == HITS {
            sum = ledger[SO_FAR];
        }
        for (var i = 0u; i < RECKONERS; i += 1u) {
            let of_one = sums[index * RECKONERS + i];
            sums[index * RECKONERS + i] = sum;
            sum = plus_one(sum, of_one);
        }
        totals[index] = sum;
    }
    workgroupBarrier();
    for (var need = 0u; need < NEEDS; need += 1u) {
        var next = sums[need * RECKONERS + index];
        for (var scenario = first; scenario < end; scenario += 1u) {
            let of_one = needs[scenario * NEEDS + need];
            needs[scenario * NEEDS + need] = next;
            next = plus_one(next, of_one);
        }
    }
    if index == 0u {
        var lacks = ledger[LACKS];
        for (var need = 0u; need < NEEDS; need += 1u) {
            ledger[LARGEST + need] = max(ledger[LARGEST + need], totals[need]);
            if totals[need] > rooms[need] {
                lacks = 1u;
            }
        }
        ledger[LACKS] = lacks;
        ledger[ASKED] = 0u;
        ledger[ASKED + 1u] = 0u;
        if lacks == 0u {
            ledger[SO_FAR] = totals[HITS];
            ledger[ASKED] = totals[PRODUCTION];
            ledger[ASKED + 1u] = totals[TRADE];
        }
        launch(rooms[NEEDS], ledger[ASKED]);
        launch(0u, ledger[ASKED + 1u]);
    }
}
