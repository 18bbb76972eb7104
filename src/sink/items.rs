//! The item table: the groups that losses of items are summed over.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::SinkError;
use super::{schema, table};
use crate::dataset::{Dataset, Item};

/// The item table of a result.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset) -> Result<RecordBatch, SinkError> {
    let items = &dataset.labels.items;
    let text = |of: fn(&Item) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(items.iter().map(of)))
    };
    let columns: Vec<ArrayRef> = vec![
        text(|i| &i.name),
        Arc::new(Int64Array::from_iter_values(items.iter().map(|i| i.code))),
        text(|i| &i.commodity_group),
        text(|i| &i.group),
    ];
    table::batch(schema::items(dataset), columns)
}
