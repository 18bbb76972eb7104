//! The trace table: losses after every step, for chosen scenarios.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch};
use parquet::arrow::ArrowWriter;

use super::SinkError;
use super::commit::Pending;
use super::losses::{LossWriter, properties};
use super::schema::{self, Names};
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

/// Writes the trace table of a result.
///
/// # Errors
/// The file cannot be written.
pub fn write(
    path: &Path,
    dataset: &Dataset,
    baseline: &Baseline,
    traces: &[ScenarioTrace],
) -> Result<Pending, SinkError> {
    let schema = schema::trace(dataset);
    let mut pending = Pending::create(path)?;
    let mut write = || {
        let options = Some(properties(true));
        let mut writer = ArrowWriter::try_new(&mut pending, schema.clone(), options)?;
        let names = Names::new(&dataset.labels);
        let by_step: Vec<LossWriter> =
            baseline.available.iter().map(|xb| LossWriter::new(dataset, xb, true)).collect();
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
                let losses = outcome.losses.clone();
                columns.extend(by_step[step].measures(&outcome.sectors, losses));
                writer.write(&RecordBatch::try_new(schema.clone(), columns)?)?;
            }
        }
        writer.close()
    };
    write().map_err(SinkError::parquet(path))?;
    Ok(pending)
}
