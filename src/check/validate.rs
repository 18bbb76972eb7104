//! Compares two engines on a sample of every kind of scenario.

use super::interactions;
pub use super::kinds::{Asked, KindSample, sample};
use crate::dataset::Dataset;
use crate::engine::{Agreement, Engine, EngineError, Event, Outcome, Sums};
use crate::model::adaptation::Thresholds;
use crate::model::constants::TIE_TOLERANCE;
use crate::scenario::Scenario;

/// Share of a threshold by which the loss that decides may miss it and still be no decision: engines
/// that differ there are both right.
const UNDECIDED: f64 = 1e-8;

/// The largest difference found, and where.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Difference {
    /// Its size: tonnes, or relative to what [`Agreement`] says.
    pub size: f64,
    /// Scenario and sector in words.
    pub place: String,
}

/// How engines agree on one kind of scenario.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KindReport {
    /// The kind.
    pub kind: &'static str,
    /// Scenarios compared.
    pub scenarios: usize,
    /// Numbers compared.
    pub compared: usize,
    /// Largest absolute difference, tonnes.
    pub absolute: Difference,
    /// Largest difference relative to the loss or what flows: [`Agreement`].
    pub relative: Difference,
    /// Decisions of the first engine.
    pub decisions: usize,
    /// Decisions that only one engine takes.
    pub differing: usize,
    /// Of these, so near a threshold that rounding decides.
    pub undecided: usize,
    /// Scenarios that the second engine computed again in f64.
    pub recomputed: usize,
    /// Whether the bound is broken, or a decision differs that rounding does not explain.
    pub is_broken: bool,
}

/// Compares `found` with `expected`; relative differences above `bound` break it. Where `found` is a device that runs parts
/// of runs, interactions of pairs are compared with the processor's as well.
///
/// # Errors
/// An engine fails.
pub fn compare(
    dataset: &Dataset,
    expected: &dyn Engine,
    found: &dyn Engine,
    samples: &[KindSample],
    bound: f64,
) -> Result<Vec<KindReport>, EngineError> {
    let mut reports = Vec::with_capacity(samples.len() + 1);
    for sample in samples {
        reports.push(compare_kind(dataset, expected, found, sample)?);
    }
    if let Some(device) = found.device_of_parts() {
        let steps = expected.baseline().steps();
        for sample in samples {
            reports.extend(interactions::compare(dataset, device, steps, sample)?);
        }
    }
    reports.iter_mut().for_each(|report| report.judge(bound));
    Ok(reports)
}

fn compare_kind(
    dataset: &Dataset,
    expected: &dyn Engine,
    found: &dyn Engine,
    sample: &KindSample,
) -> Result<KindReport, EngineError> {
    let scenarios = sample.scenarios.as_slice();
    let mut report = KindReport { scenarios: scenarios.len(), ..KindReport::empty(sample.kind) };
    let agreement = Agreement::new(expected.baseline(), dataset.dimensions());
    match sample.asked {
        Asked::Losses => {
            let last = [expected.last_step()];
            let a = expected.losses(scenarios, &last, 0.0, &|_| {})?;
            let b = found.losses(scenarios, &last, 0.0, &|_| {})?;
            report.recomputed += b.recomputed.len();
            for ((scenario, a), b) in scenarios.iter().zip(&a.of).zip(&b.of) {
                report.losses(dataset, scenario, (a, b), &agreement);
            }
        }
        Asked::Steps => {
            let all = expected.all_steps();
            let a = expected.losses(scenarios, &all, 0.0, &|_| {})?;
            let b = found.losses(scenarios, &all, 0.0, &|_| {})?;
            report.recomputed += b.recomputed.len();
            let by_scenario = a.of.chunks(all.len()).zip(b.of.chunks(all.len()));
            for (scenario, (a, b)) in scenarios.iter().zip(by_scenario) {
                for pair in a.iter().zip(b) {
                    report.losses(dataset, scenario, pair, &agreement);
                }
            }
        }
        Asked::Sums => {
            let counted = vec![true; dataset.dimensions().items];
            let a = expected.sums(scenarios, &counted, &|_| {})?;
            let b = found.sums(scenarios, &counted, &|_| {})?;
            report.recomputed += b.recomputed.len();
            for ((scenario, a), b) in scenarios.iter().zip(&a.of).zip(&b.of) {
                report.sums(dataset, scenario, (a, b), expected.baseline().last());
            }
        }
    }
    Ok(report)
}

