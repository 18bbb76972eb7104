//! Parts of pages: one front end in two shells, data that are embedded and data that are asked for.

use std::fmt::Write;

use crate::report::outlines;

/// Styles.
pub const STYLE: &str = include_str!("page.css");
/// Apache ECharts; see `vendor/README.md`.
pub const ECHARTS: &str = include_str!("vendor/echarts.min.js");
/// Numbers in words, elements, charts.
pub const KIT: &str = include_str!("kit.js");
/// Tables that can be sorted and searched.
pub const TABLE: &str = include_str!("table.js");
/// A map of the world.
pub const WORLDMAP: &str = include_str!("worldmap.js");
/// Pictures and tables to take away.
pub const TAKE: &str = include_str!("take.js");
/// Notices of what the page holds of others.
pub const NOTICES: &str = concat!(
    include_str!("vendor/NOTICE-echarts"),
    "\n\nIt is licensed under the Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0\n\n",
    "It holds parts of d3:\n\n",
    include_str!("vendor/LICENSE-d3"),
    "\n\nand zrender:\n\n",
    include_str!("vendor/LICENSE-zrender"),
    "\n\nCountry outlines: made with Natural Earth (public domain).\n",
);

/// The outlines of the countries as JSON: `[[code, [x, y, x, y, ...]], ...]` in hundredths of the map's units
/// (finer than they are), east and south: down, as pictures have it.
pub fn outlines_json() -> String {
    let mut json = String::from("[");
    for outline in outlines::outlines() {
        let comma = if json.len() > 1 { "," } else { "" };
        let mut numbers = String::new();
        for [x, y] in outline.ring {
            let [x, y] = [x, -y].map(|v| (v * 100.0).round() as i32);
            let comma = if numbers.is_empty() { "" } else { "," };
            // Writing to a string does not fail.
            let _ = write!(numbers, "{comma}{x},{y}");
        }
        let _ = write!(json, "{comma}[\"{}\",[{numbers}]]", outline.iso3);
    }
    json + "]"
}
