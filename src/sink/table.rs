//! Small tables: one record batch, written whole.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;

use super::SinkError;
use super::commit::Pending;
use super::losses::table_properties;

/// A table of some columns.
///
/// # Errors
/// The columns do not fit the schema.
pub fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, SinkError> {
    RecordBatch::try_new(schema, columns).map_err(SinkError::arrow(Path::new("a table")))
}

/// Writes a table; returns the file, still to be committed.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, batch: &RecordBatch) -> Result<Pending, SinkError> {
    let mut pending = Pending::create(path)?;
    let mut write = || {
        let properties = Some(table_properties());
        let mut writer = ArrowWriter::try_new(&mut pending, batch.schema(), properties)?;
        writer.write(batch)?;
        writer.close()
    };
    write().map_err(SinkError::parquet(path))?;
    Ok(pending)
}
