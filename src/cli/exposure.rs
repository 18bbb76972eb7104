//! `shocksweep exposure`: whose failure an area must fear, and why.

use std::path::{Path, PathBuf};

use clap::Args;

use super::devices::DeviceArgs;
use super::explain::dataset_of;
use super::switches::SwitchArgs;
use super::{CliError, ink};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::reference::ReferenceEngine;
use crate::exposure::answer::{Asked, From, area, failures, is_screening};
use crate::exposure::chance::LEVEL;
use crate::exposure::computed::Setting;
use crate::exposure::rankings::{exposures, influence, vulnerability, write};
use crate::exposure::why::{Target, why};
use crate::exposure::{ExposureError, What};
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::job::{Adaptation, EngineKind, JobError};
use crate::measure::Measure;
use crate::model::adaptation::AdaptationSettings;
use crate::model::constants::STEPS;
use crate::report::exposure::{profile, rankings, why as told_why};
use crate::scenario::{Scenario, ScenarioId, spec};
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;
use crate::study::shock::ways;
use crate::sweep::make_engine;
use crate::whatif::{self, WhatIf};

/// Arguments of `shocksweep exposure`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep exposure Bangladesh                       whose failure costs its people most food
  shocksweep exposure Egypt wheat --abroad             its wheat, by failures of other areas
  shocksweep exposure Egypt wheat --why Ukraine/wheat  where that loss comes from, link by link
  shocksweep exposure                                  all areas, the most vulnerable first
  shocksweep exposure --result results/adaptive --out exposure --probabilities chances.csv

Every producing sector fails alone; without --result these failures are run on the spot. Losses are per
person in a measure, or amounts of ITEM. One failure happens, all equally probable, unless a table
`area, item, probability` (a year) says otherwise. Where the result holds no pairs, pairs of the worst
failures are run.")]
pub struct ExposureArgs {
    /// Area that loses [default: all, as rankings].
    pub area: Option<String>,
    /// Item that it loses [default: all, in the measure].
    pub item: Option<String>,
    /// Result folder of a sweep, whose failures are read instead of run.
    #[arg(long, value_name = "DIR")]
    pub result: Option<PathBuf>,
    /// Dataset: a folder, or `synthetic` [default: `synthetic`, or that of the result, if it is that].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Why it loses what it loses if this fails: `Area/Item`, with `=phi` for a part of the output; several
    /// fail together.
    #[arg(long, value_name = "AREA/ITEM[=PHI]", requires = "area", num_args = 1..)]
    pub why: Vec<String>,
    /// Change the dataset first, as this file says; with --why several, told beside the world as it is.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub what_if: Vec<PathBuf>,
    /// In what losses are told: mass, kcal, protein, supply, or a table `item, weight, unit`
    /// [default: kcal, where the dataset knows it].
    #[arg(long, value_name = "MEASURE", conflicts_with = "item")]
    pub measure: Option<String>,
    /// Table of probabilities: area, item, probability.
    #[arg(long, value_name = "TABLE")]
    pub probabilities: Option<PathBuf>,
    /// Level of the value at risk and of the expected shortfall.
    #[arg(long, default_value_t = LEVEL, value_parser = level)]
    pub level: f64,
    /// List failures of other areas alone.
    #[arg(long)]
    pub abroad: bool,
    /// Worst failures of which all pairs are run, 0 for none.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(0..=200))]
    pub pairs: u16,
    /// Folder for the tables of all areas: exposures, vulnerability, influence (Parquet).
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Rows to show; with --out also failures per area and item.
    #[arg(long, default_value_t = 10)]
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
    #[arg(long, default_value_t = STEPS, value_parser = super::shock::parse_steps)]
    pub steps: usize,
}

fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| "expected a number".to_string())?;
    let is_level = (0.0..1.0).contains(&level);
    is_level.then_some(level).ok_or("expected 0 or more and less than 1, such as 0.95".to_string())
}

/// Prints an exposure, or why something is lost.
///
/// # Errors
/// A name, a file or the result is wrong, or the engine fails.
pub fn execute(args: &ExposureArgs) -> Result<(), CliError> {
    if args.what_if.len() > 1 && args.why.is_empty() {
        return Err(CliError::Usage(
            "several --what-if files are told side by side with --why only",
        ));
    }
    if args.result.is_some() && !args.what_if.is_empty() {
        return Err(CliError::Usage(
            "a result has its own world: run its job with --what-if, or leave --result out",
        ));
    }
    let (original, job) = world(args)?;
    let text = match args.why.is_empty() {
        false => reasons(args, &original)?,
        true => {
            let mut notes = String::new();
            let dataset = match args.what_if.first() {
                None => original,
                Some(path) => {
                    let (changed, rows) = whatif::apply(&original, &WhatIf::read(path)?.change)?;
                    whatif::told(&rows).iter().for_each(|line| notes += &format!("{line}\n"));
                    notes += "\n";
                    changed
                }
            };
            notes + &told(args, &dataset, job)?
        }
    };
    Ok(ink::print(&text)?)
}

