//! `shocksweep shock`: one scenario, answered at once.

use std::io::Write;

use clap::Args;

use super::CliError;
use crate::job::file::SYNTHETIC;
use crate::job::plan::open_dataset;
use crate::job::{EngineKind, JobError};
use crate::model::constants::{KG_PER_TONNE, STEPS};
use crate::report;
use crate::scenario::{Scenario, ScenarioProblem, spec};
use crate::sweep::make_engine;

/// Arguments of `shocksweep shock`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep shock \"India/Rice and products\"
  shocksweep shock \"IND/Rice and products\" \"UKR/Wheat and products=0.5\" --top 30
  shocksweep shock \"Ukraine/*\" --dataset food2020      everything Ukraine produces

Several shocks happen together, as one scenario. `=0.5` removes half of the output.")]
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
    let effective = scenario.effective(&dataset.parameters.producers());
    let mut text = String::new();
    if let Some(warning) = dataset.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    if effective.shocks.is_empty() {
        text += &format!("{name}: nothing is produced there, so nothing is lost.\n");
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(());
    }
    let engine = make_engine(args.engine, &dataset, args.steps);
    let outcomes = engine.run(std::slice::from_ref(&effective), 0.0, &|_| {});
    let totals = &outcomes[0].totals;
    let population: f64 = dataset.labels.areas.iter().filter_map(|a| a.population).sum();
    text += &format!(
        "{name}: after {} steps the world has {} t less (live animals count as 1000 heads){}.\n\
         {} sectors lose more than 1 %, {} more than 10 %, {} more than 26 % of what they would have.\n\n",
        args.steps,
        report::number(totals.loss),
        if population > 0.0 {
            let per_person = KG_PER_TONNE * totals.loss_populated / population;
            format!(", {} kg per person", report::number(per_person))
        } else {
            String::new()
        },
        report::whole(totals.above_marks[0] as usize),
        report::whole(totals.above_marks[1] as usize),
        report::whole(totals.above_marks[2] as usize),
    );
    let shocked: Vec<u32> = effective.shocks.iter().map(|s| s.sector).collect();
    let baseline = engine.baseline().last();
    text += &report::losers_table(&dataset, baseline, &outcomes[0], &shocked, args.top);
    text.push('\n');
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
