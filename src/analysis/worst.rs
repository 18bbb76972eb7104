//! The worst scenarios of a result.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// One row of the scenario table, as far as summaries need it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLoss {
    /// Identifier.
    pub scenario: i32,
    /// Name.
    pub name: String,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Summed absolute loss, tonnes.
    pub total_loss: f64,
    /// Summed loss per person, kg; `None` in a world without population.
    pub total_loss_per_capita: Option<f64>,
    /// Sectors with a relative loss above 0.10.
    pub sectors_above_10pct: i32,
    /// `Area / Item` of the largest loser, with its loss in tonnes.
    pub largest_loser: Option<(String, f64)>,
}

const COLUMNS: [&str; 9] = [
    "scenario",
    "name",
    "adaptation",
    "total_loss",
    "total_loss_per_capita",
    "sectors_above_10pct",
    "largest_loser_area",
    "largest_loser_item",
    "largest_loser_al",
];

/// The `count` scenarios of the result folder with the largest total loss, worst first; of equal
/// ones the one with the smaller identifier.
///
/// # Errors
/// The folder has no readable scenario table.
pub fn worst(folder: &Path, count: usize) -> Result<Vec<ScenarioLoss>, SinkError> {
    let path = folder.join(SCENARIOS);
    let file = File::open(&path).map_err(SinkError::io(&path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(SinkError::parquet(&path))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
    let reader = builder.with_projection(mask).build().map_err(SinkError::parquet(&path))?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(SinkError::arrow(&path))?;
        read(&batch, &mut rows).ok_or_else(|| SinkError::Unreadable {
            path: path.clone(),
            problem: format!("is no scenario table: expected the columns {}", COLUMNS.join(", ")),
        })?;
    }
    rows.sort_by(|a: &ScenarioLoss, b| {
        b.total_loss
            .total_cmp(&a.total_loss)
            .then((a.scenario, a.adaptation).cmp(&(b.scenario, b.adaptation)))
    });
    rows.truncate(count);
    Ok(rows)
}

fn read(batch: &RecordBatch, rows: &mut Vec<ScenarioLoss>) -> Option<()> {
    let column = |name: &str| -> Option<&ArrayRef> { batch.column_by_name(name) };
    let scenario = column("scenario")?.as_primitive_opt::<Int32Type>()?;
    let name = column("name")?.as_string_opt::<i32>()?;
    let adaptation = column("adaptation")?.as_boolean_opt()?;
    let total = column("total_loss")?.as_primitive_opt::<Float64Type>()?;
    let per_capita = column("total_loss_per_capita")?.as_primitive_opt::<Float64Type>()?;
    let above = column("sectors_above_10pct")?.as_primitive_opt::<Int32Type>()?;
    let area = column("largest_loser_area")?.as_string_opt::<i32>()?;
    let item = column("largest_loser_item")?.as_string_opt::<i32>()?;
    let loss = column("largest_loser_al")?.as_primitive_opt::<Float64Type>()?;
    for row in 0..batch.num_rows() {
        rows.push(ScenarioLoss {
            scenario: scenario.value(row),
            name: name.value(row).to_string(),
            adaptation: adaptation.value(row),
            total_loss: total.value(row),
            total_loss_per_capita: per_capita.is_valid(row).then(|| per_capita.value(row)),
            sectors_above_10pct: above.value(row),
            largest_loser: loss
                .is_valid(row)
                .then(|| (format!("{} / {}", area.value(row), item.value(row)), loss.value(row))),
        });
    }
    Some(())
}
