//! Labels of supply-use tables: areas, items, processes, purposes.
//!
//! | table | columns |
//! |---|---|
//! | `areas` | `area`; optional `code, iso3, region, latitude, longitude, population, hdi` |
//! | `items` | `item`, and `commodity_group` or `group`; optional `code, commodity_code, group, unit, kcal_per_kg, protein_g_per_kg, food` |
//! | `processes` | `process`; optional `code` |
//! | `purposes` | `purpose` |
//!
//! Rows may come in any order; indices follow the byte order of the names, as in a dataset.

use std::path::{Path, PathBuf};

use super::rows;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::hdi::published_hdi;
use crate::dataset::labels::{Area, Item, Labels, Process};
use crate::dataset::measures::{MAX_KCAL_PER_KG, MAX_PROTEIN_PER_KG, Nutrition, Unit};
use crate::dataset::names::text::tidy;
use crate::dataset::{DatasetError, Dimensions};
use crate::text_table::TextTable;

/// What the rows and columns of supply, use and demand stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct TableLabels {
    /// Areas, items, processes.
    pub labels: Labels,
    /// What final demand is for, in byte order of the names.
    pub purposes: Vec<String>,
    /// The purpose of human food.
    pub food: usize,
    /// The purpose whose negative entries are withdrawals from stocks, if the tables have it.
    pub stock_addition: Option<usize>,
}

impl TableLabels {
    /// Labels with the purposes that have a meaning to the model found by name, whatever their
    /// case and whether their words are joined by spaces, dashes or underscores.
    ///
    /// # Errors
    /// No purpose is called `food`.
    pub fn new(labels: Labels, purposes: Vec<String>, path: &Path) -> Result<Self, DatasetError> {
        let plain = |name: &str| name.trim().to_lowercase().replace([' ', '-', '.'], "_");
        let find = |wanted: &str| purposes.iter().position(|name| plain(name) == wanted);
        let Some(food) = find("food") else {
            let found = purposes.join(", ");
            let text = format!("no purpose is called `food`; the purposes are: {found}");
            return Err(DatasetError::file(path, Problem::Inconsistent(text)));
        };
        let stock_addition = find("stock_addition");
        Ok(TableLabels { labels, food, stock_addition, purposes })
    }

    /// Numbers of areas, items and processes.
    pub fn dimensions(&self) -> Dimensions {
        self.labels.dimensions()
    }

    /// Index of a column of final demand.
    pub fn demand_column(&self, area: usize, purpose: usize) -> usize {
        area * self.purposes.len() + purpose
    }
}

/// Reads the four label tables of a folder of long tables.
///
/// # Errors
/// A table is missing or unreadable, a name is empty or occurs twice, a number cannot be read, or
/// no purpose is `food`.
pub fn read(folder: &Path) -> Result<TableLabels, DatasetError> {
    let areas = LabelTable::read(folder, "areas", "area")?;
    let items = LabelTable::read(folder, "items", "item")?;
    let processes = LabelTable::read(folder, "processes", "process")?;
    let purposes = LabelTable::read(folder, "purposes", "purpose")?;
    let labels = Labels {
        areas: areas.each(area)?,
        items: items.each(item)?,
        processes: processes.each(|t, row, _| {
            Ok(Process { name: t.name(row), code: t.text(row, &["code"]).unwrap_or_default() })
        })?,
    };
    labels.dimensions().check_size().map_err(|problem| DatasetError::file(folder, problem))?;
    let names = purposes.each(|t, row, _| Ok(t.name(row)))?;
    TableLabels::new(labels, names, &purposes.path)
}

fn area(t: &LabelTable, row: usize, n: usize) -> Result<Area, DatasetError> {
    let name = t.name(row);
    Ok(Area {
        code: t.number(row, "code")?.map_or(n as i64 + 1, |code| code as i64),
        iso3: t.text(row, &["iso3"]).unwrap_or_default(),
        region: t.text(row, &["region"]),
        latitude: t.number(row, "latitude")?,
        longitude: t.number(row, "longitude")?,
        population: t.number(row, "population")?,
        hdi: t.number(row, "hdi")?.or_else(|| published_hdi(&name)),
        name,
    })
}

