//! Everything that the page needs, in the program. Charts, tables and colours are those of `report`.

use crate::report::html::shared;

/// JSON.
pub const JSON: &str = "application/json";
/// An Arrow file.
pub const ARROW: &str = "application/vnd.apache.arrow.file";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// What is asked by name.
const ASSETS: [(&str, &str, &str); 19] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/icon.svg", SVG, include_str!("page/icon.svg")),
    ("/page.css", CSS, shared::STYLE),
    ("/explore.css", CSS, include_str!("page/explore.css")),
    ("/echarts.js", SCRIPT, shared::ECHARTS),
    ("/notices.txt", TEXT, shared::NOTICES),
    ("/kit.js", SCRIPT, shared::KIT),
    ("/table.js", SCRIPT, shared::TABLE),
    ("/worldmap.js", SCRIPT, shared::WORLDMAP),
    ("/take.js", SCRIPT, shared::TAKE),
    ("/world.js", SCRIPT, include_str!("page/world.js")),
    ("/state.js", SCRIPT, include_str!("page/state.js")),
    ("/ask.js", SCRIPT, include_str!("page/ask.js")),
    ("/failures.js", SCRIPT, include_str!("page/failures.js")),
    ("/losses.js", SCRIPT, include_str!("page/losses.js")),
    ("/panel.js", SCRIPT, include_str!("page/panel.js")),
    ("/change.js", SCRIPT, include_str!("page/change.js")),
    ("/together.js", SCRIPT, include_str!("page/together.js")),
    ("/explore.js", SCRIPT, include_str!("page/explore.js")),
];

/// The kind and the text of what lies at a path.
pub fn find(path: &str) -> Option<(&'static str, &'static str)> {
    ASSETS.iter().find(|(at, ..)| *at == path).map(|(_, kind, text)| (*kind, *text))
}
