//! The keys that a job file may have: what nobody knows is refused, with the nearest that is known.

use std::path::Path;

use super::{JobError, superposition};
use crate::dataset::names::nearest;
use crate::scenario::selection;
use crate::scenario::switches::SWITCHES;

/// Valid keys by table; lists of tables are named by their key. The [`SWITCHES`] come on top
/// where a table takes them.
const KEYS: [(&str, &[&str]); 10] = [
    (
        "",
        &[
            "dataset",
            "engine",
            "device",
            "precision",
            "allow_software",
            "steps",
            "memory_limit",
            "regions",
            "adaptation",
            "adaptive",
            "scenarios",
            "superposition",
            "change",
            "what-if",
            "output",
        ],
    ),
    ("adaptive", &[]),
    ("what-if", &["name", "change"]),
    (
        "scenarios",
        &["set", "list", "table", "select", "with", "phi", "same_commodity_group", "count", "seed"],
    ),
    ("scenarios.select", &selection::KEYS),
    ("scenarios.with", &selection::KEYS),
    ("superposition", &superposition::KEYS),
    ("scenarios.list", &["name", "shocks", "adaptation"]),
    (
        "scenarios.list.shocks",
        &["area", "item", "phi", "from", "to", "decay", "kind", "to_area", "reroute"],
    ),
    ("output", &["folder", "min_loss", "compression", "losses", "trace", "events", "overshoot"]),
];

/// Rejects unknown keys, naming the nearest valid one.
pub(super) fn check(table: &toml::Table, place: &str, path: &Path) -> Result<(), JobError> {
    let Some((_, known)) = KEYS.iter().find(|(at, _)| *at == place) else { return Ok(()) };
    let mut known = known.to_vec();
    if ["adaptive", "scenarios.list"].contains(&place) {
        known.extend(SWITCHES);
    }
    for (key, value) in table {
        let full = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        if !known.contains(&key.as_str()) {
            return Err(JobError::UnknownKey {
                path: path.to_path_buf(),
                key: full,
                nearest: nearest(key, known.iter().copied()),
                known,
            });
        }
        match value {
            toml::Value::Table(inner) => check(inner, &full, path)?,
            toml::Value::Array(list) => {
                for inner in list.iter().filter_map(toml::Value::as_table) {
                    check(inner, &full, path)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
