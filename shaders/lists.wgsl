// Put before the kernels that build, mark or apply what scenarios have changed of the shared network.
//
// A patch is what one scenario changes, or what it changes of one item's trade or one area's production: its
// number, then the bounds of nine lists of items. An item is (place, first entry, end of its entries, 0) with
// a value; an entry is (place or item, weight). Before the patches stands how many there are.

const FED: u32 = 0u;            // adapting inputs: replaced by what they are made into now
const FED_OUTPUTS: u32 = 1u;    // entries: (input's item, weight)
const PROCESSES: u32 = 2u;      // entries: (input's place, weight)
const OUTPUTS: u32 = 3u;        // value: output without input; entries: (process's item, weight)
const FACTORS: u32 = 4u;        // value: factor of what the exporter sends
const COLUMNS: u32 = 5u;        // exporters whose column is replaced
const COLUMN_IMPORTERS: u32 = 6u; // entries: (column's item, weight)
const ROWS: u32 = 7u;           // importers summed anew; entries: (exporter's place, weight)
const GROWTH: u32 = 8u;         // value: growth of the importer's shares
const LISTS: u32 = 9u;
const PATCH: u32 = 11u;
