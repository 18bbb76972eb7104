//! `shocksweep shock`: one scenario, answered at once.

use std::path::PathBuf;

use clap::Args;

use super::devices::DeviceArgs;
use super::switches::SwitchArgs;
use super::{CliError, ink};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::Outcome;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::job::{Adaptation, EngineKind, JobError};
use crate::measure::{Measure, MeasureKind};
use crate::model::constants::{OVERSHOOT_MULTIPLE, STEPS};
use crate::report::quoted;
use crate::report::shock::{Runs, Told};
use crate::scenario::{Scenario, ScenarioProblem, spec};
use crate::study::shock::{self as study, ways};
use crate::sweep::make_engine;
use crate::whatif::{self, WhatIf};

/// Arguments of `shocksweep shock`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep shock India/rice
  shocksweep shock India/rice UKR/wheat=0.5 --top 30
  shocksweep shock \"Ukraine/*\" --dataset food2020      everything Ukraine produces
  shocksweep shock EU/Cereals=0.3 --dataset food2020   30 % of all cereals of the EU
  shocksweep shock Brazil/soy --measure mass           feed and animals too, in tonnes

Several shocks happen together, as one scenario. `=0.5` removes half of the output. Losses are shown
without and with adaptation, side by side. Areas and items are understood as people write them: names,
codes (DE, DEU), other names (UK, Burma), groups (EU, Africa), a part that only one has (wheat), * for all.")]
pub struct ShockArgs {
    /// Failing sectors: `Area/Item`, with `=phi` for a part of the output.
    #[arg(required = true, value_name = "AREA/ITEM[=PHI]")]
    pub shocks: Vec<String>,
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    #[arg(long, value_name = "DIR", default_value = SYNTHETIC)]
    pub dataset: String,
    /// Areas and sectors to show.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
    /// In what losses are told: mass, kcal, protein, supply, or a table `item, weight, unit`
    /// [default: kcal, where the dataset knows it].
    #[arg(long, value_name = "MEASURE")]
    pub measure: Option<String>,
    /// Engine.
    #[arg(long, default_value_t = EngineKind::Cpu)]
    pub engine: EngineKind,
    /// The graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Whether areas adapt [default: both, if the dataset has rules].
    #[arg(long)]
    pub adaptation: Option<Adaptation>,
    /// Change the dataset first, as this file says (diversify, supplier, link, domestic, yield ...).
    #[arg(long, value_name = "FILE")]
    pub what_if: Option<PathBuf>,
    /// Switches of the adaptive model.
    #[command(flatten)]
    pub switches: SwitchArgs,
    /// Yearly steps.
    #[arg(long, default_value_t = STEPS, value_parser = parse_steps)]
    pub steps: usize,
}

pub(super) fn parse_steps(text: &str) -> Result<usize, String> {
    let steps: usize = text.parse().map_err(|_| "expected a whole number".to_string())?;
    if (1..=1000).contains(&steps) { Ok(steps) } else { Err("expected 1 to 1000".to_string()) }
}

