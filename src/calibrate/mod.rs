//! Parameters of the model from the supply-use tables of one year (Laber et al. 2023, eqs. 12-27).
//!
//! | step | equations | module |
//! |---|---|---|
//! | what every sector makes, uses, takes and gives; what does not balance | 15, 26, 27 | [`balance`] |
//! | shares, conversion, allocation, trade | 13, 16-21, 25 | [`mod@parameters`] |
//! | extremely low shares removed | Baum et al. 2024, Methods 4 | [`floor`] |
//!
//! Where the equations as printed contradict each other, what the published parameter files hold
//! decides: every share is a part of what the area *possesses*,
//!
//! ```text
//! possessed = prod_use + food + else + exports        ( = production + imports - B- )
//! ```
//!
//! which is also `x0`. (Equations 16 to 19 mix what is at an area with what comes from it, and
//! equation 26 leaves imports out: shares would not sum to 1.)

pub mod balance;
pub mod dataset;
pub mod floor;
pub mod parameters;

use std::path::Path;

use crate::dataset::error::Problem;
use crate::dataset::{DatasetError, Parameters};
use crate::model::step;
use crate::tables::{SupplyUse, TableLabels};

pub use balance::Balance;
pub use floor::Dropped;

/// Shares below this are removed unless told otherwise.
///
/// Source: Baum et al. 2024, Methods 4 ("extremely low"); the value is shocksweep's own.
pub const DEFAULT_FLOOR: f64 = 1e-6;

/// Parameters of one year, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Parameters of the model.
    pub parameters: Parameters,
    /// `eta_food[c,i]`: share that is eaten.
    pub eta_food: Vec<f64>,
    /// `eta_else[c,i]`: share of all other demand, and of what the tables leave over.
    pub eta_else: Vec<f64>,
    /// What the tables say of every sector.
    pub balance: Balance,
    /// What the floor removed.
    pub dropped: Dropped,
    /// How far the first step of the model, before the floor, is from `x0 + W`.
    pub first_step: FirstStep,
}

/// Largest difference between the first step of the model and `x0 + W`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FirstStep {
    /// Tonnes.
    pub difference: f64,
    /// As a share of the larger of both.
    pub relative: f64,
    /// Where.
    pub sector: usize,
}

impl Calibration {
    /// Refuses parameters whose first step is not `x0 + W`.
    ///
    /// # Errors
    /// Which sector, and how far off; `path` is blamed.
    pub fn check(&self, labels: &TableLabels, path: &Path) -> Result<(), DatasetError> {
        let FirstStep { difference, relative, sector } = self.first_step;
        if relative <= FIRST_STEP_TOLERANCE {
            return Ok(());
        }
        let name = labels.labels.sector_name(sector);
        let text = format!(
            "the first step of the model is {difference} t from x0 and withdrawals for {name}: \
             a fault of the program, please report it"
        );
        Err(DatasetError::file(path, Problem::Inconsistent(text)))
    }

    /// Part of `eta_cons[c,i]` that is eaten; 0 where nothing is consumed.
    pub fn food_part(&self) -> Vec<f64> {
        let part = |(&food, &other): (&f64, &f64)| {
            let consumed = food + other;
            if consumed > 0.0 { food / consumed } else { 0.0 }
        };
        self.eta_food.iter().zip(&self.eta_else).map(part).collect()
    }

    /// `eta_cons[c,i]`: what leaves the network, eaten or otherwise.
    pub fn eta_cons(&self) -> Vec<f64> {
        self.eta_food.iter().zip(&self.eta_else).map(|(food, other)| food + other).collect()
    }
}

/// Largest relative difference of the first step that rounding can explain.
pub const FIRST_STEP_TOLERANCE: f64 = 1e-9;

/// Parameters from the tables of one year; shares below `floor` are removed (0 removes none).
pub fn calibrate(labels: &TableLabels, tables: &SupplyUse, floor: f64) -> Calibration {
    let balance = Balance::of(labels, tables);
    let (parameters, shares) = parameters::parameters(labels, tables, &balance);
    let first_step = first_step(&parameters, &balance);
    let [eta_food, eta_else] = shares;
    let dropped = Dropped::default();
    let mut calibration =
        Calibration { parameters, eta_food, eta_else, balance, dropped, first_step };
    floor::apply(&mut calibration, floor);
    calibration
}

/// The first step without a shock gives `x0 + W`, whatever the tables hold: a check of the code.
fn first_step(p: &Parameters, balance: &Balance) -> FirstStep {
    let x = step::available(&step::output(p, &p.x0, 0), &step::imports(p, &p.x0));
    let mut worst = FirstStep::default();
    for (sector, found) in x.into_iter().enumerate() {
        let expected = p.x0[sector] + balance.withdrawn[sector];
        let difference = (found - expected).abs();
        if difference > 0.0 {
            let relative = difference / found.max(expected);
            if relative > worst.relative {
                worst = FirstStep { difference, relative, sector };
            }
        }
    }
    worst
}
