//! The loss tables: one row per scenario and sector whose loss or gain exceeds the threshold.
//!
//! Rows are sorted by scenario, then adaptation, then area, then item. A table holds a fixed run of scenarios of
//! the plan (its parts), so its bytes depend on the plan and the data alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use shocksweep_columnar::commit::Pending;
use shocksweep_columnar::dictionary::{self, Dictionary};
use shocksweep_columnar::read::{Batches, Table};
use shocksweep_columnar::{TableError, WriteError};

use super::encoding::{MEASURES, ROWS_PER_GROUP, properties};
use super::{AMOUNT, KCAL, KG, Name, Names, Record};
use crate::dataset::Dataset;
use crate::engine::{Event, EventKind, Outcome};
use crate::measure::{Measure, MeasureKind};
use crate::model::adaptation::MissingRule;
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::scenario::{Response, ScenarioId};

shocksweep_columnar::record! {
    /// A sector hit by a scenario.
    pub struct Loss = "losses" {
        /// identifier of the scenario
        pub scenario: ScenarioId,
        /// whether areas adapt
        pub adaptation: Response,
        /// receiving area
        pub area: Name,
        /// item lost or gained there
        pub item: Name,
        /// unit of the item's amounts
        pub unit: Name,
        /// available amount without the shock
        pub baseline: f64 [AMOUNT],
        /// available amount with it
        pub available: f64 [AMOUNT],
        /// absolute loss: baseline - available
        pub al: f64 [AMOUNT],
        /// relative loss: al / baseline, clipped below at -1
        pub rl: f64 ["1"],
        /// 1000 al / population; null where the area has no population, or the item no mass
        pub al_per_capita: Option<f64> [KG],
        /// food that people eat less of the item; null where the area has no population, or the item is no food
        pub kcal_per_person_day: Option<f64> [KCAL],
    }
}

/// Some columns of a loss table, without the row groups that have no scenario from `first` to `last`.
///
/// # Errors
/// The table cannot be read, or lacks a column.
pub fn columns(
    path: &Path,
    names: &[&str],
    (first, last): (ScenarioId, ScenarioId),
) -> Result<Batches, TableError> {
    let table = Table::open(path)?;
    let groups = table.groups("scenario", (i64::from(first.0), i64::from(last.0)));
    let holding = groups.iter().enumerate().filter(|(_, (_, holds))| *holds);
    table.of_groups(names, holding.map(|(at, _)| at).collect())
}

/// One outcome with the run it belongs to.
#[derive(Debug, Clone)]
pub struct ScenarioOutcome<'a> {
    /// Identifier of the scenario.
    pub scenario: ScenarioId,
    /// Whether areas adapt.
    pub adaptation: Response,
    /// Its losses.
    pub outcome: &'a Outcome,
    /// Shares that are eaten where sectors have adapted: [`LossWriter::shares`].
    pub shares: BTreeMap<u32, f64>,
}

/// Turns outcomes into loss tables.
pub struct LossWriter {
    schema: SchemaRef,
    properties: WriterProperties,
    areas: Dictionary,
    items: Dictionary,
    item_count: usize,
    names: Names,
    baseline: Vec<f64>,
    /// Persons by area; NaN where it has no population.
    population: Vec<f64>,
    /// Whether each item has a mass.
    is_mass: Vec<bool>,
    units: Dictionary,
    unit_of: Vec<u32>,
    /// Energy of what is eaten, where the dataset knows it.
    food: Option<Measure>,
}

impl LossWriter {
    /// A writer of losses against `baseline` (available amounts by sector).
    pub fn new(dataset: &Dataset, baseline: &[f64], compress: bool) -> Self {
        let labels = &dataset.labels;
        let persons = labels.areas.iter().map(|a| a.population.unwrap_or(f64::NAN));
        let (units, unit_of) = super::units(labels);
        LossWriter {
            schema: super::schema::<Loss>(dataset),
            properties: properties(compress),
            areas: Dictionary::of_texts(labels.areas.iter().map(|a| a.name.as_str())),
            items: Dictionary::of_texts(labels.items.iter().map(|i| i.name.as_str())),
            item_count: labels.items.len(),
            names: Names::new(labels),
            baseline: baseline.to_vec(),
            population: persons.collect(),
            is_mass: labels.items.iter().map(|i| i.is_mass()).collect(),
            units: Dictionary::of_texts(units.into_iter()),
            unit_of: unit_of.into_iter().map(|at| at as u32).collect(),
            food: Measure::of(MeasureKind::Kcal, dataset),
        }
    }

