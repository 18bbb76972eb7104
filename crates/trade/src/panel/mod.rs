//! The panel: yearly flows of items between areas, with what is known of them.

mod flows;
pub mod import;
pub mod store;
mod sums;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::record;

use crate::lists::Item;

/// What a flow is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Amount {
    /// kUSD.
    #[default]
    Value,
    /// Tonnes.
    Quantity,
}

impl Amount {
    /// Unit.
    pub fn unit(self) -> &'static str {
        match self {
            Amount::Value => "kUSD",
            Amount::Quantity => "tonnes",
        }
    }
}

/// Where a panel comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name.
    pub name: String,
    /// Whether it is invented.
    pub synthetic: bool,
    /// Licence of the data.
    pub licence: String,
    /// What flows are measured by.
    pub amount: Amount,
    /// First year.
    pub first_year: i32,
    /// Last year.
    pub last_year: i32,
    /// Areas in the table of areas that trade no item.
    pub silent_areas: usize,
    /// Program that wrote it.
    pub made_by: String,
    /// Files it was made from, by name.
    pub sources: Vec<Source>,
}

/// A file that a panel was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the file.
    pub file: String,
    /// What it holds.
    pub holds: String,
    /// Its size.
    pub bytes: u64,
    /// Rows, of trade only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// Trade of an item from one area to another in a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Index of the exporter.
    pub exporter: u16,
    /// Index of the importer.
    pub importer: u16,
    /// Value, kUSD.
    pub value: f64,
    /// Quantity, tonnes, missing ones filled; `None` where the item has no unit value that year.
    pub quantity: Option<f64>,
}

impl Flow {
    /// The amount; `None` where it has none.
    pub fn amount(&self, by: Amount) -> Option<f64> {
        match by {
            Amount::Value => Some(self.value),
            Amount::Quantity => self.quantity,
        }
    }
}

/// A year of trade.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// Year.
    pub year: i32,
    /// Flows by item, exporter, importer.
    pub flows: Vec<Flow>,
    /// `starts[p]..starts[p + 1]` are the flows of item `p`.
    pub starts: Vec<usize>,
    /// Exports of every area over all rows read, items or not, kUSD.
    pub exports: Vec<f64>,
    /// World trade over all rows read, kUSD.
    pub total: f64,
}

impl Year {
    /// Flows of an item.
    pub fn of(&self, item: usize) -> &[Flow] {
        &self.flows[self.starts[item]..self.starts[item + 1]]
    }
}

/// Trade of items between areas over the years.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Where it comes from.
    pub about: About,
    /// Names of the areas that trade an item, in order of bytes.
    pub areas: Vec<Arc<str>>,
    /// Items, in order of bytes; some may have no flow.
    pub items: Vec<Item>,
    /// Years, ascending, none missing.
    pub years: Vec<Year>,
    /// What was read and dropped.
    pub counts: Vec<Count>,
    /// Quantities that were missing.
    pub fills: Vec<QuantityFill>,
}

impl Panel {
    /// Items without any flow.
    pub fn silent_items(&self) -> Vec<&str> {
        let trades = |p: usize| self.years.iter().any(|year| !year.of(p).is_empty());
        (0..self.items.len()).filter(|&p| !trades(p)).map(|p| &*self.items[p].name).collect()
    }

    /// Index of a year.
    pub fn position(&self, year: i32) -> Option<usize> {
        self.years.iter().position(|found| found.year == year)
    }
}

record! {
    /// What was read, dropped and filled.
    pub struct Count = "counts" {
        /// Kind of row: rows read, zero_value, self_trade and other_codes (dropped), kept,
        /// quantity_filled and quantity_dropped (of those kept).
        pub what: String,
        /// How many.
        pub count: u64,
    }
}

record! {
    /// Quantities of an item in a year.
    pub struct QuantityFill = "quantity_fill" {
        /// Year.
        pub year: i32,
        /// Item.
        pub item: Arc<str>,
        /// Rows of the item.
        pub rows: u64,
        /// Rows whose missing quantity was filled with value / unit value.
        pub filled: u64,
        /// Rows whose quantity stays missing because the item has no unit value.
        pub dropped: u64,
        /// Value per tonne over rows with a quantity; null without any.
        pub unit_value: Option<f64> ["kUSD per tonne"],
        /// Quantity after filling.
        pub quantity: f64 ["tonnes"],
    }
}
