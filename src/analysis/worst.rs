//! The worst scenarios of a result.

use std::path::Path;

use crate::results::scenarios::ScenarioResult;
use crate::results::{Name, Record};
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// One row of the scenario table, as far as summaries need it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioLoss {
    /// Identifier.
    pub scenario: i32,
    /// Name.
    pub name: String,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Summed absolute loss, tonnes.
    pub total_loss: f64,
    /// Summed loss per person, kg; `None` in a world without population.
    pub total_loss_per_capita: Option<f64>,
    /// Sectors with a relative loss above 0.10.
    pub sectors_above_10pct: i32,
    /// `Area / Item` of the largest loser, with its loss in tonnes.
    pub largest_loser: Option<(String, f64)>,
}

/// The `count` scenarios of the result folder with the largest total loss, worst first; of equal
/// ones the one with the smaller identifier.
///
/// # Errors
/// The folder has no readable scenario table.
pub fn worst(folder: &Path, count: usize) -> Result<Vec<ScenarioLoss>, SinkError> {
    let mut worst: Vec<ScenarioLoss> = Vec::new();
    let keep = |rows: &mut Vec<ScenarioLoss>| {
        rows.sort_by(|a, b| {
            b.total_loss
                .total_cmp(&a.total_loss)
                .then((a.scenario, a.adaptation).cmp(&(b.scenario, b.adaptation)))
        });
        rows.truncate(count);
    };
    ScenarioResult::each(&folder.join(SCENARIOS), |rows| {
        worst.extend(rows.into_iter().map(summary));
        keep(&mut worst);
    })?;
    Ok(worst)
}

fn summary(row: ScenarioResult) -> ScenarioLoss {
    let name = |name: Option<Name>| name.map_or(String::new(), |name| name.to_string());
    let (area, item) = (name(row.largest_loser_area), name(row.largest_loser_item));
    ScenarioLoss {
        scenario: row.scenario,
        name: row.name,
        adaptation: row.adaptation,
        total_loss: row.total_loss,
        total_loss_per_capita: row.total_loss_per_capita,
        sectors_above_10pct: row.sectors_above_10pct,
        largest_loser: row.largest_loser_al.map(|al| (format!("{area} / {item}"), al)),
    }
}
