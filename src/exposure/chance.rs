//! Probabilities of failures, and what losses come to under them.

use std::path::Path;

use super::{ExposureError, Failure};
use crate::dataset::Dataset;
use crate::scenario::spec::all_sectors;
use crate::text_table::TextTable;

/// Level of the value at risk and of the expected shortfall, if nothing else is asked for.
pub const LEVEL: f64 = 0.95;

/// Sums of probabilities may exceed 1 by the rounding of their terms.
const ROUNDING: f64 = 1e-9;

/// How probable each failure is: one of them happens, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Chances {
    /// Probability by failure.
    pub of: Vec<f64>,
    /// Probability that none happens.
    pub none: f64,
    /// Whether nobody gave any: all failures are equally probable.
    pub is_uniform: bool,
}

impl Chances {
    /// Of `count` failures one happens, each with the same probability.
    pub fn uniform(count: usize) -> Self {
        Chances { of: vec![1.0 / count.max(1) as f64; count], none: 0.0, is_uniform: true }
    }

    /// Reads a table `area, item, probability` (CSV or Parquet); groups and `*` give each of their sectors
    /// that probability, a later row replaces an earlier one, failures without a row have none.
    ///
    /// # Errors
    /// The table cannot be read, lacks a column, names what is not there, or the probabilities are none or
    /// sum to more than 1; or a sector has several failures, among which one probability cannot be shared.
    pub fn read(
        path: &Path,
        dataset: &Dataset,
        failures: &[Failure],
    ) -> Result<Self, ExposureError> {
        let wrong = |problem: String| ExposureError::Chances { path: path.to_path_buf(), problem };
        let table = TextTable::read(path)?;
        let column = |name: &str| {
            let missing = "is missing; expected area, item, probability";
            table.find(&[name]).ok_or_else(|| wrong(format!("column `{name}` {missing}")))
        };
        let (area, item, probability) = (column("area")?, column("item")?, column("probability")?);
        let mut of_sector = vec![None; dataset.dimensions().sectors()];
        for (n, cells) in table.rows.iter().enumerate() {
            let in_row = |problem: String| wrong(format!("row {}: {problem}", n + 1));
            let text = cells[probability].trim();
            let number: Option<f64> = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
            let number = number.ok_or_else(|| {
                in_row(format!("column `probability`: expected 0 to 1, found `{text}`"))
            })?;
            let sectors = all_sectors(&cells[area], &cells[item], dataset);
            for sector in sectors.map_err(|e| in_row(e.to_string()))? {
                of_sector[sector as usize] = Some(number);
            }
        }
        let mut of = Vec::with_capacity(failures.len());
        let mut seen = vec![false; of_sector.len()];
        for failure in failures {
            let s = failure.sector as usize;
            let own: f64 = of_sector[s].unwrap_or(0.0);
            if std::mem::replace(&mut seen[s], true) && own > 0.0 {
                let name = dataset.labels.sector_name(s);
                return Err(wrong(format!(
                    "{name} has several failures in the result, of different \
                                          intensity; one probability cannot be shared among them"
                )));
            }
            of.push(own);
        }
        let sum: f64 = of.iter().sum();
        match sum {
            sum if sum > 1.0 + ROUNDING => Err(wrong(format!(
                "the probabilities sum to {sum:.4}; one failure at a time has 1 at most"
            ))),
            0.0 => Err(wrong("no failure has a probability above 0".to_string())),
            sum => Ok(Chances { of, none: (1.0 - sum).max(0.0), is_uniform: false }),
        }
    }

    /// Of some pairs one happens, with a probability in proportion to the product of its failures'; `None`
    /// where no pair has any.
    pub fn of_pairs(products: &[f64]) -> Option<Self> {
        let sum: f64 = products.iter().sum();
        let of = products.iter().map(|p| p / sum).collect();
        (sum > 0.0).then_some(Chances { of, none: 0.0, is_uniform: false })
    }
}

/// What losses come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// Mean.
    pub expected: f64,
    /// Loss that is not exceeded with the probability of the level.
    pub value_at_risk: f64,
    /// Mean of the worst `1 - level`.
    pub expected_shortfall: f64,
    /// Largest of a failure that is possible.
    pub worst: f64,
}

