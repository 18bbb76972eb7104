//! The loss tables: one row per scenario and sector whose loss or gain exceeds the threshold.
//!
//! Rows are sorted by scenario, then adaptation, then area, then item. A table holds a fixed run of scenarios of
//! the plan (its parts), so its bytes depend on the plan and the data alone.

mod write;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::SchemaRef;
use parquet::file::properties::WriterProperties;
use shocksweep_columnar::dictionary::Dictionary;
use shocksweep_columnar::read::{Batches, Table};
use shocksweep_columnar::{TableError, WriteError};

use super::encoding::properties;
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
    range: (ScenarioId, ScenarioId),
) -> Result<Batches, TableError> {
    columns_of(&Table::open(path)?, names, range)
}

/// As [`columns`], of a table that is open.
///
/// # Errors
/// The table cannot be read, or lacks a column.
pub fn columns_of(
    table: &Table,
    names: &[&str],
    range: (ScenarioId, ScenarioId),
) -> Result<Batches, TableError> {
    table.of_groups(names, groups(table, range))
}

/// Whether an open loss table may have a scenario from `first` to `last`.
pub fn holds(table: &Table, range: (ScenarioId, ScenarioId)) -> bool {
    !groups(table, range).is_empty()
}

/// Row groups that may have a scenario from `first` to `last`.
fn groups(table: &Table, (first, last): (ScenarioId, ScenarioId)) -> Vec<usize> {
    let groups = table.groups("scenario", (i64::from(first.0), i64::from(last.0)));
    groups.iter().enumerate().filter(|(_, (_, holds))| *holds).map(|(at, _)| at).collect()
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
    compress: bool,
    areas: Dictionary,
    items: Dictionary,
    units: Dictionary,
    names: Names,
    /// Area and item of every sector: a table is read faster than a quotient is found.
    area_of: Vec<u16>,
    item_of: Vec<u16>,
    unit_of: Vec<u32>,
    baseline: Vec<f64>,
    /// Per item whether its amounts are summed with those of others.
    is_summed: Vec<bool>,
    /// Persons by area; NaN where it has no population.
    population: Vec<f64>,
    /// The same by sector; NaN too where the item has no mass.
    population_of_mass: Vec<f64>,
    /// Energy of what is eaten, where the dataset knows it.
    food: Option<Measure>,
}

/// The rows of a row group: sectors and losses of some outcomes, one after the other.
struct Rows {
    sectors: Vec<u32>,
    losses: Vec<f64>,
    kcal: Vec<f64>,
}

impl LossWriter {
    /// A writer of losses against `baseline` (available amounts by sector).
    pub fn new(dataset: &Dataset, baseline: &[f64], compress: bool) -> Self {
        let labels = &dataset.labels;
        let (areas, items) = (labels.areas.len(), labels.items.len());
        let population: Vec<f64> =
            labels.areas.iter().map(|a| a.population.unwrap_or(f64::NAN)).collect();
        let sectors = || (0..areas).flat_map(|area| (0..items).map(move |item| (area, item)));
        let of_mass = |(area, item): (usize, usize)| match labels.items[item].is_mass() {
            true => population[area],
            false => f64::NAN,
        };
        let (units, unit_of) = super::units(labels);
        LossWriter {
            schema: super::schema::<Loss>(dataset),
            properties: properties(compress),
            compress,
            areas: Dictionary::of_texts(labels.areas.iter().map(|a| a.name.as_str())),
            items: Dictionary::of_texts(labels.items.iter().map(|i| i.name.as_str())),
            units: Dictionary::of_texts(units.into_iter()),
            names: Names::new(labels),
            area_of: sectors().map(|(area, _)| area as u16).collect(),
            item_of: sectors().map(|(_, item)| item as u16).collect(),
            unit_of: unit_of.into_iter().map(|at| at as u32).collect(),
            baseline: baseline.to_vec(),
            is_summed: labels.are_summed(),
            population_of_mass: sectors().map(of_mass).collect(),
            population,
            food: Measure::of(MeasureKind::Kcal, dataset),
        }
    }

