//! Asks an engine that must answer.

use shocksweep::low_level::engine::{Engine, Outcome, Sums};
use shocksweep::low_level::scenario::Scenario;

/// What tests ask of engines; an engine that fails fails the test.
pub trait Ask: Engine {
    /// Losses after the last step.
    fn run(
        &self,
        scenarios: &[Scenario],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Outcome> {
        self.losses(scenarios, &[self.last_step()], min_loss, progress).expect("losses").of
    }

    /// Losses of one scenario after some steps.
    fn trace(
        &self,
        scenario: &Scenario,
        min_loss: f64,
        steps: std::ops::Range<usize>,
    ) -> Vec<Outcome> {
        let steps: Vec<usize> = steps.collect();
        let of = std::slice::from_ref(scenario);
        self.losses(of, &steps, min_loss, &|_| {}).expect("losses").of
    }

    /// Sums after the last step.
    fn summed(&self, scenarios: &[Scenario], counted: &[bool]) -> Vec<Sums> {
        self.sums(scenarios, counted, &|_| {}).expect("sums").of
    }

    /// Name of the engine.
    fn name(&self) -> &'static str {
        self.info().name
    }
}

impl<E: Engine + ?Sized> Ask for E {}
