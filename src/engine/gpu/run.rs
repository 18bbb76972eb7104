//! Scenarios in batches, several at a time.

use std::sync::Mutex;
use std::time::Instant;

use super::batch::{Batch, acts_on_columns};
use super::device::DeviceMachine;
use super::layout::LANES;
use super::rooms::Halt;
use super::{GpuEngine, WORKERS};
use crate::engine::network::reach::Grouped;
use crate::engine::{Answers, EngineError, Precision};
use crate::scenario::{Scenario, ShockKind};

/// Answers scenario by scenario and step by step, and whether f32 may not hold its bound for a scenario.
type Found<T> = Result<(Vec<T>, Vec<bool>), EngineError>;

/// Answers of a batch: of every scenario after one step, then after the next one.
pub(super) type Answered<T> = Result<Vec<Vec<T>>, Halt>;

/// Parts that a batch is retried in.
const RETRIED_IN: usize = 4;

impl GpuEngine {
    /// Runs one batch and asks for something on the way; in smaller parts if the device has no memory for it, or a
    /// buffer no room for its decisions. Answers, and whether f32 may not hold its bound for them.
    fn batch<T>(
        &self,
        scenarios: &[&Scenario],
        ask: &(impl Fn(&mut Batch<'_>) -> Answered<T> + Sync),
    ) -> Found<T> {
        match self.attempt(scenarios, false, ask) {
            Ok(found) => Ok(found),
            Err(Halt::Failed(EngineError::OutOfMemory { .. }) | Halt::NoRoom { .. }) => {
                let part = scenarios.len().div_ceil(RETRIED_IN).next_multiple_of(LANES);
                let (mut all, mut suspects) = (Vec::new(), Vec::new());
                for part in scenarios.chunks(part) {
                    let found = self.part(part, ask).map_err(|error| match error {
                        EngineError::OutOfMemory { device, problem, .. } => {
                            EngineError::OutOfMemory { device, problem, scenarios: part.len() }
                        }
                        other => other,
                    })?;
                    all.extend(found.0);
                    suspects.extend(found.1);
                }
                Ok((all, suspects))
            }
            Err(Halt::Failed(error)) => Err(error),
        }
    }

    /// Runs a part of a batch: by the host, which needs no room beside the hits, where a buffer has none.
    fn part<T>(
        &self,
        scenarios: &[&Scenario],
        ask: &(impl Fn(&mut Batch<'_>) -> Answered<T> + Sync),
    ) -> Found<T> {
        let found = match self.attempt(scenarios, false, ask) {
            Err(Halt::NoRoom { .. }) => self.attempt(scenarios, true, ask),
            other => other,
        };
        found.map_err(|halt| match halt {
            Halt::Failed(error) => error,
            Halt::NoRoom { .. } => EngineError::OutOfMemory {
                device: self.device.adapter().name.clone(),
                problem: "more sectors are hit than a buffer holds".into(),
                scenarios: scenarios.len(),
            },
        })
    }

    /// Runs a batch until there is room for what its sectors decide: every time with as much as the last one needed.
    /// It has none only if no buffer could hold it.
    fn attempt<T>(
        &self,
        scenarios: &[&Scenario],
        by_host: bool,
        ask: &(impl Fn(&mut Batch<'_>) -> Answered<T> + Sync),
    ) -> Result<(Vec<T>, Vec<bool>), Halt> {
        loop {
            let mut machine = DeviceMachine::new(&self.device, &[&self.resident])
                .with_poison(self.options.poison)
                .with_limit(self.options.memory.unwrap_or(u64::MAX))
                .with_clock(self.options.timed);
            let mut batch = Batch::new(&self.prepared, &self.on, &mut machine, scenarios)
                .by_host(by_host)
                .timed(self.options.timed)
                .watched(self.device.precision() == Precision::F32);
            if let Some(factor) = self.options.perturb {
                batch = batch.perturbed(factor);
            }
            let found = ask(&mut batch);
            let (stages, suspects) = batch.free();
            if let Some(stages) = stages {
                *self.stages.lock().unwrap_or_else(|p| p.into_inner()) += stages;
            }
            match found {
                Err(Halt::NoRoom { fits: true }) => {}
                Err(halt) => return Err(halt),
                Ok(found) => return Ok((by_scenario(found), suspects)),
            }
        }
    }

    /// Runs scenarios in batches of like ones; answers, and whether f32 may not hold its bound for
    /// them.
    pub(super) fn on_device<T: Clone + Default + Send>(
        &self,
        (scenarios, per): (&[Scenario], usize),
        progress: &(dyn Fn(usize) + Sync),
        ask: impl Fn(&mut Batch<'_>) -> Answered<T> + Sync,
    ) -> Result<Answers<T>, EngineError> {
        let runs: Vec<Grouped<'_>> = scenarios.iter().map(Grouped::of).collect();
        let net = &self.prepared.network;
        let mut order = self.prepared.reach.order(net, &runs, &self.prepared.baseline);
        // What the host has to build has batches of its own: the others wait for nobody.
        order.sort_by_key(|&at| acts_on_columns(&scenarios[at as usize]));
        let next = Mutex::new(0);
        let found: Mutex<Found<T>> = Mutex::new(Ok((
            vec![T::default(); scenarios.len() * per],
            vec![false; scenarios.len()],
        )));
        let work = || {
            while let Some(members) = self.next_batch(scenarios, &order, &next) {
                let of: Vec<&Scenario> =
                    members.iter().map(|&at| &scenarios[at as usize]).collect();
                let started = Instant::now();
                let answers = self.batch(&of, &ask);
                let steps = self.prepared.baseline.steps() as f64;
                let seconds =
                    started.elapsed().as_secs_f64() * self.options.slowness.unwrap_or(1.0);
                self.pace.note(of.len(), seconds / steps);
                let mut found = found.lock().unwrap_or_else(|p| p.into_inner());
                match (&mut *found, answers) {
                    (Ok((all, suspected)), Ok((answers, suspects))) => {
                        for (&at, suspect) in members.iter().zip(suspects) {
                            suspected[at as usize] = suspect;
                        }
                        for (nth, answer) in answers.into_iter().enumerate() {
                            all[members[nth / per] as usize * per + nth % per] = answer;
                        }
                        progress(members.len());
                    }
                    (Ok(_), Err(error)) => *found = Err(error),
                    (Err(_), _) => {}
                }
                if found.is_err() {
                    return;
                }
            }
        };
        let workers = if self.options.timed {
            1
        } else {
            WORKERS.min(order.len().div_ceil(self.pace.size()))
        };
        if workers == 1 || rayon::current_thread_index().is_some() {
            // Batches use the thread pool: one of its threads must not wait for others that need it.
            work();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..workers {
                    scope.spawn(work);
                }
            });
        }
        let (of, suspected) = found.into_inner().unwrap_or_else(|p| p.into_inner())?;
        let doubtful = (0..suspected.len()).filter(|&at| suspected[at]).collect();
        Ok(Answers { of, doubtful, recomputed: Vec::new() })
    }

    /// The scenarios that are run next, of an order of which `next` have been taken: as many as fit.
    fn next_batch<'o>(
        &self,
        scenarios: &[Scenario],
        order: &'o [u32],
        next: &Mutex<usize>,
    ) -> Option<&'o [u32]> {
        let limit = self.device.adapter().max_binding / 16;
        let size = self.pace.size();
        let mut next = next.lock().unwrap_or_else(|p| p.into_inner());
        let start = *next;
        let mut weight = 0;
        let by_host = |at: usize| acts_on_columns(&scenarios[order[at] as usize]);
        while *next < order.len() && *next - start < size {
            let own = self.weight(&scenarios[order[*next] as usize]);
            if *next > start && (weight + own > limit || by_host(*next) != by_host(start)) {
                break;
            }
            weight += own;
            *next += 1;
        }
        Some(&order[start..*next]).filter(|members| !members.is_empty())
    }

    /// Entries that a scenario's shocks take in the largest table, at most.
    fn weight(&self, scenario: &Scenario) -> u64 {
        let net = &self.prepared.network;
        let of = |kind: ShockKind, sector: u32| match kind {
            ShockKind::Production => 1,
            ShockKind::ImportBan { .. } => {
                net.tile_links[self.prepared.dims().item_of(sector as usize)] + net.dims.areas
            }
            ShockKind::ExportBan | ShockKind::Blockade { .. } => net.dims.areas + 1,
        };
        scenario.shocks.iter().map(|shock| of(shock.kind, shock.sector) as u64).sum()
    }
}

/// Answers step by step, put scenario by scenario.
fn by_scenario<T>(by_step: Vec<Vec<T>>) -> Vec<T> {
    if by_step.len() == 1 {
        return by_step.into_iter().flatten().collect();
    }
    let count = by_step.first().map_or(0, Vec::len);
    let mut by_step: Vec<_> = by_step.into_iter().map(Vec::into_iter).collect();
    (0..count)
        .flat_map(|_| by_step.iter_mut().filter_map(Iterator::next).collect::<Vec<T>>())
        .collect()
}
