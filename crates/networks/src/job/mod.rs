//! What to compute, as a file says it and as it is checked.

mod checks;
mod file;
mod fit;
mod output;
mod result;
mod run;
mod statistics;
mod stored;

use std::path::{Path, PathBuf};

pub use checks::{DegreeClustering, DesignSum, FitMeasure, StatisticExtra};
pub use output::{ABOUT, About};
pub use result::ModelRows;
pub(crate) use run::model_steps;
pub use run::{Prepared, Progress, Results, Stop, prepare, run};
pub use stored::Stored;

use crate::error::{NetworkError, nearest};
use crate::input::Files;
use crate::networks::BuildOptions;
use crate::tergm::bootstrap::Plan;
use crate::tergm::model::{ModelsFile, paper};
use crate::tergm::simulate::Proposal;
use file::JobFile;

/// Name of the sample that needs no file.
pub const SYNTHETIC: &str = "synthetic";

/// Where the tables come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The invented sample that is part of the program.
    Synthetic,
    /// Tables.
    Files(Box<Files>),
}

/// Parts of the work; networks are always built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// The tables of networks: pmi, geopolitics.
    pub networks: bool,
    /// Indicators.
    pub indicators: bool,
    /// Communities.
    pub communities: bool,
    /// Rankings.
    pub rankings: bool,
    /// Flows.
    pub flows: bool,
    /// Models, with as many drawn networks as [`Request::networks`] says.
    pub models: bool,
}

impl Stages {
    /// Everything.
    pub const ALL: Stages = Stages {
        networks: true,
        indicators: true,
        communities: true,
        rankings: true,
        flows: true,
        models: true,
    };
    /// Nothing but what is named beside it.
    pub const NONE: Stages = Stages {
        networks: false,
        indicators: false,
        communities: false,
        rankings: false,
        flows: false,
        models: false,
    };
}

/// What to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Which parts.
    pub stages: Stages,
    /// Tables.
    pub source: Source,
    /// How networks are made.
    pub build: BuildOptions,
    /// Models; `None` = the paper's for every tier.
    pub models: Option<ModelsFile>,
    /// Bootstrap.
    pub bootstrap: Plan,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Networks drawn per step; 0 = no goodness of fit.
    pub networks: usize,
    /// How they are drawn.
    pub proposal: Proposal,
    /// Runs of each community method; 0 = no communities.
    pub community_runs: usize,
    /// Write the design too.
    pub design: bool,
    /// Write all replicates too.
    pub replicates: bool,
}

/// Default number of drawn networks per step (section 4.2.3 of the paper).
pub const NETWORKS: usize = 100;
/// Default number of community runs.
pub const COMMUNITY_RUNS: usize = 100;

impl Request {
    /// Defaults for some tables.
    pub fn new(source: Source) -> Self {
        Request {
            stages: Stages::ALL,
            source,
            build: BuildOptions::default(),
            models: None,
            bootstrap: Plan::Automatic,
            seed: 1,
            networks: NETWORKS,
            proposal: Proposal::default(),
            community_runs: COMMUNITY_RUNS,
            design: false,
            replicates: false,
        }
    }

    /// The tables of a folder, with its `models.json` where there is one.
    ///
    /// # Errors
    /// A table, or the models file, cannot be used.
    pub fn of_folder(folder: &Path) -> Result<Self, NetworkError> {
        if folder.as_os_str() == SYNTHETIC {
            return Ok(Self::new(Source::Synthetic));
        }
        if !folder.is_dir() {
            let problem = "is not a folder; expected one with the tables areas, tiers and trade";
            return Err(NetworkError::file(folder, problem));
        }
        let mut request = Self::new(Source::Files(Box::new(Files::in_folder(folder)?)));
        let models = folder.join("models.json");
        if models.is_file() {
            request.models = Some(ModelsFile::read(&models)?);
        }
        Ok(request)
    }

    /// A job file (TOML): paths in it are relative to its folder.
    ///
    /// # Errors
    /// The file is missing, or something in it cannot be meant.
    pub fn read(path: &Path) -> Result<(Self, Option<PathBuf>), NetworkError> {
        let file = JobFile::read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut request = match (&file.sample, &file.files) {
            (Some(sample), None) if sample == SYNTHETIC => Self::new(Source::Synthetic),
            (Some(sample), None) => Self::of_folder(&folder.join(sample))?,
            (None, Some(files)) => Self::new(Source::Files(Box::new(files.resolved(folder)))),
            _ => {
                let problem = "expected one of `sample` (a folder, or \"synthetic\") and [files]";
                return Err(NetworkError::file(path, problem));
            }
        };
        request.build = file.build;
        if !file.models.is_empty() {
            request.models = Some(file.models(path)?);
        }
        request.bootstrap = match &file.bootstrap {
            None => Plan::Automatic,
            Some(text) => {
                plan(&text.text()).map_err(|problem| NetworkError::file(path, problem))?
            }
        };
        request.seed = file.seed.unwrap_or(request.seed);
        request.networks = file.gof.networks.unwrap_or(NETWORKS);
        request.proposal = match file.gof.proposal.as_deref() {
            None | Some("tie-or-pair") => Proposal::TieOrPair,
            Some("pair") => Proposal::Pair,
            Some(other) => {
                let known = nearest(other, ["tie-or-pair", "pair"]);
                let problem = format!("unknown proposal `{other}`; {known}");
                return Err(NetworkError::file(path, problem));
            }
        };
        request.community_runs = file.communities.runs.unwrap_or(COMMUNITY_RUNS);
        request.design = file.output.design;
        request.replicates = file.output.replicates;
        Ok((request, file.output.folder))
    }
}

/// `exact`, `auto` or a number of replicates.
///
/// # Errors
/// Anything else.
pub fn plan(text: &str) -> Result<Plan, String> {
    match text {
        "exact" => Ok(Plan::Exact),
        "auto" => Ok(Plan::Automatic),
        text => match text.parse::<usize>() {
            Ok(draws) if draws <= 10_000_000 => Ok(Plan::Draws(draws)),
            _ => Err(format!(
                "bootstrap is `{text}`; expected exact, auto or a number of replicates up to \
                 10000000"
            )),
        },
    }
}

/// Models of a file: a models file (JSON) or a job (TOML).
///
/// # Errors
/// The file cannot be used, or has no models.
pub fn models_of(path: &Path) -> Result<ModelsFile, NetworkError> {
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
        let file = JobFile::read(path)?;
        if file.models.is_empty() {
            return Err(NetworkError::file(path, "has no [[models]]; expected some"));
        }
        return file.models(path);
    }
    ModelsFile::read(path)
}

/// The models of a request.
fn requested(request: &Request, tiers: &[&str]) -> ModelsFile {
    request.models.clone().unwrap_or_else(|| paper(tiers))
}
