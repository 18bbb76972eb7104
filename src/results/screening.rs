//! What a screening keeps of millions of pairs: rankings, moments and histograms, and a list of all
//! above a threshold.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, RecordBatch};
use shocksweep_columnar::WriteError;

use super::{Name, Names, TONNES, of_columns};
use crate::dataset::Dataset;
use crate::scenario::ScenarioId;
use crate::superposition::collect::Listed;

shocksweep_columnar::record! {
    /// One place in one ranking.
    ///
    /// Rankings are `food` (S of what people eat, kcal), `super-additive`, the same of `losses` (no run ends with a
    /// net gain), `size` (|S|), `relative` (S over the single losses), `area: NAME`, `hdi: CLASS`; pairs of
    /// which a run runs away are in `runaway` and no other.
    pub struct RankingRow = "ranking" {
        /// what the pairs are ranked by
        pub ranking: String,
        /// place, from 1
        pub rank: i32,
        /// identifier of the pair
        pub scenario: ScenarioId,
        /// value that ranks
        pub value: f64 ["see `unit`"],
        /// unit of the value
        pub unit: Name,
    }
}

shocksweep_columnar::record! {
    /// Moments of one measure over some pairs.
    pub struct MomentsRow = "moments" {
        /// column of superposition.parquet
        pub measure: String,
        /// `all`, or those that were `run`
        pub pairs: String,
        /// number of pairs
        pub count: i64,
        /// mean
        pub mean: f64 ["as measure"],
        /// standard deviation (n - 1)
        pub standard_deviation: f64 ["as measure"],
        /// smallest value
        pub min: f64 ["as measure"],
        /// largest value
        pub max: f64 ["as measure"],
        /// pairs above 0.001 of its unit (super-additive)
        pub above: i64,
        /// pairs below -0.001 of its unit (sub-additive)
        pub below: i64,
    }
}

shocksweep_columnar::record! {
    /// One bin of the histogram of one measure: `lower <= value < upper`.
    pub struct BinRow = "histogram" {
        /// column of superposition.parquet
        pub measure: String,
        /// lower bound, included
        pub lower: f64 ["as measure"],
        /// upper bound, not included
        pub upper: f64 ["as measure"],
        /// pairs in the bin
        pub count: i64,
    }
}

shocksweep_columnar::record! {
    /// A pair of a screening whose |S| reaches the threshold.
    pub struct MatrixRow = "matrix" {
        /// area of the first shocked sector
        pub area_a: Name,
        /// item of the first shocked sector
        pub item_a: Name,
        /// area of the second shocked sector
        pub area_b: Name,
        /// item of the second shocked sector
        pub item_b: Name,
        /// joint loss less the single ones, over the whole network
        pub s: f64 [TONNES],
        /// whether a run of the pair runs away, of one shock or of both: no finding
        pub overshoot: bool,
    }
}

/// The rows of `matrix.parquet`, in the order of the pairs.
///
/// # Errors
/// A column does not fit the table.
pub fn matrix(dataset: &Dataset, listed: &[Listed]) -> Result<RecordBatch, WriteError> {
    let names = Names::new(&dataset.labels);
    let sectors = |which: usize| -> Vec<u32> { listed.iter().map(|l| l.sectors[which]).collect() };
    let [(area_a, item_a), (area_b, item_b)] = [0, 1].map(|n| names.of_sectors(&sectors(n)));
    let s = Arc::new(Float64Array::from_iter_values(listed.iter().map(|l| l.s)));
    let overshoot = Arc::new(BooleanArray::from_iter(listed.iter().map(|l| Some(l.overshoot))));
    of_columns::<MatrixRow>(dataset, vec![area_a, item_a, area_b, item_b, s, overshoot])
}
