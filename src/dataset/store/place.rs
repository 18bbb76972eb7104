//! The folder something is written to: what may lie there, and how the new one takes its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::dataset::DatasetError;
use crate::dataset::error::Problem;

/// A kind of folder that is written as a whole.
pub(crate) struct Form {
    /// What it is, for messages: `a dataset`.
    pub(crate) what: &'static str,
    /// The file that makes a folder one of this kind; it gets its name last.
    pub(crate) description: &'static str,
    /// Whether a file of that name belongs to the kind.
    pub(crate) is_part: fn(&str) -> bool,
}

/// What lies where a folder is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occupant {
    /// Nothing.
    Nothing,
    /// An empty folder, which is filled.
    EmptyFolder,
    /// An earlier folder of the kind, which is replaced.
    Earlier,
}

/// Writes a folder: into a temporary one, which then takes the name `out`.
///
/// An empty folder at `out` is filled; an earlier one of the same kind is replaced if `force` is
/// given, and only if `check` finds nothing wrong with the new one.
///
/// # Errors
/// `out` is taken, `write` or `check` fails, or the disk refuses. Nothing half-written is left at
/// `out`, and what was there is still there.
pub(crate) fn put(
    out: &Path,
    form: &Form,
    force: bool,
    write: impl FnOnce(&Path) -> Result<(), DatasetError>,
    check: impl FnOnce(&Path) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let io = |e: io::Error| DatasetError::file(out, Problem::Io(e));
    // Without a final separator, which would lead through a link.
    crate::objects::check_folder(out).map_err(io)?;
    let place: PathBuf = std::path::absolute(out).map_err(io)?.components().collect();
    let occupant =
        occupant(&place, form, force).map_err(|e| DatasetError { path: out.to_path_buf(), ..e })?;
    // An empty folder may be a file system of its own: its files must be written within it.
    let around = if occupant == Occupant::EmptyFolder { &place } else { parent(&place) };
    fs::create_dir_all(around).map_err(io)?;
    remove_leftovers(around);
    let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(around).map_err(io)?;
    let written = temporary.path();
    // Held until the folder is written: what nobody holds is a dead process's.
    let _held = hold(written);
    write(written)?;
    match occupant {
        Occupant::EmptyFolder => {
            fill(written, &place, form).map_err(io)?;
            temporary.close().map_err(io)?;
            return sync_folder(&place).map_err(io);
        }
        Occupant::Nothing => name(written, &place).map_err(io)?,
        Occupant::Earlier => {
            // What cannot be read back must not replace what can.
            check(written)?;
            replace(written, &place)?;
        }
    }
    // The folder has its final name: nothing is left to clean up.
    let _ = temporary.keep();
    Ok(())
}

/// Start of the names of folders in the making.
const TEMPORARY: &str = ".shocksweep-";

/// End of the name of a folder that has stepped aside: it may be the only copy of what it holds.
const ASIDE: &str = "-earlier";

/// Age from which a folder in the making that nobody holds is a leftover: one is made, then held.
const LEFT_FOR: Duration = Duration::from_secs(60);

/// Holds a folder in the making, where the file system has locks.
fn hold(folder: &Path) -> Option<File> {
    let held = File::open(folder).ok()?;
    held.try_lock().ok()?;
    Some(held)
}

/// Removes folders that processes which were killed have left in the making. Best effort: they are
/// in nobody's way.
fn remove_leftovers(around: &Path) {
    let Ok(entries) = fs::read_dir(around) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_leftover = || -> Option<bool> {
            let found = fs::symlink_metadata(entry.path()).ok()?;
            let age = found.modified().ok()?.elapsed().ok()?;
            Some(found.is_dir() && age > LEFT_FOR && hold(&entry.path()).is_some())
        };
        if name.starts_with(TEMPORARY) && !name.ends_with(ASIDE) && is_leftover() == Some(true) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// What lies at `out`, if a folder may be written there.
///
/// # Errors
/// `out` is a link, holds anything but a folder of the kind, or holds one and `force` is not given.
fn occupant(out: &Path, form: &Form, force: bool) -> Result<Occupant, DatasetError> {
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
    if !(force && out.join(form.description).is_file()) {
        return Err(DatasetError::file(out, Problem::Exists));
    }
    refuse_foreign_files(out, form)?;
    Ok(Occupant::Earlier)
}

/// Replacing removes the earlier folder: nothing else may lie there.
fn refuse_foreign_files(out: &Path, form: &Form) -> Result<(), DatasetError> {
    let failed = |e: io::Error| DatasetError::file(out, e);
    for entry in fs::read_dir(out).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        if name != form.description && !(form.is_part)(&name) {
            let what = form.what;
            let text = format!("holds `{name}`, which is no part of {what}; it is not replaced");
            return Err(DatasetError::file(out, Problem::Inconsistent(text)));
        }
    }
    Ok(())
}

/// Gives a written folder the name `out`, where nothing lies, and makes the name durable.
fn name(written: &Path, out: &Path) -> io::Result<()> {
    sync_folder(written)?;
    fs::rename(written, out)?;
    sync_folder(parent(out))
}

/// Moves all files of a written folder to the empty folder `out`, the description last.
fn fill(written: &Path, out: &Path, form: &Form) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(written)? {
        names.push(entry?.file_name());
    }
    names.sort_by_key(|name| name == form.description);
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

/// Puts a written folder in the place of the one at `out`, which stays whole until then: it steps
/// aside, and comes back if the new one cannot take its name.
fn replace(written: &Path, out: &Path) -> Result<(), DatasetError> {
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
        let text = format!("was replaced, but the earlier one is still here: {e}");
        DatasetError::file(&aside, Problem::Inconsistent(text))
    })
}

/// Where the earlier folder waits: in its own folder's folder, so that it can come back, under a
/// name derived from the new one's temporary name, which is nobody else's.
fn aside(written: &Path, out: &Path) -> PathBuf {
    let mut name = written.file_name().unwrap_or_default().to_os_string();
    name.push(ASIDE);
    out.with_file_name(name)
}

/// The folder in which an absolute path lies.
fn parent(absolute: &Path) -> &Path {
    absolute.parent().unwrap_or(absolute)
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows cannot open folders as files; its file system journals names by itself.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::DESCRIPTION;
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
    fn leftovers_of_killed_processes_are_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * LEFT_FOR;
        let old = |name: &str| {
            let at = dir.path().join(name);
            folder(&at, "content");
            File::open(&at).unwrap().set_modified(long_ago).unwrap();
            at
        };
        let dead = old(".shocksweep-dead");
        let [held, aside, other] = [".shocksweep-held", ".shocksweep-a-earlier", "mine"].map(old);
        let young = dir.path().join(".shocksweep-young");
        folder(&young, "content");
        let holder = hold(&held).expect("a lock");
        remove_leftovers(dir.path());
        assert!(!dead.exists());
        for kept in [&held, &aside, &other, &young] {
            assert!(kept.join(DESCRIPTION).exists(), "{}", kept.display());
        }
        drop(holder);
        remove_leftovers(dir.path());
        assert!(!held.exists());
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
