//! The reference engine: the model as written in [`crate::model`], in f64, one scenario at a time.
//!
//! It exists to be right and to be read. It runs the amounts themselves and subtracts them from
//! the baseline at the end, unlike the fast engines, which propagate losses.

use std::sync::Arc;

use super::capability::check_steps;
use super::outcome::{Event, EventKind, Outcome, OutcomeBuilder, Sums};
use super::{Answers, Engine, EngineError, EngineInfo, Feature, Precision};
use crate::dataset::{AdaptationRules, Blocks, Dataset, Dimensions, Parameters, Reserve};
use crate::model::adaptation::{AdaptationSettings, Hit, adapt, import_growth, substitute};
use crate::model::divergence::is_out_of_range;
use crate::model::{Baseline, bans, reserves, step};
use crate::scenario::{Scenario, Shock};

/// Available amounts by step and sector, tonnes, and what sectors decided on the way.
pub type Available = (Vec<Vec<f64>>, Vec<Event>);

/// One scenario step by step, with everything that says where its losses come from.
#[derive(Debug, Clone)]
pub struct Course {
    /// `x[t][s]`: available amounts.
    pub available: Vec<Vec<f64>>,
    /// Parameters in force in each step.
    pub parameters: Vec<Arc<Parameters>>,
    /// What a cap took from the outputs of each step, ascending by sector.
    pub capped: Vec<Vec<(u32, f64)>>,
    /// What reserves gave in each step, by sector; negative where they were filled up.
    pub released: Vec<Vec<(u32, f64)>>,
    /// What the reserves hold after each step, in the order of the dataset's.
    pub left: Vec<Vec<f64>>,
    /// What sectors decided.
    pub events: Vec<Event>,
}

/// Runs scenarios by the plain equations.
pub struct ReferenceEngine {
    dims: Dimensions,
    parameters: Arc<Parameters>,
    rules: Option<AdaptationRules>,
    substitutability: Option<Blocks<f64>>,
    baseline: Baseline,
    populated: Vec<bool>,
    reserves: Vec<Reserve>,
}