/// Settings and steps of a result's job.
type JobOf = Option<(Option<AdaptationSettings>, usize)>;

/// The dataset, that of the result where there is one.
fn world(args: &ExposureArgs) -> Result<(Dataset, JobOf), CliError> {
    let Some(root) = &args.result else {
        let given = args.dataset.as_deref().unwrap_or(SYNTHETIC);
        return Ok((open_dataset(given)?, None));
    };
    let manifest = Manifest::read(&root.join(MANIFEST))?;
    let dataset = dataset_of(&manifest, args.dataset.as_deref())?;
    let recorded = &manifest.dataset.content_hash;
    let own = whatif::of_result(&dataset, recorded, &manifest.job.change);
    let own = own.ok_or_else(|| ExposureError::Unanswered {
        root: root.clone(),
        problem: format!(
            "was not made from the dataset `{}` (its content hash differs)",
            dataset.metadata.name
        ),
    })?;
    let settings = manifest.job.adaptive.as_ref().map(AdaptationSettings::from);
    Ok((own.into_owned(), Some((settings, manifest.job.steps))))
}

/// How failures are run.
fn setting(args: &ExposureArgs, dataset: &Dataset, job: &JobOf) -> Result<Setting, CliError> {
    let adaptation = args.adaptation.unwrap_or_else(|| ways(dataset));
    if adaptation != Adaptation::Off && dataset.rules.is_none() {
        return Err(JobError::NoRules(ScenarioId(0)).into());
    }
    let own = args.switches.switches().settings_for(dataset);
    let own = own.map_err(|problem| JobError::Switch { scenario: ScenarioId(0), problem })?;
    let settings = match job {
        Some((Some(settings), _)) => *settings,
        _ => own,
    };
    Ok(Setting { ways: adaptation, adaptation: settings })
}

/// In what losses are told.
fn what(args: &ExposureArgs, dataset: &Dataset) -> Result<What, CliError> {
    if let Some(item) = &args.item {
        let item = NameIndex::new(&dataset.labels).item(item).map_err(ExposureError::from)?;
        return Ok(What::Item(item));
    }
    let given = args.measure.as_deref().map(|text| Measure::parse(text, dataset)).transpose()?;
    let usual =
        || Measure::usual(dataset).ok_or(CliError::Usage("the items have no unit in common"));
    Ok(What::Measure(match given {
        Some(measure) => measure,
        None => usual()?,
    }))
}

fn place(args: &ExposureArgs, dataset: &Dataset) -> Result<Option<usize>, CliError> {
    let names = NameIndex::new(&dataset.labels);
    let area = args.area.as_deref().map(|area| names.area(area)).transpose();
    Ok(area.map_err(ExposureError::from)?)
}

/// The exposure of an area, or of all.
fn told(args: &ExposureArgs, dataset: &Dataset, job: JobOf) -> Result<String, CliError> {
    let device = args.device.choice(args.engine)?;
    let what = what(args, dataset)?;
    let area_asked = place(args, dataset)?;
    let setting = setting(args, dataset, &job)?;
    let steps = job.as_ref().map_or(args.steps, |(_, steps)| *steps);
    let engine = make_engine(args.engine, &device, dataset, steps)?;
    let asked = Asked {
        dataset,
        engine: engine.as_ref(),
        setting,
        what: &what,
        probabilities: args.probabilities.as_deref(),
        progress: &|_| {},
    };
    let from = args.result.as_deref().map_or(From::Spot, From::Result);
    let keep = if args.out.is_some() { args.top } else { 0 };
    let found = failures(&asked, from, area_asked, keep)?;
    let mut text = String::new();
    if let Some(warning) = dataset.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    if let From::Result(root) = from
        && is_screening(root)?
    {
        text += "Note: a screening keeps no losses by area; failures are run on the spot.\n\n";
    }
    let of = (&found.singles, &what);
    match area_asked {
        Some(at) => {
            // Pairs of a result run in the ways that its singles did.
            let exposure = area(&asked, &found, at, usize::from(args.pairs), args.level)?;
            text += &profile::Told {
                dataset,
                what: &what,
                profile: &exposure.profile,
                chances: &found.chances,
                level: args.level,
                pairs: (&exposure.pairs, &exposure.chosen),
                pair_risk: exposure.pair_risk,
                runaway: found.singles.runaway,
                others_only: args.abroad,
                steps,
            }
            .text(args.top);
        }
        None => {
            let areas = vulnerability(dataset, of, &found.chances, args.level);
            let sectors = influence(dataset, of, &found.chances);
            text += &rankings::text(&areas, &sectors, args.top);
        }
    }
    if let Some(folder) = &args.out {
        write(folder, dataset, &exposures(dataset, of, args.top))?;
        write(folder, dataset, &vulnerability(dataset, of, &found.chances, args.level))?;
        write(folder, dataset, &influence(dataset, of, &found.chances))?;
        text +=
            &format!("\n{}: exposures, vulnerability, influence (Parquet).\n", folder.display());
    }
    Ok(text)
}

