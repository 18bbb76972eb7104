//! Computes some parts of a plan together and writes their tables.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Instant;

use rayon::prelude::*;

use super::Progress;
use super::parts::Parts;
use super::session::now;
use super::superposition::PairRunner;
use crate::engine::{Engine, EngineError, Event, Outcome};
use crate::job::Plan;
use crate::scenario::Scenario;
use crate::sink::commit::Pending;
use crate::sink::folder::{
    AREAS, BASELINE, EVENTS, ITEMS, LOSSES, RECEIVERS, SCENARIOS, SUPERPOSITION, TRACE, part_path,
};
use crate::sink::ledger::PartRecord;
use crate::sink::losses::{LossWriter, ScenarioOutcome};
use crate::sink::manifest::{Counts, FileRecord};
use crate::sink::scenarios::{self, Decisions, ScenarioRow, Status};
use crate::sink::superposition::{ReceiverRow, SuperpositionRow};
use crate::sink::trace::{self, ScenarioTrace};
use crate::sink::{SinkError, areas, baseline, events, items, superposition};
use crate::superposition::Pair;

/// What parts are computed with.
pub struct Window<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Where its tables go.
    pub root: &'a std::path::Path,
    /// What computes.
    pub engine: &'a dyn Engine,
    /// What writes losses.
    pub writer: &'a LossWriter,
    /// Sectors that produce something.
    pub producers: &'a [bool],
    /// Whether a scenario of the plan has an effect.
    pub has_effect: &'a [bool],
    /// The parts of the plan.
    pub parts: Parts,
}

/// Parts that are committed, and what kept the others from it.
pub struct Committed {
    /// Ready for the ledger.
    pub records: Vec<PartRecord>,
    /// The first failure.
    pub failure: Option<SinkError>,
}

/// Everything that is written of one part.
struct Part {
    number: usize,
    /// Positions in the plan of the scenarios with an effect, and their outcomes.
    run: Vec<(usize, Outcome)>,
    pairs: Vec<SuperpositionRow>,
    receivers: Vec<ReceiverRow>,
    traces: Vec<ScenarioTrace>,
}

