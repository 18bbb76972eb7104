//! The scenario table, as far as rankings need it.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};

use crate::analysis::outcomes::Key;
use crate::analysis::tables::each_batch;
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// A row of the scenario table.
pub(super) struct Row {
    pub name: String,
    pub total: f64,
    pub above_26pct: i32,
    pub adapting: i32,
    pub substituting: i32,
    pub overshoot: bool,
    pub loser: Option<(String, String, f64, f64)>,
}

/// The rows of a result by scenario and way.
pub(super) fn read_rows(root: &Path) -> Result<BTreeMap<Key, Row>, SinkError> {
    let mut rows = BTreeMap::new();
    each_batch(&root.join(SCENARIOS), &COLUMNS, |batch| read_batch(batch, &mut rows))?;
    Ok(rows)
}

const COLUMNS: [&str; 12] = [
    "scenario",
    "name",
    "adaptation",
    "total_loss",
    "sectors_above_26pct",
    "largest_loser_area",
    "largest_loser_item",
    "largest_loser_al",
    "largest_loser_rl",
    "adapting",
    "substituting",
    "overshoot",
];

fn read_batch(batch: &RecordBatch, rows: &mut BTreeMap<Key, Row>) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let int = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>();
    let float = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
    let bool = |name: &str| batch.column_by_name(name)?.as_boolean_opt();
    let (id, name, adaptation) = (int("scenario")?, text("name")?, bool("adaptation")?);
    let (total, above) = (float("total_loss")?, int("sectors_above_26pct")?);
    let (area, item) = (text("largest_loser_area")?, text("largest_loser_item")?);
    let (al, rl) = (float("largest_loser_al")?, float("largest_loser_rl")?);
    let (adapting, substituting) = (int("adapting")?, int("substituting")?);
    let overshoot = bool("overshoot")?;
    for row in 0..batch.num_rows() {
        let loser = || {
            let names = (area.value(row).to_string(), item.value(row).to_string());
            (names.0, names.1, al.value(row), rl.value(row))
        };
        rows.insert(
            (id.value(row) as u32, adaptation.value(row)),
            Row {
                name: name.value(row).to_string(),
                total: total.value(row),
                above_26pct: above.value(row),
                adapting: adapting.value(row),
                substituting: substituting.value(row),
                overshoot: overshoot.value(row),
                loser: al.is_valid(row).then(loser),
            },
        );
    }
    Some(())
}
