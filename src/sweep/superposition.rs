//! Runs pairs of shocks with and without their stages, and each shock alone.

mod eaten;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError, Sums};
use crate::job::superposition::{PartsAbove, SuperpositionPlan};
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::results::losses::LossWriter;
use crate::results::superposition::{PartRows, ReceiverRow, SuperpositionRow};
use crate::scenario::{Scenario, ScenarioId};
use crate::sink::manifest::SuperpositionRecord;
use crate::superposition::pair::{Receivers, Stages};
use crate::superposition::{Eaten, Method, Mode, Pair, PairLoss, Superposition};

/// What the manifest says of pairs that were all run.
pub fn record(asked: &SuperpositionPlan, pairs: u64) -> SuperpositionRecord {
    SuperpositionRecord {
        keep: asked.keep,
        shocks: asked.shocks,
        pairs,
        run: pairs,
        independent: 0,
        negligible: 0,
        diverged: 0,
        runaway: 0,
        runaway_together: 0,
        mattering: None,
        tolerance: 0.0,
        largest_bound: 0.0,
        check: None,
        leave_out: asked.left_out.clone(),
    }
}

/// Pairs that are run before their rows are made: bounds memory.
const WINDOW: usize = 8_192;

/// Single runs that are kept for later pairs, at some kilobytes each.
const MAX_SINGLES: usize = 50_000;

/// What pairs are run on.
pub struct PairRunner<'a> {
    engine: &'a dyn Engine,
    dataset: &'a Dataset,
    producers: Vec<bool>,
    /// Per item, whether it counts over the whole network.
    counted: &'a [bool],
    receivers: Receivers,
    /// Available amounts of the baseline, tonnes: of every item, and of those that count.
    volume_by_item: Vec<f64>,
    volume: f64,
    singles: BTreeMap<SingleKey, Sums>,
    /// What tells food, and the multiple of its baseline above which a sector has run away.
    writer: LossWriter,
    overshoot: f64,
    eaten: BTreeMap<SingleKey, OneRun>,
    /// Settings met so far; keys name them by position.
    settings: Vec<Option<AdaptationSettings>>,
    /// What has kept the engine from answering.
    failure: Mutex<Option<EngineError>>,
}

/// A single run: sector, bits of phi, number of the settings.
type SingleKey = (u32, u64, usize);

/// What a run costs people, kcal per person and day, and whether it has run away.
pub type OneRun = (Option<f64>, bool);

/// Sectors that gain in a run, ascending, with their gains.
pub type Gains = Vec<(u32, f64)>;

impl<'a> PairRunner<'a> {
    /// A runner; `counted` says of every item whether it counts over the whole network.
    pub fn new(engine: &'a dyn Engine, dataset: &'a Dataset, counted: &'a [bool]) -> Self {
        let dims = dataset.dimensions();
        let mut volume_by_item = vec![0.0; dims.items];
        for (sector, amount) in engine.baseline().last().iter().enumerate() {
            volume_by_item[dims.item_of(sector)] += amount;
        }
        let counts = volume_by_item.iter().zip(counted).filter(|(_, counts)| **counts);
        PairRunner {
            engine,
            dataset,
            producers: dataset.parameters.producers(),
            counted,
            receivers: Receivers::new(dataset),
            volume: counts.map(|(volume, _)| volume).sum(),
            volume_by_item,
            singles: BTreeMap::new(),
            writer: LossWriter::new(dataset, engine.baseline().last(), false),
            overshoot: OVERSHOOT_MULTIPLE,
            eaten: BTreeMap::new(),
            settings: Vec::new(),
            failure: Mutex::default(),
        }
    }

    fn fail(&self, error: EngineError) {
        let mut failure = self.failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        failure.get_or_insert(error);
    }

    /// Whether the engine has answered every time.
    ///
    /// # Errors
    /// It has failed: what the runner has given since is of no use and must not be written.
    pub fn check(&self) -> Result<(), EngineError> {
        let failure = self.failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        failure.clone().map_or(Ok(()), Err)
    }

