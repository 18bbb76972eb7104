//! Losses summed over regions, groups and scenarios.
//!
//! Amounts are summed first: the relative loss of a group is `(sum xb - sum x) / sum xb` over all its
//! sectors, also those that lose nothing and so have no row in the loss tables; a group's loss per
//! person is its areas' summed loss over their summed population, areas without one left out of both
//! and counted. Sums over items are of those counted in tonnes; sectors that have run away lose and gain
//! nothing in them; both unless the published sums are asked for. Sums over several scenarios are given as means per scenario run; scenarios without
//! effect do not count, nor those that have diverged ([`diverged`] says how many). Runs without and with adaptation are never summed.
//!
//! Source: Laber et al. 2023, eq. 11; Baum et al. 2024, eqs. 39-41.

mod groups;
mod sums;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::groups::Groups;
use self::sums::Sums;
use super::outcomes::{self, Losses};
use super::scenarios::{self, Recorded};
use super::world::World;
use crate::dataset::names::nearest;
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::scenario::{Response, RunKey, ScenarioId};
use crate::sink::SinkError;

/// What losses are summed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Scenario.
    Scenario,
    /// Region of the world.
    Region,
    /// Class of the human development index.
    HdiClass,
    /// Area.
    Area,
    /// Group of items by origin and processing.
    ItemGroup,
    /// Group of like commodities.
    CommodityGroup,
    /// Item.
    Item,
}

impl Dimension {
    /// All of them, in the order of their columns.
    pub const ALL: [Dimension; 7] = [
        Dimension::Scenario,
        Dimension::Region,
        Dimension::HdiClass,
        Dimension::Area,
        Dimension::ItemGroup,
        Dimension::CommodityGroup,
        Dimension::Item,
    ];

    /// Name of its column.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Scenario => "scenario",
            Dimension::Region => "region",
            Dimension::HdiClass => "hdi_class",
            Dimension::Area => "area",
            Dimension::ItemGroup => "item_group",
            Dimension::CommodityGroup => "commodity_group",
            Dimension::Item => "item",
        }
    }
}

impl std::str::FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim().replace('-', "_").to_lowercase();
        Dimension::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| {
            let names = Dimension::ALL.map(Dimension::name);
            let hint = nearest(&name, names)
                .map_or(String::new(), |name| format!(", did you mean `{name}`?"));
            format!("`{text}` is nothing to sum by{hint} (expected some of {})", names.join(", "))
        })
    }
}

/// What is summed, and by what.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Dimensions of the groups, in any order, each once.
    pub by: Vec<Dimension>,
    /// Only these scenarios.
    pub scenarios: Option<Vec<ScenarioId>>,
    /// Only runs with, or only runs without adaptation.
    pub adaptation: Option<Response>,
    /// Whether losses in the areas that are shocked are left out, and with them what those areas have
    /// (as Laber et al. 2023 do in figure 4).
    pub others_only: bool,
    /// Items and groups of items that are left out.
    pub leave_out: Vec<String>,
    /// Whether sums over items add everything, heads of animals and sectors that have run away too, as
    /// the published ones do.
    pub published: bool,
}

impl Query {
    /// Whether a run is asked for.
    fn asks(&self, (scenario, way): RunKey) -> bool {
        self.scenarios.as_ref().is_none_or(|chosen| chosen.contains(&scenario))
            && self.adaptation.is_none_or(|asked| asked == way)
    }
}

/// One group of sectors in one scenario, or in the mean over scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// Scenario, if losses are summed by it.
    pub scenario: Option<ScenarioId>,
    /// Whether areas adapt.
    pub adaptation: Response,
    /// Values of the other dimensions, in the order of [`Dimension::ALL`]; `None` for areas without
    /// one.
    pub labels: Vec<Option<String>>,
    /// Scenarios that amounts are the mean of.
    pub scenarios: u64,
    /// Available amount without the shock, tonnes.
    pub baseline: f64,
    /// Absolute loss, tonnes.
    pub al: f64,
    /// Summed population of the areas that have one, persons.
    pub population: f64,
    /// Absolute loss of these areas, tonnes.
    pub al_populated: f64,
    /// Areas without a population.
    pub areas_without_population: u64,
    /// Unit of the amounts.
    pub unit: String,
    /// Whether they have a mass.
    pub has_mass: bool,
    /// Food that people eat less, as [`crate::analysis::outcomes::Losses::value`] of the areas that have a
    /// population; `None` where the result knows no food.
    pub food: Option<f64>,
}

/// Unit of sums over items.
pub const TONNES: &str = "tonne";

/// Unit of sums that add everything.
pub const ADDED: &str = "tonnes and heads added";

impl GroupRow {
    /// Available amount with the shock, tonnes.
    pub fn available(&self) -> f64 {
        self.baseline - self.al
    }

    /// Relative loss, unit 1, clipped below at -1.
    pub fn rl(&self) -> f64 {
        reported_relative_loss(self.al, self.baseline)
    }

    /// Loss per person, kg; `None` without population.
    pub fn al_per_capita(&self) -> Option<f64> {
        (self.population > 0.0 && self.has_mass)
            .then(|| loss_per_capita(self.al_populated, self.population))
    }

    /// Food that people eat less, kcal per person and day; `None` without population or food.
    pub fn kcal_per_person_day(&self) -> Option<f64> {
        let food = self.food.filter(|_| self.population > 0.0)?;
        Some(loss_per_capita(food, self.population))
    }
}

