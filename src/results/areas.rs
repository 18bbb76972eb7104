//! The area table: what questions about regions and development need beside the losses.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::Name;
use crate::dataset::Dataset;
use crate::dataset::hdi::HdiClass;

shocksweep_columnar::record! {
    /// An area.
    pub struct AreaRow = "areas" {
        /// name
        pub area: Name,
        /// ISO 3166-1 alpha-3 code
        pub iso3: String,
        /// region of the world
        pub region: Option<String>,
        /// population
        pub population: Option<f64> ["persons"],
        /// human development index
        pub hdi: Option<f64> ["1"],
        /// `low` below 0.55, `medium` below 0.70, `high` below 0.80, `very high`
        pub hdi_class: Option<String>,
        /// latitude
        pub latitude: Option<f64> ["degrees"],
        /// longitude
        pub longitude: Option<f64> ["degrees"],
    }
}

/// The areas of a dataset, in order.
pub fn rows(dataset: &Dataset) -> Vec<AreaRow> {
    let row = |a: &crate::dataset::Area| AreaRow {
        area: Name::from(&a.name),
        iso3: a.iso3.clone(),
        region: a.region.clone(),
        population: a.population,
        hdi: a.hdi,
        hdi_class: a.hdi.map(|hdi| HdiClass::of(hdi).name().to_string()),
        latitude: a.latitude,
        longitude: a.longitude,
    };
    dataset.labels.areas.iter().map(row).collect()
}

/// The area table of a result.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset))
}
