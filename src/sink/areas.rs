//! The area table: what questions about regions and development need beside the losses.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::SinkError;
use super::commit::Pending;
use super::losses::properties;
use super::schema;
use crate::dataset::hdi::HdiClass;
use crate::dataset::{Area, Dataset};

/// Writes the area table of a result.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, dataset: &Dataset) -> Result<u64, SinkError> {
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
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(SinkError::arrow(path))?;
    let mut pending = Pending::create(path)?;
    let write = || {
        let mut writer = ArrowWriter::try_new(pending.file(), schema, Some(properties(true)))?;
        writer.write(&batch)?;
        writer.close()
    };
    write().map_err(SinkError::parquet(path))?;
    pending.commit()
}