/// A question that cannot be asked of a result.
#[derive(Debug, thiserror::Error)]
pub enum AggregateError {
    /// The result cannot be read.
    #[error(transparent)]
    Result(#[from] SinkError),
    /// The question is wrong.
    #[error("{0}")]
    Query(String),
}

/// Whether each item counts, given items and groups to leave out.
///
/// # Errors
/// A name is neither an item, a commodity group nor an item group of the result.
pub fn counted(world: &World, leave_out: &[String]) -> Result<Vec<bool>, AggregateError> {
    let names = || {
        let of = |i: &super::world::Item| {
            [i.name.clone(), i.commodity_group.clone(), i.item_group.clone()]
        };
        world.items.iter().flat_map(of)
    };
    for name in leave_out {
        let known: Vec<String> = names().collect();
        if !known.contains(name) {
            let hint = nearest(name, known.iter().map(String::as_str))
                .map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            return Err(AggregateError::Query(format!(
                "`{name}` is no item, commodity group or item group of the result{hint}"
            )));
        }
    }
    let is_out = |name: &String| leave_out.contains(name);
    let of = |i: &super::world::Item| {
        !(is_out(&i.name) || is_out(&i.commodity_group) || is_out(&i.item_group))
    };
    Ok(world.items.iter().map(of).collect())
}

/// Sums the losses of a result; `emit` gets rows in order: by scenario, then without and with
/// adaptation, then by the groups' names.
///
/// By scenario, groups that no row of the loss tables falls into are left out: they lose nothing.
///
/// # Errors
/// The result cannot be read, or does not have what the query names.
pub fn aggregate(
    root: &Path,
    world: &World,
    query: &Query,
    mut emit: impl FnMut(Vec<GroupRow>) -> Result<(), SinkError>,
) -> Result<(), AggregateError> {
    let mut counted = counted(world, &query.leave_out)?;
    let adds_items = !query.by.contains(&Dimension::Item);
    for (counts, item) in counted.iter_mut().zip(&world.items) {
        // What has a unit of its own is added to nothing.
        *counts &= !adds_items || item.is_summed || query.published;
    }
    let recorded = scenarios::read(root)?;
    if let Some(chosen) = &query.scenarios {
        let known = |id: &ScenarioId| recorded.binary_search_by_key(id, |r| r.id).is_ok();
        if let Some(id) = chosen.iter().find(|id| !known(id)) {
            return Err(AggregateError::Query(format!("the result has no scenario {id}")));
        }
    }
    let is_asked = |key: RunKey| query.asks(key);
    let run: Vec<&Recorded> = recorded.iter().filter(|r| r.is_run && is_asked(r.key())).collect();
    let groups = Groups::new(world, &query.by, &counted, query.published);
    let shocked = |key: RunKey| -> Vec<usize> {
        if !query.others_only {
            return Vec::new();
        }
        let at = run.binary_search_by_key(&key, |r| r.key());
        let areas = at.map_or(Vec::new(), |at| run[at].areas());
        let mut areas: Vec<usize> = areas.iter().filter_map(|name| world.area(name)).collect();
        areas.sort_unstable();
        areas.dedup();
        areas
    };
    if query.by.contains(&Dimension::Scenario) {
        let files = outcomes::files(root)?;
        for window in files.chunks(rayon::current_num_threads().max(1)) {
            let of_file = |path: &PathBuf| -> Result<Vec<GroupRow>, SinkError> {
                let mut rows = Vec::new();
                outcomes::read(path, world, outcomes::ALL, |losses: Losses<'_>| {
                    if is_asked(losses.key) {
                        let own = groups.of_scenario(&losses, &shocked(losses.key));
                        rows.extend(own);
                    }
                })?;
                Ok(rows)
            };
            let parts: Vec<Vec<GroupRow>> =
                window.par_iter().with_max_len(1).map(of_file).collect::<Result<_, _>>()?;
            for rows in parts {
                emit(rows)?;
            }
        }
        return Ok(());
    }
    let new = || [Sums::new(&groups), Sums::new(&groups)];
    let parts = outcomes::fold(root, world, outcomes::ALL, new, |sums, losses| {
        if is_asked(losses.key) {
            sums[losses.key.1.index()].add(&groups, &losses, &shocked(losses.key));
        }
    })?;
    let mut total = new();
    for part in &parts {
        for (own, others) in total.iter_mut().zip(part) {
            own.merge(others);
        }
    }
    for (way, sums) in Response::BOTH.into_iter().zip(&mut total) {
        let of_way = run.iter().filter(|r| r.adaptation == way);
        for recorded in of_way {
            sums.add_scenario(&groups, &shocked(recorded.key()));
        }
        emit(sums.rows(&groups, way))?;
    }
    Ok(())
}

/// Scenarios, of those asked for, that have diverged: what they lose is not known, and they are in no
/// sum and no mean.
///
/// # Errors
/// The result has no scenario table, or cannot be read.
pub fn diverged(root: &Path, query: &Query) -> Result<usize, AggregateError> {
    let recorded = scenarios::read(root)?;
    Ok(recorded.iter().filter(|r| r.diverged_at.is_some() && query.asks(r.key())).count())
}

/// All rows of an aggregation.
///
/// # Errors
/// As [`aggregate`].
pub fn rows(root: &Path, world: &World, query: &Query) -> Result<Vec<GroupRow>, AggregateError> {
    let mut all = Vec::new();
    aggregate(root, world, query, |rows| {
        all.extend(rows);
        Ok(())
    })?;
    Ok(all)
}