impl KindReport {
    /// Nothing compared yet.
    pub(super) fn empty(kind: &'static str) -> Self {
        KindReport {
            kind,
            scenarios: 0,
            compared: 0,
            absolute: Difference::default(),
            relative: Difference::default(),
            decisions: 0,
            differing: 0,
            undecided: 0,
            recomputed: 0,
            is_broken: false,
        }
    }

    /// Says whether it breaks a bound.
    fn judge(&mut self, bound: f64) {
        // Not below: a difference that is no number breaks every bound.
        let holds = self.relative.size <= bound;
        // Scenarios of which nothing was compared are not equal.
        let is_empty = self.compared == 0 && self.scenarios > 0;
        self.is_broken |= !holds || is_empty || self.differing > self.undecided;
    }

    /// Compares sums of the interaction of a pair, relative to all of it: nothing else enters it.
    pub(super) fn interaction(&mut self, pair: &str, a: &Sums, b: &Sums) {
        let all: f64 = a.by_item.iter().map(|s| s.abs()).sum();
        let lists = |s: &Sums| [&s.by_area[..], &s.by_item, &s.by_item_populated].concat();
        for (a, b) in lists(a).into_iter().zip(lists(b)) {
            self.note(a, b, all, || pair.to_string());
        }
    }

    fn note(&mut self, a: f64, b: f64, scale: f64, place: impl Fn() -> String) {
        let absolute = (a - b).abs();
        let scale = a.abs().max(scale);
        let relative = if absolute == 0.0 { 0.0 } else { absolute / scale };
        self.compared += 1;
        for (largest, size) in [(&mut self.absolute, absolute), (&mut self.relative, relative)] {
            // What is no number is the largest difference of all.
            if size > largest.size || size.is_nan() {
                let size = if size.is_nan() { f64::INFINITY } else { size };
                *largest = Difference { size, place: place() };
            }
        }
    }

    fn losses(
        &mut self,
        dataset: &Dataset,
        scenario: &Scenario,
        (a, b): (&Outcome, &Outcome),
        agreement: &Agreement,
    ) {
        self.decisions += a.events.len();
        let (differing, undecided) = differing(scenario, &a.events, &b.events);
        self.differing += differing;
        self.undecided += undecided;
        if differing > 0 {
            // Parameters differ from there on: their losses are not comparable.
            return;
        }
        let name = |s: u32| {
            let of = scenario.describe(dataset);
            format!("{of}: {}", dataset.labels.sector_name(s as usize))
        };
        let (mut i, mut j) = (0, 0);
        while i < a.sectors.len() || j < b.sectors.len() {
            let (left, right) = (a.sectors.get(i).copied(), b.sectors.get(j).copied());
            let sector = match (left, right) {
                (Some(left), Some(right)) => left.min(right),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => return,
            };
            let take = |list: &[f64], own: Option<u32>, at: &mut usize| match own {
                Some(own) if own == sector => {
                    *at += 1;
                    list[*at - 1]
                }
                _ => 0.0,
            };
            let of = (take(&a.losses, left, &mut i), take(&b.losses, right, &mut j));
            let scale = agreement.scale(sector as usize, of.0);
            self.note(of.0, of.1, scale, || name(sector));
        }
    }

