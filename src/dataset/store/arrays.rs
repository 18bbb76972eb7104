//! Columns of tables on their way to a file.

use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int64Array, StringArray,
};

use super::Columns;
use crate::dataset::Labels;

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

/// Names of labels: the same type as by index, so that tables can be joined by them.
pub fn dictionary(values: impl Iterator<Item = impl AsRef<str>>) -> ArrayRef {
    let values: Vec<_> = values.collect();
    let names = values.iter().map(|name| Some(name.as_ref()));
    Arc::new(names.collect::<DictionaryArray<Int16Type>>())
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

/// Yes or no.
pub fn flags(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// Yes, no, or not known.
pub fn optional_flags(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.collect::<BooleanArray>())
}

/// `areas`, `items` and `processes`, as every folder of shocksweep's own writes them.
pub fn label_tables(labels: &Labels) -> [(&'static str, Columns); 3] {
    let Labels { areas, items, processes } = labels;
    let region: StringArray = areas.iter().map(|a| a.region.as_deref()).collect();
    let areas = vec![
        ("area", dictionary(areas.iter().map(|a| &a.name))),
        ("code", integers(areas.iter().map(|a| a.code))),
        ("iso3", texts(areas.iter().map(|a| &a.iso3))),
        ("region", Arc::new(region) as ArrayRef),
        ("latitude", options(areas.iter().map(|a| a.latitude))),
        ("longitude", options(areas.iter().map(|a| a.longitude))),
        ("population", options(areas.iter().map(|a| a.population))),
        ("hdi", options(areas.iter().map(|a| a.hdi))),
    ];
    let items = vec![
        ("item", dictionary(items.iter().map(|i| &i.name))),
        ("code", integers(items.iter().map(|i| i.code))),
        ("commodity_code", texts(items.iter().map(|i| &i.commodity_code))),
        ("commodity_group", texts(items.iter().map(|i| &i.commodity_group))),
        ("group", texts(items.iter().map(|i| &i.group))),
        ("unit", texts(items.iter().map(|i| i.unit.name()))),
        ("kcal_per_kg", options(items.iter().map(|i| i.nutrition.map(|n| n.kcal_per_kg)))),
        (
            "protein_g_per_kg",
            options(items.iter().map(|i| i.nutrition.and_then(|n| n.protein_g_per_kg))),
        ),
        ("food", optional_flags(items.iter().map(|i| i.nutrition.map(|n| n.is_food)))),
    ];
    let processes = vec![
        ("process", dictionary(processes.iter().map(|p| &p.name))),
        ("code", texts(processes.iter().map(|p| &p.code))),
    ];
    [("areas", areas), ("items", items), ("processes", processes)]
}
