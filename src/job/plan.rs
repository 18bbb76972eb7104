//! The plan: a job checked against its dataset, ready to run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shocksweep_columnar::read;

use super::file::{EngineKind, JobFile, Losses, SYNTHETIC};
use super::identity::{given_name, hash_of, identity};
use super::superposition::{self, Keep, SuperpositionPlan};
use super::{Adaptation, JobError, limits, memory, regions, sets};
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::dataset::{self, Dataset};
use crate::engine::Precision;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::MAX_STEPS;
use crate::objects::address;
use crate::scenario::{NamedScenario, Response, ScenarioId, Shock};
use crate::whatif::{self, Change, ChangeRow};

/// Everything a run needs, validated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// Dataset as given, for the manifest: a name, or the last part of a path.
    pub dataset_given: String,
    /// Engine.
    pub engine: EngineKind,
    /// Why this engine, where it was chosen: see [`crate::sweep::choice`].
    pub engine_why: Option<String>,
    /// Which graphics device, for the gpu engine.
    pub device: DeviceChoice,
    /// Yearly steps.
    pub steps: usize,
    /// Whether areas adapt, if the job decides it for all scenarios.
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model that hold unless a scenario has its own.
    pub adaptive: AdaptationSettings,
    /// Name of the scenario set.
    pub set: &'static str,
    /// Scenarios, ascending by identifier; one that is run both ways comes twice, first without
    /// adaptation. Shared: plans that differ in their folder alone do not copy them.
    pub scenarios: Arc<Vec<NamedScenario>>,
    /// What the user should know before the run.
    pub notes: Vec<String>,
    /// Result folder, where the job names one; a result in memory needs none.
    pub output: Option<PathBuf>,
    /// Absolute loss above which rows are written, tonnes.
    pub min_loss: f64,
    /// Whether loss tables are compressed.
    pub compress: bool,
    /// Which losses are written.
    pub losses: Losses,
    /// Scenarios whose every step is written, ascending.
    pub trace: Vec<ScenarioId>,
    /// Whether every decision of every sector is written.
    pub events: bool,
    /// How pairs of shocks are compared with their sum, if they are.
    pub superposition: Option<SuperpositionPlan>,
    /// Multiple of the baseline above which a sector's available amount is flagged.
    pub overshoot: f64,
    /// Memory that the run may use, bytes.
    pub memory_limit: u64,
    /// The job as written, every default filled in and without folders: what must be equal for
    /// two runs to be the same.
    pub job: serde_json::Value,
    /// BLAKE3 of the scenario table, if the job has one.
    pub table_hash: Option<String>,
    /// Changes that made the dataset from the one the job names.
    pub change: Vec<Change>,
}

impl Plan {
    /// Checks a job against its dataset, which is loaded here.
    ///
    /// # Errors
    /// Anything in the job or the dataset that would keep it from running.
    pub fn new(job: &JobFile) -> Result<Self, JobError> {
        check_values(job)?;
        Plan::on(Arc::new(open_dataset(&job.dataset)?), job)
    }

    /// Checks a job against a dataset in memory, whatever name the job gives it.
    ///
    /// # Errors
    /// Anything in the job or the dataset that would keep it from running.
    pub fn on(dataset: Arc<Dataset>, job: &JobFile) -> Result<Self, JobError> {
        Plan::with(dataset, job, None)
    }

    /// Checks a job with other scenarios than those it names: made in memory, ascending by
    /// identifier. The result says that they came from a table.
    ///
    /// # Errors
    /// As [`Plan::on`].
    pub fn of_scenarios(
        dataset: Arc<Dataset>,
        job: &JobFile,
        scenarios: Vec<NamedScenario>,
    ) -> Result<Self, JobError> {
        Plan::with(dataset, job, Some(scenarios))
    }