fn item(t: &LabelTable, row: usize, n: usize) -> Result<Item, DatasetError> {
    let has_both = t.table.find(&["commodity_group"]).is_some();
    let group = t.text(row, &["commodity_group", "group"]);
    let Some(commodity_group) = group else {
        let place = FilePlace::Cell(row + 1, "commodity_group".to_string());
        let problem = Problem::Missing { expected: "the item's commodity group" };
        return Err(DatasetError::at(&t.path, place, problem));
    };
    let item = Item {
        name: t.name(row),
        code: t.number(row, "code")?.map_or(n as i64 + 1, |code| code as i64),
        commodity_code: t.text(row, &["commodity_code"]).unwrap_or_default(),
        commodity_group,
        group: if has_both { t.text(row, &["group"]).unwrap_or_default() } else { String::new() },
        ..Item::default()
    };
    let mut item = item.with_usual_measures();
    if let Some(unit) = t.text(row, &["unit"]) {
        item.unit = Unit::parse(&unit);
    }
    if let Some(kcal_per_kg) = t.number(row, "kcal_per_kg")? {
        item.nutrition = Some(Nutrition {
            is_food: t.flag(row, "food")?.unwrap_or(kcal_per_kg > 0.0),
            kcal_per_kg: t.within(row, "kcal_per_kg", kcal_per_kg, MAX_KCAL_PER_KG)?,
            protein_g_per_kg: match t.number(row, "protein_g_per_kg")? {
                Some(protein) => {
                    Some(t.within(row, "protein_g_per_kg", protein, MAX_PROTEIN_PER_KG)?)
                }
                None => None,
            },
        });
    }
    Ok(item)
}

/// One label table.
struct LabelTable {
    path: PathBuf,
    table: TextTable,
    column: usize,
    /// Rows in byte order of their names.
    order: Vec<usize>,
}

impl LabelTable {
    fn read(folder: &Path, name: &str, column: &str) -> Result<Self, DatasetError> {
        let expected = "a table of labels (CSV or Parquet)";
        let path = rows::find(folder, name).ok_or_else(|| {
            DatasetError::file(&folder.join(format!("{name}.csv")), Problem::Missing { expected })
        })?;
        let mut table = TextTable::read(&path).map_err(|e| DatasetError::table(e, expected))?;
        let at = table.find(&[column]).ok_or_else(|| {
            let problem = Problem::Missing { expected: "a column of that name" };
            DatasetError::at(&path, FilePlace::Key(column.to_string()), problem)
        })?;
        let cell = |row: usize| FilePlace::Cell(row + 1, column.to_string());
        for cells in &mut table.rows {
            cells[at] = tidy(&cells[at]);
        }
        let mut order: Vec<usize> = (0..table.rows.len()).collect();
        order.sort_by(|&a, &b| table.rows[a][at].cmp(&table.rows[b][at]));
        if let Some(&row) = order.first().filter(|&&row| table.rows[row][at].trim().is_empty()) {
            let problem = Problem::Syntax { expected: "a name", found: String::new() };
            return Err(DatasetError::at(&path, cell(row), problem));
        }
        for pair in order.windows(2) {
            let names = [&table.rows[pair[0]][at], &table.rows[pair[1]][at]];
            if names[0] == names[1] {
                let problem = Problem::Duplicate(format!("`{}`", names[0]));
                return Err(DatasetError::at(&path, cell(pair[1]), problem));
            }
        }
        if order.is_empty() {
            let problem = Problem::Truncated { what: "rows or more", expected: 1, found: 0 };
            return Err(DatasetError::file(&path, problem));
        }
        Ok(LabelTable { path, table, column: at, order })
    }

    /// One value per row, in byte order of the names; told the row and the index it becomes.
    fn each<T>(
        &self,
        value: impl Fn(&Self, usize, usize) -> Result<T, DatasetError>,
    ) -> Result<Vec<T>, DatasetError> {
        self.order.iter().enumerate().map(|(n, &row)| value(self, row, n)).collect()
    }

    fn name(&self, row: usize) -> String {
        self.table.rows[row][self.column].clone()
    }

    fn text(&self, row: usize, columns: &[&str]) -> Option<String> {
        let text = self.table.find(columns).map(|at| self.table.rows[row][at].trim());
        text.filter(|text| !text.is_empty()).map(str::to_string)
    }

    fn flag(&self, row: usize, column: &str) -> Result<Option<bool>, DatasetError> {
        let Some(text) = self.text(row, &[column]) else { return Ok(None) };
        match text.to_lowercase().as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => {
                let place = FilePlace::Cell(row + 1, column.to_string());
                let problem = Problem::Syntax { expected: "true, false or nothing", found: text };
                Err(DatasetError::at(&self.path, place, problem))
            }
        }
    }

    /// A number that must lie between 0 and `most`.
    fn within(&self, row: usize, column: &str, value: f64, most: f64) -> Result<f64, DatasetError> {
        if (0.0..=most).contains(&value) {
            return Ok(value);
        }
        let place = FilePlace::Cell(row + 1, column.to_string());
        let (value, range) = (value.to_string(), format!("0 to {most}"));
        Err(DatasetError::at(&self.path, place, Problem::OutOfRange { value, range }))
    }

    fn number(&self, row: usize, column: &str) -> Result<Option<f64>, DatasetError> {
        let Some(text) = self.text(row, &[column]) else { return Ok(None) };
        let number = text.parse::<f64>().ok().filter(|value| value.is_finite());
        number.map(Some).ok_or_else(|| {
            let place = FilePlace::Cell(row + 1, column.to_string());
            let problem = Problem::Syntax { expected: "a number or nothing", found: text };
            DatasetError::at(&self.path, place, problem)
        })
    }
}
