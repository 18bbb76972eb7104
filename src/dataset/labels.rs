//! Areas, items and processes, and the index arithmetic between them.

use super::error::Problem;
use super::measures::{Nutrition, Unit, summed_unit};

/// A country or territory.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Name, unique.
    pub name: String,
    /// FAO area code.
    pub code: i64,
    /// ISO 3166 alpha-3 code, or the data's own for former states; unique unless
    /// empty.
    pub iso3: String,
    /// World region.
    pub region: Option<String>,
    /// Latitude of a representative point, degrees north.
    pub latitude: Option<f64>,
    /// Longitude of a representative point, degrees east.
    pub longitude: Option<f64>,
    /// Persons; without it the area has no per-capita losses.
    pub population: Option<f64>,
    /// Human development index in [0, 1].
    pub hdi: Option<f64>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    /// Name, unique.
    pub name: String,
    /// FAO item code.
    pub code: i64,
    /// FABIO commodity code, such as `c001`.
    pub commodity_code: String,
    /// Commodity group, such as `Cereals`.
    pub commodity_group: String,
    /// Item group, such as `Primary crops`.
    pub group: String,
    /// Unit of its amounts.
    pub unit: Unit,
    /// What it is worth as food, where that is known.
    pub nutrition: Option<Nutrition>,
}

/// A type of production process.
#[derive(Debug, Clone, PartialEq)]
pub struct Process {
    /// Name, unique.
    pub name: String,
    /// FABIO process code, such as `p001`.
    pub code: String,
}

/// All labels of a dataset, each list in alphabetical (byte) order of its names.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// Areas by index.
    pub areas: Vec<Area>,
    /// Items by index.
    pub items: Vec<Item>,
    /// Processes by index.
    pub processes: Vec<Process>,
}

impl Labels {
    /// Numbers of areas, items and processes.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions {
            areas: self.areas.len(),
            items: self.items.len(),
            processes: self.processes.len(),
        }
    }

    /// The unit whose amounts are summed over items: tonnes, where an item has them, else the one that all
    /// items have (a value, in a world made of trade); `None` where they have no unit in common.
    ///
    /// What has another unit is added to nothing.
    pub fn summed_unit(&self) -> Option<&Unit> {
        summed_unit(self.items.iter().map(|item| &item.unit))
    }

    /// Per item whether its amounts are summed with those of others.
    pub fn are_summed(&self) -> Vec<bool> {
        let unit = self.summed_unit();
        self.items.iter().map(|item| Some(&item.unit) == unit).collect()
    }

    /// `Area / Item`, for messages and tables.
    pub fn sector_name(&self, sector: usize) -> String {
        let dims = self.dimensions();
        let (area, item) = (dims.area_of(sector), dims.item_of(sector));
        format!("{} / {}", self.areas[area].name, self.items[item].name)
    }
}

/// Sectors, and process columns, that a dataset may have at most: 700 times the published 23,616.
/// Two short lists of labels announce a large world, whose vectors are dense.
pub const MAX_PLACES: u64 = 1 << 24;

/// Sizes of a dataset and the index arithmetic that follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Number of areas.
    pub areas: usize,
    /// Number of items.
    pub items: usize,
    /// Number of processes.
    pub processes: usize,
}

impl Dimensions {
    /// Number of sectors: areas x items.
    pub fn sectors(&self) -> usize {
        self.areas * self.items
    }

    /// Number of process columns: areas x processes.
    pub fn process_columns(&self) -> usize {
        self.areas * self.processes
    }

    /// Refuses sizes with more sectors or process columns than [`MAX_PLACES`].
    ///
    /// # Errors
    /// Which number is too large.
    pub fn check_size(&self) -> Result<(), Problem> {
        let limit = MAX_PLACES;
        for (what, other) in [
            ("number of sectors (areas x items)", self.items),
            ("number of process columns (areas x processes)", self.processes),
        ] {
            let size = (self.areas as u64).saturating_mul(other as u64);
            if size > limit {
                return Err(Problem::TooLarge { what, size, limit });
            }
        }
        Ok(())
    }

    /// Index of sector (area, item).
    pub fn sector(&self, area: usize, item: usize) -> usize {
        area * self.items + item
    }

    /// Area of a sector.
    pub fn area_of(&self, sector: usize) -> usize {
        sector / self.items
    }

    /// Item of a sector.
    pub fn item_of(&self, sector: usize) -> usize {
        sector % self.items
    }

    /// Index of process column (area, process).
    pub fn process_column(&self, area: usize, process: usize) -> usize {
        area * self.processes + process
    }

    /// Area of a process column.
    pub fn area_of_process_column(&self, column: usize) -> usize {
        column / self.processes
    }

    /// Process of a process column.
    pub fn process_of(&self, column: usize) -> usize {
        column % self.processes
    }
}
