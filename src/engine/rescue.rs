//! Another engine behind one in single precision: it decides, and computes again what single precision
//! cannot hold its bound for.

use super::capability::check_steps;
use super::cpu::CpuEngine;
use super::gpu::GpuEngine;
use super::outcome::{Outcome, Sums};
use super::{Answers, Engine, EngineError, EngineInfo, Feature, Precision, check};
use crate::dataset::Dataset;
use crate::model::Baseline;
use crate::scenario::Scenario;

/// An engine with the cpu engine behind it, if it computes in single precision.
///
/// Scenarios in which a sector decides anything are run in f64 from the start, since changed parameters
/// turn small remainders of large amounts into what others live on; those whose answers the engine
/// doubts are run again. An engine in f64 is left alone.
pub struct Rescued<E> {
    engine: E,
    double: Option<CpuEngine>,
}

impl<E: Engine> Rescued<E> {
    /// Puts the cpu engine of the same dataset behind `engine`.
    pub fn new(engine: E, dataset: &Dataset) -> Self {
        let is_single = engine.info().precision == Precision::F32;
        let steps = engine.baseline().steps();
        Rescued { double: is_single.then(|| CpuEngine::new(dataset, steps)), engine }
    }

    /// The engine itself.
    pub fn engine(&self) -> &E {
        &self.engine
    }

    /// Runs scenarios, each of which has `per` answers: `single` those that the engine is trusted with,
    /// `double` the others.
    fn run<T: Clone + Default>(
        &self,
        cpu: &CpuEngine,
        (scenarios, per): (&[Scenario], usize),
        progress: &(dyn Fn(usize) + Sync),
        single: impl Fn(&[Scenario]) -> Result<Answers<T>, EngineError>,
        double: impl Fn(&[Scenario]) -> Result<Answers<T>, EngineError>,
    ) -> Result<Answers<T>, EngineError> {
        let mut again = needs_double(cpu, scenarios)?;
        let fit: Vec<usize> = (0..scenarios.len()).filter(|&at| !again[at]).collect();
        // Nobody decides anything in these.
        let of: Vec<Scenario> =
            fit.iter().map(|&at| scenarios[at].clone().with_adaptation(None)).collect();
        let answers = single(&of)?;
        let mut all = vec![T::default(); scenarios.len() * per];
        let mut put = |positions: &[usize], answers: Vec<T>| {
            for (nth, answer) in answers.into_iter().enumerate() {
                all[positions[nth / per] * per + nth % per] = answer;
            }
        };
        put(&fit, answers.of);
        answers.doubtful.iter().for_each(|&nth| again[fit[nth]] = true);
        let recomputed: Vec<usize> = (0..scenarios.len()).filter(|&at| again[at]).collect();
        let of: Vec<Scenario> = recomputed.iter().map(|&at| scenarios[at].clone()).collect();
        put(&recomputed, double(&of)?.of);
        progress(scenarios.len() - fit.len());
        Ok(Answers { of: all, doubtful: Vec::new(), recomputed })
    }
}

/// Scenarios that single precision cannot be trusted with.
fn needs_double(cpu: &CpuEngine, scenarios: &[Scenario]) -> Result<Vec<bool>, EngineError> {
    let is_ban = |s: &Scenario| s.shocks.iter().any(|shock| shock.kind.is_ban());
    let is_capped = |s: &Scenario| s.adaptation.is_some_and(|s| s.output_cap.is_some());
    let of = scenarios.iter().zip(cpu.decisions(scenarios)?);
    Ok(of.map(|(s, events)| !events.is_empty() || (is_capped(s) && is_ban(s))).collect())
}

impl<E: Engine> Engine for Rescued<E> {
    fn info(&self) -> EngineInfo {
        self.engine.info()
    }

    fn supports(&self) -> &'static [Feature] {
        // What is run in f32 knows no reserves.
        let of_double = |_: &CpuEngine| -> &'static [Feature] { &Feature::OF_SCENARIOS };
        self.double.as_ref().map_or_else(|| self.engine.supports(), of_double)
    }

    fn has_rules(&self) -> bool {
        self.engine.has_rules()
    }

    fn device_of_parts(&self) -> Option<&GpuEngine> {
        self.engine.device_of_parts()
    }

    fn has_reserves(&self) -> bool {
        self.engine.has_reserves()
    }

    fn baseline(&self) -> &Baseline {
        self.engine.baseline()
    }

    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError> {
        let Some(cpu) = &self.double else {
            return self.engine.losses(scenarios, steps, min_loss, progress);
        };
        check_steps(self, scenarios, steps)?;
        let single = |of: &[Scenario]| self.engine.losses(of, steps, min_loss, progress);
        let double = |of: &[Scenario]| cpu.losses(of, steps, min_loss, &|_| {});
        self.run(cpu, (scenarios, steps.len()), progress, single, double)
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError> {
        let Some(cpu) = &self.double else {
            return self.engine.sums(scenarios, counted, progress);
        };
        check(self, scenarios)?;
        let single = |of: &[Scenario]| self.engine.sums(of, counted, progress);
        let double = |of: &[Scenario]| cpu.sums(of, counted, &|_| {});
        self.run(cpu, (scenarios, 1), progress, single, double)
    }
}
