//! What can be wrong with a job.

use std::path::{Path, PathBuf};

use crate::dataset::DatasetError;
use crate::dataset::names::suggestion;
use crate::dataset::synth::SynthError;
use crate::hint::Hint;
use crate::scenario::selection::SelectionError;
use crate::scenario::switches::SwitchError;
use crate::scenario::table::ScenarioTableError;
use crate::scenario::{ScenarioId, ScenarioProblem};

/// A job that cannot be run as written.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The file cannot be read.
    #[error("{}: {}", path.display(), if source.kind() == std::io::ErrorKind::NotFound { "not found; expected a job file (TOML)".to_string() } else if is_result(path) { IS_RESULT.to_string() } else { source.to_string() })]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the TOML of a job.
    #[error("{}: {problem}", path.display())]
    Syntax {
        /// File.
        path: PathBuf,
        /// What the parser says, with line and column.
        problem: String,
    },
    /// A key nobody knows.
    #[error("{}: unknown key `{key}`{}; expected one of {}", path.display(), suggestion(nearest), known.join(", "))]
    UnknownKey {
        /// File.
        path: PathBuf,
        /// The key, with the tables that hold it.
        key: String,
        /// Valid key nearest to it.
        nearest: Option<String>,
        /// All valid keys there.
        known: Vec<&'static str>,
    },
    /// Regions of one's own that cannot be read, or fit no area.
    #[error("{0}")]
    Regions(String),
    /// A value out of range.
    #[error("{key} is {value}; expected {expected}")]
    Value {
        /// Key of the job file or flag of the command line.
        key: &'static str,
        /// The value.
        value: String,
        /// What is valid.
        expected: String,
    },
    /// A result folder that a job file may not name.
    #[error(
        "output.folder is `{}`; expected a folder below the one the program runs in, since a job may come from someone else", .0.display()
    )]
    Folder(PathBuf),
    /// No output folder.
    #[error("no output folder")]
    NoOutput,
    /// The dataset is no folder of either form.
    #[error("{}: {}", .0.display(), no_dataset(.0))]
    NoDataset(PathBuf),
    /// A change of the dataset that cannot be made.
    #[error(transparent)]
    WhatIf(#[from] crate::whatif::WhatIfError),
    /// The dataset cannot be used.
    #[error("{0}")]
    Dataset(#[from] DatasetError),
    /// Text that begins as the address of a store does and is none.
    #[error("{0}")]
    Store(#[from] crate::objects::StoreError),
    /// The synthetic world cannot be made.
    #[error("{0}")]
    Synth(#[from] SynthError),
    /// The scenario table cannot be used.
    #[error("{0}")]
    Table(#[from] ScenarioTableError),
    /// A scenario of the job's list is wrong.
    #[error("scenario {number} `{name}` of the list: {problem}")]
    Scenario {
        /// Position in the list, from 1.
        number: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        problem: ScenarioProblem,
    },
    /// A switch of the adaptive model that cannot be as given.
    #[error("scenario {scenario}: {problem}")]
    Switch {
        /// Identifier of the first scenario it applies to.
        scenario: ScenarioId,
        /// What is wrong.
        problem: SwitchError,
    },
    /// Adaptation asked of a dataset that has no rules.
    #[error("the dataset has no rules of adaptation, which scenario {0} needs")]
    NoRules(ScenarioId),
    /// A shock that can never act: years given for steps, or a run that ends before it.
    #[error(
        "scenario {scenario} `{name}`: a shock starts in step {from}; the run has steps 0 to {last}, a model year each"
    )]
    NeverActs {
        /// Identifier.
        scenario: ScenarioId,
        /// Name.
        name: String,
        /// First step of the shock.
        from: u32,
        /// Last step of the run.
        last: usize,
    },
    /// A scenario to trace that is not in the plan.
    #[error("trace asks for scenario {0}, which the job does not have")]
    Trace(ScenarioId),
    /// A selection that selects nothing.
    #[error("{0}")]
    Selection(#[from] SelectionError),
    /// The intensity of a generated set is out of range.
    #[error("scenarios: {0}")]
    Intensity(ScenarioProblem),
    /// More triples than are run one by one.
    #[error(
        "the set has {count} triples; up to {limit} are run one by one: select fewer sectors, or run a sample of them with `set = \"sampled-triples\"`"
    )]
    TooManyTriples {
        /// How many there are.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
    /// More pairs than are kept one by one.
    #[error(
        "the set has {count} pairs; up to {limit} are run one by one: for more, screen them with `keep = \"top\"` in [superposition]"
    )]
    TooManyPairs {
        /// Number of pairs.
        count: u64,
        /// Largest number.
        limit: u64,
    },
    /// A plan that takes too much memory by itself.
    #[error(
        "the job's {scenarios} scenarios take {:.1} GiB by themselves, more than half of the memory limit of {:.1} GiB; raise memory_limit, or run fewer at a time",
        *needed as f64 / f64::from(1 << 30),
        *memory_limit as f64 / f64::from(1 << 30)
    )]
    Memory {
        /// Number of scenarios.
        scenarios: usize,
        /// What they take, bytes.
        needed: u64,
        /// What the run may use, bytes.
        memory_limit: u64,
    },
    /// Something else that takes too much memory.
    #[error(
        "{what} may take {:.1} GiB, more than half of the memory limit of {:.1} GiB; ask for less, or raise memory_limit",
        *needed as f64 / f64::from(1 << 30),
        *memory_limit as f64 / f64::from(1 << 30)
    )]
    Needs {
        /// What takes it.
        what: String,
        /// What it may take, bytes.
        needed: u64,
        /// What the run may use, bytes.
        memory_limit: u64,
    },
    /// A sample larger than what there is.
    #[error("scenarios.count asks for {count} {what}; the selection has {}", there_are.map_or("too few to find them at random".to_string(), |n| n.to_string()))]
    Sample {
        /// Pairs or triples.
        what: &'static str,
        /// How many are wanted.
        count: usize,
        /// How many there are, if known.
        there_are: Option<u64>,
    },
    /// A screening of something that is no grid of pairs.
    #[error("a screening needs `set = \"pairs\"`; the job's set is `{0}`")]
    NoGrid(&'static str),
    /// A scenario that is neither a pair nor a triple of shocks, or not what the others are.
    #[error(
        "scenario {scenario} `{name}` has {shocks} shocks; superposition compares scenarios of two shocks each, or of three each"
    )]
    NoPair {
        /// Identifier.
        scenario: ScenarioId,
        /// Name.
        name: String,
        /// Number of shocks.
        shocks: usize,
    },
    /// A pair of shocks that change over time.
    #[error(
        "scenario {scenario} `{name}` has a ban, or a shock that changes over time; superposition compares constant losses of output"
    )]
    ChangingPair {
        /// Identifier.
        scenario: ScenarioId,
        /// Name.
        name: String,
    },
    /// A dataset larger than the result tables can hold.
    #[error("the dataset has {count} {what}; results hold at most {limit}")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

impl JobError {
    /// What would help.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            JobError::NoOutput => Some(Hint::NameFolder),
            JobError::NoRules(_) => Some(Hint::WithoutAdaptation),
            JobError::Folder(_) => Some(Hint::NameAnyFolder),
            JobError::Dataset(error) => error.hint(),
            _ => None,
        }
    }
}

/// What a folder is that has been taken for something else.
const IS_RESULT: &str =
    "this is a result folder: `report`, `aggregate`, `plot`, `status` and `verify` read it";

/// Whether a folder holds a result of this program.
fn is_result(path: &Path) -> bool {
    path.join("manifest.json").is_file() || path.join("ledger.jsonl").is_file()
}

/// Why a folder is no dataset.
fn no_dataset(path: &Path) -> String {
    let expected = "expected a folder with dataset.toml, a folder in the published layout \
                    (io_codes_alph.csv ...), or \"synthetic\"";
    match (is_result(path), path.exists()) {
        (true, _) => IS_RESULT.to_string(),
        (_, false) => format!("is no dataset: no such folder; {expected}"),
        _ => format!("is no dataset: {expected}"),
    }
}
