//! Columns of tables on their way to a file.

use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int64Array, StringArray,
};

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

/// Yes or no.
pub fn flags(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}
