//! Which group a sector belongs to, and what the groups have.

use std::collections::BTreeMap;

use super::{ADDED, Dimension, GroupRow, TONNES};
use crate::analysis::outcomes::Losses;
use crate::analysis::world::{Area, Item, World};
use crate::model::losses::runs_away;

/// Values of one side's dimensions; those without one come last.
type Labels = Vec<Option<String>>;

/// Groups of sectors: a group of areas times a group of items.
pub(super) struct Groups<'a> {
    world: &'a World,
    /// Group of every area.
    pub area_group: Vec<usize>,
    /// Group of every item; none for items that are left out.
    pub item_group: Vec<Option<usize>>,
    area_labels: Vec<Labels>,
    item_labels: Vec<Labels>,
    areas_of: Vec<Vec<usize>>,
    /// Baseline of every group, in its unit.
    pub baseline: Vec<f64>,
    /// Unit of every group of items, and whether it has a mass.
    units: Vec<(String, bool)>,
    published: bool,
}

/// What the areas of a group are: persons, areas with no known number of them, areas at all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct People {
    pub population: f64,
    pub unknown: u64,
    pub areas: u64,
}

impl<'a> Groups<'a> {
    pub fn new(world: &'a World, by: &[Dimension], counted: &[bool], published: bool) -> Self {
        let dimensions: Vec<Dimension> =
            Dimension::ALL.into_iter().filter(|d| by.contains(d)).collect();
        let of_area = |area: &Area| -> Labels {
            let label = |d: &Dimension| match d {
                Dimension::Region => Some(area.region.clone()),
                Dimension::HdiClass => Some(area.class().map(|c| c.name().to_string())),
                Dimension::Area => Some(Some(area.name.clone())),
                _ => None,
            };
            dimensions.iter().filter_map(label).collect()
        };
        let of_item = |item: &Item| -> Labels {
            let label = |d: &Dimension| match d {
                Dimension::ItemGroup => Some(Some(item.item_group.clone())),
                Dimension::CommodityGroup => Some(Some(item.commodity_group.clone())),
                Dimension::Item => Some(Some(item.name.clone())),
                _ => None,
            };
            dimensions.iter().filter_map(label).collect()
        };
        let areas: Vec<Option<Labels>> = world.areas.iter().map(|a| Some(of_area(a))).collect();
        let counts = world.items.iter().zip(counted);
        let items: Vec<Option<Labels>> =
            counts.map(|(item, counts)| counts.then(|| of_item(item))).collect();
        let (area_group, area_labels) = number(areas);
        let (item_group, item_labels) = number(items);
        let area_group: Vec<usize> = area_group.into_iter().flatten().collect();
        let mut areas_of = vec![Vec::new(); area_labels.len()];
        for (area, &group) in area_group.iter().enumerate() {
            areas_of[group].push(area);
        }
        let by_item = by.contains(&Dimension::Item);
        // Its name, as items have it, and whether it is a mass.
        let summed = world.items.iter().find(|item| item.is_summed);
        let summed = summed.map_or((TONNES, true), |item| (item.unit.as_str(), item.is_mass));
        let unit = if published && !by_item { (ADDED, true) } else { summed };
        let mut units = vec![(unit.0.to_string(), unit.1); item_labels.len()];
        for (item, group) in world.items.iter().zip(&item_group) {
            if let Some(group) = group.filter(|_| by_item && !item.is_summed) {
                units[group] = (item.unit.clone(), item.is_mass);
            }
        }
        let mut groups = Groups {
            units,
            published,
            world,
            area_group,
            item_group,
            area_labels,
            item_labels,
            areas_of,
            baseline: Vec::new(),
        };
        groups.baseline = (0..groups.area_labels.len())
            .flat_map(|group| groups.baseline_of(group, &[]))
            .collect();
        groups
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.area_labels.len() * self.item_labels.len()
    }

    /// Groups of items per group of areas.
    pub fn width(&self) -> usize {
        self.item_labels.len()
    }

    /// Unit of a group, and whether it has a mass.
    pub fn unit(&self, group: usize) -> &(String, bool) {
        &self.units[group % self.width()]
    }

    /// Whether the result knows food.
    pub fn knows_food(&self) -> bool {
        self.world.knows_food()
    }

    /// Whether a loss counts: not that of a sector that has run away.
    pub fn counts(&self, sector: usize, al: f64) -> bool {
        let baseline = self.world.last().get(sector).copied().unwrap_or(0.0);
        self.published || !runs_away(al, baseline, self.world.overshoot)
    }

