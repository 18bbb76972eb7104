//! The trace table: losses after every step, for chosen scenarios.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch};
use arrow_select::concat::concat_batches;
use shocksweep_columnar::WriteError;

use super::losses::LossWriter;
use super::{AMOUNT, KCAL, KG, Name, Names, Record};
use crate::dataset::Dataset;
use crate::engine::Outcome;
use crate::model::Baseline;
use crate::model::adaptation::MissingRule;
use crate::scenario::{Response, ScenarioId};

shocksweep_columnar::record! {
    /// A sector hit by a traced scenario, after a step.
    pub struct TracedLoss = "trace" {
        /// identifier of the scenario
        pub scenario: ScenarioId,
        /// whether areas adapt
        pub adaptation: Response,
        /// step, from 0
        pub step: i32 ["model year"],
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

/// Outcomes of one scenario after every step, from step 0.
#[derive(Debug, Clone)]
pub struct ScenarioTrace {
    /// Identifier of the scenario.
    pub id: ScenarioId,
    /// Whether areas adapt.
    pub adaptation: Response,
    /// What an entry without a rule became.
    pub missing: MissingRule,
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
) -> Result<RecordBatch, WriteError> {
    let schema = super::schema::<TracedLoss>(dataset);
    let names = Names::new(&dataset.labels);
    let by_step: Vec<LossWriter> =
        baseline.available.iter().map(|xb| LossWriter::new(dataset, xb, true)).collect();
    let mut batches = Vec::new();
    for trace in traces {
        for (step, outcome) in trace.steps.iter().enumerate() {
            let rows = outcome.sectors.len();
            let mut columns: Vec<ArrayRef> = vec![
                Arc::new(Int32Array::from(vec![trace.id.in_table(); rows])),
                Arc::new(BooleanArray::from(vec![trace.adaptation.is_adaptive(); rows])),
                Arc::new(Int32Array::from(vec![step as i32; rows])),
            ];
            let (areas, items) = names.of_sectors(&outcome.sectors);
            let xb = &baseline.available[step];
            let amounts = outcome.sectors.iter().map(|&s| xb[s as usize]);
            let units = names.units_of(&outcome.sectors);
            let amounts = Arc::new(Float64Array::from_iter_values(amounts));
            columns.extend([areas, items, units, amounts]);
            let writer = &by_step[step];
            let kcal = writer.kcal(outcome, &writer.shares(dataset, trace.missing, step, outcome));
            columns.extend(writer.measures(&outcome.sectors, outcome.losses.clone(), kcal));
            batches.push(super::of_columns::<TracedLoss>(dataset, columns)?);
        }
    }
    concat_batches(&schema, &batches).map_err(super::unwritable(Path::new(TracedLoss::TABLE)))
}
