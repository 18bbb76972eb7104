//! Questions about superpositions: the most super-additive pairs, or triples, their distribution.

mod rows;

use std::path::Path;

use super::screening;
use crate::results::Record;
use crate::results::screening::MomentsRow;
use crate::results::superposition::PairResult;
use crate::results::triples::TripleResult;
use crate::scenario::{ScenarioId, percent};
use crate::sink::SinkError;
use crate::sink::folder::{SUPERPOSITION, TRIPLES};
use crate::superposition::collect::matters;

/// One row of `superposition.parquet`, or of `triples.parquet`, as far as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct SetRow {
    /// The set of shocks.
    pub set: Shocked,
    /// Losses of all together and of each alone, tonnes.
    pub al: Vec<f64>,
    /// S of the pairs of a triple; nothing of a pair.
    pub s_of_pairs: Vec<f64>,
    /// S over the whole network, tonnes: of a triple what no pair explains.
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
    /// S over the available amount of the baseline, unit 1; not told of triples.
    pub relative: Option<f64>,
    /// Food that people eat less after all shocks and after each alone, kcal per person and day.
    pub kcal: Option<Vec<f64>>,
    /// S of it, of the pairs of a triple.
    pub s_kcal_of_pairs: Vec<f64>,
    /// S of it.
    pub s_kcal: Option<f64>,
    /// Whether a run has run away: no finding.
    pub overshoot: bool,
}

/// A row whose S is not known: a run has diverged.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// The set of shocks.
    pub set: Shocked,
    /// How S was found.
    pub method: String,
    /// Whether none of its numbers is there.
    pub is_empty: bool,
}

/// Which sectors of a set fail, and how badly.
#[derive(Debug, Clone, PartialEq)]
pub struct Shocked {
    /// Identifier.
    pub scenario: ScenarioId,
    /// Area and item of the shocked sectors: of two, or three.
    pub sectors: Vec<[String; 2]>,
    /// Intensities.
    pub phi: Vec<f64>,
}

impl Shocked {
    /// The shocks as people read them.
    pub fn names(&self) -> Vec<String> {
        let name = |(sector, &phi): (&[String; 2], &f64)| match phi {
            1.0 => sector.join(" / "),
            phi => format!("{} -{} %", sector.join(" / "), percent(phi)),
        };
        self.sectors.iter().zip(&self.phi).map(name).collect()
    }
}

impl SetRow {
    /// Whether its S matters: [`matters`].
    pub fn matters(&self) -> bool {
        matters(self.s, &self.al[1..])
    }

    /// What pairs, or triples, are ordered by: S of food where it is known, else tonnes.
    pub fn severity(&self) -> f64 {
        self.s_kcal.unwrap_or(self.s)
    }

    /// What S is beyond: losses of each alone, and of a triple what its pairs add.
    pub fn explained(&self) -> f64 {
        self.al[1..].iter().chain(&self.s_of_pairs).sum()
    }
}

/// Orders pairs, worst first; of equal ones the smaller identifier.
pub fn worst_first(rows: &mut [SetRow]) {
    let by = |a: &SetRow, b: &SetRow| {
        b.severity().total_cmp(&a.severity()).then(a.set.scenario.cmp(&b.set.scenario))
    };
    rows.sort_by(by);
}

/// Whether a result compares pairs, or triples, with what fewer shocks do.
pub fn is_there(folder: &Path) -> bool {
    [SUPERPOSITION, TRIPLES].iter().any(|table| folder.join(table).is_file())
}

/// Reads `superposition.parquet`, or `triples.parquet`, as far as S is known.
///
/// # Errors
/// The result has neither.
pub fn pairs(folder: &Path) -> Result<Vec<SetRow>, SinkError> {
    Ok(all(folder)?.into_iter().filter_map(Result::ok).collect())
}

/// Reads `superposition.parquet`, or `triples.parquet`; of those that have diverged, or lack numbers, what is
/// there.
///
/// # Errors
/// The result has neither.
pub fn all(folder: &Path) -> Result<Vec<Result<SetRow, Unknown>>, SinkError> {
    let mut sets = Vec::new();
    if folder.join(TRIPLES).is_file() {
        TripleResult::each(&folder.join(TRIPLES), |rows| {
            sets.extend(rows.into_iter().map(rows::of_triple));
        })?;
        return Ok(sets);
    }
    PairResult::each(&folder.join(SUPERPOSITION), |rows| {
        sets.extend(rows.into_iter().map(rows::of_pair));
    })?;
    Ok(sets)
}

/// Identifiers of the pairs of one ranking of a screening, best first.
///
/// # Errors
/// The result has no such table.
pub fn ranking(folder: &Path, name: &str) -> Result<Vec<(ScenarioId, f64)>, SinkError> {
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
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    let distribution = |m: MomentsRow| Distribution {
        measure: m.measure,
        count: count(m.count),
        mean: m.mean,
        standard_deviation: m.standard_deviation,
        quantiles: None,
        above: count(m.above),
        below: count(m.below),
    };
    Ok(screening::moments(folder, "all")?.into_iter().map(distribution).collect())
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
