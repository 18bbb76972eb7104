//! What a screening keeps of millions of pairs: rankings, moments and histograms.

shocksweep_columnar::record! {
    /// One place in one ranking.
    ///
    /// Rankings are `super-additive`, the same of `losses` (no run ends with a net gain), `size`
    /// (|S|), `relative` (S over the single losses), `area: NAME`, `hdi: CLASS`.
    pub struct RankingRow = "ranking" {
        /// what the pairs are ranked by
        pub ranking: String,
        /// place, from 1
        pub rank: i32,
        /// identifier of the pair
        pub scenario: i32,
        /// value that ranks
        pub value: f64 ["see `unit`"],
        /// unit of the value
        pub unit: String,
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
        /// pairs above 0.001 (super-additive)
        pub above: i64,
        /// pairs below -0.001 (sub-additive)
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
