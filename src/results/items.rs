//! The item table: the groups that losses of items are summed over.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::Name;
use crate::dataset::Dataset;

shocksweep_columnar::record! {
    /// An item.
    pub struct ItemRow = "items" {
        /// name
        pub item: Name,
        /// code of the source
        pub code: i64,
        /// group of like commodities
        pub commodity_group: String,
        /// group by origin and processing
        pub item_group: String,
        /// unit of its amounts: `tonne`, `head`, or the dataset's own
        pub unit: Name,
        /// energy; null where it is not known, 0 for what is no food
        pub kcal_per_kg: Option<f64> ["kcal per kg"],
        /// protein; null where it is not known
        pub protein_g_per_kg: Option<f64> ["g per kg"],
        /// whether people eat it; null where it is not known
        pub food: Option<bool>,
    }
}

/// The items of a dataset, in order.
pub fn rows(dataset: &Dataset) -> Vec<ItemRow> {
    let row = |i: &crate::dataset::Item| ItemRow {
        item: Name::from(&i.name),
        code: i.code,
        commodity_group: i.commodity_group.clone(),
        item_group: i.group.clone(),
        unit: Name::from(i.unit.name()),
        kcal_per_kg: i.nutrition.map(|n| n.kcal_per_kg),
        protein_g_per_kg: i.nutrition.and_then(|n| n.protein_g_per_kg),
        food: i.nutrition.map(|n| n.is_food),
    };
    dataset.labels.items.iter().map(row).collect()
}

/// The item table of a result.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset))
}
