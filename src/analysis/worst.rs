//! The worst scenarios of a result.

use std::path::Path;

use crate::results::scenarios::ScenarioResult;
use crate::results::{Name, Record};
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// What a scenario comes to in one of its ways.
#[derive(Debug, Clone, PartialEq)]
pub struct WayLoss {
    /// Food that people eat less worldwide, kcal per person and day; `None` where the dataset knows no food.
    pub kcal: Option<f64>,
    /// Summed absolute loss of the items counted in tonnes.
    pub total_loss: f64,
    /// The same per person, kg; `None` in a world without population.
    pub total_loss_per_capita: Option<f64>,
    /// Sectors with a relative loss above 0.10.
    pub sectors_above_10pct: i32,
    /// `Area / Item` of the largest loser, with its loss in tonnes.
    pub largest_loser: Option<(String, f64)>,
    /// Whether a sector has run away. It is left out of `kcal`; a sum of tonnes with it is no finding.
    pub runaway: bool,
}

/// A scenario, without and with adaptation as far as it was run.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLoss {
    /// Identifier.
    pub scenario: ScenarioId,
    /// Name.
    pub name: String,
    /// Without and with adaptation.
    pub ways: [Option<WayLoss>; 2],
}

impl ScenarioLoss {
    /// What it is ranked by: food where it is known, else tonnes of runs without runaway sectors; the
    /// worse of its ways. `None` where it has neither.
    pub fn severity(&self) -> Option<f64> {
        let of = |way: &WayLoss| way.kcal.or((!way.runaway).then_some(way.total_loss));
        self.ways.iter().flatten().filter_map(of).max_by(f64::total_cmp)
    }
}

/// The `count` worst scenarios of the result folder, worst first; of equal ones the one with the
/// smaller identifier.
///
/// # Errors
/// The folder has no readable scenario table.
pub fn worst(folder: &Path, count: usize) -> Result<Vec<ScenarioLoss>, SinkError> {
    let mut worst: Vec<ScenarioLoss> = Vec::new();
    // The ways of a scenario follow each other, and may lie in two runs of rows.
    let mut last: Option<ScenarioLoss> = None;
    ScenarioResult::each(&folder.join(SCENARIOS), |rows| {
        for row in rows {
            let way = row.adaptation.index();
            match &mut last {
                Some(own) if own.scenario == row.scenario => own.ways[way] = summary(row),
                _ => {
                    let (scenario, name) = (row.scenario, row.name.clone());
                    let mut new = ScenarioLoss { scenario, name, ways: [None, None] };
                    new.ways[way] = summary(row);
                    worst.extend(last.replace(new));
                }
            }
        }
        keep(&mut worst, count);
    })?;
    worst.extend(last);
    keep(&mut worst, count);
    Ok(worst)
}

fn keep(rows: &mut Vec<ScenarioLoss>, count: usize) {
    rows.retain(|row| row.severity().is_some());
    let severity = |row: &ScenarioLoss| row.severity().unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| {
        severity(b).total_cmp(&severity(a)).then_with(|| a.scenario.cmp(&b.scenario))
    });
    rows.truncate(count);
}

/// What a scenario comes to; `None` if it has diverged.
fn summary(row: ScenarioResult) -> Option<WayLoss> {
    let name = |name: Option<Name>| name.map_or(String::new(), |name| name.to_string());
    let (area, item) = (name(row.largest_loser_area), name(row.largest_loser_item));
    Some(WayLoss {
        kcal: row.kcal_per_person_day,
        total_loss: row.total_loss?,
        total_loss_per_capita: row.total_loss_per_capita,
        sectors_above_10pct: row.sectors_above_10pct?,
        largest_loser: row.largest_loser_al.map(|al| (format!("{area} / {item}"), al)),
        runaway: row.overshoot,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(id: u32, ways: [Option<(f64, bool)>; 2]) -> ScenarioLoss {
        let way = |(total_loss, runaway)| WayLoss {
            kcal: None,
            total_loss,
            total_loss_per_capita: None,
            sectors_above_10pct: 0,
            largest_loser: None,
            runaway,
        };
        ScenarioLoss {
            scenario: ScenarioId(id),
            name: String::new(),
            ways: ways.map(|w| w.map(way)),
        }
    }

    #[test]
    fn runs_that_have_run_away_rank_nothing() {
        let mut rows = vec![
            scenario(0, [Some((5.0, false)), Some((9e9, true))]),
            scenario(1, [Some((4.0, false)), Some((7.0, false))]),
            scenario(2, [None, Some((1e12, true))]),
            scenario(3, [Some((7.0, false)), None]),
            scenario(4, [Some((-1.0, false)), None]),
        ];
        keep(&mut rows, 3);
        assert_eq!(rows.iter().map(|r| r.scenario.0).collect::<Vec<_>>(), [1, 3, 0]);
    }
}
