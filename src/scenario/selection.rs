//! Selections of sectors, as jobs write them.
//!
//! ```toml
//! [scenarios.select]
//! areas = ["India", "UKR", "EU"]       # names, codes, groups or regions
//! regions = ["Asia South"]             # regions of the world
//! hdi = ["low", "medium"]              # classes of the human development index
//! items = ["Rice and products", "wheat"]
//! commodity_groups = ["Cereals"]
//! item_groups = ["Primary crops"]
//! leave_out = ["Grazing"]              # items, commodity groups or item groups
//! exporters = true                     # only sectors that export; false by default
//! producers = true                     # only sectors that produce; true by default
//! largest = 500                        # of what is left, the largest ...
//! largest_by = "production"            # ... by output or exports of the first year
//! ```
//!
//! Values of one key are alternatives, keys narrow each other: `regions` and `hdi` together select
//! the areas that are in one of the regions and in one of the classes. `largest` comes last.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::dataset::hdi::HdiClass;
use crate::dataset::names::text::region_key;
use crate::dataset::names::{NameError, NameIndex, nearest, suggestion};
use crate::dataset::{Area, Dataset, Item};
use crate::model::step;

/// Keys of a selection.
pub const KEYS: [&str; 11] = [
    "areas",
    "regions",
    "hdi",
    "items",
    "commodity_groups",
    "item_groups",
    "leave_out",
    "exporters",
    "producers",
    "largest",
    "largest_by",
];

/// What the size of a sector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Output in the first year, start stocks apart, tonnes.
    #[default]
    Production,
    /// Exports in the first year, tonnes.
    Exports,
}

/// Sectors as a job selects them; see [this module](self).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// Areas and groups of areas, as people write them.
    pub areas: Vec<String>,
    /// Regions of the world.
    pub regions: Vec<String>,
    /// Classes of the human development index.
    pub hdi: Vec<String>,
    /// Items and groups of items, as people write them.
    pub items: Vec<String>,
    /// Commodity groups, such as `Cereals`.
    pub commodity_groups: Vec<String>,
    /// Item groups, such as `Primary crops`.
    pub item_groups: Vec<String>,
    /// Items, commodity groups or item groups that are not selected.
    pub leave_out: Vec<String>,
    /// Whether only exporting sectors are selected.
    pub exporters: bool,
    /// Whether only producing sectors are selected.
    pub producers: bool,
    /// Number of sectors selected at most.
    pub largest: Option<usize>,
    /// What their size is.
    pub largest_by: Size,
}

impl Default for Selection {
    fn default() -> Self {
        Selection {
            areas: Vec::new(),
            regions: Vec::new(),
            hdi: Vec::new(),
            items: Vec::new(),
            commodity_groups: Vec::new(),
            item_groups: Vec::new(),
            leave_out: Vec::new(),
            exporters: false,
            producers: true,
            largest: None,
            largest_by: Size::default(),
        }
    }
}

/// Valid values that an error lists at most.
const MOST_NAMED: usize = 30;

/// A selection that selects nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SelectionError {
    /// An area or item that does not exist.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A group, region or class that nothing belongs to.
    #[error("{key}: nothing is in `{value}`{valid}")]
    NoMember {
        /// Key of the selection.
        key: &'static str,
        /// What was asked for.
        value: String,
        /// The valid value nearest to it or, where none is near, the valid ones, as a clause.
        valid: String,
    },
    /// Keys that have no sector in common.
    #[error("the selection is empty: no {what} has everything that {keys} ask for")]
    Empty {
        /// What was selected: sectors.
        what: &'static str,
        /// The keys that were given.
        keys: String,
    },
}

