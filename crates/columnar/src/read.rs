//! The one reader of Parquet files, for files that somebody else may have written.
//!
//! Nothing that a file announces is believed before it is seen: the metadata are walked
//! (module `thrift`), sizes are bounded, pages are measured before they are unpacked, the rows come
//! in batches of bounded memory, and what the decoder makes of damaged bytes (it may panic) stays an
//! error about this file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use crate::TableError;
pub use crate::files::{bytes, open, text, text_within};
use crate::thrift::{self, Fault, PageHeader};

/// Most bytes of a file's metadata: 2000 row groups of 20 columns take 6 MB.
const MAX_METADATA: u64 = 32 << 20;

/// Most bytes of a page when it is unpacked; writers aim at one.
const MAX_PAGE: i64 = 256 << 20;

/// Most bytes of the text of a batch, by the longest text that a row may have.
const BATCH_BYTES: u64 = 256 << 20;

/// Rows of a batch at most.
const BATCH_ROWS: usize = 1 << 16;

/// A Parquet file whose metadata have been looked at.
#[derive(Debug, Clone)]
pub struct Table {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl Table {
    /// Opens a table.
    ///
    /// # Errors
    /// The file is missing, is no Parquet, or announces more than it can hold.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let mut file = open(path)?;
        footer(&mut file, path)?;
        let bad = TableError::parquet(path);
        let read = || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| e.to_string())
        };
        let metadata = caught(read).map_err(&bad)?;
        for group in metadata.metadata().row_groups() {
            if group.num_rows() < 0 {
                return Err(bad(format!("a row group of {} rows", group.num_rows())));
            }
        }
        Ok(Table { path: path.to_path_buf(), metadata })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows that its row groups announce.
    pub fn rows(&self) -> u64 {
        let groups = self.file_metadata().row_groups().iter();
        groups.map(|g| g.num_rows().unsigned_abs()).fold(0, u64::saturating_add)
    }

    /// Its columns.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    fn file_metadata(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// Rows of each of its row groups.
    pub fn group_rows(&self) -> Vec<u64> {
        self.file_metadata().row_groups().iter().map(|g| g.num_rows().unsigned_abs()).collect()
    }

    /// Its row groups: number of the first row, and whether a whole-number column may hold values
    /// from `first` to `last`, going by its statistics.
    pub fn groups(&self, column: &str, (first, last): (i64, i64)) -> Vec<(u64, bool)> {
        let mut row = 0u64;
        let groups = self.file_metadata().row_groups().iter();
        groups
            .map(|group| {
                let start = row;
                row = row.saturating_add(group.num_rows().unsigned_abs());
                (start, may_hold(group, column, first, last))
            })
            .collect()
    }

    /// All columns of all rows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn all(&self) -> Result<Batches, TableError> {
        let fields = self.schema().fields();
        let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
        self.columns(&names)
    }

    /// Some columns of all rows.
    ///
    /// # Errors
    /// A column is missing, or the file cannot be read.
    pub fn columns(&self, names: &[&str]) -> Result<Batches, TableError> {
        let groups = 0..self.file_metadata().num_row_groups();
        self.of_groups(names, groups.collect())
    }

    /// Some columns of the rows of some row groups, by their numbers.
    ///
    /// # Errors
    /// A column is missing, or the file cannot be read.
    pub fn of_groups(&self, names: &[&str], groups: Vec<usize>) -> Result<Batches, TableError> {
        let fields = self.schema().fields();
        let missing = |name: &&&str| fields.find(name).is_none();
        if let Some(name) = names.iter().find(missing) {
            let column = name.to_string();
            return Err(TableError::Missing { path: self.path.clone(), column });
        }
        let mut file = open(&self.path)?;
        let roots = names.iter().filter_map(|name| fields.find(name)).map(|(at, _)| at);
        let mask =
            ProjectionMask::roots(self.file_metadata().file_metadata().schema_descr(), roots);
        let longest = self.measure(&mut file, &mask, &groups)?;
        let rows = (BATCH_BYTES / longest.max(1)).clamp(1, BATCH_ROWS as u64);
        let build = || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(groups)
                .with_batch_size(rows as usize)
                .build()
                .map_err(|e| e.to_string())
        };
        let reader = caught(build).map_err(TableError::parquet(&self.path))?;
        Ok(Batches { path: self.path.clone(), reader: Some(reader) })
    }

    /// Looks at the pages of what will be read; returns the bytes that the texts of a row may take.
    fn measure(
        &self,
        file: &mut File,
        mask: &ProjectionMask,
        groups: &[usize],
    ) -> Result<u64, TableError> {
        let leaves = self.file_metadata().file_metadata().schema_descr().num_columns();
        let mut longest = vec![0; leaves];
        for &group in groups {
            let columns = self.file_metadata().row_group(group).columns();
            for (leaf, column) in
                columns.iter().enumerate().filter(|(at, _)| mask.leaf_included(*at))
            {
                let dictionary = chunk(file, column).map_err(TableError::parquet(&self.path))?;
                if column.column_type() == Type::BYTE_ARRAY && !self.keeps_dictionary(leaf) {
                    longest[leaf] = dictionary.max(longest[leaf]);
                }
            }
        }
        Ok(longest.iter().sum())
    }

    /// Whether a column is read as keys and texts: no text is there twice.
    fn keeps_dictionary(&self, leaf: usize) -> bool {
        let schema = self.file_metadata().file_metadata().schema_descr();
        let field = self.schema().fields().get(schema.get_column_root_idx(leaf));
        field.is_some_and(|f| matches!(f.data_type(), DataType::Dictionary(_, _)))
    }
}