    /// Per item, whether it counts over the whole network.
    pub fn counted(&self) -> &[bool] {
        self.counted
    }

    /// Who receives losses.
    pub fn receivers(&self) -> &Receivers {
        &self.receivers
    }

    /// Sums of scenarios; those without effect are not run. Of no use if [`PairRunner::check`] fails.
    pub fn sums(&self, scenarios: &[Scenario], progress: &(dyn Fn(usize) + Sync)) -> Vec<Sums> {
        let effective: Vec<Scenario> =
            scenarios.iter().map(|s| s.effective(&self.producers)).collect();
        let has_effect: Vec<bool> = effective.iter().map(|s| !s.shocks.is_empty()).collect();
        let to_run: Vec<Scenario> =
            effective.into_iter().filter(|s| !s.shocks.is_empty()).collect();
        let sums = self.engine.sums(&to_run, self.counted, progress);
        let run = sums.map(|answers| answers.of).unwrap_or_else(|error| {
            self.fail(error);
            Vec::new()
        });
        let mut run = run.into_iter();
        let dims = self.dataset.dimensions();
        let nothing = Sums::zero(dims.areas, dims.items);
        let of = |has_effect: bool| {
            let sums = if has_effect { run.next() } else { None };
            sums.unwrap_or_else(|| nothing.clone())
        };
        has_effect.into_iter().map(of).collect()
    }

    /// Runs pairs; a row each, and S by area and by item where it is asked for.
    ///
    /// With `stages`, S is taken apart by running the pair without substitution and without
    /// adaptation as well.
    pub fn rows(
        &mut self,
        pairs: &[Pair],
        stages: bool,
        parts_above: Option<PartsAbove>,
        progress: &(dyn Fn(usize) + Sync),
    ) -> (Vec<SuperpositionRow>, PartRows) {
        let (mut rows, mut parts) = (Vec::with_capacity(pairs.len()), PartRows::default());
        let above = parts_above.unwrap_or_default();
        for window in pairs.chunks(WINDOW) {
            self.window(window, stages, above, &mut rows, &mut parts);
            progress(window.len());
        }
        (rows, parts)
    }

    fn window(
        &mut self,
        pairs: &[Pair],
        stages: bool,
        above: PartsAbove,
        rows: &mut Vec<SuperpositionRow>,
        parts: &mut PartRows,
    ) {
        if self.singles.len() > MAX_SINGLES {
            self.singles.clear();
            self.eaten.clear();
        }
        let mut by_mode: [Vec<Superposition>; 3] = Default::default();
        for (at, mode) in Mode::ALL.into_iter().enumerate() {
            if at > 0 && !stages {
                continue;
            }
            // A stage that is off anyway needs no run of its own.
            let previous = at.checked_sub(1).map(|before| Mode::ALL[before]);
            let is_new: Vec<bool> = pairs
                .iter()
                .map(|pair| {
                    let settings = |mode: Mode| mode.settings(pair.adaptation);
                    previous.is_none_or(|previous| settings(previous) != settings(mode))
                })
                .collect();
            let new: Vec<&Pair> =
                pairs.iter().zip(&is_new).filter(|(_, new)| **new).map(|(pair, _)| pair).collect();
            let keys = self.run_singles(&new, mode);
            let joint: Vec<Scenario> = new.iter().map(|pair| pair.joint(mode)).collect();
            let joint = self.sums(&joint, &|_| {});
            let mut run = new.iter().zip(&joint).zip(&keys).map(|((pair, joint), keys)| {
                let singles = [0, 1].map(|n| &self.singles[&keys[n]]);
                let loss = PairLoss::of_runs(joint, singles);
                let is_told = mode == Mode::Full && !loss.diverged();
                if let Some(above) = above.receivers.filter(|_| is_told) {
                    parts.receivers.extend(self.receiving(pair, &loss, above));
                }
                if let Some(above) = above.items.filter(|_| is_told) {
                    parts.add_items(pair.id, loss.by_item(), above);
                }
                loss.superposition(&self.receivers, self.items(pair))
            });
            let of_mode = is_new.iter().enumerate().map(|(nth, &new)| {
                let run = if new { run.next() } else { None };
                run.unwrap_or_else(|| by_mode[at - 1][nth])
            });
            by_mode[at] = of_mode.collect();
        }
        let eaten = self.eaten_of(pairs);
        for (nth, pair) in pairs.iter().enumerate() {
            let superposition = by_mode[0][nth];
            // S is taken apart only where all of its stages are known.
            let apart = stages && !by_mode.iter().any(|of| of[nth].diverged);
            let stages = apart.then(|| Stages::new([0, 1, 2].map(|mode| by_mode[mode][nth].s)));
            let method = if superposition.diverged { Method::Diverged } else { Method::Run };
            let row = self.row(pair, superposition, stages, method, None);
            rows.push(SuperpositionRow { eaten: eaten[nth], ..row });
        }
    }

