//! Scenario sets of a job: which scenarios it runs.
//!
//! | `set` | scenarios | keys |
//! |---|---|---|
//! | `all-single` | every sector's full failure | |
//! | `single` | selected sectors, one by one | `select`, `phi` |
//! | `areas` | selected sectors, those of an area together | `select`, `phi` |
//! | `items` | selected sectors, those of an item together | `select`, `phi` |
//! | `pairs` | every pair of `select` with `with`, or within `select` | `select`, `with`, `same_commodity_group`, `phi` |
//! | `sampled-pairs` | `count` of these pairs at random | the same, `count`, `seed` |
//! | `triples` | every triple of `select` | `select`, `same_commodity_group`, `phi` |
//! | `sampled-triples` | `count` of these triples at random | `select`, `same_commodity_group`, `count`, `seed`, `phi` |
//! | `list` | the scenarios written in the job | `list` |
//! | `table` | the scenarios of a CSV or Parquet file | `table` |
//!
//! `select` and `with` are selections: see [`crate::scenario::selection`].

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use super::listed::{ListedScenario, ListedShock};

use super::{JobError, JobFile, listed, regions};
use crate::dataset::Dataset;
use crate::scenario::pairs::{self, PairGrid};
use crate::scenario::selection::Selection;
use crate::scenario::{NamedScenario, Scenario, ScenarioId, Shock, check_intensity, set, table};

/// Scenarios that a set may have: more are for a screening, which does not keep them.
pub const MAX_SCENARIOS: u64 = 5_000_000;

fn full() -> f64 {
    1.0
}

