//! Small tables: one record batch, written whole.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;

use super::SinkError;
use super::commit::Pending;
use super::losses::table_properties;

/// Writes a table of one batch; returns the file, still to be committed.
///
/// # Errors
/// The columns do not fit the schema, or the file cannot be written.
pub fn write(path: &Path, schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<Pending, SinkError> {
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(SinkError::arrow(path))?;
    let mut pending = Pending::create(path)?;
    let write = || {
        let mut writer = ArrowWriter::try_new(&mut pending, schema, Some(table_properties()))?;
        writer.write(&batch)?;
        writer.close()
    };
    write().map_err(SinkError::parquet(path))?;
    Ok(pending)
}
