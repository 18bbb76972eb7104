//! Screens all pairs of a grid: runs those that may interact, keeps the best and counts the rest.
//!
//! The unit of work is one first shock with all its partners. Units are distributed over the
//! threads and merged in order, first within parts, then the parts: the result depends neither on the
//! number of threads nor on which parts were screened when.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::interacting::{self, Interacting};
use super::rankings::Rankings;
use super::rule_check::{RuleCheck, check, check_below, hash};
use super::screened::{Away, away_apart, s_of_food};
use super::superposition::{Gains, OneRun, PairRunner};
use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError, Sums};
use crate::interaction::plain::holds;
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::LARGEST_AMOUNT;
use crate::model::divergence;
use crate::scenario::pairs::PairGrid;
use crate::scenario::{Scenario, ScenarioId, Shock};
use crate::superposition::PairLoss;
use crate::superposition::collect::{Collection, Listed};
use crate::superposition::network::BaseNetwork;
use crate::superposition::pair::Pair;
use crate::superposition::rules::{Rules, Verdict, Verdicts};
use crate::superposition::single::{Setting, Single};

/// Pairs that all threads together run before their sums are reduced: bounds memory, 4 kB a pair on
/// the 2020 data.
const BATCH_OF_ALL: usize = 65_536;

/// Pairs of one shock that are run at a time, at least and at most: more find more like partners to
/// compute side by side.
const BATCH: [usize; 2] = [2_048, 16_384];

/// Units of work that make a part: what is merged, and committed, at a time.
const UNITS: usize = 64;

/// The same for grids of so many shocks that their single runs cannot all be kept.
const UNITS_OF_MANY: usize = 1_024;

/// Units of work that make a part of a grid.
fn units(grid: &PairGrid) -> usize {
    if grid.shocks().len() > interacting::KEPT { UNITS_OF_MANY } else { UNITS }
}

/// How pairs are found out about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By their interaction, where its recursion holds ([`crate::interaction::plain::holds`]); else by runs.
    Interaction,
    /// Pairs that may interact by the rules are run.
    Rules,
    /// Every pair is run.
    Runs,
}

/// What is screened, and how.
#[derive(Debug, Clone)]
pub struct Screening {
    /// How areas adapt; `None` for the static model.
    pub adaptation: Option<AdaptationSettings>,
    /// Pairs kept per ranking.
    pub top: usize,
    /// Bound below which an interaction is negligible, tonnes over the whole network.
    pub tolerance: f64,
    /// How pairs are found out about.
    pub way: Way,
    /// |S| from which a pair is listed, tonnes; `None` for no list.
    pub matrix: Option<f64>,
    /// Pairs that were not run to run after all, about, to check the rules.
    pub check: usize,
}

/// What a screening comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screened {
    /// Rankings, moments, histograms, counts.
    pub collection: Collection,
    /// How the rules did.
    pub check: RuleCheck,
    /// Pairs whose |S| reaches the threshold, in the order of the grid.
    #[serde(skip)]
    pub matrix: Vec<Listed>,
}

/// One pair in the making.
#[derive(Debug, Clone, Copy)]
struct Task {
    id: u32,
    partner: usize,
    verdict: Verdict,
}

/// A screening in the making.
struct Work<'a> {
    grid: &'a PairGrid,
    runner: &'a PairRunner<'a>,
    rankings: &'a Rankings,
    screening: &'a Screening,
    rules: Option<&'a Rules<'a>>,
    singles: Vec<Sums>,
    /// What each shock alone costs people, and whether it runs away.
    eaten: &'a [OneRun],
    /// What gains how much after each shock alone; of no use where every pair is run.
    gains: Vec<Gains>,
    /// Share of the pairs that were not run to check, as a bound on a hash.
    check_below: u64,
}

/// Number of parts of a grid.
pub fn parts(grid: &PairGrid) -> usize {
    grid.shocks().len().div_ceil(units(grid))
}

/// Pairs of a part of a grid.
pub fn pairs_of_part(grid: &PairGrid, part: usize) -> usize {
    let units = units(grid);
    let end = ((part + 1) * units).min(grid.shocks().len());
    (grid.start(end) - grid.start(part * units)) as usize
}

