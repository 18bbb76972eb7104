//! The job file: a TOML file, every key optional but the ones marked.
//!
//! ```toml
//! dataset = "synthetic"      # or a folder: shocksweep's own form, or the published layout
//! engine = "cpu"             # "reference" | "cpu" | "gpu"
//! # device = "H100"          # for gpu: number or name, as `shocksweep devices` lists them
//! # precision = "f64"        # for gpu: "f64" | "f32"; f64 by default, where the device has it
//! # allow_software = false   # for gpu: whether a software adapter will do
//! steps = 10                 # yearly steps
//! # memory_limit = "4 GiB"   # what the run may use; half of the machine's memory by default
//! # regions = "regions.csv"  # regions of one's own for the scenarios: see [`super::regions`]
//! adaptation = "on"          # "on" | "off" | "both"; without it as each scenario says, else "on"
//!
//! [adaptive]                 # switches of the adaptive model; published values by default
//! substitution = true
//! relative_threshold = 0.26  # a sector adapts from this relative loss ...
//! absolute_threshold = 1000  # ... and this absolute loss (tonnes) on
//! adaptation_step = 1        # step after which sectors adapt, from 0
//! substitution_step = 2      # step after which they substitute
//! missing_rule = "published" # "published" | "keep": entries without a rule become 0, or stay
//! substitute_conflict = "last" # "last" | "max" | "product"
//! # output_cap = 3           # largest output as a multiple of the baseline's; off by default
//!
//! [scenarios]
//! set = "all-single"         # more sets: see [`super::sets`]
//! # table = "scenarios.csv"  # for "table": relative to the job file
//! # [[scenarios.list]]       # for "list"
//! # name = "Indian rice"
//! # shocks = [{ area = "IND", item = "Rice and products", phi = 1.0 }]
//! #                          # phi may be a list, one number per step; from, to, decay: see below
//! # adaptation = false       # optional, as are the switches of [adaptive], for this one alone
//!
//! # [superposition]          # pairs of shocks against their sum: see [`super::superposition`]
//! # [[what-if]]              # sets of such changes, each run against all scenarios: see [`super::policies`]
//! # [[change]]               # what if the world were another one: see [`crate::whatif`]
//!
//! [output]
//! folder = "results/single"  # required here or as --out; relative to where the program runs
//! min_loss = 0.001           # tonnes: rows are written where |al| exceeds it
//! compression = "zstd"       # "zstd" | "none"
//! losses = "all"             # "none": totals alone, no loss tables; a tenth of the time, a thousandth of the size
//! trace = [10687]            # scenarios whose every step is written
//! events = false             # whether the table of decisions is written
//! overshoot = 2.0            # sectors ending above this multiple of the baseline are flagged
//! ```

use std::fmt::{self, Display};
use std::path::Path;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::paths::toml_problem;

use super::JobError;
pub use super::output::{Compression, Losses, Output};
use super::policies::Policy;
use super::regions::OwnRegions;
use super::sets::ScenarioSet;
use super::superposition::SuperpositionJob;
use crate::engine::Precision;
use crate::model::constants::STEPS;
use crate::scenario::switches::Switches;
use crate::whatif::Change;

/// Engines a job can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The plain transcription of the model, one scenario at a time.
    Reference,
    /// The fast engine on all cores.
    Cpu,
    /// The engine on a graphics device.
    Gpu,
    /// Of the last two the faster one for what is run.
    Auto,
}

impl Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EngineKind::Reference => "reference",
            EngineKind::Cpu => "cpu",
            EngineKind::Gpu => "gpu",
            EngineKind::Auto => "auto",
        })
    }
}

/// Whether areas adapt to losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Adaptation {
    /// Badly hit sectors adapt and substitute (Baum et al. 2024).
    On,
    /// Every parameter keeps its value (Laber et al. 2023).
    Off,
    /// Every scenario is run both ways.
    Both,
}

impl Adaptation {
    /// The value in job files.
    pub fn name(self) -> &'static str {
        match self {
            Adaptation::On => "on",
            Adaptation::Off => "off",
            Adaptation::Both => "both",
        }
    }
}

/// A job as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// `"synthetic"`, or a dataset folder.
    #[serde(default = "synthetic")]
    pub dataset: String,
    /// Engine.
    #[serde(default = "cpu")]
    pub engine: EngineKind,
    /// Graphics device of the gpu engine: number or name.
    #[serde(default)]
    pub device: Option<String>,
    /// Arithmetic of the gpu engine.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Whether the gpu engine may run on a software adapter that `device` does not name.
    #[serde(default)]
    pub allow_software: bool,
    /// Yearly steps.
    #[serde(default = "ten_steps")]
    pub steps: usize,
    /// Memory that the run may use, such as `4 GiB`; without it half of the machine's.
    #[serde(default)]
    pub memory_limit: Option<String>,
    /// Regions of one's own, in place of the dataset's, wherever scenarios name some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<OwnRegions>,
    /// Whether areas adapt; without it as each scenario says, and else they do.
    #[serde(default)]
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model.
    #[serde(default)]
    pub adaptive: Switches,
    /// Which scenarios.
    pub scenarios: ScenarioSet,
    /// Whether and how pairs of shocks are compared with their sum.
    #[serde(default)]
    pub superposition: Option<SuperpositionJob>,
    /// Changes of the dataset before anything fails: see [`crate::whatif`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<Change>,
    /// Sets of changes, each of which is run: see [`super::policies`].
    #[serde(default, rename = "what-if", skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<Policy>,
    /// What to write.
    #[serde(default)]
    pub output: Output,
}

