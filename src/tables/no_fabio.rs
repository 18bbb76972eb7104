//! Stands in for the reader of FABIO's distribution in builds without the feature `fabio`: it is
//! recognised, and refused.

use std::path::Path;

use super::Tables;
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;

/// Whether a folder holds FABIO's distribution.
pub fn is_here(folder: &Path) -> bool {
    ["mr_sup_mass.rds", "mr_use.rds"].iter().any(|name| folder.join(name).is_file())
}

/// Refuses it.
///
/// # Errors
/// Always.
pub fn read(folder: &Path, _years: Option<(i32, i32)>) -> Result<Tables, DatasetError> {
    let what =
        "FABIO's R files in this build of shocksweep (without the feature `fabio`)".to_string();
    let expected = "supply, use and demand as .csv or .parquet";
    Err(DatasetError::file(folder, Problem::Unsupported { what, expected }))
}
