//! Differences of every sector in every scenario: some scenarios at a time, never all of them.

use std::collections::BTreeMap;
use std::path::Path;

use super::matching::Matching;
use super::rows::LossDifference;
use super::writer::Writer;
use super::{CompareError, Side};
use crate::analysis::outcomes;
use crate::results::Name;
use crate::scenario::{Response, ScenarioId};
use crate::sink::SinkError;

/// Scenarios whose losses are in memory at a time, on both sides.
const AT_A_TIME: usize = 256;

/// Writes the losses that differ, scenario by scenario in the order of A's; their number.
///
/// A loss that only one side lists is held against 0: below the threshold of a result losses are not known.
///
/// # Errors
/// A table cannot be read or written.
pub fn differences(
    sides: &[Side<'_>; 2],
    matching: &Matching,
    out: &Path,
) -> Result<u64, CompareError> {
    let tables = [outcomes::open(sides[0].root)?, outcomes::open(sides[1].root)?];
    let mut writer = Writer::<LossDifference>::create(out)?;
    let names = |of: &mut dyn Iterator<Item = &String>| of.map(Name::from).collect::<Vec<_>>();
    let world = &sides[0].world;
    let areas = names(&mut world.areas.iter().map(|area| &area.name));
    let items = names(&mut world.items.iter().map(|item| &item.name));
    let units = names(&mut world.items.iter().map(|item| &item.unit));
    let mut count = 0;
    matching.each(&sides[0], AT_A_TIME, |pairs| {
        let of = |side: usize, ids: Vec<ScenarioId>| {
            outcomes::of_tables(&tables[side], &sides[side].world, &ids)
        };
        let a = of(0, pairs.iter().map(|pair| pair.0).collect())?;
        let b = of(1, pairs.iter().map(|pair| pair.1).collect())?;
        let mut rows = Vec::new();
        for &(id_a, id_b) in pairs {
            for way in Response::BOTH {
                let losses = [a.get(&(id_a, way)), b.get(&(id_b, way))];
                for (sector, [al_a, al_b]) in joined(losses.map(|of| of.map_or(&[][..], |of| of))) {
                    let (area, item) = world.parts_of(sector as usize);
                    rows.push(LossDifference {
                        scenario_a: id_a,
                        scenario_b: id_b,
                        adaptation: way.is_adaptive(),
                        area: areas[area].clone(),
                        item: items[item].clone(),
                        unit: units[item].clone(),
                        al_a,
                        al_b,
                        al_difference: al_b - al_a,
                    });
                }
            }
        }
        count += rows.len() as u64;
        writer.write(&rows).map_err(SinkError::from)?;
        Ok(())
    })?;
    writer.commit()?;
    Ok(count)
}

/// Losses of both sides by sector, ascending, where they differ.
fn joined([a, b]: [&[(u32, f64, f64)]; 2]) -> Vec<(u32, [f64; 2])> {
    let mut by_sector: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
    for (side, losses) in [a, b].into_iter().enumerate() {
        for &(sector, al, _) in losses {
            by_sector.entry(sector).or_default()[side] = al;
        }
    }
    by_sector.into_iter().filter(|(_, [a, b])| a != b).collect()
}
