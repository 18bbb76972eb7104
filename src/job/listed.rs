//! Scenarios written in a job, one by one.

use serde::{Deserialize, Serialize};

use super::JobError;
use crate::dataset::Dataset;
use crate::scenario::course::{Phi, Written};
use crate::scenario::kind::WrittenKind;
use crate::scenario::switches::Switches;
use crate::scenario::{
    NamedScenario, Response, Scenario, ScenarioProblem, Shock, check_name, check_shocks,
};

/// A scenario written in a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedScenario {
    /// Name for tables and reports.
    pub name: String,
    /// What fails.
    pub shocks: Vec<ListedShock>,
    /// Whether areas adapt in this scenario; the job's `adaptation` goes first.
    #[serde(default)]
    pub adaptation: Option<Response>,
    /// Switches of this scenario alone.
    #[serde(flatten)]
    pub switches: Switches,
}

/// A shock written in a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedShock {
    /// Area or group of areas, as people write them; `*` for all.
    pub area: String,
    /// Item or group of items; `*` for every item the area produces.
    pub item: String,
    /// Intensity in [0, 1], or one per step.
    #[serde(default)]
    pub phi: Phi,
    /// First step in which it acts.
    #[serde(default)]
    pub from: Option<u32>,
    /// Last step in which it acts.
    #[serde(default)]
    pub to: Option<u32>,
    /// Rate of decay per step: `phi exp(-decay (t - from))`.
    #[serde(default)]
    pub decay: Option<f64>,
    /// `production`, `export-ban`, `import-ban` or `blockade`.
    #[serde(default)]
    pub kind: Option<String>,
    /// For a blockade: the area that gets nothing.
    #[serde(default)]
    pub to_area: Option<String>,
    /// For import bans and blockades: whether other customers get what is banned.
    #[serde(default)]
    pub reroute: Option<bool>,
}

impl ListedShock {
    /// What fails.
    fn kind(&self) -> WrittenKind {
        let ListedShock { kind, to_area, reroute, .. } = self.clone();
        WrittenKind { kind, to_area, reroute }
    }

    /// The intensity over time.
    fn intensity(&self) -> Written {
        let ListedShock { phi, from, to, decay, .. } = self.clone();
        Written { phi, from, to, decay }
    }
}

/// The scenarios of a list, numbered from 0.
///
/// # Errors
/// The list is empty, or names what does not exist.
pub fn scenarios(
    list: &[ListedScenario],
    dataset: &Dataset,
) -> Result<Vec<NamedScenario>, JobError> {
    if list.is_empty() {
        return Err(JobError::Value {
            key: "scenarios.list",
            value: "empty".to_string(),
            expected: "at least one scenario".to_string(),
        });
    }
    let mut all = 0;
    list.iter()
        .enumerate()
        .map(|(at, listed)| {
            let mut scenario = || -> Result<Scenario, ScenarioProblem> {
                check_name(&listed.name)?;
                let mut shocks: Vec<Shock> = Vec::new();
                for s in &listed.shocks {
                    shocks.extend(s.kind().shocks(&s.area, &s.item, &s.intensity(), dataset)?);
                    check_shocks(all + shocks.len())?;
                }
                all += shocks.len();
                if shocks.is_empty() {
                    return Err(ScenarioProblem::Empty);
                }
                Scenario::new(at as u32, shocks, &dataset.labels)
            };
            let name = listed.name.clone();
            match scenario() {
                Ok(scenario) => Ok(NamedScenario {
                    wants_adaptation: listed.adaptation,
                    switches: listed.switches,
                    ..NamedScenario::new(scenario, name)
                }),
                Err(problem) => Err(JobError::Scenario { number: at + 1, name, problem }),
            }
        })
        .collect()
}
