//! The table of changes.

use super::{CandidateKind, Mitigation};
use crate::dataset::Dataset;
use crate::results::{AMOUNT, Name};

shocksweep_columnar::record! {
    /// A change that was tried.
    pub struct MitigationRow = "mitigations" {
        /// place by cut_expected, from 1
        pub rank: i32,
        /// move or reserve
        pub change: String,
        /// supplier that is bought less from
        pub from: Option<Name>,
        /// exporter that is bought more from
        pub to: Option<Name>,
        /// amount moved a year, or held
        pub amount: f64 [AMOUNT],
        /// expected loss a year without the change
        pub expected_before: f64 [AMOUNT],
        /// expected loss a year with it
        pub expected_after: f64 [AMOUNT],
        /// (expected_before - expected_after) / amount
        pub cut_expected: f64 ["1"],
        /// largest loss a year without the change
        pub worst_before: f64 [AMOUNT],
        /// largest loss a year with it
        pub worst_after: f64 [AMOUNT],
        /// (worst_before - worst_after) / amount
        pub cut_worst: f64 ["1"],
    }
}

/// The changes of a search, in their order.
pub fn rows(dataset: &Dataset, mitigation: &Mitigation) -> Vec<MitigationRow> {
    let before = mitigation.before;
    let name = |area: usize| Name::from(&dataset.labels.areas[area].name);
    let tried = mitigation.tried.iter().enumerate();
    let row = |(n, tried): (usize, &super::Measured)| {
        let (change, from, to) = match tried.candidate.kind {
            CandidateKind::Move { from, to } => ("move", Some(name(from)), Some(name(to))),
            CandidateKind::Reserve => ("reserve", None, None),
        };
        let (amount, after) = (tried.candidate.amount, tried.losses);
        MitigationRow {
            rank: n as i32 + 1,
            change: change.to_string(),
            from,
            to,
            amount,
            expected_before: before.expected,
            expected_after: after.expected,
            cut_expected: (before.expected - after.expected) / amount,
            worst_before: before.worst,
            worst_after: after.worst,
            cut_worst: (before.worst - after.worst) / amount,
        }
    };
    tried.map(row).collect()
}
