//! The two places of a result in a store: its address, and the folder where it is made.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::ledger;
use crate::objects::{Missing, Store, StoreError, Wanted};
use crate::sink::commit::read_back;
use crate::sink::folder::{LOSSES, MANIFEST, PARTS};
use crate::sink::ledger::{LEDGER, Ledger};
use crate::sink::manifest::{self, FileRecord, Manifest};
use crate::sink::own::is_file_of_result;
use crate::sink::{SinkError, close};

/// A store and its scratch.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) store: Store,
    pub(super) scratch: PathBuf,
}

impl Place {
    /// The address where a path is expected, for errors that name one.
    pub(super) fn root(&self) -> PathBuf {
        PathBuf::from(self.store.address().text())
    }

    /// A failure after which the scratch is all that holds what has been computed.
    pub(super) fn not_stored(&self, source: StoreError) -> SinkError {
        SinkError::NotStored { source, scratch: self.scratch.clone() }
    }

    /// Refuses an address that holds a result already.
    pub(super) fn check_free(&self) -> Result<(), SinkError> {
        let holds = |name: &str| Ok::<bool, StoreError>(self.store.size(name)?.is_some());
        if holds(MANIFEST)? || holds(LEDGER)? {
            return Err(SinkError::Exists(self.root()));
        }
        match holds(&ledger::name(0))? {
            true => Err(SinkError::Unfinished(self.root())),
            false => Ok(()),
        }
    }

    /// Removes an earlier result, and nothing else: the manifest first, since a result with it is complete, and
    /// the ledger last, since without it nothing says what lies there.
    pub(super) fn clear(&self) -> Result<(), SinkError> {
        let names = self.store.names()?;
        let has = |name: &str| names.iter().any(|n| n == name);
        if names.is_empty() {
            return Ok(());
        }
        let by_us = |text: Vec<u8>| text.windows(10).any(|word| word == b"shocksweep");
        let is_result = has(&ledger::name(0))
            || self.store.bytes(MANIFEST, manifest::MAX_BYTES)?.is_some_and(by_us);
        if !is_result {
            return Err(SinkError::Foreign(self.root()));
        }
        let first = ledger::name(0);
        let ours = names.into_iter().filter(|n| ledger::is_of_ledger(n) || is_file_of_result(n));
        let ours = ours.filter(|name| *name != first && name != MANIFEST);
        let (lines, tables): (Vec<String>, Vec<String>) =
            ours.partition(|name| ledger::is_of_ledger(name));
        for names in [vec![MANIFEST.to_string()], tables, lines, vec![first.clone()]] {
            self.store.remove(&names)?;
        }
        Ok(())
    }

    /// Brings what a run is continued from into the scratch; the bytes of the ledger that are in the store, and
    /// the number of its next object.
    pub(super) fn prepare(&self, note: &dyn Fn(&str)) -> Result<(u64, usize), SinkError> {
        let (lines, next) = ledger::read(&self.store)?;
        let path = self.scratch.join(LEDGER);
        let own = match path.exists() {
            true => shocksweep_columnar::read::bytes(&path, crate::sink::ledger::MAX_BYTES)?,
            false => Vec::new(),
        };
        // What makes it a folder of results, whatever else is brought.
        let losses = self.scratch.join(LOSSES);
        std::fs::create_dir_all(&losses).map_err(SinkError::io(&losses))?;
        if !own.starts_with(&lines) {
            // What others have recorded since counts; files of the scratch that fit it are taken.
            if !own.is_empty() {
                note("the scratch is of before what is in the store: the store's is continued");
            }
            std::fs::write(&path, &lines).map_err(SinkError::io(&path))?;
        }
        if next == 0 {
            return Ok((0, 0));
        }
        let problem = "holds no ledger of a shocksweep result".to_string();
        let unreadable =
            || SinkError::Unreadable { path: self.root().join(ledger::name(0)), problem };
        let known = Ledger::read(&self.scratch)?.ok_or_else(unreadable)?;
        let mut files: Vec<FileRecord> =
            known.parts.into_values().flat_map(|record| record.files).collect();
        if let Some(sealed) = known.closed {
            files = sealed.files;
            self.bring_manifest()?;
        }
        files.retain(|file| !file.path.starts_with(LOSSES));
        self.bring(&files, Missing::Allowed)?;
        Ok((lines.len() as u64, next))
    }

