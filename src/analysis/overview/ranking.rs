//! The scenarios of a result ranked, and the areas by what they have to fear: one pass over all losses.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::rows::read_rows;
use super::short::Short;
use crate::analysis::outcomes::{self, Losses};
use crate::analysis::scenarios::Recorded;
use crate::analysis::world::World;
use crate::model::losses::loss_per_capita;
use crate::scenario::{RunKey, ScenarioId};
use crate::sink::SinkError;

/// Scenarios that are listed at most.
const LISTED: usize = 20_000;

/// What one scenario comes to in one of its ways.
///
/// Written as a tuple of its fields: pages hold tens of thousands of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Loss per person of what counts, all areas with a population, in the overview's unit.
    pub per_capita: Option<Short>,
    /// Loss of what counts: [`Losses::value`].
    pub counted: Short,
    /// Loss of all items counted in tonnes.
    pub total: Short,
    /// Sectors that lose more than 26 %.
    pub above_26pct: i32,
    /// Sectors that adapted.
    pub adapting: i32,
    /// Sectors that substituted.
    pub substituting: i32,
    /// Whether a sector ends far above its baseline.
    pub overshoot: bool,
    /// The largest loser besides the shocked sectors: area, item, tonnes, relative loss.
    pub loser: Option<(String, String, Short, Short)>,
}

impl Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = (self.above_26pct, self.adapting, self.substituting);
        let amounts = (self.per_capita, self.counted, self.total);
        let overshoot = u8::from(self.overshoot);
        let (a, b) = (amounts, counts);
        (a.0, a.1, a.2, b.0, b.1, b.2, overshoot, &self.loser).serialize(serializer)
    }
}

/// A scenario with its outcomes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// Identifier.
    pub id: ScenarioId,
    /// Name.
    pub name: String,
    /// Without and with adaptation, as far as it was run.
    pub ways: [Option<Outcome>; 2],
}

