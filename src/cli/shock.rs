//! `shocksweep shock`: one scenario, answered at once.

use std::io::Write;

use clap::Args;

use super::CliError;
use super::devices::DeviceArgs;
use super::switches::SwitchArgs;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::job::{Adaptation, EngineKind, JobError};
use crate::model::constants::STEPS;
use crate::report::shock::{self, Runs};
use crate::scenario::{Scenario, ScenarioProblem, spec};
use crate::study::shock::{self as study, ways};
use crate::sweep::make_engine;

/// Arguments of `shocksweep shock`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep shock \"India/Rice and products\"
  shocksweep shock \"IND/Rice and products\" \"UKR/Wheat and products=0.5\" --top 30
  shocksweep shock \"Ukraine/*\" --dataset food2020      everything Ukraine produces

Several shocks happen together, as one scenario. `=0.5` removes half of the output. Losses are shown
without and with adaptation, side by side.")]
pub struct ShockArgs {
    /// Failing sectors: `Area/Item`, with `=phi` for a part of the output; names or ISO3 codes.
    #[arg(required = true, value_name = "AREA/ITEM[=PHI]")]
    pub shocks: Vec<String>,
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    #[arg(long, value_name = "DIR", default_value = SYNTHETIC)]
    pub dataset: String,
    /// Sectors to show.
    #[arg(long, default_value_t = 20)]
    pub top: usize,
    /// Engine.
    #[arg(long, default_value_t = EngineKind::Cpu)]
    pub engine: EngineKind,
    /// The graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Whether areas adapt [default: both, if the dataset has rules].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Switches of the adaptive model.
    #[command(flatten)]
    pub switches: SwitchArgs,
    /// Yearly steps.
    #[arg(long, default_value_t = STEPS, value_parser = parse_steps)]
    pub steps: usize,
}

fn parse_steps(text: &str) -> Result<usize, String> {
    let steps: usize = text.parse().map_err(|_| "expected a whole number".to_string())?;
    if (1..=1000).contains(&steps) { Ok(steps) } else { Err("expected 1 to 1000".to_string()) }
}

/// Runs one scenario and prints the largest losers.
///
/// # Errors
/// A shock or the dataset is wrong.
pub fn execute(args: ShockArgs) -> Result<(), CliError> {
    let device = args.device.choice(args.engine)?;
    let dataset = open_dataset(&args.dataset).map_err(|e: JobError| CliError::Job(e))?;
    let mut shocks = Vec::new();
    for text in &args.shocks {
        shocks.extend(spec::parse(text, &dataset)?);
    }
    if shocks.is_empty() {
        return Err(ScenarioProblem::Empty.into());
    }
    let scenario = Scenario::new(0, shocks, &dataset.labels)?;
    let name = scenario.describe(&dataset.labels);
    let mut text = String::new();
    if let Some(warning) = dataset.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    if scenario.is_no_op(&dataset.parameters.producers()) {
        text += &format!("{name}: nothing is produced there, so nothing is lost.\n");
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(());
    }
    let adaptation = args.adaptation.unwrap_or_else(|| ways(&dataset));
    if adaptation != Adaptation::Off && dataset.rules.is_none() {
        return Err(JobError::NoRules(0).into());
    }
    let settings = args.switches.switches().settings_for(&dataset);
    let settings = settings.map_err(|problem| JobError::Switch { scenario: 0, problem })?;
    if dataset.rules.is_none() {
        text += "Note: the dataset has no rules of adaptation; losses are those without.\n\n";
    }
    let engine = make_engine(args.engine, &device, &dataset, args.steps)?;
    let answer = study::shock(engine.as_ref(), &dataset, &scenario, adaptation, settings)?;
    let runs = Runs { without: answer.without.as_ref(), with: answer.with.as_ref() };
    text += &shock::totals(&dataset, &name, args.steps, runs);
    text.push('\n');
    let shocked: Vec<u32> = answer.effective.shocks.iter().map(|s| s.sector).collect();
    text += &shock::losers(&dataset, &answer.baseline, runs, &shocked, args.top);
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
