//! Scenarios: which sectors fail, and how badly.
//!
//! [`selection`] selects sectors, [`pairs`] combines them, [`set`] makes scenarios of both; [`table`] reads
//! them from CSV or Parquet; [`spec`] reads one shock as people type it; [`switches`] are what a
//! single scenario may set for itself.

pub mod course;
pub mod kind;
pub mod pairs;
pub mod selection;
pub mod set;
pub mod spec;
pub mod switches;
pub mod table;

use crate::dataset::Labels;
use crate::dataset::names::{NameError, suggestion};
use crate::model::adaptation::AdaptationSettings;
use switches::Switches;

/// One failing sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shock {
    /// Index of the sector, `area * items + item`.
    pub sector: u32,
    /// Intensity phi in [0, 1]: the share of output lost, in the first step if it decays.
    pub phi: f64,
    /// In which steps.
    pub course: Course,
    /// What fails.
    pub kind: Kind,
}

/// What a shock takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The sector loses output.
    Production,
    /// The sector keeps what it would export.
    ExportBan,
    /// The sector imports nothing.
    ImportBan {
        /// Whether the exporters' other customers get it; else it is lost.
        reroute: bool,
    },
    /// The sector exports nothing to one area.
    Blockade {
        /// That area.
        importer: u32,
        /// Whether the exporter's other customers get it; else it is lost.
        reroute: bool,
    },
}

impl Kind {
    /// What the columns of a result say.
    pub fn recorded(name: &str, importer: Option<u32>, reroute: Option<bool>) -> Option<Self> {
        match (name, importer, reroute) {
            ("production", None, None) => Some(Kind::Production),
            ("export-ban", None, None) => Some(Kind::ExportBan),
            ("import-ban", None, Some(reroute)) => Some(Kind::ImportBan { reroute }),
            ("blockade", Some(importer), Some(reroute)) => {
                Some(Kind::Blockade { importer, reroute })
            }
            _ => None,
        }
    }

    /// The value in tables and jobs.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Production => "production",
            Kind::ExportBan => "export-ban",
            Kind::ImportBan { .. } => "import-ban",
            Kind::Blockade { .. } => "blockade",
        }
    }

    /// Area that imports nothing from the sector, for a blockade.
    pub fn to_area(self) -> Option<usize> {
        match self {
            Kind::Blockade { importer, .. } => Some(importer as usize),
            _ => None,
        }
    }

    /// Whether the exporters' other customers get what is banned; `None` where that is no question.
    pub fn reroute(self) -> Option<bool> {
        match self {
            Kind::ImportBan { reroute } | Kind::Blockade { reroute, .. } => Some(reroute),
            Kind::Production | Kind::ExportBan => None,
        }
    }
}

/// When a shock acts, and how it fades: `phi(t) = phi exp(-decay (t - from))` for `from <= t <= to`,
/// 0 in other steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// First step, from 0.
    pub from: u32,
    /// Last step; [`u32::MAX`] for all that follow.
    pub to: u32,
    /// Rate per step, 0 for a constant intensity.
    pub decay: f64,
}

impl Course {
    /// The same in every step.
    pub const CONSTANT: Course = Course { from: 0, to: u32::MAX, decay: 0.0 };
}

impl Shock {
    /// A shock of the same intensity in every step.
    pub fn new(sector: u32, phi: f64) -> Self {
        Shock { sector, phi, course: Course::CONSTANT, kind: Kind::Production }
    }

    /// Intensity in step `t`.
    pub fn at(&self, t: usize) -> f64 {
        let Course { from, to, decay } = self.course;
        let Some(since) = (t as u64).checked_sub(u64::from(from)) else { return 0.0 };
        match () {
            () if t as u64 > u64::from(to) => 0.0,
            () if decay == 0.0 => self.phi,
            () => self.phi * libm::exp(-decay * since as f64),
        }
    }

    /// Whether it changes anything: bans may, output is lost only where something is produced.
    pub fn has_effect(&self, producers: &[bool]) -> bool {
        self.phi > 0.0 && (self.kind != Kind::Production || producers[self.sector as usize])
    }

    /// Whether the intensity is the same in every step.
    pub fn is_constant(&self) -> bool {
        self.course == Course::CONSTANT
    }
}

