//! What a page must know of a world before it asks: areas, items, names people use, where the data come from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sweep::Sweep;
use super::worlds::Place;
use crate::dataset::hash;
use crate::dataset::hdi::HdiClass;
use crate::dataset::names::atlas::ATLAS;
use crate::dataset::{Area, Dataset};
use crate::model::constants::STEPS;

/// A world as a page knows it.
#[derive(Debug, Clone, Serialize)]
pub struct Catalogue {
    /// Version of the program.
    pub version: &'static str,
    /// Name of the dataset.
    pub name: String,
    /// Year that it describes.
    pub year: Option<i32>,
    /// Licence.
    pub licence: String,
    /// Whether it is invented.
    pub synthetic: bool,
    /// What must be said wherever its numbers are shown.
    pub warning: Option<String>,
    /// Hash of its content.
    pub hash: String,
    /// Whether areas can adapt.
    pub has_rules: bool,
    /// Yearly steps.
    pub steps: usize,
    /// Measures over all items, the usual one first.
    pub measures: Vec<&'static str>,
    /// Areas, by position.
    pub areas: Vec<AreaEntry>,
    /// Items, by position.
    pub items: Vec<ItemEntry>,
    /// Processes, of which an area's can be closed.
    pub processes: Vec<String>,
    /// Groups of areas that can be named as one.
    pub groups: Vec<String>,
    /// Where the tables come from: table, status, source.
    pub sources: Vec<(String, String, String)>,
    /// A failure to begin with: area and item, that which the world makes most food of.
    pub first: Option<(usize, usize)>,
    /// The finished sweep that was opened, and how many scenarios it holds.
    pub result: Option<(String, usize)>,
}

/// An area.
#[derive(Debug, Clone, Serialize)]
pub struct AreaEntry {
    /// Name.
    pub name: String,
    /// Code, empty where it has none.
    pub iso3: String,
    /// Other names that people use.
    pub also: Vec<String>,
    /// Region.
    pub region: Option<String>,
    /// Persons.
    pub population: Option<f64>,
    /// Longitude and latitude.
    pub at: Option<[f64; 2]>,
    /// Class of human development.
    pub hdi: Option<&'static str>,
    /// Items that it produces, those first of which it makes most.
    pub makes: Vec<usize>,
}

/// An item.
#[derive(Debug, Clone, Serialize)]
pub struct ItemEntry {
    /// Name.
    pub name: String,
    /// Group.
    pub group: String,
    /// Sign of its unit.
    pub unit: String,
    /// Whether people eat it.
    pub is_food: bool,
    /// Areas that produce it, those first that make most.
    pub makers: Vec<usize>,
}

impl Catalogue {
    /// What there is to know.
    pub fn of(place: &Place, sweep: Option<&Sweep>) -> Self {
        let dataset = &*place.dataset;
        let (labels, metadata) = (&dataset.labels, &dataset.metadata);
        let output = first_output(place);
        let status = |s: &crate::dataset::metadata::TableSource| {
            (s.table.clone(), format!("{:?}", s.status).to_lowercase(), s.source.clone())
        };
        Catalogue {
            version: env!("CARGO_PKG_VERSION"),
            name: metadata.name.clone(),
            year: metadata.year,
            licence: metadata.licence.clone(),
            synthetic: metadata.synthetic,
            warning: metadata.warning(),
            hash: hash::content_hash(dataset),
            has_rules: dataset.rules.is_some(),
            steps: STEPS,
            measures: place.measures(),
            areas: (0..labels.areas.len()).map(|area| area_entry(dataset, area, &output)).collect(),
            items: (0..labels.items.len()).map(|item| item_entry(dataset, item, &output)).collect(),
            processes: labels.processes.iter().map(|process| process.name.clone()).collect(),
            groups: groups(dataset),
            sources: metadata.sources.iter().map(status).collect(),
            first: first(dataset, &output),
            result: sweep.map(|sweep| (sweep.name.clone(), sweep.len())),
        }
    }
}

