//! A chunk put together: its pages filled, compressed, counted.

use std::io::Read;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ColumnChunkMetaDataBuilder};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::{Chunk, ChunkWriter, LEVEL, Pages, ROWS_PER_PAGE};
use crate::dictionary::Dictionary;

/// What is counted while the pages of a chunk are written.
#[derive(Default)]
struct Count {
    rows: usize,
    uncompressed: usize,
    dictionary_page: Option<i64>,
    data_page: Option<i64>,
}

impl ChunkWriter {
    /// Writes the dictionary, if any, and the pages that `fill` fills with the rows from the first to
    /// the last, which is not among them.
    pub(super) fn encode(
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
