//! Parquet: row groups, decoded by all threads.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use shocksweep_columnar::read::Table;
use shocksweep_columnar::{Cell, TableError};

use super::{COLUMNS, Flow, Visitor, in_order, number, positions};
use crate::error::TradeError;

/// Most rows of a row group.
const MAX_ROWS: u64 = 1 << 31;

/// Column names of a file; none where it cannot be read.
pub fn header(path: &Path) -> Vec<String> {
    Table::open(path).map(|table| names(&table)).unwrap_or_default()
}

fn names(table: &Table) -> Vec<String> {
    table.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// See [`super::read`].
pub fn read<V: Visitor>(
    path: &Path,
    block: &(impl Fn() -> V + Sync),
    mut done: impl FnMut(u64, V),
) -> Result<u64, TradeError> {
    let table = Table::open(path)?;
    positions(path, &names(&table))?;
    let group_rows = table.group_rows();
    if group_rows.iter().any(|&rows| rows >= MAX_ROWS) {
        return Err(TradeError::file(
            path,
            "has a row group of more rows than fit; expected a table of trade",
        ));
    }
    let group = |number: usize| -> (u32, Result<V, (u32, String)>) {
        let mut visitor = block();
        match decode(&table, number, &mut visitor) {
            Ok(rows) => (rows, Ok(visitor)),
            Err(problem) => (0, Err(problem)),
        }
    };
    let mut rows = 0;
    let count = rayon::current_num_threads();
    for from in (0..group_rows.len()).step_by(count) {
        let numbers = (from..(from + count).min(group_rows.len())).collect();
        in_order(path, numbers, &mut rows, group, &mut done)?;
    }
    Ok(rows)
}

/// Visits the rows of a row group.
fn decode<V: Visitor>(table: &Table, group: usize, visitor: &mut V) -> Result<u32, (u32, String)> {
    let failed = |error: TableError| (0, format!("not a readable Parquet table: {error}"));
    let reader = table.of_groups(&COLUMNS, vec![group]).map_err(failed)?;
    let mut row = 0;
    for batch in reader {
        let batch = batch.map_err(failed)?;
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
