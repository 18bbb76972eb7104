//! Labels of a synthetic world, and the traits its numbers are drawn from.

use super::super::hdi::published_hdi;
use super::super::labels::{Area, Item, Labels, Process};
use super::super::measures::{THOUSAND_HEADS, Unit};
use super::random::{Family, Stream};
use super::tables::{
    AFFINITY, AREAS, ITEM_MODEL, ITEMS, PROCESS_MODEL, PROCESSES, number, parts, rows,
};
use super::{REAL_AREAS, REAL_ITEMS, SynthOptions};

/// Labels and traits of a synthetic world.
pub(super) struct World {
    pub(super) labels: Labels,
    pub(super) areas: Vec<AreaTraits>,
    pub(super) items: Vec<ItemTraits>,
    pub(super) processes: Vec<ProcessTraits>,
    affinity: Vec<(String, String, f64)>,
    /// Whether some areas export what they imported.
    pub(super) re_exports: bool,
}

/// What the numbers of an area depend on.
pub(super) struct AreaTraits {
    /// Persons; 0 for states of the past, which have no sector in use.
    pub(super) population: f64,
    /// Degrees from the equator.
    pub(super) latitude: f64,
    /// Position on the unit sphere.
    pub(super) position: [f64; 3],
    /// 0.1 (poor) to 1 (rich), from the human development index.
    pub(super) wealth: f64,
    /// Capacity to produce, in persons: grows a little slower than population.
    pub(super) land: f64,
}

/// What the numbers of an item depend on.
pub(super) struct ItemTraits {
    /// Identity that does not change with the size of the world: key of the random streams.
    pub(super) slot: usize,
    /// Share of the domestic amount fed to animals.
    pub(super) feed: f64,
    /// Share of the domestic amount kept as seed, where seed is kept.
    pub(super) seed: f64,
    /// Share of the areas that possess the item.
    pub(super) reach: f64,
    /// Share of the producers that export.
    pub(super) exporters: f64,
    /// Typical share of an exporter's production that is exported.
    pub(super) traded: f64,
}

/// How a process is carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ProcessKind {
    /// Crops and the like: output by suitability, seed of the crop itself as the only input.
    Grow,
    /// Husbandry that lives on grass and fodder first.
    Graze,
    /// Husbandry that lives on grain and cake.
    Fatten,
    /// Output by what there is of the inputs.
    Mill,
}

/// What the numbers of a process depend on.
pub(super) struct ProcessTraits {
    /// Identity that does not change with the size of the world: key of the random streams.
    pub(super) slot: usize,
    /// Name of the real process it is, or is a copy of.
    pub(super) template: String,
    /// Set of chains it belongs to; feed never crosses sets.
    pub(super) set: usize,
    pub(super) kind: ProcessKind,
    /// Tonnes of feed per unit of output, for husbandry.
    pub(super) appetite: f64,
    /// (item, share of the domestic amount it takes).
    pub(super) inputs: Vec<(usize, f64)>,
    /// (item, amount per unit of input; for crops and husbandry per unit of output).
    pub(super) outputs: Vec<(usize, f64)>,
    /// Amount made by the real world's population, for crops and husbandry.
    pub(super) world: f64,
    /// Share of the areas that have the process.
    pub(super) spread: f64,
    /// (latitude it likes best, half width of the belt); none where climate does not matter.
    pub(super) belt: Option<(f64, f64)>,
}

impl World {
    /// The world of the given size: labels sorted by name, traits in the same order.
    pub(super) fn new(options: &SynthOptions) -> Self {
        let affinity: Vec<(String, String, f64)> =
            rows(AFFINITY).map(|r| (r[0].to_string(), r[1].to_string(), number(&r[2]))).collect();
        let area_labels = area_labels(options);
        let areas = area_labels.iter().map(|a| area_traits(a, &affinity)).collect();
        let (item_labels, items) = item_labels(options.items);
        let (process_labels, processes) = process_labels(options.items, &items);
        let labels = Labels { areas: area_labels, items: item_labels, processes: process_labels };
        World { labels, areas, items, processes, affinity, re_exports: true }
    }

