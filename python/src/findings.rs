//! What a question came to: words, tables, and where there is one a picture and a page.

use clap::ValueEnum;
use pyo3::prelude::*;
use shocksweep::low_level::report::prose::shown;
use shocksweep_columnar::Record;

use crate::error;
use crate::table::Table;

/// An answer in words and tables.
#[pyclass(frozen, module = "shocksweep")]
#[derive(Default)]
pub struct Findings {
    /// For people.
    pub words: String,
    /// Tables by name.
    pub tables: Vec<(String, Table)>,
    /// A page of HTML.
    pub html: Option<String>,
    /// A picture.
    pub picture: Option<String>,
}

impl Findings {
    /// Words and nothing else.
    pub fn said(words: String) -> Self {
        Findings { words, ..Findings::default() }
    }

    /// The same with a table of rows.
    ///
    /// # Errors
    /// The columns do not fit the declaration.
    pub fn and<R: Record>(mut self, about: &[(&str, String)], rows: &[R]) -> PyResult<Self> {
        self.tables.push((R::TABLE.to_string(), Table::of_rows(about, rows)?));
        Ok(self)
    }
}

#[pymethods]
impl Findings {
    /// The answer as the command line tells it.
    #[getter]
    fn text(&self) -> String {
        shown(&self.words)
    }

    /// Names of the tables.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.tables.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// One of the tables.
    fn table(&self, name: &str) -> PyResult<Table> {
        let found = self.tables.iter().find(|(of, _)| of == name);
        found.map(|(_, table)| table.share()).ok_or_else(|| {
            let names = self.names().join(", ");
            error::input(format!("there is no table `{name}` (expected one of {names})"))
        })
    }

    /// The page, where there is one.
    #[getter]
    fn page(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// The picture as SVG, where there is one.
    #[getter]
    fn svg(&self) -> Option<&str> {
        self.picture.as_deref()
    }

    fn __repr__(&self) -> String {
        shown(&self.words)
    }
}

/// One of a few words.
///
/// # Errors
/// It is none of them.
pub fn chosen<T: ValueEnum>(what: &str, text: &str) -> PyResult<T> {
    T::from_str(text, false).map_err(|_| {
        let names: Vec<String> = (T::value_variants().iter())
            .filter_map(|v| Some(v.to_possible_value()?.get_name().to_string()))
            .collect();
        error::input(format!("`{text}` is no {what} (expected one of {})", names.join(", ")))
    })
}
