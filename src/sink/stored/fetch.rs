//! A result of a store as a folder.

use tempfile::TempDir;

use super::ledger;
use super::place::Place;
use crate::objects::{Address, Missing, Store, StoreError, StoreProblem};
use crate::sink::SinkError;
use crate::sink::folder::MANIFEST;
use crate::sink::ledger::{LEDGER, Ledger, MAX_BYTES};
use crate::sink::manifest::{self, FileRecord, Manifest};

/// What is wanted of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything.
    Whole,
    /// Ledger and manifest: how far it is.
    Ledger,
}

/// Brings a result, finished or not, into a temporary folder, which is removed when it is dropped.
///
/// What there is to bring is said by its manifest, or by the ledger of an unfinished one; every file is compared
/// with the size and the checksum that are recorded there. The ledger may be numbered objects, as a run writes them,
/// or a file, as in a folder that was copied to a store or that a web server shows.
///
/// # Errors
/// There is no result, a file is not there or not as recorded, or the disk has no room for it.
pub fn fetch(address: &Address, extent: Extent) -> Result<TempDir, SinkError> {
    let store = Store::open(address)?;
    let temporary = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("shocksweep-copy-").tempdir();
    let folder = folder.map_err(SinkError::io(&temporary))?;
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).map_err(SinkError::io(&path))
    };
    let manifest = store.bytes(MANIFEST, manifest::MAX_BYTES)?;
    let (mut lines, numbered) = ledger::read(&store)?;
    if numbered == 0 {
        lines = store.bytes(LEDGER, MAX_BYTES)?.unwrap_or_default();
    }
    if manifest.is_none() && lines.is_empty() {
        let expected =
            "a shocksweep result there: its manifest.json, or the ledger of an unfinished one";
        return Err(StoreError::new(address.text(), StoreProblem::NotFound(expected)).into());
    }
    if !lines.is_empty() {
        write(LEDGER, &lines)?;
    }
    if let Some(manifest) = &manifest {
        write(MANIFEST, manifest)?;
    }
    if extent == Extent::Ledger {
        return Ok(folder);
    }
    let files: Vec<FileRecord> = match manifest {
        Some(_) => Manifest::read(&folder.path().join(MANIFEST))?.files,
        None => {
            let known = Ledger::read(folder.path())?;
            known.into_iter().flat_map(|l| l.parts.into_values()).flat_map(|r| r.files).collect()
        }
    };
    let place = Place { store, scratch: folder.path().to_path_buf() };
    place.bring(&files, Missing::Wrong)?;
    Ok(folder)
}
