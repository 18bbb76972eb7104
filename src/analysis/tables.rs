//! How the tables of a result are read: files of losses, names.

use std::path::{Path, PathBuf};

use arrow_array::ArrayRef;
use shocksweep_columnar::Cell;

use crate::results::Name;
use crate::sink::SinkError;
use crate::sink::folder::{LOSSES, MANIFEST};
use crate::sink::ledger::{self, Ledger};
use crate::sink::manifest::Manifest;

/// The loss tables of a result, in order: those that its manifest names or, of an unfinished one, its
/// ledger. Tables that lie beside them, of an earlier run perhaps, are not the result's.
pub(super) fn parts(root: &Path) -> Result<Vec<PathBuf>, SinkError> {
    let manifest = root.join(MANIFEST);
    let files = if manifest.exists() {
        let of = Manifest::read(&manifest)?;
        if !of.job.losses.are_all() {
            let problem = "keeps totals by scenario alone (`losses = \"none\"`), no losses by sector: run \
                           the job without that to sum or show them";
            return Err(SinkError::Unreadable {
                path: root.to_path_buf(),
                problem: problem.to_string(),
            });
        }
        of.files
    } else {
        let parts = Ledger::read(root)?.map(|ledger| ledger.parts).unwrap_or_default();
        parts.into_values().flat_map(|part| part.files).collect()
    };
    let is_loss = |path: &str| Path::new(path).starts_with(LOSSES) && ledger::is_inside(path);
    let losses = files.into_iter().filter(|file| is_loss(&file.path));
    let mut paths: Vec<PathBuf> = losses.map(|file| root.join(file.path)).collect();
    paths.sort();
    Ok(paths)
}

/// Texts of a dictionary column.
pub(super) fn names(column: &ArrayRef) -> Option<Vec<Name>> {
    Name::read(column)
}

pub(crate) fn unreadable(path: &Path) -> SinkError {
    let problem = "does not have the columns of a result's table".to_string();
    SinkError::Unreadable { path: path.to_path_buf(), problem }
}