    fn with(
        dataset: Arc<Dataset>,
        job: &JobFile,
        given: Option<Vec<NamedScenario>>,
    ) -> Result<Self, JobError> {
        check_values(job)?;
        // What decides about the bytes is what a table of regions says, not where it lies.
        let job = &regions::resolved(job)?;
        let (dataset, changes) = changed(dataset, job)?;
        let is_given = given.is_some();
        let device = device_choice(job)?;
        let memory_limit = match &job.memory_limit {
            Some(text) => memory::parse(text)?,
            None => memory::default_limit(),
        };
        let dims = dataset.dimensions();
        limits::check_size(dims)?;
        let traced =
            job.output.trace.len() * (1 + usize::from(job.adaptation == Some(Adaptation::Both)));
        limits::check_memory(&limits::of_run(dims, job.steps, traced), memory_limit)?;
        let mut notes = whatif::told(&changes);
        let mut superposition = SuperpositionPlan::new(job, &dataset)?;
        if let Some(asked) = &superposition
            && let Some(grid) = &asked.grid
        {
            let needs = limits::of_screening(dims, grid.shocks().len(), asked.job.top);
            limits::check_memory(&needs, memory_limit)?;
        }
        let given = match (given, &superposition) {
            (Some(given), _) => given,
            (None, Some(s)) if s.keep == Keep::Top => Vec::new(),
            (None, _) => sets::expand(job, &dataset)?,
        };
        let table_hash = match &job.scenarios {
            // What decides about the bytes is the content.
            _ if is_given => Some(hash_of(&given)),
            sets::ScenarioSet::Table { table } => {
                let io = |source| JobError::Io { path: table.clone(), source };
                let mut hasher = blake3::Hasher::new();
                let file = read::open(table).map_err(|error| io(error.into()))?;
                hasher.update_reader(file).map_err(io)?;
                Some(hasher.finalize().to_hex().to_string())
            }
            _ => None,
        };
        check_steps(&given, job.steps)?;
        let scenarios = with_adaptation(given, job, &dataset, &mut notes)?;
        if let Some(asked) = &mut superposition {
            asked.shocks = superposition::shocks_of_each(&scenarios)?;
        }
        let needed = bytes(&scenarios);
        if needed > memory_limit / 2 {
            return Err(JobError::Memory { scenarios: scenarios.len(), needed, memory_limit });
        }
        let trace = limits::traced(job, &scenarios)?;
        Ok(Plan {
            dataset_given: given_name(&job.dataset),
            adaptive: job.adaptive.settings_for(&dataset).unwrap_or_default(),
            dataset,
            engine: job.engine,
            engine_why: None,
            device,
            steps: job.steps,
            adaptation: job.adaptation,
            set: if is_given { "table" } else { job.scenarios.name() },
            scenarios: Arc::new(scenarios),
            notes,
            output: job.output.folder.clone(),
            min_loss: job.output.min_loss,
            compress: job.output.compression == super::file::Compression::Zstd,
            losses: job.output.losses,
            trace,
            events: job.output.events,
            superposition,
            overshoot: job.output.overshoot,
            memory_limit,
            job: identity(job),
            table_hash,
            change: job.change.clone(),
        })
    }

    /// Memory that the scenarios take, bytes.
    pub fn bytes(&self) -> u64 {
        bytes(&self.scenarios)
    }
}

/// Refuses numbers that no job can have, before its dataset is loaded.
fn check_values(job: &JobFile) -> Result<(), JobError> {
    let value = |key, value: String, expected: &str| {
        Err(JobError::Value { key, value, expected: expected.to_string() })
    };
    if !job.what_if.is_empty() {
        let count = format!("a list of {}", job.what_if.len());
        return value("what-if", count, "no sets in a single plan; `run` runs a plan of each");
    }
    if !(1..=MAX_STEPS).contains(&job.steps) {
        return value("steps", job.steps.to_string(), &format!("1 to {MAX_STEPS}"));
    }
    let min_loss = job.output.min_loss;
    if !(min_loss.is_finite() && min_loss >= 0.0) {
        return value("min_loss", min_loss.to_string(), "tonnes, 0 or more");
    }
    let overshoot = job.output.overshoot;
    if !(overshoot.is_finite() && overshoot >= 1.0) {
        return value("overshoot", overshoot.to_string(), "a multiple of the baseline, 1 or more");
    }
    device_choice(job).map(drop)
}

/// Refuses shocks that start after the last step.
fn check_steps(scenarios: &[NamedScenario], steps: usize) -> Result<(), JobError> {
    for named in scenarios {
        let late = |shock: &&Shock| shock.phi > 0.0 && shock.course.from as usize >= steps;
        if let Some(shock) = named.scenario.shocks.iter().find(late) {
            return Err(JobError::NeverActs {
                scenario: named.scenario.id,
                name: named.name.clone(),
                from: shock.course.from,
                last: steps - 1,
            });
        }
    }
    Ok(())
}