/// A world with its name: as it is, or changed by a file.
fn worlds(args: &ExposureArgs, original: &Dataset) -> Result<Vec<(String, Dataset)>, CliError> {
    let mut worlds = Vec::new();
    for path in &args.what_if {
        let (changed, _) = whatif::apply(original, &WhatIf::read(path)?.change)?;
        worlds.push((stem(path), changed));
    }
    Ok(worlds)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "what if".to_string(), |stem| stem.to_string_lossy().into())
}

/// Why something is lost.
fn reasons(args: &ExposureArgs, original: &Dataset) -> Result<String, CliError> {
    if args.engine != EngineKind::Cpu {
        return Err(CliError::Usage("--why always runs the reference engine: leave --engine out"));
    }
    let what = what(args, original)?;
    let setting = setting(args, original, &None)?;
    let Some(area) = place(args, original)? else {
        return Err(CliError::Usage("--why needs an area that loses"));
    };
    let mut shocks = Vec::new();
    for text in &args.why {
        shocks.extend(spec::parse(text, original)?);
    }
    let scenario = Scenario::new(ScenarioId(0), shocks, &original.labels)?;
    let failing = scenario.describe(original);
    let scenario = scenario.effective(&original.parameters.producers());
    if scenario.shocks.is_empty() {
        let nothing = format!("{failing}: nothing of it is produced there, so nothing is lost.\n");
        return Ok(nothing);
    }
    let changed = worlds(args, original)?;
    let mut told = told_why::Told {
        area,
        what: &what,
        failing: format!("{failing} fail{}", if scenario.shocks.len() == 1 { "s" } else { "" }),
        shocked: scenario.shocks.iter().map(|s| s.sector).collect(),
        ways: Vec::new(),
        main: 0,
        supply: Vec::new(),
    };
    let is_both = setting.ways == Adaptation::Both;
    let all = std::iter::once(("", original)).chain(changed.iter().map(|(n, d)| (n.as_str(), d)));
    for (name, dataset) in all {
        let engine = ReferenceEngine::new(dataset, args.steps);
        for (way, is_run) in setting.runs().into_iter().enumerate() {
            // Beside other worlds the way that counts is enough.
            if !is_run || (is_both && way == 0 && !changed.is_empty()) {
                continue;
            }
            let adaptation = (way == 1).then_some(setting.adaptation);
            let run = scenario.clone().with_adaptation(adaptation);
            let found = why(&engine, &run, |run| match &what {
                What::Item(item) => Target::sector(dataset.dimensions().sector(area, *item) as u32),
                What::Measure(measure) => {
                    Target::area(dataset, measure, area, run, setting.adaptation.missing_rule)
                }
            })?;
            let title = match (name, profile::way(way)) {
                ("", title) if changed.is_empty() => title.to_string(),
                ("", _) => "as it is".to_string(),
                (name, _) => name.to_string(),
            };
            let last = crate::engine::Engine::baseline(&engine).last();
            let supply = what.supply(dataset, last)[area] * what.scale(dataset, area);
            told.supply.push(supply);
            told.ways.push(told_why::Way { title, dataset, why: found });
        }
    }
    // Of several other worlds the one as it is, first, is told link by link; else the last.
    told.main = if changed.len() > 1 { 0 } else { told.ways.len() - 1 };
    let mut text = String::new();
    if let Some(warning) = original.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    Ok(text + &told.text(args.top))
}