    /// Group of a sector, unless its item is left out.
    pub fn of(&self, sector: usize) -> Option<usize> {
        let (area, item) = self.world.parts_of(sector);
        Some(self.area_group[area] * self.width() + self.item_group[item]?)
    }

    /// Area of a sector.
    pub fn area(&self, sector: usize) -> usize {
        self.world.parts_of(sector).0
    }

    /// Whether the area of a sector has a population.
    pub fn is_populated(&self, sector: usize) -> bool {
        self.world.areas[self.area(sector)].population.is_some()
    }

    /// Baseline of a group of areas by group of items, without some of its areas, tonnes.
    pub fn baseline_of(&self, group: usize, without: &[usize]) -> Vec<f64> {
        let mut sums = vec![0.0; self.width()];
        let last = self.world.last();
        for &area in self.areas_of[group].iter().filter(|area| !without.contains(area)) {
            for (item, at) in self.item_group.iter().enumerate() {
                if let Some(at) = at {
                    sums[*at] += last[self.world.sector(area, item)];
                }
            }
        }
        sums
    }

    /// Who lives in a group of areas, without some of them.
    pub fn people(&self, group: usize, without: &[usize]) -> People {
        let mut people = People::default();
        for &area in self.areas_of[group].iter().filter(|area| !without.contains(area)) {
            people.areas += 1;
            match self.world.areas[area].population {
                Some(persons) => people.population += persons,
                None => people.unknown += 1,
            }
        }
        people
    }

    /// Names of a group.
    pub fn labels(&self, group: usize) -> Labels {
        let [of_areas, of_items] =
            [&self.area_labels[group / self.width()], &self.item_labels[group % self.width()]];
        of_areas.iter().chain(of_items).cloned().collect()
    }

    /// The rows of one scenario: groups that a loss falls into.
    pub fn of_scenario(&self, losses: &Losses<'_>, shocked: &[usize]) -> Vec<GroupRow> {
        let mut sums: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
        for (&sector, (&al, &value)) in
            losses.sectors.iter().zip(losses.al.iter().zip(losses.value))
        {
            let sector = sector as usize;
            let is_in = !shocked.contains(&self.area(sector)) && self.counts(sector, al);
            let Some(group) = self.of(sector).filter(|_| is_in) else { continue };
            let own = sums.entry(group).or_default();
            own[0] += al;
            if self.is_populated(sector) {
                own[1] += al;
                own[2] += value;
            }
        }
        let mut known: BTreeMap<usize, (Vec<f64>, People)> = BTreeMap::new();
        let row = |(group, [al, al_populated, value]): (usize, [f64; 3])| {
            let of_areas = group / self.width();
            let (baseline, people) = known.entry(of_areas).or_insert_with(|| {
                let baseline = if self.areas_of[of_areas].iter().any(|a| shocked.contains(a)) {
                    self.baseline_of(of_areas, shocked)
                } else {
                    let start = of_areas * self.width();
                    self.baseline[start..start + self.width()].to_vec()
                };
                (baseline, self.people(of_areas, shocked))
            });
            GroupRow {
                scenario: Some(losses.key.0),
                adaptation: losses.key.1,
                labels: self.labels(group),
                scenarios: 1,
                baseline: baseline[group % self.width()],
                al,
                population: people.population,
                al_populated,
                areas_without_population: people.unknown,
                unit: self.unit(group).0.clone(),
                has_mass: self.unit(group).1,
                food: self.knows_food().then_some(value),
            }
        };
        sums.into_iter().map(row).collect()
    }

    /// Groups of areas that some areas belong to, each once.
    pub fn holding(&self, areas: &[usize]) -> Vec<usize> {
        let mut groups: Vec<usize> = areas.iter().map(|&area| self.area_group[area]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

/// Numbers labels in their order, those without a value last.
fn number(labels: Vec<Option<Labels>>) -> (Vec<Option<usize>>, Vec<Labels>) {
    let key = |labels: &Labels| -> Vec<(bool, Option<String>)> {
        labels.iter().map(|label| (label.is_none(), label.clone())).collect()
    };
    let mut distinct: Vec<Labels> = labels.iter().flatten().cloned().collect();
    distinct.sort_by_key(key);
    distinct.dedup();
    let position: BTreeMap<&Labels, usize> =
        distinct.iter().enumerate().map(|(at, labels)| (labels, at)).collect();
    let numbers = labels.iter().map(|l| l.as_ref().and_then(|l| position.get(l).copied()));
    (numbers.collect(), distinct.clone())
}
