// Put before the kernels that run parts of the losses: what a shock, or two together, do beyond the shared network.
//
// A patch holds for some lanes side by side, one or all of a group. Its columns send `known + s`, with what is known
// beforehand of other parts and the part s itself at the column's place; its items gather weighted columns. Column c of
// the patch has the number `first + c * lanes + l` in the l-th of its lanes. Before the patches stands how many there
// are.

const FIRST_LANE: u32 = 0u;     // number of its first lane in the batch
const WIDTH: u32 = 1u;          // how many lanes
const FIRST_NUMBER: u32 = 2u;   // number of its first column in its first lane
const COLUMNS_BEGIN: u32 = 3u;  // places of its columns
const COLUMNS_END: u32 = 4u;
const SENT_BEGIN: u32 = 5u;     // items: what shared columns of trade send besides
const ROWS_BEGIN: u32 = 6u;     // items: what rows receive besides
const ROWS_END: u32 = 7u;
const PART_PATCH: u32 = 8u;

// Place of a column that sends what is known and nothing else.
const NOWHERE: u32 = 0xffffffffu;
