//! Tables of estimates as HTML.

use std::fmt::Write;

use shocksweep_networks::reading::{Cell, Layout};

use super::latex::runs;
use super::{coefficient, term_name};

/// Text that HTML prints as it is.
pub(super) fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A `table` element per layout, without styles of its own.
pub fn html(layouts: &[Layout]) -> String {
    let mut text = String::new();
    for layout in layouts {
        let width = layout.columns.len();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "<table class=\"estimates\">\n<caption>{}</caption>",
            plain(&layout.title)
        );
        let _ = write!(text, "<thead>\n<tr><th></th>");
        for (tier, count) in runs(layout.columns.iter().map(|column| column.tier.as_str())) {
            let _ = write!(text, "<th colspan=\"{count}\">{}</th>", plain(tier));
        }
        let _ = write!(text, "</tr>\n<tr><th></th>");
        for column in &layout.columns {
            let _ = write!(text, "<th>{}</th>", plain(&column.model));
        }
        let _ = writeln!(text, "</tr>\n</thead>\n<tbody>");
        let mut section = "";
        for row in &layout.rows {
            if row.section != section {
                section = row.section;
                let _ = writeln!(
                    text,
                    "<tr><th colspan=\"{}\" class=\"section\">{section}</th></tr>",
                    width + 1
                );
            }
            let _ = write!(text, "<tr><th scope=\"row\">{}</th>", plain(&term_name(&row.term)));
            for cell in &row.cells {
                let _ = write!(text, "<td>{}</td>", content(cell));
            }
            let _ = writeln!(text, "</tr>");
        }
        let _ = write!(text, "</tbody>\n<tfoot>\n<tr><th scope=\"row\">Steps</th>");
        for column in &layout.columns {
            let _ = write!(text, "<td>{}</td>", column.fit.steps);
        }
        let _ = write!(text, "</tr>\n<tr><th scope=\"row\">Ordered pairs</th>");
        for column in &layout.columns {
            let _ = write!(text, "<td>{}</td>", column.fit.pairs);
        }
        let _ = writeln!(text, "</tr>\n</tfoot>\n</table>");
    }
    text
}

fn content(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Missing(why) => plain(why),
        Cell::Estimate { b, interval, stars, .. } => {
            let interval = interval.map_or(String::new(), |(lower, upper)| {
                format!("<br><small>[{}, {}]</small>", coefficient(lower), coefficient(upper))
            });
            format!("{}<sup>{stars}</sup>{interval}", coefficient(*b))
        }
    }
}
