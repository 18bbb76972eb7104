//! The tables of a screening, read back: rankings, moments, histograms.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};

use super::superposition::read;
use crate::sink::SinkError;
use crate::sink::folder::{HISTOGRAM, MOMENTS, RANKING};

/// One place in one ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Name of the ranking.
    pub ranking: String,
    /// Place, from 1.
    pub rank: i32,
    /// Identifier of the pair.
    pub scenario: i32,
    /// What the ranking is by.
    pub value: f64,
}

/// Moments of one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureMoments {
    /// Column of `superposition.parquet`.
    pub measure: String,
    /// Number of pairs.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation (n - 1).
    pub standard_deviation: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Pairs above 0.001 in the measure's unit.
    pub above: u64,
    /// Pairs below -0.001.
    pub below: u64,
}

/// One bin of the histogram of one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Column of `superposition.parquet`.
    pub measure: String,
    /// Lower bound, included.
    pub lower: f64,
    /// Upper bound, not included.
    pub upper: f64,
    /// Pairs in the bin.
    pub count: u64,
}

/// All places of all rankings, in the order of the table.
///
/// # Errors
/// The result has no such table.
pub fn places(folder: &Path) -> Result<Vec<Place>, SinkError> {
    read(folder, RANKING, |batch, rows| {
        let ranking = batch.column_by_name("ranking")?.as_string_opt::<i32>()?;
        let int = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>();
        let (rank, scenario) = (int("rank")?, int("scenario")?);
        let value = batch.column_by_name("value")?.as_primitive_opt::<Float64Type>()?;
        rows.extend((0..batch.num_rows()).map(|row| Place {
            ranking: ranking.value(row).to_string(),
            rank: rank.value(row),
            scenario: scenario.value(row),
            value: value.value(row),
        }));
        Some(())
    })
}

/// Moments over `all` pairs, or over those that were `run`.
///
/// # Errors
/// The result has no such table.
pub fn moments(folder: &Path, pairs: &str) -> Result<Vec<MeasureMoments>, SinkError> {
    read(folder, MOMENTS, |batch, rows| {
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let float = |name: &str, row: usize| {
            Some(batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?.value(row))
        };
        let count = |name: &str, row: usize| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
            u64::try_from(column.value(row)).ok()
        };
        let (measure, of) = (text("measure")?, text("pairs")?);
        for row in (0..batch.num_rows()).filter(|&row| of.value(row) == pairs) {
            rows.push(MeasureMoments {
                measure: measure.value(row).to_string(),
                count: count("count", row)?,
                mean: float("mean", row)?,
                standard_deviation: float("standard_deviation", row)?,
                min: float("min", row)?,
                max: float("max", row)?,
                above: count("above", row)?,
                below: count("below", row)?,
            });
        }
        Some(())
    })
}

/// All bins of all histograms, in the order of the table.
///
/// # Errors
/// The result has no such table.
pub fn bins(folder: &Path) -> Result<Vec<Bin>, SinkError> {
    read(folder, HISTOGRAM, |batch, rows| {
        let measure = batch.column_by_name("measure")?.as_string_opt::<i32>()?;
        let float = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
        let (lower, upper) = (float("lower")?, float("upper")?);
        let count = batch.column_by_name("count")?.as_primitive_opt::<Int64Type>()?;
        for row in 0..batch.num_rows() {
            rows.push(Bin {
                measure: measure.value(row).to_string(),
                lower: lower.value(row),
                upper: upper.value(row),
                count: u64::try_from(count.value(row)).ok()?,
            });
        }
        Some(())
    })
}