/// Screens a whole grid; `progress` is told how many more pairs are done.
///
/// # Errors
/// The engine fails.
pub fn screen(
    dataset: &Dataset,
    engine: &dyn Engine,
    runner: &PairRunner<'_>,
    grid: &PairGrid,
    screening: &Screening,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Screened, EngineError> {
    let mut all = 0..parts(grid);
    let mut screened = Screened::empty(dataset, screening);
    let mut each = |_, part: Screened| {
        screened.merge(&part);
        Ok::<bool, EngineError>(true)
    };
    screen_parts(dataset, engine, runner, (grid, &mut all), screening, progress, &mut each)?;
    Ok(screened)
}

/// Each shock alone.
fn alone(shocks: &[Shock], adaptation: Option<AdaptationSettings>) -> Vec<Scenario> {
    let of = |&shock: &Shock| Scenario { id: ScenarioId(0), shocks: vec![shock], adaptation };
    shocks.iter().map(of).collect()
}

/// Screens some parts of a grid, in their order. `each` gets every part when it is done, and says
/// whether to go on.
///
/// # Errors
/// Those of `each`, or the engine fails.
pub fn screen_parts<E: From<EngineError>>(
    dataset: &Dataset,
    engine: &dyn Engine,
    runner: &PairRunner<'_>,
    (grid, wanted): (&PairGrid, &mut dyn Iterator<Item = usize>),
    screening: &Screening,
    progress: &(dyn Fn(usize) + Sync),
    each: &mut dyn FnMut(usize, Screened) -> Result<bool, E>,
) -> Result<(), E> {
    let shocks = grid.shocks();
    let chunks: Vec<Range<usize>> = (0..shocks.len())
        .step_by(units(grid))
        .map(|start| start..(start + units(grid)).min(shocks.len()))
        .collect();
    let scenarios = alone(shocks, screening.adaptation);
    let eaten = runner.eaten(&scenarios);
    let runaway: Vec<bool> = eaten.iter().map(|run| run.1).collect();
    if screening.way == Way::Interaction
        && !engine.has_reserves()
        && holds(screening.adaptation.as_ref(), shocks)
    {
        let of = (grid, runaway.as_slice());
        let mut work = Interacting::new(dataset, engine, runner, of, screening);
        for part in wanted {
            let screened = work.part(chunks[part].clone(), progress)?;
            runner.check()?;
            if !each(part, screened)? {
                break;
            }
        }
        return Ok(());
    }
    let base = BaseNetwork::new(dataset);
    let setting = Setting {
        dataset,
        base: &base,
        settings: screening.adaptation,
        tolerance: screening.tolerance,
    };
    // With a cap the argument does not hold, without steps after the first nothing spreads, and of runs
    // that may leave the range of numbers nothing is known beforehand.
    let steps = engine.baseline().steps();
    let range = divergence::Range::new(dataset, engine.baseline(), LARGEST_AMOUNT);
    let has_rules = screening.way != Way::Runs && steps > 1 && !range.is_possible(steps - 1);
    let singles: Vec<Single> = if has_rules {
        let shocks = grid.shocks().par_iter().with_max_len(16);
        let singles = shocks.map(|&shock| Single::run(&setting, engine, shock));
        singles.collect::<Result<_, EngineError>>()?
    } else {
        Vec::new()
    };
    let rules = has_rules.then(|| Rules::new(setting, engine, &singles));
    let rankings = Rankings::new(dataset);
    let total = grid.len();
    let work = Work {
        grid,
        runner,
        rankings: &rankings,
        screening,
        rules: rules.as_ref(),
        singles: runner.sums(&scenarios, &|_| {}),
        eaten: &eaten,
        gains: if has_rules { runner.gains(&scenarios) } else { Vec::new() },
        check_below: check_below(screening, total),
    };
    runner.check()?;
    for part in wanted {
        let of_units: Vec<Screened> = chunks[part]
            .clone()
            .into_par_iter()
            .with_max_len(1)
            .map_init(Verdicts::default, |row, first| {
                let (of_unit, pairs) = work.unit(first, row);
                progress(pairs);
                of_unit
            })
            .collect();
        runner.check()?;
        let mut screened = work.empty();
        of_units.iter().for_each(|of_unit| screened.merge(of_unit));
        if !each(part, screened)? {
            break;
        }
    }
    Ok(())
}

impl Work<'_> {
    fn empty(&self) -> Screened {
        Screened {
            collection: self.rankings.collection(self.screening.top),
            check: RuleCheck::default(),
            matrix: Vec::new(),
        }
    }

    /// All pairs of one first shock; their number.
    fn unit(&self, first: usize, row: &mut Verdicts) -> (Screened, usize) {
        let mut screened = self.empty();
        let partners: Vec<usize> = self.grid.partners(first).collect();
        if let Some(rules) = self.rules.filter(|_| !partners.is_empty()) {
            rules.judge(first, row);
        }
        let mut tasks = Vec::new();
        let (mut independent, mut negligible) = (0, 0);
        for (nth, &partner) in partners.iter().enumerate() {
            // Plans refuse grids with more pairs than identifiers.
            let id = (self.grid.start(first) + nth as u64) as u32;
            let verdict = match self.rules {
                Some(_) => row.verdict(partner),
                None => Verdict::Run,
            };
            let away = match verdict {
                Verdict::Run => Away::No,
                _ => away_apart(self.runner, (self.eaten, &self.gains), [first, partner]),
            };
            match verdict {
                Verdict::Independent | Verdict::Negligible(_) if away != Away::No => {
                    screened.run_away(away);
                }
                Verdict::Independent => independent += 1,
                Verdict::Negligible(bound) => {
                    negligible += 1;
                    let collection = &mut screened.collection;
                    collection.largest_bound = collection.largest_bound.max(bound);
                    collection.summed_bounds += bound;
                }
                Verdict::Run => {}
            }
            if verdict == Verdict::Run || hash(id) < self.check_below {
                tasks.push(Task { id, partner, verdict });
            }
        }
        screened.collection.skip(independent, negligible);
        let batch = BATCH_OF_ALL / rayon::current_num_threads();
        for batch in tasks.chunks(batch.clamp(BATCH[0], BATCH[1])) {
            self.run(first, batch, &mut screened);
        }
        (screened, partners.len())
    }

    fn run(&self, first: usize, tasks: &[Task], screened: &mut Screened) {
        let adaptation = self.screening.adaptation;
        let shocks = self.grid.shocks();
        let pairs: Vec<Pair> = tasks
            .iter()
            .map(|task| Pair {
                id: ScenarioId(task.id),
                shocks: [shocks[first], shocks[task.partner]],
                adaptation,
            })
            .collect();
        let scenarios: Vec<Scenario> =
            pairs.iter().map(|pair| pair.joint(crate::superposition::Mode::Full)).collect();
        let joint = self.runner.sums(&scenarios, &|_| {});
        // By sector it takes longer: of pairs that are run for their S alone.
        let counts: Vec<Scenario> = (tasks.iter().zip(&scenarios))
            .filter(|(task, _)| task.verdict == Verdict::Run)
            .map(|(_, scenario)| scenario.clone())
            .collect();
        let mut eaten = self.runner.eaten(&counts).into_iter();
        for ((task, pair), joint) in tasks.iter().zip(&pairs).zip(&joint) {
            let singles = [&self.singles[first], &self.singles[task.partner]];
            let loss = PairLoss::of_runs(joint, singles);
            let receivers = self.runner.receivers();
            let superposition = loss.superposition(receivers, self.runner.items(pair));
            if task.verdict != Verdict::Run {
                check(&mut screened.check, task.verdict, &superposition, singles);
                continue;
            }
            let (joint, runs_away) = eaten.next().unwrap_or_default();
            if superposition.diverged {
                screened.collection.diverged += 1;
                continue;
            }
            let alone = [first, task.partner].map(|shock| self.eaten[shock]);
            let away = Away::of(alone.iter().any(|run| run.1), runs_away);
            let kcal = s_of_food(joint, alone.map(|run| run.0));
            let sectors = pair.shocks.map(|s| s.sector);
            screened.list(self.screening, sectors, (superposition.s, away != Away::No));
            screened.add(&superposition, kcal, away);
            let (collection, id) = (&mut screened.collection, (task.id, away, kcal));
            self.rankings.offer(collection, self.runner, id, &loss, &superposition);
        }
    }
}
