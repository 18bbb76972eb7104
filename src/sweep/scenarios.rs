//! The scenarios of a plan as work: computed in batches that are cut by time, and made into tables.

mod compared;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use super::Progress;
use super::pace::Pace;
use super::parts::{Parts, window_limit};
use super::work::{Take, Work};
use crate::engine::{Engine, EngineError, Event, Outcome};
use crate::job::{Plan, limits};
use crate::results::losses::{LossWriter, ScenarioOutcome};
use crate::results::scenarios::{self, Decisions, ScenarioRow, Status};
use crate::results::sums::Sums;
use crate::results::trace::{self, ScenarioTrace};
use crate::results::{areas, baseline, events, items, reserves};
use crate::scenario::{Scenario, ScenarioId};
use crate::sink::SinkError;
use crate::sink::folder::{AREAS, BASELINE, EVENTS, ITEMS, LOSSES, RESERVES, SCENARIOS, TRACE};
use crate::sink::manifest::Counts;
use crate::sink::target::{Computed, Content, PartTables};
use compared::{Compared, Runner};

/// A plan's scenarios, ready to run.
pub struct Scenarios<'a> {
    plan: &'a Plan,
    engine: &'a dyn Engine,
    writer: LossWriter,
    /// Sectors that produce something.
    producers: Vec<bool>,
    parts: Parts,
    runner: Option<Runner<'a>>,
}

/// Everything that is known of one part.
pub struct Part {
    number: usize,
    /// Positions in the plan of the scenarios with an effect, and their outcomes.
    run: Vec<(usize, Outcome)>,
    compared: Compared,
    traces: Vec<ScenarioTrace>,
    /// Scenarios that were computed again in f64.
    recomputed: usize,
}

impl<'a> Scenarios<'a> {
    /// The scenarios of a plan, to be run on an engine.
    pub fn new(plan: &'a Plan, engine: &'a dyn Engine) -> Self {
        let producers = plan.dataset.parameters.producers();
        Scenarios {
            plan,
            engine,
            writer: LossWriter::new(&plan.dataset, engine.baseline().last(), plan.compress),
            producers,
            parts: Parts::new(plan.scenarios.len()),
            runner: Runner::new(plan, engine),
        }
    }

    /// Positions in the plan of the scenarios of a part that have an effect.
    fn effective(&self, part: usize) -> impl Iterator<Item = usize> + '_ {
        // Asked anew each time: whoever computes one part of many looks at no other.
        let has_effect =
            move |at: &usize| !self.plan.scenarios[*at].scenario.is_no_op(&self.producers);
        self.parts.positions(part).filter(has_effect)
    }

    /// Scenarios that are computed together at most. Of the memory that the plan's own tables and the
    /// baseline leave, half is for losses; the dataset and the engine take the rest. Of losses that are
    /// written while the next are computed there are two windows.
    fn most(&self) -> usize {
        let (info, dims) = (self.engine.info(), self.plan.dataset.dimensions());
        let of_run = limits::of_run(dims, self.plan.steps, self.plan.trace.len());
        let held = of_run.iter().map(|need| need.bytes).sum::<u64>() + self.plan.bytes();
        let left = self.plan.memory_limit.saturating_sub(held);
        window_limit(left / if info.leaves_processor_free { 4 } else { 2 }, dims, info.batch)
    }

    /// Runs scenarios in batches, until `stop`; outcomes of as many as were run, and of how many of
    /// them the answer was computed again.
    fn run(
        &self,
        positions: &[usize],
        pace: &mut Pace,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &dyn Progress,
    ) -> Result<(Vec<Outcome>, usize), EngineError> {
        let (last, mut recomputed) = ([self.engine.last_step()], 0);
        let mut outcomes = Vec::with_capacity(positions.len());
        while outcomes.len() < positions.len() && (outcomes.is_empty() || !stop()) {
            let rest = &positions[outcomes.len()..];
            let batch: Vec<Scenario> = rest
                .iter()
                .take(pace.scenarios)
                .map(|&at| self.plan.scenarios[at].scenario.effective(&self.producers))
                .collect();
            let started = Instant::now();
            let done = |done| progress.advance(done);
            let answers = self.engine.losses(&batch, &last, self.plan.min_loss, &done)?;
            recomputed += answers.recomputed.len();
            outcomes.extend(answers.of);
            pace.learn(batch.len(), started.elapsed().as_secs_f64());
        }
        Ok((outcomes, recomputed))
    }

    /// Computes parts; fewer, if it is told to stop.
    fn window(
        &self,
        parts: &[usize],
        pace: &mut Pace,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &dyn Progress,
    ) -> Result<Computed<Part>, EngineError> {
        let computing = Instant::now();
        let positions: Vec<usize> = parts.iter().flat_map(|&part| self.effective(part)).collect();
        let (outcomes, mut recomputed) = self.run(&positions, pace, stop, progress)?;
        let mut run = positions.into_iter().zip(outcomes).peekable();
        let mut computed = Vec::with_capacity(parts.len());
        let mut scenarios = 0;
        for &number in parts {
            let of_part: Vec<(usize, Outcome)> =
                self.effective(number).map_while(|at| run.next_if(|(of, _)| *of == at)).collect();
            if of_part.len() < self.size(number) {
                break;
            }
            scenarios += of_part.len();
            let compared = self.compared(number)?;
            computed.push(Part {
                number,
                run: of_part,
                compared,
                traces: self.traces(number)?,
                recomputed: std::mem::take(&mut recomputed),
            });
        }
        Ok(Computed { parts: computed, scenarios, compute_s: computing.elapsed().as_secs_f64() })
    }
}