/// Runs `work` so that a panic of the decoder becomes an error.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let caught = std::panic::catch_unwind(AssertUnwindSafe(work));
    caught.unwrap_or_else(|_| Err("damaged".to_string()))
}

/// Walks the metadata of a file.
fn footer(file: &mut File, path: &Path) -> Result<(), TableError> {
    let (io, bad) = (TableError::io(path), TableError::parquet(path));
    let length = file.seek(SeekFrom::End(0)).map_err(&io)?;
    let mut tail = [0; 8];
    if length < 12 {
        return Err(bad(format!("a file of {length} bytes")));
    }
    file.seek(SeekFrom::End(-8)).and_then(|_| file.read_exact(&mut tail)).map_err(&io)?;
    if &tail[4..] != b"PAR1" {
        return Err(bad("does not end as Parquet files do".to_string()));
    }
    let size = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if size > length - 8 {
        return Err(bad("metadata that are longer than the file".to_string()));
    }
    if size > MAX_METADATA {
        let path = path.to_path_buf();
        return Err(TableError::TooLarge { path, what: "bytes of metadata", limit: MAX_METADATA });
    }
    let mut bytes = vec![0; size as usize];
    let start = SeekFrom::Start(length - 8 - size);
    file.seek(start).and_then(|_| file.read_exact(&mut bytes)).map_err(&io)?;
    thrift::footer(&bytes).map_err(|fault| bad(words(fault)))
}

fn words(fault: Fault) -> String {
    match fault {
        Fault::Ends => "metadata that end early".to_string(),
        Fault::Wrong(what) => what,
    }
}

/// Measures the pages of a column; returns the unpacked bytes of its dictionary.
fn chunk(file: &mut File, column: &ColumnChunkMetaData) -> Result<u64, String> {
    // The library asserts that both are positive.
    let starts = [Some(column.data_page_offset()), column.dictionary_page_offset()];
    if starts.into_iter().flatten().any(|at| at < 0) || column.compressed_size() < 0 {
        return Err("a column before the start of the file".to_string());
    }
    let (mut at, size) = column.byte_range();
    let end = at.saturating_add(size);
    let mut longest = 0;
    while at < end {
        let page = header(file, at, end)?;
        let PageHeader { header, uncompressed, compressed, dictionary } = page;
        let start = at + header as u64;
        let fits = (0..=MAX_PAGE).contains(&uncompressed)
            && (0..=(end.saturating_sub(start)) as i64).contains(&compressed)
            && dictionary.is_none_or(|values| (0..=uncompressed).contains(&values));
        if !fits {
            return Err(format!(
                "a page of {compressed} bytes that unpack to {uncompressed}, {} in its column",
                end.saturating_sub(start)
            ));
        }
        if dictionary.is_some() {
            longest = longest.max(uncompressed as u64);
        }
        at = start + compressed as u64;
    }
    Ok(longest)
}

/// Header of the page at an offset.
fn header(file: &mut File, at: u64, end: u64) -> Result<PageHeader, String> {
    // Statistics make headers of a few long texts long.
    for window in [512, 1 << 20] {
        let mut bytes = Vec::with_capacity(window);
        let window = (end - at).min(window as u64);
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.by_ref().take(window).read_to_end(&mut bytes))
            .map_err(|e| e.to_string())?;
        match thrift::page(&bytes) {
            Err(Fault::Ends) => {}
            page => return page.map_err(words),
        }
    }
    Err("a page header that ends early".to_string())
}

fn may_hold(group: &RowGroupMetaData, column: &str, first: i64, last: i64) -> bool {
    let column = group.columns().iter().find(|c| c.column_path().string() == column);
    let bounds = column.and_then(|c| match c.statistics() {
        Some(Statistics::Int32(s)) => Some((i64::from(*s.min_opt()?), i64::from(*s.max_opt()?))),
        Some(Statistics::Int64(s)) => Some((*s.min_opt()?, *s.max_opt()?)),
        _ => None,
    });
    bounds.is_none_or(|(low, high)| low <= last && high >= first)
}

/// Rows of a table, some at a time.
pub struct Batches {
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let next = caught(|| reader.next().transpose().map_err(|e| e.to_string()));
        if !matches!(next, Ok(Some(_))) {
            // After an error, or a panic, the reader is in no state to go on.
            self.reader = None;
        }
        next.map_err(TableError::parquet(&self.path)).transpose()
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A whole table in memory.
///
/// # Errors
/// It cannot be read, or takes more than `limit` bytes in memory.
pub fn whole(path: &Path, limit: u64) -> Result<Vec<RecordBatch>, TableError> {
    let mut bytes = 0;
    let mut all = Vec::new();
    for batch in Table::open(path)?.all()? {
        let batch = batch?;
        // A row without columns takes room as well.
        bytes += (batch.get_array_memory_size() + batch.num_rows()) as u64;
        if bytes > limit {
            let path = path.to_path_buf();
            return Err(TableError::TooLarge { path, what: "bytes in memory", limit });
        }
        all.push(batch);
    }
    Ok(all)
}