    /// Energy of what is eaten, where the dataset knows it.
    pub fn food(&self) -> Option<&Measure> {
        self.food.as_ref()
    }

    /// Available amounts without a shock, by sector.
    pub fn baseline(&self) -> &[f64] {
        &self.baseline
    }

    /// Shares that are eaten after `step` in sectors that have adapted before it.
    pub fn shares(
        &self,
        dataset: &Dataset,
        missing: MissingRule,
        step: usize,
        outcome: &Outcome,
    ) -> BTreeMap<u32, f64> {
        let Some(food) = &self.food else { return BTreeMap::new() };
        let in_force = |e: &&Event| e.kind == EventKind::Adapting && e.step < step;
        let hits = outcome.events.iter().filter(in_force).map(|event| event.hit);
        food.adapted_shares(hits, missing, dataset)
    }

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
        let mut pending = Pending::create(path)?;
        let mut write = || -> Result<usize, ParquetError> {
            let properties = Some(self.properties.clone());
            let writer = ArrowWriter::try_new(&mut pending, self.schema.clone(), properties)?;
            let (mut file, columns) = writer.into_serialized_writer()?;
            let mut rows = 0;
            let mut rest = outcomes;
            let mut group = 0;
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
                self.write_group(&mut file, &columns, group, &rest[..count])?;
                rows += in_group;
                group += 1;
                rest = &rest[count..];
            }
            file.close()?;
            Ok(rows)
        };
        let rows = write().map_err(super::unwritable(path))?;
        Ok((pending, rows))
    }

    /// Writes one row group: labels and baselines as keys, everything else through Arrow.
    fn write_group<W: std::io::Write + Send>(
        &self,
        file: &mut SerializedFileWriter<W>,
        columns: &ArrowRowGroupWriterFactory,
        group: usize,
        outcomes: &[ScenarioOutcome<'_>],
    ) -> Result<(), ParquetError> {
        let rows = || outcomes.iter().map(|o| (o, o.outcome.sectors.len()));
        let scenarios: Vec<i32> =
            rows().flat_map(|(o, n)| std::iter::repeat_n(o.scenario.in_table(), n)).collect();
        let adaptation: BooleanBuffer =
            rows().flat_map(|(o, n)| std::iter::repeat_n(o.adaptation.is_adaptive(), n)).collect();
        let sectors: Vec<u32> =
            outcomes.iter().flat_map(|o| o.outcome.sectors.iter().copied()).collect();
        let losses: Vec<f64> =
            outcomes.iter().flat_map(|o| o.outcome.losses.iter().copied()).collect();
        let kcal = self.kcal_of(outcomes);
        let mut arrays: Vec<(&str, ArrayRef)> = vec![
            ("scenario", Arc::new(Int32Array::from(scenarios))),
            ("adaptation", Arc::new(BooleanArray::new(adaptation, None))),
        ];
        arrays.extend(MEASURES.into_iter().zip(self.measures(&sectors, losses, &kcal)));

        let items = self.item_count as u32;
        let area_keys: Vec<u32> = sectors.iter().map(|s| s / items).collect();
        let item_keys: Vec<u32> = sectors.iter().map(|s| s % items).collect();
        let (baselines, baseline_keys) = self.baselines(&sectors);
        let unit_keys: Vec<u32> = item_keys.iter().map(|&i| self.unit_of[i as usize]).collect();
        let keyed: [(&str, &Dictionary, Vec<u32>); 4] = [
            ("area", &self.areas, area_keys),
            ("item", &self.items, item_keys),
            ("unit", &self.units, unit_keys),
            ("baseline", &baselines, baseline_keys),
        ];

        let columns_of_file = file.schema_descr().columns().to_vec();
        let writers = columns.create_column_writers(group)?;
        let mut rows = file.next_row_group()?;
        for ((at, field), mut writer) in self.schema.fields().iter().enumerate().zip(writers) {
            if let Some((_, dictionary, keys)) = keyed.iter().find(|k| k.0 == field.name()) {
                let (bytes, close) =
                    dictionary::encode(columns_of_file[at].clone(), dictionary, keys)?;
                rows.append_column(&bytes, close)?;
            } else if let Some((_, array)) = arrays.iter().find(|a| a.0 == field.name()) {
                for leaf in compute_leaves(field, array)? {
                    writer.write(&leaf)?;
                }
                writer.close()?.append_to_row_group(&mut rows)?;
            }
        }
        rows.close()?;
        Ok(())
    }

    /// Baselines of `sectors` as keys: one dictionary entry per distinct sector, in order of
    /// appearance.
    fn baselines(&self, sectors: &[u32]) -> (Dictionary, Vec<u32>) {
        let mut key_of = vec![u32::MAX; self.baseline.len()];
        let mut distinct = Vec::new();
        let keys = sectors
            .iter()
            .map(|&s| {
                let key = &mut key_of[s as usize];
                if *key == u32::MAX {
                    *key = distinct.len() as u32;
                    distinct.push(self.baseline[s as usize]);
                }
                *key
            })
            .collect();
        (Dictionary::of_numbers(distinct.into_iter()), keys)
    }

    /// The rows of some outcomes, in order, in memory.
    ///
    /// # Errors
    /// A column does not fit the table.
    pub fn rows(&self, outcomes: &[ScenarioOutcome<'_>]) -> Result<RecordBatch, WriteError> {
        let rows = || outcomes.iter().map(|o| (o, o.outcome.sectors.len()));
        let ids = rows().flat_map(|(o, n)| std::iter::repeat_n(o.scenario.in_table(), n));
        let adaptation: BooleanBuffer =
            rows().flat_map(|(o, n)| std::iter::repeat_n(o.adaptation.is_adaptive(), n)).collect();
        let sectors: Vec<u32> =
            outcomes.iter().flat_map(|o| o.outcome.sectors.iter().copied()).collect();
        let losses = outcomes.iter().flat_map(|o| o.outcome.losses.iter().copied()).collect();
        let (areas, items) = self.names.of_sectors(&sectors);
        let baseline = sectors.iter().map(|&s| self.baseline[s as usize]);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_iter_values(ids)),
            Arc::new(BooleanArray::new(adaptation, None)),
            areas,
            items,
            self.names.units_of(&sectors),
            Arc::new(Float64Array::from_iter_values(baseline)),
        ];
        columns.extend(self.measures(&sectors, losses, &self.kcal_of(outcomes)));
        RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(super::unwritable(Path::new(Loss::TABLE)))
    }

    /// Food lost in every row, kcal per person and day; NaN where there is no such number.
    fn kcal_of(&self, outcomes: &[ScenarioOutcome<'_>]) -> Vec<f64> {
        outcomes.iter().flat_map(|o| self.kcal(o.outcome, &o.shares)).collect()
    }

    /// Food lost in every sector of an outcome, kcal per person and day; NaN where the area has no
    /// population or the item is no food.
    pub fn kcal(&self, outcome: &Outcome, shares: &BTreeMap<u32, f64>) -> Vec<f64> {
        let Some(food) = &self.food else { return vec![f64::NAN; outcome.sectors.len()] };
        let of = |(&sector, &al): (&u32, &f64)| {
            let s = sector as usize;
            if !food.counts(s % self.item_count) {
                return f64::NAN;
            }
            let lost = food.loss(s, self.baseline[s], al, shares.get(&sector).copied());
            food.per_person(lost, self.population[s / self.item_count])
        };
        outcome.sectors.iter().zip(&outcome.losses).map(of).collect()
    }

    /// The columns [`MEASURES`] of losses in `sectors`.
    pub(super) fn measures(
        &self,
        sectors: &[u32],
        losses: Vec<f64>,
        kcal: &[f64],
    ) -> [ArrayRef; 5] {
        let rows = || sectors.iter().map(|&s| s as usize).zip(&losses);
        let available: Vec<f64> = rows().map(|(s, al)| self.baseline[s] - al).collect();
        let relative: Vec<f64> =
            rows().map(|(s, &al)| reported_relative_loss(al, self.baseline[s])).collect();
        let per_capita = rows().map(|(s, &al)| match self.is_mass[s % self.item_count] {
            true => loss_per_capita(al, self.population[s / self.item_count]),
            false => f64::NAN,
        });
        let per_capita: Vec<f64> = per_capita.collect();
        [
            Arc::new(Float64Array::from(available)),
            Arc::new(Float64Array::from(losses)),
            Arc::new(Float64Array::from(relative)),
            known(per_capita),
            known(kcal.to_vec()),
        ]
    }
}

/// Numbers, null where they are NaN: without a population a quotient is, and nothing else here can be.
fn known(values: Vec<f64>) -> ArrayRef {
    let known = NullBuffer::from_iter(values.iter().map(|v| !v.is_nan()));
    let known = Some(known).filter(|k| k.null_count() > 0);
    Arc::new(Float64Array::new(values.into(), known))
}
