//! The baseline table: what every sector would have, lost or not. A region's relative loss divides by
//! all of its sectors, also by those without a row in the loss tables.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::{AMOUNT, KCAL, Name, SectorNames};
use crate::dataset::Dataset;
use crate::measure::{Measure, MeasureKind};
use crate::model::Baseline;
use crate::model::divergence::is_out_of_range;

shocksweep_columnar::record! {
    /// A sector without shocks.
    pub struct BaselineRow = "baseline" {
        /// step, from 0
        pub step: i32 ["model year"],
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// available amount without a shock after the step; null where it is out of range
        pub baseline: Option<f64> [AMOUNT],
        /// food that people eat of it; null where the area has no population, or the item is no food
        pub kcal_per_person_day: Option<f64> [KCAL],
    }
}

/// Steps of the baseline that a result holds: all of them beside a trace, else the last.
pub fn steps(baseline: &Baseline, traced: bool) -> std::ops::Range<usize> {
    let all = baseline.steps();
    if traced { 0..all } else { all - 1..all }
}

/// The baseline of a result: sectors in order, step by step.
pub fn rows(dataset: &Dataset, baseline: &Baseline, traced: bool) -> Vec<BaselineRow> {
    let names = SectorNames::new(&dataset.labels);
    let food = Measure::of(MeasureKind::Kcal, dataset);
    let dims = dataset.dimensions();
    let eaten = |sector: usize, amount: f64| {
        let food = food.as_ref().filter(|food| food.counts(dims.item_of(sector)))?;
        let population = dataset.labels.areas[dims.area_of(sector)].population?;
        Some(food.per_person(food.baseline(sector, amount), population))
    };
    let of_step = |step: usize| {
        let (names, eaten) = (&names, &eaten);
        let amounts = baseline.available[step].iter().enumerate();
        amounts.map(move |(sector, &amount)| {
            let (area, item) = names.of(sector as u32);
            let baseline = Some(amount).filter(|&amount| !is_out_of_range(amount));
            let kcal_per_person_day = baseline.and_then(|amount| eaten(sector, amount));
            BaselineRow { step: step as i32, area, item, baseline, kcal_per_person_day }
        })
    };
    steps(baseline, traced).flat_map(of_step).collect()
}

/// The baseline table of a result: see [`rows()`].
///
/// # Errors
/// A column does not fit the table.
pub fn batch(
    dataset: &Dataset,
    baseline: &Baseline,
    traced: bool,
) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset, baseline, traced))
}
