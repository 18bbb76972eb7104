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

use std::io::Read;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ColumnChunkMetaDataBuilder};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
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

/// What is counted while the pages of a chunk are written.
#[derive(Default)]
struct Count {
    rows: usize,
    uncompressed: usize,
    dictionary_page: Option<i64>,
    data_page: Option<i64>,
}

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
            varint(page, groups << 1 | 1);
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
            of_runs(page, &of, (first, last), usize::from(bits.div_ceil(8)));
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
            prefixed(page, |page| of_runs(page, &of, (first, last), 1));
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
            page.resize((last - first) * 8, 0);
            if split {
                let n = last - first;
                for (at, row) in (first..last).enumerate() {
                    for (byte, of_value) in value(row).to_le_bytes().into_iter().enumerate() {
                        page[byte * n + at] = of_value;
                    }
                }
            } else {
                for (to, row) in page.chunks_exact_mut(8).zip(first..last) {
                    to.copy_from_slice(&value(row).to_le_bytes());
                }
            }
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
            prefixed(page, |page| match n {
                n if n == rows => of_runs(page, &[(1, rows)], (0, rows), 1),
                0 => of_runs(page, &[(0, rows)], (0, rows), 1),
                _ => {
                    varint(page, rows.div_ceil(8) << 1 | 1);
                    page.extend_from_slice(&levels);
                }
            });
            let start = page.len();
            page.resize(start + n * 8, 0);
            let out = &mut page[start..];
            if split {
                for (at, number) in known[..n].iter().enumerate() {
                    for (byte, of_value) in number.to_le_bytes().into_iter().enumerate() {
                        out[byte * n + at] = of_value;
                    }
                }
            } else {
                for (to, number) in out.chunks_exact_mut(8).zip(&known) {
                    to.copy_from_slice(&number.to_le_bytes());
                }
            }
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

    /// Writes the dictionary, if any, and the pages that `fill` fills with the rows from the first to
    /// the last, which is not among them.
    fn encode(
        &mut self,
        column: ColumnDescPtr,
        dictionary: Option<&Dictionary>,
        (rows, rows_per_page, encoding): (usize, usize, Encoding),
        mut fill: impl FnMut(&mut Vec<u8>, usize, usize),
        finish: impl FnOnce(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder,
    ) -> Result<Chunk<'_>> {
        self.chunk.clear();
        let mut count = Count { rows, ..Count::default() };
        let mut sink = TrackedWrite::new(&mut self.chunk);
        let mut pages = SerializedPageWriter::new(&mut sink);
        let (zstd, packed) = (&mut self.zstd, &mut self.packed);
        let mut write = |content: Vec<u8>, page: &dyn Fn(Bytes) -> Page| -> Result<i64> {
            let size = content.len();
            let content = match zstd {
                Some(zstd) => Bytes::copy_from_slice(compressed(zstd, packed, &content)?),
                None => Bytes::from(content),
            };
            let spec = pages.write_page(CompressedPage::new(page(content), size))?;
            count.uncompressed += spec.uncompressed_size;
            Ok(spec.offset as i64)
        };
        if let Some(dictionary) = dictionary {
            let page = |buf: Bytes| Page::DictionaryPage {
                buf,
                num_values: dictionary.len(),
                encoding: Encoding::PLAIN,
                is_sorted: false,
            };
            count.dictionary_page = Some(write(dictionary.plain().to_vec(), &page)?);
        }
        for first in (0..rows).step_by(rows_per_page) {
            let last = rows.min(first + rows_per_page);
            let mut content = Vec::with_capacity(rows_per_page.min(ROWS_PER_PAGE) * 8 + 4096);
            fill(&mut content, first, last);
            let page = |buf: Bytes| Page::DataPage {
                buf,
                num_values: (last - first) as u32,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            let offset = write(content, &page)?;
            count.data_page.get_or_insert(offset);
        }
        pages.close()?;
        drop(sink);
        let compression = match self.zstd {
            Some(_) => Compression::ZSTD(ZstdLevel::try_new(LEVEL)?),
            None => Compression::UNCOMPRESSED,
        };
        let metadata = ColumnChunkMetaData::builder(column)
            .set_compression(compression)
            .set_num_values(count.rows as i64)
            .set_total_compressed_size(self.chunk.len() as i64)
            .set_total_uncompressed_size(count.uncompressed as i64)
            .set_dictionary_page_offset(count.dictionary_page)
            .set_data_page_offset(count.data_page.unwrap_or_default());
        let close = ColumnCloseResult {
            bytes_written: self.chunk.len() as u64,
            rows_written: count.rows as u64,
            metadata: finish(metadata).build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Chunk { pages: Pages(&self.chunk), close })
    }
}

/// A page, compressed into memory that is kept.
fn compressed<'a>(
    zstd: &mut zstd::bulk::Compressor<'static>,
    packed: &'a mut Vec<u8>,
    content: &[u8],
) -> Result<&'a [u8]> {
    packed.resize(zstd::zstd_safe::compress_bound(content.len()), 0);
    let size = zstd.compress_to_buffer(content, &mut packed[..]);
    let size = size.map_err(|e| ParquetError::External(e.into()))?;
    Ok(&packed[..size])
}

/// Writes what `with` writes, with its length before it.
fn prefixed(page: &mut Vec<u8>, with: impl FnOnce(&mut Vec<u8>)) {
    let start = page.len();
    page.extend_from_slice(&[0; 4]);
    with(page);
    let length = (page.len() - start - 4) as u32;
    page[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The rows from `first` to `last`, which is not among them, of runs of keys and their numbers of rows.
fn of_runs(
    page: &mut Vec<u8>,
    runs: &[(usize, usize)],
    (first, last): (usize, usize),
    bytes: usize,
) {
    let mut row = 0;
    for &(key, n) in runs {
        let rows = last.min(row + n).saturating_sub(first.max(row));
        if rows > 0 {
            varint(page, rows << 1);
            page.extend_from_slice(&(key as u32).to_le_bytes()[..bytes]);
        }
        row += n;
    }
}

fn varint(page: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        page.push(number as u8 | 0x80);
        number >>= 7;
    }
    page.push(number as u8);
}

impl Length for Pages<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl<'a> ChunkReader for Pages<'a> {
    type T = &'a [u8];

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let past = || ParquetError::General("past the end of a column chunk".to_string());
        self.0.get(usize::try_from(start)?..).ok_or_else(past)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests;
