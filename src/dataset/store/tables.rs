//! The tables of a dataset, each declared once: what is written, and what a reader may ask for.
//!
//! Large ones are written column by column ([`of_columns`]), so that labels cost a key per entry.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, SchemaRef};
use shocksweep_columnar::{Name, Record, record};

use crate::dataset::DatasetError;
use crate::dataset::error::Problem;

record! {
    /// An area.
    pub struct AreaLine = "areas" {
        /// name
        pub area: Name,
        /// code of the publisher
        pub code: i64,
        /// ISO 3166-1 alpha-3 code
        pub iso3: String,
        /// region
        pub region: Option<String>,
        /// latitude of its middle
        pub latitude: Option<f64> ["degrees north"],
        /// longitude of its middle
        pub longitude: Option<f64> ["degrees east"],
        /// people
        pub population: Option<f64> ["persons"],
        /// human development index
        pub hdi: Option<f64> ["1"],
    }
}

record! {
    /// An item.
    pub struct ItemLine = "items" {
        /// name
        pub item: Name,
        /// code of the publisher
        pub code: i64,
        /// code of the commodity
        pub commodity_code: String,
        /// group within which items are substituted
        pub commodity_group: String,
        /// group of the publisher
        pub group: String,
        /// unit of amounts
        pub unit: String,
        /// energy of what is eaten; null where the item is no food
        pub kcal_per_kg: Option<f64> ["kcal per kg"],
        /// protein of what is eaten
        pub protein_g_per_kg: Option<f64> ["g per kg"],
        /// whether the item is eaten; null where that is not known
        pub food: Option<bool>,
    }
}

record! {
    /// A process.
    pub struct ProcessLine = "processes" {
        /// name
        pub process: Name,
        /// code of the publisher
        pub code: String,
    }
}

record! {
    /// A sector that has anything.
    pub struct SectorLine = "sectors" {
        /// its area
        pub area: Name,
        /// its item
        pub item: Name,
        /// available amount at t = 0
        pub x0: f64 ["unit of the item"],
        /// start stock, added to output once, in the first step
        pub start_stock: f64 ["unit of the item"],
        /// share of the available amount set aside for production
        pub eta_prod: f64 ["1"],
        /// share of the available amount set aside for export
        pub eta_exp: f64 ["1"],
        /// part of consumption that is eaten; the column is there where the dataset knows it
        pub food_part: f64 ["1"],
    }
}

record! {
    /// Conversion of an item by a process (`conversion_alpha`), or its output without input (`output_beta`).
    pub struct ProductionLine = "conversion_alpha" {
        /// area
        pub area: Name,
        /// item that is made
        pub item: Name,
        /// process that makes it
        pub process: Name,
        /// output per unit of input; without input the output itself
        pub value: f64 ["unit of the item"],
    }
}

record! {
    /// Allocation of an item to a process.
    pub struct AllocationLine = "allocation_nu" {
        /// area
        pub area: Name,
        /// process that takes the item
        pub process: Name,
        /// item
        pub item: Name,
        /// share of the amount for production given to the process
        pub share: f64 ["1"],
    }
}

record! {
    /// A link of trade.
    pub struct TradeLine = "trade_t" {
        /// item
        pub item: Name,
        /// area that receives it
        pub importer: Name,
        /// area that sends it
        pub exporter: Name,
        /// share of the exporter's exports
        pub share: f64 ["1"],
    }
}

record! {
    /// A rule for conversions or outputs (`rules_alpha`, `rules_beta`).
    pub struct ProductionRule = "rules_alpha" {
        /// number of the block: see `rule_blocks`
        pub block: i64,
        /// item
        pub item: Name,
        /// process
        pub process: Name,
        /// factor on an existing entry; null where no event tells
        pub multiplier: Option<f64> ["1"],
        /// amount added, which makes a new entry where there was none; null where no event tells
        pub rewiring: Option<f64> ["unit of the entry"],
    }
}

