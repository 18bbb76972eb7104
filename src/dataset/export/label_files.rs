//! The label files.

use std::path::Path;

use shocksweep_columnar::write::harmless;

use super::file;
use crate::dataset::import::label_files::{AREAS, MEASURES, PROCESSES, SECTORS};
use crate::dataset::{DatasetError, Item, Labels};

/// Writes the tables of sectors, of process columns and of areas.
pub(super) fn write(labels: &Labels, folder: &Path) -> Result<(), DatasetError> {
    let header = ["", "area_code", "area", "item_code", "item", "comm_code", "comm_group", "group"];
    let mut sectors = vec![header.map(String::from).to_vec()];
    let mut columns =
        vec![["", "area_code", "area", "proc_code", "proc"].map(String::from).to_vec()];
    for area in &labels.areas {
        for (n, item) in labels.items.iter().enumerate() {
            let commodity = or(&item.commodity_code, || format!("c{:03}", n + 1));
            sectors.push(vec![
                (sectors.len() - 1).to_string(),
                area.code.to_string(),
                area.name.clone(),
                item.code.to_string(),
                item.name.clone(),
                commodity,
                item.commodity_group.clone(),
                or(&item.group, || item.commodity_group.clone()),
            ]);
        }
        for (n, process) in labels.processes.iter().enumerate() {
            columns.push(vec![
                (columns.len() - 1).to_string(),
                area.code.to_string(),
                area.name.clone(),
                or(&process.code, || format!("p{:03}", n + 1)),
                process.name.clone(),
            ]);
        }
    }
    let header = ["area", "index", "code", "region", "color", "lat", "lng", "population"];
    let mut areas = vec![header.map(String::from).to_vec()];
    for area in &labels.areas {
        let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
        areas.push(vec![
            area.name.clone(),
            area.code.to_string(),
            or(&area.iso3, || format!("A{}", area.code)),
            area.region.clone().unwrap_or_default(),
            "gray".to_string(),
            number(area.latitude),
            number(area.longitude),
            number(area.population),
        ]);
    }
    let mut files = vec![(SECTORS, sectors), (PROCESSES, columns), (AREAS, areas)];
    if !labels.items.iter().all(|item| item.has_usual_measures()) {
        files.push((MEASURES, measures(labels)));
    }
    for (name, rows) in files {
        file(&folder.join(name), |out| {
            let mut csv = csv::Writer::from_writer(out);
            rows.iter().try_for_each(|row| csv.write_record(row.iter().map(|cell| text(cell))))?;
            csv.flush()
        })?;
    }
    Ok(())
}

/// Units and worth as food, where they are not the usual ones: not part of the published layout.
fn measures(labels: &Labels) -> Vec<Vec<String>> {
    let header = ["item", "unit", "kcal_per_kg", "protein_g_per_kg", "food"];
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let row = |item: &Item| {
        let food = item.nutrition;
        vec![
            item.name.clone(),
            item.unit.name().to_string(),
            number(food.map(|n| n.kcal_per_kg)),
            number(food.and_then(|n| n.protein_g_per_kg)),
            food.map_or(String::new(), |n| n.is_food.to_string()),
        ]
    };
    let header = std::iter::once(header.map(String::from).to_vec());
    header.chain(labels.items.iter().map(row)).collect()
}

/// A cell that no spreadsheet takes for a formula; numbers stay what they are.
fn text(cell: &str) -> String {
    if cell.parse::<f64>().is_ok() { cell.to_string() } else { harmless(cell) }
}

fn or(text: &str, instead: impl Fn() -> String) -> String {
    if text.is_empty() { instead() } else { text.to_string() }
}
