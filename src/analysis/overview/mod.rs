//! Everything that a report shows of a result, summed up: what pages and pictures are drawn from.
//!
//! Losses are read twice: once to rank all scenarios and areas ([`ranking`]), once for the chosen
//! scenarios in detail ([`stories`]). Sums over items count food where it is eaten, or, where a result
//! knows no food, the mass of what is not grass or fodder; sectors that have run away count nowhere.

pub mod classes;
pub mod heat;
pub mod pairs;
pub mod ranking;
mod rows;
pub mod short;
pub mod stories;
pub mod takeaways;
mod teller;
pub mod traces;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::pairs::Pairs;
use self::ranking::{Exposure, Ranked, Survey};
use self::short::Short;
use self::stories::Story;
use self::traces::Trace;
use super::aggregate::{AggregateError, counted};
use super::world::World;
use super::{regions, scenarios};
use crate::results::{KCAL, KG};
use crate::scenario::ScenarioId;
use crate::sink::folder::{MANIFEST, SCENARIOS};
use crate::sink::manifest::Manifest;

/// Groups that sums over items leave out unless told otherwise, as far as a result has them.
pub const LEFT_OUT: [&str; 3] = ["Grazing", "Fodder crops", "Live animals"];

/// What a report is to show.
#[derive(Debug, Clone)]
pub struct Options {
    /// Scenarios to show in detail, by name or identifier.
    pub scenarios: Vec<String>,
    /// Scenarios in detail at most.
    pub most: usize,
    /// Items and groups that do not count in sums over items; `None` for [`LEFT_OUT`].
    pub leave_out: Option<Vec<String>>,
    /// A table of regions to take instead of those of the result: see [`crate::analysis::regions`].
    pub regions: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options { scenarios: Vec::new(), most: 60, leave_out: None, regions: None }
    }
}

/// An area as pages need it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Name.
    pub name: String,
    /// Region.
    pub region: Option<String>,
    /// Persons.
    pub population: Option<f64>,
    /// Class of its human development index.
    pub hdi: Option<&'static str>,
    /// Longitude and latitude, degrees.
    pub at: Option<[f64; 2]>,
}

/// A result summed up.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Name of the folder.
    pub folder: String,
    /// The manifest.
    pub manifest: Manifest,
    /// The sentences to take away.
    pub takeaways: Vec<String>,
    /// The areas.
    pub areas: Vec<Placed>,
    /// The regions, in the order of the rows of every table by region.
    pub regions: Vec<String>,
    /// Names of the items.
    pub items: Vec<String>,
    /// Units of the items.
    pub units: Vec<String>,
    /// What sums over items leave out.
    pub left_out: Vec<String>,
    /// Unit of sums over items per person: of food that is eaten, or of mass.
    pub unit: &'static str,
    /// Loss per person of an area from which a failure is counted among those that cost it something.
    pub mark: f64,
    /// Runs that hold runaway sectors, which no sum here counts.
    pub runaway: usize,
    /// Baseline of the items that stories show: by item, then area, tonnes.
    pub baseline: BTreeMap<usize, Vec<Short>>,
    /// Scenarios run in all.
    pub scenarios: usize,
    /// The scenarios, worst first; of very many the worst alone.
    pub ranked: Vec<Ranked>,
    /// The areas, most exposed first.
    pub exposure: Vec<Exposure>,
    /// Areas that are not among them: what they are said to eat is more than people eat.
    pub not_eaten: Vec<(String, Short)>,
    /// Chosen scenarios in detail.
    pub stories: Vec<Story>,
    /// Scenarios over time.
    pub traces: Vec<Trace>,
    /// Pairs of shocks against their sum.
    pub pairs: Option<Pairs>,
}