record! {
    /// A rule for allocations.
    pub struct AllocationRule = "rules_nu" {
        /// number of the block: see `rule_blocks`
        pub block: i64,
        /// process
        pub process: Name,
        /// item
        pub item: Name,
        /// factor on an existing entry; null where no event tells
        pub multiplier: Option<f64> ["1"],
        /// amount added, which makes a new entry where there was none; null where no event tells
        pub rewiring: Option<f64> ["unit of the entry"],
    }
}

record! {
    /// A rule for shares.
    pub struct ShareRule = "rules_shares" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// `eta_exp`, `eta_prod` or `eta_cons`
        pub share: String,
        /// factor on an existing share; null where no event tells
        pub multiplier: Option<f64> ["1"],
        /// share added, which makes a new one where there was none; null where no event tells
        pub rewiring: Option<f64> ["1"],
    }
}

record! {
    /// A rule for trade (`rules_import`, `rules_export`).
    pub struct TradeRule = "rules_import" {
        /// number of the block: see `rule_blocks`
        pub block: i64,
        /// area that receives
        pub importer: Name,
        /// area that sends
        pub exporter: Name,
        /// factor on an existing entry; null where no event tells
        pub multiplier: Option<f64> ["1"],
        /// amount added, which makes a new entry where there was none; null where no event tells
        pub rewiring: Option<f64> ["unit of the entry"],
    }
}

record! {
    /// A substitute.
    pub struct SubstituteLine = "substitutability" {
        /// number of the block: see `rule_blocks`
        pub block: i64,
        /// item that is lost
        pub item: Name,
        /// item that takes its place
        pub substitute: Name,
        /// index of substitutability
        pub index: f64 ["1"],
    }
}

record! {
    /// Which area or item a block of rules belongs to.
    pub struct BlockLine = "rule_blocks" {
        /// table of the rules
        pub table: String,
        /// area or item
        pub member: String,
        /// number of the block
        pub block: i64,
    }
}

/// All tables of a dataset with their columns.
pub fn all() -> Vec<(&'static str, Vec<Field>)> {
    fn of<R: Record>(tables: &'static [&'static str]) -> Vec<(&'static str, Vec<Field>)> {
        tables.iter().map(|table| (*table, R::fields())).collect()
    }
    [
        of::<AreaLine>(&["areas"]),
        of::<ItemLine>(&["items"]),
        of::<ProcessLine>(&["processes"]),
        of::<SectorLine>(&["sectors"]),
        of::<ProductionLine>(&["conversion_alpha", "output_beta"]),
        of::<AllocationLine>(&["allocation_nu"]),
        of::<TradeLine>(&["trade_t"]),
        of::<ProductionRule>(&["rules_alpha", "rules_beta"]),
        of::<AllocationRule>(&["rules_nu"]),
        of::<ShareRule>(&["rules_shares"]),
        of::<TradeRule>(&["rules_import", "rules_export"]),
        of::<SubstituteLine>(&["substitutability"]),
        of::<BlockLine>(&["rule_blocks"]),
    ]
    .concat()
}

/// A table whose columns were made by hand, in the order of the declaration; a last one that the data
/// do not have may be missing.
///
/// # Errors
/// The columns do not fit the declaration.
pub fn of_columns<R: Record>(
    path: &Path,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch, DatasetError> {
    let fields: Vec<Field> = R::fields().into_iter().take(columns.len()).collect();
    let schema = SchemaRef::new(arrow_schema::Schema::new(fields));
    RecordBatch::try_new(schema, columns)
        .map_err(|error| DatasetError::file(path, Problem::Parquet(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::metadata::TABLES;

    /// What a folder is described by, what is declared and what may stand there is the same.
    #[test]
    fn every_table_is_declared() {
        let mut declared: Vec<&str> = all().into_iter().map(|(table, _)| table).collect();
        let mut described = TABLES.to_vec();
        declared.sort_unstable();
        described.sort_unstable();
        assert_eq!(declared, described);
    }
}
