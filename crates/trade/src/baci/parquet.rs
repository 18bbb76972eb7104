//! Parquet: row groups, decoded by all threads.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use shocksweep_columnar::Cell;

use super::{COLUMNS, Flow, Visitor, in_order, number, positions};
use crate::error::TradeError;

/// Rows decoded at a time.
const BATCH: usize = 8192;

/// Most rows of a row group.
const MAX_ROWS: i64 = 1 << 31;

fn open(path: &Path) -> Result<ArrowReaderMetadata, TradeError> {
    let file = File::open(path)
        .map_err(|error| TradeError::file(path, format!("cannot be read: {error}")))?;
    let load = || ArrowReaderMetadata::load(&file, Default::default());
    // The decoder may panic on hostile bytes; a user's file must not bring the program down.
    let metadata = std::panic::catch_unwind(AssertUnwindSafe(load));
    let metadata = metadata
        .map_err(|_| "damaged".to_string())
        .and_then(|read| read.map_err(|e| e.to_string()));
    metadata.map_err(|problem| {
        TradeError::file(path, format!("not a readable Parquet table: {problem}"))
    })
}

/// Column names of a file; none where it cannot be read.
pub fn header(path: &Path) -> Vec<String> {
    let names = |metadata: ArrowReaderMetadata| {
        metadata.schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    open(path).map(names).unwrap_or_default()
}

/// See [`super::read`].
pub fn read<V: Visitor>(
    path: &Path,
    block: &(impl Fn() -> V + Sync),
    mut done: impl FnMut(u64, V),
) -> Result<u64, TradeError> {
    let metadata = open(path)?;
    let header: Vec<String> =
        metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
    let columns = positions(path, &header)?;
    let groups = metadata.metadata().num_row_groups();
    let too_large =
        metadata.metadata().row_groups().iter().any(|group| group.num_rows() >= MAX_ROWS);
    if too_large {
        return Err(TradeError::file(
            path,
            "has a row group of more rows than fit; expected a table of trade",
        ));
    }
    let group = |number: usize| -> (u32, Result<V, (u32, String)>) {
        let mut visitor = block();
        let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
            decode(path, metadata.clone(), columns, number, &mut visitor)
        }));
        match read.unwrap_or_else(|_| Err((0, "damaged; expected a readable Parquet table".into())))
        {
            Ok(rows) => (rows, Ok(visitor)),
            Err(problem) => (0, Err(problem)),
        }
    };
    let mut rows = 0;
    let count = rayon::current_num_threads();
    for from in (0..groups).step_by(count) {
        let numbers = (from..(from + count).min(groups)).collect();
        in_order(path, numbers, &mut rows, group, &mut done)?;
    }
    Ok(rows)
}

/// Visits the rows of a row group.
fn decode<V: Visitor>(
    path: &Path,
    metadata: ArrowReaderMetadata,
    columns: [usize; 6],
    group: usize,
    visitor: &mut V,
) -> Result<u32, (u32, String)> {
    let failed = |problem: String| (0, format!("not a readable Parquet table: {problem}"));
    // Every thread has a file of its own: clones share their position.
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), columns);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_row_groups(vec![group])
        .with_batch_size(BATCH)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let mut row = 0;
    for batch in reader {
        let batch = batch.map_err(|error| failed(error.to_string()))?;
        let rows = Rows::of(&batch).map_err(|problem| (row, problem))?;
        for at in 0..batch.num_rows() {
            let flow = rows.flow(at).map_err(|problem| (row, problem))?;
            visitor.visit(row, &flow).map_err(|problem| (row, problem))?;
            row += 1;
        }
    }
    Ok(row)
}

/// Cells of a column.
enum Cells {
    Whole(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
}

struct Rows([Cells; 6]);

impl Rows {
    fn of(batch: &RecordBatch) -> Result<Self, String> {
        let column = |name: &str| {
            let column =
                batch.column_by_name(name).ok_or_else(|| format!("has no column `{name}`"))?;
            cells(column).ok_or_else(|| {
                let kind = column.data_type();
                format!("column `{name}`: type {kind} is not supported; expected numbers or text")
            })
        };
        let [t, i, j, k, v, q] = COLUMNS.map(column);
        Ok(Rows([t?, i?, j?, k?, v?, q?]))
    }