    /// How much more of a process an area has than its population and latitude suggest.
    pub(super) fn affinity(&self, process: &ProcessTraits) -> Vec<f64> {
        let of_process: Vec<_> =
            self.affinity.iter().filter(|(name, _, _)| *name == process.template).collect();
        let of_area = |area: &Area| {
            let here = |place: &str| place == area.iso3 || Some(place) == area.region.as_deref();
            of_process.iter().filter(|(_, place, _)| here(place)).map(|(_, _, f)| f).product()
        };
        self.labels.areas.iter().map(of_area).collect()
    }

    /// Number of areas with a population.
    pub(super) fn inhabited(&self) -> usize {
        self.areas.iter().filter(|a| a.population > 0.0).count()
    }
}

/// The most populous real areas, then invented ones; sorted by name.
fn area_labels(options: &SynthOptions) -> Vec<Area> {
    let mut areas: Vec<Area> = rows(AREAS)
        .map(|r| Area {
            name: r[0].to_string(),
            code: number(&r[1]) as i64,
            iso3: r[2].to_string(),
            region: Some(r[3].to_string()).filter(|region| !region.is_empty()),
            latitude: r[4].parse().ok(),
            longitude: r[5].parse().ok(),
            population: r[6].parse().ok(),
            hdi: published_hdi(&r[0]),
        })
        .collect();
    // Stable, so states of the past, which have no population, stay in order at the end.
    areas.sort_by(|a, b| b.population.unwrap_or(0.0).total_cmp(&a.population.unwrap_or(0.0)));
    let regions: Vec<String> = areas.iter().filter_map(|a| a.region.clone()).collect();
    areas.truncate(options.areas);
    for slot in REAL_AREAS..options.areas {
        let mut draw = Stream::new(options.seed, Family::Areas, slot);
        let region = regions[(draw.unit() * regions.len() as f64) as usize].clone();
        areas.push(Area {
            name: format!("Area {:04}", slot + 1),
            code: 10_000 + slot as i64,
            iso3: format!("A{:04}", slot + 1),
            region: Some(region),
            latitude: Some(rounded(draw.between(-45.0, 65.0), 100.0)),
            longitude: Some(rounded(draw.between(-180.0, 180.0), 100.0)),
            population: Some(rounded(7e6 * draw.wild().clamp(0.01, 60.0), 1.0)),
            hdi: Some(rounded(draw.between(0.4, 0.95), 1000.0)),
        });
    }
    areas.sort_by(|a, b| a.name.cmp(&b.name));
    areas
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

fn area_traits(area: &Area, affinity: &[(String, String, f64)]) -> AreaTraits {
    let population = area.population.unwrap_or(0.0);
    let (lat, lng) = (area.latitude.unwrap_or(0.0), area.longitude.unwrap_or(0.0));
    // libm, because the standard library's functions differ in the last digit between platforms.
    let radians = std::f64::consts::PI / 180.0;
    let (sin_lat, cos_lat) = (libm::sin(lat * radians), libm::cos(lat * radians));
    let position =
        [cos_lat * libm::cos(lng * radians), cos_lat * libm::sin(lng * radians), sin_lat];
    let plenty = affinity.iter().find(|(all, place, _)| all == "*" && *place == area.iso3);
    AreaTraits {
        population,
        latitude: lat.abs(),
        position,
        wealth: ((area.hdi.unwrap_or(0.6) - 0.3) / 0.6).clamp(0.1, 1.0),
        land: libm::pow(population, 0.9) * plenty.map_or(1.0, |(_, _, factor)| *factor),
    }
}

/// Items in order of their slots repeat the real list set by set; returned sorted by name.
fn item_labels(count: usize) -> (Vec<Item>, Vec<ItemTraits>) {
    let facts: Vec<_> = rows(ITEMS).collect();
    let model: Vec<_> = rows(ITEM_MODEL).collect();
    let mut pairs: Vec<(Item, ItemTraits)> = (0..count)
        .map(|slot| {
            let (fact, traits) = (&facts[slot % REAL_ITEMS], &model[slot % REAL_ITEMS]);
            let mut item = Item {
                name: fact[0].to_string(),
                code: number(&fact[1]) as i64,
                commodity_code: fact[2].to_string(),
                commodity_group: fact[3].to_string(),
                group: fact[4].to_string(),
                ..Item::default()
            };
            if slot >= REAL_ITEMS {
                item.name = format!("Item {:04}", slot + 1);
                item.code = 100_000 + slot as i64;
                item.commodity_code = format!("c{:04}", slot + 1);
            }
            item = item.with_usual_measures();
            if item.unit == Unit::Head {
                item.unit = Unit::Other(THOUSAND_HEADS.to_string());
            }
            let value = |column: usize| number(&traits[column]);
            let traits = ItemTraits {
                slot,
                feed: value(1),
                seed: value(2),
                reach: value(3),
                exporters: value(4),
                traded: value(5),
            };
            (item, traits)
        })
        .collect();
    pairs.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    pairs.into_iter().unzip()
}

/// Every process with at least one output in the world; what is not in the world is left out.
fn process_labels(count: usize, items: &[ItemTraits]) -> (Vec<Process>, Vec<ProcessTraits>) {
    let names: Vec<String> = rows(ITEMS).map(|r| r[0].to_string()).collect();
    let facts: Vec<_> = rows(PROCESSES).collect();
    let model: Vec<_> = rows(PROCESS_MODEL).collect();
    let mut index_of_slot = vec![0; count];
    for (index, item) in items.iter().enumerate() {
        index_of_slot[item.slot] = index;
    }
    let mut pairs: Vec<(Process, ProcessTraits)> = Vec::new();
    for set in 0..count.div_ceil(REAL_ITEMS) {
        for (at, (fact, row)) in facts.iter().zip(&model).enumerate() {
            let resolve = |text: &str| {
                let present = |(name, share): (&str, f64)| {
                    let slot = set * REAL_ITEMS + names.iter().position(|n| n == name)?;
                    (slot < count).then(|| (index_of_slot[slot], share))
                };
                parts(text).filter_map(present).collect::<Vec<_>>()
            };
            let outputs = resolve(&row[3]);
            if outputs.is_empty() {
                continue;
            }
            let slot = set * facts.len() + at;
            let mut label = Process { name: fact[0].to_string(), code: fact[1].to_string() };
            if set > 0 {
                label.name = format!("Process {:04}", slot + 1);
                label.code = format!("p{:04}", slot + 1);
            }
            let diet = parts(&row[2]).next().map(|(what, _)| what);
            let traits = ProcessTraits {
                slot,
                template: fact[0].to_string(),
                set,
                kind: match (&row[1], diet) {
                    ("grow", _) => ProcessKind::Grow,
                    ("keep", Some("forage")) => ProcessKind::Graze,
                    ("keep", _) => ProcessKind::Fatten,
                    _ => ProcessKind::Mill,
                },
                appetite: parts(&row[2]).next().map_or(0.0, |(_, share)| share),
                inputs: resolve(&row[2]),
                outputs,
                world: number(&row[4]),
                spread: number(&row[5]),
                belt: belt(&row[6]),
            };
            pairs.push((label, traits));
        }
    }
    pairs.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    pairs.into_iter().unzip()
}

/// Belt of latitudes, in degrees from the equator.
fn belt(climate: &str) -> Option<(f64, f64)> {
    match climate {
        "tropical" => Some((8.0, 22.0)),
        "warm" => Some((18.0, 28.0)),
        "subtropical" => Some((32.0, 22.0)),
        "temperate" => Some((46.0, 26.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_item_is_used_up_more_than_once() {
        let world = World::new(&SynthOptions::default());
        for (i, item) in world.items.iter().enumerate() {
            let inputs = world.processes.iter().filter(|p| p.kind == ProcessKind::Mill);
            let milled: f64 =
                inputs.flat_map(|p| &p.inputs).filter(|(of, _)| *of == i).map(|(_, s)| s).sum();
            let used = item.feed + item.seed + milled;
            assert!(used < 1.0 + 1e-9, "{}: {used}", world.labels.items[i].name);
        }
    }

    #[test]
    fn real_names_come_first_and_invented_ones_follow() {
        let small = World::new(&SynthOptions { areas: 2, items: 1, seed: 1 });
        let names: Vec<_> = small.labels.areas.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["China, mainland", "India"]);
        assert_eq!(small.labels.items[0].name, "Rice and products");
        assert_eq!(small.labels.processes.len(), 1);
        let full = World::new(&SynthOptions::default());
        assert_eq!((full.labels.processes.len(), full.inhabited()), (118, 186));
        let large = World::new(&SynthOptions { areas: 200, items: 130, seed: 1 });
        assert!(large.labels.areas.iter().any(|a| a.name == "Area 0193"));
        assert!(large.labels.items.iter().any(|i| i.name == "Item 0124"));
        assert!(large.labels.processes.iter().any(|p| p.name.starts_with("Process 0")));
    }
}
