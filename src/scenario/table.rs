//! Scenario tables of users: one row per shocked sector.
//!
//! | column | meaning |
//! |---|---|
//! | `scenario` | identifier that the rows of one scenario share: whole numbers >= 0, or texts, which are numbered from 0 as they appear |
//! | `name` | name of the scenario; where it is missing the text of `scenario`, or what is shocked |
//! | `area`, `item` | the shocked sector, as people write areas and items; groups, and `*` for all |
//! | `phi` | intensity in [0, 1], or one per step as `1;0.5;0.25`; 1 where there is no such column |
//! | `from`, `to` | first and last step in which it acts; all steps where they are missing |
//! | `kind` | `production` (default), `export-ban`, `import-ban`, `blockade`: see [`crate::model::bans`] |
//! | `to_area` | for a blockade: the area that gets nothing from `area` |
//! | `reroute` | import bans, blockades: whether other customers get what is banned (`True`/`False`) |
//! | `decay` | rate per step: `phi exp(-decay (t - from))`; 0 where it is missing |
//! | `adaptation` | whether areas adapt (`True`/`False`); the job decides where it is missing |
//! | `substitution`, `relative_threshold` ... | the switches of [`super::switches`], optional |
//!
//! `name`, `adaptation` and the switches have one value per scenario: rows of one scenario agree on them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::course::{Phi, Written};
use super::kind::WrittenKind;
use super::rows::{self, RowsError, ShockRow};
use super::switches::{SWITCHES, Switches};
use super::{NamedScenario, Response, ScenarioId, ScenarioProblem};
use crate::dataset::Dataset;
use crate::dataset::names::{nearest, suggestion};
use shocksweep_columnar::shown;

use crate::text_table::{TableError, TextTable};

/// Columns a scenario table may have, the switches apart.
pub const COLUMNS: [&str; 12] = [
    "scenario",
    "name",
    "adaptation",
    "area",
    "item",
    "phi",
    "from",
    "to",
    "decay",
    "kind",
    "to_area",
    "reroute",
];

/// All columns a scenario table may have.
fn columns() -> impl Iterator<Item = &'static str> + Clone {
    COLUMNS.into_iter().chain(SWITCHES)
}

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
    #[error("{}: unknown column `{}`{}; expected {}", path.display(), shown(column), suggestion(nearest), columns().collect::<Vec<_>>().join(", "))]
    UnknownColumn {
        /// File.
        path: PathBuf,
        /// Column.
        column: String,
        /// Valid name nearest to it.
        nearest: Option<String>,
    },
    /// A cell that cannot be read.
    #[error("{}, row {row}, column `{column}`: expected {expected}, {}", path.display(), found_or_nothing(found))]
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
    /// Two rows of one scenario disagree on adaptation or a switch.
    #[error("{}, row {row}: scenario {scenario} has two values of `{column}`", path.display())]
    TwoValues {
        /// File.
        path: PathBuf,
        /// Row, from 1, without the header.
        row: usize,
        /// Identifier.
        scenario: ScenarioId,
        /// Column.
        column: &'static str,
    },
    /// A table without rows.
    #[error("{}: holds no scenario", .0.display())]
    Empty(PathBuf),
}

/// `found ...`, or that there was nothing; a short piece that steers no terminal.
fn found_or_nothing(found: &str) -> String {
    if found.is_empty() { "found nothing".into() } else { format!("found `{}`", shown(found)) }
}

/// Numbers of scenarios: as written, or in order of appearance where any is a text.
struct Identifiers<'a> {
    is_text: bool,
    known: BTreeMap<&'a str, ScenarioId>,
}

impl<'a> Identifiers<'a> {
    fn new(mut written: impl Iterator<Item = &'a str>) -> Self {
        let is_text = written.any(|id| id.parse::<f64>().is_err());
        Identifiers { is_text, known: BTreeMap::new() }
    }

    fn of(&mut self, written: &'a str) -> Option<ScenarioId> {
        if written.is_empty() {
            return None;
        }
        if !self.is_text {
            return ScenarioId::of_table(written.parse().ok()?);
        }
        let next = ScenarioId(u32::try_from(self.known.len()).ok()?);
        Some(*self.known.entry(written).or_insert(next))
    }

    /// The name that a scenario has by its identifier.
    fn name(&self, written: &str) -> Option<String> {
        self.is_text.then(|| written.to_string())
    }
}

