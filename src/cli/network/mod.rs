//! `shocksweep network`: trade-dependency networks, geopolitics, and models of them.

mod links;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use shocksweep_networks::NetworkError;
use shocksweep_networks::job::{ModelRows, Request, Stages, models_of, plan, prepare, run};
use shocksweep_networks::reading::layouts;
use shocksweep_networks::records::{FitRow, Mple};

pub use links::{BansArgs, LossesArgs};
pub use show::{Format, PlotArgs, ReadArgs, ReportArgs};

use super::say::say;
use super::{CliError, ink, signals};
use crate::report::network as words;

/// The commands on networks.
#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// Do all of it: networks, indicators, communities, models, bootstrap, goodness of fit.
    Run(NetworkArgs),
    /// Build dependency, cooperation and conflict networks.
    Build(NetworkArgs),
    /// Build networks and their indicators.
    Indicators(NetworkArgs),
    /// Find communities.
    Communities(NetworkArgs),
    /// Rank areas by centrality and trade.
    Rankings(NetworkArgs),
    /// Sum trade among the largest traders and among groups.
    Flows(NetworkArgs),
    /// Fit the models, with bootstrap, without goodness of fit.
    Tergm(NetworkArgs),
    /// Fit the models and compare them with networks drawn from them.
    Gof(NetworkArgs),
    /// Print the estimates of a result: as a table, as LaTeX, as HTML.
    Read(ReadArgs),
    /// Draw a picture of a result, for a paper.
    Plot(PlotArgs),
    /// Turn a result into one page that people look at.
    Report(ReportArgs),
    /// Turn conflict, or a model's least likely ties, into trade bans that `run` takes as scenarios.
    Bans(BansArgs),
    /// Take dependency networks from a result of `run`: who loses an item when whose output fails.
    Losses(LossesArgs),
}

/// Arguments of all commands that compute.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep network run jobs/networks-paper.toml         the paper's 21 models, no file needed
  shocksweep network run --sample DATA --out results/real every table, seven models per tier
  shocksweep network run --sample DATA --models models.json --bootstrap exact --out results/exact
  shocksweep network read results/real --format latex

DATA is a folder of tables, each CSV, CSV.gz or Parquet: areas (area, lat, lng, group), tiers (tier,
item), trade (year, exporter, importer, item, value), events, attributes, dyads, covariates; `synthetic`
is the sample of the program itself. Without models the paper's layouts are fitted to every tier.")]
pub struct NetworkArgs {
    /// Job file.
    #[arg(conflicts_with = "sample", required_unless_present = "sample")]
    pub job: Option<PathBuf>,
    /// Folder of tables, or `synthetic`.
    #[arg(long, value_name = "FOLDER")]
    pub sample: Option<PathBuf>,
    /// Models: a JSON file from `tier/name` to terms, or a job [default: models.json of the sample, or
    /// the paper's].
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// `exact`, or a number of replicates, 0 for none [default: exact up to 10,000 multisets of steps,
    /// else 1,000].
    #[arg(long, value_name = "exact|N")]
    pub bootstrap: Option<String>,
    /// Seed of everything that is drawn.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Networks drawn per step, 0 for no goodness of fit [default: 100].
    #[arg(long, value_name = "N")]
    pub gof: Option<usize>,
    /// Folder to write.
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write CSV beside Parquet.
    #[arg(long)]
    pub csv: bool,
    /// Write the change statistics of every pair, too.
    #[arg(long)]
    pub design: bool,
    /// Write every replicate, too.
    #[arg(long)]
    pub replicates: bool,
    /// Continue a run that was stopped; models that are done are kept.
    #[arg(long)]
    pub resume: bool,
    /// Write into a folder that is not empty.
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
}

