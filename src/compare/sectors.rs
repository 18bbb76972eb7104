//! Differences of areas, items and sectors, in the mean over the scenarios of both results.

use std::path::Path;

use rayon::prelude::*;

use super::matching::Matching;
use super::rows::{AreaDifference, ItemDifference, SectorDifference};
use super::{CompareError, Side};
use crate::analysis::outcomes;
use crate::model::constants::KG_PER_TONNE;
use crate::model::losses::runs_away;
use crate::results::{Name, Record};
use crate::sink::SinkError;
use crate::sink::commit::Pending;

/// Differences of areas and items.
#[derive(Default)]
pub struct Sectors {
    /// All areas, by way.
    pub areas: Vec<AreaDifference>,
    /// All items, by way.
    pub items: Vec<ItemDifference>,
}

/// Loss tables that are summed at a time: their sums are in memory together, and are added in order.
const AT_A_TIME: usize = 16;

/// Sums over the matched scenarios of a result.
#[derive(Debug, Clone)]
struct Sums {
    /// By way and sector: absolute loss.
    al: [Vec<f64>; 2],
    /// By way and area: what counts of it as food, see [`outcomes::Losses::value`].
    value: [Vec<f64>; 2],
}

impl Sums {
    fn new(side: &Side<'_>) -> Self {
        let of = |count: usize| [vec![0.0; count], vec![0.0; count]];
        Sums { al: of(side.world.sectors()), value: of(side.world.areas.len()) }
    }

    fn add(&mut self, other: &Sums) {
        for way in 0..2 {
            let pairs = self.al[way].iter_mut().zip(&other.al[way]);
            pairs
                .chain(self.value[way].iter_mut().zip(&other.value[way]))
                .for_each(|(a, b)| *a += b);
        }
    }
}

/// Compares what areas, items and sectors lose; with `out` the tables are written there.
///
/// # Errors
/// A table cannot be read or written.
pub fn differences(
    sides: &[Side<'_>; 2],
    matching: &Matching,
    out: Option<&Path>,
) -> Result<Sectors, CompareError> {
    let [a, b] = [sums(&sides[0], 0, matching)?, sums(&sides[1], 1, matching)?];
    let world = &sides[0].world;
    let runs = matching.matched.max(1) as f64;
    let has = |way: usize| [&a, &b].iter().any(|of| of.al[way].iter().any(|al| *al != 0.0));
    let ways: Vec<usize> = (0..2).filter(|&way| has(way)).collect();
    let items = world.items.len();
    let mut found = Sectors { areas: Vec::new(), items: Vec::new() };
    let mut sectors = Vec::new();
    for &way in &ways {
        for (at, area) in world.areas.iter().enumerate() {
            let population = area.population.filter(|p| *p > 0.0 && world.knows_food());
            let kcal = |of: &Sums| population.map(|p| KG_PER_TONNE * of.value[way][at] / p / runs);
            let al = |of: &Sums| -> f64 {
                let summed = (0..items).filter(|&item| world.items[item].is_summed);
                summed.map(|item| of.al[way][world.sector(at, item)]).sum::<f64>() / runs
            };
            found.areas.push(AreaDifference {
                area: Name::from(&area.name),
                adaptation: way == 1,
                scenarios: matching.matched as i64,
                kcal_a: kcal(&a),
                kcal_b: kcal(&b),
                kcal_difference: kcal(&a).zip(kcal(&b)).map(|(a, b)| b - a),
                al_a: al(&a),
                al_b: al(&b),
                al_difference: al(&b) - al(&a),
            });
        }
        for (at, item) in world.items.iter().enumerate() {
            let al = |of: &Sums| -> f64 {
                let areas = 0..world.areas.len();
                areas.map(|area| of.al[way][world.sector(area, at)]).sum::<f64>() / runs
            };
            found.items.push(ItemDifference {
                item: Name::from(&item.name),
                unit: Name::from(&item.unit),
                adaptation: way == 1,
                scenarios: matching.matched as i64,
                al_a: al(&a),
                al_b: al(&b),
                al_difference: al(&b) - al(&a),
            });
        }
        for s in 0..world.sectors() {
            let (of_a, of_b) = (a.al[way][s] / runs, b.al[way][s] / runs);
            if of_a != 0.0 || of_b != 0.0 {
                let (area, item) = world.parts_of(s);
                sectors.push(SectorDifference {
                    area: Name::from(&world.areas[area].name),
                    item: Name::from(&world.items[item].name),
                    unit: Name::from(&world.items[item].unit),
                    adaptation: way == 1,
                    al_a: of_a,
                    al_b: of_b,
                    al_difference: of_b - of_a,
                });
            }
        }
    }
    if let Some(folder) = out {
        write(folder, &found.areas)?;
        write(folder, &found.items)?;
        write(folder, &sectors)?;
    }
    Ok(found)
}

/// Sums of the matched scenarios of a side.
fn sums(side: &Side<'_>, which: usize, matching: &Matching) -> Result<Sums, CompareError> {
    let world = &side.world;
    let of_file = |path: &std::path::PathBuf| -> Result<Sums, SinkError> {
        let mut sums = Sums::new(side);
        outcomes::read(path, world, outcomes::ALL, |losses| {
            if !matching.has(which, losses.key.0) {
                return;
            }
            let way = losses.key.1.index();
            for ((&sector, &al), value) in losses.sectors.iter().zip(losses.al).zip(losses.value) {
                let s = sector as usize;
                if !runs_away(al, world.last()[s], world.overshoot) {
                    sums.al[way][s] += al;
                    sums.value[way][world.parts_of(s).0] += value;
                }
            }
        })?;
        Ok(sums)
    };
    let mut all = Sums::new(side);
    for files in outcomes::files(side.root)?.chunks(AT_A_TIME) {
        let parts: Result<Vec<Sums>, SinkError> =
            files.par_iter().with_max_len(1).map(of_file).collect();
        parts?.iter().for_each(|part| all.add(part));
    }
    Ok(all)
}

fn write<R: Record>(folder: &Path, rows: &[R]) -> Result<(), CompareError> {
    let path = folder.join(format!("{}.parquet", R::TABLE));
    let pending: Pending =
        crate::results::write(&path, &R::batch(rows)).map_err(SinkError::from)?;
    pending.commit().map_err(SinkError::from)?;
    Ok(())
}