/// The dataset with the job's changes, and what they do.
fn changed(
    dataset: Arc<Dataset>,
    job: &JobFile,
) -> Result<(Arc<Dataset>, Vec<ChangeRow>), JobError> {
    if job.change.is_empty() {
        return Ok((dataset, Vec::new()));
    }
    let (changed, rows) = whatif::apply(&dataset, &job.change)?;
    Ok((Arc::new(changed), rows))
}

/// Memory that scenarios take, bytes.
fn bytes(scenarios: &[NamedScenario]) -> u64 {
    let bytes = |named: &NamedScenario| {
        size_of::<NamedScenario>()
            + named.name.capacity()
            + std::mem::size_of_val(named.scenario.shocks.as_slice())
    };
    scenarios.iter().map(|named| bytes(named) as u64).sum()
}

/// The graphics device that a job asks for.
///
/// # Errors
/// It asks for one, or for f32, without the engine that uses it.
fn device_choice(job: &JobFile) -> Result<DeviceChoice, JobError> {
    let choice = DeviceChoice {
        device: job.device.clone(),
        allow_software: job.allow_software,
        precision: job.precision,
    };
    check_device(job.engine, &choice)?;
    Ok(choice)
}

/// Checks that a device is asked for only where one is used.
///
/// # Errors
/// The engine has no use for it.
pub fn check_device(engine: EngineKind, choice: &DeviceChoice) -> Result<(), JobError> {
    let expected = || format!("nothing with the {engine} engine: only `gpu` has it");
    if engine == EngineKind::Gpu {
        return Ok(());
    }
    let device = choice.device.as_ref().filter(|_| engine != EngineKind::Auto);
    if let Some(device) = device {
        return Err(JobError::Value { key: "device", value: device.clone(), expected: expected() });
    }
    if choice.precision == Some(Precision::F32) {
        let value = Precision::F32.to_string();
        return Err(JobError::Value { key: "precision", value, expected: expected() });
    }
    Ok(())
}

/// Opens the built-in world, a folder in shocksweep's own form or in the published layout, or a dataset in
/// shocksweep's own form at an address in a store.
///
/// # Errors
/// There is no dataset of this name, or it cannot be used.
pub fn open_dataset(given: &str) -> Result<Dataset, JobError> {
    if given == SYNTHETIC {
        return Ok(synthesize(&SynthOptions::default())?);
    }
    let path = Path::new(given);
    if let Some(address) = address(path)? {
        return Ok(dataset::open_stored(&address)?);
    }
    dataset::open(path)?.ok_or_else(|| JobError::NoDataset(path.to_path_buf()))
}

/// Gives every scenario its switches: those of the job, or its own; run both ways it comes twice.
fn with_adaptation(
    given: Vec<NamedScenario>,
    job: &JobFile,
    dataset: &Dataset,
    notes: &mut Vec<String>,
) -> Result<Vec<NamedScenario>, JobError> {
    let mut planned = Vec::with_capacity(given.len());
    let mut substitutes = false;
    for named in given {
        let scenario = named.scenario.id;
        let (off, on) = match (job.adaptation, named.wants_adaptation) {
            (Some(Adaptation::Both), _) => (true, true),
            (Some(Adaptation::Off), _) | (None, Some(Response::Static)) => (true, false),
            (Some(Adaptation::On), _) | (None, Some(Response::Adaptive) | None) => (false, true),
        };
        // Wrong switches are wrong even in a run that does not use them.
        let settings = named.switches.or(job.adaptive).settings_for(dataset);
        let settings = settings.map_err(|problem| JobError::Switch { scenario, problem })?;
        let run = |named: NamedScenario, adaptation| NamedScenario {
            scenario: named.scenario.with_adaptation(adaptation),
            ..named
        };
        if off && on {
            planned.push(run(named.clone(), None));
        } else if off {
            planned.push(run(named, None));
            continue;
        }
        if dataset.rules.is_none() {
            return Err(JobError::NoRules(scenario));
        }
        substitutes |= settings.substitution;
        planned.push(run(named, Some(settings)));
    }
    if substitutes && dataset.substitutability.is_none() {
        notes.push("the dataset has no substitutability: nothing is substituted".to_string());
    }
    Ok(planned)
}
