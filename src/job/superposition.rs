//! The job's table `[superposition]`: pairs of shocks against their sum, triples against what their pairs
//! explain.
//!
//! ```toml
//! [superposition]
//! keep = "all"        # "all": every pair of the set is run, and kept in superposition.parquet; every
//!                     # triple in triples.parquet
//!                     # "top": a screening; pairs that cannot interact are not run, the best kept
//! top = 10            # screening: pairs kept per ranking
//! tolerance = 1.0     # screening: pairs whose |S| is provably below it count as 0, tonnes; what `matrix` lists is
//!                     # listed whatever this says
//! rules = true        # screening: whether pairs that cannot interact are recognised
//! # matrix = 1.0      # screening: |S| from which a pair is listed in matrix.parquet, tonnes
//! check = 1000        # screening: pairs that need no run, about, that are run to check the rules
//! stages = true       # whether S is taken apart by running every kept pair, or triple, without stages
//! # receivers = 1.0   # also S by receiving area, where it exceeds this, kg per person
//! # items = 1.0       # also S by item, where it exceeds this, in the unit of the item
//! leave_out = []      # items, commodity groups or item groups left out of sums over all items
//! add_heads = false   # whether those sums add heads of animals to tonnes, as the published ones do
//! ```

use serde::{Deserialize, Serialize};

use super::{Adaptation, JobError, JobFile, sets};
use crate::dataset::{Dataset, Item};
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::pairs::PairGrid;
use crate::scenario::selection::items_named;
use crate::scenario::{NamedScenario, ScenarioId, Shock};

/// Keys of the table.
pub const KEYS: [&str; 11] = [
    "keep",
    "top",
    "tolerance",
    "rules",
    "matrix",
    "check",
    "stages",
    "receivers",
    "items",
    "leave_out",
    "add_heads",
];

/// Which pairs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Every pair of the scenario set.
    #[default]
    All,
    /// The best of a grid of pairs.
    Top,
}

impl Keep {
    /// The value in job files.
    pub fn name(self) -> &'static str {
        match self {
            Keep::All => "all",
            Keep::Top => "top",
        }
    }
}

/// The table as written; see [this module](self).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SuperpositionJob {
    /// Which pairs are kept.
    pub keep: Keep,
    /// Pairs kept per ranking.
    pub top: usize,
    /// Bound on |S| below which a pair is not run, tonnes.
    pub tolerance: f64,
    /// Whether pairs that cannot interact are recognised.
    pub rules: bool,
    /// |S| from which a pair of a screening is listed, tonnes; nothing is listed without it.
    pub matrix: Option<f64>,
    /// Pairs, about, that are run to check the rules.
    pub check: usize,
    /// Whether S is taken apart.
    pub stages: bool,
    /// S by area is written above this, kg per person.
    pub receivers: Option<f64>,
    /// S by item is written above this, in the unit of the item.
    pub items: Option<f64>,
    /// Items, commodity groups or item groups that do not count over the whole network.
    pub leave_out: Vec<String>,
    /// Whether sums over the whole network add what is counted in heads to tonnes, for parity with the
    /// published ones.
    pub add_heads: bool,
}

impl SuperpositionJob {
    /// Bound on |S| below which a pair of a screening counts as 0, tonnes: none that is listed does.
    pub fn negligible(&self) -> f64 {
        self.matrix.map_or(self.tolerance, |from| from.min(self.tolerance))
    }
}

impl Default for SuperpositionJob {
    fn default() -> Self {
        SuperpositionJob {
            keep: Keep::All,
            top: 10,
            tolerance: 1.0,
            rules: true,
            matrix: None,
            check: 1000,
            stages: true,
            receivers: None,
            items: None,
            leave_out: Vec::new(),
            add_heads: false,
        }
    }
}

/// The table checked against the dataset.
#[derive(Debug, Clone)]
pub struct SuperpositionPlan {
    /// The table as written.
    pub job: SuperpositionJob,
    /// Which pairs are kept.
    pub keep: Keep,
    /// Shocks of each scenario: 2, or 3.
    pub shocks: usize,
    /// Per item, whether it counts over the whole network.
    pub counted: Vec<bool>,
    /// Names of the items, and groups of items, that do not.
    pub left_out: Vec<String>,
    /// The pairs of a screening.
    pub grid: Option<PairGrid>,
    /// How areas adapt in a screening.
    pub adaptation: Option<AdaptationSettings>,
}

/// From where on parts of S are written; nothing is of what is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PartsAbove {
    /// |S| of a receiving area, kg per person.
    pub receivers: Option<f64>,
    /// |S| of an item, in its unit.
    pub items: Option<f64>,
}

/// Largest number of pairs that a screening can number.
const MAX_PAIRS: u64 = i32::MAX as u64;

