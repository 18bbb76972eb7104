//! stub
use super::*;
use std::path::Path;
/// stub
pub fn write(_d: &Dataset, out: &Path, _f: bool) -> Result<(), DatasetError> {
    Err(DatasetError::file(out, error::Problem::NotUtf8))
}
/// stub
pub fn read(src: &Path) -> Result<Dataset, DatasetError> {
    Err(DatasetError::file(src, error::Problem::NotUtf8))
}
/// stub
pub fn is_own_form(_d: &Path) -> bool { false }
