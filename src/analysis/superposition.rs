//! Questions about superpositions: the most super-additive pairs, their distribution.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int16Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::screening;
use crate::sink::SinkError;
use crate::sink::folder::SUPERPOSITION;

/// One row of `superposition.parquet`, as far as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct PairRow {
    /// Identifier.
    pub scenario: i32,
    /// Area and item of the two shocked sectors.
    pub sectors: [[String; 2]; 2],
    /// Intensities.
    pub phi: [f64; 2],
    /// Losses of both together and of each alone, tonnes.
    pub al: [f64; 3],
    /// S over the whole network, tonnes.
    pub s: f64,
    /// S over the whole network, kg per person.
    pub s_per_capita: Option<f64>,
    /// S of the shocked items, tonnes.
    pub s_shocked: f64,
    /// S of the shocked items, kg per person.
    pub s_shocked_per_capita: Option<f64>,
    /// Overlap, adaptation, substitution, tonnes, if S was taken apart.
    pub stages: Option<[f64; 3]>,
    /// How S was found.
    pub method: String,
    /// Bound on |S| where the pair was not run, tonnes.
    pub bound: Option<f64>,
    /// S over the available amount of the baseline, unit 1.
    pub relative: Option<f64>,
}

/// Reads `superposition.parquet`.
///
/// # Errors
/// The result has no such table.
pub fn pairs(folder: &Path) -> Result<Vec<PairRow>, SinkError> {
    read(folder, SUPERPOSITION, pair_rows)
}

fn pair_rows(batch: &RecordBatch, rows: &mut Vec<PairRow>) -> Option<()> {
    let float = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
    let scenario = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
    let sector = |suffix: &str| -> Option<Vec<[String; 2]>> {
        let names = |column: &str| -> Option<Vec<String>> {
            let column = batch.column_by_name(&format!("{column}_{suffix}"))?;
            let column = column.as_dictionary_opt::<Int16Type>()?;
            let values = column.values().as_string_opt::<i32>()?;
            Some(
                (0..column.len())
                    .map(|r| values.value(column.keys().value(r) as usize).to_string())
                    .collect(),
            )
        };
        let pairs = names("area")?.into_iter().zip(names("item")?);
        Some(pairs.map(|(area, item)| [area, item]).collect())
    };
    let (a, b) = (sector("a")?, sector("b")?);
    let method = batch.column_by_name("method")?.as_string_opt::<i32>()?;
    let number = |name: &str, row: usize| Some(float(name)?.value(row));
    let maybe = |name: &str, row: usize| {
        let column = float(name)?;
        Some(column.is_valid(row).then(|| column.value(row)))
    };
    for row in 0..batch.num_rows() {
        let stages =
            [maybe("s_static", row)?, maybe("s_adaptation", row)?, maybe("s_substitution", row)?];
        rows.push(PairRow {
            scenario: scenario.value(row),
            sectors: [a[row].clone(), b[row].clone()],
            phi: [number("phi_a", row)?, number("phi_b", row)?],
            al: [number("al_joint", row)?, number("al_a", row)?, number("al_b", row)?],
            s: number("s", row)?,
            s_per_capita: maybe("s_per_capita", row)?,
            s_shocked: number("s_shocked", row)?,
            s_shocked_per_capita: maybe("s_shocked_per_capita", row)?,
            stages: match stages {
                [Some(a), Some(b), Some(c)] => Some([a, b, c]),
                _ => None,
            },
            method: method.value(row).to_string(),
            bound: maybe("bound", row)?,
            relative: maybe("s_relative", row)?,
        });
    }
    Some(())
}

/// Identifiers of the pairs of one ranking of a screening, best first.
///
/// # Errors
/// The result has no such table.
pub fn ranking(folder: &Path, name: &str) -> Result<Vec<(i32, f64)>, SinkError> {
    let places = screening::places(folder)?;
    Ok(places.into_iter().filter(|p| p.ranking == name).map(|p| (p.scenario, p.value)).collect())
}

/// How a measure is distributed over pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Column of `superposition.parquet`.
    pub measure: String,
    /// Number of pairs.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation (n - 1).
    pub standard_deviation: f64,
    /// 1, 25, 50, 75 and 99 % quantiles, where all values are at hand.
    pub quantiles: Option<[f64; 5]>,
    /// Pairs above 0.001 in the measure's unit.
    pub above: u64,
    /// Pairs below -0.001.
    pub below: u64,
}

impl Distribution {
    /// The distribution of values.
    pub fn of(measure: &str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n.max(1.0);
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        // Linear between the neighbouring ranks, as numpy and R (type 7) do by default.
        let quantile = |q: f64| {
            let at = q * (n - 1.0);
            let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
            low + (high - low) * at.fract()
        };
        let threshold = crate::superposition::collect::THRESHOLD;
        Distribution {
            measure: measure.to_string(),
            count: values.len() as u64,
            mean,
            standard_deviation: if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 },
            quantiles: (!values.is_empty()).then(|| [0.01, 0.25, 0.5, 0.75, 0.99].map(quantile)),
            above: values.iter().filter(|v| **v > threshold).count() as u64,
            below: values.iter().filter(|v| **v < -threshold).count() as u64,
        }
    }

    /// One-sample t statistic of the mean against 0; `None` where nothing varies.
    pub fn t(&self) -> Option<f64> {
        let error = self.standard_deviation / (self.count as f64).sqrt();
        (error > 0.0).then(|| self.mean / error)
    }

    /// Two-sided p of [`Distribution::t`], by the t distribution with n - 1 degrees of freedom.
    pub fn p(&self) -> Option<f64> {
        Some(crate::statistics::student_two_sided(self.t()?, self.count as f64 - 1.0))
    }
}

/// Distributions of a screening's measures over all its pairs.
///
/// # Errors
/// The result has no such table.
pub fn moments(folder: &Path) -> Result<Vec<Distribution>, SinkError> {
    let distribution = |m: screening::MeasureMoments| Distribution {
        measure: m.measure,
        count: m.count,
        mean: m.mean,
        standard_deviation: m.standard_deviation,
        quantiles: None,
        above: m.above,
        below: m.below,
    };
    Ok(screening::moments(folder, "all")?.into_iter().map(distribution).collect())
}

/// Rows of a small table of a result.
pub(super) fn read<T>(
    folder: &Path,
    name: &str,
    rows_of: impl Fn(&RecordBatch, &mut Vec<T>) -> Option<()>,
) -> Result<Vec<T>, SinkError> {
    let path = folder.join(name);
    let file = File::open(&path).map_err(SinkError::io(&path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(SinkError::parquet(&path))?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(SinkError::arrow(&path))?;
        rows_of(&batch, &mut rows).ok_or_else(|| SinkError::Unreadable {
            path: path.clone(),
            problem: "lacks a column or has one of another type".to_string(),
        })?;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_of_few_values() {
        let d = Distribution::of("s", vec![4.0, 1.0, -3.0, 2.0]);
        assert_eq!((d.count, d.mean, d.above, d.below), (4, 1.0, 3, 1));
        assert_eq!(d.quantiles.map(|q| q[2]), Some(1.5));
        let sd = (26.0f64 / 3.0).sqrt();
        assert!((d.standard_deviation - sd).abs() < 1e-15);
        assert!((d.t().unwrap() - 1.0 / (sd / 2.0)).abs() < 1e-15);
    }
}
