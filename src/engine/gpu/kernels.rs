//! The kernels: their shaders, their bindings, their mirrors.
//!
//! A kernel `name` is an entry point of a file in `shaders/`; `mirror/name.rs` does the same on the
//! processor. A test holds every table here against what naga reads from the shader.

pub use super::bindings::{Access, Binding, ElementType};
use super::bindings::{
    OF_ASKING_PRODUCTION, OF_ASKING_TRADE, OF_BAN, OF_CHANGES, OF_LIST, OF_PART_FLOWS, OF_PATCH,
    OF_SUMS, read, sizes, write,
};
use super::mirror::{self, Mirror};

/// A kernel.
#[derive(Debug)]
pub struct Kernel {
    /// Entry point.
    pub name: &'static str,
    /// File in `shaders/`.
    pub file: &'static str,
    /// Parts of the shader's text, after the line that says what `real` is.
    pub source: &'static [&'static str],
    /// Bindings 0, 1, 2 ...
    pub bindings: &'static [Binding],
    /// The same on the processor.
    pub mirror: Mirror,
}

impl Kernel {
    /// Text of the shader in f64 or f32.
    pub fn text(&self, double: bool) -> String {
        let real = if double { "alias real = f64;\n" } else { "alias real = f32;\n" };
        std::iter::once(real).chain(self.source.iter().copied()).collect()
    }
}

const COMMON: &str = include_str!("../../../shaders/common.wgsl");
const GATHER: &str = include_str!("../../../shaders/gather.wgsl");
const LISTS: &str = include_str!("../../../shaders/lists.wgsl");
const PATCH: &str = include_str!("../../../shaders/patch.wgsl");
const CHANGES: &str = include_str!("../../../shaders/changes.wgsl");
const DECIDING: &str = include_str!("../../../shaders/deciding.wgsl");
const SHARES: &str = include_str!("../../../shaders/shares.wgsl");
const PART_LISTS: &str = include_str!("../../../shaders/part_lists.wgsl");

use ElementType::{Pair, Quad, Real, Whole};

macro_rules! kernel {
    ($id:ident, $name:ident, $file:literal, [$($part:expr),*], $bindings:expr) => {
        #[doc = concat!("Entry point `", stringify!($name), "` of `shaders/", $file, ".wgsl`.")]
        pub static $id: Kernel = Kernel {
            name: stringify!($name),
            file: concat!($file, ".wgsl"),
            source: &[
                COMMON,
                $($part,)*
                include_str!(concat!("../../../shaders/", $file, ".wgsl")),
            ],
            bindings: $bindings,
            mirror: mirror::$name,
        };
    };
}