/// The dataset that needs no file.
pub const SYNTHETIC: &str = "synthetic";

fn synthetic() -> String {
    SYNTHETIC.to_string()
}

fn cpu() -> EngineKind {
    EngineKind::Cpu
}

fn ten_steps() -> usize {
    STEPS
}

impl JobFile {
    /// A job with defaults for everything but the scenarios.
    pub fn new(scenarios: ScenarioSet) -> Self {
        JobFile {
            dataset: synthetic(),
            engine: cpu(),
            device: None,
            precision: None,
            allow_software: false,
            steps: STEPS,
            memory_limit: None,
            regions: None,
            adaptation: None,
            adaptive: Switches::default(),
            scenarios,
            superposition: None,
            change: Vec::new(),
            what_if: Vec::new(),
            output: Output::default(),
        }
    }

    /// Reads a job file; the paths of a scenario table and of a table of regions are taken relative to the
    /// file's folder.
    ///
    /// # Errors
    /// The file is missing, is not TOML, or holds an unknown key or value; a table of regions cannot be read.
    pub fn read(path: &Path) -> Result<Self, JobError> {
        let io = |source| JobError::Io { path: path.to_path_buf(), source };
        let text = super::limits::read_text(path).map_err(io)?;
        let mut job = Self::parse(&text, path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if let ScenarioSet::Table { table } = &mut job.scenarios {
            *table = folder.join(&table);
        }
        job.regions = job.regions.map(|regions| regions.resolved(folder)).transpose()?;
        Ok(job)
    }

    /// Reads a job from text; `path` is for messages.
    ///
    /// # Errors
    /// As [`JobFile::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, JobError> {
        let syntax = |e: toml::de::Error| JobError::Syntax {
            path: path.to_path_buf(),
            problem: match e.span() {
                Some(span) => {
                    let line = 1 + text[..span.start].matches('\n').count();
                    format!("line {line}: {}", toml_problem(e.message()))
                }
                None => toml_problem(e.message()),
            },
        };
        let table: toml::Table = text.parse().map_err(syntax)?;
        super::keys::check(&table, "", path)?;
        if let Some(problem) = crate::hint::control_character(&table) {
            return Err(JobError::Syntax { path: path.to_path_buf(), problem });
        }
        crate::whatif::file::check_changes(&table, path)?;
        let sets = table.get("what-if").and_then(toml::Value::as_array);
        for set in sets.into_iter().flatten().filter_map(toml::Value::as_table) {
            crate::whatif::file::check_changes(set, path)?;
        }
        toml::from_str(text).map_err(syntax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<JobFile, JobError> {
        JobFile::parse(text, Path::new("job.toml"))
    }

    #[test]
    fn defaults_are_the_published_values() {
        let job = parse("[scenarios]\nset = \"all-single\"").unwrap();
        assert_eq!(job, JobFile::new(ScenarioSet::AllSingle));
        assert_eq!((job.steps, job.output.min_loss), (10, 0.001));
    }

    #[test]
    fn a_list_is_read_in_order() {
        let job = parse(
            r#"
            [scenarios]
            set = "list"
            [[scenarios.list]]
            name = "Indian rice"
            shocks = [{ area = "IND", item = "Rice and products" }]
            "#,
        )
        .unwrap();
        let ScenarioSet::List { list } = job.scenarios else { panic!("a list") };
        assert_eq!(list[0].shocks[0].phi, crate::scenario::course::Phi::One(1.0));
    }

    #[test]
    fn unknown_keys_name_the_nearest_valid_one() {
        let message = |text: &str| parse(text).unwrap_err().to_string();
        let top = message("enginee = \"cpu\"\n[scenarios]\nset = \"all-single\"");
        assert!(
            top.starts_with("job.toml: unknown key `enginee`, did you mean `engine`?"),
            "{top}"
        );
        let nested = message("[scenarios]\nset = \"all-single\"\n[output]\nminloss = 1.0");
        assert!(nested.contains("`output.minloss`, did you mean `min_loss`?"), "{nested}");
        let deep = message(
            "[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"a\"\nshocks = [{ arae = \"IND\", item = \"x\" }]",
        );
        assert!(deep.contains("`scenarios.list.shocks.arae`, did you mean `area`?"), "{deep}");
    }

    #[test]
    fn unknown_values_say_what_is_valid_and_where() {
        let message = |text: &str| parse(text).unwrap_err().to_string();
        let engine = message("engine = \"quantum\"\n[scenarios]\nset = \"all-single\"");
        assert!(engine.contains("line 1") && engine.contains("`reference`"), "{engine}");
        let syntax = message("engine = cpu");
        assert!(syntax.contains("line 1"), "{syntax}");
    }
}
