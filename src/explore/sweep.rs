//! A finished sweep: every scenario of it by name, and what its tables hold of one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ExploreError;
use super::answer::{FindReply, FoundReply, RecordedReply};
use super::question::Failing;
use crate::analysis::overview::short::Short;
use crate::analysis::world::World;
use crate::analysis::{outcomes, scenarios, worst};
use crate::dataset::{Dataset, hash};
use crate::model::constants::KG_PER_TONNE;
use crate::results::scenarios::RecordedShock;
use crate::scenario::{Course, Response, ScenarioId};
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

/// A sweep that was opened.
pub struct Sweep {
    /// Name of its folder.
    pub name: String,
    root: PathBuf,
    world: World,
    /// Scenarios, the worst first.
    rows: Vec<Row>,
}

struct Row {
    id: ScenarioId,
    name: String,
    /// The name as it is searched.
    plain: String,
    loss: [Option<f64>; 2],
    failures: Option<Vec<Failing>>,
}

impl Sweep {
    /// Opens a result folder that was made from `dataset`.
    ///
    /// # Errors
    /// It is no finished sweep, or was made from another dataset.
    pub fn open(root: &Path, dataset: &Dataset) -> Result<Self, ExploreError> {
        let manifest = Manifest::read(&root.join(MANIFEST))?;
        if manifest.dataset.content_hash != hash::content_hash(dataset) {
            return Err(ExploreError::OtherWorld {
                made: manifest.dataset.name,
                opened: dataset.metadata.name.clone(),
            });
        }
        let world = World::read(root)?;
        let mut failures: BTreeMap<ScenarioId, Option<Vec<Failing>>> = BTreeMap::new();
        for recorded in scenarios::read(root)? {
            failures.entry(recorded.id).or_insert_with(|| of_shocks(&recorded.shocks));
        }
        let food = world.knows_food();
        let told = |way: &worst::WayLoss| match food {
            true => way.kcal,
            false => (!way.runaway).then_some(way.total_loss),
        };
        let rows = worst::worst(root, usize::MAX)?.into_iter().map(|row| Row {
            id: row.scenario,
            plain: row.name.to_lowercase(),
            loss: row.ways.map(|way| way.as_ref().and_then(told)),
            failures: failures.get(&row.scenario).cloned().flatten(),
            name: row.name,
        });
        let rows = rows.collect();
        let name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
        Ok(Sweep { name, root: root.to_path_buf(), world, rows })
    }

    /// Scenarios that it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Scenarios whose names hold all words of a text, in any order; the worst first.
    pub fn find(&self, text: &str, most: usize) -> FindReply {
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let holds = |row: &&Row| words.iter().all(|word| row.plain.contains(word));
        let matches = self.rows.iter().filter(holds).count();
        let shown = |row: &Row| FoundReply {
            scenario: row.id.0,
            name: row.name.clone(),
            loss: row.loss.map(|loss| loss.map(Short)),
            failures: row.failures.clone(),
        };
        FindReply {
            matches,
            of: self.rows.len(),
            unit: if self.world.knows_food() { "kcal per person and day" } else { "t" },
            scenarios: self.rows.iter().filter(holds).take(most).map(shown).collect(),
        }
    }

    /// What its loss tables hold of a scenario, by area.
    ///
    /// # Errors
    /// A table cannot be read, or there is no such scenario.
    pub fn recorded(&self, scenario: u32) -> Result<RecordedReply, ExploreError> {
        let id = ScenarioId(scenario);
        if !self.rows.iter().any(|row| row.id == id) {
            return Err(ExploreError::Value {
                what: "scenario",
                found: scenario.to_string(),
                expected: "one of the result's".to_string(),
            });
        }
        let found = outcomes::of_scenarios(&self.root, &self.world, &[id])?;
        let food = self.world.knows_food();
        let of = |response: Response| {
            let rows = found.get(&(id, response))?;
            let mut by_area = vec![0.0; self.world.areas.len()];
            for (sector, _, value) in rows {
                by_area[self.world.parts_of(*sector as usize).0] += value;
            }
            let told = |(area, value): (usize, &f64)| match self.world.areas[area].population {
                Some(people) if food && people > 0.0 => Short(KG_PER_TONNE * value / people),
                _ if food => Short(f64::NAN),
                _ => Short(*value),
            };
            Some(by_area.iter().enumerate().map(told).collect())
        };
        Ok(RecordedReply {
            scenario,
            by_area: Response::BOTH.map(of),
            unit: if food { "kcal per person and day" } else { "t" },
        })
    }
}

/// Shocks as questions have them; `None` where one of them is no failure of production in a row of years.
fn of_shocks(shocks: &[RecordedShock]) -> Option<Vec<Failing>> {
    let failing = |shock: &RecordedShock| {
        let course = match &shock.course {
            Some(text) => text.parse::<Course>().ok()?,
            None => Course::CONSTANT,
        };
        (shock.is_of_output() && course.decay == 0.0).then(|| Failing {
            area: shock.area.to_string(),
            item: shock.item.to_string(),
            phi: shock.phi,
            from: (course.from > 0).then_some(course.from + 1),
            to: (course.to != u32::MAX).then_some(course.to.saturating_add(1)),
        })
    };
    shocks.iter().map(failing).collect()
}
