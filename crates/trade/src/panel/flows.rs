//! The flows of a panel, read back.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef};

use super::store::batches;
use super::{About, Flow, Year};
use crate::error::TradeError;
use crate::lists::Item;

/// Indices of a column of names.
fn keys(column: &ArrayRef, index: &HashMap<&str, u16>) -> Option<Vec<u16>> {
    if let Some(dictionary) = column.as_any_dictionary_opt() {
        let values = dictionary.values().as_string_opt::<i32>()?;
        let of: Vec<Option<u16>> = values.iter().map(|name| index.get(name?).copied()).collect();
        return dictionary.normalized_keys().into_iter().map(|key| *of.get(key)?).collect();
    }
    column.as_string_opt::<i32>()?.iter().map(|name| index.get(name?).copied()).collect()
}

/// Adds the flows of a folder to the years of its panel.
///
/// # Errors
/// The table is missing, damaged, or contradicts the panel.
pub(super) fn read_flows(
    folder: &Path,
    about: &About,
    areas: &[Arc<str>],
    items: &[Item],
    years: &mut [Year],
) -> Result<(), TradeError> {
    let of_areas: HashMap<&str, u16> = areas.iter().map(|area| &**area).zip(0..).collect();
    let of_items: HashMap<&str, u16> = items.iter().map(|item| &*item.name).zip(0..).collect();
    let path = folder.join("flows.parquet");
    let mut last: Option<(usize, u16, u16, u16)> = None;
    batches(&path, |batch| {
        let broken = "has not the columns, order or names of a panel's flows; import it again";
        let column = |name: &str| batch.column_by_name(name).ok_or(broken);
        let year = column("year")?.as_primitive_opt::<Int32Type>().ok_or(broken)?;
        let item = keys(column("item")?, &of_items).ok_or(broken)?;
        let exporter = keys(column("exporter")?, &of_areas).ok_or(broken)?;
        let importer = keys(column("importer")?, &of_areas).ok_or(broken)?;
        let value = column("value")?.as_primitive_opt::<Float64Type>().ok_or(broken)?;
        let quantity = column("quantity")?.as_primitive_opt::<Float64Type>().ok_or(broken)?;
        for row in 0..batch.num_rows() {
            let at = usize::try_from(year.value(row) - about.first_year)
                .ok()
                .filter(|&at| at < years.len());
            let at = at.ok_or(broken)?;
            let next = (at, item[row], exporter[row], importer[row]);
            let (v, q) = (value.value(row), quantity.is_valid(row).then(|| quantity.value(row)));
            let is_amount = |v: f64| v.is_finite() && v > 0.0;
            if last.is_some_and(|last| next <= last) || !is_amount(v) || !q.is_none_or(is_amount) {
                return Err(broken);
            }
            last = Some(next);
            let year = &mut years[at];
            year.starts[usize::from(item[row]) + 1] += 1;
            year.flows.push(Flow {
                exporter: exporter[row],
                importer: importer[row],
                value: v,
                quantity: q,
            });
        }
        Ok(())
    })?;
    for year in years.iter_mut() {
        for p in 0..items.len() {
            year.starts[p + 1] += year.starts[p];
        }
    }
    if years.iter().any(|year| year.flows.is_empty()) {
        return Err(TradeError::file(&path, "lacks a year of the panel; import it again"));
    }
    Ok(())
}