/// Reads a scenario table, CSV or Parquet: scenarios ascending by identifier.
///
/// # Errors
/// The file, a row or a cell is not as described in [this module](self).
#[allow(clippy::too_many_lines)] // one column after the other
pub fn read(path: &Path, dataset: &Dataset) -> Result<Vec<NamedScenario>, ScenarioTableError> {
    let table = TextTable::read(path)?;
    for column in &table.header {
        if !columns().any(|known| known == column) {
            return Err(ScenarioTableError::UnknownColumn {
                path: path.to_path_buf(),
                column: column.clone(),
                nearest: nearest(column, columns()),
            });
        }
    }
    let find = |name: &str| table.header.iter().position(|h| h == name);
    let need = |column: &'static str| {
        let path = path.to_path_buf();
        find(column).ok_or(ScenarioTableError::MissingColumn { path, column })
    };
    let (id_at, area_at, item_at) = (need("scenario")?, need("area")?, need("item")?);
    let phi_at = find("phi");

    let mut identifiers = Identifiers::new(table.rows.iter().map(|cells| cells[id_at].trim()));
    let mut rows = Vec::with_capacity(table.rows.len());
    for (at, cells) in table.rows.iter().enumerate() {
        let row = at + 1;
        let cell = |column: &'static str, expected: &'static str, found: &str| {
            let (path, found) = (path.to_path_buf(), found.to_string());
            ScenarioTableError::Cell { path, row, column, expected, found }
        };
        let written_id = cells[id_at].trim();
        let id = identifiers.of(written_id).ok_or_else(|| {
            cell("scenario", "a whole number from 0 to 2147483647, or a text", written_id)
        })?;
        let phi = match phi_at.map(|c| cells[c].trim()) {
            None => Phi::One(1.0),
            Some(text) => Phi::parse(text)
                .ok_or_else(|| cell("phi", "a number in [0, 1], such as 0.3 for 30 %", text))?,
        };
        for (column, at, expected) in
            [("area", area_at, "an area"), ("item", item_at, "an item, or `*` for all")]
        {
            if cells[at].trim().is_empty() {
                return Err(cell(column, expected, ""));
            }
        }
        let value = |column: &'static str| -> Option<&str> {
            find(column).map(|c| cells[c].trim()).filter(|text| !text.is_empty())
        };
        let adaptation = flag("adaptation", value("adaptation"), &cell)?;
        let switches = Switches {
            substitution: flag("substitution", value("substitution"), &cell)?,
            relative_threshold: number("relative_threshold", value("relative_threshold"), &cell)?,
            absolute_threshold: number("absolute_threshold", value("absolute_threshold"), &cell)?,
            adaptation_step: number("adaptation_step", value("adaptation_step"), &cell)?,
            substitution_step: number("substitution_step", value("substitution_step"), &cell)?,
            missing_rule: choice("missing_rule", value("missing_rule"), &cell)?,
            substitute_conflict: choice(
                "substitute_conflict",
                value("substitute_conflict"),
                &cell,
            )?,
            output_cap: number("output_cap", value("output_cap"), &cell)?,
        };
        let intensity = Written {
            phi,
            from: number("from", value("from"), &cell)?,
            to: number("to", value("to"), &cell)?,
            decay: number("decay", value("decay"), &cell)?,
        };
        let kind = WrittenKind {
            kind: value("kind").map(String::from),
            to_area: value("to_area").map(String::from),
            reroute: flag("reroute", value("reroute"), &cell)?,
        };
        rows.push(ShockRow {
            scenario: id,
            name: value("name").map(String::from).or_else(|| identifiers.name(written_id)),
            area: cells[area_at].clone(),
            item: cells[item_at].clone(),
            intensity,
            kind,
            adaptation: adaptation.map(Response::from),
            switches,
        });
    }
    rows::scenarios(&rows, dataset).map_err(|error| {
        let path = path.to_path_buf();
        match error {
            RowsError::Row { row, problem } => ScenarioTableError::Row { path, row, problem },
            RowsError::TwoValues { row, scenario, column } => {
                ScenarioTableError::TwoValues { path, row, scenario, column }
            }
            RowsError::Empty => ScenarioTableError::Empty(path),
        }
    })
}

/// Makes the error of a cell: column, what is expected, what was found.
type CellError<'a> = dyn Fn(&'static str, &'static str, &str) -> ScenarioTableError + 'a;

fn flag(
    column: &'static str,
    text: Option<&str>,
    error: &CellError<'_>,
) -> Result<Option<bool>, ScenarioTableError> {
    match text.map(str::to_lowercase).as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(error(column, "True or False", text.unwrap_or(""))),
    }
}

fn number<T: std::str::FromStr>(
    column: &'static str,
    text: Option<&str>,
    error: &CellError<'_>,
) -> Result<Option<T>, ScenarioTableError> {
    let parse = |text: &str| text.parse().map_err(|_| error(column, "a number", text));
    text.map(parse).transpose()
}

fn choice<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: Option<&str>,
    error: &CellError<'_>,
) -> Result<Option<T>, ScenarioTableError> {
    let expected = match column {
        "missing_rule" => "published or keep",
        _ => "last, max or product",
    };
    let named = |text: &str| T::deserialize(toml::Value::String(text.to_lowercase()));
    let parse = |text: &str| named(text).map_err(|_| error(column, expected, text));
    text.map(parse).transpose()
}
