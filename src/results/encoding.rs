//! How the tables of a result are encoded; see `benches/README.md` for what each choice costs.

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows per row group at most.
pub(super) const ROWS_PER_GROUP: usize = 1 << 20;

/// Rows per row group of the other tables at most.
const TABLE_ROWS_PER_GROUP: usize = 1 << 17;

/// Columns that are measured values, without repetition worth a dictionary.
const MEASURES: [&str; 5] = ["available", "al", "rl", "al_per_capita", "kcal_per_person_day"];

/// How the other tables are encoded: compressed, in row groups small enough to hold in memory.
pub fn table_properties() -> WriterProperties {
    properties(true).into_builder().set_max_row_group_row_count(Some(TABLE_ROWS_PER_GROUP)).build()
}

/// How tables are encoded; see `benches/README.md` for what each choice costs.
pub fn properties(compress: bool) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("shocksweep {}", env!("CARGO_PKG_VERSION")))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_data_page_row_count_limit(1 << 17)
        .set_write_batch_size(1 << 13)
        .set_offset_index_disabled(true)
        .set_statistics_enabled(EnabledStatistics::None)
        // Readers skip row groups by scenario; by amounts they never can.
        .set_column_statistics_enabled(ColumnPath::from("scenario"), EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("scenario"), false)
        .set_column_encoding(ColumnPath::from("scenario"), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(ColumnPath::from("adaptation"), false)
        .set_column_encoding(ColumnPath::from("adaptation"), Encoding::RLE);
    for name in MEASURES {
        let path = ColumnPath::from(name);
        // Bytes of like weight side by side compress; uncompressed they only cost time.
        let encoding = if compress { Encoding::BYTE_STREAM_SPLIT } else { Encoding::PLAIN };
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, encoding);
    }
    if compress {
        // Level 1: higher levels gain nothing on these numbers.
        let level = ZstdLevel::try_new(1).unwrap_or_default();
        builder = builder.set_compression(Compression::ZSTD(level));
    }
    builder.build()
}
