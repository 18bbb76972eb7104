//! A screening as work: screens a grid of pairs part by part and makes tables of what it keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use arrow_array::RecordBatch;

use super::Progress;
use super::rankings::{self, Rankings};
use super::rule_check::RuleCheck;
use super::screen::{Screened, Screening, pairs_of_part, parts, screen_parts};
use super::superposition::{self, PairRunner};
use super::work::{Take, Whole, Work};
use crate::engine::Engine;
use crate::job::Plan;
use crate::job::superposition::SuperpositionPlan;
use crate::results::screening::{BinRow, MomentsRow, RankingRow, matrix};
use crate::results::superposition::{
    SuperpositionRow, batch as batch_of_pairs, batch_of_items, batch_of_receivers,
};
use crate::results::{self, areas, baseline, items};
use crate::scenario::ScenarioId;
use crate::scenario::pairs::PairGrid;
use crate::sink::folder::{
    AREAS, BASELINE, DIFFERENCE_ITEMS, HISTOGRAM, ITEMS, MATRIX, MOMENTS, PARTS, RANKING,
    RECEIVERS, SUPERPOSITION,
};
use crate::sink::manifest::{CheckRecord, Counts, SuperpositionRecord};
use crate::sink::target::{Computed, Content, PartTables};
use crate::sink::{Sink, SinkError};
use crate::superposition::collect::{Best, Collection, MEASURES, Moments};
use crate::superposition::{Eaten, Pair};

/// A screening, ready to run.
pub struct ScreeningWork<'a> {
    plan: &'a Plan,
    asked: &'a SuperpositionPlan,
    grid: &'a PairGrid,
    engine: &'a dyn Engine,
    screening: Screening,
    runner: Mutex<PairRunner<'a>>,
}

/// What became of a part.
pub struct Part {
    number: usize,
    screened: Screened,
}

impl<'a> ScreeningWork<'a> {
    /// The screening that a plan asks for, to be run on an engine.
    pub fn new(
        plan: &'a Plan,
        (asked, grid): (&'a SuperpositionPlan, &'a PairGrid),
        engine: &'a dyn Engine,
    ) -> Self {
        let screening = Screening::of(asked, engine);
        let runner = PairRunner::new(engine, &plan.dataset, &asked.counted);
        let runner = Mutex::new(runner.with_overshoot(plan.overshoot));
        ScreeningWork { plan, asked, grid, engine, screening, runner }
    }