impl Work for Scenarios<'_> {
    type Part = Part;

    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn size(&self, part: usize) -> usize {
        self.effective(part).count()
    }

    fn compute(
        &self,
        queue: &mut dyn Iterator<Item = usize>,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &dyn Progress,
        take: &mut Take<'_, Part>,
    ) -> Result<(), SinkError> {
        let mut pace = Pace::new(self.most());
        let mut queue = queue.peekable();
        while queue.peek().is_some() && !stop() {
            let (mut window, mut size) = (Vec::new(), 0);
            while let Some(part) =
                queue.next_if(|&part| size == 0 || size + self.size(part) <= pace.scenarios)
            {
                size += self.size(part);
                window.push(part);
            }
            let computed = self.window(&window, &mut pace, stop, progress)?;
            if take(computed)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn tables<'p>(&'p self, part: &'p Part) -> Result<PartTables<'p>, SinkError> {
        let plan = self.plan;
        let dataset = &plan.dataset;
        let losses: Vec<ScenarioOutcome<'_>> = part
            .run
            .iter()
            .map(|(at, outcome)| {
                let scenario = &plan.scenarios[*at].scenario;
                let adaptation = scenario.response();
                let shares = self.shares(*at, outcome);
                ScenarioOutcome { scenario: scenario.id, adaptation, outcome, shares }
            })
            .collect();
        let mut tables = Vec::new();
        let mut loss_rows = 0;
        if plan.losses.are_all() {
            loss_rows = losses.iter().map(|o| o.outcome.sectors.len()).sum();
            tables.push((LOSSES, Content::Losses(&self.writer, losses)));
        }
        let mut add = |name, rows| tables.push((name, Content::Rows(rows)));
        let rows = self.scenario_rows(part);
        let baseline = self.engine.baseline();
        add(SCENARIOS, scenarios::batch(dataset, baseline.last(), plan.overshoot, &rows)?);
        if part.number == 0 {
            add(AREAS, areas::batch(dataset)?);
            add(ITEMS, items::batch(dataset)?);
            add(BASELINE, baseline::batch(dataset, baseline, !plan.trace.is_empty())?);
        }
        if plan.events {
            let id = |at: usize| plan.scenarios[at].scenario.id;
            let of = |(at, outcome): &(usize, Outcome)| -> Vec<(ScenarioId, Event)> {
                outcome.events.iter().map(|&event| (id(*at), event)).collect()
            };
            let all: Vec<(ScenarioId, Event)> = part.run.iter().flat_map(of).collect();
            add(EVENTS, events::batch(dataset, &all)?);
        }
        if !dataset.reserves.is_empty() {
            let run = part.run.iter().map(|(at, of)| (plan.scenarios[*at].scenario.key(), of));
            add(RESERVES, reserves::batch(dataset, run)?);
        }
        if !plan.trace.is_empty() {
            add(TRACE, trace::batch(dataset, baseline, &part.traces)?);
        }
        part.compared.tables(plan, &mut tables)?;
        let counts = Counts { recomputed: part.recomputed, ..self.counts(&rows, loss_rows) };
        let [pairs, diverged_pairs] = part.compared.counts();
        Ok(PartTables { part: part.number, counts, pairs, diverged_pairs, tables })
    }
}

impl Scenarios<'_> {
    /// Shares that are eaten after the last step where sectors of a scenario have adapted.
    fn shares(&self, at: usize, outcome: &Outcome) -> BTreeMap<u32, f64> {
        let missing = self.plan.scenarios[at].scenario.adaptation.unwrap_or_default().missing_rule;
        self.writer.shares(&self.plan.dataset, missing, self.plan.steps - 1, outcome)
    }

    fn sums(&self, at: usize, outcome: Option<&Outcome>) -> Sums {
        let (dataset, writer) = (&self.plan.dataset, &self.writer);
        let Some(outcome) = outcome else { return Sums::none(dataset, writer) };
        let (shocks, shares) = (&self.plan.scenarios[at].scenario.shocks, self.shares(at, outcome));
        Sums::of(dataset, writer, shocks, outcome, &shares, self.plan.overshoot)
    }

    fn scenario_rows<'p>(&'p self, part: &'p Part) -> Vec<ScenarioRow<'p>> {
        let mut run = part.run.iter().peekable();
        let row = |at: usize| {
            let named = &self.plan.scenarios[at];
            let outcome = run.next_if(|(of, _)| *of == at).map(|(_, outcome)| outcome);
            ScenarioRow {
                scenario: &named.scenario,
                name: &named.name,
                status: match outcome.map(|o| o.diverged) {
                    None => Status::NoOp,
                    Some(None) => Status::Run,
                    Some(Some(at)) => Status::Diverged(at),
                },
                switches: Some(named.switches.to_string())
                    .filter(|text| !text.is_empty() && named.scenario.adaptation.is_some()),
                totals: outcome.map(|o| o.totals.clone()).unwrap_or_default(),
                sums: self.sums(at, outcome),
                decisions: outcome.map(|o| Decisions::count(&o.events)).unwrap_or_default(),
                rows: outcome.filter(|_| self.plan.losses.are_all()).map_or(0, |o| o.sectors.len()),
            }
        };
        self.parts.positions(part.number).map(row).collect()
    }

    fn counts(&self, rows: &[ScenarioRow<'_>], loss_rows: usize) -> Counts {
        let count = |of: fn(Status) -> bool| rows.iter().filter(|row| of(row.status)).count();
        let sum = |of: fn(&Decisions) -> u32| rows.iter().map(|r| of(&r.decisions) as usize).sum();
        Counts {
            scenarios: rows.len(),
            run: count(|status| status == Status::Run),
            no_op: count(|status| status == Status::NoOp),
            diverged: count(|status| matches!(status, Status::Diverged(_))),
            loss_rows,
            adapting: sum(|d| d.adapting),
            substituting: sum(|d| d.substituting),
            no_share_rule: sum(|d| d.no_share_rule),
            overshoot: rows.iter().filter(|r| r.totals.overshoots(self.plan.overshoot)).count(),
            recomputed: 0,
        }
    }

    /// Every step of the scenarios of a part that the job wants traced.
    fn traces(&self, part: usize) -> Result<Vec<ScenarioTrace>, EngineError> {
        let chosen = |at: &usize| {
            let id = self.plan.scenarios[*at].scenario.id;
            self.plan.trace.binary_search(&id).is_ok()
        };
        let trace = |at: usize| {
            let scenario = self.plan.scenarios[at].scenario.effective(&self.producers);
            let of = std::slice::from_ref(&scenario);
            let all = self.engine.all_steps();
            let steps = self.engine.losses(of, &all, self.plan.min_loss, &|_| {})?.of;
            let missing = scenario.adaptation.unwrap_or_default().missing_rule;
            let adaptation = scenario.response();
            Ok(ScenarioTrace { id: scenario.id, adaptation, missing, steps })
        };
        self.parts.positions(part).filter(chosen).map(trace).collect()
    }

    /// The scenarios of a part against what fewer of their shocks do.
    fn compared(&self, part: usize) -> Result<Compared, EngineError> {
        let Some(runner) = &self.runner else { return Ok(Compared::default()) };
        let scenarios = self.parts.positions(part).map(|at| &self.plan.scenarios[at].scenario);
        runner.compare(self.plan, scenarios)
    }
}
