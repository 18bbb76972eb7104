//! Two failures together, as one area sees them.

use super::computed::{Setting, Told};
use super::{ExposureError, Singles, What};
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::scenario::{Scenario, Shock};

/// What two failures together cost an area, as a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairLoss {
    /// The sectors that fail.
    pub sectors: [u32; 2],
    /// Shares of their outputs that are lost.
    pub phi: [f64; 2],
    /// Loss of both together, without and with adaptation.
    pub joint: [Option<f64>; 2],
    /// Losses of each alone, where they are known.
    pub alone: [[Option<f64>; 2]; 2],
}

impl PairLoss {
    /// What both together cost beyond each alone.
    pub fn beyond(&self, way: usize) -> Option<f64> {
        Some(self.joint[way]? - self.alone[0][way]? - self.alone[1][way]?)
    }

    /// The worse of its ways.
    pub fn worst(&self) -> f64 {
        self.joint.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// All pairs among the `count` single failures that cost an area most.
pub fn among_worst(singles: &Singles, area: usize, count: usize) -> Vec<[usize; 2]> {
    let worst = super::profile::worst(singles, area);
    let chosen = &worst[..worst.len().min(count)];
    let mut pairs = Vec::new();
    for (n, &a) in chosen.iter().enumerate() {
        let others = chosen[n + 1..].iter();
        let is_other = |b: &&usize| singles.failures[**b].sector != singles.failures[a].sector;
        pairs.extend(others.filter(is_other).map(|&b| [a.min(b), a.max(b)]));
    }
    pairs
}

/// Runs pairs of failures and tells what they cost an area.
///
/// # Errors
/// The engine fails.
pub fn run(
    engine: &dyn Engine,
    dataset: &Dataset,
    (singles, what): (&Singles, &What),
    setting: &Setting,
    area: usize,
    pairs: &[[usize; 2]],
) -> Result<Vec<PairLoss>, ExposureError> {
    let items = dataset.dimensions().items;
    let shock = |n: usize| Shock::new(singles.failures[n].sector, singles.failures[n].phi);
    let mut found = Vec::with_capacity(pairs.len());
    // Few enough that their losses lie in memory together.
    for chunk in pairs.chunks(512) {
        let mut batch: Vec<Scenario> = Vec::new();
        for &[a, b] in chunk {
            let mut shocks = [shock(a), shock(b)];
            shocks.sort_by_key(|s| s.sector);
            batch.extend(setting.scenarios(&shocks));
        }
        let last = [engine.last_step()];
        let min_loss = crate::model::constants::MIN_LOSS;
        let outcomes = engine.losses(&batch, &last, min_loss, &|_| {})?.of;
        let mut outcomes = batch.iter().zip(outcomes);
        for &[a, b] in chunk {
            let mut pair = PairLoss {
                sectors: [a, b].map(|n| singles.failures[n].sector),
                phi: [a, b].map(|n| singles.failures[n].phi),
                joint: [None; 2],
                alone: [a, b].map(|n| alone(singles, n, area)),
            };
            let ways = setting.runs().into_iter().filter(|is_run| *is_run).count();
            for (scenario, outcome) in outcomes.by_ref().take(ways) {
                let missing = setting.adaptation.missing_rule;
                let steps = singles.steps;
                let told = Told::of(dataset, what, &singles.baseline, outcome, missing, steps);
                let of_area = told.sectors.iter().zip(&told.value);
                let is_own = |s: u32| s as usize / items == area;
                let loss = of_area.filter(|(s, _)| is_own(**s)).map(|(_, v)| v).sum();
                pair.joint[usize::from(scenario.adaptation.is_some())] = Some(loss);
            }
            found.push(pair);
        }
    }
    Ok(found)
}

/// What a failure alone costs an area, in the ways it was run.
pub(super) fn alone(singles: &Singles, failure: usize, area: usize) -> [Option<f64>; 2] {
    [0, 1].map(|way: usize| singles.ways()[way].then(|| singles.loss(way, failure, area)))
}

/// Adds what the failures of recorded pairs cost alone, where the result holds them, and says 0 where a
/// run left no row.
pub fn complete(pairs: &mut [PairLoss], singles: &Singles, area: usize, ways: [bool; 2]) {
    let mut of_sector = std::collections::BTreeMap::new();
    for (n, failure) in singles.failures.iter().enumerate() {
        of_sector.insert((failure.sector, failure.phi.to_bits()), n);
    }
    for pair in pairs {
        for way in (0..2).filter(|&way| ways[way]) {
            pair.joint[way] = pair.joint[way].or(Some(0.0));
        }
        for side in 0..2 {
            if let Some(&n) = of_sector.get(&(pair.sectors[side], pair.phi[side].to_bits())) {
                pair.alone[side] = alone(singles, n, area);
            }
        }
    }
}
