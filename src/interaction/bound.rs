//! Pairs whose interaction is provably small: they need not be propagated.
//!
//! Where the joint run's changes are those of both runs together (`A_ab = A_0 + D_a + D_b`), the interaction obeys
//!
//! ```text
//! s(t) = A_ab s(t-1) + D_a L_b(t-1) + D_b L_a(t-1)
//! ```
//!
//! A tonne in place c becomes within k steps of the shared network at most `y_k(c)` tonnes of all places together:
//! `y_0 = 1`, `y_(k+1) >= A_0' y_k`. With `A_ab' y_k <= g y_(k+1)` in every step, g being known from the columns
//! that differ, the sizes of all sources, each times what it becomes until a step, bound the sum of `|s|` over all
//! places after it. What a run contributes to that, `|D|' y_k` by column and step, is known once for all its pairs:
//! a bound is a product of two sparse vectors.
//!
//! The changes are those of both runs if nothing is changed together ([`Meeting`]) and every sector decides in the
//! joint run as in one of the two: whoever adapts has the loss of one run exactly, and nobody else comes so near a
//! threshold that s, of which the bound up to that step is known too, could make a difference.

use std::ops::Range;

use super::meeting::Meeting;
use super::patch::Patch;
use super::single::{Setting, Single, stage};
use super::tables::InteractionTables;
use crate::engine::network::Network;
use crate::model::adaptation::{AdaptationSettings, Thresholds};

/// Tonnes that a lost tonne counts at least: a column that leads nowhere before it is changed grows without end.
const LEAST: f64 = 1e-3;

/// Bounds are rounded, and so is what they bound.
const ROUNDING: f64 = 1e-9;

/// Steps of a run up to which bounds are known.
const MOST_STEPS: usize = 32;

/// What a tonne becomes in the shared network.
pub struct Weights {
    /// `y_k` by place.
    becomes: Vec<Vec<f64>>,
    /// The part of `A_0' y_k` that the shared columns of trade carry.
    sent: Vec<Vec<f64>>,
}

impl Weights {
    /// For the runs that tables are laid out for; `None` where those have too many steps, or may leave the range
    /// of numbers.
    pub fn new(tables: &InteractionTables) -> Option<Self> {
        let steps = tables.steps();
        if steps > MOST_STEPS || tables.range.is_possible(steps - 1) {
            return None;
        }
        let net: &Network = &tables.net;
        let places = net.places();
        let mut weights = Weights { becomes: vec![vec![1.0; places]], sent: Vec::new() };
        for k in 0..steps {
            let y = &weights.becomes[k];
            let sum = |(to, by): (&[u32], &[f64]), first: usize| -> f64 {
                to.iter().zip(by).map(|(&to, by)| by * y[first + to as usize]).sum()
            };
            let tile = |place: usize| place / net.stride * net.stride;
            let trade = |place| sum(net.trade_by_exporter.of(place), tile(place));
            let sent: Vec<f64> = (0..places).map(trade).collect();
            let made = |(place, sent): (usize, &f64)| sum(net.production.of(place), 0) + sent;
            let next = sent.iter().enumerate().map(made).map(|y: f64| y.max(LEAST)).collect();
            weights.becomes.push(next);
            weights.sent.push(sent);
        }
        Some(weights)
    }
}

/// What a run's changes make of another run's losses until some step.
struct Until {
    /// The step.
    horizon: usize,
    /// Steps up to the horizon in which each of the run's patches holds; of the first losses nothing follows yet.
    steps: [Range<usize>; 3],
    /// By patch: per column and step, `|D|' y`.
    sources: [Vec<f64>; 3],
    /// By step, by how much changed columns let weights grow: the largest `D' y_k / y_(k+1)`.
    growth: Vec<f64>,
}

/// A run's changes as far as bounds read them.
pub struct Sensitivity {
    /// Until the last step, and until the steps after which sectors decide.
    until: Vec<Until>,
}

impl Sensitivity {
    /// What the changes of a run could make of others' losses.
    pub fn of(setting: &Setting<'_>, weights: &Weights, run: &Single) -> Self {
        let last = setting.tables.steps() - 1;
        let deciding = deciding(setting.settings.as_ref(), last).into_iter().flatten();
        let horizons = std::iter::once(last).chain(deciding);
        let until = horizons.map(|horizon| Until::new(setting, weights, run, horizon));
        Sensitivity { until: until.collect() }
    }
}

/// Steps after which sectors adapt and substitute, if any step follows.
fn deciding(settings: Option<&AdaptationSettings>, last: usize) -> [Option<usize>; 2] {
    let adapts = settings.map(|settings| settings.adaptation_step);
    let substitutes = settings.filter(|s| s.substitution).map(|s| s.substitution_step);
    [adapts, substitutes].map(|step| step.filter(|&step| step < last))
}

impl Until {
    fn new(setting: &Setting<'_>, weights: &Weights, run: &Single, horizon: usize) -> Self {
        let steps = [0, 1, 2].map(|of| {
            let holds = |t: &usize| stage(setting.settings.as_ref(), *t) == of;
            let start = (1..=horizon).find(holds).unwrap_or(horizon + 1);
            start..start + (start..=horizon).filter(holds).count()
        });
        let mut growth = vec![0.0f64; horizon + 1];
        let sources = [0, 1, 2].map(|of: usize| {
            let mut sources = Vec::new();
            for (column, entries) in run.patches[of].columns() {
                let place = column.place as usize;
                for t in steps[of].clone() {
                    let k = horizon - t;
                    let y = &weights.becomes[k];
                    let sent = column.scale * weights.sent[k][place];
                    let (mut size, mut sum) = (sent.abs(), sent);
                    for &(row, weight) in entries {
                        size += weight.abs() * y[row as usize];
                        sum += weight * y[row as usize];
                    }
                    sources.push(size);
                    growth[t] = growth[t].max(sum / weights.becomes[k + 1][place]);
                }
            }
            sources
        });
        Until { horizon, steps, sources, growth }
    }
}

