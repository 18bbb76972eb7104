//! The loss tables: one row per scenario and sector whose loss or gain exceeds the threshold.
//!
//! Rows are sorted by scenario, then area, then item. A table holds a fixed run of scenarios of
//! the plan ([`SCENARIOS_PER_PART`]), so its bytes depend on the plan and the data alone.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int16Array, Int32Array, RecordBatch};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::SinkError;
use super::commit::Pending;
use super::schema::{self, Names};
use crate::dataset::Dataset;
use crate::engine::Outcome;
use crate::model::losses::{loss_per_capita, reported_relative_loss};

/// Scenarios of the plan whose losses share one table: about half a million rows in a static
/// sweep of the 2020 data, 15 MB.
pub const SCENARIOS_PER_PART: usize = 2048;

/// Rows per row group at most.
const ROWS_PER_GROUP: usize = 1 << 20;

/// Turns outcomes into loss tables.
pub struct LossWriter {
    schema: SchemaRef,
    properties: WriterProperties,
    names: Names,
    items: usize,
    baseline: Vec<f64>,
    /// Persons by sector; `None` where the area has no population.
    population: Vec<Option<f64>>,
}

/// Columns that are measured values, without repetition worth a dictionary.
const MEASURES: [&str; 4] = ["available", "al", "rl", "al_per_capita"];

impl LossWriter {
    /// A writer of losses against `baseline` (available amounts by sector, tonnes).
    pub fn new(dataset: &Dataset, baseline: &[f64], compress: bool) -> Self {
        let dims = dataset.dimensions();
        let areas = &dataset.labels.areas;
        LossWriter {
            schema: schema::losses(dataset),
            properties: properties(compress),
            names: Names::new(&dataset.labels),
            items: dims.items,
            baseline: baseline.to_vec(),
            population: (0..dims.sectors()).map(|s| areas[dims.area_of(s)].population).collect(),
        }
    }

    /// Writes the table of one run of scenarios; returns the file, still to be committed, and its
    /// number of rows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(
        &self,
        path: &Path,
        outcomes: &[(u32, &Outcome)],
    ) -> Result<(Pending, usize), SinkError> {
        let mut pending = Pending::create(path)?;
        let mut rows = 0;
        let mut write = || -> Result<(), ParquetError> {
            let mut writer = ArrowWriter::try_new(
                pending.file(),
                self.schema.clone(),
                Some(self.properties.clone()),
            )?;
            let mut at = 0;
            while at < outcomes.len() {
                let mut end = at;
                let mut batch_rows = 0;
                // A scenario is never split: readers find it in one batch.
                while end < outcomes.len()
                    && (end == at || batch_rows + outcomes[end].1.sectors.len() <= ROWS_PER_GROUP)
                {
                    batch_rows += outcomes[end].1.sectors.len();
                    end += 1;
                }
                rows += batch_rows;
                writer.write(&self.batch(&outcomes[at..end], batch_rows)?)?;
                at = end;
            }
            writer.close()?;
            Ok(())
        };
        write().map_err(SinkError::parquet(path))?;
        Ok((pending, rows))
    }

    fn batch(&self, outcomes: &[(u32, &Outcome)], rows: usize) -> Result<RecordBatch, ParquetError> {
        let columns = self.columns(outcomes, rows);
        let scenario: Int32Array = outcomes
            .iter()
            .flat_map(|(id, o)| std::iter::repeat_n(*id as i32, o.sectors.len()))
            .collect::<Vec<i32>>()
            .into();
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(scenario)];
        arrays.extend(columns);
        Ok(RecordBatch::try_new(self.schema.clone(), arrays)?)
    }

    /// The columns from `area` to `al_per_capita`.
    pub(super) fn columns(&self, outcomes: &[(u32, &Outcome)], rows: usize) -> Vec<ArrayRef> {
        let mut area = Vec::with_capacity(rows);
        let mut item = Vec::with_capacity(rows);
        let mut baseline = Vec::with_capacity(rows);
        let mut available = Vec::with_capacity(rows);
        let mut al = Vec::with_capacity(rows);
        let mut rl = Vec::with_capacity(rows);
        let mut per_capita: Vec<Option<f64>> = Vec::with_capacity(rows);
        for (_, outcome) in outcomes {
            for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                let s = sector as usize;
                let xb = self.baseline[s];
                area.push((s / self.items) as i16);
                item.push((s % self.items) as i16);
                baseline.push(xb);
                available.push(xb - loss);
                al.push(loss);
                rl.push(reported_relative_loss(loss, xb));
                per_capita.push(self.population[s].map(|p| loss_per_capita(loss, p)));
            }
        }
        vec![
            self.names.areas(Int16Array::from(area)),
            self.names.items(Int16Array::from(item)),
            Arc::new(Float64Array::from(baseline)),
            Arc::new(Float64Array::from(available)),
            Arc::new(Float64Array::from(al)),
            Arc::new(Float64Array::from(rl)),
            Arc::new(Float64Array::from(per_capita)),
        ]
    }
}

/// How loss tables are encoded; see `benches/README.md` for what each choice costs.
pub fn properties(compress: bool) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("shocksweep {}", env!("CARGO_PKG_VERSION")))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_data_page_row_count_limit(1 << 17)
        .set_write_batch_size(1 << 13)
        .set_offset_index_disabled(true)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("scenario"), false)
        .set_column_encoding(ColumnPath::from("scenario"), Encoding::DELTA_BINARY_PACKED);
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
