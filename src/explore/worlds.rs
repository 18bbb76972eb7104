//! The world that was opened, and those that changes make of it: each with its engines.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::ExploreError;
use super::question::{Case, Failing, Tell};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::cpu::CpuEngine;
use crate::engine::reference::ReferenceEngine;
use crate::engine::{Engine, Outcome};
use crate::exposure::What;
use crate::job::Adaptation;
use crate::measure::{Measure, MeasureKind};
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::STEPS;
use crate::scenario::switches::Switches;
use crate::scenario::{Course, Scenario, ScenarioId, ScenarioProblem, Shock, spec};
use crate::study::shock::ways;
use crate::whatif::{Change, ChangeRow, apply};

/// Changed worlds that are kept: those that were asked last.
const KEPT: usize = 3;

/// Measures that a page offers, with the kind each is.
const MEASURES: [(&str, MeasureKind); 3] =
    [("kcal", MeasureKind::Kcal), ("mass", MeasureKind::Mass), ("protein", MeasureKind::Protein)];

/// A world with its engines.
pub struct Place {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// The engine that answers.
    pub engine: CpuEngine,
    /// What was changed to get here; nothing in the world that was opened.
    pub changed: Vec<ChangeRow>,
    /// How areas adapt: as published.
    pub settings: AdaptationSettings,
    reference: OnceLock<ReferenceEngine>,
}

/// A case that was run: outcomes without and with adaptation, after every step asked for.
pub struct Ran {
    /// Where.
    pub place: Arc<Place>,
    /// What failed, without the shocks that change nothing.
    pub scenario: Scenario,
    /// In words.
    pub name: String,
    /// Outcomes by step, without and with adaptation, of the ways that were run; all empty where
    /// nothing fails.
    pub outcomes: [Option<Vec<Outcome>>; 2],
}

impl Place {
    fn new(dataset: Arc<Dataset>, changed: Vec<ChangeRow>) -> Self {
        let engine = CpuEngine::new(&dataset, STEPS);
        // Without switches of its own a dataset has those of the papers, which are valid.
        let settings = Switches::default().settings_for(&dataset).unwrap_or_default();
        Place { dataset, engine, changed, settings, reference: OnceLock::new() }
    }

    /// The plain engine, whose runs can be taken apart.
    pub fn reference(&self) -> &ReferenceEngine {
        self.reference.get_or_init(|| ReferenceEngine::new(&self.dataset, STEPS))
    }

