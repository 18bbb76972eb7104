//! Chosen scenarios in detail: which they are, and their maps; regions by items and classes of
//! development are told by [`super::heat`] and [`super::classes`].

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::classes::Classes;
use super::heat::Heat;
use super::ranking::Survey;
use super::short::{Short, shorts};
use super::teller::{BySector, Teller};
use crate::analysis::hdi::HEADLINES;
use crate::analysis::outcomes::of_scenarios;
use crate::analysis::scenarios::Recorded;
use crate::analysis::world::World;
use crate::scenario::{Response, RunKey, ScenarioId};
use crate::sink::SinkError;

/// Items that a map can show, besides all that count together.
const MAP_ITEMS: usize = 12;

/// Losses of one item by area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// Position of the item; `None` for all that count.
    pub item: Option<usize>,
    /// Positions of the areas with a loss or gain.
    pub areas: Vec<usize>,
    /// Absolute losses without and with adaptation in the unit of the item, of all that count
    /// [`crate::analysis::outcomes::Losses::value`]; empty where it was not run.
    pub al: [Vec<Short>; 2],
}

/// One scenario in detail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// Identifier.
    pub id: ScenarioId,
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
    asked: &[ScenarioId],
    traced: &[ScenarioId],
    most: usize,
    world: &World,
) -> Vec<ScenarioId> {
    let mut chosen: Vec<ScenarioId> = asked.to_vec();
    let most = most.max(asked.len()).max(1);
    let take = |id: ScenarioId, chosen: &mut Vec<ScenarioId>| {
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
    let known = |id: &ScenarioId| survey.ranked.iter().any(|r| r.id == *id);
    traced.iter().copied().filter(known).for_each(|id| take(id, &mut chosen));
    let by = |value: &dyn Fn(&super::ranking::Outcome) -> f64, way: usize| -> Vec<ScenarioId> {
        let of = |r: &super::ranking::Ranked| Some((value(r.ways[way].as_ref()?), r.id));
        let mut all: Vec<(f64, ScenarioId)> = survey.ranked.iter().filter_map(of).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.into_iter().map(|(_, id)| id).collect()
    };
    let orders = [
        by(&|o| o.per_capita.map_or(o.counted.0, |p| p.0), 1),
        by(&|o| o.per_capita.map_or(o.counted.0, |p| p.0), 0),
        by(&|o| f64::from(o.above_26pct), 1),
        by(&|o| f64::from(o.above_26pct), 0),
    ];
    let exposed: Vec<ScenarioId> =
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
    // The first one is what a page opens with: never one that has run away, unless it was asked for.
    let runs_away = |id: &ScenarioId| {
        let ranked = survey.ranked.iter().find(|r| r.id == *id);
        ranked.is_some_and(|r| r.ways.iter().flatten().any(|o| o.overshoot))
    };
    chosen[asked.len()..].sort_by_key(runs_away);
    chosen
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
    chosen: &[ScenarioId],
) -> Result<Vec<Story>, SinkError> {
    let losses = of_scenarios(root, world, chosen)?;
    let regions = world.regions();
    let of_area = |a: &crate::analysis::world::Area| {
        a.region.as_ref().and_then(|r| regions.binary_search(r).ok())
    };
    let region_of = world.areas.iter().map(of_area).collect();
    let teller = Teller { world, counted, region_of, regions: regions.clone(), survey };
    let names: BTreeMap<ScenarioId, &str> =
        survey.ranked.iter().map(|r| (r.id, r.name.as_str())).collect();
    let story = |&id: &ScenarioId| {
        let start = recorded.partition_point(|r| r.id < id);
        let own: Vec<&Recorded> = recorded[start..].iter().take_while(|r| r.id == id).collect();
        let ways = Response::BOTH.map(|way| own.iter().any(|r| r.adaptation == way && r.is_run));
        let first = own.first()?;
        Some(teller.story(id, names.get(&id)?, first, ways, &losses))
    };
    Ok(chosen.iter().filter_map(story).collect())
}

impl Teller<'_> {
    fn story(
        &self,
        id: ScenarioId,
        name: &str,
        recorded: &Recorded,
        ways: [bool; 2],
        losses: &BTreeMap<RunKey, Vec<(u32, f64, f64)>>,
    ) -> Story {
        let world = self.world;
        let al: [BySector; 2] = Response::BOTH.map(|way| {
            let rows = losses.get(&(id, way)).map_or(&[][..], Vec::as_slice);
            rows.iter().map(|&(sector, al, _)| (sector as usize, al)).collect()
        });
        let value: [BySector; 2] = Response::BOTH.map(|way| {
            let rows = losses.get(&(id, way)).map_or(&[][..], Vec::as_slice);
            rows.iter().map(|&(sector, _, value)| (sector as usize, value)).collect()
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
        let map_items = self.map_items(&value, &areas, &items);
        let mut layers = vec![self.layer(None, &value, ways)];
        layers.extend(map_items.into_iter().map(|item| self.layer(Some(item), &al, ways)));
        layers.retain(|layer| !layer.areas.is_empty());
        Story {
            id,
            name: name.to_string(),
            ways,
            layers,
            heat: self.heat(&al, ways, &areas, &items, &shocks),
            classes: match &items[..] {
                [_] => self.classes(&al, ways, &areas, &items),
                _ => self.classes(&value, ways, &areas, &items),
            },
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
}

/// Baseline of an item by area, tonnes.
pub fn baseline_of(world: &World, item: usize) -> Vec<Short> {
    let amounts: Vec<f64> =
        (0..world.areas.len()).map(|area| world.last()[world.sector(area, item)]).collect();
    shorts(&amounts)
}
