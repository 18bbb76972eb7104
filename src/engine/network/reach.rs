//! Which scenarios are best computed side by side: those whose losses travel similar ways.
//!
//! A group visits every place that is active in any of its lanes, so unlike neighbours cost
//! time, never correctness. Supports are bimodal: a loss stays in its country, or it reaches a
//! large exporter and from there most of the network. So scenarios are sorted by whether their
//! loss spreads at all, then by item, since losses of one item travel the same trade tile, then by
//! how many ways out there are; those alike in their leading shock, by their second one.

use rayon::prelude::*;

use super::layout::Network;
use crate::model::Baseline;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Scenario, Shock};

/// Steps looked ahead.
const HORIZON: usize = 9;

/// A loss counts as spread when its walks outnumber this share of the network's places.
const SPREAD: f64 = 0.2;

/// How far and how fast a loss that starts in a place can spread.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Per place, the first step after which walks from it outnumber [`SPREAD`] of the places,
    /// or `HORIZON + 1`.
    spread_after: Vec<u8>,
    /// Per place, the number of walks of up to three links that start there.
    walks: Vec<f64>,
}

impl Reach {
    /// Counts walks from every place, the cheapest measure of reach: a product with the pattern
    /// of the network per step.
    pub fn new(net: &Network) -> Self {
        let places = net.places();
        let mut walks = vec![1.0; places];
        let mut spread_after = vec![HORIZON as u8 + 1; places];
        let mut early = walks.clone();
        for step in 0..=HORIZON {
            for (place, after) in spread_after.iter_mut().enumerate() {
                if walks[place] > SPREAD * places as f64 {
                    *after = (*after).min(step as u8);
                }
            }
            if step == 3 {
                early.clone_from(&walks);
            }
            walks = (0..places)
                .map(|place| {
                    let tile = place / net.stride * net.stride;
                    let made = net.production.of(place).0.iter().map(|&to| walks[to as usize]);
                    let exported = net.trade_by_exporter.of(place).0.iter();
                    let exported = exported.map(|&to| walks[tile + to as usize]);
                    1.0 + made.sum::<f64>() + exported.sum::<f64>()
                })
                .collect();
        }
        Reach { spread_after, walks: early }
    }

    /// Positions of `runs` in an order that puts similar ones side by side.
    pub fn order(&self, net: &Network, runs: &[Grouped<'_>], baseline: &Baseline) -> Vec<u32> {
        let mut keyed: Vec<(bool, [Key; 2], u32)> = runs
            .par_iter()
            .enumerate()
            .map(|(at, run)| {
                let mut places: Vec<usize> =
                    run.shocks.iter().map(|shock| net.place(shock.sector as usize)).collect();
                // The shock that spreads first decides, then the next; ties go to the one with
                // most walks.
                places.sort_by(|&a, &b| {
                    let order = self.spread_after[a].cmp(&self.spread_after[b]);
                    order.then(self.walks[b].total_cmp(&self.walks[a])).then(a.cmp(&b))
                });
                let key = |nth: usize| {
                    let place = *places.get(nth)?;
                    // Walk counts are positive, so their bits sort like the numbers.
                    let spreads = self.spread_after[place] > HORIZON as u8;
                    Some((spreads, place / net.stride, self.walks[place].to_bits()))
                };
                (adapts(run, baseline), [key(0), key(1)], at as u32)
            })
            .collect();
        // No two keys are the same: the position is part of them.
        keyed.par_sort_unstable();
        keyed.into_iter().map(|key| key.2).collect()
    }
}

/// What is to be run: shocks, and how areas adapt.
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a> {
    /// The shocks.
    pub shocks: &'a [Shock],
    /// How areas adapt; `None` without adaptation.
    pub settings: Option<AdaptationSettings>,
}

impl<'a> Grouped<'a> {
    /// That of a scenario.
    pub fn of(scenario: &'a Scenario) -> Self {
        Grouped { shocks: &scenario.shocks, settings: scenario.adaptation }
    }
}

/// What a shock is sorted by: whether it stays local, item, walks; `None` where there is none.
type Key = Option<(bool, usize, u64)>;

/// Whether a shocked sector will adapt, going by the output that it loses itself.
fn adapts(run: &Grouped<'_>, baseline: &Baseline) -> bool {
    let Some(settings) = run.settings else { return false };
    let t = settings.adaptation_step.min(baseline.steps() - 1);
    run.shocks.iter().filter(|shock| shock.kind.is_of_output()).any(|shock| {
        let s = shock.sector as usize;
        let loss = shock.at(t) * baseline.output[t][s];
        settings.thresholds.hit(s, loss, baseline.available[t][s]).is_some()
    })
}
