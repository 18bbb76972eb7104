//! The result folder: created before the work, closed by its manifest.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use shocksweep_columnar::read;

use super::SinkError;
use super::commit::{Pending, sync_folder};
use super::manifest::Manifest;
use super::own::{is_own, is_own_path, is_result, is_without_locks};

/// Name of the manifest in a result folder.
pub const MANIFEST: &str = "manifest.json";
/// Name of the scenario table in a result folder.
pub const SCENARIOS: &str = "scenarios.parquet";
/// Name of the folder of loss tables in a result folder.
pub const LOSSES: &str = "losses";
/// Name of the trace table in a result folder.
pub const TRACE: &str = "trace.parquet";
/// Name of the area table in a result folder.
pub const AREAS: &str = "areas.parquet";
/// Name of the item table.
pub const ITEMS: &str = "items.parquet";
/// Name of the baseline table.
pub const BASELINE: &str = "baseline.parquet";
/// Name of the event table in a result folder.
pub const EVENTS: &str = "events.parquet";
/// What reserves gave.
pub const RESERVES: &str = "reserves.parquet";
/// Name of the table of superpositions in a result folder.
pub const SUPERPOSITION: &str = "superposition.parquet";
/// Name of the table of triples in a result folder.
pub const TRIPLES: &str = "triples.parquet";
/// Name of the table of receiving areas in a result folder.
pub const RECEIVERS: &str = "receivers.parquet";
/// Name of the table of the items that differences consist of in a result folder.
pub const DIFFERENCE_ITEMS: &str = "difference_items.parquet";
/// Name of a screening's table of best pairs in a result folder.
pub const RANKING: &str = "ranking.parquet";
/// Name of a screening's table of moments in a result folder.
pub const MOMENTS: &str = "moments.parquet";
/// Name of a screening's table of all pairs above a threshold in a result folder.
pub const MATRIX: &str = "matrix.parquet";
/// Name of a screening's table of histograms in a result folder.
pub const HISTOGRAM: &str = "histogram.parquet";
/// Name of the folder of what is put together at the end: tables by part.
pub const PARTS: &str = "parts";
/// Name of the file whose lock says that a process is at work.
pub const LOCK: &str = "lock";

/// A result folder open for writing; no other process writes to it meanwhile.
#[derive(Debug)]
pub struct ResultFolder {
    root: PathBuf,
    /// Locked until it is closed, however this process ends.
    _lock: File,
    is_locked: bool,
}

impl ResultFolder {
    /// Makes an empty result folder at `root`.
    ///
    /// With `force`, an earlier shocksweep result there is removed first; nothing else ever is.
    ///
    /// # Errors
    /// The folder holds something already, is in use, or cannot be made.
    pub fn create(root: &Path, force: bool) -> Result<Self, SinkError> {
        let occupied = is_occupied(root)?;
        if occupied {
            if is_in_use(root) {
                return Err(SinkError::InUse(root.to_path_buf()));
            }
            if !force {
                let finished = root.join(MANIFEST).exists() || !is_result(root);
                return Err(if finished {
                    SinkError::Exists(root.to_path_buf())
                } else {
                    SinkError::Unfinished(root.to_path_buf())
                });
            }
            if !is_result(root) {
                return Err(SinkError::Foreign(root.to_path_buf()));
            }
        }
        let folder = Self::locked(root)?;
        if occupied {
            remove_result(root)?;
        }
        Ok(folder)
    }

    /// Opens a folder to continue the result in it, or makes an empty one.
    ///
    /// # Errors
    /// The folder holds something else, is in use, or cannot be made.
    pub fn resume(root: &Path) -> Result<Self, SinkError> {
        if is_occupied(root)? && !is_result(root) {
            return Err(SinkError::Foreign(root.to_path_buf()));
        }
        let folder = Self::locked(root)?;
        folder.remove_temporary()?;
        Ok(folder)
    }

