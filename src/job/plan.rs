//! The plan: a job checked against its dataset, ready to run.

use std::path::{Path, PathBuf};

use super::file::{EngineKind, JobFile, SYNTHETIC, ScenarioSet};
use super::{Adaptation, JobError};
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::dataset::{Dataset, import, store};
use crate::scenario::{NamedScenario, Scenario, ScenarioProblem, set, spec, table};
use crate::sink::manifest::ResolvedJob;

/// Steps a run may have at most: the model is yearly, and memory grows with the steps.
const MAX_STEPS: usize = 1000;

/// Everything a run needs, validated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The data.
    pub dataset: Dataset,
    /// Dataset as given, for the manifest: a name, or the last part of a path.
    pub dataset_given: String,
    /// Engine.
    pub engine: EngineKind,
    /// Yearly steps.
    pub steps: usize,
    /// Whether areas adapt.
    pub adaptation: Adaptation,
    /// Name of the scenario set.
    pub set: &'static str,
    /// Scenarios, ascending by identifier.
    pub scenarios: Vec<NamedScenario>,
    /// What the user should know before the run.
    pub notes: Vec<String>,
    /// Result folder.
    pub output: PathBuf,
    /// Absolute loss above which rows are written, tonnes.
    pub min_loss: f64,
    /// Whether loss tables are compressed.
    pub compress: bool,
    /// Scenarios whose every step is written, ascending.
    pub trace: Vec<u32>,
}

impl Plan {
    /// Checks a job against its dataset, which is loaded here.
    ///
    /// # Errors
    /// Anything in the job or the dataset that would keep it from running.
    pub fn new(job: &JobFile) -> Result<Self, JobError> {
        let value = |key, value: String, expected: &str| {
            Err(JobError::Value { key, value, expected: expected.to_string() })
        };
        if !(1..=MAX_STEPS).contains(&job.steps) {
            return value("steps", job.steps.to_string(), &format!("1 to {MAX_STEPS}"));
        }
        let min_loss = job.output.min_loss;
        if !(min_loss.is_finite() && min_loss >= 0.0) {
            return value("min_loss", min_loss.to_string(), "tonnes, 0 or more");
        }
        let output = job.output.folder.clone().ok_or(JobError::NoOutput)?;
        let dataset = open_dataset(&job.dataset)?;
        let dims = dataset.dimensions();
        for (what, count) in [("areas", dims.areas), ("items", dims.items)] {
            // Label columns of results have 16-bit keys.
            let limit = i16::MAX as usize;
            if count > limit {
                return Err(JobError::TooLarge { what, count, limit });
            }
        }
        let mut notes = Vec::new();
        let scenarios = scenarios(&job.scenarios, &dataset, &mut notes)?;
        let mut trace = job.output.trace.clone();
        trace.sort_unstable();
        trace.dedup();
        for &id in &trace {
            if scenarios.binary_search_by_key(&id, |s| s.scenario.id).is_err() {
                return Err(JobError::Trace(id));
            }
        }
        Ok(Plan {
            dataset_given: given_name(&job.dataset),
            dataset,
            engine: job.engine,
            steps: job.steps,
            adaptation: job.adaptation,
            set: job.scenarios.name(),
            scenarios,
            notes,
            output,
            min_loss,
            compress: job.output.compression == super::file::Compression::Zstd,
            trace,
        })
    }

    /// The job as the manifest records it.
    pub fn resolved(&self) -> ResolvedJob {
        ResolvedJob {
            dataset: self.dataset_given.clone(),
            engine: self.engine.to_string(),
            steps: self.steps,
            adaptation: false,
            scenarios: self.set.to_string(),
            trace: self.trace.clone(),
        }
    }
}

/// Opens the built-in world, a folder in shocksweep's own form, or one in the published layout.
///
/// # Errors
/// There is no dataset of this name, or it cannot be used.
pub fn open_dataset(given: &str) -> Result<Dataset, JobError> {
    if given == SYNTHETIC {
        return Ok(synthesize(&SynthOptions::default())?);
    }
    let path = Path::new(given);
    if store::is_own_form(path) {
        return Ok(store::read(path)?);
    }
    if import::is_published_layout(path) {
        return Ok(import::import(path, &import::ImportOptions::default())?);
    }
    Err(JobError::NoDataset(path.to_path_buf()))
}

/// The last part of a path: what a result may say of where its data lay.
fn given_name(dataset: &str) -> String {
    let name = Path::new(dataset).file_name().map(|n| n.to_string_lossy().into_owned());
    name.unwrap_or_else(|| dataset.to_string())
}

fn scenarios(
    set: &ScenarioSet,
    dataset: &Dataset,
    notes: &mut Vec<String>,
) -> Result<Vec<NamedScenario>, JobError> {
    match set {
        ScenarioSet::AllSingle => Ok(set::all_single(dataset)),
        ScenarioSet::Table { table } => {
            let table = table::read(table, dataset)?;
            if table.wants_adaptation > 0 {
                notes.push(format!(
                    "{} of the table's {} scenarios ask for adaptation; this version runs every \
                     scenario without it (column `adaptation` of scenarios.parquet is false)",
                    table.wants_adaptation,
                    table.scenarios.len()
                ));
            }
            Ok(table.scenarios)
        }
        ScenarioSet::List { list } => {
            if list.is_empty() {
                return Err(JobError::Value {
                    key: "scenarios.list",
                    value: "empty".to_string(),
                    expected: "at least one scenario".to_string(),
                });
            }
            list.iter()
                .enumerate()
                .map(|(at, listed)| {
                    let scenario = || -> Result<Scenario, ScenarioProblem> {
                        let mut shocks = Vec::new();
                        for s in &listed.shocks {
                            shocks.extend(spec::shocks(&s.area, &s.item, s.phi, dataset)?);
                        }
                        if shocks.is_empty() {
                            return Err(ScenarioProblem::Empty);
                        }
                        Scenario::new(at as u32, shocks, &dataset.labels)
                    };
                    let name = listed.name.clone();
                    match scenario() {
                        Ok(scenario) => Ok(NamedScenario { scenario, name }),
                        Err(problem) => Err(JobError::Scenario { number: at + 1, name, problem }),
                    }
                })
                .collect()
        }
    }
}
