//! Differences scenario by scenario.

use std::path::Path;

use shocksweep_columnar::TableError;

use super::matching::Matching;
use super::rows::ScenarioDifference;
use super::writer::Writer;
use super::{CompareError, Side};
use crate::results::Record;
use crate::scenario::{Response, ScenarioId};
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// Scenarios that changed most.
pub struct Scenarios {
    /// Those that got worse.
    pub worse: Vec<ScenarioDifference>,
    /// Those that got better.
    pub better: Vec<ScenarioDifference>,
    /// Worse, better, the same.
    pub counts: [usize; 3],
}

shocksweep_columnar::record! {
    /// What is compared of a scenario.
    struct Compared = "scenarios" {
        /// identifier of the scenario
        scenario: ScenarioId,
        /// name given, or the shocked sectors
        name: String,
        /// whether areas adapt
        adaptation: Response,
        /// food that people eat less; null where the dataset knows no food
        kcal_per_person_day: Option<f64>,
        /// summed absolute loss of all items counted in tonnes; null where the scenario has diverged
        total_loss: Option<f64>,
        /// number of sectors with a relative loss above 0.10
        sectors_above_10pct: Option<i32>,
        /// whether a sector has run away
        overshoot: bool,
    }
}

/// Numbers of a scenario in one of its ways.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    kcal: Option<f64>,
    total_loss: f64,
    above: i32,
    overshoot: bool,
}

impl Compared {
    /// Its numbers; of a scenario that has diverged nothing can be compared.
    fn numbers(&self) -> Option<Numbers> {
        let (total_loss, above) = self.total_loss.zip(self.sectors_above_10pct)?;
        let (kcal, overshoot) = (self.kcal_per_person_day, self.overshoot);
        Some(Numbers { kcal, total_loss, above, overshoot })
    }
}

/// A scenario's numbers without and with adaptation, as far as it was run.
type BothWays = [Option<Numbers>; 2];

