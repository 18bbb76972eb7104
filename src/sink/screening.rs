//! What a screening keeps of millions of pairs: rankings, moments and histograms.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;

use super::SinkError;
use super::schema::{column, table};
use super::table;

use crate::dataset::Dataset;

/// One place in one ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingRow {
    /// Name of the ranking: `super-additive`, the same of `losses` (no run ends with a net gain),
    /// `size` (|S|), `relative` (S over the single losses), `area: NAME`, `hdi: CLASS`.
    pub ranking: String,
    /// Place, from 1.
    pub rank: u32,
    /// Identifier of the pair.
    pub scenario: u32,
    /// What the ranking is by.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
}

/// Moments of one measure over some pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentsRow {
    /// Column of `superposition.parquet`.
    pub measure: &'static str,
    /// Pairs that count: `all`, or those that were `run`.
    pub pairs: &'static str,
    /// Their number.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation (n - 1).
    pub standard_deviation: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Values above the threshold: super-additive pairs.
    pub above: u64,
    /// Values below the negative threshold: sub-additive pairs.
    pub below: u64,
}

/// One bin of the histogram of one measure: `lower <= value < upper`.
#[derive(Debug, Clone, PartialEq)]
pub struct BinRow {
    /// Column of `superposition.parquet`.
    pub measure: &'static str,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Pairs in the bin.
    pub count: u64,
}

fn floats(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn counts(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values.map(|v| v as i64)))
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The rows of `ranking.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_ranking(dataset: &Dataset, rows: &[RankingRow]) -> Result<RecordBatch, SinkError> {
    let schema = table(
        dataset,
        vec![
            column("ranking", DataType::Utf8, false, "", "what the pairs are ranked by"),
            column("rank", DataType::Int32, false, "", "place, from 1"),
            column("scenario", DataType::Int32, false, "", "identifier of the pair"),
            column("value", DataType::Float64, false, "see `unit`", "value that ranks"),
            column("unit", DataType::Utf8, false, "", "unit of the value"),
        ],
    );
    let columns = vec![
        texts(rows.iter().map(|r| r.ranking.as_str())),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.rank as i32))) as ArrayRef,
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.scenario as i32))),
        floats(rows.iter().map(|r| r.value)),
        texts(rows.iter().map(|r| r.unit)),
    ];
    table::batch(schema, columns)
}

/// The rows of `moments.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_moments(dataset: &Dataset, rows: &[MomentsRow]) -> Result<RecordBatch, SinkError> {
    let f64 = |name: &str, about: &str| column(name, DataType::Float64, false, "as measure", about);
    let count = |name: &str, about: &str| column(name, DataType::Int64, false, "", about);
    let schema = table(
        dataset,
        vec![
            column("measure", DataType::Utf8, false, "", "column of superposition.parquet"),
            column("pairs", DataType::Utf8, false, "", "`all`, or those that were `run`"),
            count("count", "number of pairs"),
            f64("mean", "mean"),
            f64("standard_deviation", "standard deviation (n - 1)"),
            f64("min", "smallest value"),
            f64("max", "largest value"),
            count("above", "pairs above 0.001 (super-additive)"),
            count("below", "pairs below -0.001 (sub-additive)"),
        ],
    );
    let columns = vec![
        texts(rows.iter().map(|r| r.measure)),
        texts(rows.iter().map(|r| r.pairs)),
        counts(rows.iter().map(|r| r.count)),
        floats(rows.iter().map(|r| r.mean)),
        floats(rows.iter().map(|r| r.standard_deviation)),
        floats(rows.iter().map(|r| r.min)),
        floats(rows.iter().map(|r| r.max)),
        counts(rows.iter().map(|r| r.above)),
        counts(rows.iter().map(|r| r.below)),
    ];
    table::batch(schema, columns)
}

/// The rows of `histogram.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_histogram(dataset: &Dataset, rows: &[BinRow]) -> Result<RecordBatch, SinkError> {
    let schema = table(
        dataset,
        vec![
            column("measure", DataType::Utf8, false, "", "column of superposition.parquet"),
            column("lower", DataType::Float64, false, "as measure", "lower bound, included"),
            column("upper", DataType::Float64, false, "as measure", "upper bound, not included"),
            column("count", DataType::Int64, false, "", "pairs in the bin"),
        ],
    );
    let columns = vec![
        texts(rows.iter().map(|r| r.measure)),
        floats(rows.iter().map(|r| r.lower)),
        floats(rows.iter().map(|r| r.upper)),
        counts(rows.iter().map(|r| r.count)),
    ];
    table::batch(schema, columns)
}
