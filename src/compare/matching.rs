//! Which scenario of one result is which of the other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shocksweep_columnar::TableError;

use super::{CompareError, Side};
use crate::analysis::world::World;
use crate::dataset::names::{nearest, suggestion};
use crate::results::Record;
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

shocksweep_columnar::record! {
    /// What a scenario is called.
    struct Named = "scenarios" {
        /// identifier of the scenario
        scenario: ScenarioId,
        /// name given, or the shocked sectors
        name: String,
    }
}

/// Scenarios that both results have.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// How they are found.
    by: By,
    /// How many.
    pub matched: usize,
    /// Scenarios that one has alone.
    pub alone: [usize; 2],
    /// One of them.
    pub example: [Option<String>; 2],
}

/// How scenarios are found.
#[derive(Debug, Clone, PartialEq)]
enum By {
    /// Both list the same scenarios, by number and by name, in the same order: nothing need be kept.
    Order,
    /// By their names.
    Name {
        /// Identifiers in A and in B, ascending by A's.
        pairs: Vec<(ScenarioId, ScenarioId)>,
        /// Positions in `pairs`, ascending by B's identifiers.
        by_b: Vec<(ScenarioId, u32)>,
    },
}

/// What is kept of a name: enough that no two of any number of scenarios are the same.
type Key = [u8; 16];

/// A name as it is compared.
fn plain(name: &str) -> String {
    name.split('/').map(str::trim).collect::<Vec<_>>().join("/").to_lowercase()
}

fn key(name: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&blake3::hash(plain(name).as_bytes()).as_bytes()[..16]);
    key
}

impl Matching {
    /// Matches scenarios by name, in any case.
    ///
    /// # Errors
    /// A table cannot be read, two scenarios of a result have one name, or none is in both.
    pub fn of(sides: &[Side<'_>; 2]) -> Result<Self, CompareError> {
        let paths = [0, 1].map(|side: usize| sides[side].root.join(SCENARIOS));
        match in_order(&paths).map_err(SinkError::from)? {
            Some(matched) => {
                Ok(Matching { by: By::Order, matched, alone: [0; 2], example: [None, None] })
            }
            None => Self::by_name(sides, &paths),
        }
    }

    fn by_name(sides: &[Side<'_>; 2], paths: &[PathBuf; 2]) -> Result<Self, CompareError> {
        let [a, b] = [names(sides[0].root, &paths[0])?, names(sides[1].root, &paths[1])?];
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
                example[side] = name_of(&paths[side], first)?;
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
        let (matched, alone) = (pairs.len(), alone.map(|of| of.len()));
        Ok(Matching { by: By::Name { pairs, by_b }, matched, alone, example })
    }

    /// Whether both results list the same scenarios in the same order.
    pub fn is_in_order(&self) -> bool {
        self.by == By::Order
    }

    /// Position of a scenario of a side among those that are matched by name.
    pub fn position(&self, side: usize, id: ScenarioId) -> Option<usize> {
        let By::Name { pairs, by_b } = &self.by else { return None };
        match side {
            0 => pairs.binary_search_by_key(&id, |pair| pair.0).ok(),
            _ => {
                let at = by_b.binary_search_by_key(&id, |of_b| of_b.0).ok()?;
                Some(by_b[at].1 as usize)
            }
        }
    }

    /// Whether the other side has a scenario, too.
    pub fn has(&self, side: usize, id: ScenarioId) -> bool {
        self.is_in_order() || self.position(side, id).is_some()
    }

    /// Hands out identifiers in A and in B, so many at a time, in the order of A's.
    ///
    /// # Errors
    /// The table of A cannot be read, or what they are handed to fails.
    pub fn each(
        &self,
        side_a: &Side<'_>,
        at_a_time: usize,
        mut with: impl FnMut(&[(ScenarioId, ScenarioId)]) -> Result<(), CompareError>,
    ) -> Result<(), CompareError> {
        let By::Name { pairs, .. } = &self.by else {
            let path = side_a.root.join(SCENARIOS);
            let mut some = Vec::with_capacity(at_a_time);
            for scenario in scenarios(&path).map_err(SinkError::from)? {
                let id = scenario.map_err(SinkError::from)?.scenario;
                some.push((id, id));
                if some.len() == at_a_time {
                    with(&some)?;
                    some.clear();
                }
            }
            return if some.is_empty() { Ok(()) } else { with(&some) };
        };
        pairs.chunks(at_a_time).try_for_each(with)
    }
}

/// The scenarios of a table one after the other; run both ways, a scenario comes twice in a row and counts once.
fn scenarios(path: &Path) -> Result<impl Iterator<Item = Result<Named, TableError>>, TableError> {
    let rows = Named::batches(path)?.flat_map(|batch| match batch {
        Ok(rows) => rows.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    });
    let mut last = None;
    Ok(rows.filter(move |row| match row {
        Ok(row) => last.replace(row.scenario) != Some(row.scenario),
        Err(_) => true,
    }))
}

/// How many scenarios two tables list, if these are the same ones in the same order, by number and by name.
fn in_order([a, b]: &[PathBuf; 2]) -> Result<Option<usize>, TableError> {
    let (mut a, mut b) = (scenarios(a)?, scenarios(b)?);
    let mut count = 0;
    loop {
        match (a.next().transpose()?, b.next().transpose()?) {
            (Some(a), Some(b)) => {
                let is_same_name = || a.name == b.name || plain(&a.name) == plain(&b.name);
                if a.scenario != b.scenario || !is_same_name() {
                    return Ok(None);
                }
                count += 1;
            }
            (None, None) if count > 0 => return Ok(Some(count)),
            _ => return Ok(None),
        }
    }
}

/// Keys of the scenarios of a result with their identifiers, ascending by key.
fn names(root: &Path, path: &Path) -> Result<Vec<(Key, ScenarioId)>, CompareError> {
    let found = scenarios(path).map_err(SinkError::from)?;
    let found = found.map(|row| row.map(|row| (key(&row.name), row.scenario)));
    let mut keys: Vec<(Key, ScenarioId)> =
        found.collect::<Result<_, _>>().map_err(SinkError::from)?;
    keys.sort_unstable();
    match keys.windows(2).find(|two| two[0].0 == two[1].0) {
        None => Ok(keys),
        Some(two) => {
            let name = name_of(path, two[0].1)?.unwrap_or_default();
            let problem =
                format!("two scenarios are named `{name}`; scenarios are matched by names");
            Err(CompareError::Incomparable { root: root.to_path_buf(), problem })
        }
    }
}

/// Name of a scenario.
fn name_of(path: &Path, id: ScenarioId) -> Result<Option<String>, CompareError> {
    for scenario in scenarios(path).map_err(SinkError::from)? {
        let scenario = scenario.map_err(SinkError::from)?;
        if scenario.scenario == id {
            return Ok(Some(scenario.name));
        }
    }
    Ok(None)
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
