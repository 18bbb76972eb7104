//! `shocksweep trade ...`: dependency in product trade.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use shocksweep_trade::panel::import::import;
use shocksweep_trade::panel::{Amount, store};
use shocksweep_trade::study::Study;

use super::CliError;
use super::devices::DeviceArgs;
use super::say::say;
use super::signals::{interrupted, listen};
use crate::dataset::store as dataset_store;
use crate::job::EngineKind;
use crate::report::html;
use crate::report::picture::trade::{TradeKind, draw};
use crate::report::trade as text;
use crate::trade::TradeRunError;
use crate::trade::dataset::dataset;
use crate::trade::job::{ImportJob, LinkChoice, TradeJob, request};
use crate::trade::run::{Start, Watch, read, run};
use crate::trade::sweep::Machine;

/// The trade commands.
#[derive(Debug, Subcommand)]
pub enum TradeCommand {
    /// Read bilateral trade (BACI's files) and write a panel.
    Import(ImportArgs),
    /// Measure a panel: links, dependency, trade risk, tiers, clusters, regressions.
    Run(RunArgs),
    /// Test candidate links between items.
    Links(PanelArgs),
    /// Print the world's trade, and who depends on whom, without running failures.
    Indicators(PanelArgs),
    /// Make a dataset of a year: `run`, `shock`, pairs and reports work on it as on any other.
    Dataset(DatasetArgs),
    /// Run every failure of a year and print trade risk and influence.
    Risk(RiskArgs),
    /// Print what a finished study says of tiers.
    Tiers(ResultArgs),
    /// Print the clusters of a finished study.
    Clusters(ResultArgs),
    /// Print the regressions of a finished study.
    Regress(ResultArgs),
    /// Turn a finished study into one page that people look at.
    Report(ReportArgs),
    /// Draw one picture of a finished study, for a paper.
    Plot(PlotArgs),
}

/// What flows are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AmountArg {
    /// kUSD.
    Value,
    /// Tonnes; missing ones are filled with the item's value per tonne of the year.
    Quantity,
}

impl From<AmountArg> for Amount {
    fn from(amount: AmountArg) -> Self {
        match amount {
            AmountArg::Value => Amount::Value,
            AmountArg::Quantity => Amount::Quantity,
        }
    }
}

/// Arguments of `shocksweep trade import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep trade import BACI_HS07_V202601 magnets --items items.csv \\
      --areas country_codes_V202601.csv
  shocksweep trade run --panel magnets --candidates candidates.csv --out results/magnets

