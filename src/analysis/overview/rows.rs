//! The scenario table, as far as rankings need it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::results::Record;
use crate::results::scenarios::ScenarioResult;
use crate::scenario::RunKey;
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// A row of the scenario table.
pub(super) struct Summary {
    pub name: String,
    pub total: f64,
    pub above_26pct: i32,
    pub adapting: i32,
    pub substituting: i32,
    pub overshoot: bool,
    pub loser: Option<(String, String, f64, f64)>,
}

/// The rows of a result by scenario and way, those apart that have diverged.
pub(super) fn read_rows(root: &Path) -> Result<BTreeMap<RunKey, Summary>, SinkError> {
    let mut all = BTreeMap::new();
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        let own = |r: ScenarioResult| Some(((r.scenario, r.adaptation), row(r)?));
        all.extend(rows.into_iter().filter_map(own));
    })?;
    Ok(all)
}

fn row(row: ScenarioResult) -> Option<Summary> {
    let names = row.largest_loser_area.zip(row.largest_loser_item);
    let amounts = row.largest_loser_al.zip(row.largest_loser_rl);
    let loser = names.zip(amounts);
    Some(Summary {
        name: row.name,
        total: row.total_loss?,
        above_26pct: row.sectors_above_26pct?,
        adapting: row.adapting,
        substituting: row.substituting,
        overshoot: row.overshoot,
        loser: loser.map(|((area, item), (al, rl))| (area.to_string(), item.to_string(), al, rl)),
    })
}