    /// Measures that the dataset can tell losses in, the usual one first.
    pub fn measures(&self) -> Vec<&'static str> {
        let can = |kind| Measure::of(kind, &self.dataset).is_some();
        MEASURES.into_iter().filter(|&(_, kind)| can(kind)).map(|(name, _)| name).collect()
    }

    /// In what losses are told.
    ///
    /// # Errors
    /// An unknown item, or a measure that the dataset lacks.
    pub fn what(&self, tell: &Tell) -> Result<What, ExploreError> {
        match tell {
            Tell::Item(item) => Ok(What::Item(NameIndex::new(&self.dataset.labels).item(item)?)),
            Tell::Measure(name) => {
                let kind = MEASURES.iter().find(|(known, _)| known == name).map(|found| found.1);
                let measure = kind.and_then(|kind| Measure::of(kind, &self.dataset));
                // A world of trade has no measure but its own unit.
                let own = || Measure::usual(&self.dataset).filter(|own| own.name == *name);
                measure.or_else(own).map(What::Measure).ok_or_else(|| ExploreError::Measure {
                    measure: name.chars().take(40).collect(),
                    known: self.measures(),
                })
            }
        }
    }

    /// The area of a name.
    ///
    /// # Errors
    /// The name stands for no area, or for several.
    pub fn area(&self, name: &str) -> Result<usize, ExploreError> {
        Ok(NameIndex::new(&self.dataset.labels).area(name)?)
    }

    /// The scenario of what fails, without adaptation.
    ///
    /// # Errors
    /// A name is unknown, a share or a step is out of range, or a sector fails twice at a time.
    pub fn scenario(&self, failures: &[Failing]) -> Result<Scenario, ExploreError> {
        if failures.is_empty() {
            return Err(ScenarioProblem::Empty.into());
        }
        let mut shocks: Vec<Shock> = Vec::new();
        for failing in failures {
            let course = course(failing)?;
            let of = spec::shocks(&failing.area, &failing.item, failing.phi, &self.dataset)?;
            shocks.extend(of.into_iter().map(|shock| Shock { course, ..shock }));
        }
        Ok(Scenario::new(ScenarioId(0), shocks, &self.dataset.labels)?)
    }

    /// The ways to run: those asked for, as far as the dataset has rules.
    ///
    /// # Errors
    /// Adaptation is asked for, and there are no rules.
    pub fn ways(&self, asked: Option<Adaptation>) -> Result<Adaptation, ExploreError> {
        let can = ways(&self.dataset);
        match (asked, can) {
            (None, can) => Ok(can),
            (Some(Adaptation::On | Adaptation::Both), Adaptation::Off) => {
                Err(ExploreError::NoRules(self.dataset.metadata.name.clone()))
            }
            (Some(asked), _) => Ok(asked),
        }
    }

    /// Runs a scenario in the ways asked for; every loss is listed, however small.
    ///
    /// # Errors
    /// The engine fails, or a run leaves the range of numbers.
    pub fn run(
        self: &Arc<Self>,
        scenario: &Scenario,
        ways: Adaptation,
        steps: &[usize],
    ) -> Result<Ran, ExploreError> {
        let name = scenario.describe(&self.dataset);
        let scenario = scenario.effective(&self.dataset.parameters.producers());
        let is_asked = [ways != Adaptation::On, ways != Adaptation::Off];
        let mut runs = Vec::new();
        for adaptation in [None, Some(self.settings)].into_iter().zip(is_asked) {
            if adaptation.1 && !scenario.shocks.is_empty() {
                runs.push(scenario.clone().with_adaptation(adaptation.0));
            }
        }
        let mut found = self.engine.losses(&runs, steps, 0.0, &|_| {})?.of.into_iter();
        let outcomes = is_asked.map(|is_asked| {
            is_asked.then(|| match scenario.shocks.is_empty() {
                true => vec![Outcome::default(); steps.len()],
                false => found.by_ref().take(steps.len()).collect(),
            })
        });
        let of_all = outcomes.iter().flatten().flatten();
        if of_all.clone().any(|outcome: &Outcome| outcome.diverged.is_some()) {
            return Err(ExploreError::Diverged(name));
        }
        Ok(Ran { place: self.clone(), scenario, name, outcomes })
    }
}

/// The steps in which something fails; people count them from 1.
fn course(failing: &Failing) -> Result<Course, ExploreError> {
    let last = STEPS as u32;
    let (from, to) = (failing.from.unwrap_or(1), failing.to.unwrap_or(last));
    if !(1..=to).contains(&from) || to > last {
        return Err(ExploreError::Value {
            what: "years of a failure",
            found: format!("{from} to {to}"),
            expected: format!("years from 1 to {last}, the first not after the last"),
        });
    }
    let to = if to == last { u32::MAX } else { to - 1 };
    Ok(Course { from: from - 1, to, decay: 0.0 })
}

/// The world that was opened, and the changed ones asked last.
pub struct Worlds {
    /// As it was opened.
    pub base: Arc<Place>,
    changed: Mutex<Vec<(Vec<Change>, Arc<Place>)>>,
}

impl Worlds {
    /// A world, with nothing changed yet.
    pub fn new(dataset: Arc<Dataset>) -> Self {
        let base = Arc::new(Place::new(dataset, Vec::new()));
        Worlds { base, changed: Mutex::new(Vec::new()) }
    }

    /// The world with these changes.
    ///
    /// # Errors
    /// A change cannot be made.
    pub fn with(&self, changes: &[Change]) -> Result<Arc<Place>, ExploreError> {
        if changes.is_empty() {
            return Ok(self.base.clone());
        }
        let mut kept = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(of, _)| of == changes) {
            let found = kept.remove(at);
            let place = found.1.clone();
            kept.insert(0, found);
            return Ok(place);
        }
        // Before another is made: each holds matrices of its own.
        kept.truncate(KEPT - 1);
        let (dataset, rows) = apply(&self.base.dataset, changes)?;
        let place = Arc::new(Place::new(Arc::new(dataset), rows));
        kept.insert(0, (changes.to_vec(), place.clone()));
        Ok(place)
    }

    /// Runs a case.
    ///
    /// # Errors
    /// As [`Place::scenario`], [`Worlds::with`] and [`Place::run`].
    pub fn run(&self, case: &Case, steps: &[usize]) -> Result<Ran, ExploreError> {
        let place = self.with(&case.changes)?;
        let scenario = place.scenario(&case.failures)?;
        let ways = place.ways(case.ways)?;
        place.run(&scenario, ways, steps)
    }
}