    /// Area of a sector.
    pub(super) fn area_of(&self, sector: u32) -> usize {
        self.area_of[sector as usize].into()
    }

    /// Item of a sector.
    pub(super) fn item_of(&self, sector: u32) -> usize {
        self.item_of[sector as usize].into()
    }

    /// Whether amounts of an item are summed with those of others.
    pub(super) fn is_summed(&self, item: usize) -> bool {
        self.is_summed[item]
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

    /// Rows of some outcomes, in order.
    fn rows_of(&self, outcomes: &[ScenarioOutcome<'_>]) -> Rows {
        let n = outcomes.iter().map(|o| o.outcome.sectors.len()).sum();
        let mut rows = Rows {
            sectors: Vec::with_capacity(n),
            losses: Vec::with_capacity(n),
            kcal: Vec::with_capacity(n),
        };
        for of in outcomes {
            rows.sectors.extend_from_slice(&of.outcome.sectors);
            rows.losses.extend_from_slice(&of.outcome.losses);
            self.add_kcal(&mut rows.kcal, of.outcome, &of.shares);
        }
        rows
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
        let Rows { sectors, losses, kcal } = self.rows_of(outcomes);
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
        columns.extend(self.measures(&sectors, losses, kcal));
        RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(super::unwritable(Path::new(Loss::TABLE)))
    }

    /// Food lost in every sector of an outcome, kcal per person and day; NaN where the area has no
    /// population or the item is no food.
    pub fn kcal(&self, outcome: &Outcome, shares: &BTreeMap<u32, f64>) -> Vec<f64> {
        let mut kcal = Vec::with_capacity(outcome.sectors.len());
        self.add_kcal(&mut kcal, outcome, shares);
        kcal
    }

    /// [`LossWriter::kcal`], after what `kcal` holds.
    fn add_kcal(&self, kcal: &mut Vec<f64>, outcome: &Outcome, shares: &BTreeMap<u32, f64>) {
        let start = kcal.len();
        let Some(food) = &self.food else {
            kcal.resize(start + outcome.sectors.len(), f64::NAN);
            return;
        };
        kcal.extend(outcome.sectors.iter().zip(&outcome.losses).map(|(&sector, &al)| {
            let (area, item) = (self.area_of(sector), self.item_of(sector));
            if !food.counts(item) {
                return f64::NAN;
            }
            food.per_person(food.part(sector as usize, item, al), self.population[area])
        }));
        // Few sectors adapt: theirs are told again.
        for (&sector, &share) in shares {
            let Ok(at) = outcome.sectors.binary_search(&sector) else { continue };
            if food.counts(self.item_of(sector)) {
                let (baseline, al) = (self.baseline[sector as usize], outcome.losses[at]);
                let lost = food.loss(sector as usize, baseline, al, Some(share));
                kcal[start + at] = food.per_person(lost, self.population[self.area_of(sector)]);
            }
        }
    }

    /// What is measured of losses in `sectors`: the columns from `available` on.
    pub(super) fn measures(
        &self,
        sectors: &[u32],
        losses: Vec<f64>,
        kcal: Vec<f64>,
    ) -> [ArrayRef; 5] {
        let rows = || sectors.iter().map(|&s| s as usize).zip(&losses);
        let available: Vec<f64> = rows().map(|(s, al)| self.baseline[s] - al).collect();
        let relative: Vec<f64> =
            rows().map(|(s, &al)| reported_relative_loss(al, self.baseline[s])).collect();
        let per_capita: Vec<f64> =
            rows().map(|(s, &al)| loss_per_capita(al, self.population_of_mass[s])).collect();
        [
            Arc::new(Float64Array::from(available)),
            Arc::new(Float64Array::from(losses)),
            Arc::new(Float64Array::from(relative)),
            known(per_capita),
            known(kcal),
        ]
    }
}

/// Numbers, null where they are NaN: without a population a quotient is, and nothing else here can be.
fn known(values: Vec<f64>) -> ArrayRef {
    let known = NullBuffer::from_iter(values.iter().map(|v| !v.is_nan()));
    let known = Some(known).filter(|k| k.null_count() > 0);
    Arc::new(Float64Array::new(values.into(), known))
}