/// What every sector makes in the first step of the unshocked run; 0 of those that produce nothing.
fn first_output(place: &Place) -> Vec<f64> {
    use crate::engine::Engine;
    let producers = place.dataset.parameters.producers();
    let output = place.engine.baseline().output.first().cloned().unwrap_or_default();
    output.iter().zip(producers).map(|(o, is)| if is { *o } else { 0.0 }).collect()
}

fn area_entry(dataset: &Dataset, area: usize, output: &[f64]) -> AreaEntry {
    let (label, dims) = (&dataset.labels.areas[area], dataset.dimensions());
    let made = |item: &usize| output[dims.sector(area, *item)];
    let mut makes: Vec<usize> = (0..dims.items).filter(|item| made(item) > 0.0).collect();
    // Mass first: heads and tonnes do not compare, and are told apart by their units.
    let is_mass = |item: &usize| dataset.labels.items[*item].is_mass();
    makes.sort_by(|a, b| is_mass(b).cmp(&is_mass(a)).then(made(b).total_cmp(&made(a))));
    AreaEntry {
        name: label.name.clone(),
        iso3: label.iso3.clone(),
        also: also(label),
        region: label.region.clone(),
        population: label.population,
        at: label.longitude.zip(label.latitude).map(|(x, y)| [x, y]),
        hdi: label.hdi.map(|hdi| HdiClass::of(hdi).name()),
        makes,
    }
}

/// Names that people use for an area besides its own.
fn also(label: &Area) -> Vec<String> {
    let known = ATLAS.places.iter().find(|place| place.iso3 == label.iso3);
    let names = known.into_iter().flat_map(|place| place.names.iter().chain([&place.iso2]));
    names.filter(|n| !n.is_empty() && **n != label.name).map(ToString::to_string).collect()
}

fn item_entry(dataset: &Dataset, item: usize, output: &[f64]) -> ItemEntry {
    let (label, dims) = (&dataset.labels.items[item], dataset.dimensions());
    let made = |area: &usize| output[dims.sector(*area, item)];
    let mut makers: Vec<usize> = (0..dims.areas).filter(|area| made(area) > 0.0).collect();
    makers.sort_by(|a, b| made(b).total_cmp(&made(a)));
    ItemEntry {
        name: label.name.clone(),
        group: label.commodity_group.clone(),
        unit: label.unit.sign().to_string(),
        is_food: label.nutrition.is_some_and(|n| n.is_food),
        makers,
    }
}

/// Regions of the dataset, and groups of the atlas of which it has at least two members.
fn groups(dataset: &Dataset) -> Vec<String> {
    let areas = &dataset.labels.areas;
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    for region in areas.iter().filter_map(|area| area.region.as_deref()) {
        *regions.entry(region).or_default() += 1;
    }
    let has = |iso3: &&&str| areas.iter().any(|area| area.iso3 == **iso3);
    let groups = ATLAS.groups.iter().filter(|g| g.members.iter().filter(has).count() > 1);
    let mut names: Vec<String> =
        regions.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name.to_string()).collect();
    for group in groups.filter_map(|group| group.names.first()) {
        if !names.iter().any(|name| name == group) {
            names.push(group.to_string());
        }
    }
    names
}

/// The sector that makes most food energy for others: a failure worth looking at first.
fn first(dataset: &Dataset, output: &[f64]) -> Option<(usize, usize)> {
    let (dims, labels) = (dataset.dimensions(), &dataset.labels);
    let worth = |sector: &usize| {
        let kcal = labels.items[dims.item_of(*sector)].kcal_per_tonne();
        output[*sector] * kcal * dataset.parameters.share_eta_exp[*sector]
    };
    let best = (0..dims.sectors()).max_by(|a, b| worth(a).total_cmp(&worth(b)))?;
    (worth(&best) > 0.0).then(|| (dims.area_of(best), dims.item_of(best))).or_else(|| {
        let largest = (0..dims.sectors()).max_by(|a, b| output[*a].total_cmp(&output[*b]))?;
        Some((dims.area_of(largest), dims.item_of(largest)))
    })
}
