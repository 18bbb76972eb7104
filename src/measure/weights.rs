//! A user's own weights: a table `item, weight, unit`.

use std::path::{Path, PathBuf};

use super::NAMES;
use crate::dataset::Dataset;
use crate::dataset::names::{NameError, NameIndex, nearest, suggestion};
use crate::text_table::{TableError, TextTable};

/// A measure that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Neither a name nor a file.
    #[error(
        "unknown measure `{name}`{}; expected {}, or a table with the columns item, weight, unit",
        suggestion(&nearest(name, NAMES)),
        NAMES.join(", ")
    )]
    Name {
        /// What was asked for.
        name: String,
    },
    /// The dataset has no numbers for it.
    #[error(
        "the dataset has no {measure} of its items: give a table with the columns item, weight, unit instead"
    )]
    Unknown {
        /// Name of the measure.
        measure: &'static str,
    },
    /// The file cannot be read.
    #[error("{0}")]
    Table(#[from] TableError),
    /// A column that is missing.
    #[error("{}: column `{column}` is missing; expected item, weight, unit", path.display())]
    Column {
        /// File.
        path: PathBuf,
        /// Column.
        column: &'static str,
    },
    /// An item that does not exist, or that stands there twice.
    #[error("{}, row {row}: {problem}", path.display())]
    Item {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// What is wrong.
        problem: String,
    },
    /// Units that differ.
    #[error("{}, row {row}: unit `{found}`, but `{expected}` before; weights of one table have one unit", path.display())]
    Units {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// Unit of the row.
        found: String,
        /// Unit of the rows before.
        expected: String,
    },
}

/// Weights by item, 0 for items without a row, and their unit.
pub(super) fn read(path: &Path, dataset: &Dataset) -> Result<(Vec<f64>, String), WeightsError> {
    if !path.is_file() {
        return Err(WeightsError::Name { name: path.display().to_string() });
    }
    let table = TextTable::read(path)?;
    let column = |column: &'static str| {
        let path = path.to_path_buf();
        table.find(&[column]).ok_or(WeightsError::Column { path, column })
    };
    let (item_at, weight_at, unit_at) = (column("item")?, column("weight")?, column("unit")?);
    let names = NameIndex::new(&dataset.labels);
    let mut weights: Vec<Option<f64>> = vec![None; dataset.labels.items.len()];
    let mut unit: Option<String> = None;
    for (at, cells) in table.rows.iter().enumerate() {
        let row = at + 1;
        let fail = |problem: String| WeightsError::Item { path: path.to_path_buf(), row, problem };
        let item = names.item(&cells[item_at]).map_err(|e: NameError| fail(e.to_string()))?;
        let text = cells[weight_at].trim();
        let weight: f64 = text.parse().ok().filter(|w: &f64| w.is_finite()).ok_or_else(|| {
            fail(format!("column `weight`: expected a finite number, found `{text}`"))
        })?;
        if weights[item].replace(weight).is_some() {
            return Err(fail(format!("item `{}` has two rows", dataset.labels.items[item].name)));
        }
        let found = cells[unit_at].trim().to_string();
        match &unit {
            None => unit = Some(found),
            Some(expected) if *expected == found => {}
            Some(expected) => {
                let (path, expected) = (path.to_path_buf(), expected.clone());
                return Err(WeightsError::Units { path, row, found, expected });
            }
        }
    }
    let unit = unit.ok_or_else(|| WeightsError::Item {
        path: path.to_path_buf(),
        row: 1,
        problem: "the table has no rows".to_string(),
    })?;
    Ok((weights.into_iter().map(Option::unwrap_or_default).collect(), unit))
}
