//! Columns of lists: of texts, or of rows.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field};

use crate::{Cell, Record};

/// A column of lists; `inner` are the values of all rows, one after the other.
fn lists(field: Field, lengths: impl Iterator<Item = usize>, inner: ArrayRef) -> ArrayRef {
    let offsets = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(Arc::new(field), offsets, inner, None))
}

/// The values of a column of lists, and where each row's start and end.
fn of_lists(column: &ArrayRef) -> Option<(ArrayRef, Vec<std::ops::Range<usize>>)> {
    let lists = column.as_list_opt::<i32>()?;
    let offsets = lists.value_offsets();
    if column.null_count() > 0 {
        return None;
    }
    let ranges =
        offsets.windows(2).map(|w| Some(usize::try_from(w[0]).ok()?..usize::try_from(w[1]).ok()?));
    Some((lists.values().clone(), ranges.collect::<Option<_>>()?))
}

impl Cell for Vec<String> {
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Utf8, false)))
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        let all: Vec<&Self> = values.collect();
        let inner: StringArray = all.iter().flat_map(|list| list.iter()).map(Some).collect();
        let field = Field::new("item", DataType::Utf8, false);
        lists(field, all.iter().map(|list| list.len()), Arc::new(inner))
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        let (inner, ranges) = of_lists(column)?;
        let inner = String::read(&inner)?;
        ranges.into_iter().map(|range| Some(inner.get(range)?.to_vec())).collect()
    }
}

impl<R: Record + Clone> Cell for Vec<R> {
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Struct(R::fields().into()), false)))
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        let all: Vec<&Self> = values.collect();
        let rows: Vec<R> = all.iter().flat_map(|list| list.iter().cloned()).collect();
        let inner = StructArray::new(R::fields().into(), R::columns(&rows), None);
        let field = Field::new("item", DataType::Struct(R::fields().into()), false);
        lists(field, all.iter().map(|list| list.len()), Arc::new(inner))
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        let (inner, ranges) = of_lists(column)?;
        let inner = R::rows(&RecordBatch::from(inner.as_struct_opt()?.clone()))?;
        ranges.into_iter().map(|range| Some(inner.get(range)?.to_vec())).collect()
    }
}
