//! shocksweep's own form of a dataset: a folder of Parquet tables and a readable `dataset.toml`.
//!
//! [`tables`] declares the tables: `areas`, `items`, `processes`, `sectors` (where anything is not 0),
//! `conversion_alpha`, `output_beta`, `allocation_nu`, `trade_t`, the `rules_...`, `substitutability`,
//! `rule_blocks`, which says to which area or item a block of rules belongs, and
//! `reserves`, where it has any.
//!
//! Labels are names, as Parquet dictionaries: entries are bound to labels, not to positions, and
//! any tool can read the tables. A rule's missing half is null. The rule tables and
//! `substitutability` are there only if the dataset has them. Folders of earlier versions lack `unit` and what
//! follows it: their items have the usual measures ([`super::measures`]), and their content hash is the same.

pub mod arrays;
mod columns;
mod description;
mod labels;
pub(crate) mod place;
mod read;
mod reserves;
mod rules;
pub mod stored;
pub mod tables;
pub(super) mod validate;
mod write;

use std::path::Path;

use arrow_array::RecordBatch;
use shocksweep_columnar::Record;

pub use read::read;
pub use write::{write, write_with};

/// Name of the description of a dataset.
pub const DESCRIPTION: &str = "dataset.toml";

/// A table beside those of the dataset: what was found when the dataset was made. It is for people
/// and other programs; nothing here reads it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its name, one of [`REPORTS`].
    pub name: &'static str,
    /// Its rows.
    pub batch: RecordBatch,
}

impl Report {
    /// A table of rows, which declare its name and its columns.
    pub fn of<R: Record>(rows: &[R]) -> Self {
        Report { name: R::TABLE, batch: R::batch(rows) }
    }
}

/// Names of the reports: of a calibration (`balance`) and of learning (the others).
pub const REPORTS: [&str; 9] = [
    "balance",
    "candidates",
    "events",
    "rule_observations",
    "rules",
    "substitution_tests",
    "impact",
    "stability",
    "backtest",
];

/// Whether a folder is in shocksweep's own form.
pub fn is_own_form(folder: &Path) -> bool {
    folder.join(DESCRIPTION).is_file()
}

/// Families of rules stored in blocks: table, and what a member of the family is.
const RULE_FAMILIES: [&str; 5] =
    ["rules_alpha", "rules_beta", "rules_nu", "rules_import", "rules_export"];

/// Values of `share` in `rules_shares`, in the order of [`super::AdaptationRules`]' fields.
const SHARES: [&str; 3] = ["eta_exp", "eta_prod", "eta_cons"];

/// Shares may exceed 1 by the rounding of the sums they were made from.
const SHARE_LIMIT: f64 = 1.0 + 1e-9;

/// File name of a table.
fn table_file(table: &str) -> String {
    format!("{table}.parquet")
}