    /// Makes the folders and takes the lock.
    fn locked(root: &Path) -> Result<Self, SinkError> {
        let path = root.join(LOCK);
        crate::objects::check_folder(root).map_err(SinkError::io(root))?;
        fs::create_dir_all(root).map_err(SinkError::io(root))?;
        refuse_links(root)?;
        let lock = File::create(&path).map_err(SinkError::io(&path))?;
        let is_locked = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => return Err(SinkError::InUse(root.to_path_buf())),
            Err(TryLockError::Error(e)) if is_without_locks(&e) => false,
            Err(TryLockError::Error(e)) => return Err(SinkError::io(&path)(e)),
        };
        for name in [LOSSES, PARTS] {
            let folder = root.join(name);
            fs::create_dir_all(&folder).map_err(SinkError::io(&folder))?;
        }
        // Names are durable before anything is recorded in them.
        sync_folder(root)?;
        Ok(ResultFolder { root: root.to_path_buf(), _lock: lock, is_locked })
    }

    /// Whether the folder's file system keeps other processes out; where it has no locks, the user
    /// sees to it that one process writes.
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// The folder's path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Removes files that a process left unfinished.
    fn remove_temporary(&self) -> Result<(), SinkError> {
        for folder in [self.root.clone(), self.root.join(LOSSES), self.root.join(PARTS)] {
            for path in files_of(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name.ends_with(".tmp") && is_own(&name) {
                    fs::remove_file(&path).map_err(SinkError::io(&path))?;
                }
            }
        }
        Ok(())
    }

    /// Makes the names of committed parts durable, and that of the ledger.
    ///
    /// # Errors
    /// A folder cannot be synced.
    pub fn sync_parts(&self) -> Result<(), SinkError> {
        sync_folder(&self.root)?;
        sync_folder(&self.root.join(LOSSES))?;
        Ok(sync_folder(&self.root.join(PARTS))?)
    }

    /// Removes the tables of an earlier run, which nothing says anything of any more: readers that
    /// take whatever lies there would sum them.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear(&self) -> Result<(), SinkError> {
        self.remove(MANIFEST)?;
        for folder in [self.root.join(LOSSES), self.root.join(PARTS)] {
            for path in files_of(&folder)?.into_iter().filter(|path| is_own_path(path)) {
                fs::remove_file(&path).map_err(SinkError::io(&path))?;
            }
        }
        let tables = [SCENARIOS, TRACE, AREAS, ITEMS, BASELINE, EVENTS, RESERVES, DIFFERENCE_ITEMS];
        tables
            .iter()
            .chain(&[SUPERPOSITION, TRIPLES, RECEIVERS, RANKING, MATRIX, MOMENTS, HISTOGRAM])
            .try_for_each(|name| self.remove(name))
    }

    /// Removes a file of the result, if it is there.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), SinkError> {
        let path = self.root.join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(SinkError::io(&path)(e)),
            _ => Ok(()),
        }
    }

    /// Writes the manifest, which makes the result complete, and removes the tables by part that
    /// have been put together.
    ///
    /// # Errors
    /// The manifest cannot be written.
    pub fn finish(self, manifest: &Manifest) -> Result<(), SinkError> {
        sync_folder(&self.root.join(LOSSES))?;
        let path = self.root.join(MANIFEST);
        let mut pending = Pending::create(&path)?;
        let unwritable = |e: serde_json::Error| SinkError::io(&path)(e.into());
        serde_json::to_writer_pretty(&mut pending, manifest).map_err(unwritable)?;
        pending.commit()?;
        sync_folder(&self.root)?;
        self.clear_parts()
    }

    /// Removes the tables by part of a complete result.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear_parts(&self) -> Result<(), SinkError> {
        let parts = self.root.join(PARTS);
        for path in files_of(&parts)?.into_iter().filter(|path| is_own_path(path)) {
            fs::remove_file(&path).map_err(SinkError::io(&path))?;
        }
        // Fails where somebody put a file of his own there: it stays.
        let _ = fs::remove_dir(&parts);
        Ok(())
    }
}

