//! Column chunks of keys into a dictionary that is known beforehand.
//!
//! The Parquet library's own writer looks every value up in a hash table to find its key. A loss
//! table's areas, items and baselines are keys to begin with, and looking them up took longer than
//! everything else in writing (see `benches/README.md`). Pages, headers and metadata are still the
//! library's; only the keys are laid out here: a data page is the key width, then one bit-packed
//! run, which for widths of 8, 16 and 32 bits is just the keys in little-endian order.
//!
//! Source of the layout: Apache Parquet format, "Data Pages" and "RLE/Bit-Packing Hybrid".

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// Rows per data page.
const ROWS_PER_PAGE: usize = 1 << 17;

/// Values that keys stand for, in Parquet's PLAIN encoding.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    plain: Vec<u8>,
    len: u32,
}

impl Dictionary {
    /// A dictionary of texts.
    pub fn of_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut dictionary = Dictionary::default();
        for text in texts {
            dictionary.plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
            dictionary.plain.extend_from_slice(text.as_bytes());
            dictionary.len += 1;
        }
        dictionary
    }

    /// A dictionary of numbers.
    pub fn of_numbers(numbers: impl Iterator<Item = f64>) -> Self {
        let mut dictionary = Dictionary::default();
        for number in numbers {
            dictionary.plain.extend_from_slice(&number.to_le_bytes());
            dictionary.len += 1;
        }
        dictionary
    }

    /// Bytes per key.
    fn width(&self) -> usize {
        match self.len {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }
}

/// Encodes one required column chunk: the values `dictionary[keys[0]], dictionary[keys[1]], ...`.
///
/// # Errors
/// The library refuses a page.
pub fn encode(
    column: ColumnDescPtr,
    dictionary: &Dictionary,
    keys: &[u32],
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut sink = TrackedWrite::new(Vec::with_capacity(
        dictionary.plain.len() + keys.len() * dictionary.width() + 1024,
    ));
    let mut pages = SerializedPageWriter::new(&mut sink);
    let page = Page::DictionaryPage {
        buf: Bytes::from(dictionary.plain.clone()),
        num_values: dictionary.len,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    let mut uncompressed = 0;
    let mut first_data_page = 0;
    let spec = pages.write_page(CompressedPage::new(page, dictionary.plain.len()))?;
    uncompressed += spec.uncompressed_size;
    for (n, run) in keys.chunks(ROWS_PER_PAGE).enumerate() {
        let buf = Bytes::from(packed(run, dictionary.width()));
        let size = buf.len();
        let page = Page::DataPage {
            buf,
            num_values: run.len() as u32,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let spec = pages.write_page(CompressedPage::new(page, size))?;
        uncompressed += spec.uncompressed_size;
        if n == 0 {
            first_data_page = spec.offset;
        }
    }
    pages.close()?;
    let written = sink.bytes_written() as u64;
    let metadata = ColumnChunkMetaData::builder(column)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
        .set_compression(Compression::UNCOMPRESSED)
        .set_num_values(keys.len() as i64)
        .set_total_compressed_size(written as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_dictionary_page_offset(Some(0))
        .set_data_page_offset(first_data_page as i64)
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: written,
        rows_written: keys.len() as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    Ok((Bytes::from(sink.into_inner()?), close))
}

/// One data page: the key width in bits, the header of a bit-packed run, the keys.
fn packed(keys: &[u32], width: usize) -> Vec<u8> {
    // A run counts groups of eight keys; the last group is filled up with zeros.
    let groups = keys.len().div_ceil(8);
    let mut page = Vec::with_capacity(groups * 8 * width + 6);
    page.push(8 * width as u8);
    let mut header = (groups as u64) << 1 | 1;
    while header >= 0x80 {
        page.push(header as u8 | 0x80);
        header >>= 7;
    }
    page.push(header as u8);
    match width {
        1 => page.extend(keys.iter().map(|&k| k as u8)),
        2 => page.extend(keys.iter().flat_map(|&k| (k as u16).to_le_bytes())),
        _ => page.extend(keys.iter().flat_map(|&k| k.to_le_bytes())),
    }
    page.resize(page.len() + (groups * 8 - keys.len()) * width, 0);
    page
}
