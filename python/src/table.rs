//! Arrow tables, handed over without a copy.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use shocksweep_columnar::Record;

use crate::error;

/// Name that the Arrow PyCapsule interface gives streams.
const STREAM: &CStr = c"arrow_array_stream";

/// A table of results: an Arrow table that Polars, pandas, pyarrow and DuckDB take as it is.
///
/// Columns carry their unit and meaning as field metadata, the table says which data it comes from.
#[pyclass(frozen, module = "shocksweep")]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// A table of batches of one schema.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Table { schema, batches }
    }

    /// A table of one batch.
    pub fn of(batch: RecordBatch) -> Self {
        Table { schema: batch.schema(), batches: vec![batch] }
    }

    /// A table of declared rows; `about` says which data they are of.
    ///
    /// # Errors
    /// The columns do not fit the declaration.
    pub fn of_rows<R: Record>(about: &[(&str, String)], rows: &[R]) -> PyResult<Self> {
        let about = about.iter().map(|(key, value)| (format!("shocksweep.{key}"), value.clone()));
        let schema = R::schema_with(about.collect());
        let batch = RecordBatch::try_new(schema, R::columns(rows)).map_err(error::input)?;
        Ok(Table::of(batch))
    }

    /// The same table: columns are shared, not copied.
    pub fn share(&self) -> Self {
        Table { schema: Arc::clone(&self.schema), batches: self.batches.clone() }
    }

    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

#[pymethods]
impl Table {
    fn __len__(&self) -> usize {
        self.rows()
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Unit of every column that has one.
    #[getter]
    fn units<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.of_metadata(py, "unit")
    }

    /// Meaning of every column.
    #[getter]
    fn descriptions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.of_metadata(py, "description")
    }

    /// Where the numbers come from: name of the dataset, whether it is invented, warnings.
    #[getter]
    fn provenance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (key, value) in &self.schema.metadata {
            all.set_item(key.trim_start_matches("shocksweep."), value)?;
        }
        Ok(all)
    }

    /// The first rows.
    #[pyo3(signature = (rows = 10))]
    fn head(&self, rows: usize) -> Table {
        let mut left = rows;
        let mut batches = Vec::new();
        for batch in &self.batches {
            let take = left.min(batch.num_rows());
            if take > 0 {
                batches.push(batch.slice(0, take));
            }
            left -= take;
        }
        Table { schema: self.schema.clone(), batches }
    }

    /// The Arrow PyCapsule interface: a stream of record batches.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer answer with its own schema.
        let _ = requested_schema;
        let batches: Vec<_> = self.batches.iter().cloned().map(Ok).collect();
        let reader: Box<dyn RecordBatchReader + Send> =
            Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema)));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
    }
}

impl Table {
    fn of_metadata<'py>(&self, py: Python<'py>, key: &str) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for field in self.schema.fields() {
            if let Some(value) = field.metadata().get(key) {
                all.set_item(field.name(), value)?;
            }
        }
        Ok(all)
    }
}