    fn sums(
        &mut self,
        dataset: &Dataset,
        scenario: &Scenario,
        (a, b): (&Sums, &Sums),
        baseline: &[f64],
    ) {
        let dims = dataset.dimensions();
        let (mut by_area, mut by_item) = (vec![0.0; dims.areas], vec![0.0; dims.items]);
        for (sector, amount) in baseline.iter().enumerate() {
            by_area[dims.area_of(sector)] += amount;
            by_item[dims.item_of(sector)] += amount;
        }
        let name = |what: &str| format!("{}: {what}", scenario.describe(dataset));
        for (area, &volume) in by_area.iter().enumerate() {
            let of = || name(&dataset.labels.areas[area].name);
            self.note(a.by_area[area], b.by_area[area], volume, of);
        }
        for (item, &volume) in by_item.iter().enumerate() {
            let of = || name(&dataset.labels.items[item].name);
            self.note(a.by_item[item], b.by_item[item], volume, of);
            self.note(a.by_item_populated[item], b.by_item_populated[item], volume, of);
        }
    }
}

/// Decisions that only one of two engines takes, and how many of them rounding explains.
fn differing(scenario: &Scenario, a: &[Event], b: &[Event]) -> (usize, usize) {
    let key = |event: &Event| (event.kind, event.step, event.hit.sector);
    let only = |in_these: &[Event], not_in: &[Event]| -> Vec<Event> {
        let others: std::collections::BTreeSet<_> = not_in.iter().map(key).collect();
        in_these.iter().filter(|event| !others.contains(&key(event))).copied().collect()
    };
    let mut different = only(a, b);
    different.extend(only(b, a));
    let Some(settings) = scenario.adaptation else { return (different.len(), 0) };
    let undecided = different.iter().filter(|event| is_undecided(&settings.thresholds, event));
    (different.len(), undecided.count())
}

fn is_undecided(thresholds: &Thresholds, event: &Event) -> bool {
    let is_near =
        |value: f64, limit: f64| (value - limit * (1.0 - TIE_TOLERANCE)).abs() <= UNDECIDED * limit;
    is_near(event.hit.rl, thresholds.relative) || is_near(event.hit.al, thresholds.absolute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EventKind;
    use crate::model::adaptation::{AdaptationSettings, Hit};

    #[test]
    fn interactions_are_compared_by_their_own_size() {
        let of = |s: [f64; 2]| Sums {
            by_area: vec![s[0] + s[1]],
            by_item: s.to_vec(),
            ..Sums::zero(1, 2)
        };
        let broken = |found: [f64; 2]| {
            let mut report = KindReport::empty("pairs");
            report.scenarios = 1;
            report.interaction("a pair", &of([1e-6, -1e-6]), &of(found));
            report.judge(1e-9);
            report.is_broken
        };
        assert!(!broken([1e-6, -1e-6]) && !broken([1e-6 * (1.0 + 1e-12), -1e-6]));
        assert!(broken([1e-6 * (1.0 + 1e-8), -1e-6]), "a millionth of a tonne is all there is");
        assert!(broken([f64::NAN, -1e-6]));
        let mut nothing = KindReport { scenarios: 1, ..KindReport::empty("pairs") };
        nothing.judge(1e-9);
        assert!(nothing.is_broken, "nothing was compared");
    }

    #[test]
    fn decisions_that_rounding_explains_are_told_apart() {
        let adaptation = Some(AdaptationSettings::default());
        let scenario = Scenario { id: 0.into(), shocks: Vec::new(), adaptation };
        let event = |sector, rl, al| Event {
            kind: EventKind::Adapting,
            step: 1,
            hit: Hit { sector, al, rl },
            no_share_rule: false,
        };
        let a = [event(1, 0.5, 5000.0), event(2, 0.26, 5000.0), event(3, 0.4, 2000.0)];
        assert_eq!(differing(&scenario, &a, &a), (0, 0));
        assert_eq!(differing(&scenario, &a, &a[..2]), (1, 0), "no tie");
        assert_eq!(differing(&scenario, &[a[0], a[2]], &a), (1, 1), "a tie of relative losses");
        let tie = event(4, 0.9, 1000.0);
        assert_eq!(differing(&scenario, &[tie], &[]), (1, 1), "a tie of absolute losses");
    }
}
