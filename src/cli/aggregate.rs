//! `shocksweep aggregate`: losses summed over regions, groups and scenarios.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::report::left_out;
use super::{CliError, ink};
use crate::analysis::aggregate::{
    AggregateError, Dimension, GroupRow, Query, aggregate, diverged, rows,
};
use crate::analysis::overview::usually_left_out;
use crate::analysis::world::World;
use crate::analysis::{regions, scenarios};
use crate::report::aggregate::{Sides, Writer, text};
use crate::scenario::Response;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

/// Which runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ways {
    /// Those with adaptation.
    On,
    /// Those without.
    Off,
    /// All, apart.
    Both,
}

/// Arguments of `shocksweep aggregate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep aggregate results/adaptive --by region,item --out regions.parquet
  shocksweep aggregate results/named --by scenario,hdi_class --adaptation both
  shocksweep aggregate results/named --by region,commodity_group --scenario \"India / Rice and products\" --others
  shocksweep aggregate results/adaptive --by area --sort kcal --top 10

Dimensions: scenario, region, hdi_class, area, item_group, commodity_group, item. The relative loss of a
group is the ratio of sums over all its sectors, also those that lose nothing; the loss per person is
summed loss over summed population, areas without one left out and counted. Without `scenario` amounts
are means over the scenarios run. Losses below the result's threshold are not in the sums. Sums over
items are of those counted in tonnes, and of food that people eat less (kcal).")]
pub struct AggregateArgs {
    /// Result folder of a finished run.
    pub result: PathBuf,
    /// Dimensions of the groups, comma-separated.
    #[arg(long, value_delimiter = ',', required = true, value_name = "DIMENSIONS")]
    pub by: Vec<String>,
    /// File to write, Parquet if it ends in .parquet, else CSV [default: a table on the terminal].
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only this scenario, by name, or these, by identifier, comma-separated; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Runs with adaptation, without, or both, apart.
    #[arg(long, value_enum, default_value = "both")]
    pub adaptation: Ways,
    /// Leave the shocked areas out: what a shock does to others.
    #[arg(long)]
    pub others: bool,
    /// Table of regions (columns area, region) to take instead of those of the result.
    #[arg(long, value_name = "FILE")]
    pub regions: Option<PathBuf>,
    /// Item or group of items to leave out, `none` for nothing; may be given several times [default: what
    /// `report` leaves out].
    #[arg(long, value_name = "NAME")]
    pub leave_out: Vec<String>,
    /// Order of the rows: largest first, or by the names of the groups [default: on a terminal the
    /// largest first, in a file groups].
    #[arg(long, value_enum)]
    pub sort: Option<Sort>,
    /// Rows to show on a terminal.
    #[arg(long, default_value_t = 40)]
    pub top: usize,
    /// Add everything, heads of animals and runaway sectors too, as the published sums do.
    #[arg(long)]
    pub published: bool,
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Names of the groups.
    Groups,
    /// Food that people eat less, kcal per person and day.
    Kcal,
    /// Absolute loss.
    Al,
    /// Relative loss.
    Rl,
    /// Mass per person.
    PerPerson,
}

impl Sort {
    fn of(self, row: &GroupRow) -> f64 {
        let value = match self {
            Sort::Groups => None,
            Sort::Kcal => row.kcal_per_person_day(),
            Sort::Al => Some(row.al),
            Sort::Rl => Some(row.rl()),
            Sort::PerPerson => row.al_per_capita(),
        };
        value.unwrap_or(f64::NEG_INFINITY)
    }
}

/// How to see the rows that are not shown.
const MORE: &str = "; --top N shows more, -o FILE writes all";