/// Does what a command on networks asks.
///
/// # Errors
/// Input that cannot be used, or a result that cannot be written.
pub fn execute(command: NetworkCommand) -> Result<(), CliError> {
    let only = Stages::NONE;
    match command {
        NetworkCommand::Run(args) => compute(&args, Stages::ALL, None),
        NetworkCommand::Build(args) => compute(&args, Stages { networks: true, ..only }, None),
        NetworkCommand::Indicators(args) => {
            compute(&args, Stages { networks: true, indicators: true, ..only }, None)
        }
        NetworkCommand::Communities(args) => {
            compute(&args, Stages { communities: true, ..only }, None)
        }
        NetworkCommand::Rankings(args) => compute(&args, Stages { rankings: true, ..only }, None),
        NetworkCommand::Flows(args) => compute(&args, Stages { flows: true, ..only }, None),
        NetworkCommand::Tergm(args) => compute(&args, Stages { models: true, ..only }, Some(0)),
        NetworkCommand::Gof(args) => compute(&args, Stages { models: true, ..only }, None),
        NetworkCommand::Read(args) => show::print(&args),
        NetworkCommand::Plot(args) => show::plot(&args),
        NetworkCommand::Report(args) => show::page(&args),
        NetworkCommand::Bans(args) => links::cut(&args),
        NetworkCommand::Losses(args) => links::losses(&args),
    }
}

fn requested(args: &NetworkArgs) -> Result<(Request, PathBuf), CliError> {
    let (mut request, folder) = match (&args.job, &args.sample) {
        (Some(job), _) => Request::read(job)?,
        (None, Some(sample)) => (Request::of_folder(sample)?, None),
        (None, None) => return Err(CliError::Usage("give a job or --sample")),
    };
    if let Some(models) = &args.models {
        request.models = Some(models_of(models)?);
    }
    if let Some(bootstrap) = &args.bootstrap {
        let problem = |problem| NetworkError::Options(problem);
        request.bootstrap = plan(bootstrap).map_err(problem)?;
    }
    request.seed = args.seed.unwrap_or(request.seed);
    request.networks = args.gof.unwrap_or(request.networks);
    request.design |= args.design;
    request.replicates |= args.replicates;
    let out = args.out.clone().or(folder);
    let out = out.ok_or(CliError::Usage("name a folder to write with --out"))?;
    Ok((request, out))
}

fn is_occupied(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file()
}

fn compute(args: &NetworkArgs, stages: Stages, networks: Option<usize>) -> Result<(), CliError> {
    let (mut request, out) = requested(args)?;
    request.stages = stages;
    request.networks = networks.unwrap_or(request.networks);
    if is_occupied(&out) && !(args.force || args.resume) {
        let problem = format!(
            "{}: is not empty; expected a new folder, --resume to continue, or --force to write into it",
            out.display()
        );
        return Err(NetworkError::Options(problem).into());
    }
    let prepared = prepare(&request)?;
    if !args.quiet {
        ink::print(&words::inputs(&prepared))?;
    }
    let quiet = args.quiet;
    let mut progress = |what: &str, share: f64| {
        if !quiet {
            say(&format!("{:3.0} % {what}", 100.0 * share));
        }
    };
    signals::listen(quiet);
    let ended = run(&request, &prepared, &out, args.csv, &mut progress, &signals::interrupted);
    let results = ended.map_err(|error| match error {
        NetworkError::Stopped => {
            CliError::Stopped(format!("what is done is kept in {}", out.display()))
        }
        error => error.into(),
    })?;
    if !quiet {
        if stages.models {
            let (mple, fits) = joined(&results.models);
            ink::print(&report(&mple, &fits))?;
        }
        ink::print(&format!("Tables are in {}.\n", out.display()))?;
    }
    Ok(())
}

fn joined(models: &[ModelRows]) -> (Vec<Mple>, Vec<FitRow>) {
    let mple = models.iter().flat_map(|rows| rows.mple.iter().cloned()).collect();
    (mple, models.iter().flat_map(|rows| rows.fits.iter().cloned()).collect())
}

fn report(mple: &[Mple], fits: &[FitRow]) -> String {
    let estimates = words::estimates(&layouts(mple, fits));
    format!(
        "{estimates}{}\n{}{}",
        words::cautions(fits),
        words::effects(mple),
        words::goodness(fits)
    )
}
