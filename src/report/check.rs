//! What a dataset holds and which invariants it keeps, as tables.

use super::{number, table, whole};
use crate::dataset::check::{Amount, CheckReport, Status};

/// A check of a dataset as two tables.
pub fn text(report: &CheckReport) -> String {
    let amount = |amount: Amount| match amount {
        Amount::Count(count) => whole(count),
        Amount::Quantity(value) => number(value),
    };
    let counts = report.counts.iter().map(|&(what, n)| vec![what.to_string(), amount(n)]).collect();
    let verdicts = report
        .verdicts
        .iter()
        .map(|v| {
            let status = match v.status {
                Status::Pass => "pass",
                Status::Warn => "WARN",
                Status::Fail => "FAIL",
            };
            let found = match v.violations {
                0 => String::new(),
                n => format!("{}: {}", whole(n), v.detail),
            };
            vec![v.invariant.to_string(), status.to_string(), found]
        })
        .collect();
    let counts = table(&["what is there", ""], counts, 1);
    format!("{counts}\n\n{}", table(&["invariant", "verdict", "broken"], verdicts, 9))
}
