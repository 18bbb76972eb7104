//! The baseline table: what every sector would have, lost or not. A region's relative loss divides by
//! all of its sectors, also by those without a row in the loss tables.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch};

use super::SinkError;
use super::schema::{self, Names};
use super::table;
use crate::dataset::Dataset;
use crate::model::Baseline;

/// Steps of the baseline that a result holds: all of them beside a trace, else the last.
pub fn steps(baseline: &Baseline, traced: bool) -> std::ops::Range<usize> {
    let all = baseline.steps();
    if traced { 0..all } else { all - 1..all }
}

/// The baseline table of a result: sectors in order, step by step.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(
    dataset: &Dataset,
    baseline: &Baseline,
    traced: bool,
) -> Result<RecordBatch, SinkError> {
    let steps = steps(baseline, traced);
    let sectors = dataset.dimensions().sectors();
    let all: Vec<u32> = steps.clone().flat_map(|_| 0..sectors as u32).collect();
    let (areas, items) = Names::new(&dataset.labels).of_sectors(&all);
    let of_step = steps.clone().flat_map(|step| std::iter::repeat_n(step as i32, sectors));
    let amounts = steps.flat_map(|step| baseline.available[step].iter().copied());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from_iter_values(of_step)),
        areas,
        items,
        Arc::new(Float64Array::from_iter_values(amounts)),
    ];
    table::batch(schema::baseline(dataset), columns)
}
