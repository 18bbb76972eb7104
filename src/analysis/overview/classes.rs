//! Losses by class of the human development index.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::short::Short;
use super::teller::{BySector, Teller};
use crate::analysis::hdi::{ClassChange, LOSES_FROM, MOST_AFFECTED, mean_changes};
use crate::dataset::hdi::HdiClass;
use crate::model::losses::{loss_per_capita, runs_away};

/// The classes, low first.
pub const CLASSES: [HdiClass; 4] =
    [HdiClass::Low, HdiClass::Medium, HdiClass::High, HdiClass::VeryHigh];

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

impl Teller<'_> {
    /// The classes of a scenario.
    pub(super) fn classes(
        &self,
        al: &[BySector; 2],
        ways: [bool; 2],
        shocked: &[usize],
        items: &[usize],
    ) -> Classes {
        let item = if let [item] = items { Some(*item) } else { None };
        let mut sums: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
        let mut runaway = BTreeSet::new();
        for (way, of_way) in al.iter().enumerate() {
            for (&sector, al) in of_way {
                let (area, of) = self.world.parts_of(sector);
                let counts = item.map_or(self.counted[of], |item| item == of);
                let before = self.world.last()[sector];
                if counts && runs_away(*al, before, self.world.overshoot) {
                    runaway.insert(area);
                } else if counts && !shocked.contains(&area) {
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
            .filter(|(area, _)| !runaway.contains(area))
            .filter_map(|(&area, al)| {
                let (class, population) = known(area)?;
                let [without, with] = al.map(|al| loss_per_capita(al, population));
                Some((class, without, with))
            })
            .collect();
        let all = mean_changes(areas.iter().copied().filter(|area| area.1 >= LOSES_FROM));
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