/// The scenarios of a table one after the other, each with the numbers of its rows.
fn grouped(
    path: &Path,
) -> Result<impl Iterator<Item = Result<(ScenarioId, BothWays), TableError>>, TableError> {
    let mut rows = Compared::batches(path)?
        .flat_map(|batch| match batch {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
        .peekable();
    Ok(std::iter::from_fn(move || {
        let first = match rows.next()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let mut found = [None, None];
        found[first.adaptation.index()] = first.numbers();
        let is_of = |row: &Result<Compared, _>| {
            row.as_ref().is_ok_and(|row: &Compared| row.scenario == first.scenario)
        };
        while let Some(Ok(row)) = rows.next_if(is_of) {
            found[row.adaptation.index()] = row.numbers();
        }
        Some(Ok((first.scenario, found)))
    }))
}

/// The numbers of B's scenarios, asked for in the order of A's.
struct OfB<'m, I> {
    matching: &'m Matching,
    /// All of them, by position in the matching, where scenarios are matched by name.
    held: Vec<BothWays>,
    /// Else B's table, read beside A's.
    beside: I,
    /// The scenario of B that was read last.
    last: Option<(ScenarioId, BothWays)>,
}

impl<'m, I: Iterator<Item = Result<(ScenarioId, BothWays), TableError>>> OfB<'m, I> {
    fn new(matching: &'m Matching, beside: I) -> Result<Self, TableError> {
        let mut of_b = OfB { matching, held: Vec::new(), beside, last: None };
        if !matching.is_in_order() {
            of_b.held = vec![[None, None]; matching.matched];
            for scenario in &mut of_b.beside {
                let (id, numbers) = scenario?;
                if let Some(at) = matching.position(1, id) {
                    of_b.held[at] = numbers;
                }
            }
        }
        Ok(of_b)
    }

    /// Numbers of the scenario that is A's `id`.
    fn take(&mut self, id: ScenarioId) -> Result<BothWays, TableError> {
        if !self.matching.is_in_order() {
            return Ok(self.matching.position(0, id).map_or([None, None], |at| self.held[at]));
        }
        while self.last.is_none_or(|last| last.0 != id) {
            match self.beside.next() {
                Some(next) => self.last = Some(next?),
                None => return Ok([None, None]),
            }
        }
        Ok(self.last.map_or([None, None], |last| last.1))
    }
}

/// What scenarios are ranked by: food where it is known, else tonnes where nothing has run away.
fn change(row: &ScenarioDifference) -> Option<f64> {
    let is_away = row.overshoot_a || row.overshoot_b;
    row.kcal_difference.or((!is_away).then_some(row.total_loss_difference))
}

/// Differences below this share are rounding.
const ROUNDING: f64 = 1e-9;

fn is_same(row: &ScenarioDifference) -> bool {
    let (a, b) = match (row.kcal_a, row.kcal_b) {
        (Some(a), Some(b)) => (a, b),
        _ => (row.total_loss_a, row.total_loss_b),
    };
    (b - a).abs() <= ROUNDING * a.abs().max(b.abs())
}

/// Compares all scenarios that both results have; with `out` the table is written there, a run of rows at
/// a time.
///
/// # Errors
/// A table cannot be read or written.
pub fn differences(
    sides: &[Side<'_>; 2],
    matching: &Matching,
    top: usize,
    out: Option<&Path>,
) -> Result<Scenarios, CompareError> {
    let [path_a, path_b] = [0, 1].map(|side: usize| sides[side].root.join(SCENARIOS));
    let of_b = grouped(&path_b).and_then(|beside| OfB::new(matching, beside));
    let mut of_b = of_b.map_err(SinkError::from)?;
    let mut writer = out.map(Writer::<ScenarioDifference>::create).transpose()?;
    let mut found = Scenarios { worse: Vec::new(), better: Vec::new(), counts: [0; 3] };
    for batch in Compared::batches(&path_a).map_err(SinkError::from)? {
        let mut rows = Vec::new();
        for a in batch.map_err(SinkError::from)? {
            let b = of_b.take(a.scenario).map_err(SinkError::from)?[a.adaptation.index()];
            rows.extend(a.numbers().zip(b).map(|(of_a, b)| difference(a, of_a, b)));
        }
        if let Some(writer) = &mut writer {
            writer.write(&rows).map_err(SinkError::from)?;
        }
        found.take(rows, top);
    }
    if let Some(writer) = writer {
        writer.commit()?;
    }
    if found.counts == [0; 3] {
        return Err(CompareError::Incomparable {
            root: sides[1].root.to_path_buf(),
            problem: "was run with adaptation where A was run without, or the other way round"
                .to_string(),
        });
    }
    Ok(found)
}

fn difference(row: Compared, a: Numbers, b: Numbers) -> ScenarioDifference {
    ScenarioDifference {
        name: row.name,
        adaptation: row.adaptation.is_adaptive(),
        kcal_a: a.kcal,
        kcal_b: b.kcal,
        kcal_difference: a.kcal.zip(b.kcal).map(|(a, b)| b - a),
        total_loss_a: a.total_loss,
        total_loss_b: b.total_loss,
        total_loss_difference: b.total_loss - a.total_loss,
        sectors_above_10pct_a: a.above,
        sectors_above_10pct_b: b.above,
        overshoot_a: a.overshoot,
        overshoot_b: b.overshoot,
    }
}

impl Scenarios {
    fn take(&mut self, rows: Vec<ScenarioDifference>, top: usize) {
        for row in rows {
            let Some(change) = change(&row).filter(|_| !is_same(&row)) else {
                self.counts[2] += 1;
                continue;
            };
            self.counts[usize::from(change <= 0.0)] += 1;
            if change > 0.0 { &mut self.worse } else { &mut self.better }.push(row);
        }
        // Stable: equal ones stay in the order of the scenarios.
        for list in [&mut self.worse, &mut self.better] {
            let size = |row: &ScenarioDifference| change(row).unwrap_or(0.0).abs();
            list.sort_by(|a, b| size(b).total_cmp(&size(a)));
            list.truncate(top);
        }
    }
}