kernel!(
    TOUCH,
    touch,
    "touch",
    [],
    &[
        sizes(),
        read("forced", Whole),
        read("active_in", Whole),
        write("losses", Real),
        write("active_out", Whole),
    ]
);
kernel!(
    PRODUCTION,
    production,
    "production",
    [GATHER],
    &[
        sizes(),
        read("starts", Whole),
        read("sources", Whole),
        read("weights", Real),
        read("losses_in", Real),
        read("active_in", Whole),
        read("forced", Whole),
        write("losses_out", Real),
        write("made", Whole),
    ]
);
kernel!(
    TRADE,
    trade,
    "trade",
    [GATHER],
    &[
        sizes(),
        read("starts", Whole),
        read("sources", Whole),
        read("weights", Real),
        read("losses_in", Real),
        read("active_in", Whole),
        read("made", Whole),
        write("losses_out", Real),
        write("active_out", Whole),
    ]
);
kernel!(
    SHOCK,
    shock,
    "shock",
    [],
    &[
        sizes(),
        read("shocks", Pair),
        read("phi", Real),
        read("output", Real),
        write("losses", Real),
    ]
);
kernel!(
    CAP,
    cap,
    "cap",
    [],
    &[
        sizes(),
        read("caps", Real),
        read("output", Real),
        read("made", Whole),
        write("losses", Real),
    ]
);
kernel!(
    DECIDE,
    decide,
    "decide",
    [DECIDING],
    &[
        sizes(),
        read("limits", Real),
        read("orders", Whole),
        read("available", Real),
        read("losses", Real),
        read("active_in", Whole),
        write("marks", Whole),
    ]
);
kernel!(COUNT_HITS, count_hits, "list", [DECIDING], OF_LIST);
kernel!(LIST_HITS, list_hits, "list", [DECIDING], OF_LIST);
kernel!(
    COUNT_PRODUCTION,
    count_production,
    "ask_production",
    [DECIDING, SHARES],
    OF_ASKING_PRODUCTION
);
kernel!(ASK_PRODUCTION, ask_production, "ask_production", [DECIDING, SHARES], OF_ASKING_PRODUCTION);
kernel!(COUNT_TRADE, count_trade, "ask_trade", [DECIDING, SHARES], OF_ASKING_TRADE);
kernel!(ASK_TRADE, ask_trade, "ask_trade", [DECIDING, SHARES], OF_ASKING_TRADE);
kernel!(
    RECKON,
    reckon,
    "reckon",
    [DECIDING],
    &[
        sizes(),
        read("rooms", Whole),
        write("needs", Whole),
        write("ledger", Whole),
        write("launches", Whole),
    ]
);
kernel!(CHANGE_TRADE, change_trade, "change_trade", [LISTS, CHANGES], OF_CHANGES);
kernel!(CHANGE_PRODUCTION, change_production, "change_production", [LISTS, CHANGES], OF_CHANGES);
kernel!(
    MARK,
    mark,
    "mark",
    [LISTS],
    &[sizes(), read("patches", Whole), read("items", Quad), write("forced", Whole)]
);
kernel!(FEED, feed, "adapted_production", [LISTS, PATCH], OF_PATCH);
kernel!(PRODUCE, produce, "adapted_production", [LISTS, PATCH], OF_PATCH);
kernel!(SEND, send, "adapted_trade", [LISTS, PATCH], OF_PATCH);
kernel!(RECEIVE, receive, "adapted_trade", [LISTS, PATCH], OF_PATCH);
kernel!(SHIP, ship, "ban", [], OF_BAN);
kernel!(EMBARGO, embargo, "ban", [], OF_BAN);
kernel!(
    RESERVE,
    reserve,
    "reserve",
    [],
    &[
        sizes(),
        read("reserves", Pair),
        read("amounts", Real),
        write("left", Real),
        write("losses", Real),
    ]
);
kernel!(
    TOTALS,
    totals,
    "totals",
    [],
    &[
        sizes(),
        read("marks", Real),
        read("available", Real),
        read("populated", Whole),
        read("losses", Real),
        read("active_in", Whole),
        read("shocked", Whole),
        read("shocks", Pair),
        read("shock_starts", Whole),
        write("parts", Real),
        write("part_counts", Whole),
    ]
);
kernel!(
    REDUCE,
    reduce,
    "reduce",
    [],
    &[
        sizes(),
        read("parts", Real),
        read("part_counts", Whole),
        write("rows_before", Whole),
        write("totals", Real),
        write("counts", Whole),
    ]
);
kernel!(
    COMPACT,
    compact,
    "compact",
    [],
    &[
        sizes(),
        read("marks", Real),
        read("losses", Real),
        read("active_in", Whole),
        read("first", Whole),
        read("rows_before", Whole),
        write("row_sectors", Whole),
        write("row_losses", Real),
    ]
);
kernel!(SUM_AREAS, sum_areas, "sums", [], OF_SUMS);
kernel!(SUM_ITEMS, sum_items, "sums", [], OF_SUMS);
kernel!(
    FIND_SOURCES,
    find_sources,
    "part_sources",
    [PART_LISTS],
    &[
        sizes(),
        read("patches", Whole),
        read("columns", Quad),
        read("known", Real),
        read("losses_in", Real),
        read("active_in", Whole),
        write("sources", Real),
    ]
);
kernel!(
    MARK_PARTS,
    mark_parts,
    "part_marks",
    [PART_LISTS],
    &[
        sizes(),
        read("patches", Whole),
        read("items", Quad),
        read("entry_at", Whole),
        read("sources", Real),
        write("sent", Whole),
        write("received", Whole),
    ]
);
kernel!(
    PACK,
    pack,
    "pack",
    [],
    &[
        sizes(),
        read("stored_before", Whole),
        read("losses", Real),
        read("active_in", Whole),
        write("packed", Real),
    ]
);
kernel!(SEND_PARTS, send_parts, "part_flows", [PART_LISTS], OF_PART_FLOWS);
kernel!(RECEIVE_PARTS, receive_parts, "part_flows", [PART_LISTS], OF_PART_FLOWS);

/// All kernels.
pub static ALL: [&Kernel; 33] = [
    &TOUCH,
    &PRODUCTION,
    &TRADE,
    &SHOCK,
    &CAP,
    &DECIDE,
    &COUNT_HITS,
    &COUNT_PRODUCTION,
    &COUNT_TRADE,
    &RECKON,
    &LIST_HITS,
    &ASK_PRODUCTION,
    &ASK_TRADE,
    &CHANGE_PRODUCTION,
    &CHANGE_TRADE,
    &MARK,
    &FEED,
    &PRODUCE,
    &SEND,
    &RECEIVE,
    &SHIP,
    &EMBARGO,
    &RESERVE,
    &TOTALS,
    &REDUCE,
    &COMPACT,
    &SUM_AREAS,
    &SUM_ITEMS,
    &FIND_SOURCES,
    &MARK_PARTS,
    &PACK,
    &SEND_PARTS,
    &RECEIVE_PARTS,
];
