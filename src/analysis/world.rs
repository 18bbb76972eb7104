//! The world of a result: its areas, its items, and what every sector has in the baseline.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::Unit;
use crate::dataset::hdi::HdiClass;
use crate::dataset::measures::summed_unit;
use crate::measure::more_than_eaten;
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::results::Record;
use crate::results::areas::AreaRow;
use crate::results::baseline::BaselineRow;
use crate::results::items::ItemRow;
use crate::sink::SinkError;
use crate::sink::folder::{AREAS, BASELINE, ITEMS, MANIFEST};
use crate::sink::manifest::Manifest;

/// Areas, and items, at most: their keys have 16 bits.
const MAX_LABELS: usize = 1 << 15;

/// Sectors at most, of a table that somebody else may have made.
const MAX_SECTORS: usize = 1 << 24;

/// Steps at most: jobs allow a thousand.
const MAX_STEPS: usize = 1000;

/// An area, as `areas.parquet` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Name.
    pub name: String,
    /// ISO 3166-1 alpha-3 code.
    pub iso3: String,
    /// Region of the world.
    pub region: Option<String>,
    /// Persons.
    pub population: Option<f64>,
    /// Human development index.
    pub hdi: Option<f64>,
    /// Longitude and latitude, degrees.
    pub place: Option<[f64; 2]>,
}

impl Area {
    /// Class of its human development index.
    pub fn class(&self) -> Option<HdiClass> {
        self.hdi.map(HdiClass::of)
    }
}

/// An item, as `items.parquet` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Name.
    pub name: String,
    /// Commodity group.
    pub commodity_group: String,
    /// Item group.
    pub item_group: String,
    /// Unit of its amounts.
    pub unit: String,
    /// Whether amounts are a mass: only those are told in kg per person.
    pub is_mass: bool,
    /// Whether amounts are summed with those of other items.
    pub is_summed: bool,
    /// Whether people eat it, and how much energy it has is known.
    pub is_food: bool,
}

/// Areas, items and baseline of a result. A sector is `area * items + item`.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The areas, in the order of the result.
    pub areas: Vec<Area>,
    /// The items, in the order of the result.
    pub items: Vec<Item>,
    /// Available amounts of the baseline by sector, tonnes, by step; of most results the last step
    /// alone.
    pub baseline: BTreeMap<i32, Vec<f64>>,
    /// Food that people eat of each sector's last baseline, kcal per person and day.
    pub eaten: Vec<f64>,
    /// Sign of the unit whose amounts are summed over items; empty where there is none.
    pub summed_unit: String,
    /// Multiple of the baseline above which a sector has run away.
    pub overshoot: f64,
    area_index: BTreeMap<String, usize>,
    item_index: BTreeMap<String, usize>,
}

impl World {
    /// Reads the world of a result.
    ///
    /// # Errors
    /// A table is missing or is not what it should be.
    pub fn read(root: &Path) -> Result<Self, SinkError> {
        for name in [ITEMS, BASELINE] {
            if !root.join(name).is_file() {
                return Err(SinkError::Unreadable {
                    path: root.join(name),
                    problem:
                        "not found; results of an earlier version do not have it: run the job \
                              again"
                            .to_string(),
                });
            }
        }
        let areas: Vec<Area> = AreaRow::read(&root.join(AREAS))?.into_iter().map(area).collect();
        let mut items: Vec<Item> =
            ItemRow::read(&root.join(ITEMS))?.into_iter().map(item).collect();
        let summed_unit = mark_summed(&mut items);
        // Keys of names have 16 bits: no result has more.
        for (name, count) in [(AREAS, areas.len()), (ITEMS, items.len())] {
            if count > MAX_LABELS || areas.len() * items.len() > MAX_SECTORS {
                let (path, problem) = (root.join(name), format!("{count} rows are too many"));
                return Err(SinkError::Unreadable { path, problem });
            }
        }
        let index = |names: Vec<&String>| -> BTreeMap<String, usize> {
            names.into_iter().enumerate().map(|(at, name)| (name.clone(), at)).collect()
        };
        let mut world = World {
            area_index: index(areas.iter().map(|a| &a.name).collect()),
            item_index: index(items.iter().map(|i| &i.name).collect()),
            areas,
            items,
            baseline: BTreeMap::new(),
            eaten: Vec::new(),
            summed_unit,
            overshoot: match root.join(MANIFEST) {
                manifest if manifest.is_file() => Manifest::read(&manifest)?.thresholds.overshoot,
                _ => OVERSHOOT_MULTIPLE,
            },
        };
        let mut baseline: BTreeMap<i32, Vec<f64>> = BTreeMap::new();
        let path = root.join(BASELINE);
        let mut is_known = true;
        // Steps ascend: what stays of food is that of the last.
        let mut eaten = vec![0.0; world.sectors()];
        BaselineRow::each(&path, |rows| {
            is_known =
                is_known && rows.iter().all(|r| world.add(r, &mut baseline, &mut eaten).is_some());
        })?;
        world.eaten = eaten;
        if !is_known {
            return Err(super::tables::unreadable(&path));
        }
        if baseline.is_empty() {
            return Err(super::tables::unreadable(&path));
        }
        world.baseline = baseline;
        Ok(world)
    }

