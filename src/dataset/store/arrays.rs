//! Columns of tables on their way to a file.

use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int16Array, Int64Array, RecordBatch, StringArray,
};
use shocksweep_columnar::{Name, Record};

use super::tables::{AreaLine, ItemLine, ProcessLine};
use crate::dataset::{Area, Item, Labels, Process};

/// Names by index, as a dictionary.
pub fn names<'a>(
    labels: impl Iterator<Item = &'a String>,
    keys: impl Iterator<Item = usize>,
) -> ArrayRef {
    let keys: Int16Array = keys.map(|k| k as i16).collect::<Vec<i16>>().into();
    let values = Arc::new(StringArray::from_iter_values(labels));
    Arc::new(DictionaryArray::<Int16Type>::new(keys, values))
}

/// Text.
pub fn texts(values: impl Iterator<Item = impl AsRef<str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Whole numbers.
pub fn integers(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

/// Numbers.
pub fn floats(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// Numbers, some missing.
pub fn options(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

/// `areas`, `items` and `processes`, as every folder of shocksweep's own writes them.
pub fn label_tables(labels: &Labels) -> [(&'static str, RecordBatch); 3] {
    let area = |a: &Area| AreaLine {
        area: Name::from(&a.name),
        code: a.code,
        iso3: a.iso3.clone(),
        region: a.region.clone(),
        latitude: a.latitude,
        longitude: a.longitude,
        population: a.population,
        hdi: a.hdi,
    };
    let item = |i: &Item| ItemLine {
        item: Name::from(&i.name),
        code: i.code,
        commodity_code: i.commodity_code.clone(),
        commodity_group: i.commodity_group.clone(),
        group: i.group.clone(),
        unit: i.unit.name().to_string(),
        kcal_per_kg: i.nutrition.map(|n| n.kcal_per_kg),
        protein_g_per_kg: i.nutrition.and_then(|n| n.protein_g_per_kg),
        food: i.nutrition.map(|n| n.is_food),
    };
    let process = |p: &Process| ProcessLine { process: Name::from(&p.name), code: p.code.clone() };
    let Labels { areas, items, processes } = labels;
    [
        ("areas", AreaLine::batch(&areas.iter().map(area).collect::<Vec<_>>())),
        ("items", ItemLine::batch(&items.iter().map(item).collect::<Vec<_>>())),
        ("processes", ProcessLine::batch(&processes.iter().map(process).collect::<Vec<_>>())),
    ]
}
