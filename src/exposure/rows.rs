//! The tables of exposure: all areas at once.

use crate::results::Name;

shocksweep_columnar::record! {
    /// A failure that costs an area.
    pub struct ExposureRow = "exposures" {
        /// area that loses
        pub area: Name,
        /// item that it loses; null for all items in the measure
        pub item: Option<Name>,
        /// whether areas adapt
        pub adaptation: bool,
        /// place of the failure among those that cost the area most of it, from 1
        pub rank: i32,
        /// area whose output fails
        pub source_area: Name,
        /// item that it fails to make
        pub source_item: Name,
        /// share of output lost
        pub phi: f64 ["1"],
        /// what the area loses
        pub loss: f64 ["unit"],
        /// unit of the loss
        pub loss_unit: Name,
        /// loss / what the area has without the failure; null where it has none
        pub share: Option<f64> ["1"],
        /// what the area buys from the source of the item that fails there, in that item's unit
        pub bought: f64 ["unit of the source's item"],
    }
}

shocksweep_columnar::record! {
    /// An area among all.
    pub struct VulnerabilityRow = "vulnerability" {
        /// area
        pub area: Name,
        /// whether areas adapt
        pub adaptation: bool,
        /// place by expected_share, from 1
        pub rank: i32,
        /// unit of supply and losses
        pub loss_unit: Name,
        /// what the area has without a failure
        pub supply: f64 ["unit"],
        /// expected loss over all failures
        pub expected: f64 ["unit"],
        /// expected / supply; null where there is none
        pub expected_share: Option<f64> ["1"],
        /// expected loss over failures of other areas
        pub expected_abroad: f64 ["unit"],
        /// loss that is not exceeded with the probability of the level
        pub value_at_risk: f64 ["unit"],
        /// mean loss of the worst 1 - level
        pub expected_shortfall: f64 ["unit"],
        /// largest loss by the failure of another area
        pub worst_abroad: f64 ["unit"],
        /// that other area; null where no failure abroad costs anything
        pub worst_area: Option<Name>,
        /// the item that fails there
        pub worst_item: Option<Name>,
        /// sum of squared shares of the failures in the expected loss
        pub concentration: Option<f64> ["1"],
    }
}

shocksweep_columnar::record! {
    /// A sector whose failure others feel.
    pub struct InfluenceRow = "influence" {
        /// area whose output fails
        pub source_area: Name,
        /// item that it fails to make
        pub source_item: Name,
        /// share of output lost
        pub phi: f64 ["1"],
        /// whether areas adapt
        pub adaptation: bool,
        /// place by loss_others, from 1
        pub rank: i32,
        /// unit of losses
        pub loss_unit: Name,
        /// what all areas lose: per person of all that have a population, where a measure makes that possible
        pub loss: f64 ["unit"],
        /// what all other areas lose
        pub loss_others: f64 ["unit"],
        /// other areas that lose more than 1 % of what they have
        pub areas_hit: i32,
        /// the other area that loses the largest share
        pub hardest_hit: Option<Name>,
        /// that share
        pub hardest_share: Option<f64> ["1"],
        /// probability of the failure
        pub probability: f64 ["1"],
    }
}
