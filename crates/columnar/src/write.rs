//! Rows to Parquet or CSV, whole or not at all.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::Record;
use crate::commit::{Pending, Written};

pub use crate::WriteError;
pub use crate::formula::harmless;

/// Runs `write` on a temporary file beside `path` and gives it its name when it is on the disk.
///
/// # Errors
/// The file cannot be written; then `path` is what it was before.
pub fn whole(
    path: &Path,
    write: impl FnOnce(&mut Pending) -> std::io::Result<()>,
) -> Result<Written, WriteError> {
    let mut pending = Pending::create(path)?;
    write(&mut pending).map_err(WriteError::at(path))?;
    pending.commit()
}

/// Writes a batch as Parquet, or as CSV where the name of the file ends so.
///
/// # Errors
/// The file cannot be written; nothing is left half-written.
pub fn batch(path: &Path, batch: &RecordBatch) -> Result<Written, WriteError> {
    let is_csv = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    whole(path, |file| if is_csv { csv(file, batch) } else { parquet(file, batch) })
}

/// Writes rows into `folder` as `TABLE.parquet`, and as `TABLE.csv` too if `csv`.
///
/// # Errors
/// A file cannot be written.
pub fn table<R: Record>(folder: &Path, rows: &[R], csv: bool) -> Result<(), WriteError> {
    let all = R::batch(rows);
    batch(&folder.join(format!("{}.parquet", R::TABLE)), &all)?;
    if csv {
        batch(&folder.join(format!("{}.csv", R::TABLE)), &all)?;
    }
    Ok(())
}

fn parquet(file: &mut Pending, batch: &RecordBatch) -> std::io::Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("shocksweep ", env!("CARGO_PKG_VERSION")).to_string())
        .build();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(())
}

/// Header and rows; an empty cell is a null, numbers read back to the same value.
fn csv(file: &mut Pending, batch: &RecordBatch) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(file));
    writer.write_record(batch.schema().fields().iter().map(|f| f.name().as_str()))?;
    let mut row: Vec<String> = vec![String::new(); batch.num_columns()];
    for at in 0..batch.num_rows() {
        for (cell, column) in row.iter_mut().zip(batch.columns()) {
            *cell = text(column, at);
        }
        writer.write_record(&row)?;
    }
    writer.flush()
}

/// A cell as text; empty for null.
fn text(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Utf8 => harmless(column.as_string::<i32>().value(row)),
        DataType::Boolean => if column.as_boolean().value(row) { "True" } else { "False" }.into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        // Of the types that records have only dictionaries of names are left.
        _ => column.as_any_dictionary_opt().map_or_else(String::new, |dictionary| {
            text(dictionary.values(), dictionary.normalized_keys()[row])
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    crate::record! {
        /// A table.
        struct Row = "rows" {
            /// Name.
            name: String,
            /// Number.
            value: Option<f64>,
            /// Flag.
            flag: bool,
        }
    }

    #[test]
    fn a_table_is_written_as_parquet_and_csv() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [
            Row { name: "a,b".into(), value: Some(0.1), flag: true },
            Row { name: "c".into(), value: None, flag: false },
            Row { name: "=1+1".into(), value: Some(-2.0), flag: false },
        ];
        table(folder.path(), &rows, true).unwrap();
        let csv = std::fs::read_to_string(folder.path().join("rows.csv")).unwrap();
        assert_eq!(csv, "name,value,flag\n\"a,b\",0.1,True\nc,,False\n'=1+1,-2,False\n");
        let read = crate::text::TextTable::read(&folder.path().join("rows.parquet")).unwrap();
        assert_eq!(read.rows[0], ["a,b", "0.1", "true"]);
    }

    #[test]
    fn what_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, "before").unwrap();
        let failing = |file: &mut Pending| -> std::io::Result<()> {
            file.write_all(b"half")?;
            Err(std::io::Error::other("no"))
        };
        whole(&path, failing).unwrap_err();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
