//! How the tables of a result are read: batches of columns, names, files of losses.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::sink::SinkError;
use crate::sink::folder::LOSSES;

/// The loss tables of a result, in order.
pub(super) fn parts(folder: &Path) -> Result<Vec<PathBuf>, SinkError> {
    let losses = folder.join(LOSSES);
    let entries = std::fs::read_dir(&losses).map_err(SinkError::io(&losses))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(SinkError::io(&losses))?.path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a row group may hold rows of the scenarios from `first` to `last`, going by its statistics.
pub(super) fn may_hold(group: &RowGroupMetaData, first: i32, last: i32) -> bool {
    let column = group.columns().iter().find(|c| c.column_path().string() == "scenario");
    match column.and_then(|c| c.statistics()) {
        Some(Statistics::Int32(range)) => {
            range.min_opt().is_none_or(|&min| min <= last)
                && range.max_opt().is_none_or(|&max| max >= first)
        }
        _ => true,
    }
}

/// Texts of a dictionary column.
pub(super) fn names(column: &ArrayRef) -> Option<Vec<String>> {
    let dictionary = column.as_any_dictionary_opt()?;
    let values = dictionary.values().as_string_opt::<i32>()?;
    Some(dictionary.normalized_keys().into_iter().map(|k| values.value(k).to_string()).collect())
}

pub(super) fn unreadable(path: &Path) -> SinkError {
    let problem = "does not have the columns of a result's table".to_string();
    SinkError::Unreadable { path: path.to_path_buf(), problem }
}

/// Calls `with` for every batch of some columns of a table.
pub(super) fn each_batch(
    path: &Path,
    columns: &[&str],
    mut with: impl FnMut(&RecordBatch) -> Option<()>,
) -> Result<(), SinkError> {
    let file = File::open(path).map_err(SinkError::io(path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(SinkError::parquet(path))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(SinkError::parquet(path))?;
    for batch in reader {
        let batch = batch.map_err(SinkError::arrow(path))?;
        with(&batch).ok_or_else(|| unreadable(path))?;
    }
    Ok(())
}
