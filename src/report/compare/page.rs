//! A comparison as one page that needs nothing else, not even scripts.

use super::{lead, tables};
use crate::compare::Comparison;
use crate::report::html::STYLE;
use crate::report::picture::canvas::escaped;
use crate::report::picture::compare::draw;

/// What the styles of reports lack for this page.
const OWN: &str = "
figure { margin: 0 0 1.2rem; } figure svg { max-width: 100%; height: auto; border-radius: 6px; }
svg text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
td.number, th.number { text-align: right; white-space: nowrap; }
";

/// The page of a comparison of results with names; `top` rows of each table.
pub fn page(comparison: &Comparison, names: [&str; 2], top: usize) -> String {
    let mut page =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<meta name=\"color-scheme\" content=\"light dark\">\n";
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
             'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n";
    page += &format!("<title>shocksweep: two results</title>\n<style>{STYLE}{OWN}</style>\n");
    page += "</head>\n<body>\n<header id=\"top\"><div class=\"bar\"><p class=\"brand\">shocksweep</p></div>\n";
    page += "<h1>What changed?</h1>\n";
    page += &told(comparison, names);
    page += "</header>\n<main>\n";
    page += &shown(comparison, names, top, ["section", "h2"]);
    page + "</main>\n</body>\n</html>\n"
}

/// The same as a section of another page: of the report of B, held against A.
pub fn section(comparison: &Comparison, names: [&str; 2], top: usize) -> String {
    format!(
        "  <section id=\"against\" aria-labelledby=\"against-title\"><style>{OWN}</style>\n\
         <h2 id=\"against-title\">What changed</h2>\n{}{}  </section>\n",
        told(comparison, names),
        shown(comparison, names, top, ["div", "h3"])
    )
}

/// What a reader should know first.
fn told(comparison: &Comparison, names: [&str; 2]) -> String {
    let lines = lead(comparison, names);
    let lines = lines.iter().flat_map(|text| text.lines());
    lines.map(|line| format!("<p>{}</p>\n", escaped(line))).collect()
}

/// The picture and the tables, each in a part with a heading.
fn shown(
    comparison: &Comparison,
    names: [&str; 2],
    top: usize,
    [part, heading]: [&str; 2],
) -> String {
    let mut page = String::new();
    if let Some(picture) = draw(comparison, names) {
        page += &format!("<{part}><figure>{}</figure></{part}>\n", picture.markup());
    }
    for shown in tables(comparison, top).iter().filter(|shown| !shown.rows.is_empty()) {
        let title = escaped(&shown.title);
        page += &format!("<{part}>\n<{heading}>{title}</{heading}>\n<table>\n<thead><tr>");
        let class = |at: usize| if shown.columns[at].is_number { " class=\"number\"" } else { "" };
        for (at, column) in shown.columns.iter().enumerate() {
            page += &format!("<th{}>{}</th>", class(at), escaped(&column.title));
        }
        page += "</tr></thead>\n<tbody>\n";
        for row in &shown.rows {
            page += "<tr>";
            for (at, cell) in row.iter().enumerate() {
                page += &format!("<td{}>{}</td>", class(at), escaped(cell));
            }
            page += "</tr>\n";
        }
        page += &format!("</tbody>\n</table>\n</{part}>\n");
    }
    page
}