    fn bring_manifest(&self) -> Result<(), SinkError> {
        if let Some(text) = self.store.bytes(MANIFEST, manifest::MAX_BYTES)? {
            let path = self.scratch.join(MANIFEST);
            std::fs::write(&path, text).map_err(SinkError::io(&path))?;
        }
        Ok(())
    }

    /// Brings files into the scratch, but those that lie there as recorded. With [`Missing::Allowed`] those that are
    /// not in the store, or not as recorded, are left out.
    pub(super) fn bring(&self, files: &[FileRecord], missing: Missing) -> Result<(), SinkError> {
        let mut wanted: BTreeMap<&str, (&FileRecord, PathBuf)> = BTreeMap::new();
        for file in files {
            let to = self.scratch.join(&file.path);
            if !is_file_of_result(&file.path) {
                let problem = "is no file of a result".to_string();
                return Err(SinkError::Unreadable { path: self.root().join(&file.path), problem });
            }
            let is_here =
                read_back(&to).is_ok_and(|f| f.bytes == file.bytes && f.blake3 == file.blake3);
            if !is_here {
                wanted.insert(&file.path, (file, to));
            }
        }
        for (_, to) in wanted.values() {
            let folder = to.parent().unwrap_or(&self.scratch);
            std::fs::create_dir_all(folder).map_err(SinkError::io(folder))?;
        }
        let asked = wanted.iter().map(|(name, (file, to))| Wanted {
            name: name.to_string(),
            to: to.clone(),
            limit: file.bytes,
            missing,
        });
        let found = self.store.fetch(asked.collect())?;
        for ((name, (file, to)), found) in wanted.iter().zip(found) {
            let Some(found) = found else { continue };
            if found.bytes == file.bytes && found.blake3 == file.blake3 {
                continue;
            }
            std::fs::remove_file(to).map_err(SinkError::io(to))?;
            if missing == Missing::Wrong {
                let told = |bytes: u64, hash: &str| format!("{bytes} bytes with BLAKE3 {hash:.16}");
                let problem = crate::objects::StoreProblem::Differs {
                    found: told(found.bytes, &found.blake3),
                    expected: told(file.bytes, &file.blake3),
                };
                return Err(StoreError::new(self.store.address().below(name), problem).into());
            }
        }
        Ok(())
    }

    /// What is wrong with the first of some files that are neither in the scratch nor in the store as recorded. Losses
    /// in the store are known by their size: they are objects, which are whole, of the name of their part.
    pub(super) fn damage(&self, files: &[FileRecord]) -> Option<String> {
        let (losses, others): (Vec<FileRecord>, Vec<FileRecord>) =
            files.iter().cloned().partition(|file| file.path.starts_with(LOSSES));
        let damaged = |file: &FileRecord| {
            close::damage(&self.scratch, std::slice::from_ref(file))?;
            match self.store.size(&file.path) {
                Ok(Some(bytes)) if bytes == file.bytes => None,
                Ok(Some(bytes)) => {
                    Some(format!("{}: has {bytes} bytes instead of {}", file.path, file.bytes))
                }
                Ok(None) => Some(format!("{}: not found", file.path)),
                Err(error) => Some(error.to_string()),
            }
        };
        close::damage(&self.scratch, &others).or_else(|| losses.iter().find_map(damaged))
    }

    /// Names of the tables of parts, which a complete result has no more.
    fn part_tables(&self) -> Result<Vec<String>, SinkError> {
        let known = Ledger::read(&self.scratch)?;
        let files =
            known.into_iter().flat_map(|ledger| ledger.parts.into_values()).flat_map(|r| r.files);
        Ok(files.map(|file| file.path).filter(|path| path.starts_with(PARTS)).collect())
    }

    /// Puts the tables of a complete result that are no losses, and the manifest last, once `sealed` has brought the
    /// ledger there; then removes what is left of its parts.
    pub(super) fn finish(
        &self,
        manifest: &Manifest,
        sealed: impl FnOnce() -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let file = |name: &String| (name.clone(), self.scratch.join(name));
        let put =
            |files: Vec<(String, PathBuf)>| self.store.put(files).map_err(|e| self.not_stored(e));
        let tables = manifest.files.iter().map(|file| &file.path);
        put(tables.filter(|name| !name.starts_with(LOSSES)).map(file).collect())?;
        sealed()?;
        put(vec![file(&MANIFEST.to_string())])?;
        self.store.remove(&self.part_tables()?).map_err(|e| self.not_stored(e))
    }
}
