//! Datasets from yearly tables.

use std::path::PathBuf;

use pyo3::prelude::*;
use shocksweep::low_level::calibrate::DEFAULT_FLOOR;
use shocksweep::low_level::calibrate::dataset::{Calibrated, balance_table, from_tables};
use shocksweep::low_level::dataset::store;
use shocksweep::low_level::learn::LearnOptions;
use shocksweep::low_level::report;
use shocksweep::low_level::report::prose::shown;
use shocksweep::low_level::study::learning::{SeriesOptions, Taught, from_series};

use crate::error;
use crate::world::World;

/// Where a dataset goes, what it is called.
type Kept = (Option<PathBuf>, Option<String>, bool);

/// What a dataset is called: as told, else as its folder is.
fn name(out: Option<&PathBuf>, name: Option<&String>) -> Option<String> {
    let folder = out.and_then(|out| out.file_name()).map(|last| last.to_string_lossy().into());
    name.cloned().or(folder)
}

fn given(out: Option<&PathBuf>, tables: &std::path::Path) -> String {
    out.map_or(tables, PathBuf::as_path).display().to_string()
}

fn floor(floor: Option<f64>) -> PyResult<f64> {
    let floor = floor.unwrap_or(DEFAULT_FLOOR);
    let fits = (0.0..0.5).contains(&floor);
    fits.then_some(floor)
        .ok_or_else(|| error::input("floor must be 0 or a share below 0.5, such as 1e-6"))
}

/// A dataset from the supply-use tables of a year, and what came of it in words.
#[pyfunction]
#[pyo3(signature = (tables, year, kept, least = None))]
pub fn calibrate_tables(
    py: Python<'_>,
    tables: PathBuf,
    year: i32,
    kept: Kept,
    least: Option<f64>,
) -> PyResult<(World, String)> {
    let (out, named, force) = kept;
    let floor = floor(least)?;
    py.detach(|| {
        let found = from_tables(&tables, year, floor).map_err(error::dataset)?;
        let Calibrated { mut dataset, calibration, labels, year } = found;
        if let Some(name) = name(out.as_ref(), named.as_ref()) {
            dataset.metadata.name = name;
        }
        if let Some(out) = &out {
            let reports = vec![balance_table(&dataset.labels, &calibration)];
            store::write_with(&dataset, reports, out, force).map_err(error::dataset)?;
        }
        let text = report::calibrate::balance(&labels, &year, &calibration, floor);
        Ok((World::new(dataset, given(out.as_ref(), &tables)), shown(&text)))
    })
}

/// What is learned, besides the rules.
#[derive(FromPyObject)]
pub struct Lessons {
    #[pyo3(item)]
    years: Option<(i32, i32)>,
    #[pyo3(item)]
    year: Option<i32>,
    #[pyo3(item)]
    floor: Option<f64>,
    #[pyo3(item)]
    stability: bool,
    #[pyo3(item)]
    backtest: bool,
    #[pyo3(item)]
    leave_out: Vec<String>,
}

/// Rules of adaptation from a series of years: the dataset that has them, and what was found in words.
#[pyfunction]
pub fn learn_series(
    py: Python<'_>,
    series: PathBuf,
    kept: Kept,
    lessons: Lessons,
) -> PyResult<(World, String)> {
    let (out, named, force) = kept;
    let learn = LearnOptions::default();
    let options = SeriesOptions {
        years: lessons.years,
        year: lessons.year,
        floor: floor(lessons.floor)?,
        learn,
        stability: lessons.stability,
        backtest: lessons.backtest,
        leave_out: lessons.leave_out,
        name: name(out.as_ref(), named.as_ref()),
    };
    py.detach(|| {
        let taught = from_series(&series, &options).map_err(error::dataset)?;
        let Taught { series: years, learned, impacts, .. } = &taught;
        let mut text = report::learn::summary(years, learned, impacts, &learn);
        if let Some(rows) = &taught.stability {
            text += &report::learn::stability(rows, &learn);
        }
        if let Some(found) = &taught.backtest {
            text += &report::learn::backtest(found);
        }
        if let Some(out) = &out {
            let written = store::write_with(&taught.dataset, taught.tables, out, force);
            written.map_err(error::dataset)?;
        }
        Ok((World::new(taught.dataset, given(out.as_ref(), &series)), shown(&text)))
    })
}