    /// Whether losses can be told as food.
    pub fn knows_food(&self) -> bool {
        self.items.iter().any(|item| item.is_food) && self.population() > 0.0
    }

    /// Number of sectors.
    pub fn sectors(&self) -> usize {
        self.areas.len() * self.items.len()
    }

    /// Index of a sector.
    pub fn sector(&self, area: usize, item: usize) -> usize {
        area * self.items.len() + item
    }

    /// Area and item of a sector.
    pub fn parts_of(&self, sector: usize) -> (usize, usize) {
        (sector / self.items.len(), sector % self.items.len())
    }

    /// Position of an area.
    pub fn area(&self, name: &str) -> Option<usize> {
        self.area_index.get(name).copied()
    }

    /// Position of an item.
    pub fn item(&self, name: &str) -> Option<usize> {
        self.item_index.get(name).copied()
    }

    /// Available amounts after the last step, by sector, tonnes.
    pub fn last(&self) -> &[f64] {
        self.baseline.last_key_value().map_or(&[], |(_, amounts)| amounts)
    }

    /// Summed population of the areas that have one, persons.
    pub fn population(&self) -> f64 {
        self.areas.iter().filter_map(|a| a.population).sum()
    }

    /// Regions in alphabetical order; areas without one are in none.
    pub fn regions(&self) -> Vec<String> {
        let mut regions: Vec<String> = self.areas.iter().filter_map(|a| a.region.clone()).collect();
        regions.sort();
        regions.dedup();
        regions
    }

    /// Food that the people of an area eat without a shock, kcal per person and day; `None` where
    /// that is not known.
    pub fn supply(&self, area: usize) -> Option<f64> {
        self.areas[area].population.filter(|_| self.knows_food())?;
        let supply: f64 = (0..self.items.len()).map(|i| self.eaten[self.sector(area, i)]).sum();
        Some(supply).filter(|supply| *supply > 0.0)
    }

    /// Areas that are said to eat more than people eat, ascending: see [`more_than_eaten`].
    pub fn not_eaten(&self) -> Vec<usize> {
        let people = |area: usize| self.supply(area).and(self.areas[area].population);
        let eaten = |area: usize| self.supply(area).zip(people(area)).map_or(0.0, |(s, p)| s * p);
        let supply: Vec<f64> = (0..self.areas.len()).map(eaten).collect();
        more_than_eaten(&supply, people)
    }

    fn add(
        &self,
        row: &BaselineRow,
        baseline: &mut BTreeMap<i32, Vec<f64>>,
        eaten: &mut [f64],
    ) -> Option<()> {
        let sector = self.sector(self.area(&row.area)?, self.item(&row.item)?);
        if baseline.len() > MAX_STEPS {
            return None;
        }
        let of_step = baseline.entry(row.step).or_insert_with(|| vec![0.0; self.sectors()]);
        // Out of range: every scenario has diverged, and nothing is divided by it.
        of_step[sector] = row.baseline.unwrap_or(0.0);
        eaten[sector] = row.kcal_per_person_day.unwrap_or(0.0);
        Some(())
    }
}

fn area(row: AreaRow) -> Area {
    Area {
        name: row.area.to_string(),
        iso3: row.iso3,
        region: row.region,
        population: row.population,
        hdi: row.hdi,
        place: row.longitude.zip(row.latitude).map(|(east, north)| [east, north]),
    }
}

/// Marks the items whose amounts are summed; the sign of their unit, empty where there are none.
fn mark_summed(items: &mut [Item]) -> String {
    let units: Vec<Unit> = items.iter().map(|item| Unit::parse(&item.unit)).collect();
    let summed = summed_unit(units.iter());
    for (item, unit) in items.iter_mut().zip(&units) {
        item.is_summed = Some(unit) == summed;
    }
    summed.map_or(String::new(), |unit| unit.sign().to_string())
}

fn item(row: ItemRow) -> Item {
    let unit = row.unit.to_string();
    Item {
        is_mass: Unit::parse(&unit).is_mass(),
        is_summed: false,
        unit,
        is_food: row.food.unwrap_or(false) && row.kcal_per_kg.is_some_and(|kcal| kcal > 0.0),
        name: row.item.to_string(),
        commodity_group: row.commodity_group,
        item_group: row.item_group,
    }
}
