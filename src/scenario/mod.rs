//! Scenarios: which sectors fail, and how badly.
//!
//! [`selection`] selects sectors, [`pairs`] combines them, [`set`] makes scenarios of both; [`rows`] makes them
//! of rows, [`run`] tells its runs apart, [`table`] reads these from CSV or Parquet; [`spec`] reads one shock as people type it; [`switches`] are what a
//! single scenario may set for itself.

pub mod course;
mod describe;
pub use describe::percent;
pub mod kind;
pub mod pairs;
pub mod rows;
pub mod run;
pub mod selection;
pub mod set;
pub mod spec;
pub mod switches;
pub mod table;

use crate::dataset::Labels;
use crate::dataset::names::{NameError, suggestion};
use crate::model::adaptation::AdaptationSettings;
pub use crate::model::shock::{Course, Shock, ShockKind};
pub use run::{Response, RunKey, ScenarioId};
use switches::Switches;

/// A set of sectors that fail together.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Identifier in all results; stable, whatever the engine, the batches and the threads.
    pub id: ScenarioId,
    /// The shocks, ascending by sector and first step, no sector twice in one step.
    pub shocks: Vec<Shock>,
    /// How areas adapt; `None` for the static model (Laber et al. 2023).
    pub adaptation: Option<AdaptationSettings>,
}

impl Scenario {
    /// A scenario without adaptation, from shocks in any order.
    ///
    /// # Errors
    /// A sector that is shocked twice in one step.
    pub fn new(
        id: impl Into<ScenarioId>,
        mut shocks: Vec<Shock>,
        labels: &Labels,
    ) -> Result<Self, ScenarioProblem> {
        shocks.sort_by_key(|s| (s.sector, s.kind, s.course.from));
        let overlap = |pair: &&[Shock]| {
            (pair[0].sector, pair[0].kind) == (pair[1].sector, pair[1].kind)
                && pair[0].course.to >= pair[1].course.from
        };
        if let Some(twice) = shocks.windows(2).find(overlap) {
            let sector = labels.sector_name(twice[0].sector as usize);
            return Err(ScenarioProblem::ShockedTwice { sector });
        }
        Ok(Scenario { id: id.into(), shocks, adaptation: None })
    }

    /// The same shocks with other switches.
    pub fn with_adaptation(self, adaptation: Option<AdaptationSettings>) -> Self {
        Scenario { adaptation, ..self }
    }

    /// How areas respond.
    pub fn response(&self) -> Response {
        Response::from(self.adaptation.is_some())
    }

    /// What its rows in a result belong to.
    pub fn key(&self) -> RunKey {
        (self.id, self.response())
    }

    /// Whether the scenario changes nothing: no shocked sector produces anything, or every
    /// intensity is 0.
    pub fn is_no_op(&self, producers: &[bool]) -> bool {
        !self.shocks.iter().any(|s| s.has_effect(producers))
    }

    /// The scenario without the shocks that change nothing.
    ///
    /// A sector that produces nothing cannot be shocked: its start stock, which the model adds to
    /// output once, stays.
    pub fn effective(&self, producers: &[bool]) -> Scenario {
        let counts = |s: &&Shock| s.has_effect(producers);
        let shocks = self.shocks.iter().filter(counts).copied().collect();
        Scenario { id: self.id, shocks, adaptation: self.adaptation }
    }
}

/// A scenario as a set gives it: with its name, and with what it says of adaptation itself.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedScenario {
    /// The scenario; its adaptation is filled in by the job's plan.
    pub scenario: Scenario,
    /// Name given, or the shocked sectors.
    pub name: String,
    /// Whether the scenario itself asks to be run with or without adaptation.
    pub wants_adaptation: Option<Response>,
    /// Switches of this scenario alone.
    pub switches: Switches,
}

impl NamedScenario {
    /// A scenario that leaves its adaptation to the job.
    pub fn new(scenario: Scenario, name: String) -> Self {
        NamedScenario { scenario, name, wants_adaptation: None, switches: Switches::default() }
    }
}

/// Characters of a scenario's name at most.
pub const MAX_NAME: usize = 400;

/// Refuses a name that nobody reads.
///
/// # Errors
/// It has more than [`MAX_NAME`] characters.
pub fn check_name(name: &str) -> Result<(), ScenarioProblem> {
    match name.chars().count() {
        long if long > MAX_NAME => Err(ScenarioProblem::LongName(long)),
        _ => Ok(()),
    }
}

