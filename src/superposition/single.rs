//! What one shock does alone, as far as it matters to another one.

use super::changes::Changes;
use super::network::BaseNetwork;
use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError, EventKind};
use crate::model::adaptation::{AdaptationSettings, Thresholds};
use crate::scenario::{Scenario, ScenarioId, Shock};

/// A single run, reduced to what the rules of [`super::rules`] read. Lists ascend by sector.
#[derive(Debug, Clone)]
pub struct Single {
    /// The shocked sector.
    pub sector: u32,
    /// Its output loss is `phi` of its output.
    pub phi: f64,
    /// Sectors with a loss or gain in some step but the last, and the sum of its sizes over these
    /// steps, tonnes, rounded up.
    pub touched: Vec<(u32, f32)>,
    /// Sectors with a loss or gain up to the step after which sectors adapt.
    pub early: Vec<u32>,
    /// Adapting sectors.
    pub adapting: Vec<u32>,
    /// What adaptation and substitution change.
    pub changes: Changes,
    /// Sectors in which a loss is answered differently in this run, with a bound on the difference
    /// per tonne in [`BaseNetwork::weights`]: changed columns, and what the shocked sector's
    /// output is made from.
    pub sensitive: Vec<(u32, f64)>,
    /// Losses after the two deciding steps, tonnes.
    pub decisive: [Vec<(u32, f64)>; 2],
    /// Those of them within reach of a threshold: at least half of what is needed.
    pub near: [Vec<(u32, f64)>; 2],
    /// Whether a change within the tolerance could sway a decision of this run by itself.
    pub is_fragile: bool,
}

/// What all singles of a screening share.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The data.
    pub dataset: &'a Dataset,
    /// The unchanged network.
    pub base: &'a BaseNetwork,
    /// How areas adapt; `None` for the static model.
    pub settings: Option<AdaptationSettings>,
    /// Bound below which an effect is negligible, tonnes over the whole network.
    pub tolerance: f64,
}

impl Setting<'_> {
    /// Steps after which sectors decide: adaptation, substitution.
    pub fn deciding(&self) -> [Option<usize>; 2] {
        let substitution = |s: AdaptationSettings| s.substitution.then_some(s.substitution_step);
        [self.settings.map(|s| s.adaptation_step), self.settings.and_then(substitution)]
    }
}

impl Single {
    /// Runs one shock and keeps what matters.
    ///
    /// # Errors
    /// The engine fails.
    pub fn run(
        setting: &Setting<'_>,
        engine: &dyn Engine,
        shock: Shock,
    ) -> Result<Self, EngineError> {
        let Setting { dataset, base, settings, tolerance } = *setting;
        let steps = engine.baseline().steps();
        let scenario = Scenario { id: ScenarioId(0), shocks: vec![shock], adaptation: settings };
        let trace = engine.losses(&[scenario], &engine.all_steps(), 0.0, &|_| {})?.of;
        let deciding = setting.deciding();

        let mut sums: Vec<(u32, f64)> = Vec::new();
        for outcome in &trace[..steps - 1] {
            let losses = outcome.losses.iter().map(|loss| loss.abs());
            sums.extend(outcome.sectors.iter().copied().zip(losses));
        }
        sums.sort_by_key(|s| s.0);
        let touched = sums.chunk_by(|a, b| a.0 == b.0).map(|of_sector| {
            let sum: f64 = of_sector.iter().map(|s| s.1).sum();
            (of_sector[0].0, round_up(sum))
        });
        let touched = touched.collect();
        let mut early: Vec<u32> = match deciding[0] {
            Some(t) => trace.iter().take(t + 1).flat_map(|o| o.sectors.iter().copied()).collect(),
            None => Vec::new(),
        };
        early.sort_unstable();
        early.dedup();

        let decisive = deciding.map(|step| {
            let outcome = step.and_then(|t| trace.get(t));
            outcome.map_or_else(Vec::new, |o| {
                o.sectors.iter().copied().zip(o.losses.iter().copied()).collect()
            })
        });
        let near = [0, 1].map(|at| match (deciding[at], settings) {
            (Some(t), Some(settings)) if t < steps => {
                let xb = &engine.baseline().available[t];
                let is_near = |&(s, loss): &(u32, f64)| {
                    loss >= half_way(&settings.thresholds, xb[s as usize], tolerance)
                };
                decisive[at].iter().copied().filter(is_near).collect()
            }
            _ => Vec::new(),
        });

        let is_fragile = settings.is_some_and(|settings| {
            // With thresholds that low any sector could come to act.
            let always = settings.thresholds.absolute <= tolerance;
            let sways = |at: usize| {
                let Some(xb) = deciding[at].and_then(|t| engine.baseline().available.get(t)) else {
                    return false;
                };
                let is_unsettled = |&(s, loss): &(u32, f64)| {
                    !settings.thresholds.settles(xb[s as usize], [loss, 0.0], tolerance)
                };
                near[at].iter().any(is_unsettled)
            };
            always || sways(0) || sways(1)
        });

        let events = &trace[steps - 1].events;
        let changes = match &settings {
            Some(settings) => Changes::of(dataset, base, settings, events),
            None => Changes { growth: base.growth, ..Changes::default() },
        };
        let inputs = base.inputs[shock.sector as usize].iter();
        let weight = shock.phi * base.weights[shock.sector as usize];
        let mut sensitive: Vec<(u32, f64)> =
            inputs.map(|&(input, output)| (input, weight * output)).collect();
        sensitive.extend(&changes.effects);
        sensitive.sort_by_key(|s| s.0);
        let sensitive = sensitive.chunk_by(|a, b| a.0 == b.0);
        let sensitive = sensitive.map(|of| (of[0].0, of.iter().map(|s| s.1).sum())).collect();
        let is_adapting = |e: &&crate::engine::Event| e.kind == EventKind::Adapting;
        Ok(Single {
            sector: shock.sector,
            phi: shock.phi,
            touched,
            early,
            adapting: events.iter().filter(is_adapting).map(|e| e.hit.sector).collect(),
            changes,
            sensitive,
            decisive,
            near,
            is_fragile,
        })
    }
}

/// A 32-bit number that is not below `value`.
fn round_up(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) < value { rounded.next_up() } else { rounded }
}

/// Loss of which two, with an error of `slack` tonnes, may reach the thresholds.
fn half_way(thresholds: &Thresholds, baseline: f64, slack: f64) -> f64 {
    let needed = thresholds.absolute.max(thresholds.relative * baseline);
    // A little less for the tolerance on ties.
    (needed - slack) / 2.0 * (1.0 - 1e-6)
}
