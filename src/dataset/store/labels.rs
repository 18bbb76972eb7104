//! Reading the labels of a dataset in shocksweep's own form.

use std::path::{Path, PathBuf};

use super::columns::StoredTable;
use super::table_file;
use super::validate::label_faults;
use crate::dataset::DatasetError;
use crate::dataset::labels::{Area, Item, Labels, Process};
use crate::dataset::measures::{MAX_KCAL_PER_KG, MAX_PROTEIN_PER_KG, Nutrition, Unit};

/// What a file should be.
const EXPECTED: &str = "a table of the dataset";

/// A table of a folder, with its path.
pub(super) fn open(folder: &Path, table: &str) -> Result<(PathBuf, StoredTable), DatasetError> {
    let path = folder.join(table_file(table));
    let content = StoredTable::read(&path, EXPECTED)?;
    Ok((path, content))
}

/// The labels of a folder.
pub(super) fn read_labels(folder: &Path) -> Result<Labels, DatasetError> {
    let (_, t) = open(folder, "areas")?;
    let (names, codes, iso3) = (t.texts("area")?, t.integers("code")?, t.texts("iso3")?);
    let regions = t.optional_texts("region")?;
    let (latitudes, longitudes) = (t.degrees("latitude")?, t.degrees("longitude")?);
    let population = t.optional_numbers("population", f64::MAX)?;
    let hdi = t.optional_numbers("hdi", 1.0)?;
    let areas = (0..names.len())
        .map(|n| Area {
            name: names[n].clone(),
            code: codes[n],
            iso3: iso3[n].clone(),
            region: regions[n].clone(),
            latitude: latitudes[n],
            longitude: longitudes[n],
            population: population[n],
            hdi: hdi[n],
        })
        .collect();
    let (_, t) = open(folder, "items")?;
    let (names, codes) = (t.texts("item")?, t.integers("code")?);
    let (commodity_codes, groups) = (t.texts("commodity_code")?, t.texts("group")?);
    let commodity_groups = t.texts("commodity_group")?;
    let mut items: Vec<Item> = (0..names.len())
        .map(|n| Item {
            name: names[n].clone(),
            code: codes[n],
            commodity_code: commodity_codes[n].clone(),
            commodity_group: commodity_groups[n].clone(),
            group: groups[n].clone(),
            ..Item::default()
        })
        .collect();
    // Folders of earlier versions have none of them.
    if MEASURES.iter().any(|column| t.has(column)) {
        read_measures(&t, &mut items)?;
    } else {
        items = items.into_iter().map(Item::with_usual_measures).collect();
    }
    let (_, t) = open(folder, "processes")?;
    let (names, codes) = (t.texts("process")?, t.texts("code")?);
    let processes =
        names.into_iter().zip(codes).map(|(name, code)| Process { name, code }).collect();
    let labels = Labels { areas, items, processes };
    labels.dimensions().check_size().map_err(|problem| DatasetError::file(folder, problem))?;
    match label_faults(&labels).into_iter().next() {
        Some(fault) => Err(fault.within(folder)),
        None => Ok(labels),
    }
}

/// Columns of the measures of items.
const MEASURES: [&str; 4] = ["unit", "kcal_per_kg", "protein_g_per_kg", "food"];

/// Units of items, and what they are worth as food.
fn read_measures(t: &StoredTable, items: &mut [Item]) -> Result<(), DatasetError> {
    let units = t.texts("unit")?;
    let kcal = t.optional_numbers("kcal_per_kg", MAX_KCAL_PER_KG)?;
    let protein = t.optional_numbers("protein_g_per_kg", MAX_PROTEIN_PER_KG)?;
    let food = t.flags("food")?;
    for (n, item) in items.iter_mut().enumerate() {
        item.unit = Unit::parse(&units[n]);
        item.nutrition = kcal[n].map(|kcal_per_kg| Nutrition {
            is_food: food[n].unwrap_or(kcal_per_kg > 0.0),
            kcal_per_kg,
            protein_g_per_kg: protein[n],
        });
    }
    Ok(())
}