/// Which scenarios a job runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "set", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ScenarioSet {
    /// Every sector's full failure, one scenario each.
    AllSingle,
    /// The scenarios written in the job.
    List {
        /// The scenarios, numbered from 0.
        list: Vec<ListedScenario>,
    },
    /// Selected sectors, one scenario each; the sector's index is the identifier.
    Single {
        /// The sectors.
        #[serde(default)]
        select: Selection,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// Selected sectors, all of one area in one scenario; the area's index is the identifier.
    Areas {
        /// The sectors.
        #[serde(default)]
        select: Selection,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// Selected sectors, all of one item in one scenario; the item's index is the identifier.
    Items {
        /// The sectors.
        #[serde(default)]
        select: Selection,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// All pairs of a selection with another, or within one.
    Pairs {
        /// One side.
        #[serde(default)]
        select: Selection,
        /// The other side; the same where it is missing.
        #[serde(default)]
        with: Option<Selection>,
        /// Whether both items belong to one commodity group.
        #[serde(default)]
        same_commodity_group: bool,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// Some of these pairs, chosen at random.
    SampledPairs {
        /// One side.
        #[serde(default)]
        select: Selection,
        /// The other side; the same where it is missing.
        #[serde(default)]
        with: Option<Selection>,
        /// Whether both items belong to one commodity group.
        #[serde(default)]
        same_commodity_group: bool,
        /// Number of pairs.
        count: usize,
        /// Seed of the choice.
        #[serde(default)]
        seed: u64,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// All triples of selected sectors.
    Triples {
        /// The sectors.
        #[serde(default)]
        select: Selection,
        /// Whether the items belong to one commodity group.
        #[serde(default)]
        same_commodity_group: bool,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// Some triples of selected sectors, chosen at random.
    SampledTriples {
        /// The sectors.
        #[serde(default)]
        select: Selection,
        /// Whether the items belong to one commodity group.
        #[serde(default)]
        same_commodity_group: bool,
        /// Number of triples.
        count: usize,
        /// Seed of the choice.
        #[serde(default)]
        seed: u64,
        /// Intensity in [0, 1].
        #[serde(default = "full")]
        phi: f64,
    },
    /// The scenarios of a table.
    Table {
        /// CSV or Parquet file, columns of [`crate::scenario::table`].
        table: PathBuf,
    },
}

impl ScenarioSet {
    /// The value of `set`.
    pub fn name(&self) -> &'static str {
        match self {
            ScenarioSet::AllSingle => "all-single",
            ScenarioSet::Single { .. } => "single",
            ScenarioSet::Areas { .. } => "areas",
            ScenarioSet::Items { .. } => "items",
            ScenarioSet::Pairs { .. } => "pairs",
            ScenarioSet::SampledPairs { .. } => "sampled-pairs",
            ScenarioSet::Triples { .. } => "triples",
            ScenarioSet::SampledTriples { .. } => "sampled-triples",
            ScenarioSet::List { .. } => "list",
            ScenarioSet::Table { .. } => "table",
        }
    }
}

/// The scenarios of a job's set, ascending by identifier.
///
/// # Errors
/// The set selects nothing, is too large, or names what does not exist.
pub fn expand(job: &JobFile, dataset: &Dataset) -> Result<Vec<NamedScenario>, JobError> {
    let dataset = &*regions::seen_by(job, dataset)?;
    let set = &job.scenarios;
    let dims = dataset.dimensions();
    match set {
        ScenarioSet::AllSingle => Ok(set::all_single(dataset)),
        ScenarioSet::Single { select, phi } => {
            let one = |sector: u32| (sector, vec![sector]);
            named(select.sectors(dataset)?.into_iter().map(one), *phi, dataset)
        }
        ScenarioSet::Areas { select, phi } => {
            let area = |sector: u32| dims.area_of(sector as usize) as u32;
            together(select.sectors(dataset)?, area, *phi, dataset)
        }
        ScenarioSet::Items { select, phi } => {
            let item = |sector: u32| dims.item_of(sector as usize) as u32;
            together(select.sectors(dataset)?, item, *phi, dataset)
        }
        ScenarioSet::Pairs { .. } => {
            let grid = grid_of(set, dataset)?;
            if grid.len() > MAX_SCENARIOS {
                return Err(JobError::TooManyPairs { count: grid.len(), limit: MAX_SCENARIOS });
            }
            let phi = grid.shocks()[0].phi;
            let pair = |(id, pair): (usize, [Shock; 2])| (id as u32, pair.map(|s| s.sector).into());
            named(grid.pairs().enumerate().map(pair), phi, dataset)
        }
        ScenarioSet::SampledPairs { count, seed, phi, .. } => {
            let grid = grid_of(set, dataset)?;
            let numbers = grid.sample(within_limit(*count)?, *seed).ok_or_else(|| {
                JobError::Sample { what: "pairs", count: *count, there_are: Some(grid.len()) }
            })?;
            let pairs = numbers.into_iter().filter_map(|number| grid.pair(number));
            let pair = |(id, pair): (usize, [Shock; 2])| (id as u32, pair.map(|s| s.sector).into());
            named(pairs.enumerate().map(pair), *phi, dataset)
        }
        ScenarioSet::SampledTriples { select, same_commodity_group, count, seed, phi } => {
            let sectors = select.sectors(dataset)?;
            let count = within_limit(*count)?;
            let triples =
                pairs::sample_triples(dataset, &sectors, *same_commodity_group, count, *seed);
            let triples =
                triples.ok_or(JobError::Sample { what: "triples", count, there_are: None })?;
            of_triples(triples, *phi, dataset)
        }
        ScenarioSet::Triples { select, same_commodity_group, phi } => {
            let groups = pairs::groups(dataset, &select.sectors(dataset)?, *same_commodity_group);
            let of_group = |sectors: &Vec<u32>| pairs::triples_of(sectors.len() as u64);
            let (count, limit): (u64, u64) = (groups.iter().map(of_group).sum(), MAX_SCENARIOS);
            if count == 0 {
                return Err(JobError::Sample { what: "triples", count: 1, there_are: Some(0) });
            }
            if count > limit {
                return Err(JobError::TooManyTriples { count, limit });
            }
            of_triples(pairs::triples(&groups), *phi, dataset)
        }
        ScenarioSet::Table { table } => Ok(table::read(table, dataset)?),
        ScenarioSet::List { list } => listed::scenarios(list, dataset),
    }
}

/// The grid of a job's set of pairs; that of the sample for a sample.
///
/// # Errors
/// The set is none of pairs, or its grid has none.
pub fn grid(job: &JobFile, dataset: &Dataset) -> Result<PairGrid, JobError> {
    grid_of(&job.scenarios, &*regions::seen_by(job, dataset)?)
}

fn grid_of(set: &ScenarioSet, dataset: &Dataset) -> Result<PairGrid, JobError> {
    let (ScenarioSet::Pairs { select, with, same_commodity_group, phi }
    | ScenarioSet::SampledPairs { select, with, same_commodity_group, phi, .. }) = set
    else {
        return Err(JobError::NoGrid(set.name()));
    };
    let phi = check_intensity(*phi).map_err(JobError::Intensity)?;
    let [first, second] = pairs::select(dataset, select, with.as_ref())?;
    let grid = PairGrid::new(dataset, &first, &second, *same_commodity_group, phi);
    if grid.is_empty() {
        return Err(JobError::Sample { what: "pairs", count: 1, there_are: Some(0) });
    }
    Ok(grid)
}

fn within_limit(count: usize) -> Result<usize, JobError> {
    if (1..=MAX_SCENARIOS as usize).contains(&count) {
        return Ok(count);
    }
    Err(JobError::Value {
        key: "scenarios.count",
        value: count.to_string(),
        expected: format!("1 to {MAX_SCENARIOS}"),
    })
}

/// Scenarios of sectors that share a number, which is the identifier.
fn together(
    sectors: Vec<u32>,
    number: impl Fn(u32) -> u32,
    phi: f64,
    dataset: &Dataset,
) -> Result<Vec<NamedScenario>, JobError> {
    let mut by_number: std::collections::BTreeMap<u32, Vec<u32>> = Default::default();
    for sector in sectors {
        by_number.entry(number(sector)).or_default().push(sector);
    }
    named(by_number.into_iter(), phi, dataset)
}

fn of_triples(
    triples: Vec<[u32; 3]>,
    phi: f64,
    dataset: &Dataset,
) -> Result<Vec<NamedScenario>, JobError> {
    let triple = |(id, triple): (usize, [u32; 3])| (id as u32, triple.into());
    named(triples.into_iter().enumerate().map(triple), phi, dataset)
}

/// Scenarios of identifiers and sectors, named by what they shock.
fn named(
    scenarios: impl Iterator<Item = (u32, Vec<u32>)>,
    phi: f64,
    dataset: &Dataset,
) -> Result<Vec<NamedScenario>, JobError> {
    let phi = check_intensity(phi).map_err(JobError::Intensity)?;
    let scenario = |(id, sectors): (u32, Vec<u32>)| {
        let shocks = sectors.into_iter().map(|sector| Shock::new(sector, phi)).collect();
        let scenario = Scenario { id: ScenarioId(id), shocks, adaptation: None };
        let name = scenario.describe(dataset);
        NamedScenario::new(scenario, name)
    };
    Ok(scenarios.map(scenario).collect())
}