/// Words of a list, the last after `or`.
fn one_of(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => words.concat(),
    }
}

/// What can be wrong with a scenario, whatever it was read from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioProblem {
    /// A number that no table can hold.
    #[error("identifiers of scenarios go from 0 to {}, found {found}", ScenarioId::MAX)]
    Identifier {
        /// The number.
        found: ScenarioId,
    },
    /// A label that does not exist.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A name that nobody reads.
    #[error("the name of the scenario has {0} characters; expected at most {MAX_NAME}")]
    LongName(usize),
    /// An intensity outside [0, 1].
    #[error("intensity phi must lie in [0, 1], found {phi}{}", percent_hint(*phi))]
    Intensity {
        /// The value.
        phi: f64,
    },
    /// One sector twice in one step of a scenario.
    #[error("sector {sector} is shocked twice in one step of a scenario")]
    ShockedTwice {
        /// Its name.
        sector: String,
    },
    /// A window without steps.
    #[error("the window of steps {from} to {to} is empty: `to` must not be before `from`")]
    Window {
        /// First step.
        from: u32,
        /// Last step.
        to: u32,
    },
    /// A rate that is no rate.
    #[error("decay must be 0 or more per step, found {0}")]
    Decay(f64),
    /// Intensities per step together with a window or a decay, or no intensity at all.
    #[error(
        "phi as a list gives the intensity of every step, at least one; it excludes `from`, `to` and `decay`"
    )]
    Steps,
    /// A kind of shock that does not exist.
    #[error(
        "unknown kind of shock `{found}`{}; expected {}",
        suggestion(nearest),
        one_of(&ShockKind::NAMES)
    )]
    Kind {
        /// What was asked for.
        found: String,
        /// The valid kind nearest to it, if any is near.
        nearest: Option<String>,
    },
    /// A blockade without the area that is cut off.
    #[error("a blockade needs `to_area`: the area that gets nothing from the sector")]
    NoImporter,
    /// A blockade of an area against itself.
    #[error("a blockade is between two areas; `to_area` is the exporting area itself")]
    SelfBlockade,
    /// A key that a kind of shock does not have.
    #[error("`{key}` belongs to {kinds}, not to a shock of kind {kind}")]
    NotOfKind {
        /// Key.
        key: &'static str,
        /// Kinds that have it.
        kinds: &'static str,
        /// The kind given.
        kind: &'static str,
    },
    /// More intensities than any run has steps.
    #[error("phi as a list has {found} numbers; expected one per step, {limit} at most")]
    LongList {
        /// Numbers in the list.
        found: usize,
        /// Steps a run may have.
        limit: usize,
    },
    /// More shocks than a job may have.
    #[error("the scenarios up to here have more than {limit} shocks; run fewer at a time")]
    TooMany {
        /// Largest number of shocks of all scenarios together.
        limit: usize,
    },
    /// Nothing is shocked.
    #[error("a scenario needs at least one shock")]
    Empty,
    /// A group of areas or items none of which produces.
    #[error("`{area}/{item}` names no sector that produces in this dataset")]
    NoProduction {
        /// The area or areas as written.
        area: String,
        /// The item or items as written.
        item: String,
    },
    /// Text that is not a shock.
    #[error("expected `Area/Item` or `Area/Item=phi`, phi in [0, 1] or `-30%`, found `{found}`")]
    Spec {
        /// The text.
        found: String,
    },
}

/// Shocks that the scenarios of a list or a table may have together: an item `*` and intensities
/// over time make many of a few bytes.
pub const MAX_SHOCKS: usize = 20_000_000;

/// Refuses more shocks than [`MAX_SHOCKS`].
///
/// # Errors
/// `count` is larger.
pub fn check_shocks(count: usize) -> Result<(), ScenarioProblem> {
    if count <= MAX_SHOCKS { Ok(()) } else { Err(ScenarioProblem::TooMany { limit: MAX_SHOCKS }) }
}

/// Checks an intensity.
///
/// # Errors
/// It is not a number in [0, 1].
pub fn check_intensity(phi: f64) -> Result<f64, ScenarioProblem> {
    if (0.0..=1.0).contains(&phi) { Ok(phi) } else { Err(ScenarioProblem::Intensity { phi }) }
}

fn percent_hint(phi: f64) -> String {
    if phi > 1.0 && phi <= 100.0 {
        format!("; for {phi} % write {}", phi / 100.0)
    } else {
        String::new()
    }
}
