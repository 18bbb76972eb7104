//! Courses over time of the sectors that a traced scenario hits worst (Laber et al. 2023, figure 3).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::short::{Short, shorts};
use crate::analysis::scenarios::Recorded;
use crate::analysis::tables::unreadable;
use crate::analysis::world::World;
use crate::results::Record;
use crate::results::trace::TracedLoss;
use crate::scenario::{Response, ScenarioId};
use crate::sink::SinkError;
use crate::sink::folder::TRACE;

/// Scenarios of a trace table that are shown at most.
const SCENARIOS: usize = 40;

/// Sectors that are shown of every way in which a loss reaches them.
const PER_CHANNEL: usize = 2;

/// How a loss reaches a sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The sector is shocked itself.
    Shocked,
    /// Another item of a shocked area.
    SameArea,
    /// A shocked item elsewhere.
    SameItem,
    /// Another item elsewhere.
    Neither,
}

/// One sector over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// Position of the area.
    pub area: usize,
    /// Position of the item.
    pub item: usize,
    /// How the loss reaches it.
    pub channel: Channel,
    /// Available amount of the baseline after every step, tonnes.
    pub baseline: Vec<Short>,
    /// Loss after every step without and with adaptation, tonnes; empty where it was not run.
    pub al: [Vec<Short>; 2],
}

/// One scenario over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// Identifier.
    pub id: ScenarioId,
    /// Its worst-hit sectors.
    pub courses: Vec<Course>,
}

/// Losses of a scenario by sector: without and with adaptation, by step.
pub type BySector = BTreeMap<usize, [Vec<f64>; 2]>;

/// Those of several.
type ByScenario = BTreeMap<ScenarioId, BySector>;

/// The traces of a result; none if it has no trace table.
///
/// # Errors
/// The table cannot be read.
pub fn traces(root: &Path, world: &World, recorded: &[Recorded]) -> Result<Vec<Trace>, SinkError> {
    let path = root.join(TRACE);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let steps: Vec<i32> = world.baseline.keys().copied().collect();
    let mut table: ByScenario = BTreeMap::new();
    let mut is_known = true;
    TracedLoss::each(&path, |rows| {
        is_known = is_known && rows.iter().all(|row| add(row, world, &steps, &mut table).is_some());
    })?;
    if !is_known {
        return Err(unreadable(&path));
    }
    let baseline: Vec<&[f64]> = world.baseline.values().map(Vec::as_slice).collect();
    let of = |(id, sectors)| trace(world, &baseline, own(recorded, id), sectors);
    Ok(table.iter().take(SCENARIOS).filter_map(of).collect())
}

/// What is recorded of a scenario: a row, or two where it is run both ways.
pub fn own<'r>(recorded: &'r [Recorded], id: &ScenarioId) -> &'r [Recorded] {
    let start = recorded.partition_point(|r| r.id < *id);
    let many = recorded[start..].iter().take_while(|r| r.id == *id).count();
    &recorded[start..start + many]
}

/// A scenario over time, from its losses and the baseline after every step; `None` if nothing is recorded of it.
pub fn trace(
    world: &World,
    baseline: &[&[f64]],
    own: &[Recorded],
    sectors: &BySector,
) -> Option<Trace> {
    let first = own.first()?;
    let named = first.sectors();
    let sector = |s: &(&str, &str, f64)| world.area(s.0).zip(world.item(s.1));
    let shocked: Vec<(usize, usize)> = named.iter().filter_map(sector).collect();
    let ways = Response::BOTH.map(|way| own.iter().any(|r| r.adaptation == way && r.is_run));
    Some(Trace { id: first.id, courses: courses(world, baseline, &shocked, ways, sectors) })
}

fn courses(
    world: &World,
    baseline: &[&[f64]],
    shocked: &[(usize, usize)],
    ways: [bool; 2],
    sectors: &BySector,
) -> Vec<Course> {
    let channel = |area: usize, item: usize| {
        let same_area = shocked.iter().any(|s| s.0 == area);
        let same_item = shocked.iter().any(|s| s.1 == item);
        match (shocked.contains(&(area, item)), same_area, same_item) {
            (true, ..) => Channel::Shocked,
            (_, true, _) => Channel::SameArea,
            (_, _, true) => Channel::SameItem,
            _ => Channel::Neither,
        }
    };
    let last = |values: &Vec<f64>| values.last().copied().unwrap_or(0.0);
    let mut order: Vec<(f64, usize)> = sectors
        .iter()
        .map(|(&sector, al)| (al.iter().map(last).fold(0.0, f64::max), sector))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut kept: BTreeMap<Channel, Vec<usize>> = BTreeMap::new();
    for (loss, sector) in order {
        let (area, item) = world.parts_of(sector);
        // Grass and fodder would fill all places: one course per item is enough.
        let of_channel = kept.entry(channel(area, item)).or_default();
        let repeated = of_channel.iter().any(|&other| world.parts_of(other).1 == item);
        let is_same_item = channel(area, item) == Channel::SameItem;
        if loss > 0.0 && of_channel.len() < PER_CHANNEL && (is_same_item || !repeated) {
            of_channel.push(sector);
        }
    }
    let course = |channel: Channel, sector: usize| {
        let (area, item) = world.parts_of(sector);
        let amounts: Vec<f64> = baseline.iter().map(|step| step[sector]).collect();
        let al = [0, 1].map(|way: usize| match ways[way] {
            true => shorts(&sectors[&sector][way]),
            false => Vec::new(),
        });
        Course { area, item, channel, baseline: shorts(&amounts), al }
    };
    kept.iter()
        .flat_map(|(&c, sectors)| sectors.iter().map(move |&s| (c, s)))
        .map(|(c, s)| course(c, s))
        .collect()
}

fn add(row: &TracedLoss, world: &World, steps: &[i32], table: &mut ByScenario) -> Option<()> {
    let sector = world.sector(world.area(&row.area)?, world.item(&row.item)?);
    let at = steps.binary_search(&row.step).ok()?;
    let id = row.scenario;
    // Rows come by scenario: what is not shown takes no room.
    if table.len() == SCENARIOS && !table.contains_key(&id) {
        return Some(());
    }
    let nothing = || [vec![0.0; steps.len()], vec![0.0; steps.len()]];
    let own = table.entry(id).or_default().entry(sector).or_insert_with(nothing);
    own[row.adaptation.index()][at] = row.al;
    Some(())
}