/// What `losses` come to at a level in [0, 1): see [`crate::exposure`].
pub fn risk(losses: &[f64], chances: &Chances, level: f64) -> Risk {
    let mut events: Vec<(f64, f64)> =
        losses.iter().copied().zip(chances.of.iter().copied()).collect();
    events.push((0.0, chances.none));
    events.retain(|event| event.1 > 0.0);
    let expected = events.iter().map(|(loss, p)| loss * p).sum();
    // Stable: equal losses stay in the order of the failures.
    events.sort_by(|a, b| b.0.total_cmp(&a.0));
    let worst = events.first().map_or(0.0, |event| event.0);
    let tail = 1.0 - level;
    let (mut above, mut sum, mut value_at_risk) = (0.0, 0.0, worst);
    for (loss, p) in events {
        value_at_risk = loss;
        if above + p > tail * (1.0 + ROUNDING) {
            break;
        }
        above += p;
        sum += p * loss;
    }
    let rest = (tail - above).max(0.0);
    let expected_shortfall = (sum + rest * value_at_risk) / tail;
    Risk { expected, value_at_risk, expected_shortfall, worst }
}

/// Shares of the failures in the expected loss, of those that cost anything; `None` where none does.
pub fn shares(losses: &[f64], chances: &Chances) -> Option<Vec<f64>> {
    let each: Vec<f64> =
        losses.iter().zip(&chances.of).map(|(loss, p)| p * loss.max(0.0)).collect();
    let sum: f64 = each.iter().sum();
    (sum > 0.0).then(|| each.into_iter().map(|part| part / sum).collect())
}

/// Sum of squared shares: 1 where one has all, `1 / n` where `n` have the same.
pub fn concentration(shares: &[f64]) -> f64 {
    shares.iter().map(|share| share * share).sum()
}

/// What two profiles have in common, in [0, 1].
pub fn shared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.min(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    #[test]
    fn risk_of_a_few_failures() {
        // Ten failures: 9 lose nothing, one loses 100. The worst 5 % are half of the one.
        let mut losses = vec![0.0; 10];
        losses[3] = 100.0;
        let uniform = Chances::uniform(10);
        let found = risk(&losses, &uniform, 0.95);
        assert_eq!((found.value_at_risk, found.worst), (100.0, 100.0));
        close(found.expected, 10.0);
        close(found.expected_shortfall, 100.0);
        // The worst 20 %: 100 with 0.1, nothing with 0.1.
        let found = risk(&losses, &uniform, 0.8);
        assert_eq!(found.value_at_risk, 0.0);
        close(found.expected_shortfall, 50.0);
        // P(L <= 0) is 0.9 exactly: nothing more is needed.
        assert_eq!(risk(&losses, &uniform, 0.9).value_at_risk, 0.0);
        close(risk(&losses, &uniform, 0.9).expected_shortfall, 100.0);
    }

    #[test]
    fn what_is_left_is_no_failure() {
        let chances = Chances { of: vec![0.01, 0.02], none: 0.97, is_uniform: false };
        let found = risk(&[100.0, 50.0], &chances, 0.95);
        close(found.expected, 2.0);
        assert_eq!(found.value_at_risk, 0.0);
        close(found.expected_shortfall, 2.0 / 0.05);
        let found = risk(&[100.0, 50.0], &chances, 0.98);
        assert_eq!(found.value_at_risk, 50.0);
        close(found.expected_shortfall, (1.0 + 0.01 * 50.0) / 0.02);
        // A gain is below nothing.
        let found = risk(&[100.0, -50.0], &chances, 0.5);
        close(found.expected, 0.0);
        close(found.expected_shortfall, 2.0);
    }

    #[test]
    fn shares_are_of_what_is_lost() {
        let uniform = Chances::uniform(3);
        let a = shares(&[30.0, 10.0, -5.0], &uniform).unwrap();
        close(a[0], 0.75);
        close(a[2], 0.0);
        close(concentration(&a), 0.625);
        let b = shares(&[0.0, 1.0, 1.0], &uniform).unwrap();
        close(shared(&a, &b), 0.25);
        assert_eq!(shares(&[0.0, -1.0, 0.0], &uniform), None);
        assert_eq!(Chances::of_pairs(&[0.0, 0.0]), None);
        close(Chances::of_pairs(&[0.02, 0.06]).unwrap().of[1], 0.75);
    }
}
