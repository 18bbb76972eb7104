//! A dataset from a calibration, and the balance of its sectors as a table.

use std::path::Path;

use shocksweep_columnar::{Name, record};

use super::{Balance, Calibration, calibrate};
use crate::dataset::error::Problem;
use crate::dataset::store::Report;
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
        reserves: Vec::new(),
        metadata,
        labels: labels.labels.clone(),
        parameters: calibration.parameters.clone(),
        rules: None,
        substitutability: None,
    }
}

/// Names of the area and the item of a sector.
pub fn sector_names(labels: &Labels, sector: usize) -> (Name, Name) {
    let d = labels.dimensions();
    let (area, item) = (&labels.areas[d.area_of(sector)], &labels.items[d.item_of(sector)]);
    (Name::from(&area.name), Name::from(&item.name))
}

record! {
    /// What the tables say of a sector that has anything.
    pub struct BalanceRow = "balance" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// production
        pub production: f64 ["unit of the item"],
        /// imports
        pub imports: f64 ["unit of the item"],
        /// exports
        pub exports: f64 ["unit of the item"],
        /// use in production
        pub prod_use: f64 ["unit of the item"],
        /// use as food
        pub food: f64 ["unit of the item"],
        /// other use
        pub nonfood: f64 ["unit of the item"],
        /// what is left of production and imports
        pub left_over: f64 ["unit of the item"],
        /// taken from stocks
        pub withdrawn: f64 ["unit of the item"],
        /// negative entries that were set to 0
        pub clipped: f64 ["unit of the item"],
        /// available amount at t = 0
        pub x0: f64 ["unit of the item"],
        /// start stock
        pub start: f64 ["unit of the item"],
    }
}

/// `balance`: what the tables say of every sector that has anything.
pub fn balance_table(labels: &Labels, c: &Calibration) -> Report {
    let b: &Balance = &c.balance;
    let has_anything = |&s: &usize| {
        let amounts = [b.production[s], b.possessed(s), b.withdrawn[s], b.clipped[s]];
        amounts.iter().any(|&amount| amount != 0.0) || b.left_over(s) != 0.0
    };
    let row = |s: usize| {
        let (area, item) = sector_names(labels, s);
        BalanceRow {
            area,
            item,
            production: b.production[s],
            imports: b.imports[s],
            exports: b.exports[s],
            prod_use: b.prod_use[s],
            food: b.food[s],
            nonfood: b.nonfood[s],
            left_over: b.left_over(s),
            withdrawn: b.withdrawn[s],
            clipped: b.clipped[s],
            x0: b.possessed(s),
            start: b.start(s),
        }
    };
    let rows: Vec<BalanceRow> = (0..b.production.len()).filter(has_anything).map(row).collect();
    Report::of(&rows)
}
