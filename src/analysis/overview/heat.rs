//! Relative losses of regions by items, and those of a failure of each item itself.

use serde::Serialize;

use super::short::Short;
use super::teller::{BySector, Teller};
use crate::model::losses::reported_relative_loss;
use crate::scenario::Response;

/// Columns of a region x item table.
const HEAT_ITEMS: usize = 24;

/// Least amount of an item in a region, tonnes, for its relative loss to choose a column.
const NOTABLE: f64 = 10_000.0;

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

impl Teller<'_> {
    /// The table of a scenario.
    pub(super) fn heat(
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
                self.survey.own.get(&(*id, Response::BOTH[way]))
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
}