/// Runs one scenario and prints who loses most.
///
/// # Errors
/// A shock, the measure or the dataset is wrong.
pub fn execute(args: ShockArgs) -> Result<(), CliError> {
    let device = args.device.choice(args.engine)?;
    let mut dataset = open_dataset(&args.dataset).map_err(|e: JobError| CliError::Job(e))?;
    let mut changes = Vec::new();
    if let Some(path) = &args.what_if {
        (dataset, changes) = whatif::apply(&dataset, &WhatIf::read(path)?.change)?;
    }
    let mut shocks = Vec::new();
    for text in &args.shocks {
        shocks.extend(spec::parse(text, &dataset)?);
    }
    if shocks.is_empty() {
        return Err(ScenarioProblem::Empty.into());
    }
    let nothing_lost = shocks.iter().all(|shock| shock.phi == 0.0);
    let scenario = Scenario::new(0, shocks, &dataset.labels)?;
    let name = scenario.describe(&dataset);
    let given = args.measure.as_deref().map(|text| Measure::parse(text, &dataset)).transpose()?;
    let mut text = notes(&args, &dataset);
    for line in whatif::told(&changes) {
        text += &format!("{line}\n");
    }
    if !changes.is_empty() {
        text.push('\n');
    }
    if scenario.is_no_op(&dataset.parameters.producers()) || nothing_lost {
        text += &match nothing_lost {
            true => format!("{name}: no output is lost (phi = 0).\n"),
            false => format!("{name}: nothing of it is produced there, so nothing is lost.\n"),
        };
        ink::print(&text)?;
        return Ok(());
    }
    let adaptation = args.adaptation.unwrap_or_else(|| ways(&dataset));
    if adaptation != Adaptation::Off && dataset.rules.is_none() {
        return Err(JobError::NoRules(scenario.id).into());
    }
    let settings = args.switches.switches().settings_for(&dataset);
    let settings =
        settings.map_err(|problem| JobError::Switch { scenario: scenario.id, problem })?;
    if dataset.rules.is_none() {
        text += "Note: the dataset has no rules of adaptation; losses are those without.\n\n";
    }
    let engine = make_engine(args.engine, &device, &dataset, args.steps)?;
    let answer = study::shock(engine.as_ref(), &dataset, &scenario, adaptation, settings)?;
    let shocked: Vec<u32> = answer.effective.shocks.iter().map(|s| s.sector).collect();
    let mut told = Told {
        dataset: &dataset,
        name: &name,
        baseline: &answer.baseline,
        steps: args.steps,
        runs: Runs { without: known(&answer.without), with: known(&answer.with) },
        measure: &Measure::usual(&dataset)
            .ok_or(CliError::Usage("the items have no unit in common"))?,
        missing: settings.missing_rule,
        overshoot: OVERSHOOT_MULTIPLE,
        shocked: &shocked,
    };
    let mass = Measure::of(MeasureKind::Mass, &dataset);
    let has_losses = told.runs.without.is_some() || told.runs.with.is_some();
    if let Some(given) = &given {
        told.measure = given;
    } else if let Some(mass) = mass.as_ref().filter(|_| has_losses && told.is_without_value()) {
        text += "Note: no food is lost; losses are told in mass.\n\n";
        told.measure = mass;
    }
    let ways = [("without adaptation", &answer.without), ("with adaptation", &answer.with)];
    let diverged = ways.iter().filter_map(|(way, outcome)| {
        let at = outcome.as_ref()?.diverged?;
        Some(format!("{name}, {way}, after step {at},"))
    });
    let diverged: Vec<String> = diverged.collect();
    if has_losses {
        text += &told.text(args.top);
        text += &next(&args, told.measure.kind);
    }
    ink::print(&text)?;
    if diverged.is_empty() { Ok(()) } else { Err(CliError::Diverged(diverged.join(" and "))) }
}

/// An outcome that has not diverged.
fn known(outcome: &Option<Outcome>) -> Option<&Outcome> {
    outcome.as_ref().filter(|outcome| outcome.diverged.is_none())
}

/// What a reader should know before the numbers.
fn notes(args: &ShockArgs, dataset: &Dataset) -> String {
    let mut notes: Vec<String> = dataset.metadata.warning().into_iter().collect();
    let names = NameIndex::new(&dataset.labels);
    let areas = args.shocks.iter().filter_map(|text| text.split_once('/'));
    notes.extend(areas.filter_map(|(area, _)| names.note(area)));
    notes.dedup();
    let lines: Vec<String> = notes.into_iter().map(|note| format!("Note: {note}.\n")).collect();
    if lines.is_empty() { String::new() } else { lines.concat() + "\n" }
}

/// The commands that a person would type next.
fn next(args: &ShockArgs, kind: MeasureKind) -> String {
    let shocks: Vec<String> = args.shocks.iter().map(|text| quoted(text)).collect();
    let shocks = shocks.join(" ");
    let dataset = match args.dataset.as_str() {
        SYNTHETIC => String::new(),
        folder => format!(" --dataset {}", quoted(folder)),
    };
    let other = |measure: &str, why: &str| {
        format!("  shocksweep shock {shocks}{dataset} --measure {measure}   {why}\n")
    };
    let other = match kind {
        MeasureKind::Mass => other("kcal", "as food that is eaten"),
        // Amounts that all have a unit of their own can be told in no other.
        MeasureKind::Own if args.measure.is_none() => String::new(),
        _ => other("mass", "in tonnes, feed too"),
    };
    format!(
        "\nNext:\n{other}  \
         shocksweep run{} --all-single --adaptation both -o results/all-single   every single shock\n  \
         shocksweep help glossary   what the words and symbols mean\n",
        match args.dataset.as_str() {
            SYNTHETIC => " --dataset synthetic".to_string(),
            _ => dataset.clone(),
        }
    )
}
