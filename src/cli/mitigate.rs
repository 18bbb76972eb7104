//! `shocksweep mitigate`: changes ranked by how much they cut a loss per tonne.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::switches::SwitchArgs;
use super::{CliError, ink};
use crate::dataset::names::NameIndex;
use crate::exposure::answer::{Asked, From, failures};
use crate::exposure::computed::Setting;
use crate::exposure::rankings::write;
use crate::exposure::{ExposureError, What};
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::job::{Adaptation, EngineKind, JobError};
use crate::mitigate::rows::rows;
use crate::mitigate::{Question, mitigate};
use crate::model::constants::STEPS;
use crate::report::mitigate::text;
use crate::scenario::ScenarioId;
use crate::sweep::make_engine;

/// Arguments of `shocksweep mitigate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep mitigate Egypt wheat --budget 1e6
  shocksweep mitigate Egypt wheat --budget 1e6 --dataset food2020 --by worst --out mitigation

Every pair of a supplier and another exporter, and reserves of the budget, its half and its quarter, are
tried: the world is changed, the failures that cost the area most are run in it, with adaptation if the
dataset has rules, and the mean loss over all steps is compared. A budget is tonnes (the item's unit) moved
a year, or held once.")]
pub struct MitigateArgs {
    /// Area that loses.
    pub area: String,
    /// Item that it loses.
    pub item: String,
    /// Amount that a change may move or hold, in the item's unit.
    #[arg(long, value_name = "AMOUNT")]
    pub budget: f64,
    /// Dataset: a folder, or `synthetic`.
    #[arg(long, value_name = "DIR", default_value = SYNTHETIC)]
    pub dataset: String,
    /// Rank by the expected loss, or by the worst case.
    #[arg(long, value_enum, default_value_t = By::Expected)]
    pub by: By,
    /// Table of probabilities: area, item, probability [default: all equally probable].
    #[arg(long, value_name = "TABLE")]
    pub probabilities: Option<PathBuf>,
    /// Failures that are run: those that cost the area most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub failures: u16,
    /// Suppliers, and exporters, of which pairs are tried.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub suppliers: u16,
    /// Whether areas adapt [default: on, if the dataset has rules].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model.
    #[command(flatten)]
    pub switches: SwitchArgs,
    /// Yearly steps.
    #[arg(long, default_value_t = STEPS, value_parser = super::shock::parse_steps)]
    pub steps: usize,
    /// Folder for the table of all changes (mitigations, Parquet).
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Changes to show.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
}

/// What changes are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// The expected loss.
    Expected,
    /// The worst case.
    Worst,
}

/// Tries changes and prints those that do most.
///
/// # Errors
/// A name, the budget, a table or the dataset is wrong, or the engine fails.
pub fn execute(args: &MitigateArgs) -> Result<(), CliError> {
    let dataset = open_dataset(&args.dataset)?;
    let names = NameIndex::new(&dataset.labels);
    let area = names.area(&args.area).map_err(ExposureError::from)?;
    let item = names.item(&args.item).map_err(ExposureError::from)?;
    let usual = if dataset.rules.is_some() { Adaptation::On } else { Adaptation::Off };
    let ways = args.adaptation.unwrap_or(usual);
    if ways != Adaptation::Off && dataset.rules.is_none() {
        return Err(JobError::NoRules(ScenarioId(0)).into());
    }
    let settings = args.switches.switches().settings_for(&dataset);
    let adaptation =
        settings.map_err(|problem| JobError::Switch { scenario: ScenarioId(0), problem })?;
    let setting = Setting { ways, adaptation };
    let what = What::Item(item);
    let started = Instant::now();
    let engine = make_engine(EngineKind::Cpu, &Default::default(), &dataset, args.steps)?;
    let asked = Asked {
        dataset: &dataset,
        engine: engine.as_ref(),
        setting,
        what: &what,
        probabilities: args.probabilities.as_deref(),
        progress: &|_| {},
    };
    let found = failures(&asked, From::Spot, Some(area), 0)?;
    let swept = started.elapsed().as_secs_f64();
    let question = Question {
        area,
        item,
        budget: args.budget,
        failures: usize::from(args.failures),
        suppliers: usize::from(args.suppliers),
        steps: args.steps,
    };
    let mitigation = mitigate(&dataset, (&found.singles, &found.chances), &setting, &question)?;
    let mut said = String::new();
    if let Some(warning) = dataset.metadata.warning() {
        said += &format!("Note: {warning}.\n\n");
    }
    said += &text(&dataset, &question, &mitigation, (args.top, args.by == By::Worst));
    said += &format!(
        "All single failures took {swept:.1} s, the changes {:.1} s.\n",
        started.elapsed().as_secs_f64() - swept
    );
    if let Some(folder) = &args.out {
        write(folder, &dataset, &rows(&dataset, &mitigation))?;
        said += &format!("{}: mitigations (Parquet).\n", folder.display());
    }
    Ok(ink::print(&said)?)
}
