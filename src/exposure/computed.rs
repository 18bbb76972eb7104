//! Every single failure, run on the spot.

use std::collections::BTreeMap;

use super::singles::{Failure, Hit, Singles, counted};
use super::{ExposureError, What};
use crate::dataset::Dataset;
use crate::engine::{Engine, EventKind, Outcome};
use crate::job::Adaptation;
use crate::model::adaptation::{AdaptationSettings, MissingRule};
use crate::model::constants::{MIN_LOSS, OVERSHOOT_MULTIPLE};
use crate::scenario::{Scenario, ScenarioId, Shock};

/// Failures that are run together: their losses are in memory at once.
const BATCH: usize = 1024;

/// How failures are run.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Without adaptation, with it, or both.
    pub ways: Adaptation,
    /// How areas adapt.
    pub adaptation: AdaptationSettings,
}

impl Setting {
    /// Whether failures are run without, and with adaptation.
    pub fn runs(&self) -> [bool; 2] {
        [self.ways != Adaptation::On, self.ways != Adaptation::Off]
    }

    /// The same shocks in every way that is run, without adaptation first.
    pub(super) fn scenarios(&self, shocks: &[Shock]) -> impl Iterator<Item = Scenario> + use<> {
        let ways = [None, Some(self.adaptation)].into_iter().zip(self.runs());
        let scenario = Scenario { id: ScenarioId(0), shocks: shocks.to_vec(), adaptation: None };
        ways.filter(|(_, is_run)| *is_run)
            .map(move |(adaptation, _)| scenario.clone().with_adaptation(adaptation))
    }
}

/// Lets every sector that produces fail, one at a time and wholly; `keep` failures are kept of every
/// sector.
///
/// Losses of a kilogram or less are left out, as in a result. `progress` is told how many more runs are done.
///
/// # Errors
/// The engine fails.
pub fn singles(
    engine: &dyn Engine,
    dataset: &Dataset,
    what: &What,
    setting: &Setting,
    keep: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Singles, ExposureError> {
    let go_on = (BATCH, progress, &(|| false) as &dyn Fn() -> bool);
    let found = singles_until(engine, dataset, what, setting, keep, go_on)?;
    Ok(found.expect("nothing stops it"))
}

/// As [`singles`], so many failures at a time, and given up (`None`) once `stop` says so between two batches.
///
/// # Errors
/// The engine fails.
pub fn singles_until(
    engine: &dyn Engine,
    dataset: &Dataset,
    what: &What,
    setting: &Setting,
    keep: usize,
    (together, progress, stop): (usize, &(dyn Fn(usize) + Sync), &dyn Fn() -> bool),
) -> Result<Option<Singles>, ExposureError> {
    let producers = dataset.parameters.producers();
    let failing = (0..producers.len() as u32).filter(|&s| producers[s as usize]);
    let failures: Vec<Failure> =
        failing.map(|sector| Failure { scenario: ScenarioId(sector), sector, phi: 1.0 }).collect();
    let baseline = engine.baseline().last().to_vec();
    let steps = engine.baseline().steps();
    let dims = dataset.dimensions();
    let mut singles = Singles::new(dims, failures, baseline, steps, setting.runs(), keep);
    for first in (0..singles.failures.len()).step_by(together) {
        if stop() {
            return Ok(None);
        }
        let last = singles.failures.len().min(first + together);
        let shocks = |n: usize| [Shock::new(singles.failures[n].sector, 1.0)];
        let (mut of, mut batch) = (Vec::new(), Vec::new());
        for n in first..last {
            for scenario in setting.scenarios(&shocks(n)) {
                of.push((n, scenario.adaptation.is_some()));
                batch.push(scenario);
            }
        }
        let outcomes = engine.losses(&batch, &[engine.last_step()], MIN_LOSS, progress)?.of;
        for ((failure, adapts), outcome) in of.into_iter().zip(outcomes) {
            let missing = setting.adaptation.missing_rule;
            let told = Told::of(dataset, what, &singles.baseline, outcome, missing, steps);
            singles.add(&Hit {
                failure,
                adapts,
                sectors: &told.sectors,
                al: &told.al,
                value: &told.value,
                has_run_away: told.has_run_away,
            });
        }
    }
    Ok(Some(singles))
}

/// An outcome in what is told, sectors that have run away counting nothing.
pub(crate) struct Told {
    /// Sectors, ascending.
    pub sectors: Vec<u32>,
    /// What each loses, in its item's unit; 0 of one that has run away.
    pub al: Vec<f64>,
    /// The same in what is told, as a part of its area's sum.
    pub value: Vec<f64>,
    /// Whether any has run away.
    pub has_run_away: bool,
}

impl Told {
    /// An outcome after the last of so many steps; `baseline` is that of this step, by sector.
    pub(crate) fn of(
        dataset: &Dataset,
        what: &What,
        baseline: &[f64],
        outcome: Outcome,
        missing: MissingRule,
        steps: usize,
    ) -> Self {
        let shares = match what {
            What::Item(_) => BTreeMap::new(),
            What::Measure(measure) => {
                let in_force =
                    |e: &&crate::engine::Event| e.kind == EventKind::Adapting && e.step + 1 < steps;
                let hits = outcome.events.iter().filter(in_force).map(|event| event.hit);
                measure.adapted_shares(hits, missing, dataset)
            }
        };
        let Outcome { sectors, losses: mut al, .. } = outcome;
        let adapted = |sector: u32| shares.get(&sector).copied();
        let of = (sectors.as_slice(), &mut al);
        let (value, has_run_away) =
            counted(dataset, what, baseline, of, OVERSHOOT_MULTIPLE, adapted);
        Told { sectors, al, value, has_run_away }
    }
}
