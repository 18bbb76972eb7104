//! Tables declared once: a struct whose fields are the columns.
//!
//! ```
//! shocksweep_columnar::record! {
//!     /// Trade of a product.
//!     pub struct Trade = "trade" {
//!         /// Product.
//!         pub item: String,
//!         /// Exports of all areas.
//!         pub exports: f64 ["kUSD"],
//!         /// Price; null where no quantity is known.
//!         pub unit_value: Option<f64> ["kUSD per tonne"],
//!     }
//! }
//! use shocksweep_columnar::Record;
//! let rows = vec![Trade { item: "Magnets".into(), exports: 3.5, unit_value: None }];
//! let batch = Trade::batch(&rows);
//! assert_eq!(batch.schema().field(1).metadata()["unit"], "kUSD");
//! assert_eq!(Trade::rows(&batch).unwrap(), rows);
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

/// A row of a table: declared by [`record!`](crate::record!), which implements this.
pub trait Record: Sized {
    /// Name of the table, which is the name of its file without extension.
    const TABLE: &'static str;

    /// Columns, with unit and meaning in their metadata.
    fn fields() -> Vec<Field>;

    /// Rows as Arrow columns, in the order of [`Record::fields`].
    fn columns(rows: &[Self]) -> Vec<ArrayRef>;

    /// Rows of a batch whose columns are found by name; `None` where a column is missing, of another
    /// type, or null where it must not be.
    fn rows(batch: &RecordBatch) -> Option<Vec<Self>>;

    /// The schema of the table without metadata of its own.
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(Self::fields()))
    }

    /// Rows as one batch.
    fn batch(rows: &[Self]) -> RecordBatch {
        // The columns are made from the same declaration as the schema.
        RecordBatch::try_new(Self::schema(), Self::columns(rows)).expect("columns fit their schema")
    }
}

/// Declares a table: see the [module](crate::record).
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $about:expr])*
        $(#[derive($($derive:ident),* $(,)?)])?
        $visibility:vis struct $name:ident = $table:literal {
            $(
                $(#[doc = $meaning:expr])*
                $field_visibility:vis $field:ident : $kind:ty $([$unit:expr])?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq $($(, $derive)*)?)]
        $visibility struct $name {
            $(
                $(#[doc = $meaning])*
                $field_visibility $field: $kind,
            )*
        }

        impl $crate::Record for $name {
            const TABLE: &'static str = $table;

            fn fields() -> ::std::vec::Vec<$crate::arrow_schema::Field> {
                ::std::vec![$(
                    $crate::record::field::<$kind>(
                        stringify!($field),
                        concat!("" $(, $unit)?),
                        &[$($meaning),*],
                    )
                ),*]
            }

            fn columns(rows: &[Self]) -> ::std::vec::Vec<$crate::arrow_array::ArrayRef> {
                ::std::vec![$(
                    <$kind as $crate::Cell>::column(&mut rows.iter().map(|row| &row.$field))
                ),*]
            }

            fn rows(
                batch: &$crate::arrow_array::RecordBatch,
            ) -> ::std::option::Option<::std::vec::Vec<Self>> {
                $(
                    let $field = batch.column_by_name(stringify!($field))?;
                    let mut $field = <$kind as $crate::Cell>::read($field)?.into_iter();
                )*
                (0..batch.num_rows())
                    .map(|_| ::std::option::Option::Some($name { $($field: $field.next()?),* }))
                    .collect()
            }
        }
    };
}

/// A column of the declaration; `about` are the lines of its comment.
#[doc(hidden)]
pub fn field<T: Cell>(name: &str, unit: &str, about: &[&str]) -> Field {
    let mut metadata = HashMap::new();
    if !unit.is_empty() {
        metadata.insert("unit".to_string(), unit.to_string());
    }
    let about = about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    metadata.insert("description".to_string(), about.trim_end_matches('.').to_string());
    Field::new(name, T::data_type(), T::NULLABLE).with_metadata(metadata)
}

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

/// Texts of a column of any of Arrow's text types, dictionaries included.
fn texts(column: &ArrayRef) -> Option<Vec<Option<String>>> {
    let own = |text: Option<&str>| text.map(String::from);
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().map(own).collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().map(own).collect(),
        DataType::Utf8View => column.as_string_view().iter().map(own).collect(),
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_any_dictionary_opt()?;
            let values = texts(dictionary.values())?;
            let key = |row: usize| -> Option<usize> {
                let keys = dictionary.keys();
                match keys.data_type() {
                    DataType::Int8 => Some(keys.as_primitive::<Int8Type>().value(row) as usize),
                    DataType::Int16 => Some(keys.as_primitive::<Int16Type>().value(row) as usize),
                    DataType::Int32 => Some(keys.as_primitive::<Int32Type>().value(row) as usize),
                    _ => None,
                }
            };
            let mut all = Vec::with_capacity(column.len());
            for row in 0..column.len() {
                all.push(if column.is_null(row) { None } else { values.get(key(row)?)?.clone() });
            }
            all
        }
        _ => return None,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        /// All kinds of cells.
        struct All = "all" {
            /// Name.
            name: String,
            /// A longer comment
            /// of two lines.
            share: Option<f64> ["1"],
            /// Whole number.
            count: i32,
            /// Yes or no.
            flag: Option<bool>,
        }
    }

    #[test]
    fn rows_come_back_and_nulls_are_kept() {
        let row = |name: &str, share, flag| All { name: name.into(), share, count: -3, flag };
        let rows = vec![row("a", Some(0.5), None), row("", None, Some(true))];
        let batch = All::batch(&rows);
        assert_eq!(All::rows(&batch).unwrap(), rows);
        assert_eq!(
            batch.schema().field(1).metadata()["description"],
            "A longer comment of two lines"
        );
        assert!(!batch.schema().field(0).is_nullable());
    }

    #[test]
    fn a_column_of_another_type_is_not_read() {
        record! {
            /// Same name, other type.
            struct Other = "all" {
                /// Name.
                name: i32,
            }
        }
        let rows = [All { name: "a".into(), share: None, count: 1, flag: None }];
        assert!(Other::rows(&All::batch(&rows)).is_none());
    }
}