/// Whether a process is at work on the result in a folder.
pub fn is_in_use(root: &Path) -> bool {
    let Ok(lock) = read::open(&root.join(LOCK)) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Refuses a result in which a link could lead what is written elsewhere; those of others, under names
/// that nothing is written to, may be.
fn refuse_links(root: &Path) -> Result<(), SinkError> {
    for folder in [root.to_path_buf(), root.join(LOSSES), root.join(PARTS)] {
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(SinkError::io(&folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(SinkError::io(&folder))?;
            let own = is_own(&entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(SinkError::io(&folder))?;
            // Links, and pipes and devices, which would be waited for without end.
            if own && !(kind.is_file() || kind.is_dir()) {
                return Err(SinkError::Foreign(entry.path()));
            }
        }
    }
    Ok(())
}

fn is_occupied(root: &Path) -> Result<bool, SinkError> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(SinkError::io(root)(e)),
    }
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, SinkError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(SinkError::io(folder)(e)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(SinkError::io(folder))?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// File name of the n-th loss table.
pub fn part_name(part: usize) -> String {
    format!("part-{part:05}.parquet")
}

/// Path of the n-th part of a table in the result folder: losses stay in parts, other tables are
/// put together at the end.
pub fn part_path(table: &str, part: usize) -> String {
    if table == LOSSES {
        return format!("{LOSSES}/{}", part_name(part));
    }
    let stem = table.trim_end_matches(".parquet");
    format!("{PARTS}/{stem}-{part:05}.parquet")
}

/// Removes the files of an earlier result, by name, and nothing else. The manifest goes first: a
/// result with it is complete.
fn remove_result(root: &Path) -> Result<(), SinkError> {
    let manifest = root.join(MANIFEST);
    if manifest.exists() {
        fs::remove_file(&manifest).map_err(SinkError::io(&manifest))?;
    }
    for folder in [root.join(LOSSES), root.join(PARTS), root.to_path_buf()] {
        for path in files_of(&folder)?.into_iter().filter(|path| is_own_path(path)) {
            if path.file_name().is_none_or(|name| name != LOCK) {
                fs::remove_file(&path).map_err(SinkError::io(&path))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::ledger::LEDGER;
    use super::*;

    #[test]
    fn only_a_result_is_replaced_and_only_when_forced() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let folder = ResultFolder::create(&out, false).unwrap();
        let part = out.join(part_path(LOSSES, 0));
        fs::write(&part, "x").unwrap();
        assert!(matches!(ResultFolder::create(&out, true), Err(SinkError::InUse(_))));
        assert!(matches!(ResultFolder::resume(&out), Err(SinkError::InUse(_))));
        assert!(is_in_use(&out));
        drop(folder);
        assert!(!is_in_use(&out));
        assert!(matches!(ResultFolder::create(&out, false), Err(SinkError::Unfinished(_))));
        fs::write(out.join(MANIFEST), "{}").unwrap();
        assert!(matches!(ResultFolder::create(&out, false), Err(SinkError::Exists(_))));
        drop(ResultFolder::resume(&out).unwrap());
        assert!(part.exists());
        drop(ResultFolder::create(&out, true).unwrap());
        assert!(!part.exists() && !out.join(MANIFEST).exists());

        // What others put beside a result stays, and is in nobody's way.
        let others = [".snakemake_timestamp", ".nfs0001", "report.html", "losses/notes.txt"];
        others.iter().for_each(|name| fs::write(out.join(name), "theirs").unwrap());
        fs::write(out.join(LEDGER), "").unwrap();
        drop(ResultFolder::resume(&out).unwrap());
        fs::write(&part, "x").unwrap();
        drop(ResultFolder::create(&out, true).unwrap());
        assert!(!part.exists());
        assert!(others.iter().all(|name| out.join(name).exists()));

        let foreign = dir.path().join("precious");
        fs::create_dir_all(foreign.join(LOSSES)).unwrap();
        fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(ResultFolder::create(&foreign, true), Err(SinkError::Foreign(_))));
        assert!(foreign.join("thesis.txt").exists());
    }
}
