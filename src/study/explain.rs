//! One pair in detail: where the difference arises, and which decisions differ.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Engine, EngineError, EventKind, Outcome};
use crate::scenario::Scenario;
use crate::superposition::{Mode, Pair};

/// A sector that decides differently when both shocks happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The sector.
    pub sector: u32,
    /// What it does.
    pub kind: EventKind,
    /// Whether it does so in the joint run only; else in a single run only.
    pub in_joint: bool,
    /// Losses that decide, tonnes: in the joint run, or in the single one.
    pub al: f64,
    /// The same relative to the baseline, unit 1.
    pub rl: f64,
}

/// A pair in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// S by sector after the last step, tonnes, ascending by sector.
    pub by_sector: Vec<(u32, f64)>,
    /// S by mode over all sectors, in the order of [`Mode::ALL`], tonnes.
    pub by_mode: [f64; 3],
    /// Losses of the joint run and of the two singles, tonnes.
    pub al: [f64; 3],
    /// Decisions that differ, by sector.
    pub differences: Vec<Difference>,
}

/// Runs a pair and its shocks alone, with and without its stages.
///
/// `counted` says of every item whether it counts in sums; shocks of sectors that produce nothing
/// change nothing.
///
/// # Errors
/// The engine fails.
pub fn explain(
    engine: &dyn Engine,
    producers: &[bool],
    counted: &[bool],
    pair: &Pair,
) -> Result<Explanation, EngineError> {
    let mut explanation = Explanation {
        by_sector: Vec::new(),
        by_mode: [0.0; 3],
        al: [0.0; 3],
        differences: Vec::new(),
    };
    for (at, mode) in Mode::ALL.into_iter().enumerate() {
        let scenarios = [pair.joint(mode), pair.single(0, mode), pair.single(1, mode)];
        let mut outcomes = [Outcome::default(), Outcome::default(), Outcome::default()];
        for (outcome, scenario) in outcomes.iter_mut().zip(&scenarios) {
            *outcome = run(engine, producers, scenario)?;
        }
        let counts = |sector: u32| counted[sector as usize % counted.len()];
        let mut by_sector: BTreeMap<u32, f64> = BTreeMap::new();
        for (sign, outcome) in [1.0, -1.0, -1.0].into_iter().zip(&outcomes) {
            for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
                if counts(sector) {
                    *by_sector.entry(sector).or_default() += sign * loss;
                }
            }
        }
        explanation.by_mode[at] = by_sector.values().sum();
        if mode == Mode::Full {
            let total = |o: &Outcome| -> f64 {
                let losses = o.sectors.iter().zip(&o.losses);
                losses.filter(|(sector, _)| counts(**sector)).map(|(_, loss)| loss).sum()
            };
            explanation.al = [0, 1, 2].map(|n| total(&outcomes[n]));
            explanation.by_sector = by_sector.into_iter().collect();
            explanation.differences = differences(&outcomes);
        }
    }
    Ok(explanation)
}

fn run(
    engine: &dyn Engine,
    producers: &[bool],
    scenario: &Scenario,
) -> Result<Outcome, EngineError> {
    let effective = scenario.effective(producers);
    if effective.shocks.is_empty() {
        return Ok(Outcome::default());
    }
    Ok(engine.try_run(&[effective], 0.0, &|_| {})?.pop().unwrap_or_default())
}

/// Decisions of the joint run that no single run takes, and the other way round.
fn differences([joint, a, b]: &[Outcome; 3]) -> Vec<Difference> {
    let decided = |outcomes: &[&Outcome]| -> BTreeSet<(u32, EventKind)> {
        outcomes.iter().flat_map(|o| &o.events).map(|e| (e.hit.sector, e.kind)).collect()
    };
    let (together, alone) = (decided(&[joint]), decided(&[a, b]));
    let mut differences = Vec::new();
    let mut seen = BTreeSet::new();
    for (in_joint, outcome) in [(true, joint), (false, a), (false, b)] {
        for event in &outcome.events {
            let key = (event.hit.sector, event.kind);
            let is_elsewhere = if in_joint { &alone } else { &together }.contains(&key);
            if !is_elsewhere && seen.insert(key) {
                differences.push(Difference {
                    sector: event.hit.sector,
                    kind: event.kind,
                    in_joint,
                    al: event.hit.al,
                    rl: event.hit.rl,
                });
            }
        }
    }
    differences.sort_by_key(|d| (!d.in_joint, d.sector, d.kind));
    differences
}
