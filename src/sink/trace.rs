//! The trace table: losses after every step, for chosen scenarios.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow_select::concat::concat_batches;

use super::SinkError;
use super::losses::LossWriter;
use super::schema::{self, Names};
use super::table;
use crate::dataset::Dataset;
use crate::engine::Outcome;
use crate::model::Baseline;

/// Outcomes of one scenario after every step, from step 0.
#[derive(Debug, Clone)]
pub struct ScenarioTrace {
    /// Identifier of the scenario.
    pub id: u32,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// One outcome per step.
    pub steps: Vec<Outcome>,
}

/// The trace table of a result.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(
    dataset: &Dataset,
    baseline: &Baseline,
    traces: &[ScenarioTrace],
) -> Result<RecordBatch, SinkError> {
    let schema = schema::trace(dataset);
    let names = Names::new(&dataset.labels);
    let by_step: Vec<LossWriter> =
        baseline.available.iter().map(|xb| LossWriter::new(dataset, xb, true)).collect();
    let mut batches = Vec::new();
    for trace in traces {
        for (step, outcome) in trace.steps.iter().enumerate() {
            let rows = outcome.sectors.len();
            let mut columns: Vec<ArrayRef> = vec![
                Arc::new(Int32Array::from(vec![trace.id as i32; rows])),
                Arc::new(BooleanArray::from(vec![trace.adaptation; rows])),
                Arc::new(Int32Array::from(vec![step as i32; rows])),
            ];
            let (areas, items) = names.of_sectors(&outcome.sectors);
            let xb = &baseline.available[step];
            let amounts = outcome.sectors.iter().map(|&s| xb[s as usize]);
            columns.extend([areas, items, Arc::new(Float64Array::from_iter_values(amounts))]);
            columns.extend(by_step[step].measures(&outcome.sectors, outcome.losses.clone()));
            batches.push(table::batch(schema.clone(), columns)?);
        }
    }
    concat_batches(&schema, &batches).map_err(SinkError::arrow(Path::new("trace.parquet")))
}
