//! Finished studies of product trade.

use std::path::PathBuf;

use pyo3::prelude::*;
use shocksweep::low_level::report::html;
use shocksweep::low_level::report::picture::trade::{TradeKind, draw};
use shocksweep::low_level::report::trade as told;
use shocksweep::low_level::trade::run::{self, Manifest};
use shocksweep_trade::study::StudyTables;

use crate::error;
use crate::findings::{Findings, chosen};
use crate::trade::all;

/// A finished study of trade.
#[pyclass(frozen, module = "shocksweep")]
pub struct TradeStudy {
    folder: PathBuf,
    manifest: Manifest,
    tables: StudyTables,
}

#[pymethods]
impl TradeStudy {
    #[getter]
    fn path(&self) -> &std::path::Path {
        &self.folder
    }

    /// What it says of itself, as JSON.
    #[getter]
    fn manifest(&self) -> PyResult<String> {
        serde_json::to_string(&self.manifest).map_err(error::input)
    }

    /// Everything: what was found in words, all tables, the page.
    fn findings(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| {
            let lines = told::takeaways(&self.manifest, &self.tables);
            let about = &self.manifest.panel;
            let about =
                [("dataset", about.name.clone()), ("synthetic", about.synthetic.to_string())];
            let mut found = all(lines.join("\n") + "\n", &about, &self.tables)?;
            found.html = Some(html::trade::page(&self.manifest, &self.tables, lines));
            Ok(found)
        })
    }

    /// A picture as SVG.
    fn picture(&self, py: Python<'_>, kind: &str) -> PyResult<String> {
        let kind: TradeKind = chosen("picture", kind)?;
        py.detach(|| {
            let picture = draw(&self.manifest, &self.tables, kind).map_err(error::input)?;
            picture.svg().map_err(error::input)
        })
    }
}

/// Opens a finished study of trade.
#[pyfunction]
pub fn trade_study(py: Python<'_>, folder: PathBuf) -> PyResult<TradeStudy> {
    py.detach(|| {
        let (manifest, tables) = run::read(&folder).map_err(error::trade)?;
        Ok(TradeStudy { folder, manifest, tables })
    })
}