impl SuperpositionPlan {
    /// Checks the job's table; `None` where it has none.
    ///
    /// # Errors
    /// A value out of range, or a screening of something else than a grid of pairs.
    pub fn new(job: &JobFile, dataset: &Dataset) -> Result<Option<Self>, JobError> {
        let Some(own) = &job.superposition else { return Ok(None) };
        let value = |key, value: String, expected: &str| {
            Err(JobError::Value { key, value, expected: expected.to_string() })
        };
        if !(own.tolerance >= 0.0 && own.tolerance.is_finite()) {
            return value(
                "superposition.tolerance",
                own.tolerance.to_string(),
                "tonnes, 0 or more",
            );
        }
        if let Some(from) = own.matrix
            && !(from >= 0.0 && from.is_finite())
        {
            return value("superposition.matrix", from.to_string(), "tonnes, 0 or more");
        }
        if let Some(above) = own.receivers
            && !(above >= 0.0 && above.is_finite())
        {
            let expected = "kg per person, 0 or more";
            return value("superposition.receivers", above.to_string(), expected);
        }
        if let Some(above) = own.items
            && !(above >= 0.0 && above.is_finite())
        {
            let expected = "an amount in the unit of the item, 0 or more";
            return value("superposition.items", above.to_string(), expected);
        }
        if !(1..=100_000).contains(&own.top) {
            return value("superposition.top", own.top.to_string(), "1 to 100000");
        }
        let left_out = items_named("leave_out", &own.leave_out, dataset)?;
        let (mut grid, mut adaptation) = (None, None);
        if own.keep == Keep::Top {
            if !matches!(job.scenarios, sets::ScenarioSet::Pairs { .. }) {
                return Err(JobError::NoGrid(job.scenarios.name()));
            }
            let pairs = sets::grid(job, dataset)?;
            if pairs.len() > MAX_PAIRS {
                return Err(JobError::TooManyPairs { count: pairs.len(), limit: MAX_PAIRS });
            }
            grid = Some(pairs);
            if job.adaptation != Some(Adaptation::Off) {
                if dataset.rules.is_none() {
                    return Err(JobError::NoRules(ScenarioId(0)));
                }
                let settings = job.adaptive.settings_for(dataset);
                let switch = |problem| JobError::Switch { scenario: ScenarioId(0), problem };
                adaptation = Some(settings.map_err(switch)?);
            }
        }
        Ok(Some(SuperpositionPlan {
            job: own.clone(),
            keep: own.keep,
            // What the scenarios say once they are known.
            shocks: 2,
            left_out: names_left_out(own, dataset),
            counted: left_out
                .into_iter()
                .zip(dataset.labels.are_summed())
                .map(|(left_out, is_summed)| !left_out && (own.add_heads || is_summed))
                .collect(),
            grid,
            adaptation,
        }))
    }
}

impl SuperpositionPlan {
    /// From where on parts of S are written.
    pub fn parts_above(&self) -> PartsAbove {
        PartsAbove { receivers: self.job.receivers, items: self.job.items }
    }
}

/// What sums over the whole network leave out: what the job says, and what is not summed with the rest; a
/// commodity group by its name where none of its items is.
fn names_left_out(job: &SuperpositionJob, dataset: &Dataset) -> Vec<String> {
    let items = &dataset.labels.items;
    let mut names = job.leave_out.clone();
    let unit = dataset.labels.summed_unit();
    let is_apart = |item: &Item| Some(&item.unit) != unit;
    for item in items.iter().filter(|item| !job.add_heads && is_apart(item)) {
        let group = &item.commodity_group;
        let whole = items.iter().filter(|i| i.commodity_group == *group).all(is_apart);
        let name = if whole { group } else { &item.name };
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// How many constant shocks each of the scenarios has: two, or three.
///
/// # Errors
/// The first scenario that has another number of them, or others.
pub fn shocks_of_each(scenarios: &[NamedScenario]) -> Result<usize, JobError> {
    let is_constant = |s: &NamedScenario| {
        let plain = |shock: &Shock| shock.is_constant() && shock.kind.is_of_output();
        s.scenario.shocks.iter().all(plain)
    };
    if let Some(changing) = scenarios.iter().find(|s| !is_constant(s)) {
        return Err(JobError::ChangingPair {
            scenario: changing.scenario.id,
            name: changing.name.clone(),
        });
    }
    let of_first = scenarios.first().map_or(2, |first| first.scenario.shocks.len());
    let shocks = if of_first == 3 { 3 } else { 2 };
    match scenarios.iter().find(|s| s.scenario.shocks.len() != shocks) {
        None => Ok(shocks),
        Some(other) => Err(JobError::NoPair {
            scenario: other.scenario.id,
            name: other.name.clone(),
            shocks: other.scenario.shocks.len(),
        }),
    }
}
