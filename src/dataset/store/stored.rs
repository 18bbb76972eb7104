//! Datasets in a store: the files of their folder, below an address.
//!
//! A dataset is read as a whole, and its content hash says whether it is the one that was written; so it is brought
//! into a temporary folder and read there. It is written the other way round: the description last, since what has
//! none is no dataset.

use std::path::Path;

use tempfile::TempDir;

use super::reserves;
use super::{DESCRIPTION, table_file};
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::dataset::metadata::TABLES;
use crate::objects::{Address, Missing, Store, StoreError, StoreProblem, Wanted};

/// Bytes of a table at most: many times what the largest dataset's has.
const MAX_TABLE: u64 = 16 << 30;

/// Bytes of a description at most.
const MAX_DESCRIPTION: u64 = 16 << 20;

/// Brings a dataset in shocksweep's own form into a temporary folder, which is removed when it is dropped.
///
/// # Errors
/// There is none, it cannot be read, or the disk has no room for it.
pub fn fetch(address: &Address) -> Result<TempDir, StoreError> {
    let store = Store::open(address)?;
    let local = |e: std::io::Error| StoreError::new(address.text(), e);
    let folder = tempfile::Builder::new().prefix("shocksweep-copy-").tempdir().map_err(local)?;
    let Some(description) = store.bytes(DESCRIPTION, MAX_DESCRIPTION)? else {
        let expected = "a dataset in shocksweep's own form there: dataset.toml and its tables";
        return Err(StoreError::new(address.text(), StoreProblem::NotFound(expected)));
    };
    std::fs::write(folder.path().join(DESCRIPTION), description).map_err(local)?;
    let wanted = TABLES.iter().chain(&[reserves::TABLE]).map(|table| {
        let name = table_file(table);
        // Which tables a dataset has it says by having them; what lacks fails where it is read.
        Wanted { to: folder.path().join(&name), name, limit: MAX_TABLE, missing: Missing::Allowed }
    });
    store.fetch(wanted.collect())?;
    Ok(folder)
}

/// Puts the dataset of a folder; an earlier one there is replaced if `force` is given.
///
/// # Errors
/// There is one already, or the store does not take it. Nothing half-written is left that counts as a dataset.
pub(super) fn put(folder: &Path, address: &Address, force: bool) -> Result<(), DatasetError> {
    let wrong =
        |error: StoreError| DatasetError::file(error.at.as_ref(), Problem::Store(error.problem));
    let exists = || DatasetError::file(address.text().as_ref(), Problem::Exists);
    let store = Store::open(address).map_err(wrong)?;
    let mut files = Vec::new();
    let io = |e: std::io::Error| DatasetError::file(folder, e);
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        files.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    files.sort();
    let is_there = store.size(DESCRIPTION).map_err(wrong)?.is_some();
    if is_there && !force {
        return Err(exists());
    }
    // Without its description the earlier one is no dataset, and none of its tables is taken for one of the new.
    let tables = TABLES.iter().chain(&super::REPORTS).chain(&[reserves::TABLE]);
    let earlier: Vec<String> = tables.map(|table| table_file(table)).collect();
    if is_there {
        store.remove(&[DESCRIPTION.to_string()]).map_err(wrong)?;
        store.remove(&earlier).map_err(wrong)?;
    }
    let (description, tables): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(name, _)| name == DESCRIPTION);
    store.put(tables).map_err(wrong)?;
    for (name, file) in description {
        let content = std::fs::read(&file).map_err(io)?;
        if !store.create(&name, content).map_err(wrong)? {
            return Err(exists());
        }
    }
    Ok(())
}
