//! A series of years: parameters of every year, with the same labels.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::calibrate::{self, calibrate};
use crate::dataset::error::Problem;
use crate::dataset::{self, Dataset, DatasetError, Labels, Metadata, Parameters};
use crate::tables::{self, About, SupplyUse, Tables};

/// Parameters of one year.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// The year.
    pub year: i32,
    /// Its parameters.
    pub parameters: Parameters,
    /// `eta_cons[c,i]`: share that leaves the network.
    pub eta_cons: Vec<f64>,
    /// Part of it that is eaten, where that is known.
    pub food_part: Option<Vec<f64>>,
}

/// Consecutive years.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Labels of all years.
    pub labels: Labels,
    /// Years, ascending, none missing.
    pub years: Vec<Year>,
    /// Whether each area possesses something in every year: others have no events and are nobody's
    /// partner.
    pub exists: Vec<bool>,
}

impl Series {
    /// A series of years in any order.
    ///
    /// # Errors
    /// Fewer than two years, a year that is missing, or one that occurs twice. `path` is blamed.
    pub fn new(labels: Labels, mut years: Vec<Year>, path: &Path) -> Result<Self, DatasetError> {
        let fail = |text: String| Err(DatasetError::file(path, Problem::Inconsistent(text)));
        years.sort_by_key(|y| y.year);
        for pair in years.windows(2) {
            let [before, after] = [pair[0].year, pair[1].year];
            if before == after {
                return Err(DatasetError::file(path, Problem::Duplicate(format!("year {before}"))));
            }
            if after != before + 1 {
                let missing = before + 1;
                let text = format!("holds {before} and {after}, but year {missing} is missing");
                return fail(text);
            }
        }
        if years.len() < 2 {
            return fail(format!("holds {} year; learning needs two or more", years.len()));
        }
        let items = labels.items.len();
        let exists = (0..labels.areas.len())
            .map(|area| {
                let sectors = area * items..(area + 1) * items;
                let possesses =
                    |y: &Year| y.parameters.x0[sectors.clone()].iter().any(|&x| x > 0.0);
                years.iter().all(possesses)
            })
            .collect();
        Ok(Series { labels, years, exists })
    }

    /// Calibrates every year of supply-use tables.
    ///
    /// # Errors
    /// As [`Series::new`]; and a year whose first step is not `x0 + W`, a fault of the program.
    pub fn of_tables(tables: Tables, floor: f64, path: &Path) -> Result<Self, DatasetError> {
        let labels = tables.labels;
        // Each year's entries are dropped when its parameters are there.
        let years: Vec<(i32, SupplyUse)> = tables.years.into_iter().collect();
        let years: Vec<Year> = years
            .into_par_iter()
            .map(|(year, tables)| {
                let calibration = calibrate(&labels, &tables, floor);
                calibration.check(&labels, path)?;
                let eta_cons = calibration.eta_cons();
                let food_part = Some(calibration.food_part());
                Ok(Year { year, eta_cons, food_part, parameters: calibration.parameters })
            })
            .collect::<Result<_, DatasetError>>()?;
        Series::new(labels.labels, years, path)
    }

    /// Leaves areas out: they have no events and are nobody's partner.
    pub fn leave_out(&mut self, areas: &[usize]) {
        for &area in areas {
            self.exists[area] = false;
        }
    }

    /// `x0` of a sector in the year at `at`.
    pub fn amount(&self, at: usize, sector: usize) -> f64 {
        self.years[at].parameters.x0[sector]
    }
}