    /// Runs the single shocks of some pairs that have not been run; the keys of each pair's two.
    fn run_singles(&mut self, pairs: &[&Pair], mode: Mode) -> Vec<[SingleKey; 2]> {
        let keys: Vec<[SingleKey; 2]> = pairs
            .iter()
            .map(|pair| {
                let settings = self.number_of(mode.settings(pair.adaptation));
                pair.shocks.map(|shock| (shock.sector, shock.phi.to_bits(), settings))
            })
            .collect();
        let missing: BTreeSet<SingleKey> =
            keys.iter().flatten().filter(|key| !self.singles.contains_key(key)).copied().collect();
        let scenarios: Vec<Scenario> = missing.iter().map(|key| self.single(key)).collect();
        let sums = self.sums(&scenarios, &|_| {});
        self.singles.extend(missing.into_iter().zip(sums));
        keys
    }

    fn single(&self, &(sector, phi, settings): &SingleKey) -> Scenario {
        let shocks = vec![crate::scenario::Shock::new(sector, f64::from_bits(phi))];
        Scenario { id: ScenarioId(0), shocks, adaptation: self.settings[settings] }
    }

    fn number_of(&mut self, settings: Option<AdaptationSettings>) -> usize {
        let known = self.settings.iter().position(|s| *s == settings);
        known.unwrap_or_else(|| {
            self.settings.push(settings);
            self.settings.len() - 1
        })
    }

    /// Items of the two shocked sectors.
    pub fn items(&self, pair: &Pair) -> [usize; 2] {
        let dims = self.dataset.dimensions();
        [0, 1].map(|n| dims.item_of(pair.shocks[n].sector as usize))
    }

    /// Areas that receive more than `above` kg per person, more or less.
    fn receiving(&self, pair: &Pair, loss: &PairLoss<'_>, above: f64) -> Vec<ReceiverRow> {
        let row = |area: usize| {
            let s = loss.area(area);
            let population = self.receivers.population(area)?;
            let s_per_capita = crate::model::losses::loss_per_capita(s, population);
            (s_per_capita.abs() > above).then_some(ReceiverRow {
                scenario: pair.id,
                area,
                s,
                s_per_capita,
            })
        };
        (0..self.dataset.dimensions().areas).filter_map(row).collect()
    }

    /// The row of a pair.
    pub fn row(
        &self,
        pair: &Pair,
        superposition: Superposition,
        stages: Option<Stages>,
        method: Method,
        bound: Option<f64>,
    ) -> SuperpositionRow {
        let [a, b] = self.items(pair);
        let of_items = if a == b {
            self.volume_by_item[a]
        } else {
            self.volume_by_item[a] + self.volume_by_item[b]
        };
        let is_known = !superposition.diverged;
        let relative = |s: f64, volume: f64| (volume > 0.0 && is_known).then(|| s / volume);
        SuperpositionRow {
            pair: pair.clone(),
            superposition,
            stages,
            method,
            bound,
            relative: relative(superposition.s, self.volume),
            shocked_relative: relative(superposition.s_shocked, of_items),
            eaten: Eaten::default(),
        }
    }
}
