//! Arguments of `shocksweep trade ...`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use shocksweep_trade::panel::Amount;

use crate::cli::devices::DeviceArgs;
use crate::job::EngineKind;
use crate::report::picture::trade::TradeKind;
use crate::trade::job::{LinkChoice, TradeJob, WeightChoice};

/// The trade commands.
#[derive(Debug, Subcommand)]
pub enum TradeCommand {
    /// Read bilateral trade (BACI's files) and write a panel.
    Import(ImportArgs),
    /// Measure a panel: links, dependency, trade risk, tiers, clusters, regressions.
    Run(TradeRunArgs),
    /// Test candidate links between items.
    Links(PanelArgs),
    /// Print the world's trade, and who depends on whom, without running failures.
    Indicators(PanelArgs),
    /// Make a dataset of a year: `run`, `shock`, pairs and reports work on it as on any other.
    Dataset(DatasetArgs),
    /// Run every failure of a year and print trade risk and influence.
    Risk(RiskArgs),
    /// Compare tiers with all items: of a panel, or of a finished study.
    Tiers(MeasureArgs),
    /// Group areas that depend alike: of a panel, or of a finished study.
    Clusters(MeasureArgs),
    /// Regress what follows on dependency: of a panel, or of a finished study.
    Regress(MeasureArgs),
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
    /// What is known of its items.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
}

/// What is known of the items of a panel.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    /// Table of candidate links: input, output.
    #[arg(long)]
    pub candidates: Option<PathBuf>,
    /// Which candidates are links [default: tested].
    #[arg(long, value_enum)]
    pub links: Option<LinkChoice>,
    /// Table of political stability: area, stability (0 to 100).
    #[arg(long)]
    pub stability: Option<PathBuf>,
    /// Share of what passes through that is re-exported: 0, what is exported was made at home; 1, only
    /// net exporters produce [default: 0].
    #[arg(long)]
    pub reexport_share: Option<f64>,
    /// How failing producers are weighted in trade risk: by what they make, or all alike [default: market].
    #[arg(long, value_enum)]
    pub weights: Option<WeightChoice>,
    /// Table of production, in place of the proxy: year, area, item, amount.
    #[arg(long)]
    pub production: Option<PathBuf>,
}

impl EvidenceArgs {
    /// Puts what is given over what a job says.
    pub fn put_over(&self, job: &mut TradeJob) {
        job.candidates = self.candidates.clone().or(job.candidates.take());
        job.links = self.links.unwrap_or(job.links);
        job.stability = self.stability.clone().or(job.stability.take());
        job.reexport_share = self.reexport_share.unwrap_or(job.reexport_share);
        job.weights = self.weights.unwrap_or(job.weights);
        job.production = self.production.clone().or(job.production.take());
    }
}

/// Arguments of `shocksweep trade dataset`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep trade dataset synthetic magnets2021 --year 2021
  shocksweep shock --dataset magnets2021 \"China/Permanent magnets of metal\"
  shocksweep run --dataset magnets2021 --all-single --adaptation off --out results/magnets2021")]
pub struct DatasetArgs {
    /// Folder of a panel, or `synthetic` for the built-in one.
    pub panel: String,
    /// What is known of its items.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
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
    /// Run even what takes hours.
    #[arg(long)]
    pub any_cost: bool,
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
pub struct TradeRunArgs {
    /// Job file [default: the built-in panel].
    pub job: Option<PathBuf>,
    /// Folder of a panel, or `synthetic`.
    #[arg(long)]
    pub panel: Option<String>,
    /// What is known of its items.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Years over which regressions look ahead.
    #[arg(long)]
    pub horizon: Option<usize>,
    /// Folder of the result.
    #[arg(short, long)]
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
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

/// A panel to measure, or a finished study.
#[derive(Debug, Args)]
#[command(after_help = "\
Every year's failures of a panel are run first; PANEL may also be the folder of a finished study
(`trade run`), whose tables are printed as they are.")]
pub struct MeasureArgs {
    /// Panel, links.
    #[command(flatten)]
    pub of: PanelArgs,
    /// Years over which regressions look ahead [default: 5].
    #[arg(long)]
    pub horizon: Option<usize>,
    /// Engine that runs the failures.
    #[arg(long, value_enum, default_value = "cpu")]
    pub engine: EngineKind,
    /// Graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Run even what takes hours.
    #[arg(long)]
    pub any_cost: bool,
}

/// Arguments of `shocksweep trade report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folder of a finished study.
    pub result: PathBuf,
    /// Page to write.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
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
    /// File to write: .svg, .png or .pdf.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Width of a PNG, pixels.
    #[arg(long, default_value_t = 1800, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=20_000))]
    pub width: u32,
}
