//! Chosen scenarios in detail: maps, regions by items, classes of development.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::ranking::Survey;
use super::short::{Short, shorts};
use crate::analysis::hdi::{ClassChange, HEADLINES, MOST_AFFECTED, mean_changes};
use crate::analysis::outcomes::{Key, of_scenarios};
use crate::analysis::scenarios::Recorded;
use crate::analysis::world::World;
use crate::dataset::hdi::HdiClass;
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::sink::SinkError;

/// Items that a map can show, besides all that count together.
const MAP_ITEMS: usize = 12;

/// Columns of a region x item table.
const HEAT_ITEMS: usize = 24;

/// Least amount of an item in a region, tonnes, for its relative loss to choose a column.
const NOTABLE: f64 = 10_000.0;

/// The classes, low first.
pub const CLASSES: [HdiClass; 4] =
    [HdiClass::Low, HdiClass::Medium, HdiClass::High, HdiClass::VeryHigh];

/// Losses of one item by area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// Position of the item; `None` for all that count.
    pub item: Option<usize>,
    /// Positions of the areas with a loss or gain.
    pub areas: Vec<usize>,
    /// Absolute losses without and with adaptation, tonnes; empty where it was not run.
    pub al: [Vec<Short>; 2],
}

/// Relative losses of regions by items, in areas that are not shocked (Laber et al. 2023, figure 4).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heat {
    /// Positions of the items.
    pub items: Vec<usize>,
    /// By region, then item: relative loss without and with adaptation; empty where it was not run.
    pub rl: [Vec<Vec<Option<Short>>>; 2],
    /// The same when it is the item itself, of the shocked area, that fails: the loss mediated by
    /// trade in that item, against that by production (figure 5).
    pub own: [Vec<Vec<Option<Short>>>; 2],
}

/// Mean change of the losses of a class by adaptation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Areas that lose.
    pub areas: usize,
    /// Mean over them of (with - without) / |without|, unit 1.
    pub change: Short,
}

/// Losses by class of the human development index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Classes {
    /// The item: the shocked one if it is one, else `None`, all that count.
    pub item: Option<usize>,
    /// Summed loss over summed population of every class, kg per person, by way.
    pub per_capita: [Vec<Option<Short>>; 2],
    /// Mean changes over all areas that lose, by class.
    pub all: Vec<Option<Change>>,
    /// The same over the areas that lose most per person.
    pub most_affected: Vec<Option<Change>>,
    /// Areas of the classes without population, or of no class: not counted.
    pub left_out: usize,
}

/// One scenario in detail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// Identifier.
    pub id: u32,
    /// Name.
    pub name: String,
    /// Shocked sectors: area, item, share of output lost.
    pub shocks: Vec<(String, String, f64)>,
    /// Whether it was run without and with adaptation.
    pub ways: [bool; 2],
    /// Maps: all items that count first, then the shocked items, then those that lose most.
    pub layers: Vec<Layer>,
    /// Regions by items.
    pub heat: Heat,
    /// By class of development.
    pub classes: Classes,
}

