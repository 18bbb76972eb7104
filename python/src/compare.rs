//! Two results side by side.

use std::path::PathBuf;

use pyo3::prelude::*;
use shocksweep::low_level::compare;
use shocksweep::low_level::report::compare::{page, text};
use shocksweep::low_level::report::picture::compare::draw;

use crate::error;
use crate::findings::Findings;
use crate::result::read;

/// Rows of each table of the page, at least.
const PAGE_ROWS: usize = 50;

/// What two result folders differ in: words, a page, a picture, and the tables of all differences.
#[pyfunction]
#[pyo3(signature = (a, b, top = 10))]
pub fn compare_results(py: Python<'_>, a: PathBuf, b: PathBuf, top: usize) -> PyResult<Findings> {
    py.detach(|| {
        let folder = tempfile::tempdir().map_err(error::input)?;
        let found = compare::compare(&a, &b, top, Some(folder.path())).map_err(error::input)?;
        let names = [&a, &b].map(|path| path.display().to_string());
        let names = [names[0].as_str(), names[1].as_str()];
        let mut tables = Vec::new();
        for of in ["scenario", "area", "item", "sector"] {
            let name = format!("{of}_differences");
            let table = read(&folder.path().join(format!("{name}.parquet")))?;
            tables.push((name, table));
        }
        let picture = draw(&found, names).map(|picture| picture.svg());
        Ok(Findings {
            words: text(&found, names, top),
            tables,
            html: Some(page::page(&found, names, top.max(PAGE_ROWS))),
            picture: picture.transpose().map_err(error::input)?,
        })
    })
}
