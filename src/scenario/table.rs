//! Scenario tables of users: one row per shocked sector.
//!
//! | column | meaning |
//! |---|---|
//! | `scenario` | identifier, a whole number >= 0; rows of one scenario share it |
//! | `area`, `item` | the shocked sector: names regardless of case, or an ISO3 code; item `*` for all |
//! | `phi` | intensity in [0, 1]; 1 where the column or the value is missing |
//! | `adaptation` | whether areas adapt (`True`/`False`); optional, one value per scenario |

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::columns::{TableError, TextTable};
use super::{NamedScenario, Scenario, ScenarioProblem, Shock, spec};
use crate::dataset::Dataset;
use crate::dataset::names::{nearest, suggestion};

/// Columns a scenario table may have.
pub const COLUMNS: [&str; 5] = ["scenario", "adaptation", "area", "item", "phi"];

/// A scenario table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioTableError {
    /// The file cannot be read.
    #[error("{0}")]
    Table(#[from] TableError),
    /// A column that is missing.
    #[error("{}: column `{column}` is missing; expected the columns scenario, area, item and optionally phi, adaptation", path.display())]
    MissingColumn {
        /// File.
        path: PathBuf,
        /// Column.
        column: &'static str,
    },
    /// A column nobody knows.
    #[error("{}: unknown column `{column}`{}; expected {}", path.display(), suggestion(nearest), COLUMNS.join(", "))]
    UnknownColumn {
        /// File.
        path: PathBuf,
        /// Column.
        column: String,
        /// Valid name nearest to it.
        nearest: Option<String>,
    },
    /// A cell that cannot be read.
    #[error("{}, row {row}, column `{column}`: expected {expected}, found `{found}`", path.display())]
    Cell {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// Column.
        column: &'static str,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A row that does not make a shock, or a scenario that contradicts itself.
    #[error("{}, row {row}: {problem}", path.display())]
    Row {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// What is wrong.
        problem: ScenarioProblem,
    },
    /// Two rows of one scenario disagree on adaptation.
    #[error("{}, row {row}: scenario {scenario} has both values of `adaptation`", path.display())]
    Adaptation {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// Identifier.
        scenario: u32,
    },
    /// A table without rows.
    #[error("{}: holds no scenario", .0.display())]
    Empty(PathBuf),
}

/// Scenarios of a table, ascending by identifier.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioTable {
    /// The scenarios, named by what they shock.
    pub scenarios: Vec<NamedScenario>,
    /// How many of them the table wants with adaptation.
    pub wants_adaptation: usize,
}

struct Draft {
    first_row: usize,
    adaptation: bool,
    shocks: Vec<Shock>,
}

/// Reads a scenario table, CSV or Parquet.
///
/// # Errors
/// The file, a row or a cell is not as described in [this module](self).
pub fn read(path: &Path, dataset: &Dataset) -> Result<ScenarioTable, ScenarioTableError> {
    let table = TextTable::read(path)?;
    for column in &table.header {
        if !COLUMNS.contains(&column.as_str()) {
            return Err(ScenarioTableError::UnknownColumn {
                path: path.to_path_buf(),
                column: column.clone(),
                nearest: nearest(column, COLUMNS),
            });
        }
    }
    let find = |name: &str| table.header.iter().position(|h| h == name);
    let need = |column: &'static str| {
        let path = path.to_path_buf();
        find(column).ok_or(ScenarioTableError::MissingColumn { path, column })
    };
    let (id_at, area_at, item_at) = (need("scenario")?, need("area")?, need("item")?);
    let (phi_at, adaptation_at) = (find("phi"), find("adaptation"));

    let mut drafts: BTreeMap<u32, Draft> = BTreeMap::new();
    for (at, cells) in table.rows.iter().enumerate() {
        let row = at + 1;
        let cell = |column: &'static str, expected: &'static str, found: &str| {
            let (path, found) = (path.to_path_buf(), found.to_string());
            ScenarioTableError::Cell { path, row, column, expected, found }
        };
        let id = cells[id_at].trim();
        let id: u32 = match id.parse::<i32>().map(u32::try_from) {
            Ok(Ok(id)) => id,
            _ => return Err(cell("scenario", "a whole number from 0 to 2147483647", id)),
        };
        let phi = match phi_at.map(|c| cells[c].trim()) {
            None | Some("") => 1.0,
            Some(text) => text.parse().map_err(|_| cell("phi", "a number in [0, 1]", text))?,
        };
        let adaptation = match adaptation_at.map(|c| cells[c].trim().to_lowercase()).as_deref() {
            None | Some("" | "false" | "0") => false,
            Some("true" | "1") => true,
            Some(other) => return Err(cell("adaptation", "True or False", other)),
        };
        let problem = |problem| {
            let path = path.to_path_buf();
            ScenarioTableError::Row { path, row, problem }
        };
        let shocks =
            spec::shocks(&cells[area_at], cells[item_at].trim(), phi, dataset).map_err(problem)?;
        let draft =
            drafts.entry(id).or_insert(Draft { first_row: row, adaptation, shocks: Vec::new() });
        if draft.adaptation != adaptation {
            let path = path.to_path_buf();
            return Err(ScenarioTableError::Adaptation { path, row, scenario: id });
        }
        draft.shocks.extend(shocks);
    }
    if drafts.is_empty() {
        return Err(ScenarioTableError::Empty(path.to_path_buf()));
    }
    let wants_adaptation = drafts.values().filter(|d| d.adaptation).count();
    let scenarios = drafts
        .into_iter()
        .map(|(id, draft)| {
            let scenario = Scenario::new(id, draft.shocks, &dataset.labels).map_err(|problem| {
                let path = path.to_path_buf();
                ScenarioTableError::Row { path, row: draft.first_row, problem }
            })?;
            let name = scenario.describe(&dataset.labels);
            Ok(NamedScenario { scenario, name })
        })
        .collect::<Result<_, ScenarioTableError>>()?;
    Ok(ScenarioTable { scenarios, wants_adaptation })
}
