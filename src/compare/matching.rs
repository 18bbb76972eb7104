//! Which scenario of one result is which of the other.

use std::collections::BTreeSet;
use std::path::Path;

use super::{CompareError, Side};
use crate::analysis::world::World;
use crate::dataset::names::{nearest, suggestion};
use crate::results::Record;
use crate::results::scenarios::ScenarioResult;
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// Scenarios that both results have.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// Identifiers in A and in B, ascending by A's.
    pub pairs: Vec<(ScenarioId, ScenarioId)>,
    /// Positions in [`Matching::pairs`], ascending by B's identifiers.
    pub by_b: Vec<(ScenarioId, u32)>,
    /// Scenarios that one has alone.
    pub alone: [usize; 2],
    /// One of them.
    pub example: [Option<String>; 2],
}

/// What is kept of a name: enough that no two of any number of scenarios are the same.
type Key = [u8; 16];

fn key(name: &str) -> Key {
    let plain: Vec<&str> = name.split('/').map(str::trim).collect();
    let mut key = Key::default();
    key.copy_from_slice(&blake3::hash(plain.join("/").to_lowercase().as_bytes()).as_bytes()[..16]);
    key
}

impl Matching {
    /// Matches scenarios by name, in any case.
    ///
    /// # Errors
    /// A table cannot be read, two scenarios of a result have one name, or none is in both.
    pub fn of(sides: &[Side<'_>; 2]) -> Result<Self, CompareError> {
        let [a, b] = [names(sides[0].root)?, names(sides[1].root)?];
        let mut pairs = Vec::new();
        let mut alone: [Vec<ScenarioId>; 2] = [Vec::new(), Vec::new()];
        let (mut at_a, mut at_b) = (0, 0);
        while at_a < a.len() || at_b < b.len() {
            match (a.get(at_a), b.get(at_b)) {
                (Some(of_a), Some(of_b)) if of_a.0 == of_b.0 => {
                    pairs.push((of_a.1, of_b.1));
                    (at_a, at_b) = (at_a + 1, at_b + 1);
                }
                (Some(of_a), Some(of_b)) if of_a.0 < of_b.0 => {
                    alone[0].push(of_a.1);
                    at_a += 1;
                }
                (Some(of_a), None) => {
                    alone[0].push(of_a.1);
                    at_a += 1;
                }
                (_, Some(of_b)) => {
                    alone[1].push(of_b.1);
                    at_b += 1;
                }
                (None, None) => break,
            }
        }
        pairs.sort_unstable();
        let mut by_b: Vec<(ScenarioId, u32)> =
            pairs.iter().enumerate().map(|(n, pair)| (pair.1, n as u32)).collect();
        by_b.sort_unstable();
        let mut example = [None, None];
        for side in 0..2 {
            if let Some(&first) = alone[side].iter().min() {
                example[side] = name_of(sides[side].root, first)?;
            }
        }
        if pairs.is_empty() {
            let name = |at: usize| example[at].clone().unwrap_or_else(|| "nothing".to_string());
            return Err(CompareError::Incomparable {
                root: sides[1].root.to_path_buf(),
                problem: format!(
                    "has no scenario of that name in A: `{}` there, `{}` here",
                    name(0),
                    name(1)
                ),
            });
        }
        Ok(Matching { pairs, by_b, alone: alone.map(|of| of.len()), example })
    }

    /// Position of a scenario of a side in [`Matching::pairs`].
    pub fn position(&self, side: usize, id: ScenarioId) -> Option<usize> {
        match side {
            0 => self.pairs.binary_search_by_key(&id, |pair| pair.0).ok(),
            _ => {
                let at = self.by_b.binary_search_by_key(&id, |of_b| of_b.0).ok()?;
                Some(self.by_b[at].1 as usize)
            }
        }
    }
}

/// Keys of the scenarios of a result with their identifiers, ascending by key.
fn names(root: &Path) -> Result<Vec<(Key, ScenarioId)>, CompareError> {
    let mut keys: Vec<(Key, ScenarioId)> = Vec::new();
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        for row in rows {
            let id = row.scenario;
            // Run both ways, a scenario comes twice in a row.
            if keys.last().is_none_or(|last| last.1 != id) {
                keys.push((key(&row.name), id));
            }
        }
    })
    .map_err(SinkError::from)?;
    keys.sort_unstable();
    match keys.windows(2).find(|two| two[0].0 == two[1].0) {
        None => Ok(keys),
        Some(two) => {
            let name = name_of(root, two[0].1)?.unwrap_or_default();
            let problem =
                format!("two scenarios are named `{name}`; scenarios are matched by names");
            Err(CompareError::Incomparable { root: root.to_path_buf(), problem })
        }
    }
}

/// Name of a scenario.
fn name_of(root: &Path, id: ScenarioId) -> Result<Option<String>, CompareError> {
    let mut name = None;
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        name = name
            .take()
            .or_else(|| rows.into_iter().find(|row| row.scenario == id).map(|row| row.name));
    })
    .map_err(SinkError::from)?;
    Ok(name)
}

/// Refuses worlds whose losses cannot be held against each other.
///
/// # Errors
/// Their areas, items or units differ, or one alone knows food.
pub fn check_worlds(sides: &[Side<'_>; 2]) -> Result<(), CompareError> {
    let [a, b] = [&sides[0].world, &sides[1].world];
    let fail = |problem: String| {
        let root = sides[1].root.to_path_buf();
        Err(CompareError::Incomparable { root, problem })
    };
    let areas = |w: &World| -> Vec<String> { w.areas.iter().map(|a| a.name.clone()).collect() };
    let items = |w: &World| -> Vec<String> { w.items.iter().map(|i| i.name.clone()).collect() };
    for (what, of_a, of_b) in [("area", areas(a), areas(b)), ("item", items(a), items(b))] {
        if of_a == of_b {
            continue;
        }
        let known: BTreeSet<&String> = of_a.iter().collect();
        let strange = of_b.iter().find(|name| !known.contains(name));
        let missing = of_a.iter().find(|name| !of_b.contains(name));
        return fail(match (strange, missing) {
            (Some(name), _) => {
                let hint = suggestion(&nearest(name, of_a.iter().map(String::as_str)));
                format!("has the {what} `{name}`, which A does not have{hint}")
            }
            (None, Some(name)) => format!("does not have A's {what} `{name}`"),
            (None, None) => format!("has its {what}s in another order"),
        });
    }
    for (of_a, of_b) in a.items.iter().zip(&b.items) {
        if of_a.unit != of_b.unit {
            let (name, a, b) = (&of_a.name, &of_a.unit, &of_b.unit);
            return fail(format!("tells `{name}` in {b}, A in {a}"));
        }
    }
    if a.knows_food() != b.knows_food() {
        return fail("one of the results knows food, the other does not".to_string());
    }
    Ok(())
}
