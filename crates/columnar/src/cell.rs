//! Values of columns: what types they have, how they are written and read.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringArray, UInt32Array,
    UInt64Array,
};
use arrow_schema::DataType;

/// Most bytes of the texts of one column of a batch.
const MAX_TEXT: usize = 1 << 30;

/// A value of a column.
pub trait Cell: Sized {
    /// Whether it may be null.
    const NULLABLE: bool;

    /// Type of the column.
    fn data_type() -> DataType;

    /// Values as a column.
    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef;

    /// Values of a column; `None` where it has another type, or nulls where it must not.
    fn read(column: &ArrayRef) -> Option<Vec<Self>>;
}

/// Whether a column of one type is read as one of another: all that hold text are alike.
pub(crate) fn is_read_as(found: &DataType, expected: &DataType) -> bool {
    let is_text = |kind: &DataType| match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        _ => false,
    };
    match (found, expected) {
        (DataType::List(found), DataType::List(expected)) => {
            is_read_as(found.data_type(), expected.data_type())
        }
        (DataType::Struct(found), DataType::Struct(expected)) => expected.iter().all(|field| {
            let own = found.find(field.name());
            own.is_some_and(|(_, own)| is_read_as(own.data_type(), field.data_type()))
        }),
        _ => found == expected || (is_text(found) && is_text(expected)),
    }
}

pub(crate) fn words(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "True or False",
        DataType::Float64 => "64-bit floating-point numbers",
        DataType::Int32 => "32-bit whole numbers",
        DataType::Int64 => "64-bit whole numbers",
        DataType::UInt32 | DataType::UInt64 => "whole numbers without sign",
        DataType::List(_) => "lists",
        _ => "text",
    }
}

/// Texts of a column of any of Arrow's text types, dictionaries included.
fn texts(column: &ArrayRef) -> Option<Vec<Option<String>>> {
    let mut bytes = 0;
    named(column, &mut |text: &str| {
        bytes += text.len();
        (bytes <= MAX_TEXT).then(|| text.to_string())
    })
}

/// Texts of a column, each made by `own`; those of a dictionary as often as they stand in a row.
pub(crate) fn named<T: Clone>(
    column: &ArrayRef,
    own: &mut dyn FnMut(&str) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    let mut all = Vec::with_capacity(column.len());
    let mut add = |text: Option<&str>| {
        all.push(match text {
            Some(text) => Some(own(text)?),
            None => None,
        });
        Some(())
    };
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().try_for_each(&mut add)?,
        DataType::LargeUtf8 => column.as_string::<i64>().iter().try_for_each(&mut add)?,
        DataType::Utf8View => column.as_string_view().iter().try_for_each(&mut add)?,
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_any_dictionary_opt()?;
            let values = dictionary.values().as_string_opt::<i32>()?;
            if values.is_empty() {
                return Some(vec![None; column.len()]);
            }
            let keys = dictionary.normalized_keys();
            for (row, key) in keys.into_iter().enumerate() {
                add(column.is_valid(row).then(|| values.value(key)))?;
            }
        }
        _ => return None,
    }
    Some(all)
}

macro_rules! cell {
    ($kind:ty, $type:expr, $array:ty, $read:expr) => {
        impl Cell for $kind {
            const NULLABLE: bool = false;

            fn data_type() -> DataType {
                $type
            }

            fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
                Arc::new(values.map(|value| Some(value.clone())).collect::<$array>())
            }

            fn read(column: &ArrayRef) -> Option<Vec<Self>> {
                Option::<$kind>::read(column)?.into_iter().collect()
            }
        }

        impl Cell for Option<$kind> {
            const NULLABLE: bool = true;

            fn data_type() -> DataType {
                $type
            }

            fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
                Arc::new(values.cloned().collect::<$array>())
            }

            fn read(column: &ArrayRef) -> Option<Vec<Self>> {
                let read: fn(&ArrayRef) -> Option<Vec<Self>> = $read;
                read(column)
            }
        }
    };
}

cell!(String, DataType::Utf8, StringArray, texts);
// A name that many rows share costs its text once.
cell!(Arc<str>, DataType::Utf8, StringArray, |c| {
    let mut last: Option<Arc<str>> = None;
    let mut shared = |text: String| match &last {
        Some(same) if **same == *text => same.clone(),
        _ => last.insert(text.into()).clone(),
    };
    Some(texts(c)?.into_iter().map(|text| text.map(&mut shared)).collect())
});
cell!(bool, DataType::Boolean, BooleanArray, |c| Some(c.as_boolean_opt()?.iter().collect()));
cell!(f64, DataType::Float64, Float64Array, |c| {
    Some(c.as_primitive_opt::<Float64Type>()?.iter().collect())
});
cell!(i32, DataType::Int32, Int32Array, |c| {
    Some(c.as_primitive_opt::<Int32Type>()?.iter().collect())
});
cell!(i64, DataType::Int64, Int64Array, |c| {
    Some(c.as_primitive_opt::<Int64Type>()?.iter().collect())
});
cell!(u32, DataType::UInt32, UInt32Array, |c| {
    Some(c.as_primitive_opt::<UInt32Type>()?.iter().collect())
});
cell!(u64, DataType::UInt64, UInt64Array, |c| {
    Some(c.as_primitive_opt::<UInt64Type>()?.iter().collect())
});
