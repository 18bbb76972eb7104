//! The losses that a result holds of a few scenarios.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};

use crate::analysis::outcomes::ALL;
use crate::dataset::Dataset;
use crate::results::losses;
use crate::scenario::{RunKey, Scenario, ScenarioId};
use crate::sink::folder::LOSSES;
use crate::sink::manifest::Manifest;

/// Losses by scenario, then by sector, tonnes.
pub(super) type Losses = BTreeMap<RunKey, BTreeMap<u32, f64>>;

/// Losses that a result holds of some scenarios.
pub(super) fn read_losses(
    root: &Path,
    manifest: &Manifest,
    dataset: &Dataset,
    scenarios: &[Scenario],
) -> Result<Losses, String> {
    let mut found: Losses = scenarios.iter().map(|s| (s.key(), BTreeMap::new())).collect();
    let position = |names: Vec<&String>| -> BTreeMap<String, usize> {
        names.into_iter().enumerate().map(|(at, name)| (name.clone(), at)).collect()
    };
    let areas = position(dataset.labels.areas.iter().map(|a| &a.name).collect());
    let items = position(dataset.labels.items.iter().map(|i| &i.name).collect());
    let dims = dataset.dimensions();
    for file in manifest.files.iter().filter(|f| f.path.starts_with(LOSSES)) {
        let text = |e: &dyn std::fmt::Display| format!("{}: {e}", file.path);
        let columns = ["scenario", "adaptation", "area", "item", "al"];
        let reader = losses::columns(&root.join(&file.path), &columns, ALL);
        for batch in reader.map_err(|e| text(&e))? {
            let batch = batch.map_err(|e| text(&e))?;
            let mut read = || -> Option<()> {
                let id = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
                let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
                let al = batch.column_by_name("al")?.as_primitive_opt::<Float64Type>()?;
                let named = |name: &str, known: &BTreeMap<String, usize>| {
                    let column = batch.column_by_name(name)?.as_any_dictionary_opt()?;
                    let names = column.values().as_string_opt::<i32>()?;
                    let of_key: Option<Vec<usize>> =
                        names.iter().map(|n| known.get(n?).copied()).collect();
                    let is_whole = column.null_count() == 0 && !names.is_empty();
                    Some((if is_whole { column.normalized_keys() } else { return None }, of_key?))
                };
                let (area_keys, area_of) = named("area", &areas)?;
                let (item_keys, item_of) = named("item", &items)?;
                for row in 0..batch.num_rows() {
                    let key = (ScenarioId::of_table(id.value(row))?, adaptation.value(row).into());
                    if let Some(own) = found.get_mut(&key) {
                        let sector = dims.sector(area_of[area_keys[row]], item_of[item_keys[row]]);
                        own.insert(sector as u32, al.value(row));
                    }
                }
                Some(())
            };
            read()
                .ok_or_else(|| text(&"lacks columns, or names what the dataset does not have"))?;
        }
    }
    Ok(found)
}
