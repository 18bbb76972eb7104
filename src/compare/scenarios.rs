//! Differences scenario by scenario.

use std::path::Path;

use super::matching::Matching;
use super::rows::ScenarioDifference;
use super::writer::Writer;
use super::{CompareError, Side};
use crate::results::Record;
use crate::results::scenarios::ScenarioResult;
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

/// What is kept of a scenario of B until A's is met.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    is_there: bool,
    kcal: Option<f64>,
    total_loss: f64,
    above: i32,
    overshoot: bool,
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
    let mut of_b = vec![[Numbers::default(); 2]; matching.pairs.len()];
    ScenarioResult::each(&sides[1].root.join(SCENARIOS), |rows| {
        for row in rows {
            let position = matching.position(1, row.scenario);
            // Of a scenario that has diverged nothing can be compared.
            let known = row.total_loss.zip(row.sectors_above_10pct);
            if let (Some(at), Some((total_loss, above))) = (position, known) {
                of_b[at][row.adaptation.index()] = Numbers {
                    is_there: true,
                    kcal: row.kcal_per_person_day,
                    total_loss,
                    above,
                    overshoot: row.overshoot,
                };
            }
        }
    })
    .map_err(SinkError::from)?;
    let mut writer = out.map(Writer::<ScenarioDifference>::create).transpose()?;
    let mut found = Scenarios { worse: Vec::new(), better: Vec::new(), counts: [0; 3] };
    let mut problem = None;
    ScenarioResult::each(&sides[0].root.join(SCENARIOS), |rows| {
        let row = |row: ScenarioResult| {
            let at = matching.position(0, row.scenario)?;
            let b = of_b[at][row.adaptation.index()];
            difference(row, b).filter(|_| b.is_there)
        };
        let rows: Vec<ScenarioDifference> = rows.into_iter().filter_map(row).collect();
        if let Some(writer) = &mut writer {
            problem = problem.take().or(writer.write(&rows).err());
        }
        found.take(rows, top);
    })
    .map_err(SinkError::from)?;
    match (problem, writer) {
        (Some(problem), _) => return Err(SinkError::from(problem).into()),
        (None, Some(writer)) => writer.commit()?,
        (None, None) => {}
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

fn difference(a: ScenarioResult, b: Numbers) -> Option<ScenarioDifference> {
    let (total_loss_a, above_a) = a.total_loss.zip(a.sectors_above_10pct)?;
    Some(ScenarioDifference {
        name: a.name,
        adaptation: a.adaptation.is_adaptive(),
        kcal_a: a.kcal_per_person_day,
        kcal_b: b.kcal,
        kcal_difference: a.kcal_per_person_day.zip(b.kcal).map(|(a, b)| b - a),
        total_loss_a,
        total_loss_b: b.total_loss,
        total_loss_difference: b.total_loss - total_loss_a,
        sectors_above_10pct_a: above_a,
        sectors_above_10pct_b: b.above,
        overshoot_a: a.overshoot,
        overshoot_b: b.overshoot,
    })
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