/// A pair of runs that meet.
pub struct Pair<'a> {
    /// Where they do.
    pub meeting: Meeting,
    /// The runs.
    pub runs: [&'a Single; 2],
}

impl Pair<'_> {
    /// A bound on the sum of `|s|` over all places after the last step, tonnes, if one below the tolerance (tonnes)
    /// is known. Without the runs' [`Sensitivity`] none is.
    pub fn bound_below(&self, setting: &Setting<'_>, tolerance: f64) -> Option<f64> {
        if self.meeting.trade || self.meeting.production {
            return None;
        }
        // Most pairs that fail do so here.
        let bound = self.bound(setting, 0, tolerance)?;
        let last = setting.tables.steps() - 1;
        let deciding = deciding(setting.settings.as_ref(), last).into_iter().enumerate();
        let steps = deciding.filter_map(|(which, step)| Some((which, step?)));
        for (nth, (which, t)) in steps.enumerate() {
            let Some(settings) = setting.settings else { continue };
            // Places that are near in no run are not looked up: together they have less than two thirds of what is
            // needed, and s must not be the rest.
            let thresholds = &settings.thresholds;
            let slack = self.bound(setting, nth + 1, thresholds.absolute / 4.0)?;
            let is_settled = |&place: &u32| {
                let losses = self.runs.map(|run| run.trace.get(place, t));
                let baseline = setting.tables.base.available[t][place as usize];
                match which {
                    0 => adapts_as_alone(thresholds, baseline, losses, slack),
                    _ => thresholds.settles(baseline, losses, slack),
                }
            };
            if !self.runs.iter().flat_map(|run| &run.near[which]).all(is_settled) {
                return None;
            }
        }
        Some(bound)
    }

    /// The bound after one of the horizons, if it is below a limit.
    fn bound(&self, setting: &Setting<'_>, which: usize, limit: f64) -> Option<f64> {
        let settings = setting.settings.as_ref();
        let [Some(a), Some(b)] = self.runs.map(|run| run.sensitivity.as_ref()) else { return None };
        let until = [&a.until[which], &b.until[which]];
        let horizon = until[0].horizon;
        let mut by_step = [0.0; MOST_STEPS];
        let mut least = 0.0;
        for (own, other) in [(0, 1), (1, 0)] {
            let trace = &self.runs[other].trace;
            for (of, steps) in until[own].steps.iter().enumerate().filter(|(_, s)| !s.is_empty()) {
                let patch = &self.runs[own].patches[of];
                let reach = self.runs[other].reach(steps.end - 1);
                for number in patch.columns_in(|w| reach[w]) {
                    let Some(begins) = trace.find(patch.columns[number].place) else { continue };
                    let sources = &until[own].sources[of][number * steps.len()..][..steps.len()];
                    for (t, source) in steps.clone().zip(sources) {
                        let size = source * trace.at(begins, t - 1).abs();
                        by_step[t] += size;
                        least += size;
                    }
                    if least >= limit {
                        return None;
                    }
                }
            }
        }
        let (mut sum, mut growth) = (0.0, 1.0);
        for t in (1..=horizon).rev() {
            sum += growth * by_step[t];
            let [a, b] = until.map(|until| until.growth[t]);
            let most = a.max(b);
            // Changes of one column by both add up.
            let patches = self.runs.map(|run| &run.patches[stage(settings, t)]);
            growth *= 1.0 + if a + b > most && share(patches) { a + b } else { most };
        }
        let bound = sum * (1.0 + ROUNDING);
        (bound < limit).then_some(bound)
    }
}

/// Whether two patches have a column in common.
fn share([a, b]: [&Patch; 2]) -> bool {
    let mut rest = b.words.iter().peekable();
    a.words.iter().any(|of| {
        while rest.next_if(|other| other.word < of.word).is_some() {}
        rest.peek().is_some_and(|other| other.word == of.word && other.places & of.places != 0)
    })
}

/// Whether a sector does the same in the joint run as in one of the two, with the same loss exactly if it does
/// anything: what becomes of its parameters depends on that.
fn adapts_as_alone(thresholds: &Thresholds, baseline: f64, losses: [f64; 2], slack: f64) -> bool {
    if losses.iter().any(|&loss| thresholds.hit(0, loss, baseline).is_some()) {
        return slack == 0.0 && losses.contains(&0.0);
    }
    thresholds.settles(baseline, losses, slack)
}

#[cfg(test)]
mod tests {
    use super::super::patch::PatchWord;
    use super::*;

    #[test]
    fn patches_share_a_column_where_their_words_share_a_bit() {
        let patch = |words: &[(u32, u64)]| {
            let word = |&(word, places): &(u32, u64)| PatchWord { word, before: 0, places };
            Patch { words: words.iter().map(word).collect(), ..Patch::default() }
        };
        let a = patch(&[(0, 1), (3, 6), (9, 8)]);
        assert!(share([&a, &patch(&[(1, 1), (3, 4)])]) && share([&patch(&[(9, 12)]), &a]));
        assert!(!share([&a, &patch(&[(0, 2), (3, 1), (8, 8)])]) && !share([&a, &patch(&[])]));
    }
}
