//! The table of reserves: what they gave in every scenario in which they acted.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::{AMOUNT, Name, SectorNames};
use crate::dataset::Dataset;
use crate::engine::Outcome;
use crate::scenario::{Response, RunKey, ScenarioId};

shocksweep_columnar::record! {
    /// A reserve that acted in a scenario. How they act: [`crate::model::reserves`].
    pub struct Release = "reserves" {
        /// identifier of the scenario
        pub scenario: ScenarioId,
        /// whether areas adapt
        pub adaptation: Response,
        /// area that holds it
        pub area: Name,
        /// item that it holds
        pub item: Name,
        /// unit of the item
        pub unit: Name,
        /// amount that it held before the first step
        pub size: f64 [AMOUNT],
        /// amount that it gave over all steps, less what it was filled up with: size - left
        pub released: f64 [AMOUNT],
        /// amount that it holds after the last step
        pub left: f64 [AMOUNT],
    }
}

/// The table of a result: what the dataset's reserves gave in the scenarios that were run, those that did
/// not act left out.
///
/// # Errors
/// A column does not fit the table.
pub fn batch<'o>(
    dataset: &Dataset,
    run: impl Iterator<Item = (RunKey, &'o Outcome)>,
) -> Result<RecordBatch, WriteError> {
    let names = SectorNames::new(&dataset.labels);
    let items = &dataset.labels.items;
    let mut rows = Vec::new();
    for ((scenario, adaptation), outcome) in run {
        for (reserve, &left) in dataset.reserves.iter().zip(&outcome.reserves) {
            if left == reserve.size {
                continue;
            }
            let (area, item) = names.of(reserve.sector);
            let unit = &items[reserve.sector as usize % items.len()].unit;
            rows.push(Release {
                scenario,
                adaptation,
                area,
                item,
                unit: Name::from(unit.name()),
                size: reserve.size,
                released: reserve.size - left,
                left,
            });
        }
    }
    super::batch(dataset, &rows)
}