/// Reads a series, and what each of its years says of itself.
///
/// `folder` holds supply-use tables, which are calibrated with `floor`, or one folder per year with
/// a dataset in shocksweep's own form or in the published layout. `years` are the first and the last
/// year wanted.
///
/// # Errors
/// The folder holds neither, a table or a dataset is faulty, a dataset says no year or has other
/// labels than the newest one, or as [`Series::new`].
pub fn read(
    folder: &Path,
    years: Option<(i32, i32)>,
    floor: f64,
) -> Result<(Series, Vec<Metadata>), DatasetError> {
    if tables::are_here(folder) {
        let about = About::read(folder)?;
        let series = Series::of_tables(tables::read(folder, years)?, floor, folder)?;
        let metadata = |y: &Year| calibrate::dataset::metadata(&about, y.year, floor);
        let metadata = series.years.iter().map(metadata).collect();
        return Ok((series, metadata));
    }
    let mut datasets: Vec<(i32, PathBuf, Dataset)> = Vec::new();
    for path in folders(folder)? {
        let Some(dataset) = dataset::open(&path)? else { continue };
        let year = dataset.metadata.year.or_else(|| year_of_name(&path)).ok_or_else(|| {
            let text = "says no year, and its folder's name does not end in one".to_string();
            DatasetError::file(&path, Problem::Inconsistent(text))
        })?;
        if years.is_none_or(|(first, last)| (first..=last).contains(&year)) {
            datasets.push((year, path, dataset));
        }
    }
    datasets.sort_by_key(|(year, ..)| *year);
    let Some((_, newest, Dataset { labels, .. })) = datasets.last() else {
        let expected = "supply-use tables, or folders with a dataset each";
        return Err(DatasetError::file(folder, Problem::Missing { expected }));
    };
    let (newest, labels) = (newest.clone(), labels.clone());
    for (_, path, dataset) in &datasets {
        same_labels(path, &dataset.labels, &newest, &labels)?;
    }
    let metadata = datasets.iter().map(|(.., dataset)| dataset.metadata.clone()).collect();
    let year = |(year, _, dataset): (i32, PathBuf, Dataset)| Year {
        year,
        eta_cons: rest_of_shares(&dataset.parameters),
        parameters: dataset.parameters,
        food_part: dataset.food_part,
    };
    let years = datasets.into_iter().map(year).collect();
    Ok((Series::new(labels, years, folder)?, metadata))
}

/// Folders within a folder, by name.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let failed = |e| DatasetError::io(folder, e, "a folder of yearly data");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The year that ends a folder's name, as in `food2020`.
fn year_of_name(path: &Path) -> Option<i32> {
    let name = path.file_name()?.to_str()?;
    let year = name.get(name.len().checked_sub(4)?..)?;
    year.parse().ok().filter(|year| (1000..=9999).contains(year))
}

/// Refuses a year whose areas, items or processes are not those of the newest.
fn same_labels(
    path: &Path,
    labels: &Labels,
    newest: &Path,
    expected: &Labels,
) -> Result<(), DatasetError> {
    fn names(labels: &Labels) -> [(&'static str, Vec<&str>); 3] {
        let Labels { areas, items, processes } = labels;
        [
            ("area", areas.iter().map(|a| a.name.as_str()).collect()),
            ("item", items.iter().map(|i| i.name.as_str()).collect()),
            ("process", processes.iter().map(|p| p.name.as_str()).collect()),
        ]
    }
    for ((what, here), (_, there)) in names(labels).into_iter().zip(names(expected)) {
        let only =
            |a: &[&str], b: &[&str]| a.iter().find(|n| !b.contains(n)).map(|n| n.to_string());
        let (has, lacks, name) = match (only(&there, &here), only(&here, &there)) {
            (Some(name), _) => (newest, path, name),
            (None, Some(name)) => (path, newest, name),
            (None, None) => continue,
        };
        let text = format!(
            "has no {what} `{name}`, which {} has; all years need the same labels (one that \
             possesses nothing in a year stays in it without entries)",
            has.display()
        );
        return Err(DatasetError::file(lacks, Problem::Inconsistent(text)));
    }
    Ok(())
}

/// Shares of an area's consumption that a dataset does not hold: what the others leave.
///
/// Leftovers that are rounding, below 1e-12, are 0: they would make rules of their own.
pub fn rest_of_shares(p: &Parameters) -> Vec<f64> {
    let rest = |s: usize| {
        let rest = 1.0 - p.share_eta_prod[s] - p.share_eta_exp[s];
        if p.x0[s] > 0.0 && rest > 1e-12 { rest } else { 0.0 }
    };
    (0..p.x0.len()).map(rest).collect()
}