impl Selection {
    /// The selected sectors, ascending.
    ///
    /// # Errors
    /// A value that matches nothing, or keys that together leave nothing.
    pub fn sectors(&self, dataset: &Dataset) -> Result<Vec<u32>, SelectionError> {
        let labels = &dataset.labels;
        let dims = dataset.dimensions();
        let names = NameIndex::new(labels);
        let (mut areas, mut items) = (vec![false; dims.areas], vec![false; dims.items]);
        for name in &self.areas {
            names.areas(name)?.into_iter().for_each(|area| areas[area] = true);
        }
        for name in &self.items {
            names.items(name)?.into_iter().for_each(|item| items[item] = true);
        }
        let region = |a: &Area| a.region.clone();
        let regions = members("regions", &self.regions, &labels.areas, region)?;
        let class = |a: &Area| a.hdi.map(|hdi| HdiClass::of(hdi).name().replace(' ', "-"));
        let classes: Vec<String> = self.hdi.iter().map(|c| c.trim().replace(' ', "-")).collect();
        let hdi = members("hdi", &classes, &labels.areas, class)?;
        let commodity = |i: &Item| Some(i.commodity_group.clone());
        let commodity_groups =
            members("commodity_groups", &self.commodity_groups, &labels.items, commodity)?;
        let group = |i: &Item| Some(i.group.clone());
        let item_groups = members("item_groups", &self.item_groups, &labels.items, group)?;
        let left_out = items_named("leave_out", &self.leave_out, dataset)?;

        let producers = dataset.parameters.producers();
        let exports = exports(dataset);
        let mut sectors: Vec<u32> = (0..dims.sectors())
            .filter(|&s| {
                let (area, item) = (dims.area_of(s), dims.item_of(s));
                (self.areas.is_empty() || areas[area])
                    && regions[area]
                    && hdi[area]
                    && (self.items.is_empty() || items[item])
                    && commodity_groups[item]
                    && item_groups[item]
                    && !left_out[item]
                    && (!self.producers || producers[s])
                    && (!self.exporters || exports[s] > 0.0)
            })
            .map(|s| s as u32)
            .collect();
        if let Some(largest) = self.largest {
            let size = match self.largest_by {
                // A step after the first: without the start stocks.
                Size::Production => step::output(&dataset.parameters, &dataset.parameters.x0, 1),
                Size::Exports => exports,
            };
            sectors.sort_by(|&a, &b| size[b as usize].total_cmp(&size[a as usize]).then(a.cmp(&b)));
            sectors.truncate(largest);
            sectors.sort_unstable();
        }
        if sectors.is_empty() {
            return Err(SelectionError::Empty { what: "sector", keys: self.keys().join(", ") });
        }
        Ok(sectors)
    }

    /// The keys that narrow the selection.
    fn keys(&self) -> Vec<&'static str> {
        let given = [
            !self.areas.is_empty(),
            !self.regions.is_empty(),
            !self.hdi.is_empty(),
            !self.items.is_empty(),
            !self.commodity_groups.is_empty(),
            !self.item_groups.is_empty(),
            !self.leave_out.is_empty(),
            self.exporters,
            self.producers,
            self.largest.is_some(),
        ];
        KEYS.into_iter().zip(given).filter(|(_, given)| *given).map(|(key, _)| key).collect()
    }
}

/// What every sector exports in the first year, tonnes; 0 for those whose exports nobody takes.
fn exports(dataset: &Dataset) -> Vec<f64> {
    let p = &dataset.parameters;
    let taken = p.trade_t.column_sums();
    let of = |s: usize| if taken[s] > 0.0 { p.share_eta_exp[s] * p.x0[s] } else { 0.0 };
    (0..p.x0.len()).map(of).collect()
}

/// Which of `all` have one of the wanted values; all of them where none is wanted.
fn members<T>(
    key: &'static str,
    wanted: &[String],
    all: &[T],
    value: impl Fn(&T) -> Option<String>,
) -> Result<Vec<bool>, SelectionError> {
    let values: Vec<Option<String>> = all.iter().map(value).collect();
    let mut is_member = vec![wanted.is_empty(); all.len()];
    for wanted in wanted {
        let mut found = false;
        for (member, value) in is_member.iter_mut().zip(&values) {
            if value.as_ref().is_some_and(|v| is_same(v, wanted)) {
                *member = true;
                found = true;
            }
        }
        if !found {
            let valid = valid_values(wanted, values.iter().flatten());
            return Err(SelectionError::NoMember { key, value: wanted.clone(), valid });
        }
    }
    Ok(is_member)
}

/// Whether two spellings mean the same region, class or group.
fn is_same(value: &str, wanted: &str) -> bool {
    value.eq_ignore_ascii_case(wanted.trim()) || region_key(value) == region_key(wanted)
}

/// A clause that names the valid value nearest to `wanted`, or all where none is near and they are
/// few.
fn valid_values<'a>(wanted: &str, valid: impl IntoIterator<Item = &'a String>) -> String {
    let valid: BTreeSet<&str> = valid.into_iter().map(String::as_str).collect();
    let near = nearest(wanted, valid.iter().copied());
    if near.is_some() || valid.len() > MOST_NAMED {
        return suggestion(&near);
    }
    let valid: Vec<String> = valid.into_iter().map(|value| format!("`{value}`")).collect();
    format!("; there are {}", valid.join(", "))
}

/// Which items are named, by their own name or that of a commodity group or item group.
///
/// # Errors
/// A name that is none of these.
pub fn items_named(
    key: &'static str,
    names: &[String],
    dataset: &Dataset,
) -> Result<Vec<bool>, SelectionError> {
    let items = &dataset.labels.items;
    let of = |item: &Item| [item.name.clone(), item.commodity_group.clone(), item.group.clone()];
    let index = NameIndex::new(&dataset.labels);
    let mut is_named = vec![false; items.len()];
    for name in names {
        let Ok(found) = index.items(name) else {
            let all: Vec<String> = items.iter().flat_map(of).collect();
            let valid = valid_values(name, &all);
            return Err(SelectionError::NoMember { key, value: name.clone(), valid });
        };
        found.into_iter().for_each(|item| is_named[item] = true);
    }
    Ok(is_named)
}