/// Sums a result up.
///
/// # Errors
/// The result cannot be read, or has no such scenario or item.
pub fn overview(root: &Path, options: &Options) -> Result<Overview, AggregateError> {
    let manifest = Manifest::read(&root.join(MANIFEST))?;
    let mut world = World::read(root)?;
    if let Some(table) = &options.regions {
        regions::assign(&mut world, table)?;
    }
    let left_out = options.leave_out.clone().unwrap_or_else(|| usually_left_out(&world));
    let counted = counted(&world, &left_out)?;
    let has_scenarios = root.join(SCENARIOS).is_file();
    let recorded = if has_scenarios { scenarios::read(root)? } else { Vec::new() };
    let survey = match has_scenarios {
        true => Some(ranking::survey(root, &world, &recorded, &counted)?),
        false => None,
    };
    let chosen = match &survey {
        Some(survey) => {
            let asked = find(&survey.ranked, &options.scenarios)?;
            stories::choose(survey, &asked, &manifest.job.trace, options.most, &world)
        }
        None if options.scenarios.is_empty() => Vec::new(),
        None => {
            return Err(AggregateError::Query("the result holds no single scenarios".to_string()));
        }
    };
    let stories = match &survey {
        Some(survey) => stories::stories(root, &world, &recorded, &counted, survey, &chosen)?,
        None => Vec::new(),
    };
    let traces = traces::traces(root, &world, &recorded)?;
    let pairs = pairs::read(root)?;
    let takeaways = takeaways::takeaways(&world, survey.as_ref(), &stories, pairs.as_ref());
    let shown: BTreeSet<usize> =
        stories.iter().flat_map(|s| s.layers.iter().filter_map(|l| l.item)).collect();
    let place = |a: &super::world::Area| Placed {
        name: a.name.clone(),
        region: a.region.clone(),
        population: a.population,
        hdi: a.class().map(|c| c.name()),
        at: a.place,
    };
    let survey = survey.unwrap_or_else(Survey::empty);
    Ok(Overview {
        folder: folder_name(root),
        takeaways,
        areas: world.areas.iter().map(place).collect(),
        regions: world.regions(),
        items: world.items.iter().map(|i| i.name.clone()).collect(),
        units: world.items.iter().map(|i| i.unit.clone()).collect(),
        left_out,
        unit: if world.knows_food() { KCAL } else { KG },
        mark: ranking::mark(&world),
        runaway: manifest.counts.overshoot,
        baseline: shown.into_iter().map(|i| (i, stories::baseline_of(&world, i))).collect(),
        scenarios: survey.scenarios,
        ranked: survey.ranked,
        exposure: survey.exposure,
        not_eaten: not_eaten(&world),
        stories,
        traces,
        pairs,
        manifest,
    })
}

/// What sums over items leave out unless told otherwise: where food is known nothing, since nothing else
/// counts; else those of [`LEFT_OUT`] that the result has.
pub fn usually_left_out(world: &World) -> Vec<String> {
    let has = |name: &str| {
        let groups = |i: &super::world::Item| i.commodity_group == name || i.item_group == name;
        world.items.iter().any(|i| i.name == name || groups(i))
    };
    let names = LEFT_OUT.into_iter().filter(|name| !world.knows_food() && has(name));
    names.map(str::to_string).collect()
}

/// Areas whose supply is more than people eat, largest first.
fn not_eaten(world: &World) -> Vec<(String, Short)> {
    let named = |area: usize| Some((world.areas[area].name.clone(), world.supply(area)?));
    let mut named: Vec<(String, f64)> = world.not_eaten().into_iter().filter_map(named).collect();
    named.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named.into_iter().map(|(name, supply)| (name, Short(supply))).collect()
}

/// Name of a folder, without those above it.
fn folder_name(root: &Path) -> String {
    let path: PathBuf = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

/// Identifiers of scenarios given by name, in any case, or by identifier.
fn find(ranked: &[Ranked], asked: &[String]) -> Result<Vec<ScenarioId>, AggregateError> {
    let plain =
        |name: &str| name.split('/').map(str::trim).collect::<Vec<_>>().join("/").to_lowercase();
    let mut found = Vec::new();
    for name in asked {
        let id: Option<ScenarioId> = name.parse().ok();
        let by_id = id.and_then(|id| ranked.iter().find(|r| r.id == id));
        let by_name = || ranked.iter().find(|r| plain(&r.name) == plain(name));
        match by_id.or_else(by_name) {
            Some(ranked) => found.push(ranked.id),
            None => {
                let names = ranked.iter().map(|r| r.name.as_str());
                let hint = crate::dataset::names::nearest(name, names)
                    .map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                let problem = format!("the result has run no scenario `{name}`{hint}");
                return Err(AggregateError::Query(problem));
            }
        }
    }
    found.dedup();
    Ok(found)
}
