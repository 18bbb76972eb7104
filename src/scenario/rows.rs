//! Scenarios from rows, one per shocked sector, wherever the rows come from: a file, a data frame.

use std::collections::BTreeMap;

use super::course::{Phi, Written};
use super::kind::WrittenKind;
use super::switches::Switches;
use super::{
    NamedScenario, Response, Scenario, ScenarioId, ScenarioProblem, Shock, check_name, check_shocks,
};
use crate::dataset::Dataset;

/// One shocked sector of one scenario, as people write it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShockRow {
    /// Identifier; rows of one scenario share it.
    pub scenario: ScenarioId,
    /// Name of the scenario; what it shocks where it is missing. One value per scenario.
    pub name: Option<String>,
    /// Area or group of areas, as people write them; `*` for all.
    pub area: String,
    /// Item or group of items; `*` for every item the area produces.
    pub item: String,
    /// Intensity over time.
    pub intensity: Written,
    /// What fails.
    pub kind: WrittenKind,
    /// Whether areas adapt; the job decides where it is missing. One value per scenario.
    pub adaptation: Option<Response>,
    /// Switches of the scenario alone. One value per scenario.
    pub switches: Switches,
}

impl ShockRow {
    /// The loss of a share `phi` of a sector's output in every step.
    pub fn new(scenario: impl Into<ScenarioId>, area: &str, item: &str, phi: f64) -> Self {
        ShockRow {
            scenario: scenario.into(),
            area: area.to_string(),
            item: item.to_string(),
            intensity: Written { phi: Phi::One(phi), ..Written::default() },
            ..ShockRow::default()
        }
    }
}

/// Rows that make no scenarios.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowsError {
    /// A row that does not make a shock, or a scenario that contradicts itself.
    #[error("row {row}: {problem}")]
    Row {
        /// Row, from 1.
        row: usize,
        /// What is wrong.
        problem: ScenarioProblem,
    },
    /// Two rows of one scenario disagree on adaptation or a switch.
    #[error("row {row}: scenario {scenario} has two values of `{column}`")]
    TwoValues {
        /// Row, from 1.
        row: usize,
        /// Identifier.
        scenario: ScenarioId,
        /// Column.
        column: &'static str,
    },
    /// No rows.
    #[error("no rows: a scenario needs at least one shock")]
    Empty,
}

/// A scenario in the making.
struct Draft {
    name: Option<String>,
    first_row: usize,
    adaptation: Option<Response>,
    switches: Switches,
    shocks: Vec<Shock>,
}

/// Scenarios ascending by identifier, named by their rows or by what they shock.
///
/// # Errors
/// A row names what the dataset does not have, or rows of a scenario contradict each other.
pub fn scenarios(rows: &[ShockRow], dataset: &Dataset) -> Result<Vec<NamedScenario>, RowsError> {
    let mut drafts: BTreeMap<ScenarioId, Draft> = BTreeMap::new();
    let mut all = 0;
    for (at, given) in rows.iter().enumerate() {
        let row = at + 1;
        let problem = |problem| RowsError::Row { row, problem };
        if given.scenario > ScenarioId::MAX {
            return Err(problem(ScenarioProblem::Identifier { found: given.scenario }));
        }
        check_name(given.name.as_deref().unwrap_or_default()).map_err(problem)?;
        let shocks = given.kind.shocks(&given.area, &given.item, &given.intensity, dataset);
        let shocks = shocks.map_err(problem)?;
        all += shocks.len();
        check_shocks(all).map_err(problem)?;
        let draft = drafts.entry(given.scenario).or_insert(Draft {
            name: given.name.clone(),
            first_row: row,
            adaptation: given.adaptation,
            switches: given.switches,
            shocks: Vec::new(),
        });
        let column = if draft.name != given.name {
            Some("name")
        } else if draft.adaptation != given.adaptation {
            Some("adaptation")
        } else {
            draft.switches.first_difference(&given.switches)
        };
        if let Some(column) = column {
            return Err(RowsError::TwoValues { row, scenario: given.scenario, column });
        }
        draft.shocks.extend(shocks);
    }
    if drafts.is_empty() {
        return Err(RowsError::Empty);
    }
    drafts
        .into_iter()
        .map(|(id, draft)| {
            let scenario = Scenario::new(id, draft.shocks, &dataset.labels)
                .map_err(|problem| RowsError::Row { row: draft.first_row, problem })?;
            let Draft { name, adaptation: wants_adaptation, switches, .. } = draft;
            let name = name.unwrap_or_else(|| scenario.describe(dataset));
            Ok(NamedScenario { scenario, name, wants_adaptation, switches })
        })
        .collect()
}
