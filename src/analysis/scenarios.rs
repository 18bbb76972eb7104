//! The scenarios of a result, read back from its scenario table.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::names::{NameIndex, nearest, suggestion};
use crate::dataset::{Dataset, Labels};
use crate::results::Record;
use crate::results::scenarios::{RecordedShock, ScenarioResult, Status};
use crate::scenario::switches::Switches;
use crate::scenario::{Course, Response, RunKey, ScenarioId, Shock, ShockKind};
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// A scenario as a result records it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Identifier.
    pub id: ScenarioId,
    /// Whether areas adapt.
    pub adaptation: Response,
    /// Whether it was run.
    pub is_run: bool,
    /// Step after which it left the range of numbers; then its losses are not known.
    pub diverged_at: Option<i32>,
    /// Rows in the loss tables.
    pub rows: usize,
    /// Its shocks, of sectors by name.
    pub shocks: Vec<RecordedShock>,
    /// Switches of this scenario alone.
    pub switches: Option<String>,
}

impl Recorded {
    /// What its rows belong to.
    pub fn key(&self) -> RunKey {
        (self.id, self.adaptation)
    }

    /// The shocks in a dataset.
    ///
    /// # Errors
    /// What the dataset does not have, or nobody can read.
    pub fn shocks(&self, dataset: &Dataset) -> Result<Vec<Shock>, String> {
        let shock = |shock: &RecordedShock| read_shock(shock, &dataset.labels);
        self.shocks.iter().map(shock).collect()
    }

    /// Names of the areas whose production or trade is shocked.
    pub fn areas(&self) -> Vec<&str> {
        self.shocks.iter().map(|shock| shock.area.as_str()).collect()
    }

    /// Area, item and share of output lost, of every shock.
    pub fn sectors(&self) -> Vec<(&str, &str, f64)> {
        self.shocks.iter().map(|s| (s.area.as_str(), s.item.as_str(), s.phi)).collect()
    }

    /// Its own switches.
    ///
    /// # Errors
    /// Nobody can read them.
    pub fn switches(&self) -> Result<Switches, String> {
        self.switches.as_deref().unwrap_or_default().parse()
    }
}

fn read_shock(recorded: &RecordedShock, labels: &Labels) -> Result<Shock, String> {
    let index = NameIndex::new(labels);
    let sector = index.sector(&recorded.area, &recorded.item).map_err(|e| e.to_string())?;
    let to_area = recorded.to_area.as_deref().map(|area| index.area(area)).transpose();
    let to_area = to_area.map_err(|e| e.to_string())?.map(|area| area as u32);
    let kind = ShockKind::recorded(&recorded.kind, to_area, recorded.reroute)
        .ok_or_else(|| format!("`{}` is no kind of shock", recorded.kind))?;
    let course = match &recorded.course {
        Some(text) => text.parse()?,
        None => Course::CONSTANT,
    };
    Ok(Shock { sector: sector as u32, phi: recorded.phi, course, kind })
}

/// Names of the scenarios of a result.
///
/// # Errors
/// There is no scenario table, or it lacks columns.
pub fn names(root: &Path) -> Result<BTreeMap<ScenarioId, String>, SinkError> {
    let mut names = BTreeMap::new();
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        names.extend(rows.into_iter().map(|row| (row.scenario, row.name)));
    })?;
    Ok(names)
}

/// Identifiers of scenarios given by name, in any case, or by identifiers, comma-separated.
///
/// # Errors
/// A name that no scenario has; with the nearest.
pub fn find(
    names: &BTreeMap<ScenarioId, String>,
    asked: &[String],
) -> Result<Vec<ScenarioId>, String> {
    let plain =
        |name: &str| name.split('/').map(str::trim).collect::<Vec<_>>().join("/").to_lowercase();
    let mut found = Vec::new();
    for asked in asked {
        let wanted = plain(asked);
        if let Some((id, _)) = names.iter().find(|(_, name)| plain(name) == wanted) {
            found.push(*id);
            continue;
        }
        let ids: Result<Vec<ScenarioId>, _> = asked.split(',').map(|id| id.parse()).collect();
        match ids {
            Ok(ids) => match ids.iter().find(|id| !names.contains_key(id)) {
                Some(id) => return Err(format!("the result has no scenario {id}")),
                None => found.extend(ids),
            },
            Err(_) => {
                let hint = suggestion(&nearest(asked, names.values().map(String::as_str)));
                return Err(format!("the result has no scenario `{asked}`{hint}"));
            }
        }
    }
    Ok(found)
}

/// Reads the scenario table of a result, in its order.
///
/// # Errors
/// There is no such table, or it lacks columns.
pub fn read(root: &Path) -> Result<Vec<Recorded>, SinkError> {
    let path = root.join(SCENARIOS);
    let mut recorded = Vec::new();
    let mut negative = false;
    ScenarioResult::each(&path, |rows| {
        for row in rows {
            let Ok(rows) = usize::try_from(row.rows) else {
                negative = true;
                return;
            };
            recorded.push(Recorded {
                id: row.scenario,
                adaptation: row.adaptation,
                is_run: row.status == Status::Run.as_str(),
                diverged_at: row.diverged_at,
                rows,
                shocks: row.shocks,
                switches: row.switches,
            });
        }
    })?;
    if negative {
        let problem = "has negative numbers of rows".to_string();
        return Err(SinkError::Unreadable { path, problem });
    }
    Ok(recorded)
}
