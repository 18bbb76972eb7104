//! The item table: the groups that losses of items are summed over.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};

use super::SinkError;
use super::commit::Pending;
use super::{schema, table};
use crate::dataset::{Dataset, Item};

/// Writes the item table of a result.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, dataset: &Dataset) -> Result<Pending, SinkError> {
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
    table::write(path, schema::items(dataset), columns)
}
