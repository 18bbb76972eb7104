//! The reference engine: the model as written in [`crate::model`], in f64, one scenario at a time.
//!
//! It exists to be right and to be read. It runs the amounts themselves and subtracts them from
//! the baseline at the end, unlike the fast engines, which propagate losses.

use std::ops::Range;

use super::outcome::{Outcome, OutcomeBuilder};
use super::{Engine, Precision};
use crate::dataset::Dataset;
use crate::model::{Baseline, step};
use crate::scenario::Scenario;

/// Runs scenarios by the plain equations.
pub struct ReferenceEngine<'a> {
    dataset: &'a Dataset,
    baseline: Baseline,
    populated: Vec<bool>,
}

impl<'a> ReferenceEngine<'a> {
    /// An engine for runs of `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(dataset: &'a Dataset, steps: usize) -> Self {
        let baseline = Baseline::compute(&dataset.parameters, steps);
        ReferenceEngine { dataset, baseline, populated: super::populated_sectors(dataset) }
    }

    /// Available amounts of every sector after every step of `scenario`, tonnes.
    ///
    /// Source: Laber et al. 2023, eqs. 1-8.
    pub fn available(&self, scenario: &Scenario) -> Vec<Vec<f64>> {
        let p = &self.dataset.parameters;
        let mut x = p.x0.clone();
        let mut every_step = Vec::new();
        for t in 0..self.baseline.steps() {
            let mut o = step::output(p, &x, t);
            for shock in &scenario.shocks {
                step::shock(&mut o, shock.sector as usize, shock.phi);
            }
            let h = step::imports(p, &x);
            x = step::available(&o, &h);
            every_step.push(x.clone());
        }
        every_step
    }

    fn outcome(&self, scenario: &Scenario, t: usize, x: &[f64], min_loss: f64) -> Outcome {
        let xb = &self.baseline.available[t];
        let mut builder = OutcomeBuilder::new(xb, &self.populated, &scenario.shocks, min_loss);
        for s in 0..x.len() {
            builder.push(s as u32, xb[s] - x[s]);
        }
        builder.finish()
    }
}

impl Engine for ReferenceEngine<'_> {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn device(&self) -> String {
        "cpu, one thread".into()
    }

    fn precision(&self) -> Precision {
        Precision::F64
    }

    fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome> {
        let last = self.baseline.steps() - 1;
        scenarios
            .iter()
            .map(|scenario| {
                let x = self.available(scenario);
                progress(1);
                self.outcome(scenario, last, &x[last], min_loss)
            })
            .collect()
    }

    fn trace(&self, scenario: &Scenario, min_loss: f64, steps: Range<usize>) -> Vec<Outcome> {
        let x = self.available(scenario);
        steps.map(|t| self.outcome(scenario, t, &x[t], min_loss)).collect()
    }
}
