//! Loss tables as files, column by column.

use std::io::{BufWriter, Write};
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use shocksweep_columnar::WriteError;
use shocksweep_columnar::chunk::ChunkWriter;
use shocksweep_columnar::commit::Pending;
use shocksweep_columnar::dictionary::Dictionary;

use super::{LossWriter, Rows, ScenarioOutcome};
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::results::encoding::ROWS_PER_GROUP;

/// Bytes that are hashed and written at a time.
const BUFFER: usize = 1 << 20;

impl LossWriter {
    /// Writes the table of some outcomes, in order; returns the file, still to be committed, and its
    /// number of rows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(
        &self,
        path: &Path,
        outcomes: &[ScenarioOutcome<'_>],
    ) -> Result<(Pending, usize), WriteError> {
        let pending = Pending::create(path)?;
        let write = || -> Result<(Pending, usize), ParquetError> {
            let mut out = BufWriter::with_capacity(BUFFER, pending);
            let properties = Some(self.properties.clone());
            let writer = ArrowWriter::try_new(&mut out, self.schema.clone(), properties)?;
            let (mut file, _) = writer.into_serialized_writer()?;
            let mut chunks = ChunkWriter::new(self.compress)?;
            let mut rows = 0;
            let mut rest = outcomes;
            while !rest.is_empty() {
                // A scenario is never split: readers find it in one row group.
                let mut count = 0;
                let mut in_group = 0;
                while count < rest.len()
                    && (count == 0
                        || in_group + rest[count].outcome.sectors.len() <= ROWS_PER_GROUP)
                {
                    in_group += rest[count].outcome.sectors.len();
                    count += 1;
                }
                if in_group > 0 {
                    self.write_group(&mut file, &mut chunks, &rest[..count])?;
                }
                rows += in_group;
                rest = &rest[count..];
            }
            file.close()?;
            Ok((out.into_inner().map_err(|e| e.into_error())?, rows))
        };
        write().map_err(crate::results::unwritable(path))
    }

    /// Writes one row group, column by column.
    fn write_group<W: Write + Send>(
        &self,
        file: &mut SerializedFileWriter<W>,
        chunks: &mut ChunkWriter,
        outcomes: &[ScenarioOutcome<'_>],
    ) -> Result<(), ParquetError> {
        let Rows { sectors, losses, kcal } = self.rows_of(outcomes);
        let of = |row: usize| sectors[row] as usize;
        let baseline = |row: usize| self.baseline[of(row)];
        let (distinct, key_of) = self.baselines(&sectors);
        let lengths = || outcomes.iter().map(|o| (o, o.outcome.sectors.len()));
        let n = sectors.len();
        let columns = file.schema_descr().columns().to_vec();
        let mut group = file.next_row_group()?;
        for (field, column) in self.schema.fields().iter().zip(columns) {
            let chunk = match field.name().as_str() {
                "scenario" => {
                    let runs = lengths().map(|(o, n)| (o.scenario.in_table(), n));
                    chunks.runs(column, &runs.collect::<Vec<_>>())
                }
                "adaptation" => {
                    let runs = lengths().map(|(o, n)| (o.adaptation.is_adaptive(), n));
                    chunks.flags(column, &runs.collect::<Vec<_>>())
                }
                "area" => chunks.keys(column, &self.areas, n, |row| self.area_of[of(row)].into()),
                "item" => chunks.keys(column, &self.items, n, |row| self.item_of[of(row)].into()),
                "unit" => chunks.keys(column, &self.units, n, |row| {
                    self.unit_of[usize::from(self.item_of[of(row)])]
                }),
                "baseline" => chunks.keys(column, &distinct, n, |row| key_of[of(row)]),
                "available" => chunks.numbers(column, n, |row| baseline(row) - losses[row]),
                "al" => chunks.numbers(column, n, |row| losses[row]),
                "rl" => chunks
                    .numbers(column, n, |row| reported_relative_loss(losses[row], baseline(row))),
                "al_per_capita" => chunks.numbers_or_none(column, n, |row| {
                    loss_per_capita(losses[row], self.population_of_mass[of(row)])
                }),
                _ => chunks.numbers_or_none(column, n, |row| kcal[row]),
            }?;
            group.append_column(&chunk.pages, chunk.close)?;
        }
        group.close()?;
        Ok(())
    }

    /// The baselines of `sectors`, each sector's once, and where each sector's stands among them.
    fn baselines(&self, sectors: &[u32]) -> (Dictionary, Vec<u32>) {
        let mut is_hit = vec![false; self.baseline.len()];
        for &sector in sectors {
            is_hit[sector as usize] = true;
        }
        let mut next = 0;
        let key = |&hit: &bool| {
            next += u32::from(hit);
            next.saturating_sub(1)
        };
        let key_of = is_hit.iter().map(key).collect();
        let hit = self.baseline.iter().zip(&is_hit).filter(|(_, hit)| **hit);
        (Dictionary::of_numbers(hit.map(|(baseline, _)| *baseline)), key_of)
    }
}