/// A table on its way to the disk: name of the table, rows, file.
type Table = (&'static str, usize, Pending);

/// Parts that are computed, and not yet written.
pub struct Computed {
    parts: Vec<Part>,
    compute_s: f64,
    /// Scenarios that were computed again in f64.
    recomputed: usize,
}

impl Window<'_> {
    /// Computes parts.
    ///
    /// `runner` compares pairs with their sum, if the job asks for it.
    ///
    /// # Errors
    /// The engine fails; nothing of these parts is written.
    pub fn compute(
        &self,
        parts: &[usize],
        mut runner: Option<&mut PairRunner<'_>>,
        progress: &dyn Progress,
    ) -> Result<Computed, EngineError> {
        let scenarios = &self.plan.scenarios;
        let positions: Vec<Vec<usize>> = parts
            .iter()
            .map(|&part| self.parts.positions(part).filter(|&at| self.has_effect[at]).collect())
            .collect();
        let batch: Vec<Scenario> = positions
            .iter()
            .flatten()
            .map(|&at| scenarios[at].scenario.effective(self.producers))
            .collect();
        let computing = Instant::now();
        let before = self.engine.recomputed();
        let min_loss = self.plan.min_loss;
        let outcomes = self.engine.try_run(&batch, min_loss, &|done| progress.advance(done))?;
        let mut outcomes = outcomes.into_iter();
        let mut computed = Vec::with_capacity(parts.len());
        for (&number, positions) in parts.iter().zip(positions) {
            let (pairs, receivers) = match runner.as_deref_mut() {
                Some(runner) => self.pairs(number, runner),
                None => Default::default(),
            };
            let run = positions.into_iter().zip(outcomes.by_ref()).collect();
            computed.push(Part { number, run, pairs, receivers, traces: self.traces(number)? });
        }
        runner.map_or(Ok(()), |runner| runner.check())?;
        Ok(Computed {
            parts: computed,
            compute_s: computing.elapsed().as_secs_f64(),
            recomputed: self.engine.recomputed() - before,
        })
    }

    /// Writes computed parts and commits their files.
    pub fn write(&self, computed: Computed) -> Committed {
        let Computed { parts, compute_s, recomputed } = computed;
        let writing = Instant::now();
        let mut committed = self.tables(&parts);
        let write_s = writing.elapsed().as_secs_f64();
        if let Some(first) = committed.records.first_mut() {
            first.counts.recomputed = recomputed;
        }
        let share = 1.0 / parts.len().max(1) as f64;
        for record in &mut committed.records {
            record.compute_s = compute_s * share;
            record.write_s = write_s * share;
            record.unix_s = now();
        }
        committed
    }

    /// Writes the tables of parts: encoded by all cores, synced by a thread that only waits for the
    /// disk.
    fn tables(&self, parts: &[Part]) -> Committed {
        let (send, receive) = mpsc::channel::<(PartRecord, Vec<Table>)>();
        let failure: Mutex<Option<SinkError>> = Mutex::new(None);
        let fail = |error: SinkError| {
            failure.lock().unwrap_or_else(|p| p.into_inner()).get_or_insert(error);
        };
        let mut records = std::thread::scope(|scope| {
            let fail = &fail;
            let committer = scope.spawn(move || {
                let commit = |(mut record, tables): (PartRecord, Vec<Table>)| {
                    for (table, rows, pending) in tables {
                        let written = pending.commit().map_err(fail).ok()?;
                        let path = part_path(table, record.part);
                        record.files.push(FileRecord::new(path, rows, written));
                    }
                    Some(record)
                };
                receive.into_iter().filter_map(commit).collect::<Vec<_>>()
            });
            parts.par_iter().with_max_len(1).for_each_with(send, |send, part| {
                match self.encode(part) {
                    // The committer ends after the last sender, so somebody listens.
                    Ok(encoded) => drop(send.send(encoded)),
                    Err(error) => fail(error),
                }
            });
            committer.join().unwrap_or_else(|p| std::panic::resume_unwind(p))
        });
        records.sort_by_key(|record| record.part);
        Committed { records, failure: failure.into_inner().unwrap_or_else(|p| p.into_inner()) }
    }

    /// Makes the tables of a part.
    fn encode(&self, part: &Part) -> Result<(PartRecord, Vec<Table>), SinkError> {
        let plan = self.plan;
        let dataset = &plan.dataset;
        let path = |table: &str| self.root.join(part_path(table, part.number));
        let mut tables: Vec<Table> = Vec::new();
        let losses: Vec<ScenarioOutcome<'_>> = part
            .run
            .iter()
            .map(|(at, outcome)| {
                let scenario = &plan.scenarios[*at].scenario;
                let adaptation = scenario.adaptation.is_some();
                ScenarioOutcome { scenario: scenario.id, adaptation, outcome }
            })
            .collect();
        let (pending, loss_rows) = self.writer.write(&path(LOSSES), &losses)?;
        tables.push((LOSSES, loss_rows, pending));

        let rows = self.scenario_rows(part);
        let baseline = self.engine.baseline();
        let pending =
            scenarios::write(&path(SCENARIOS), dataset, baseline.last(), plan.overshoot, &rows)?;
        tables.push((SCENARIOS, rows.len(), pending));
        if part.number == 0 {
            let pending = areas::write(&path(AREAS), dataset)?;
            tables.push((AREAS, dataset.labels.areas.len(), pending));
            let pending = items::write(&path(ITEMS), dataset)?;
            tables.push((ITEMS, dataset.labels.items.len(), pending));
            let traced = !plan.trace.is_empty();
            let (pending, rows) =
                baseline::write(&path(BASELINE), dataset, self.engine.baseline(), traced)?;
            tables.push((BASELINE, rows, pending));
        }
        if plan.events {
            let id = |at: usize| plan.scenarios[at].scenario.id;
            let of = |(at, outcome): &(usize, Outcome)| -> Vec<(u32, Event)> {
                outcome.events.iter().map(|&event| (id(*at), event)).collect()
            };
            let all: Vec<(u32, Event)> = part.run.iter().flat_map(of).collect();
            tables.push((EVENTS, all.len(), events::write(&path(EVENTS), dataset, &all)?));
        }
        if !plan.trace.is_empty() {
            let rows = part.traces.iter().flat_map(|t| &t.steps).map(|o| o.sectors.len()).sum();
            let pending = trace::write(&path(TRACE), dataset, baseline, &part.traces)?;
            tables.push((TRACE, rows, pending));
        }
        if let Some(asked) = &plan.superposition {
            let pending = superposition::write(&path(SUPERPOSITION), dataset, &part.pairs)?;
            tables.push((SUPERPOSITION, part.pairs.len(), pending));
            if asked.job.receivers.is_some() {
                let rows = &part.receivers;
                let pending = superposition::write_receivers(&path(RECEIVERS), dataset, rows)?;
                tables.push((RECEIVERS, rows.len(), pending));
            }
        }
        let record = PartRecord {
            part: part.number,
            counts: self.counts(&rows, loss_rows),
            pairs: part.pairs.len() as u64,
            files: Vec::new(),
            compute_s: 0.0,
            write_s: 0.0,
            unix_s: 0.0,
        };
        Ok((record, tables))
    }

    fn scenario_rows<'p>(&'p self, part: &'p Part) -> Vec<ScenarioRow<'p>> {
        let mut run = part.run.iter().peekable();
        let row = |at: usize| {
            let named = &self.plan.scenarios[at];
            let outcome = run.next_if(|(of, _)| *of == at).map(|(_, outcome)| outcome);
            ScenarioRow {
                scenario: &named.scenario,
                name: &named.name,
                status: if outcome.is_some() { Status::Run } else { Status::NoOp },
                switches: Some(named.switches.to_string())
                    .filter(|text| !text.is_empty() && named.scenario.adaptation.is_some()),
                totals: outcome.map(|o| o.totals.clone()).unwrap_or_default(),
                decisions: outcome.map(|o| Decisions::count(&o.events)).unwrap_or_default(),
                rows: outcome.map_or(0, |o| o.sectors.len()),
            }
        };
        self.parts.positions(part.number).map(row).collect()
    }

    fn counts(&self, rows: &[ScenarioRow<'_>], loss_rows: usize) -> Counts {
        let run = rows.iter().filter(|row| row.status == Status::Run).count();
        let sum = |of: fn(&Decisions) -> u32| rows.iter().map(|r| of(&r.decisions) as usize).sum();
        Counts {
            scenarios: rows.len(),
            run,
            no_op: rows.len() - run,
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
            let scenario = self.plan.scenarios[at].scenario.effective(self.producers);
            let steps = self.engine.try_trace(&scenario, self.plan.min_loss, 0..self.plan.steps)?;
            Ok(ScenarioTrace { id: scenario.id, adaptation: scenario.adaptation.is_some(), steps })
        };
        self.parts.positions(part).filter(chosen).map(trace).collect()
    }

    /// The pairs of a part against their sums.
    fn pairs(
        &self,
        part: usize,
        runner: &mut PairRunner<'_>,
    ) -> (Vec<SuperpositionRow>, Vec<ReceiverRow>) {
        let Some(asked) = &self.plan.superposition else { return Default::default() };
        let pairs: Vec<Pair> = self
            .parts
            .positions(part)
            .filter_map(|at| {
                let scenario = &self.plan.scenarios[at].scenario;
                let shocks = [*scenario.shocks.first()?, *scenario.shocks.get(1)?];
                Some(Pair { id: scenario.id, shocks, adaptation: scenario.adaptation })
            })
            .collect();
        // Run both ways, a pair's stages hold the run without adaptation.
        let is_last = |at: usize| pairs.get(at + 1).is_none_or(|next| next.id != pairs[at].id);
        let pairs: Vec<Pair> =
            (0..pairs.len()).filter(|&at| is_last(at)).map(|at| pairs[at].clone()).collect();
        runner.rows(&pairs, asked.job.stages, asked.job.receivers, &|_| {})
    }
}
