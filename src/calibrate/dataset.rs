//! A dataset from a calibration, and the balance of its sectors as a table.

use std::path::Path;

use super::{Balance, Calibration, calibrate};
use crate::dataset::error::Problem;
use crate::dataset::store::arrays::{floats, names};
use crate::dataset::store::{Columns, Report};
use crate::dataset::{Dataset, DatasetError, Labels, Metadata, TableSource, TableStatus};
use crate::tables::{self, About, SupplyUse, TableLabels};

/// Tables of a dataset that come straight from labels.
const LABELS: [&str; 3] = ["areas", "items", "processes"];
/// Tables of a dataset that are calibrated.
const PARAMETERS: [&str; 5] =
    ["sectors", "conversion_alpha", "output_beta", "allocation_nu", "trade_t"];

/// What a dataset made from tables says of itself.
pub fn metadata(about: &About, year: i32, floor: f64) -> Metadata {
    let name = about.name.clone().unwrap_or_else(|| "tables".to_string());
    let status = if about.synthetic { TableStatus::Synthetic } else { TableStatus::Original };
    let source =
        |table: &str, source: String| TableSource { table: table.to_string(), source, status };
    let method =
        format!("calibrated from supply, use and demand of {year} ({name}), floor {floor:e}");
    let labels = LABELS.map(|table| source(table, format!("{table} of {name}")));
    let parameters = PARAMETERS.map(|table| source(table, method.clone()));
    Metadata {
        name: format!("{name} {year}"),
        year: Some(year),
        units: about.units.clone(),
        licence: about.licence.clone(),
        synthetic: about.synthetic,
        sources: labels.into_iter().chain(parameters).collect(),
    }
}

/// A dataset from the tables of a year, and how it came about.
#[derive(Debug)]
pub struct Calibrated {
    /// Parameters without rules.
    pub dataset: Dataset,
    /// Parameters and balance.
    pub calibration: Calibration,
    /// Labels of the tables.
    pub labels: TableLabels,
    /// The year's tables.
    pub year: SupplyUse,
}

/// Reads the tables of a year from a folder and calibrates; shares below `floor` are removed (0
/// removes none).
///
/// # Errors
/// The tables are faulty, or hold no such year.
pub fn from_tables(path: &Path, year: i32, floor: f64) -> Result<Calibrated, DatasetError> {
    let about = About::read(path)?;
    let mut tables = tables::read(path, Some((year, year)))?;
    let Some(of_year) = tables.years.remove(&year) else {
        let text = format!("holds no year {year}");
        return Err(DatasetError::file(path, Problem::Inconsistent(text)));
    };
    let calibration = calibrate(&tables.labels, &of_year, floor);
    calibration.check(&tables.labels, path)?;
    let dataset = dataset(&tables.labels, &calibration, metadata(&about, year, floor));
    Ok(Calibrated { dataset, calibration, labels: tables.labels, year: of_year })
}

/// The dataset of a year: parameters without rules.
pub fn dataset(labels: &TableLabels, calibration: &Calibration, metadata: Metadata) -> Dataset {
    Dataset {
        food_part: Some(calibration.food_part()),
        metadata,
        labels: labels.labels.clone(),
        parameters: calibration.parameters.clone(),
        rules: None,
        substitutability: None,
    }
}

/// Names of the areas and items of sectors, as two columns.
pub fn sector_columns(labels: &Labels, sectors: &[usize]) -> Columns {
    let d = labels.dimensions();
    let areas = labels.areas.iter().map(|a| &a.name);
    let items = labels.items.iter().map(|i| &i.name);
    vec![
        ("area", names(areas, sectors.iter().map(|&s| d.area_of(s)))),
        ("item", names(items, sectors.iter().map(|&s| d.item_of(s)))),
    ]
}

/// `balance`: what the tables say of every sector that has anything, tonnes.
pub fn balance_table(labels: &Labels, c: &Calibration) -> Report {
    let b: &Balance = &c.balance;
    let sectors: Vec<usize> = (0..b.production.len())
        .filter(|&s| {
            let amounts = [b.production[s], b.possessed(s), b.withdrawn[s], b.clipped[s]];
            amounts.iter().any(|&amount| amount != 0.0) || b.left_over(s) != 0.0
        })
        .collect();
    let column = |value: &dyn Fn(usize) -> f64| floats(sectors.iter().map(|&s| value(s)));
    let mut columns = sector_columns(labels, &sectors);
    columns.extend([
        ("production", column(&|s| b.production[s])),
        ("imports", column(&|s| b.imports[s])),
        ("exports", column(&|s| b.exports[s])),
        ("prod_use", column(&|s| b.prod_use[s])),
        ("food", column(&|s| b.food[s])),
        ("nonfood", column(&|s| b.nonfood[s])),
        ("left_over", column(&|s| b.left_over(s))),
        ("withdrawn", column(&|s| b.withdrawn[s])),
        ("clipped", column(&|s| b.clipped[s])),
        ("x0", column(&|s| b.possessed(s))),
        ("start", column(&|s| b.start(s))),
    ]);
    Report { name: "balance", columns }
}
