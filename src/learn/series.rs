//! A series of years: parameters of every year, with the same labels.

use std::path::Path;

use rayon::prelude::*;

use crate::calibrate::calibrate;
use crate::dataset::error::Problem;
use crate::dataset::{DatasetError, Labels, Parameters};
use crate::tables::{SupplyUse, Tables};

/// Parameters of one year.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// The year.
    pub year: i32,
    /// Its parameters.
    pub parameters: Parameters,
    /// `eta_cons[c,i]`: share that leaves the network.
    pub eta_cons: Vec<f64>,
}

/// Consecutive years.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Labels of all years.
    pub labels: Labels,
    /// Years, ascending, none missing.
    pub years: Vec<Year>,
    /// Whether each area possesses something in every year: others have no events and are nobody's
    /// partner.
    pub exists: Vec<bool>,
}

impl Series {
    /// A series of years in any order.
    ///
    /// # Errors
    /// Fewer than two years, a year that is missing, or one that occurs twice. `path` is blamed.
    pub fn new(labels: Labels, mut years: Vec<Year>, path: &Path) -> Result<Self, DatasetError> {
        let fail = |text: String| Err(DatasetError::file(path, Problem::Inconsistent(text)));
        years.sort_by_key(|y| y.year);
        for pair in years.windows(2) {
            let [before, after] = [pair[0].year, pair[1].year];
            if before == after {
                return Err(DatasetError::file(path, Problem::Duplicate(format!("year {before}"))));
            }
            if after != before + 1 {
                let missing = before + 1;
                let text = format!("holds {before} and {after}, but year {missing} is missing");
                return fail(text);
            }
        }
        if years.len() < 2 {
            return fail(format!("holds {} year; learning needs two or more", years.len()));
        }
        let items = labels.items.len();
        let exists = (0..labels.areas.len())
            .map(|area| {
                let sectors = area * items..(area + 1) * items;
                let possesses =
                    |y: &Year| y.parameters.x0[sectors.clone()].iter().any(|&x| x > 0.0);
                years.iter().all(possesses)
            })
            .collect();
        Ok(Series { labels, years, exists })
    }

    /// Calibrates every year of supply-use tables.
    ///
    /// # Errors
    /// As [`Series::new`]; and a year whose first step is not `x0 + W`, a fault of the program.
    pub fn of_tables(tables: Tables, floor: f64, path: &Path) -> Result<Self, DatasetError> {
        let labels = tables.labels;
        // Each year's entries are dropped when its parameters are there.
        let years: Vec<(i32, SupplyUse)> = tables.years.into_iter().collect();
        let years: Vec<Year> = years
            .into_par_iter()
            .map(|(year, tables)| {
                let calibration = calibrate(&labels, &tables, floor);
                calibration.check(&labels, path)?;
                let eta_cons = calibration.eta_cons();
                Ok(Year { year, eta_cons, parameters: calibration.parameters })
            })
            .collect::<Result<_, DatasetError>>()?;
        Series::new(labels.labels, years, path)
    }

    /// `x0` of a sector in the year at `at`.
    pub fn amount(&self, at: usize, sector: usize) -> f64 {
        self.years[at].parameters.x0[sector]
    }
}

/// Shares of an area's consumption that a dataset does not hold: what the others leave.
///
/// Leftovers that are rounding, below 1e-12, are 0: they would make rules of their own.
pub fn rest_of_shares(p: &Parameters) -> Vec<f64> {
    let rest = |s: usize| {
        let rest = 1.0 - p.share_eta_prod[s] - p.share_eta_exp[s];
        if p.x0[s] > 0.0 && rest > 1e-12 { rest } else { 0.0 }
    };
    (0..p.x0.len()).map(rest).collect()
}
