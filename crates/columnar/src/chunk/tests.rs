use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::writer::SerializedFileWriter;

use super::*;

/// Columns of every kind, by row.
struct Columns {
    ids: Vec<(i32, usize)>,
    flags: Vec<(bool, usize)>,
    keys: Vec<u32>,
    names: u32,
    numbers: Vec<f64>,
    some: Vec<f64>,
}

fn name(key: u32) -> String {
    format!("name {key}")
}

/// A file of one row group.
fn file(columns: &Columns, compress: bool) -> Bytes {
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int32, false),
        Field::new("flag", DataType::Boolean, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("number", DataType::Float64, false),
        Field::new("some", DataType::Float64, true),
    ]);
    let descriptor = ArrowSchemaConverter::new().convert(&schema).unwrap();
    let mut out = Vec::new();
    let root = descriptor.root_schema_ptr();
    let mut file = SerializedFileWriter::new(&mut out, root, Arc::default()).unwrap();
    let of = |at: usize| descriptor.column(at);
    let dictionary = Dictionary::of_texts(
        (0..columns.names).map(name).collect::<Vec<_>>().iter().map(|n| n.as_str()),
    );
    let mut writer = ChunkWriter::new(compress).unwrap();
    let mut group = file.next_row_group().unwrap();
    let rows = columns.numbers.len();
    let chunk = writer.runs(of(0), &columns.ids).unwrap();
    group.append_column(&chunk.pages, chunk.close).unwrap();
    let chunk = writer.flags(of(1), &columns.flags).unwrap();
    group.append_column(&chunk.pages, chunk.close).unwrap();
    let chunk = writer.keys(of(2), &dictionary, rows, |row| columns.keys[row]).unwrap();
    group.append_column(&chunk.pages, chunk.close).unwrap();
    let chunk = writer.numbers(of(3), rows, |row| columns.numbers[row]).unwrap();
    group.append_column(&chunk.pages, chunk.close).unwrap();
    let chunk = writer.numbers_or_none(of(4), rows, |row| columns.some[row]).unwrap();
    group.append_column(&chunk.pages, chunk.close).unwrap();
    group.close().unwrap();
    file.close().unwrap();
    out.into()
}

/// Reads a file back and compares every cell.
fn check(columns: &Columns, compress: bool) {
    let rows = columns.numbers.len();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file(columns, compress)).unwrap();
    let statistics = reader.metadata().row_group(0).column(0).statistics().cloned();
    let ids: Vec<i32> =
        columns.ids.iter().flat_map(|&(id, n)| std::iter::repeat_n(id, n)).collect();
    if let Some(Statistics::Int32(of)) = statistics.filter(|_| rows > 0) {
        assert_eq!(of.min_opt(), columns.ids.iter().map(|r| &r.0).min());
        assert_eq!(of.max_opt(), columns.ids.iter().map(|r| &r.0).max());
    } else {
        assert_eq!(rows, 0);
    }
    let flags: Vec<bool> =
        columns.flags.iter().flat_map(|&(flag, n)| std::iter::repeat_n(flag, n)).collect();
    assert_eq!((ids.len(), flags.len()), (rows, rows));
    let mut row = 0;
    for batch in reader.build().unwrap() {
        let batch: RecordBatch = batch.unwrap();
        for at in 0..batch.num_rows() {
            assert_eq!(batch.column(0).as_primitive::<Int32Type>().value(at), ids[row]);
            assert_eq!(batch.column(1).as_boolean().value(at), flags[row]);
            assert_eq!(batch.column(2).as_string::<i32>().value(at), name(columns.keys[row]));
            let number = batch.column(3).as_primitive::<Float64Type>().value(at);
            assert_eq!(number.to_bits(), columns.numbers[row].to_bits());
            let some = batch.column(4).as_primitive::<Float64Type>();
            let found = some.is_valid(at).then(|| some.value(at));
            assert_eq!(found, Some(columns.some[row]).filter(|v| !v.is_nan()), "row {row}");
            row += 1;
        }
    }
    assert_eq!(row, rows);
}

/// Columns of so many rows and names, with values missing where `is_missing` says so.
fn columns(rows: usize, names: u32, is_missing: impl Fn(usize) -> bool) -> Columns {
    let mut ids = Vec::new();
    let mut flags = Vec::new();
    let mut left = rows;
    while left > 0 {
        let n = left.min(1 + (ids.len() * 37) % 5000);
        ids.push((7 + ids.len() as i32 / 2, n));
        flags.push((ids.len() % 2 == 0, n));
        left -= n;
    }
    let number =
        |row: usize| ((row * 7919 % 2003) as f64 - 1001.0) * 99.7 / (1 + row % 13) as f64 - 0.0;
    Columns {
        ids,
        flags,
        keys: (0..rows).map(|row| (row as u32).wrapping_mul(2_654_435_761) % names).collect(),
        names,
        numbers: (0..rows).map(number).collect(),
        some: (0..rows).map(|row| if is_missing(row) { f64::NAN } else { -number(row) }).collect(),
    }
}

#[test]
fn every_width_of_keys_comes_back() {
    for (names, rows) in
        [(1, 9), (2, 100), (3, 77), (16, 40), (17, 41), (256, 3000), (257, 3001), (70_000, 80_000)]
    {
        for compress in [false, true] {
            check(&columns(rows, names, |row| row % 3 == 1), compress);
        }
    }
}

#[test]
fn missing_numbers_come_back_in_pages_of_any_kind() {
    // Whole pages without and of missing values, pages that end within a byte, and files of no row.
    let rows = 3 * ROWS_PER_PAGE + 5;
    let page = |row: usize| row / ROWS_PER_PAGE;
    for compress in [false, true] {
        check(&columns(rows, 5, |row| page(row) == 1 || (page(row) == 2 && row % 7 < 3)), compress);
        check(&columns(rows, 5, |row| row + 1 == rows), compress);
        check(&columns(rows, 5, |_| true), compress);
        check(&columns(8, 5, |row| row > 0), compress);
        check(&columns(0, 5, |_| false), compress);
    }
}

#[test]
fn runs_go_on_over_pages() {
    let rows = ROWS_PER_RUNS_PAGE + 10;
    let mut long = columns(rows, 2, |_| false);
    long.ids = vec![(3, 5), (-4, rows - 8), (9, 3)];
    long.flags = vec![(true, 1), (false, rows - 1)];
    check(&long, false);
}

#[test]
fn compressed_chunks_are_smaller_where_there_is_something_to_compress() {
    let mut same = columns(50_000, 3, |_| false);
    same.numbers.fill(1.5);
    same.some.fill(2.5);
    assert!(file(&same, true).len() * 10 < file(&same, false).len());
}
