//! The scenarios of a part against what fewer of their shocks do.

use std::sync::Mutex;

use crate::engine::{Engine, EngineError};
use crate::job::Plan;
use crate::results::superposition;
use crate::results::superposition::{PartRows, SuperpositionRow};
use crate::results::triples::{self, TripleRow};
use crate::scenario::Scenario;
use crate::sink::SinkError;
use crate::sink::folder::{DIFFERENCE_ITEMS, RECEIVERS, SUPERPOSITION, TRIPLES};
use crate::sink::target::Content;
use crate::superposition::{Pair, ShockSet};
use crate::sweep::sets::SetRunner;
use crate::sweep::superposition::PairRunner;

/// What a plan's comparisons are run on.
pub(super) enum Runner<'a> {
    /// Pairs against their sum.
    Pairs(Box<Mutex<PairRunner<'a>>>),
    /// Triples against what their pairs explain.
    Triples(Box<SetRunner<'a>>),
}

/// What a part's scenarios came to.
#[derive(Default)]
pub(super) struct Compared {
    pairs: Vec<SuperpositionRow>,
    triples: Vec<TripleRow>,
    parts: PartRows,
}

impl<'a> Runner<'a> {
    /// The runner of a plan; `None` where it compares nothing.
    pub(super) fn new(plan: &'a Plan, engine: &'a dyn Engine) -> Option<Self> {
        let asked = plan.superposition.as_ref()?;
        let (dataset, counted) = (&plan.dataset, asked.counted.as_slice());
        Some(match asked.shocks {
            3 => {
                let runner = SetRunner::new(engine, dataset, counted, plan.overshoot);
                Runner::Triples(Box::new(runner))
            }
            _ => {
                let runner = PairRunner::new(engine, dataset, counted);
                Runner::Pairs(Box::new(Mutex::new(runner.with_overshoot(plan.overshoot))))
            }
        })
    }

    /// Compares scenarios, neighbours of which may be one run both ways.
    pub(super) fn compare<'s>(
        &self,
        plan: &Plan,
        scenarios: impl Iterator<Item = &'s Scenario>,
    ) -> Result<Compared, EngineError> {
        let Some(asked) = &plan.superposition else { return Ok(Compared::default()) };
        let (stages, above) = (asked.job.stages, Some(asked.parts_above()));
        // Run both ways, the stages of the second hold the run without adaptation.
        let mut last: Vec<&Scenario> = Vec::new();
        for scenario in scenarios {
            if last.last().is_some_and(|before| before.id == scenario.id) {
                last.pop();
            }
            last.push(scenario);
        }
        match self {
            Runner::Pairs(runner) => {
                let mut runner = runner.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                let pair = |scenario: &&Scenario| {
                    let shocks = [*scenario.shocks.first()?, *scenario.shocks.get(1)?];
                    Some(Pair { id: scenario.id, shocks, adaptation: scenario.adaptation })
                };
                let pairs: Vec<Pair> = last.iter().filter_map(pair).collect();
                let (pairs, parts) = runner.rows(&pairs, stages, above, &|_| {});
                runner.check()?;
                Ok(Compared { pairs, parts, ..Compared::default() })
            }
            Runner::Triples(runner) => {
                let set = |scenario: &&Scenario| ShockSet {
                    id: scenario.id,
                    shocks: scenario.shocks.clone(),
                    adaptation: scenario.adaptation,
                };
                let sets: Vec<ShockSet> = last.iter().map(set).collect();
                let (triples, parts) = runner.triples(&sets, stages, above)?;
                Ok(Compared { triples, parts, ..Compared::default() })
            }
        }
    }
}

impl Compared {
    /// Pairs, or triples; and of these, those that have diverged.
    pub(super) fn counts(&self) -> [u64; 2] {
        let pairs = self.pairs.iter().filter(|row| row.superposition.diverged).count();
        let triples = self.triples.iter().filter(|row| row.sums.diverged).count();
        [self.pairs.len() + self.triples.len(), pairs + triples].map(|count| count as u64)
    }

    /// The tables that a plan asks for.
    pub(super) fn tables<'t>(
        &self,
        plan: &Plan,
        tables: &mut Vec<(&'static str, Content<'t>)>,
    ) -> Result<(), SinkError> {
        let Some(asked) = &plan.superposition else { return Ok(()) };
        let dataset = &plan.dataset;
        tables.push(match asked.shocks {
            3 => (TRIPLES, Content::Rows(triples::batch(dataset, &self.triples)?)),
            _ => (SUPERPOSITION, Content::Rows(superposition::batch(dataset, &self.pairs)?)),
        });
        if asked.job.receivers.is_some() {
            let rows = superposition::batch_of_receivers(dataset, &self.parts.receivers)?;
            tables.push((RECEIVERS, Content::Rows(rows)));
        }
        if asked.job.items.is_some() {
            let rows = superposition::batch_of_items(dataset, &asked.counted, &self.parts.items)?;
            tables.push((DIFFERENCE_ITEMS, Content::Rows(rows)));
        }
        Ok(())
    }
}