/// Chooses scenarios: those asked for, the cases that the papers discuss, those with traces, and the
/// worst by several measures; `most` at most, those asked for apart.
pub fn choose(
    survey: &Survey,
    asked: &[u32],
    traced: &[u32],
    most: usize,
    world: &World,
) -> Vec<u32> {
    let mut chosen: Vec<u32> = asked.to_vec();
    let most = most.max(asked.len());
    let take = |id: u32, chosen: &mut Vec<u32>| {
        if chosen.len() < most && !chosen.contains(&id) {
            chosen.push(id);
        }
    };
    for (area, item) in HEADLINES {
        let sector = world.area(area).zip(world.item(item));
        if let Some(&id) = sector.and_then(|sector| survey.single.get(&sector)) {
            take(id, &mut chosen);
        }
    }
    let known = |id: &u32| survey.ranked.iter().any(|r| r.id == *id);
    traced.iter().copied().filter(known).for_each(|id| take(id, &mut chosen));
    let by = |value: &dyn Fn(&super::ranking::Outcome) -> f64, way: usize| -> Vec<u32> {
        let of = |r: &super::ranking::Ranked| Some((value(r.ways[way].as_ref()?), r.id));
        let mut all: Vec<(f64, u32)> = survey.ranked.iter().filter_map(of).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.into_iter().map(|(_, id)| id).collect()
    };
    let orders = [
        by(&|o| o.per_capita.map_or(o.counted.0, |p| p.0), 1),
        by(&|o| o.per_capita.map_or(o.counted.0, |p| p.0), 0),
        by(&|o| f64::from(o.above_26pct), 1),
        by(&|o| f64::from(o.above_26pct), 0),
    ];
    let exposed: Vec<u32> =
        survey.exposure.iter().flat_map(|e| e.worst.iter().flatten().map(|w| w.scenario)).collect();
    for at in 0..survey.ranked.len() {
        for order in orders.iter().chain([&exposed]) {
            if let Some(&id) = order.get(at) {
                take(id, &mut chosen);
            }
        }
        if chosen.len() >= most {
            break;
        }
    }
    chosen
}

/// What stories are told with.
struct Teller<'a> {
    world: &'a World,
    counted: &'a [bool],
    regions: Vec<String>,
    region_of: Vec<Option<usize>>,
    survey: &'a Survey,
}

/// The chosen scenarios in detail, in their order.
///
/// # Errors
/// A table cannot be read.
pub fn stories(
    root: &Path,
    world: &World,
    recorded: &[Recorded],
    counted: &[bool],
    survey: &Survey,
    chosen: &[u32],
) -> Result<Vec<Story>, SinkError> {
    let losses = of_scenarios(root, world, chosen)?;
    let regions = world.regions();
    let of_area = |a: &crate::analysis::world::Area| {
        a.region.as_ref().and_then(|r| regions.binary_search(r).ok())
    };
    let region_of = world.areas.iter().map(of_area).collect();
    let teller = Teller { world, counted, region_of, regions: regions.clone(), survey };
    let names: BTreeMap<u32, &str> =
        survey.ranked.iter().map(|r| (r.id, r.name.as_str())).collect();
    let story = |&id: &u32| {
        let start = recorded.partition_point(|r| r.id < id);
        let own: Vec<&Recorded> = recorded[start..].iter().take_while(|r| r.id == id).collect();
        let ways = [false, true].map(|way| own.iter().any(|r| r.adaptation == way && r.is_run));
        let first = own.first()?;
        Some(teller.story(id, names.get(&id)?, first, ways, &losses))
    };
    Ok(chosen.iter().filter_map(story).collect())
}

/// Losses by sector in one way.
type BySector = BTreeMap<usize, f64>;

