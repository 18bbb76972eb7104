// Put before the kernels that run parts of the losses: what a shock, or two together, do beyond the shared network.
//
// A patch holds for some lanes side by side, one or all of a group. Its columns send `known + s`, with what is known
// beforehand of other parts and the part s itself at the column's place; its items gather weighted columns. Column c of
// the patch has the number `first + c * lanes + l` in the l-th of its lanes. Before the patches stands how many there
// are.
//
// A column is its place, a bit for each of the patch's lanes in which something else is known of it, and where the known
// amounts of these lanes begin.

const FIRST_LANE: u32 = 0u;     // number of its first lane in the batch
const WIDTH: u32 = 1u;          // how many lanes
const FIRST_NUMBER: u32 = 2u;   // number of its first column in its first lane
const COLUMNS_BEGIN: u32 = 3u;  // its columns
const COLUMNS_END: u32 = 4u;
const SENT_BEGIN: u32 = 5u;     // items: what shared columns of trade send besides
const ROWS_BEGIN: u32 = 6u;     // items: what rows receive besides
const ROWS_END: u32 = 7u;
const PART_PATCH: u32 = 8u;

// Place of a column that sends what is known and nothing else.
const NOWHERE: u32 = 0xffffffffu;

// Who runs: a column of workgroups has one patch.
struct Runner {
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
}

// Where its patch is.
fn patch_of(runner: Runner) -> u32 {
    return 1u + runner.workgroup.x * PART_PATCH;
}

// Its share of a patch's numbers: the first of them, and how far on the next one is.
fn share(runner: Runner) -> vec2<u32> {
    return vec2(runner.workgroup.y, runner.workgroups.y) * 64u + vec2(runner.local.x, 0u);
}
