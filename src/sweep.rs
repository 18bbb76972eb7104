//! The sweep driver: the only place that sees both an engine and a sink.

pub mod estimate;
pub mod explain;
mod finish;
pub mod screen;
pub mod screening;
pub mod superposition;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use crate::dataset::{Dataset, hash};
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, Event, Outcome, Totals};
use crate::job::{EngineKind, Plan};
use crate::scenario::Scenario;
use crate::sink::commit::Pending;
use crate::sink::folder::{AREAS, EVENTS, LOSSES, SCENARIOS, TRACE, part_name};
use crate::sink::losses::{LossWriter, SCENARIOS_PER_PART, ScenarioOutcome};
use crate::sink::manifest::{Counts, FileRecord, Manifest, SuperpositionRecord, Times};
use crate::sink::scenarios::{self, Decisions, ScenarioRow, Status};
use crate::sink::trace::{self, ScenarioTrace};
use crate::sink::{ResultFolder, SinkError, areas, events};
use crate::superposition::Pair;
use superposition::PairRunner;

/// Layout of result folders written by this version.
pub const RESULT_FORMAT: u32 = 3;

/// Scenarios with an effect that are computed before their tables are written. Large enough to
/// find like scenarios for every lane group, small enough for memory: at 4,000 rows of 12 bytes
/// each, 600 MB.
const WINDOW: usize = 12_288;

/// Told how many scenarios of the plan have been run, of how many that need it.
pub trait Progress: Sync {
    /// The run starts; `total` scenarios need computing.
    fn start(&self, total: usize);
    /// `done` more scenarios are computed.
    fn advance(&self, done: usize);
    /// The last tables are being written.
    fn writing(&self);
}

/// No reports.
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _total: usize) {}
    fn advance(&self, _done: usize) {}
    fn writing(&self) {}
}

/// Makes the engine a plan asks for.
pub fn make_engine(
    kind: EngineKind,
    dataset: &Dataset,
    steps: usize,
) -> Box<dyn Engine + Send + '_> {
    match kind {
        EngineKind::Reference => Box::new(ReferenceEngine::new(dataset, steps)),
        EngineKind::Cpu => Box::new(CpuEngine::new(dataset, steps)),
    }
}

/// What one scenario of the plan came to.
#[derive(Clone, Default)]
struct Record {
    totals: Totals,
    decisions: Decisions,
    rows: usize,
}

/// Runs a plan and writes its result folder; `prepare_s` is the time spent loading before.
///
/// # Errors
/// The result cannot be written. What was committed before stays valid.
pub fn run(
    plan: &Plan,
    force: bool,
    started: Instant,
    progress: &dyn Progress,
) -> Result<Manifest, SinkError> {
    if let Some(asked) = &plan.superposition
        && let Some(grid) = &asked.grid
    {
        return screening::run(plan, asked, grid, force, started, progress);
    }
    let folder = ResultFolder::create(&plan.output, force)?;
    let dataset = &plan.dataset;
    // The hash is provenance, not input: it is computed beside the engine's preparation.
    let (content_hash, engine) = rayon::join(
        || hash::content_hash(dataset),
        || make_engine(plan.engine, dataset, plan.steps),
    );
    let producers = dataset.parameters.producers();
    let has_effect: Vec<bool> =
        plan.scenarios.iter().map(|s| !s.scenario.is_no_op(&producers)).collect();
    let to_run = has_effect.iter().filter(|&&e| e).count();
    let prepare_s = started.elapsed().as_secs_f64();
    progress.start(to_run);

    let writer = LossWriter::new(dataset, engine.baseline().last(), plan.compress);
    let mut sweep = Sweep {
        plan,
        folder: &folder,
        engine: engine.as_ref(),
        writer: &writer,
        producers: &producers,
        has_effect: &has_effect,
        records: vec![Record::default(); plan.scenarios.len()],
        events: Vec::new(),
        files: Vec::new(),
        compute_s: 0.0,
        write_s: 0.0,
    };
    sweep.run_all(progress)?;
    progress.writing();
    let write_started = Instant::now();
    sweep.write_scenarios()?;
    sweep.write_areas()?;
    sweep.write_traces()?;
    sweep.write_events()?;
    let superposition = sweep.write_superposition()?;
    sweep.write_s += write_started.elapsed().as_secs_f64();

    let Sweep { mut files, records, compute_s, write_s, .. } = sweep;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let loss_rows = files.iter().filter(|f| f.path.starts_with(LOSSES)).map(|f| f.rows).sum();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let total_s = started.elapsed().as_secs_f64();
    let counts = Counts {
        scenarios: plan.scenarios.len(),
        run: to_run,
        no_op: plan.scenarios.len() - to_run,
        loss_rows,
        adapting: records.iter().map(|r| r.decisions.adapting as usize).sum(),
        substituting: records.iter().map(|r| r.decisions.substituting as usize).sum(),
        no_share_rule: records.iter().map(|r| r.decisions.no_share_rule as usize).sum(),
        overshoot: records.iter().filter(|r| r.totals.overshoots(plan.overshoot)).count(),
    };
    let times = Times {
        started_unix_s: now.saturating_sub(total_s as u64),
        prepare_s,
        compute_s,
        write_s,
        total_s,
    };
    let manifest = Manifest {
        superposition,
        ..finish::manifest(plan, engine.as_ref(), content_hash, counts, times, files)
    };
    folder.finish(&manifest)?;
    Ok(manifest)
}

