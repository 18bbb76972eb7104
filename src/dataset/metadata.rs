//! What a dataset says of itself: name, year, units, licence, and where every table comes from.

use serde::{Deserialize, Serialize};

/// Description of a dataset, written to `dataset.toml` and into every result made from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Name of the dataset, such as `food2020`.
    pub name: String,
    /// Year the data describe; none for a synthetic world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Units of the amounts.
    pub units: String,
    /// Licence of the data.
    pub licence: String,
    /// Whether the dataset as a whole is invented, not observed.
    pub synthetic: bool,
    /// One entry per table; a dataset without any is neither written nor read.
    pub sources: Vec<TableSource>,
}

/// Origin of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSource {
    /// Name of the table, such as `trade_t`.
    pub table: String,
    /// File or method it was made from; never a path outside the source folder.
    pub source: String,
    /// Whether its numbers are as published, reconstructed or synthetic.
    pub status: TableStatus,
}

/// How far a table's numbers can be cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableStatus {
    /// As its source gives them.
    Original,
    /// Rebuilt from other sources: plausible, not citable.
    Reconstructed,
    /// Invented.
    Synthetic,
}

/// Units of amounts.
pub const UNITS: &str =
    "of each item as the table of items says (tonne, head); population in persons";

/// What earlier versions wrote instead, a thousandfold off for live animals.
pub const EARLIER_UNITS: &str = "tonnes; live animals in 1000 heads; population in persons";

/// Names of a dataset's tables, in the order in which they are written and hashed.
pub const TABLES: [&str; 16] = [
    "areas",
    "items",
    "processes",
    "sectors",
    "conversion_alpha",
    "output_beta",
    "allocation_nu",
    "trade_t",
    "rules_alpha",
    "rules_beta",
    "rules_nu",
    "rules_shares",
    "rules_import",
    "rules_export",
    "rule_blocks",
    "substitutability",
];

impl Metadata {
    /// Names of the tables with a given status, in table order.
    pub fn tables_with(&self, status: TableStatus) -> Vec<&str> {
        self.sources.iter().filter(|s| s.status == status).map(|s| s.table.as_str()).collect()
    }

    /// One line that every output carries when numbers must not be cited, else `None`.
    pub fn warning(&self) -> Option<String> {
        if self.synthetic {
            return Some(format!(
                "dataset `{}` is SYNTHETIC: an invented world, not observations",
                self.name
            ));
        }
        let part = |status, word: &str| {
            let tables = self.tables_with(status);
            (!tables.is_empty()).then(|| format!("{word}: {}", tables.join(", ")))
        };
        let parts: Vec<String> = [
            part(TableStatus::Reconstructed, "reconstructed"),
            part(TableStatus::Synthetic, "synthetic"),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "dataset `{}` holds tables that are not original ({})",
                self.name,
                parts.join("; ")
            )
        })
    }
}
