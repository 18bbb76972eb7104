//! The tables of a comparison. Differences are B less A.

use crate::results::{AMOUNT, KCAL, Name, TONNES};
use crate::scenario::ScenarioId;

shocksweep_columnar::record! {
    /// A scenario that both results have.
    pub struct ScenarioDifference = "scenario_differences" {
        /// name
        pub name: String,
        /// whether areas adapt
        pub adaptation: bool,
        /// food that people eat less in A
        pub kcal_a: Option<f64> [KCAL],
        /// food that people eat less in B
        pub kcal_b: Option<f64> [KCAL],
        /// kcal_b - kcal_a
        pub kcal_difference: Option<f64> [KCAL],
        /// summed absolute loss of items counted in tonnes in A
        pub total_loss_a: f64 [TONNES],
        /// summed absolute loss of items counted in tonnes in B
        pub total_loss_b: f64 [TONNES],
        /// total_loss_b - total_loss_a
        pub total_loss_difference: f64 [TONNES],
        /// number of sectors with a relative loss above 0.10 in A
        pub sectors_above_10pct_a: i32,
        /// number of sectors with a relative loss above 0.10 in B
        pub sectors_above_10pct_b: i32,
        /// whether a sector has run away in A
        pub overshoot_a: bool,
        /// whether a sector has run away in B
        pub overshoot_b: bool,
    }
}

shocksweep_columnar::record! {
    /// What an area loses in the mean over the scenarios that both results have.
    pub struct AreaDifference = "area_differences" {
        /// area
        pub area: Name,
        /// whether areas adapt
        pub adaptation: bool,
        /// scenarios
        pub scenarios: i64,
        /// food that its people eat less in A; null where it has no population, or no food is known
        pub kcal_a: Option<f64> [KCAL],
        /// food that its people eat less in B
        pub kcal_b: Option<f64> [KCAL],
        /// kcal_b - kcal_a
        pub kcal_difference: Option<f64> [KCAL],
        /// loss of items counted in tonnes in A, sectors that have run away left out
        pub al_a: f64 [TONNES],
        /// loss of items counted in tonnes in B
        pub al_b: f64 [TONNES],
        /// al_b - al_a
        pub al_difference: f64 [TONNES],
    }
}

shocksweep_columnar::record! {
    /// What all areas lose of an item in the mean over the scenarios that both results have.
    pub struct ItemDifference = "item_differences" {
        /// item
        pub item: Name,
        /// unit of its amounts
        pub unit: Name,
        /// whether areas adapt
        pub adaptation: bool,
        /// scenarios
        pub scenarios: i64,
        /// loss in A, sectors that have run away left out
        pub al_a: f64 [AMOUNT],
        /// loss in B
        pub al_b: f64 [AMOUNT],
        /// al_b - al_a
        pub al_difference: f64 [AMOUNT],
    }
}

shocksweep_columnar::record! {
    /// What a sector loses in the mean over the scenarios that both results have.
    pub struct SectorDifference = "sector_differences" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// unit of its amounts
        pub unit: Name,
        /// whether areas adapt
        pub adaptation: bool,
        /// loss in A, where it has not run away
        pub al_a: f64 [AMOUNT],
        /// loss in B
        pub al_b: f64 [AMOUNT],
        /// al_b - al_a
        pub al_difference: f64 [AMOUNT],
    }
}

shocksweep_columnar::record! {
    /// What a sector loses in a scenario that both results have, where that differs.
    pub struct LossDifference = "loss_differences" {
        /// identifier of the scenario in A
        pub scenario_a: ScenarioId,
        /// identifier of the scenario in B
        pub scenario_b: ScenarioId,
        /// whether areas adapt
        pub adaptation: bool,
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// unit of its amounts
        pub unit: Name,
        /// loss in A, 0 where it is below what A lists
        pub al_a: f64 [AMOUNT],
        /// loss in B, 0 where it is below what B lists
        pub al_b: f64 [AMOUNT],
        /// al_b - al_a
        pub al_difference: f64 [AMOUNT],
    }
}