/// A run in the making.
struct Sweep<'a> {
    plan: &'a Plan,
    folder: &'a ResultFolder,
    engine: &'a dyn Engine,
    writer: &'a LossWriter,
    producers: &'a [bool],
    has_effect: &'a [bool],
    records: Vec<Record>,
    /// Decisions with their scenario, in the order of the plan, if the job asks for them.
    events: Vec<(u32, Event)>,
    files: Vec<FileRecord>,
    compute_s: f64,
    write_s: f64,
}

impl Sweep<'_> {
    /// Computes the plan window by window and writes each window's tables.
    fn run_all(&mut self, progress: &dyn Progress) -> Result<(), SinkError> {
        let parts = self.plan.scenarios.len().div_ceil(SCENARIOS_PER_PART);
        let mut part = 0;
        while part < parts {
            let mut end = part + 1;
            while end < parts && self.effective(part, end + 1) <= WINDOW {
                end += 1;
            }
            self.run_window(part, end, progress)?;
            part = end;
        }
        Ok(())
    }

    /// Positions in the plan of the scenarios of some parts.
    fn positions(&self, part: usize, end: usize) -> std::ops::Range<usize> {
        let last = self.plan.scenarios.len();
        part * SCENARIOS_PER_PART..(end * SCENARIOS_PER_PART).min(last)
    }

    /// Scenarios with an effect in some parts.
    fn effective(&self, part: usize, end: usize) -> usize {
        self.has_effect[self.positions(part, end)].iter().filter(|&&e| e).count()
    }

    fn run_window(
        &mut self,
        part: usize,
        end: usize,
        progress: &dyn Progress,
    ) -> Result<(), SinkError> {
        let positions: Vec<usize> =
            self.positions(part, end).filter(|&at| self.has_effect[at]).collect();
        let batch: Vec<Scenario> = positions
            .iter()
            .map(|&at| self.plan.scenarios[at].scenario.effective(self.producers))
            .collect();
        let compute_started = Instant::now();
        let outcomes = self.engine.run(&batch, self.plan.min_loss, &|done| progress.advance(done));
        self.compute_s += compute_started.elapsed().as_secs_f64();

        let write_started = Instant::now();
        let new_files = self.write_parts(part, end, &positions, &outcomes)?;
        self.files.extend(new_files);
        self.write_s += write_started.elapsed().as_secs_f64();
        for (&at, outcome) in positions.iter().zip(outcomes) {
            if self.plan.events {
                let id = self.plan.scenarios[at].scenario.id;
                self.events.extend(outcome.events.iter().map(|&event| (id, event)));
            }
            self.records[at] = Record {
                rows: outcome.sectors.len(),
                decisions: Decisions::count(&outcome.events),
                totals: outcome.totals,
            };
        }
        Ok(())
    }

    /// Writes the loss tables of some parts: encoded by all cores, synced by a thread that only
    /// waits for the disk.
    fn write_parts(
        &self,
        part: usize,
        end: usize,
        positions: &[usize],
        outcomes: &[Outcome],
    ) -> Result<Vec<FileRecord>, SinkError> {
        let (send, receive) = mpsc::channel::<(usize, usize, Pending)>();
        std::thread::scope(|scope| {
            let committer = scope.spawn(move || {
                receive
                    .into_iter()
                    .map(|(part, rows, pending)| {
                        let bytes = pending.commit()?;
                        let path = format!("{LOSSES}/{}", part_name(part));
                        Ok(FileRecord { path, rows, bytes })
                    })
                    .collect::<Result<Vec<_>, SinkError>>()
            });
            let failure: Mutex<Option<SinkError>> = Mutex::new(None);
            (part..end).into_par_iter().with_max_len(1).for_each_with(send, |send, part| {
                let of_part = self.positions(part, part + 1);
                let from = positions.partition_point(|&at| at < of_part.start);
                let to = positions.partition_point(|&at| at < of_part.end);
                let of_part: Vec<ScenarioOutcome<'_>> = (from..to)
                    .map(|n| {
                        let scenario = &self.plan.scenarios[positions[n]].scenario;
                        ScenarioOutcome {
                            scenario: scenario.id,
                            adaptation: scenario.adaptation.is_some(),
                            outcome: &outcomes[n],
                        }
                    })
                    .collect();
                match self.writer.write(&self.folder.part(part), &of_part) {
                    // A closed channel means the committer failed; it reports that itself.
                    Ok((pending, rows)) => drop(send.send((part, rows, pending))),
                    Err(error) => {
                        let mut failure = failure.lock().unwrap_or_else(|p| p.into_inner());
                        failure.get_or_insert(error);
                    }
                }
            });
            let committed = committer.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
            match failure.into_inner().unwrap_or_else(|p| p.into_inner()) {
                Some(error) => Err(error),
                None => committed,
            }
        })
    }

    fn write_scenarios(&mut self) -> Result<(), SinkError> {
        let rows: Vec<ScenarioRow<'_>> = self
            .plan
            .scenarios
            .iter()
            .zip(self.has_effect)
            .zip(&self.records)
            .map(|((named, &has_effect), record)| ScenarioRow {
                scenario: &named.scenario,
                name: &named.name,
                status: if has_effect { Status::Run } else { Status::NoOp },
                switches: Some(named.switches.to_string())
                    .filter(|text| !text.is_empty() && named.scenario.adaptation.is_some()),
                totals: record.totals.clone(),
                decisions: record.decisions,
                rows: record.rows,
            })
            .collect();
        let path = self.folder.root().join(SCENARIOS);
        let baseline = self.engine.baseline().last();
        let overshoot = self.plan.overshoot;
        let bytes = scenarios::write(&path, &self.plan.dataset, baseline, overshoot, &rows)?;
        self.files.push(FileRecord { path: SCENARIOS.to_string(), rows: rows.len(), bytes });
        Ok(())
    }

    fn write_areas(&mut self) -> Result<(), SinkError> {
        let bytes = areas::write(&self.folder.root().join(AREAS), &self.plan.dataset)?;
        let rows = self.plan.dataset.labels.areas.len();
        self.files.push(FileRecord { path: AREAS.to_string(), rows, bytes });
        Ok(())
    }

    fn write_traces(&mut self) -> Result<(), SinkError> {
        if self.plan.trace.is_empty() {
            return Ok(());
        }
        let chosen = |id: &u32| self.plan.trace.binary_search(id).is_ok();
        let rows = AtomicUsize::new(0);
        let traces: Vec<ScenarioTrace> = self
            .plan
            .scenarios
            .iter()
            .filter(|s| chosen(&s.scenario.id))
            .map(|named| {
                let scenario = named.scenario.effective(self.producers);
                let steps = self.engine.trace(&scenario, self.plan.min_loss, 0..self.plan.steps);
                rows.fetch_add(steps.iter().map(|o| o.sectors.len()).sum(), Ordering::Relaxed);
                let adaptation = scenario.adaptation.is_some();
                ScenarioTrace { id: scenario.id, adaptation, steps }
            })
            .collect();
        let path = self.folder.root().join(TRACE);
        let baseline = self.engine.baseline();
        let bytes = trace::write(&path, &self.plan.dataset, baseline, &traces)?;
        self.files.push(FileRecord { path: TRACE.to_string(), rows: rows.into_inner(), bytes });
        Ok(())
    }

    /// Compares the plan's pairs with their sum, if the job asks for it.
    fn write_superposition(&mut self) -> Result<Option<SuperpositionRecord>, SinkError> {
        let Some(asked) = &self.plan.superposition else { return Ok(None) };
        let pairs: Vec<Pair> = self
            .plan
            .scenarios
            .iter()
            .filter_map(|named| {
                let scenario = &named.scenario;
                let shocks = [*scenario.shocks.first()?, *scenario.shocks.get(1)?];
                Some(Pair { id: scenario.id, shocks, adaptation: scenario.adaptation })
            })
            .collect();
        // Run both ways, a pair's stages hold the run without adaptation.
        let is_last = |at: usize| pairs.get(at + 1).is_none_or(|next| next.id != pairs[at].id);
        let pairs: Vec<Pair> =
            (0..pairs.len()).filter(|&at| is_last(at)).map(|at| pairs[at].clone()).collect();
        let mut runner = PairRunner::new(self.engine, &self.plan.dataset, &asked.counted);
        let files = superposition::write(self.folder, &mut runner, asked, &pairs, &|_| {})?;
        self.files.extend(files);
        Ok(Some(superposition::record(asked, pairs.len() as u64)))
    }

    fn write_events(&mut self) -> Result<(), SinkError> {
        if !self.plan.events {
            return Ok(());
        }
        let path = self.folder.root().join(EVENTS);
        let bytes = events::write(&path, &self.plan.dataset, &self.events)?;
        self.files.push(FileRecord { path: EVENTS.to_string(), rows: self.events.len(), bytes });
        Ok(())
    }
}