impl Ranked {
    /// What it is ranked by: the larger loss per person, or without population per tonne.
    pub fn severity(&self) -> f64 {
        let of = |o: &Outcome| o.per_capita.map_or(o.counted.0, |p| p.0);
        self.ways.iter().flatten().map(of).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The worst that shocks elsewhere do to an area, in one of the ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worst {
    /// Loss of what counts per person.
    pub per_capita: Short,
    /// The scenario.
    pub scenario: ScenarioId,
    /// Its name.
    pub name: String,
}

/// What an area has to fear from shocks elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exposure {
    /// Position of the area.
    pub area: usize,
    /// The worst scenario without and with adaptation.
    pub worst: [Option<Worst>; 2],
    /// Mean loss over all scenarios run elsewhere, per person.
    pub mean: [Option<Short>; 2],
    /// Scenarios elsewhere that cost the area more than [`mark`] per person.
    pub above_mark: [u64; 2],
    /// What people eat without a failure, in the same unit; `None` where that is not known.
    pub supply: Option<Short>,
}

/// Everything that the pass over all losses gives.
pub struct Survey {
    /// The scenarios, worst first.
    pub ranked: Vec<Ranked>,
    /// Scenarios in all, of which `ranked` may be the worst alone.
    pub scenarios: usize,
    /// The areas with a population, most exposed first.
    pub exposure: Vec<Exposure>,
    /// Losses of the shocked item by region in the areas that are not shocked, tonnes, of every
    /// scenario with one shock.
    pub own: BTreeMap<RunKey, Vec<f64>>,
    /// The scenario of every single full shock: area, item.
    pub single: BTreeMap<(usize, usize), ScenarioId>,
}

impl Survey {
    /// The survey of a result without scenarios.
    pub fn empty() -> Self {
        Survey {
            ranked: Vec::new(),
            scenarios: 0,
            exposure: Vec::new(),
            own: BTreeMap::new(),
            single: BTreeMap::new(),
        }
    }
}

/// Loss per person from which a failure counts among those that cost an area something: 10 kcal a day,
/// or 1 kg a year.
pub fn mark(world: &World) -> f64 {
    if world.knows_food() { 10.0 } else { 1.0 }
}

/// Areas that a scenario shocks, each once, and its sector if it is one: area, item.
type Shocked = (Vec<usize>, Option<(usize, usize)>);

#[derive(Clone)]
struct Fear {
    worst: Option<(f64, ScenarioId)>,
    sum: f64,
    scenarios_above: u64,
}

struct State {
    losses: Vec<(RunKey, f64, f64)>,
    own: Vec<(RunKey, Vec<f64>)>,
    fears: [Vec<Fear>; 2],
    of_area: Vec<f64>,
}

/// Surveys a result; `counted` says of every item whether it counts in sums over items.
///
/// # Errors
/// A table cannot be read.
#[allow(clippy::too_many_lines)] // one pass over the tables, with what it sums up
pub fn survey(
    root: &Path,
    world: &World,
    recorded: &[Recorded],
    counted: &[bool],
) -> Result<Survey, SinkError> {
    let mut rows = read_rows(root)?;
    // Areas shocked, and the single sector shocked, by scenario.
    let mut shocked: BTreeMap<ScenarioId, Shocked> = BTreeMap::new();
    let mut single = BTreeMap::new();
    let mut run_elsewhere = [vec![0u64; world.areas.len()], vec![0; world.areas.len()]];
    let mut run = [0u64; 2];
    for scenario in recorded.iter().filter(|r| r.is_run) {
        let areas: Vec<usize> =
            scenario.areas().iter().filter_map(|name| world.area(name)).collect();
        let sectors = scenario.sectors();
        let sector = match &sectors[..] {
            [(area, item, phi)] => {
                let sector = world.area(area).zip(world.item(item));
                if let Some(sector) = sector.filter(|_| *phi == 1.0) {
                    single.entry(sector).or_insert(scenario.id);
                }
                sector
            }
            _ => None,
        };
        let way = scenario.adaptation.index();
        run[way] += 1;
        let mut distinct = areas.clone();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.iter().for_each(|&area| run_elsewhere[way][area] += 1);
        shocked.insert(scenario.id, (distinct, sector));
    }
    let mark = mark(world);
    let regions = world.regions();
    let region_of: Vec<Option<usize>> = world
        .areas
        .iter()
        .map(|a| a.region.as_ref().and_then(|r| regions.binary_search(r).ok()))
        .collect();
    let nobody = Fear { worst: None, sum: 0.0, scenarios_above: 0 };
    let new = || State {
        losses: Vec::new(),
        own: Vec::new(),
        fears: [vec![nobody.clone(); world.areas.len()], vec![nobody.clone(); world.areas.len()]],
        of_area: vec![0.0; world.areas.len()],
    };
    let add = |state: &mut State, losses: Losses<'_>| {
        let nothing = (Vec::new(), None);
        let (areas, sector) = shocked.get(&losses.key.0).unwrap_or(&nothing);
        let mut own = sector.map(|_| vec![0.0; regions.len()]);
        state.of_area.fill(0.0);
        for (&s, (&al, &value)) in losses.sectors.iter().zip(losses.al.iter().zip(losses.value)) {
            let (area, item) = world.parts_of(s as usize);
            if counted[item] {
                state.of_area[area] += value;
            }
            if let (Some(own), Some(shock)) = (&mut own, sector)
                && shock.1 == item
                && shock.0 != area
                && let Some(region) = region_of[area]
            {
                own[region] += al;
            }
        }
        let (mut sum, mut populated) = (0.0, 0.0);
        for (area, &al) in state.of_area.iter().enumerate() {
            sum += al;
            let Some(persons) = world.areas[area].population else { continue };
            populated += al;
            if areas.contains(&area) {
                continue;
            }
            let per_capita = loss_per_capita(al, persons);
            let fear = &mut state.fears[losses.key.1.index()][area];
            fear.sum += per_capita;
            fear.scenarios_above += u64::from(per_capita > mark);
            if per_capita > fear.worst.map_or(0.0, |w| w.0) {
                fear.worst = Some((per_capita, losses.key.0));
            }
        }
        state.losses.push((losses.key, sum, populated));
        if let Some(own) = own {
            state.own.push((losses.key, own));
        }
    };
    let parts = outcomes::fold(root, world, outcomes::ALL, new, add)?;
    let mut losses: BTreeMap<RunKey, (f64, f64)> = BTreeMap::new();
    let mut own = BTreeMap::new();
    let mut fears = new().fears;
    for part in parts {
        losses.extend(part.losses.into_iter().map(|(key, sum, populated)| (key, (sum, populated))));
        own.extend(part.own);
        for (total, of_part) in fears.iter_mut().flatten().zip(part.fears.into_iter().flatten()) {
            total.sum += of_part.sum;
            total.scenarios_above += of_part.scenarios_above;
            let worst = of_part.worst.filter(|w| w.0 > total.worst.map_or(0.0, |t| t.0));
            total.worst = worst.or(total.worst);
        }
    }
    let population = world.population();
    let mut ranked: BTreeMap<ScenarioId, Ranked> = BTreeMap::new();
    for scenario in recorded.iter().filter(|r| r.is_run) {
        let key = scenario.key();
        let Some(row) = rows.remove(&key) else { continue };
        let (counted, populated) = losses.get(&key).copied().unwrap_or_default();
        let outcome = Outcome {
            per_capita: (population > 0.0).then(|| Short(loss_per_capita(populated, population))),
            counted: Short(counted),
            total: Short(row.total),
            above_26pct: row.above_26pct,
            adapting: row.adapting,
            substituting: row.substituting,
            overshoot: row.overshoot,
            loser: row.loser.map(|(area, item, al, rl)| (area, item, Short(al), Short(rl))),
        };
        let entry = ranked.entry(scenario.id).or_insert_with(|| Ranked {
            id: scenario.id,
            name: row.name,
            ways: [None, None],
        });
        entry.ways[scenario.adaptation.index()] = Some(outcome);
    }
    let name = |id: ScenarioId| ranked.get(&id).map_or(String::new(), |r| r.name.clone());
    let not_eaten = world.not_eaten();
    let mut exposure: Vec<Exposure> = (0..world.areas.len())
        .filter(|&area| world.areas[area].population.is_some() && !not_eaten.contains(&area))
        .map(|area| {
            let elsewhere = [0, 1].map(|way| run[way] - run_elsewhere[way][area]);
            Exposure {
                area,
                worst: [0, 1].map(|way: usize| {
                    let (per_capita, scenario) = fears[way][area].worst?;
                    Some(Worst { per_capita: Short(per_capita), scenario, name: name(scenario) })
                }),
                mean: [0, 1].map(|way: usize| {
                    let n = elsewhere[way];
                    (n > 0).then(|| Short(fears[way][area].sum / n as f64))
                }),
                above_mark: [0, 1].map(|way: usize| fears[way][area].scenarios_above),
                supply: world.supply(area).map(Short),
            }
        })
        .collect();
    let most = |e: &Exposure| e.worst.iter().flatten().map(|w| w.per_capita.0).fold(0.0, f64::max);
    exposure.sort_by(|a, b| most(b).total_cmp(&most(a)).then(a.area.cmp(&b.area)));
    let mut ranked: Vec<Ranked> = ranked.into_values().collect();
    ranked.sort_by(|a, b| b.severity().total_cmp(&a.severity()).then(a.id.cmp(&b.id)));
    let scenarios = ranked.len();
    ranked.truncate(LISTED);
    Ok(Survey { ranked, scenarios, exposure, own, single })
}
