//! Whether the manifest of a result is the one that its ledger seals.

use super::integrity::Check;
use crate::sink::close::differences;
use crate::sink::ledger::Ledger;
use crate::sink::manifest::Manifest;

/// Differences that are named.
const NAMED: usize = 3;

/// Compares a manifest with the one that the ledger seals.
pub fn check(ledger: Option<&Ledger>, manifest: &Manifest) -> Check {
    let name = "manifest";
    let Some(sealed) = ledger.and_then(|ledger| ledger.closed.as_ref()) else {
        let problem = "no line of the ledger seals it".to_string();
        return Check::new(name, Some(problem), String::new());
    };
    let found = differences(sealed, manifest);
    let named: Vec<&str> = found.iter().take(NAMED).map(String::as_str).collect();
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let problem = (!found.is_empty())
        .then(|| format!("is not the one that was sealed: {}{more}", named.join("; ")));
    Check::new(name, problem, "as the ledger seals it".to_string())
}
