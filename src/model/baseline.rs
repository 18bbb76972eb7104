//! The run without a shock, which every loss is measured against.

use super::step;
use crate::dataset::Parameters;

/// Output and available amount of every sector at every step of the unshocked run, tonnes.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// `ob[t][s]`: output.
    pub output: Vec<Vec<f64>>,
    /// `xb[t][s]`: available amount.
    pub available: Vec<Vec<f64>>,
}

/// Amounts without the sign of a zero, which sums of nothing have: what is divided by them would be
/// infinite with the sign of a loss where something is gained.
fn unsigned(mut amounts: Vec<f64>) -> Vec<f64> {
    amounts.iter_mut().for_each(|amount| *amount += 0.0);
    amounts
}

impl Baseline {
    /// Runs the model for `steps` steps from `x0` without a shock.
    ///
    /// # Panics
    /// If `steps` is 0: there would be nothing to measure against.
    pub fn compute(p: &Parameters, steps: usize) -> Self {
        assert!(steps > 0, "a run has at least one step");
        let mut x = p.x0.clone();
        let mut baseline = Baseline { output: Vec::new(), available: Vec::new() };
        for t in 0..steps {
            let o = unsigned(step::output(p, &x, t));
            let h = step::imports(p, &x);
            x = unsigned(step::available(&o, &h));
            baseline.output.push(o);
            baseline.available.push(x.clone());
        }
        baseline
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.available.len()
    }

    /// Available amounts after the last step.
    pub fn last(&self) -> &[f64] {
        // `compute` made at least one step.
        &self.available[self.available.len() - 1]
    }
}
