//! Column chunks laid out by hand, for tables of millions of rows whose values are known by row.
//!
//! The Parquet library's own writer wants whole columns in memory, looks every value of a dictionary up in a hash
//! table to find the key that it had been, and turns missing values into a level each. Here a page is filled
//! row by row from a function, keys are keys, and the levels of a page are one bit a row. Page headers, metadata
//! and files are still the library's.
//!
//! A data page (version 1) is: of columns with missing values, the length of the levels and the levels; of keys,
//! their width; then the values. Levels and keys are runs: `2 n` and one value, or `2 n + 1` and 8 n packed values,
//! which for widths of 8, 16 and 32 bits are the keys in little-endian order.
//!
//! Source of the layout: Apache Parquet format, "Data Pages", "RLE/Bit-Packing Hybrid", "Byte Stream Split".

mod encode;
mod layout;

use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use crate::dictionary::Dictionary;

/// Rows per data page: 128 kB of numbers, which stay in the cache of one core until they are written.
const ROWS_PER_PAGE: usize = 1 << 14;

/// Rows per data page of runs, which are short whatever they stand for.
const ROWS_PER_RUNS_PAGE: usize = 1 << 20;

/// Level of compression: higher ones gain nothing on measured numbers.
const LEVEL: i32 = 1;

/// Encodes column chunks, one after the other; keeps its memory between them.
pub struct ChunkWriter {
    chunk: Vec<u8>,
    /// Bytes of a page that is compressed.
    packed: Vec<u8>,
    zstd: Option<zstd::bulk::Compressor<'static>>,
}

/// An encoded column chunk: what [`SerializedRowGroupWriter::append_column`] wants.
///
/// [`SerializedRowGroupWriter::append_column`]: parquet::file::writer::SerializedRowGroupWriter::append_column
pub struct Chunk<'a> {
    /// Its pages.
    pub pages: Pages<'a>,
    /// What the file says of them.
    pub close: ColumnCloseResult,
}

/// The pages of a chunk.
#[derive(Clone, Copy)]
pub struct Pages<'a>(&'a [u8]);

impl ChunkWriter {
    /// A writer of chunks; `compress` with zstd.
    ///
    /// # Errors
    /// There is no memory for the compressor.
    pub fn new(compress: bool) -> std::io::Result<Self> {
        let zstd = compress.then(|| zstd::bulk::Compressor::new(LEVEL)).transpose()?;
        Ok(ChunkWriter { chunk: Vec::new(), packed: Vec::new(), zstd })
    }

