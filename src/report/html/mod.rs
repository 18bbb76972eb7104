//! A result as one page that needs nothing else: styles, scripts, charting library, data.
//!
//! Names from the data reach the page as JSON in which `<` is escaped, and the document as text nodes;
//! a policy in the page forbids every request and every script but the page's own.

#[cfg(feature = "trade")]
pub mod trade;

pub mod shared;

use serde::Serialize;

use super::outlines;
use crate::analysis::overview::Overview;
use crate::analysis::overview::short::Short;
use crate::check::integrity::Check;
pub(super) use shared::STYLE;
use shared::{ECHARTS, NOTICES};

/// The page, with places for its parts.
const FRAME: &str = include_str!("frame.html");
const PAGE: &str = include_str!("page.html");
/// Scripts, in the order in which they run.
const SCRIPTS: [&str; 10] = [
    include_str!("kit.js"),
    include_str!("core.js"),
    include_str!("table.js"),
    include_str!("head.js"),
    include_str!("map.js"),
    include_str!("heat.js"),
    include_str!("trace.js"),
    include_str!("rank.js"),
    include_str!("pairs.js"),
    include_str!("main.js"),
];

/// What scripts find on the page.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    overview: &'a Overview,
    /// Places of the areas on the map.
    places: Vec<Option<[Short; 2]>>,
    /// Outlines of the countries.
    outlines: Vec<Vec<[i32; 2]>>,
    checks: Vec<CheckData<'a>>,
    notices: &'a str,
}

#[derive(Serialize)]
struct CheckData<'a> {
    name: &'a str,
    found: &'a str,
    holds: Option<bool>,
}

/// The page of a result; `checks` say whether its tables are what they should be, and `against` is the
/// section that holds it against another, if there is one.
pub fn page(overview: &Overview, checks: &[Check], against: &str) -> String {
    let place = |at: Option<[f64; 2]>| at.map(|at| outlines::project(at).map(Short));
    // A hundredth of a degree is finer than the outlines are.
    let ring =
        |ring: Vec<[f64; 2]>| ring.into_iter().map(|p| p.map(|v| (v * 100.0).round() as i32));
    let data = Data {
        overview,
        places: overview.areas.iter().map(|a| place(a.at)).collect(),
        outlines: outlines::rings().into_iter().map(|r| ring(r).collect()).collect(),
        checks: checks
            .iter()
            .map(|c| CheckData { name: c.name, found: &c.found, holds: c.holds })
            .collect(),
        notices: NOTICES,
    };
    let words = Words {
        title: "shocksweep report",
        first: "map",
        skip: "Skip to the map",
        question: "If these producers fail, who loses what?",
    };
    let last = "  <section id=\"quality\"";
    let sections = PAGE.replacen(last, &format!("{against}{last}"), 1);
    framed(&words, &sections, &SCRIPTS.concat(), &data)
}

/// What a page says in its frame.
struct Words {
    title: &'static str,
    /// The section to which readers without eyes on the screen may go at once.
    first: &'static str,
    skip: &'static str,
    question: &'static str,
}

/// A page in the frame that all pages share: its sections, its scripts, and the data that they draw.
fn framed(words: &Words, sections: &str, scripts: &str, data: &impl Serialize) -> String {
    let json = escaped(&serde_json::to_string(data).unwrap_or_default());
    // Scripts run only with this word, which depends on the data: nothing that was written before
    // the data were known can hold it.
    let nonce = blake3::hash(json.as_bytes()).to_hex();
    let parts = [
        ("{{title}}", words.title),
        ("{{first}}", words.first),
        ("{{skip}}", words.skip),
        ("{{question}}", words.question),
        ("{{sections}}", sections),
        ("{{nonce}}", nonce.as_str()),
        ("{{style}}", STYLE),
        ("{{version}}", env!("CARGO_PKG_VERSION")),
        ("{{echarts}}", ECHARTS),
        ("{{scripts}}", scripts),
        ("{{data}}", &json),
    ];
    fill(FRAME, &parts)
}

/// JSON that cannot end the script element it stands in.
fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// A template with its places filled, in one pass: what is filled in is not searched again.
fn fill(template: &str, parts: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    loop {
        let next = parts
            .iter()
            .filter_map(|(place, part)| Some((rest.find(place)?, place, part)))
            .min_by_key(|found| found.0);
        let Some((at, place, part)) = next else { return page + rest };
        page += &rest[..at];
        page += part;
        rest = &rest[at + place.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_searched_again() {
        let filled = fill("a {{data}} b {{data}} {{x}}", &[("{{data}}", "{{x}}"), ("{{x}}", "1")]);
        assert_eq!(filled, "a {{x}} b {{x}} 1");
    }

    #[test]
    fn json_cannot_end_its_script() {
        let json = serde_json::to_string("</script><script>\u{2028}").unwrap();
        let safe = escaped(&json);
        assert!(!safe.contains('<') && !safe.contains('\u{2028}'));
        let back: String = serde_json::from_str(&safe).unwrap();
        assert_eq!(back, "</script><script>\u{2028}");
    }

    #[test]
    fn no_part_of_the_page_ends_a_script_or_asks_for_anything() {
        for script in SCRIPTS.iter().chain([&ECHARTS]) {
            assert!(!script.to_lowercase().contains("</script"));
        }
        assert!(FRAME.contains("default-src 'none'"));
        assert!(!PAGE.contains("src=") && !PAGE.contains("<link"));
    }
}