impl Teller<'_> {
    fn story(
        &self,
        id: u32,
        name: &str,
        recorded: &Recorded,
        ways: [bool; 2],
        losses: &BTreeMap<Key, Vec<(u32, f64)>>,
    ) -> Story {
        let world = self.world;
        let al: [BySector; 2] = [false, true].map(|way| {
            let rows = losses.get(&(id, way)).map_or(&[][..], Vec::as_slice);
            rows.iter().map(|&(sector, al)| (sector as usize, al)).collect()
        });
        let shocks: Vec<(String, String, f64)> =
            recorded.sectors().iter().map(|s| (s.0.to_string(), s.1.to_string(), s.2)).collect();
        let mut areas: Vec<usize> = shocks.iter().filter_map(|s| world.area(&s.0)).collect();
        areas.sort_unstable();
        areas.dedup();
        let mut items: Vec<usize> = Vec::new();
        for shock in &shocks {
            if let Some(item) = world.item(&shock.1)
                && !items.contains(&item)
            {
                items.push(item);
            }
        }
        let map_items = self.map_items(&al, &areas, &items);
        let mut layers = vec![self.layer(None, &al, ways)];
        layers.extend(map_items.into_iter().map(|item| self.layer(Some(item), &al, ways)));
        layers.retain(|layer| !layer.areas.is_empty());
        Story {
            id,
            name: name.to_string(),
            ways,
            layers,
            heat: self.heat(&al, ways, &areas, &items, &shocks),
            classes: self.classes(&al, ways, &areas, &items),
            shocks,
        }
    }

    /// The shocked items, then those with the largest losses and gains elsewhere.
    fn map_items(&self, al: &[BySector; 2], shocked: &[usize], items: &[usize]) -> Vec<usize> {
        let mut sizes = vec![0.0f64; self.world.items.len()];
        for way in al {
            for (&sector, al) in way {
                let (area, item) = self.world.parts_of(sector);
                if self.counted[item] && !shocked.contains(&area) {
                    sizes[item] += al.abs();
                }
            }
        }
        let mut order: Vec<usize> = (0..sizes.len()).filter(|&item| sizes[item] > 0.0).collect();
        order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]).then(a.cmp(&b)));
        let mut chosen: Vec<usize> = items.iter().copied().take(MAP_ITEMS / 2).collect();
        for item in order {
            if chosen.len() < MAP_ITEMS && !chosen.contains(&item) {
                chosen.push(item);
            }
        }
        chosen
    }

    fn layer(&self, item: Option<usize>, al: &[BySector; 2], ways: [bool; 2]) -> Layer {
        let mut sums: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
        for (way, of_way) in al.iter().enumerate() {
            for (&sector, al) in of_way {
                let (area, of) = self.world.parts_of(sector);
                if item.map_or(self.counted[of], |item| item == of) {
                    sums.entry(area).or_default()[way] += al;
                }
            }
        }
        let of_way = |way: usize| match ways[way] {
            true => sums.values().map(|al| Short(al[way])).collect(),
            false => Vec::new(),
        };
        Layer { item, areas: sums.keys().copied().collect(), al: [of_way(0), of_way(1)] }
    }

    fn heat(
        &self,
        al: &[BySector; 2],
        ways: [bool; 2],
        shocked: &[usize],
        items: &[usize],
        shocks: &[(String, String, f64)],
    ) -> Heat {
        let world = self.world;
        let (rows, columns) = (self.regions.len(), world.items.len());
        let mut baseline = vec![vec![0.0; columns]; rows];
        for area in (0..world.areas.len()).filter(|area| !shocked.contains(area)) {
            if let Some(region) = self.region_of[area] {
                for (item, sum) in baseline[region].iter_mut().enumerate() {
                    *sum += world.last()[world.sector(area, item)];
                }
            }
        }
        let sums: [Vec<Vec<f64>>; 2] = [0, 1].map(|way: usize| {
            let mut sums = vec![vec![0.0; columns]; rows];
            for (&sector, al) in &al[way] {
                let (area, item) = world.parts_of(sector);
                if let Some(region) = self.region_of[area].filter(|_| !shocked.contains(&area)) {
                    sums[region][item] += al;
                }
            }
            sums
        });
        let rl = |al: f64, region: usize, item: usize| {
            let xb = baseline[region][item];
            (xb > 0.0 || al != 0.0).then(|| Short(reported_relative_loss(al, xb)))
        };
        let size = |item: usize| -> f64 {
            let of_cell = |(way, region): (usize, usize)| {
                let xb = baseline[region][item];
                if xb < NOTABLE { 0.0 } else { (sums[way][region][item] / xb).abs().min(1.0) }
            };
            let cells = (0..2).flat_map(|way| (0..rows).map(move |region| (way, region)));
            // All regions count, the worst most.
            cells.map(of_cell).map(|rl| rl * rl).sum()
        };
        let mut order: Vec<(f64, usize)> =
            (0..columns).map(|item| (size(item), item)).filter(|s| s.0 > 0.0).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut chosen: Vec<usize> = items.iter().copied().take(HEAT_ITEMS / 2).collect();
        for (_, item) in order {
            if chosen.len() < HEAT_ITEMS && !chosen.contains(&item) {
                chosen.push(item);
            }
        }
        let table = |way: usize| -> Vec<Vec<Option<Short>>> {
            let row = |region: usize| {
                chosen.iter().map(|&item| rl(sums[way][region][item], region, item)).collect()
            };
            if ways[way] { (0..rows).map(row).collect() } else { Vec::new() }
        };
        // A direct loss is that of a failure of the item itself in the same area.
        let of_area = match shocks {
            [(area, _, phi)] if *phi == 1.0 => world.area(area),
            _ => None,
        };
        let own = |way: usize| -> Vec<Vec<Option<Short>>> {
            let Some(area) = of_area else { return Vec::new() };
            let run = |item: usize| {
                let id = self.survey.single.get(&(area, item))?;
                self.survey.own.get(&(*id, way == 1))
            };
            let found: Vec<Option<&Vec<f64>>> = chosen.iter().map(|&item| run(item)).collect();
            // The shocked item's own column is the same run: alone it would be no comparison.
            let others = chosen.iter().zip(&found).filter(|(i, _)| !items.contains(i));
            if others.filter(|(_, f)| f.is_some()).count() == 0 {
                return Vec::new();
            }
            let row = |region: usize| {
                let cell = |(&item, al): (&usize, &Option<&Vec<f64>>)| {
                    (*al).and_then(|al| rl(al[region], region, item))
                };
                chosen.iter().zip(&found).map(cell).collect()
            };
            (0..rows).map(row).collect()
        };
        Heat { rl: [table(0), table(1)], own: [own(0), own(1)], items: chosen.clone() }
    }

    fn classes(
        &self,
        al: &[BySector; 2],
        ways: [bool; 2],
        shocked: &[usize],
        items: &[usize],
    ) -> Classes {
        let item = if let [item] = items { Some(*item) } else { None };
        let mut sums: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
        for (way, of_way) in al.iter().enumerate() {
            for (&sector, al) in of_way {
                let (area, of) = self.world.parts_of(sector);
                let counts = item.map_or(self.counted[of], |item| item == of);
                if counts && !shocked.contains(&area) {
                    sums.entry(area).or_default()[way] += al;
                }
            }
        }
        let known = |area: usize| {
            let of = &self.world.areas[area];
            Some((of.class()?, of.population?))
        };
        let mut per_capita = [Vec::new(), Vec::new()];
        for (way, of_way) in per_capita.iter_mut().enumerate().filter(|(way, _)| ways[*way]) {
            for class in CLASSES {
                let (mut loss, mut persons) = (0.0, 0.0);
                for area in (0..self.world.areas.len()).filter(|area| !shocked.contains(area)) {
                    if let Some((_, population)) = known(area).filter(|k| k.0 == class) {
                        persons += population;
                        loss += sums.get(&area).map_or(0.0, |al| al[way]);
                    }
                }
                of_way.push((persons > 0.0).then(|| Short(loss_per_capita(loss, persons))));
            }
        }
        let mut areas: Vec<(HdiClass, f64, f64)> = sums
            .iter()
            .filter_map(|(&area, al)| {
                let (class, population) = known(area)?;
                let [without, with] = al.map(|al| loss_per_capita(al, population));
                Some((class, without, with))
            })
            .collect();
        let all = mean_changes(areas.iter().copied());
        areas.sort_by(|a, b| b.1.total_cmp(&a.1));
        areas.truncate(MOST_AFFECTED);
        let most = mean_changes(areas.into_iter());
        let both = ways == [true, true];
        let changes = |found: &[ClassChange]| {
            let of = |class: HdiClass| found.iter().find(|c| both && c.class == class);
            let change = |c: &ClassChange| Change { areas: c.areas, change: Short(c.change) };
            CLASSES.map(|class| of(class).map(change)).to_vec()
        };
        let areas = (0..self.world.areas.len()).filter(|area| !shocked.contains(area));
        Classes {
            item,
            per_capita,
            all: changes(&all),
            most_affected: changes(&most),
            left_out: areas.filter(|&area| known(area).is_none()).count(),
        }
    }
}

/// Baseline of an item by area, tonnes.
pub fn baseline_of(world: &World, item: usize) -> Vec<Short> {
    let amounts: Vec<f64> =
        (0..world.areas.len()).map(|area| world.last()[world.sector(area, item)]).collect();
    shorts(&amounts)
}
