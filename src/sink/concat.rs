//! Puts the parts of a table together.

use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use shocksweep_columnar::read::Table;

use super::SinkError;
use super::commit::Pending;
use super::manifest::FileRecord;
use crate::results::encoding::table_properties;

/// Rows that are written at a time.
const BATCH: usize = 8_192;

/// Writes one table from parts of it, in their order; `name` is its path in the folder.
///
/// The bytes depend on the rows alone, not on when or where the parts were made.
///
/// # Errors
/// A part cannot be read, the parts have different columns, or the table cannot be written.
pub fn concat(root: &Path, name: &str, parts: &[PathBuf]) -> Result<FileRecord, SinkError> {
    let path = root.join(name);
    let mut target = Some(Pending::create(&path)?);
    let mut rows = 0;
    let mut writer: Option<(SchemaRef, ArrowWriter<Pending>)> = None;
    for part in parts {
        let table = Table::open(part)?;
        let schema = table.schema().clone();
        if let Some(target) = target.take() {
            let properties = Some(table_properties());
            let new = ArrowWriter::try_new(target, schema.clone(), properties);
            writer = Some((schema.clone(), new.map_err(SinkError::parquet(&path))?));
        }
        let Some((expected, writer)) = &mut writer else { continue };
        if schema != *expected {
            let problem = "has other columns than the part before it".to_string();
            return Err(SinkError::Unreadable { path: part.clone(), problem });
        }
        for batch in table.all()? {
            let batch = batch?;
            rows += batch.num_rows();
            // The writer's memory follows what it is handed at a time.
            for start in (0..batch.num_rows()).step_by(BATCH) {
                let few = batch.slice(start, BATCH.min(batch.num_rows() - start));
                writer.write(&few).map_err(SinkError::parquet(&path))?;
            }
        }
    }
    let problem = || "has no parts".to_string();
    let missing = || SinkError::Unreadable { path: path.clone(), problem: problem() };
    let (_, writer) = writer.ok_or_else(missing)?;
    let pending = writer.into_inner().map_err(SinkError::parquet(&path))?;
    Ok(FileRecord::new(name, rows, pending.commit()?))
}
