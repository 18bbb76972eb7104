//! The folder a dataset is written to: what may lie there, and how the new one takes its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{DESCRIPTION, REPORTS, is_own_form, table_file};
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::dataset::metadata::TABLES;

/// What lies where a dataset is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occupant {
    /// Nothing.
    Nothing,
    /// An empty folder, which is filled.
    EmptyFolder,
    /// An earlier dataset, which is replaced.
    Dataset,
}

/// What lies at `out`, if a dataset may be written there.
///
/// # Errors
/// `out` is a link, holds anything but a dataset, or holds a dataset and `force` is not given.
pub(super) fn occupant(out: &Path, force: bool) -> Result<Occupant, DatasetError> {
    let failed = |e: io::Error| DatasetError::file(out, e);
    match fs::symlink_metadata(out) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Occupant::Nothing),
        Err(e) => return Err(failed(e)),
        Ok(found) if found.is_symlink() => {
            let text = "is a symbolic link, which is not replaced; give the folder it leads to";
            return Err(DatasetError::file(out, Problem::Inconsistent(text.into())));
        }
        Ok(_) => {}
    }
    if fs::read_dir(out).map_err(failed)?.next().is_none() {
        return Ok(Occupant::EmptyFolder);
    }
    if !(force && is_own_form(out)) {
        return Err(DatasetError::file(out, Problem::Exists));
    }
    refuse_foreign_files(out)?;
    Ok(Occupant::Dataset)
}

/// Replacing a dataset removes its folder: nothing else may lie there.
fn refuse_foreign_files(out: &Path) -> Result<(), DatasetError> {
    let failed = |e: io::Error| DatasetError::file(out, e);
    for entry in fs::read_dir(out).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let is_known = TABLES.iter().chain(&REPORTS).any(|table| table_file(table) == name);
        if name != DESCRIPTION && !is_known {
            let text = format!("holds `{name}`, which is no part of a dataset; it is not replaced");
            return Err(DatasetError::file(out, Problem::Inconsistent(text)));
        }
    }
    Ok(())
}

/// Gives a written folder the name `out`, where nothing lies, and makes the name durable.
pub(super) fn name(written: &Path, out: &Path) -> io::Result<()> {
    sync_folder(written)?;
    fs::rename(written, out)?;
    sync_folder(parent(out))
}

/// Moves all files of a written folder to the empty folder `out`, the description last: without
/// it the folder is no dataset.
pub(super) fn fill(written: &Path, out: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(written)? {
        names.push(entry?.file_name());
    }
    names.sort_by_key(|name| name == DESCRIPTION);
    for (moved, name) in names.iter().enumerate() {
        if let Err(e) = fs::rename(written.join(name), out.join(name)) {
            for name in &names[..moved] {
                // Best effort: the error that counts is the one at hand.
                let _ = fs::remove_file(out.join(name));
            }
            return Err(e);
        }
    }
    Ok(())
}

/// Puts a written folder in the place of the dataset at `out`, which stays whole until then: it
/// steps aside, and comes back if the new one cannot take its name.
pub(super) fn replace(written: &Path, out: &Path) -> Result<(), DatasetError> {
    let failed = |e: io::Error| DatasetError::file(out, e);
    let aside = aside(written, out);
    sync_folder(written).map_err(failed)?;
    fs::rename(out, &aside).map_err(failed)?;
    if let Err(e) = fs::rename(written, out) {
        let Err(stuck) = fs::rename(&aside, out) else { return Err(failed(e)) };
        let text = format!("could not be replaced ({e}) and now lies here ({stuck})");
        return Err(DatasetError::file(&aside, Problem::Inconsistent(text)));
    }
    sync_folder(parent(out)).map_err(failed)?;
    fs::remove_dir_all(&aside).map_err(|e| {
        let text = format!("the dataset was replaced, but the earlier one is still here: {e}");
        DatasetError::file(&aside, Problem::Inconsistent(text))
    })
}

/// Where the earlier dataset waits: in its own folder's folder, so that it can come back, under a
/// name derived from the new one's temporary name, which is nobody else's.
fn aside(written: &Path, out: &Path) -> PathBuf {
    let mut name = written.file_name().unwrap_or_default().to_os_string();
    name.push("-earlier");
    out.with_file_name(name)
}

/// The folder in which an absolute path lies.
pub(super) fn parent(absolute: &Path) -> &Path {
    absolute.parent().unwrap_or(absolute)
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows cannot open folders as files; its file system journals names by itself.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(at: &Path, content: &str) {
        fs::create_dir(at).unwrap();
        fs::write(at.join(DESCRIPTION), content).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn an_earlier_dataset_comes_back_when_it_cannot_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (out, written) = (dir.path().join("world"), dir.path().join(".new"));
        folder(&out, "old");
        // What lies inside steps aside as well, and is not found where it was.
        let inside = out.join("new");
        folder(&inside, "new");
        replace(&inside, &out).unwrap_err();
        assert_eq!(fs::read_to_string(out.join(DESCRIPTION)).unwrap(), "old");
        assert_eq!(names(dir.path()), ["world"]);
        fs::remove_dir_all(&inside).unwrap();

        folder(&written, "new");
        replace(&written, &out).unwrap();
        assert_eq!(fs::read_to_string(out.join(DESCRIPTION)).unwrap(), "new");
        assert_eq!(names(dir.path()), ["world"]);
    }
}
