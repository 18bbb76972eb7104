//! stub
use super::*;
use std::path::Path;
/// stub
#[derive(Debug, Default)]
pub struct ImportOptions {
    /// s
    pub name: Option<String>,
    /// s
    pub year: Option<i32>,
    /// s
    pub licence: Option<String>,
    /// s
    pub reconstructed: Vec<String>,
    /// s
    pub synthetic: Vec<String>,
}
/// stub
pub fn import(src: &Path, _o: &ImportOptions) -> Result<Dataset, DatasetError> {
    Err(DatasetError::file(src, error::Problem::NotUtf8))
}
/// stub
pub fn is_published_layout(_d: &Path) -> bool { false }