    fn runner(&self) -> std::sync::MutexGuard<'_, PairRunner<'a>> {
        self.runner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Work for ScreeningWork<'_> {
    type Part = Part;

    fn parts(&self) -> usize {
        parts(self.grid)
    }

    fn size(&self, part: usize) -> usize {
        pairs_of_part(self.grid, part)
    }

    fn compute(
        &self,
        queue: &mut dyn Iterator<Item = usize>,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &dyn Progress,
        take: &mut Take<'_, Part>,
    ) -> Result<(), SinkError> {
        // Joined shards miss nothing, and the single runs that the rules read take their time.
        let mut queue = queue.peekable();
        if queue.peek().is_none() {
            return Ok(());
        }
        let mut computing = Instant::now();
        let mut each = |number: usize, screened: Screened| -> Result<bool, SinkError> {
            let compute_s = computing.elapsed().as_secs_f64();
            let parts = vec![Part { number, screened }];
            let flow = take(Computed { parts, scenarios: self.size(number), compute_s })?;
            computing = Instant::now();
            Ok(flow == ControlFlow::Continue(()) && !stop())
        };
        let advance = |pairs: usize| progress.advance(pairs);
        let (dataset, engine, runner) = (&self.plan.dataset, self.engine, self.runner());
        let of = (self.grid, &mut queue as &mut dyn Iterator<Item = usize>);
        screen_parts(dataset, engine, &runner, of, &self.screening, &advance, &mut each)
    }

    fn tables<'a>(&'a self, part: &'a Part) -> Result<PartTables<'a>, SinkError> {
        let path = Path::new(PARTS);
        let unwritable = |e: postcard::Error| SinkError::io(path)(std::io::Error::other(e));
        let bytes = postcard::to_stdvec(&part.screened).map_err(unwritable)?;
        // For the standing of the run, a pair that needs no run is as good as one that was run.
        let pairs = self.size(part.number);
        let counts = Counts { scenarios: pairs, run: pairs, ..Counts::default() };
        let mut tables = vec![("screening", Content::State(bytes))];
        if self.screening.matrix.is_some() {
            let rows = matrix(&self.plan.dataset, &part.screened.matrix)?;
            tables.push((MATRIX, Content::Rows(rows)));
        }
        let diverged_pairs = part.screened.collection.diverged;
        Ok(PartTables { part: part.number, counts, pairs: pairs as u64, diverged_pairs, tables })
    }

    fn finish<S: Sink>(&self, sink: &mut S) -> Result<Whole, SinkError> {
        let (asked, dataset) = (self.asked, &self.plan.dataset);
        let mut screened = Screened::empty(dataset, &self.screening);
        for part in 0..self.parts() {
            let unreadable = |e: postcard::Error| SinkError::Unreadable {
                path: Path::new(PARTS).join(format!("screening-{part:05}.bin")),
                problem: e.to_string(),
            };
            let bytes = sink.state_of(part)?;
            screened.merge(&postcard::from_bytes(&bytes).map_err(unreadable)?);
        }
        let offered: BTreeSet<u32> =
            screened.collection.best.iter().flat_map(|b| b.kept()).map(|k| k.1).collect();
        let pairs: Vec<Pair> = offered
            .iter()
            .filter_map(|&id| {
                let shocks = self.grid.pair(u64::from(id))?;
                Some(Pair { id: ScenarioId(id), shocks, adaptation: asked.adaptation })
            })
            .collect();
        let mut runner = self.runner();
        let (mut rows, mut of_parts) =
            runner.rows(&pairs, asked.job.stages, Some(asked.parts_above()), &|_| {});
        runner.check().map_err(SinkError::from)?;
        let listed = settle(&mut screened.collection, &rows, asked.job.top);
        rows.retain(|row| listed.contains(&row.pair.id.0));
        of_parts.retain(|scenario| listed.contains(&scenario.0));
        for (name, rows) in self.summaries(&screened)? {
            sink.add(name, &rows)?;
        }
        sink.add(SUPERPOSITION, &batch_of_pairs(dataset, &rows)?)?;
        if asked.job.receivers.is_some() {
            sink.add(RECEIVERS, &batch_of_receivers(dataset, &of_parts.receivers)?)?;
        }
        if asked.job.items.is_some() {
            let items = batch_of_items(dataset, &asked.counted, &of_parts.items)?;
            sink.add(DIFFERENCE_ITEMS, &items)?;
        }
        let run = count_run(&screened);
        let counts =
            Counts { scenarios: self.grid.len() as usize, run: run as usize, ..Counts::default() };
        let superposition = Some(record(asked, &screened, run));
        Ok(Whole { counts: Some(counts), superposition })
    }
}

/// Orders the rankings by what their pairs come to when they are run, now that they are: by food
/// exactly, and without pairs that run away only together. The pairs that are left.
fn settle(collection: &mut Collection, rows: &[SuperpositionRow], top: usize) -> BTreeSet<u32> {
    let of: BTreeMap<u32, Eaten> = rows.iter().map(|row| (row.pair.id.0, row.eaten)).collect();
    let runs_away = |id: u32| of.get(&id).is_some_and(|eaten| eaten.overshoot);
    let mut food = Best::new(top);
    for (&id, eaten) in of.iter().filter(|(_, eaten)| !eaten.overshoot) {
        food.offer(eaten.s().unwrap_or(0.0), id);
    }
    let losses = &collection.best[rankings::LOSSES];
    collection.best[rankings::LOSSES] = losses.filtered(top, |id| !runs_away(id));
    collection.best[rankings::FOOD] = food;
    collection.best.iter().flat_map(|b| b.kept()).map(|kept| kept.1).collect()
}

/// Pairs that the screening ran because they may interact.
fn count_run(screened: &Screened) -> u64 {
    let collection = &screened.collection;
    collection.all[0].count - collection.independent - collection.negligible
}

fn record(asked: &SuperpositionPlan, screened: &Screened, run: u64) -> SuperpositionRecord {
    let collection = &screened.collection;
    let RuleCheck {
        independent,
        negligible,
        largest_independent,
        largest_negligible,
        largest_share,
        broken,
    } = screened.check;
    SuperpositionRecord {
        pairs: collection.all[0].count + collection.runaway + collection.diverged,
        run,
        runaway: collection.runaway,
        runaway_together: collection.together,
        diverged: collection.diverged,
        mattering: Some(collection.mattering),
        independent: collection.independent,
        negligible: collection.negligible,
        tolerance: asked.job.negligible(),
        largest_bound: collection.largest_bound,
        check: asked.job.rules.then_some(CheckRecord {
            independent,
            negligible,
            largest_independent,
            largest_negligible,
            largest_share_of_bound: largest_share,
            broken,
        }),
        ..superposition::record(asked, 0)
    }
}

impl ScreeningWork<'_> {
    /// The tables of a screening besides the pairs themselves.
    fn summaries(
        &self,
        screened: &Screened,
    ) -> Result<Vec<(&'static str, RecordBatch)>, SinkError> {
        let dataset = &self.plan.dataset;
        let collection = &screened.collection;
        let names = Rankings::new(dataset).names;
        let ranking: Vec<RankingRow> = (names.iter().zip(&collection.best))
            .flat_map(|((name, unit), best)| {
                best.kept().iter().enumerate().map(move |(at, &(value, scenario))| RankingRow {
                    ranking: name.clone(),
                    rank: at as i32 + 1,
                    scenario: ScenarioId(scenario),
                    value,
                    unit: results::Name::from(unit),
                })
            })
            .collect();
        let measures = || MEASURES.into_iter().take(collection.measures());
        let moments_of = |pairs: &'static str, moments: &[Moments; 5]| -> Vec<MomentsRow> {
            let row = |(measure, m): (&'static str, &Moments)| MomentsRow {
                measure: measure.to_string(),
                pairs: pairs.to_string(),
                count: m.count as i64,
                mean: m.mean,
                standard_deviation: m.standard_deviation(),
                min: if m.count > 0 { m.min } else { 0.0 },
                max: if m.count > 0 { m.max } else { 0.0 },
                above: m.above as i64,
                below: m.below as i64,
            };
            measures().zip(moments).map(row).collect()
        };
        let mut moments = moments_of("all", &collection.all);
        moments.extend(moments_of("run", &collection.run));
        let histogram: Vec<BinRow> = measures()
            .zip(&collection.histograms)
            .flat_map(|(measure, histogram)| {
                let bin = move |(lower, upper, count): (f64, f64, u64)| {
                    let (measure, count) = (measure.to_string(), count as i64);
                    BinRow { measure, lower, upper, count }
                };
                histogram.bins().into_iter().map(bin)
            })
            .collect();
        let baseline = baseline::batch(dataset, self.engine.baseline(), false)?;
        Ok(vec![
            (RANKING, results::batch(dataset, &ranking)?),
            (MOMENTS, results::batch(dataset, &moments)?),
            (HISTOGRAM, results::batch(dataset, &histogram)?),
            (AREAS, areas::batch(dataset)?),
            (ITEMS, items::batch(dataset)?),
            (BASELINE, baseline),
        ])
    }
}