/// The course of a shock in words: nothing for a constant one.
impl std::fmt::Display for Course {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Course { from, to, decay } = *self;
        match (from, to) {
            (0, u32::MAX) => {}
            (from, u32::MAX) => write!(f, "from step {from}")?,
            (from, to) if from == to => write!(f, "step {from}")?,
            (from, to) => write!(f, "steps {from} to {to}")?,
        }
        if decay != 0.0 {
            let space = if (from, to) == (0, u32::MAX) { "" } else { ", " };
            write!(f, "{space}decay {decay}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Course {
    type Err = String;

    /// Reads what [`Course`] displays as.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no course of a shock");
        let mut course = Course::CONSTANT;
        for clause in text.split(", ").filter(|clause| !clause.is_empty()) {
            let words: Vec<&str> = clause.split(' ').collect();
            let step = |word: &str| word.parse::<u32>().map_err(|_| wrong());
            match words[..] {
                ["from", "step", from] => course.from = step(from)?,
                ["step", at] => (course.from, course.to) = (step(at)?, step(at)?),
                ["steps", from, "to", to] => (course.from, course.to) = (step(from)?, step(to)?),
                ["decay", rate] => course.decay = rate.parse().map_err(|_| wrong())?,
                _ => return Err(wrong()),
            }
        }
        Ok(course)
    }
}

/// A set of sectors that fail together.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Identifier in all results; stable, whatever the engine, the batches and the threads.
    pub id: u32,
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
    pub fn new(id: u32, mut shocks: Vec<Shock>, labels: &Labels) -> Result<Self, ScenarioProblem> {
        shocks.sort_by_key(|s| (s.sector, s.kind, s.course.from));
        let overlap = |pair: &&[Shock]| {
            (pair[0].sector, pair[0].kind) == (pair[1].sector, pair[1].kind)
                && pair[0].course.to >= pair[1].course.from
        };
        if let Some(twice) = shocks.windows(2).find(overlap) {
            let sector = labels.sector_name(twice[0].sector as usize);
            return Err(ScenarioProblem::ShockedTwice { sector });
        }
        Ok(Scenario { id, shocks, adaptation: None })
    }

    /// The same shocks with other switches.
    pub fn with_adaptation(self, adaptation: Option<AdaptationSettings>) -> Self {
        Scenario { adaptation, ..self }
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

    /// What the scenario shocks, in words: up to three sectors, then how many more.
    pub fn describe(&self, labels: &Labels) -> String {
        let name = |shock: &Shock| {
            let sector = labels.sector_name(shock.sector as usize);
            let mut name =
                if shock.phi == 1.0 { sector } else { format!("{sector} x {}", shock.phi) };
            match shock.kind {
                Kind::Production => {}
                Kind::Blockade { importer, .. } => {
                    name += &format!(" blockade to {}", labels.areas[importer as usize].name);
                }
                kind => name += &format!(" {}", kind.name()),
            }
            if !shock.is_constant() {
                name += &format!(" ({})", shock.course);
            }
            name
        };
        let mut parts: Vec<String> = self.shocks.iter().take(3).map(name).collect();
        if self.shocks.len() > 3 {
            parts.push(format!("{} more", self.shocks.len() - 3));
        }
        parts.join(" + ")
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
    pub wants_adaptation: Option<bool>,
    /// Switches of this scenario alone.
    pub switches: Switches,
}

impl NamedScenario {
    /// A scenario that leaves its adaptation to the job.
    pub fn new(scenario: Scenario, name: String) -> Self {
        NamedScenario { scenario, name, wants_adaptation: None, switches: Switches::default() }
    }
}

/// What can be wrong with a scenario, whatever it was read from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioProblem {
    /// A label that does not exist.
    #[error("{0}")]
    Name(#[from] NameError),
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
        "unknown kind of shock `{found}`{}; expected production, export-ban, import-ban or blockade",
        suggestion(nearest)
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
    /// `*` for an area that produces nothing.
    #[error("{area} produces nothing in this dataset, so `*` names no item")]
    NoProduction {
        /// Name of the area.
        area: String,
    },
    /// Text that is not a shock.
    #[error("expected `Area/Item` or `Area/Item=phi`, phi in [0, 1], found `{found}`")]
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
