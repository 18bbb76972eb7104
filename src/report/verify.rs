//! What `shocksweep verify` says.

use super::table;
use crate::check::integrity::Check;

/// The checks as a table.
pub fn text(checks: &[Check]) -> String {
    let verdict = |check: &Check| match check.holds {
        Some(true) => "ok",
        Some(false) => "FAILED",
        None => "not done",
    };
    let rows = checks
        .iter()
        .map(|check| vec![check.name.to_string(), verdict(check).to_string(), check.found.clone()]);
    format!("{}\n", table(&["check", "", "found"], rows.collect(), 3))
}