    fn flow(&self, row: usize) -> Result<Flow, String> {
        let [t, i, j, k, v, q] = &self.0;
        Ok(Flow {
            year: t.whole(row, number::year)?,
            exporter: i.whole(row, |cell| number::area(cell, "i"))?,
            importer: j.whole(row, |cell| number::area(cell, "j"))?,
            code: k.whole(row, number::code)?,
            value: v.amount(row)?,
            quantity: q.optional(row)?,
        })
    }
}

impl Cells {
    fn whole(
        &self,
        row: usize,
        parse: impl Fn(&[u8]) -> Result<u32, String>,
    ) -> Result<u32, String> {
        match self {
            Cells::Whole(cells) => {
                let number = cells[row].and_then(number::code_number);
                number.map_or_else(
                    || parse(cells[row].map(|n| n.to_string()).unwrap_or_default().as_bytes()),
                    |number| {
                        if number > 9999 {
                            Ok(number)
                        } else {
                            parse(number.to_string().as_bytes())
                        }
                    },
                )
            }
            // A float column is what some programs make of whole numbers with gaps.
            Cells::Float(cells) => {
                parse(cells[row].map(|n| n.to_string()).unwrap_or_default().as_bytes())
            }
            Cells::Text(cells) => parse(cells[row].as_deref().unwrap_or("").as_bytes()),
        }
    }

    fn amount(&self, row: usize) -> Result<f64, String> {
        match self {
            Cells::Whole(cells) => match cells[row] {
                Some(value) => number::checked(value as f64, "v"),
                None => number::amount(b""),
            },
            Cells::Float(cells) => match cells[row] {
                Some(value) => number::checked(value, "v"),
                None => number::amount(b""),
            },
            Cells::Text(cells) => number::amount(cells[row].as_deref().unwrap_or("").as_bytes()),
        }
    }

    fn optional(&self, row: usize) -> Result<Option<f64>, String> {
        match self {
            Cells::Whole(cells) => cells[row].map(|v| number::checked(v as f64, "q")).transpose(),
            // Not a number is how some programs write a gap.
            Cells::Float(cells) => {
                cells[row].filter(|v| !v.is_nan()).map(|v| number::checked(v, "q")).transpose()
            }
            Cells::Text(cells) => number::optional(cells[row].as_deref().unwrap_or("").as_bytes()),
        }
    }
}

fn cells(column: &ArrayRef) -> Option<Cells> {
    fn whole<T: ArrowPrimitiveType>(column: &ArrayRef) -> Option<Cells>
    where
        T::Native: TryInto<i64>,
    {
        let cells = column.as_primitive::<T>().iter();
        // What does not fit is no code; -1 says so later.
        Some(Cells::Whole(cells.map(|v| v.map(|v| v.try_into().unwrap_or(-1))).collect()))
    }
    match column.data_type() {
        DataType::Int8 => whole::<Int8Type>(column),
        DataType::Int16 => whole::<Int16Type>(column),
        DataType::Int32 => whole::<Int32Type>(column),
        DataType::Int64 => whole::<Int64Type>(column),
        DataType::UInt8 => whole::<UInt8Type>(column),
        DataType::UInt16 => whole::<UInt16Type>(column),
        DataType::UInt32 => whole::<UInt32Type>(column),
        DataType::UInt64 => whole::<UInt64Type>(column),
        DataType::Float32 => Some(Cells::Float(
            column.as_primitive::<Float32Type>().iter().map(|v| v.map(f64::from)).collect(),
        )),
        DataType::Float64 => {
            Some(Cells::Float(column.as_primitive::<Float64Type>().iter().collect()))
        }
        _ => Option::<String>::read(column).map(Cells::Text),
    }
}