    /// A required column of keys into a dictionary, by row.
    ///
    /// # Errors
    /// The library refuses a page.
    pub fn keys(
        &mut self,
        column: ColumnDescPtr,
        dictionary: &Dictionary,
        rows: usize,
        key: impl Fn(usize) -> u32,
    ) -> Result<Chunk<'_>> {
        let bits = dictionary.bits();
        let fill = |page: &mut Vec<u8>, first: usize, last: usize| {
            page.push(bits);
            let groups = (last - first).div_ceil(8);
            layout::varint(page, groups << 1 | 1);
            let start = page.len();
            page.resize(start + groups * usize::from(bits), 0);
            let out = &mut page[start..];
            match bits {
                1 | 4 => {
                    let in_byte = 8 / usize::from(bits);
                    for (row, at) in (first..last).zip(0..) {
                        let place = (at % in_byte) as u32 * u32::from(bits);
                        out[at / in_byte] |= (key(row) as u8) << place;
                    }
                }
                8 => out.iter_mut().zip(first..last).for_each(|(to, row)| *to = key(row) as u8),
                16 => {
                    for (to, row) in out.chunks_exact_mut(2).zip(first..last) {
                        to.copy_from_slice(&(key(row) as u16).to_le_bytes());
                    }
                }
                _ => {
                    for (to, row) in out.chunks_exact_mut(4).zip(first..last) {
                        to.copy_from_slice(&key(row).to_le_bytes());
                    }
                }
            }
        };
        self.of_keys(column, dictionary, rows, ROWS_PER_PAGE, fill, None)
    }

    /// A required column of whole numbers that stand in runs: value and number of rows. Its smallest and
    /// largest value are in the file, for readers to skip by.
    ///
    /// # Errors
    /// The library refuses a page.
    pub fn runs(&mut self, column: ColumnDescPtr, runs: &[(i32, usize)]) -> Result<Chunk<'_>> {
        let mut values: Vec<i32> = Vec::with_capacity(runs.len());
        let mut of: Vec<(usize, usize)> = Vec::with_capacity(runs.len());
        for &(value, n) in runs {
            if values.last() != Some(&value) {
                values.push(value);
            }
            of.push((values.len() - 1, n));
        }
        let dictionary = Dictionary::of_whole_numbers(values.iter().copied());
        let rows = runs.iter().map(|run| run.1).sum();
        let bits = dictionary.bits();
        let fill = |page: &mut Vec<u8>, first: usize, last: usize| {
            page.push(bits);
            layout::of_runs(page, &of, (first, last), usize::from(bits.div_ceil(8)));
        };
        let (least, most) = (values.iter().min().copied(), values.iter().max().copied());
        let statistics = Statistics::int32(least, most, None, Some(0), false);
        self.of_keys(column, &dictionary, rows, ROWS_PER_RUNS_PAGE, fill, Some(statistics))
    }

    /// A required column of yes and no that stand in runs: value and number of rows.
    ///
    /// # Errors
    /// The library refuses a page.
    pub fn flags(&mut self, column: ColumnDescPtr, runs: &[(bool, usize)]) -> Result<Chunk<'_>> {
        let of: Vec<(usize, usize)> = runs.iter().map(|&(flag, n)| (flag.into(), n)).collect();
        let rows = runs.iter().map(|run| run.1).sum();
        let fill = |page: &mut Vec<u8>, first: usize, last: usize| {
            layout::prefixed(page, |page| layout::of_runs(page, &of, (first, last), 1));
        };
        let encodings = vec![Encoding::RLE];
        let pages = (rows, ROWS_PER_RUNS_PAGE, Encoding::RLE);
        self.encode(column, None, pages, fill, |builder| builder.set_encodings(encodings))
    }

    /// A required column of numbers, by row.
    ///
    /// # Errors
    /// The library refuses a page.
    pub fn numbers(
        &mut self,
        column: ColumnDescPtr,
        rows: usize,
        value: impl Fn(usize) -> f64,
    ) -> Result<Chunk<'_>> {
        let split = self.zstd.is_some();
        let fill = |page: &mut Vec<u8>, first: usize, last: usize| {
            layout::of_numbers(page, last - first, (first..last).map(&value), split);
        };
        let pages = (rows, ROWS_PER_PAGE, self.of_numbers());
        let encodings = vec![Encoding::RLE, pages.2];
        self.encode(column, None, pages, fill, |builder| builder.set_encodings(encodings))
    }

    /// A column of numbers, by row, missing where the number is none.
    ///
    /// # Errors
    /// The library refuses a page.
    pub fn numbers_or_none(
        &mut self,
        column: ColumnDescPtr,
        rows: usize,
        value: impl Fn(usize) -> f64,
    ) -> Result<Chunk<'_>> {
        let split = self.zstd.is_some();
        let mut known: Vec<f64> = Vec::with_capacity(ROWS_PER_PAGE.min(rows));
        let mut levels: Vec<u8> = Vec::new();
        let fill = |page: &mut Vec<u8>, first: usize, last: usize| {
            let rows = last - first;
            levels.clear();
            levels.resize(rows.div_ceil(8), 0);
            known.clear();
            known.resize(rows, 0.0);
            let mut n = 0;
            for (at, row) in (first..last).enumerate() {
                // Written in any case and kept if it is one: nothing to guess for the processor.
                let number = value(row);
                let is_known = usize::from(!number.is_nan());
                known[n] = number;
                n += is_known;
                levels[at / 8] |= (is_known as u8) << (at % 8);
            }
            layout::prefixed(page, |page| match n {
                n if n == rows => layout::of_runs(page, &[(1, rows)], (0, rows), 1),
                0 => layout::of_runs(page, &[(0, rows)], (0, rows), 1),
                _ => {
                    layout::varint(page, rows.div_ceil(8) << 1 | 1);
                    page.extend_from_slice(&levels);
                }
            });
            layout::of_numbers(page, n, known[..n].iter().copied(), split);
        };
        let pages = (rows, ROWS_PER_PAGE, self.of_numbers());
        let encodings = vec![Encoding::RLE, pages.2];
        self.encode(column, None, pages, fill, |builder| builder.set_encodings(encodings))
    }

    /// Bytes of like weight side by side compress; uncompressed they only cost time.
    fn of_numbers(&self) -> Encoding {
        if self.zstd.is_some() { Encoding::BYTE_STREAM_SPLIT } else { Encoding::PLAIN }
    }

    fn of_keys(
        &mut self,
        column: ColumnDescPtr,
        dictionary: &Dictionary,
        rows: usize,
        rows_per_page: usize,
        fill: impl FnMut(&mut Vec<u8>, usize, usize),
        statistics: Option<Statistics>,
    ) -> Result<Chunk<'_>> {
        let encodings = vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY];
        let pages = (rows, rows_per_page, Encoding::RLE_DICTIONARY);
        self.encode(column, Some(dictionary), pages, fill, |builder| {
            let builder = builder.set_encodings(encodings);
            match statistics {
                Some(statistics) => builder.set_statistics(statistics),
                None => builder,
            }
        })
    }
}

#[cfg(test)]
mod tests;
