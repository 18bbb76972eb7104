//! The area table: what questions about regions and development need beside the losses.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};

use super::SinkError;
use super::{schema, table};
use crate::dataset::hdi::HdiClass;
use crate::dataset::{Area, Dataset};

/// The area table of a result.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset) -> Result<RecordBatch, SinkError> {
    let areas = &dataset.labels.areas;
    let float = |of: fn(&Area) -> Option<f64>| -> ArrayRef {
        Arc::new(areas.iter().map(of).collect::<Float64Array>())
    };
    let text = |of: fn(&Area) -> Option<&str>| -> ArrayRef {
        Arc::new(areas.iter().map(of).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        text(|a| Some(&a.name)),
        text(|a| Some(&a.iso3)),
        text(|a| a.region.as_deref()),
        float(|a| a.population),
        float(|a| a.hdi),
        text(|a| a.hdi.map(|hdi| HdiClass::of(hdi).name())),
        float(|a| a.latitude),
        float(|a| a.longitude),
    ];
    let schema = schema::areas(dataset);
    table::batch(schema, columns)
}