SRC is a file (CSV, CSV.gz, Parquet) or a folder of files with BACI's columns t, i, j, k, v, q. ITEMS
has the columns code, item, tier (raw, input, final); several codes may make one item. AREAS is BACI's
table of countries (country_code, country_name); MERGE (country_code, area) makes several areas one.")]
pub struct ImportArgs {
    /// File or folder of trade.
    pub src: PathBuf,
    /// Folder of the panel to write.
    pub panel: PathBuf,
    /// Table of items.
    #[arg(long)]
    pub items: PathBuf,
    /// Table of areas.
    #[arg(long)]
    pub areas: PathBuf,
    /// Table of merges.
    #[arg(long)]
    pub merge: Option<PathBuf>,
    /// What flows are measured by.
    #[arg(long, value_enum, default_value = "value")]
    pub amount: AmountArg,
    /// Name of the panel [default: the source's].
    #[arg(long)]
    pub name: Option<String>,
    /// Licence of the data.
    #[arg(long)]
    pub licence: Option<String>,
    /// Replace an earlier panel in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// A panel and what is known of its items.
#[derive(Debug, Args)]
pub struct PanelArgs {
    /// Folder of a panel, or `synthetic` for the built-in one.
    #[arg(default_value = "synthetic")]
    pub panel: String,
    /// Table of candidate links: input, output.
    #[arg(long)]
    pub candidates: Option<PathBuf>,
    /// Which candidates are links.
    #[arg(long, value_enum, default_value = "tested")]
    pub links: LinkChoice,
    /// Table of political stability: area, stability (0 to 100).
    #[arg(long)]
    pub stability: Option<PathBuf>,
    /// Share of what passes through that is re-exported: 0, what is exported was made at home; 1, only
    /// net exporters produce.
    #[arg(long, default_value_t = 0.0)]
    pub reexport_share: f64,
}

/// Arguments of `shocksweep trade dataset`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep trade dataset synthetic magnets2021 --year 2021
  shocksweep shock --dataset magnets2021 \"China/Permanent magnets of metal\"
  shocksweep run --dataset magnets2021 --all-single --adaptation off --out results/magnets2021")]
pub struct DatasetArgs {
    /// Panel, links.
    #[command(flatten)]
    pub of: PanelArgs,
    /// Folder of the dataset to write.
    pub out: PathBuf,
    /// Year [default: the last].
    #[arg(long)]
    pub year: Option<i32>,
    /// Replace an earlier dataset in the same folder.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `shocksweep trade risk`.
#[derive(Debug, Args)]
pub struct RiskArgs {
    /// Panel, links.
    #[command(flatten)]
    pub of: PanelArgs,
    /// Year [default: the last].
    #[arg(long)]
    pub year: Option<i32>,
    /// Engine that runs the failures.
    #[arg(long, value_enum, default_value = "cpu")]
    pub engine: EngineKind,
    /// Graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Arguments of `shocksweep trade run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep trade run jobs/rare-earths.toml
  shocksweep trade run --panel magnets --candidates candidates.csv --out results/magnets --csv

Every year's failures are run on the engine; a year that is done is on the disk and is kept by
--resume. OUT holds one Parquet table per question: links, indicators, world, parameters, losses,
profiles, tier_tests, features, clusters, regressions and more; `study.json` says how they came about.")]
pub struct RunArgs {
    /// Job file [default: the built-in panel].
    pub job: Option<PathBuf>,
    /// Folder of a panel, or `synthetic`.
    #[arg(long)]
    pub panel: Option<String>,
    /// Table of candidate links: input, output.
    #[arg(long)]
    pub candidates: Option<PathBuf>,
    /// Which candidates are links.
    #[arg(long, value_enum)]
    pub links: Option<LinkChoice>,
    /// Table of political stability: area, stability (0 to 100).
    #[arg(long)]
    pub stability: Option<PathBuf>,
    /// Share of what passes through that is re-exported, 0 to 1.
    #[arg(long)]
    pub reexport_share: Option<f64>,
    /// Years over which regressions look ahead.
    #[arg(long)]
    pub horizon: Option<usize>,
    /// Folder of the result.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Write the tables as CSV as well.
    #[arg(long)]
    pub csv: bool,
    /// Engine that runs the failures.
    #[arg(long, value_enum)]
    pub engine: Option<EngineKind>,
    /// Graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Run even what takes hours.
    #[arg(long)]
    pub any_cost: bool,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Continue an unfinished study in the same folder.
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Replace an earlier study in the same folder.
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
}

/// A finished study.
#[derive(Debug, Args)]
pub struct ResultArgs {
    /// Folder of a finished study.
    pub result: PathBuf,
}

/// Arguments of `shocksweep trade report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folder of a finished study.
    pub result: PathBuf,
    /// Page to write.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub output: PathBuf,
}

/// Arguments of `shocksweep trade plot`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep trade plot results/rare-earths --kind links -o links.svg")]
pub struct PlotArgs {
    /// Folder of a finished study.
    pub result: PathBuf,
    /// What to draw.
    #[arg(long, value_enum)]
    pub kind: TradeKind,
    /// File to write: .svg or .png.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Width of a PNG, pixels.
    #[arg(long, default_value_t = 1800, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=20_000))]
    pub width: u32,
}

/// Does what a trade command asks.
///
/// # Errors
/// The input is wrong, or the output cannot be written.
pub fn execute(command: TradeCommand) -> Result<(), CliError> {
    match command {
        TradeCommand::Import(args) => execute_import(&args),
        TradeCommand::Run(args) => execute_run(args),
        TradeCommand::Links(args) => {
            let (job, panel) = opened(&args)?;
            let study = studied(&job, &panel)?;
            print(&text::links(&study.tests, job.links))
        }
        TradeCommand::Indicators(args) => {
            let (job, panel) = opened(&args)?;
            let study = studied(&job, &panel)?;
            print(&text::indicators(&study))
        }
        TradeCommand::Dataset(args) => execute_dataset(&args),
        TradeCommand::Risk(args) => execute_risk(&args),
        TradeCommand::Tiers(args) => print(&text::tiers(&read(&args.result)?.1)),
        TradeCommand::Clusters(args) => print(&text::clusters(&read(&args.result)?.1)),
        TradeCommand::Regress(args) => print(&text::regressions(&read(&args.result)?.1)),
        TradeCommand::Report(args) => execute_report(&args),
        TradeCommand::Plot(args) => execute_plot(&args),
    }
}

fn print(text: &str) -> Result<(), CliError> {
    write!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

fn opened(args: &PanelArgs) -> Result<(TradeJob, shocksweep_trade::panel::Panel), CliError> {
    let job = TradeJob {
        panel: args.panel.clone(),
        candidates: args.candidates.clone(),
        links: args.links,
        stability: args.stability.clone(),
        reexport_share: args.reexport_share,
        ..TradeJob::default()
    };
    let panel = job.open()?;
    Ok((job, panel))
}

fn studied<'p>(
    job: &TradeJob,
    panel: &'p shocksweep_trade::panel::Panel,
) -> Result<Study<'p>, CliError> {
    let (candidates, stability) = job.evidence(panel)?;
    Ok(Study::new(panel, &candidates, stability, job.settings()?))
}

fn execute_import(args: &ImportArgs) -> Result<(), CliError> {
    let from = ImportJob {
        source: args.src.clone(),
        items: args.items.clone(),
        areas: args.areas.clone(),
        merge: args.merge.clone(),
        amount: args.amount.into(),
    };
    let panel = import(&request(&from, args.name.as_deref(), args.licence.as_deref()))
        .map_err(TradeRunError::from)?;
    store::write(&panel, &args.panel, args.force).map_err(TradeRunError::from)?;
    print(&text::imported(&panel, &args.panel))
}

/// Index of a year of the panel.
fn position(panel: &shocksweep_trade::panel::Panel, year: Option<i32>) -> Result<usize, CliError> {
    let last = panel.years.len() - 1;
    let Some(year) = year else { return Ok(last) };
    panel.position(year).ok_or_else(|| {
        let about = &panel.about;
        let text = format!(
            "the panel holds no year {year}; expected one from {} to {}",
            about.first_year, about.last_year
        );
        TradeRunError::from(shocksweep_trade::TradeError::Settings(text)).into()
    })
}

fn execute_dataset(args: &DatasetArgs) -> Result<(), CliError> {
    let (job, panel) = opened(&args.of)?;
    let study = studied(&job, &panel)?;
    let (balance, parameters) = study.model(position(&panel, args.year)?);
    let dataset = dataset(&panel, &balance, &parameters);
    dataset_store::write(&dataset, &args.out, args.force)?;
    super::dataset::announce(&dataset, &args.out)
}

fn execute_risk(args: &RiskArgs) -> Result<(), CliError> {
    let (job, panel) = opened(&args.of)?;
    let study = studied(&job, &panel)?;
    let at = position(&panel, args.year)?;
    let machine = Machine { engine: Some(args.engine), device: args.device.choice(args.engine)? };
    listen(false);
    let (found, _) = crate::trade::sweep::year(&study, at, &machine, false, &interrupted, &|_| {})?;
    print(&text::risk(&study, at, &found))
}

fn execute_run(args: RunArgs) -> Result<(), CliError> {
    if let Some(threads) = args.threads {
        // Fails only if the pool exists already, which nothing before this line makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
    let mut job = match &args.job {
        Some(path) => TradeJob::read(path)?,
        None => TradeJob::default(),
    };
    if args.job.is_none() && args.panel.is_none() {
        return Err(CliError::Usage(
            "nothing to run: give a job file, or --panel PANEL (`synthetic` for the built-in one)",
        ));
    }
    if let Some(panel) = &args.panel {
        job.panel.clone_from(panel);
        job.import = None;
    }
    job.candidates = args.candidates.or(job.candidates);
    job.links = args.links.unwrap_or(job.links);
    job.stability = args.stability.or(job.stability);
    job.reexport_share = args.reexport_share.unwrap_or(job.reexport_share);
    job.horizon = args.horizon.unwrap_or(job.horizon);
    job.engine = args.engine.unwrap_or(job.engine);
    job.any_cost |= args.any_cost;
    job.output.csv |= args.csv;
    let Some(out) = args.out.or_else(|| job.output.folder.clone()) else {
        return Err(CliError::Usage("where to? Give --out OUT, or `folder` in [output]"));
    };
    let start = match (args.resume, args.force) {
        (true, _) => Start::Resume,
        (false, true) => Start::Replace,
        (false, false) => Start::New,
    };
    let machine = Machine { engine: Some(job.engine), device: args.device.choice(job.engine)? };
    listen(args.quiet);
    let watch = Lines { quiet: args.quiet };
    let finished = run(&job, &out, start, &machine, &interrupted, &watch);
    if interrupted() && finished.is_err() {
        let years = std::fs::read_dir(out.join("years")).map_or(0, |entries| entries.count());
        return Err(CliError::Stopped(format!(
            "{years} years are on the disk in {}",
            out.display()
        )));
    }
    let finished = finished?;
    let (manifest, tables) = (&finished.manifest, &finished.tables);
    let page = html::trade::page(manifest, tables, text::takeaways(manifest, tables));
    write(&out.join("report.html"), page.as_bytes())?;
    if args.quiet { Ok(()) } else { print(&text::summary(&finished)) }
}

fn execute_report(args: &ReportArgs) -> Result<(), CliError> {
    let (manifest, tables) = read(&args.result)?;
    let page = html::trade::page(&manifest, &tables, text::takeaways(&manifest, &tables));
    write(&args.output, page.as_bytes())?;
    print(&format!("{}: the page of {}\n", args.output.display(), args.result.display()))
}

fn execute_plot(args: &PlotArgs) -> Result<(), CliError> {
    let extension = args.output.extension().map(|e| e.to_string_lossy().to_lowercase());
    let is_png = match extension.as_deref() {
        Some("png") => true,
        Some("svg") => false,
        _ => return Err(CliError::Usage("--output must end in .svg or .png")),
    };
    let (manifest, tables) = read(&args.result)?;
    let picture = draw(&manifest, &tables, args.kind)?;
    let bytes = if is_png { picture.png(args.width)? } else { picture.svg()?.into_bytes() };
    write(&args.output, &bytes)?;
    print(&format!("{}: {}\n", args.output.display(), picture.title()))
}

/// Writes a file whole or not at all.
fn write(path: &std::path::Path, bytes: &[u8]) -> Result<(), CliError> {
    shocksweep_columnar::write::whole(path, |file| file.write_all(bytes))
        .map_err(|error| TradeRunError::from(shocksweep_trade::TradeError::from(error)))?;
    Ok(())
}

/// Lines on standard error.
struct Lines {
    quiet: bool,
}

impl Watch for Lines {
    fn year(&self, year: i32) {
        if !self.quiet {
            say(&format!("running the failures of {year}"));
        }
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            say(&format!("note: {text}"));
        }
    }
}