impl ReferenceEngine {
    /// An engine for runs of `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(dataset: &Dataset, steps: usize) -> Self {
        ReferenceEngine {
            dims: dataset.dimensions(),
            parameters: Arc::new(dataset.parameters.clone()),
            rules: dataset.rules.clone(),
            substitutability: dataset.substitutability.clone(),
            baseline: Baseline::compute(&dataset.parameters, steps),
            populated: super::populated_sectors(dataset),
            reserves: dataset.reserves.clone(),
        }
    }

    /// Available amounts of every sector after every step of `scenario`, tonnes, and what its
    /// sectors decided on the way.
    ///
    /// Source: Laber et al. 2023, eqs. 1-8; Baum et al. 2024, eqs. 24-36.
    ///
    /// # Errors
    /// The scenario adapts and the dataset has no rules.
    pub fn available(&self, scenario: &Scenario) -> Result<Available, EngineError> {
        let course = self.course(scenario)?;
        Ok((course.available, course.events))
    }

    /// As [`ReferenceEngine::available`], with the parameters in force.
    ///
    /// # Errors
    /// As [`ReferenceEngine::available`].
    pub fn course(&self, scenario: &Scenario) -> Result<Course, EngineError> {
        super::check(self, std::slice::from_ref(scenario))?;
        let settings = scenario.adaptation;
        let mut p = Arc::clone(&self.parameters);
        let mut x = p.x0.clone();
        let mut course = Course {
            available: Vec::new(),
            parameters: Vec::new(),
            capped: Vec::new(),
            released: Vec::new(),
            left: Vec::new(),
            events: Vec::new(),
        };
        let mut left: Vec<f64> = self.reserves.iter().map(|reserve| reserve.size).collect();
        for t in 0..self.baseline.steps() {
            course.parameters.push(Arc::clone(&p));
            let mut o = step::output(&p, &x, t);
            let is_of_output = |shock: &&Shock| shock.kind.is_of_output();
            for shock in scenario.shocks.iter().filter(is_of_output) {
                step::shock(&mut o, shock.sector as usize, shock.at(t));
            }
            course.capped.push(self.capped(settings, t, &mut o));
            let h = bans::imports(&p, &x, self.dims, &scenario.shocks, t);
            x = step::available(&o, &h);
            course.released.push(self.release(&mut left, &mut x, t));
            course.left.push(left.clone());
            course.available.push(x.clone());
            if let Some(settings) = settings {
                self.decide(settings, t, &x, &mut p, &mut course.events);
            }
        }
        Ok(course)
    }

    /// Lets the reserves act on what is available; `left` is what they hold.
    fn release(&self, left: &mut [f64], x: &mut [f64], t: usize) -> Vec<(u32, f64)> {
        let mut released = Vec::new();
        for (reserve, left) in self.reserves.iter().zip(left) {
            let s = reserve.sector as usize;
            let given = reserves::act(reserve, left, self.baseline.available[t][s] - x[s], t);
            if given != 0.0 {
                x[s] += given;
                released.push((reserve.sector, given));
            }
        }
        released
    }

    /// Keeps outputs below their cap, if there is one; what it took.
    fn capped(
        &self,
        settings: Option<AdaptationSettings>,
        t: usize,
        o: &mut [f64],
    ) -> Vec<(u32, f64)> {
        let Some(AdaptationSettings { output_cap: Some(cap), adaptation_step, .. }) = settings
        else {
            return Vec::new();
        };
        if t <= adaptation_step {
            return Vec::new();
        }
        let made = o.to_vec();
        step::cap(o, &self.baseline.output[t], cap);
        let taken = (0..o.len()).filter(|&s| made[s] != o[s]);
        taken.map(|s| (s as u32, made[s] - o[s])).collect()
    }

    /// Numbers of areas, items and processes.
    pub fn dimensions(&self) -> Dimensions {
        self.dims
    }

    /// Parameters before anybody adapts.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Lets the sectors that step `t` has hit badly adapt or substitute, if this is the step for it.
    fn decide(
        &self,
        settings: AdaptationSettings,
        t: usize,
        x: &[f64],
        p: &mut Arc<Parameters>,
        events: &mut Vec<Event>,
    ) {
        let dims = self.dims;
        let xb = &self.baseline.available[t];
        let hits = || -> Vec<Hit> {
            let hit = |s| settings.thresholds.hit(s, xb[s] - x[s], xb[s]);
            (0..x.len()).filter_map(hit).collect()
        };
        let event = |kind, hit: Hit| Event { kind, step: t, hit, no_share_rule: false };
        if t == settings.adaptation_step
            && let Some(rules) = &self.rules
        {
            let hits = hits();
            let adapted = adapt(p, dims, rules, &hits, settings.missing_rule);
            *p = Arc::new(adapted.parameters);
            events.extend(hits.iter().map(|&hit| Event {
                no_share_rule: adapted.no_share_rule.contains(&hit.sector),
                ..event(EventKind::Adapting, hit)
            }));
        }
        if t == settings.substitution_step && settings.substitution {
            let hits = hits();
            if let Some(substitutability) = &self.substitutability {
                let conflict = settings.substitute_conflict;
                let growth = import_growth(dims, substitutability, &hits, conflict);
                let trade = substitute(&p.trade_t, &growth);
                Arc::make_mut(p).trade_t = trade;
            }
            events.extend(hits.iter().map(|&hit| event(EventKind::Substituting, hit)));
        }
    }

    /// First step after which an amount is out of range.
    fn diverged(&self, every_step: &[Vec<f64>]) -> Option<usize> {
        let is_out = |(x, xb): (&Vec<f64>, &Vec<f64>)| {
            x.iter().zip(xb).any(|(x, xb)| is_out_of_range(*xb) || is_out_of_range(xb - x))
        };
        every_step.iter().zip(&self.baseline.available).position(is_out)
    }

    fn outcome(
        &self,
        scenario: &Scenario,
        t: usize,
        course: &Course,
        diverged: Option<usize>,
        min_loss: f64,
    ) -> Outcome {
        let (x, events) = (&course.available[t], &course.events);
        if let Some(at) = diverged.filter(|&at| at <= t) {
            return Outcome::out_of_range(at, events.to_vec());
        }
        let xb = &self.baseline.available[t];
        let mut builder = OutcomeBuilder::new(xb, &self.populated, &scenario.shocks, min_loss);
        for s in 0..x.len() {
            builder.push(s as u32, xb[s] - x[s]);
        }
        let mut outcome = builder.finish();
        outcome.events = events.iter().filter(|event| event.step <= t).copied().collect();
        outcome.reserves.clone_from(&course.left[t]);
        outcome
    }
}

impl Engine for ReferenceEngine {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "reference",
            device: "cpu, one thread".into(),
            precision: Precision::F64,
            is_software: false,
            leaves_processor_free: false,
            batch: 128,
        }
    }

    fn supports(&self) -> &'static [Feature] {
        &Feature::ALL
    }

    fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    fn has_reserves(&self) -> bool {
        !self.reserves.is_empty()
    }

    fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError> {
        check_steps(self, scenarios, steps)?;
        let mut all = Vec::with_capacity(scenarios.len() * steps.len());
        for scenario in scenarios {
            let course = self.course(scenario)?;
            let diverged = self.diverged(&course.available);
            let outcome = |&t: &usize| self.outcome(scenario, t, &course, diverged, min_loss);
            all.extend(steps.iter().map(outcome));
            progress(1);
        }
        Ok(Answers::new(all))
    }

    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError> {
        let dims = self.dims;
        let sum = |outcome: Outcome| {
            let zero = Sums::zero(dims.areas, dims.items);
            let mut sums = Sums { diverged: outcome.diverged, ..zero };
            for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
                let (area, item) = (dims.area_of(sector as usize), dims.item_of(sector as usize));
                if counted[item] {
                    sums.by_area[area] += loss;
                }
                sums.by_item[item] += loss;
                if self.populated[sector as usize] {
                    sums.by_item_populated[item] += loss;
                }
            }
            sums
        };
        let outcomes = self.losses(scenarios, &[self.last_step()], 0.0, progress)?;
        Ok(Answers::new(outcomes.of.into_iter().map(sum).collect()))
    }
}
