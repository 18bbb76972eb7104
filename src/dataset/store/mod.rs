//! shocksweep's own form of a dataset: a folder of Parquet tables and a readable `dataset.toml`.
//!
//! | table | columns |
//! |---|---|
//! | `areas` | `area, code, iso3, region, latitude, longitude, population, hdi` |
//! | `items` | `item, code, commodity_code, commodity_group, group, unit, kcal_per_kg, protein_g_per_kg, food` |
//! | `processes` | `process, code` |
//! | `sectors` | `area, item, x0, start_stock, eta_prod, eta_exp`, and `food_part` where it is known; sectors where any is not 0 |
//! | `conversion_alpha`, `output_beta` | `area, item, process, value` |
//! | `allocation_nu` | `area, process, item, share` |
//! | `trade_t` | `item, importer, exporter, share` |
//! | `rules_alpha`, `rules_beta` | `block, item, process, multiplier, rewiring` |
//! | `rules_nu` | `block, process, item, multiplier, rewiring` |
//! | `rules_shares` | `area, item, share, multiplier, rewiring` |
//! | `rules_import`, `rules_export` | `block, importer, exporter, multiplier, rewiring` |
//! | `substitutability` | `block, item, substitute, index` |
//! | `rule_blocks` | `table, member, block`: which area or item a block belongs to |
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
pub(super) mod validate;
mod write;

use std::path::Path;

use arrow_array::ArrayRef;

pub use read::read;
pub use write::{write, write_with};

/// Name of the description of a dataset.
pub const DESCRIPTION: &str = "dataset.toml";

/// Columns of a table with their names.
pub type Columns = Vec<(&'static str, ArrayRef)>;

/// A table beside those of the dataset: what was found when the dataset was made. It is for people
/// and other programs; nothing here reads it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its name, one of [`REPORTS`].
    pub name: &'static str,
    /// Its columns.
    pub columns: Columns,
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
