//! What `shocksweep validate` says.

use super::{number, table, whole};
use crate::check::validate::KindReport;

/// How the engines agree, kind by kind.
pub fn text(reports: &[KindReport], bound: f64) -> String {
    let rows = reports.iter().map(|r| {
        vec![
            r.kind.to_string(),
            if r.is_broken { "BROKEN" } else { "ok" }.to_string(),
            whole(r.scenarios),
            whole(r.compared),
            format!("{:.1e}", r.absolute.size),
            format!("{:.1e}", r.relative.size),
            whole(r.decisions),
            whole(r.differing),
            whole(r.undecided),
            whole(r.recomputed),
        ]
    });
    let header = [
        "kind",
        "",
        "scenarios",
        "numbers",
        "abs",
        "rel",
        "decisions",
        "differ",
        "undecided",
        "recomputed",
    ];
    let mut text = format!("{}\n\n", table(&header, rows.collect(), 2));
    text += &format!(
        "abs: largest difference, tonnes; rel: relative to the loss or to what flows in its \
         sector, of interactions to their size; allowed {bound:.0e}.\nundecided: of the decisions that differ, those so near a \
         threshold that rounding decides.\n"
    );
    for r in reports.iter().filter(|r| r.relative.size > 0.0) {
        let size = format!("{:.1e}", r.relative.size);
        text += &format!("  {}: rel {size} at {}", r.kind, r.relative.place);
        if r.absolute.place == r.relative.place {
            text.push('\n');
        } else {
            let size = number(r.absolute.size);
            text += &format!("; abs {size} t at {}\n", r.absolute.place);
        }
    }
    text
}
