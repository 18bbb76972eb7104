//! Names out of a few, which many rows have.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{ArrayRef, DictionaryArray};
use arrow_schema::DataType;

use crate::cell::{Cell, named};

/// A name out of a few: many rows have it, the column is a dictionary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: AsRef<str>> From<T> for Name {
    fn from(name: T) -> Self {
        Name(name.as_ref().into())
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Type of a column of [`Name`]s.
pub fn name_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8))
}

impl Cell for Name {
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        name_type()
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        Arc::new(values.map(|name| Some(&*name.0)).collect::<DictionaryArray<Int16Type>>())
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        Option::<Name>::read(column)?.into_iter().collect()
    }
}

impl Cell for Option<Name> {
    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        name_type()
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        let names = values.map(|name| name.as_ref().map(|name| &*name.0));
        Arc::new(names.collect::<DictionaryArray<Int16Type>>())
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        let mut known: HashMap<String, Name> = HashMap::new();
        named(column, &mut |text| {
            if let Some(name) = known.get(text) {
                return Some(name.clone());
            }
            let name = Name::from(text);
            known.insert(text.to_string(), name.clone());
            Some(name)
        })
    }
}