/// Writes or prints aggregated losses.
///
/// # Errors
/// The folder is no finished result, or has nothing of that name.
pub fn execute(args: &AggregateArgs) -> Result<(), CliError> {
    let manifest = Manifest::read(&args.result.join(MANIFEST))?;
    let parsed: Result<Vec<Dimension>, String> = args.by.iter().map(|by| by.parse()).collect();
    let mut by = parsed.map_err(AggregateError::Query)?;
    by.sort();
    by.dedup();
    if manifest.counts.loss_rows == 0 && manifest.superposition.is_some() {
        return Err(CliError::Usage("a screening keeps no losses to sum; `explain` reads it"));
    }
    let mut world = World::read(&args.result)?;
    if let Some(table) = &args.regions {
        regions::assign(&mut world, table)?;
    }
    let world = world;
    let names = scenarios::names(&args.result)?;
    let chosen = scenarios::find(&names, &args.scenario).map_err(AggregateError::Query)?;
    let query = Query {
        by: by.clone(),
        scenarios: Some(chosen).filter(|chosen| !chosen.is_empty()),
        adaptation: match args.adaptation {
            Ways::On => Some(Response::Adaptive),
            Ways::Off => Some(Response::Static),
            Ways::Both => None,
        },
        others_only: args.others,
        // What the page leaves out, unless everything is asked for, or each item by itself.
        leave_out: left_out(&args.leave_out).unwrap_or_else(|| {
            let is_whole = args.published || by.contains(&Dimension::Item);
            if is_whole { Vec::new() } else { usually_left_out(&world) }
        }),
        published: args.published,
    };
    let diverged = match manifest.counts.diverged {
        0 => 0,
        _ => diverged(&args.result, &query)?,
    };
    let said = diverged_text(diverged) + &left_out_text(&query, manifest.counts.overshoot);
    if args.out.is_none() || args.sort.is_some_and(|sort| sort != Sort::Groups) {
        let mut rows = rows(&args.result, &world, &query)?;
        let Some(path) = &args.out else {
            let usual = if world.knows_food() { Sort::Kcal } else { Sort::Al };
            let sort = args.sort.unwrap_or(usual);
            let mut sides = Sides::of(&rows);
            // As on the page: a ranking of areas by food is not led by what is no food.
            let mut not_eaten = String::new();
            if let (Sort::Kcal, false, Some(at)) = (sort, args.published, label_of_area(&by)) {
                not_eaten = leave_out(&world, &mut sides, at);
            }
            if sort != Sort::Groups {
                let most = |sides: &Sides<'_>| {
                    let ways = sides.ways.iter().flatten().map(|row| sort.of(row));
                    ways.fold(f64::NEG_INFINITY, f64::max)
                };
                sides.sort_by(|a, b| most(b).total_cmp(&most(a)));
            }
            return Ok(ink::print(
                &(text(&manifest, &by, &sides, &names, (args.top, MORE)) + &not_eaten + &said),
            )?);
        };
        if let Some(sort) = args.sort.filter(|sort| *sort != Sort::Groups) {
            rows.sort_by(|a, b| sort.of(b).total_cmp(&sort.of(a)));
        }
        let mut writer = Writer::create(path, &manifest, &by)?;
        writer.write(path, &rows)?;
        writer.commit(path)?;
        let many = crate::report::whole(rows.len());
        return Ok(ink::print(&format!("{}: {many} rows.\n{said}", path.display()))?);
    }
    let Some(path) = &args.out else { return Ok(()) };
    let mut writer = Writer::create(path, &manifest, &by)?;
    let mut written = 0;
    aggregate(&args.result, &world, &query, |rows| {
        written += rows.len();
        writer.write(path, &rows)
    })?;
    writer.commit(path)?;
    ink::print(&format!("{}: {} rows.\n{said}", path.display(), crate::report::whole(written)))?;
    Ok(())
}

/// Which of a row's labels is the area.
fn label_of_area(by: &[Dimension]) -> Option<usize> {
    by.iter().filter(|&&of| of != Dimension::Scenario).position(|&of| of == Dimension::Area)
}

/// Takes the areas out that are said to eat more than people eat, and says which; `at` is their label.
fn leave_out(world: &World, sides: &mut Vec<Sides<'_>>, at: usize) -> String {
    let named = |area: usize| Some((world.supply(area)?, world.areas[area].name.as_str()));
    let mut areas: Vec<(f64, &str)> = world.not_eaten().into_iter().filter_map(named).collect();
    areas.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let name = |side: &Sides<'_>| side.told().and_then(|row| row.labels[at].clone());
    let is_out = |side: &Sides<'_>| areas.iter().any(|area| name(side).as_deref() == Some(area.1));
    let before = sides.len();
    sides.retain(|side| !is_out(side));
    if sides.len() < before { crate::report::not_eaten(&areas) } else { String::new() }
}

/// Runs of which nothing is known, in words.
fn diverged_text(runs: usize) -> String {
    match runs {
        0 => String::new(),
        1 => "1 run asked for has diverged: what it loses is not known, and it is in no sum and no mean.\n"
            .to_string(),
        runs => format!(
            "{} runs asked for have diverged: what they lose is not known, and they are in no sum and no mean.\n",
            crate::report::whole(runs)
        ),
    }
}

/// What sums leave out, in words.
fn left_out_text(query: &Query, runaway: usize) -> String {
    if query.published {
        return "Everything is added: heads of animals to tonnes, and runaway sectors.\n"
            .to_string();
    }
    let mut out: Vec<String> = query.leave_out.clone();
    if !query.by.contains(&Dimension::Item) {
        out.push("items counted in heads".to_string());
    }
    if runaway > 0 {
        let runs = crate::report::whole(runaway);
        out.push(format!("runaway sectors (of {runs} runs)"));
    }
    match out.is_empty() {
        true => String::new(),
        false => format!("Left out: {}; --published adds everything.\n", out.join(", ")),
    }
}
