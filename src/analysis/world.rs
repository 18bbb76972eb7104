//! The world of a result: its areas, its items, and what every sector has in the baseline.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};

use super::tables::{each_batch, names};
use crate::dataset::hdi::HdiClass;
use crate::sink::SinkError;
use crate::sink::folder::{AREAS, BASELINE, ITEMS};

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
        let (mut areas, mut items) = (Vec::new(), Vec::new());
        let columns = ["area", "iso3", "region", "population", "hdi", "latitude", "longitude"];
        each_batch(&root.join(AREAS), &columns, |batch| read_areas(batch, &mut areas))?;
        let columns = ["item", "commodity_group", "item_group"];
        each_batch(&root.join(ITEMS), &columns, |batch| read_items(batch, &mut items))?;
        let index = |names: Vec<&String>| -> BTreeMap<String, usize> {
            names.into_iter().enumerate().map(|(at, name)| (name.clone(), at)).collect()
        };
        let mut world = World {
            area_index: index(areas.iter().map(|a| &a.name).collect()),
            item_index: index(items.iter().map(|i| &i.name).collect()),
            areas,
            items,
            baseline: BTreeMap::new(),
        };
        let mut baseline: BTreeMap<i32, Vec<f64>> = BTreeMap::new();
        let columns = ["step", "area", "item", "baseline"];
        let path = root.join(BASELINE);
        each_batch(&path, &columns, |batch| world.read_baseline(batch, &mut baseline))?;
        if baseline.is_empty() {
            return Err(super::tables::unreadable(&path));
        }
        world.baseline = baseline;
        Ok(world)
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

    fn read_baseline(
        &self,
        batch: &RecordBatch,
        baseline: &mut BTreeMap<i32, Vec<f64>>,
    ) -> Option<()> {
        let step = batch.column_by_name("step")?.as_primitive_opt::<Int32Type>()?;
        let (areas, items) =
            (names(batch.column_by_name("area")?)?, names(batch.column_by_name("item")?)?);
        let amounts = batch.column_by_name("baseline")?.as_primitive_opt::<Float64Type>()?;
        for row in 0..batch.num_rows() {
            let sector = self.sector(self.area(&areas[row])?, self.item(&items[row])?);
            let of_step =
                baseline.entry(step.value(row)).or_insert_with(|| vec![0.0; self.sectors()]);
            of_step[sector] = amounts.value(row);
        }
        Some(())
    }
}

fn read_areas(batch: &RecordBatch, areas: &mut Vec<Area>) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let float = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
    let (area, iso3, region) = (text("area")?, text("iso3")?, text("region")?);
    let (population, hdi) = (float("population")?, float("hdi")?);
    let (latitude, longitude) = (float("latitude")?, float("longitude")?);
    for row in 0..batch.num_rows() {
        let place = latitude.is_valid(row) && longitude.is_valid(row);
        areas.push(Area {
            name: area.value(row).to_string(),
            iso3: iso3.value(row).to_string(),
            region: region.is_valid(row).then(|| region.value(row).to_string()),
            population: population.is_valid(row).then(|| population.value(row)),
            hdi: hdi.is_valid(row).then(|| hdi.value(row)),
            place: place.then(|| [longitude.value(row), latitude.value(row)]),
        });
    }
    Some(())
}

fn read_items(batch: &RecordBatch, items: &mut Vec<Item>) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let (item, commodity, group) = (text("item")?, text("commodity_group")?, text("item_group")?);
    for row in 0..batch.num_rows() {
        items.push(Item {
            name: item.value(row).to_string(),
            commodity_group: commodity.value(row).to_string(),
            item_group: group.value(row).to_string(),
        });
    }
    Some(())
}
