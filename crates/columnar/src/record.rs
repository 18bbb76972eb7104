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
//! // A column whose name is no identifier: `pub lower: f64 = "q2.5" ["1"]`.
//! use shocksweep_columnar::Record;
//! let rows = vec![Trade { item: "Magnets".into(), exports: 3.5, unit_value: None }];
//! let batch = Trade::batch(&rows);
//! assert_eq!(batch.schema().field(1).metadata()["unit"], "kUSD");
//! assert_eq!(Trade::rows(&batch).unwrap(), rows);
//! ```

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema, SchemaRef};

use crate::TableError;
use crate::cell::{Cell, is_read_as, words};
use crate::read::Table;

/// Most bytes of the rows of a table in memory.
pub const MAX_BYTES: u64 = 4 << 30;

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

    /// The schema of a table that says where it comes from.
    fn schema_with(metadata: HashMap<String, String>) -> SchemaRef {
        Arc::new(Schema::new_with_metadata(Self::fields(), metadata))
    }

    /// Names of the columns.
    fn names() -> Vec<String> {
        Self::fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Rows of a file, a batch at a time.
    ///
    /// # Errors
    /// The file cannot be read, or has other columns.
    fn batches(
        path: &Path,
    ) -> Result<impl Iterator<Item = Result<Vec<Self>, TableError>>, TableError> {
        let table = Table::open(path)?;
        let fields = Self::fields();
        for field in &fields {
            let Some((_, found)) = table.schema().fields().find(field.name()) else {
                let (path, column) = (path.to_path_buf(), field.name().clone());
                return Err(TableError::Missing { path, column });
            };
            if !is_read_as(found.data_type(), field.data_type()) {
                return Err(TableError::Kind {
                    path: path.to_path_buf(),
                    column: field.name().clone(),
                    kind: found.data_type().to_string(),
                    expected: words(field.data_type()),
                });
            }
        }
        let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        let problem = "has missing values where none may be missing, or too long texts";
        let bad = move || TableError::parquet(path)(problem.to_string());
        Ok(table.columns(&names)?.map(move |batch| Self::rows(&batch?).ok_or_else(&bad)))
    }

    /// Calls `with` for the rows of a file, a batch at a time.
    ///
    /// # Errors
    /// As [`Record::batches`].
    fn each(path: &Path, mut with: impl FnMut(Vec<Self>)) -> Result<(), TableError> {
        for rows in Self::batches(path)? {
            with(rows?);
        }
        Ok(())
    }

    /// All rows of a file.
    ///
    /// # Errors
    /// As [`Record::each`]; or they take more than [`MAX_BYTES`] in memory.
    fn read(path: &Path) -> Result<Vec<Self>, TableError> {
        let mut all = Vec::new();
        // More rows than fit are refused before the first is read.
        let rows = Table::open(path)?.rows();
        if rows.saturating_mul(size_of::<Self>() as u64) > MAX_BYTES {
            let (what, limit) = ("rows", MAX_BYTES / size_of::<Self>().max(1) as u64);
            return Err(TableError::TooLarge { path: path.to_path_buf(), what, limit });
        }
        Self::each(path, |rows| all.extend(rows))?;
        Ok(all)
    }

    /// Rows as one batch.
    fn batch(rows: &[Self]) -> RecordBatch {
        // The columns are made from the same declaration as the schema.
        RecordBatch::try_new(Self::schema(), Self::columns(rows)).expect("columns fit their schema")
    }
}

/// Declares a table: see the [module](mod@crate::record).
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $about:expr])*
        $(#[derive($($derive:ident),* $(,)?)])?
        $visibility:vis struct $name:ident = $table:literal {
            $(
                $(#[doc = $meaning:expr])*
                $field_visibility:vis $field:ident : $kind:ty $(= $column:literal)? $([$unit:expr])?
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
                        $crate::column_name!($field $(, $column)?),
                        &[$($unit)?],
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
                    let $field = batch.column_by_name($crate::column_name!($field $(, $column)?))?;
                    let mut $field = <$kind as $crate::Cell>::read($field)?.into_iter();
                )*
                (0..batch.num_rows())
                    .map(|_| ::std::option::Option::Some($name { $($field: $field.next()?),* }))
                    .collect()
            }
        }
    };
}

/// The column's own name where it is no identifier, else that of the field.
#[doc(hidden)]
#[macro_export]
macro_rules! column_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $column:literal) => {
        $column
    };
}

/// A column of the declaration; `about` are the lines of its comment.
#[doc(hidden)]
pub fn field<T: Cell>(name: &str, unit: &[&str], about: &[&str]) -> Field {
    let mut metadata = HashMap::new();
    if let Some(unit) = unit.first() {
        metadata.insert("unit".to_string(), unit.to_string());
    }
    let about = about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    metadata.insert("description".to_string(), about.trim_end_matches('.').to_string());
    Field::new(name, T::data_type(), T::NULLABLE).with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

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
            /// One of a few names.
            area: Name,
            /// Names in a row.
            rules: Vec<String>,
            /// Rows in a row.
            parts: Vec<Part>,
        }
    }

    record! {
        /// A row within a row.
        struct Part = "part" {
            /// Name, if any.
            item: Option<Name>,
            /// Size.
            size: f64,
        }
    }

    fn all(name: &str, share: Option<f64>, flag: Option<bool>) -> All {
        let part = |item: Option<&str>, size| Part { item: item.map(Name::from), size };
        All {
            name: name.into(),
            share,
            count: -3,
            flag,
            area: if name.is_empty() { "Aland".into() } else { name.into() },
            rules: name.chars().map(String::from).collect(),
            parts: if name.is_empty() {
                Vec::new()
            } else {
                vec![part(Some(name), 1.0), part(None, 2.0)]
            },
        }
    }

    record! {
        /// A name that is no identifier.
        struct Named = "named" {
            /// Lower end.
            lower: Option<f64> = "q2.5" ["1"],
        }
    }

    #[test]
    fn a_column_may_have_a_name_of_its_own() {
        let rows = vec![Named { lower: Some(0.1) }, Named { lower: None }];
        let batch = Named::batch(&rows);
        assert_eq!(batch.schema().field(0).name(), "q2.5");
        assert_eq!(Named::rows(&batch).unwrap(), rows);
    }

    #[test]
    fn rows_come_back_and_nulls_are_kept() {
        let rows = vec![
            all("a", Some(0.5), None),
            all("", None, Some(true)),
            all("bc", None, None),
            all("a", None, None),
        ];
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
        let rows = [all("a", None, None)];
        assert!(Other::rows(&All::batch(&rows)).is_none());

        let folder = tempfile::tempdir().unwrap();
        crate::write::table(folder.path(), &rows, false).unwrap();
        let path = folder.path().join("all.parquet");
        assert_eq!(All::read(&path).unwrap(), rows);
        let error = Other::read(&path).unwrap_err().to_string();
        assert!(
            error.ends_with("type Utf8 is not supported; expected 32-bit whole numbers"),
            "{error}"
        );
        record! {
            /// A column that is not there.
            struct More = "all" {
                /// Name.
                names: String,
            }
        }
        let error = More::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("has no column `names`"), "{error}");
    }
}
