//! A process at work on a result: what it finds there, what it adds, how it closes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use super::{Progress, RunOptions, Start};
use crate::sink::commit::read_back;
use crate::sink::concat::concat;
use crate::sink::folder::{LOSSES, MANIFEST, PARTS};
use crate::sink::ledger::{self, Header, Ledger, LedgerWriter, PartRecord, Shard};
use crate::sink::manifest::{Counts, FileRecord, Manifest, Times};
use crate::sink::{ResultFolder, SinkError};

/// Seconds since 1970-01-01 UTC; 0 on a clock that is before that.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

/// A result folder with its ledger, open for work.
pub struct Session {
    folder: ResultFolder,
    ledger: LedgerWriter,
    header: Header,
    done: BTreeSet<usize>,
}

/// What there is to do in a result folder.
pub enum Opened {
    /// Work.
    Open(Box<Session>),
    /// Nothing: the result is complete and undamaged.
    Complete(Box<Manifest>),
}

impl Session {
    /// Opens the folder of a run as the options say.
    ///
    /// # Errors
    /// The folder holds something else, a different run, or is in use.
    pub fn open(
        root: &Path,
        options: &RunOptions<'_>,
        header: Header,
        progress: &dyn Progress,
    ) -> Result<Opened, SinkError> {
        let (folder, known) = match options.start {
            Start::New => (ResultFolder::create(root, false)?, None),
            Start::Replace => (ResultFolder::create(root, true)?, None),
            Start::Resume => {
                let folder = ResultFolder::resume(root)?;
                let known = Ledger::read(root)?;
                if known.is_none() && root.join(MANIFEST).exists() {
                    progress.note("the ledger cannot be read: everything is computed again");
                    folder.remove(MANIFEST)?;
                }
                (folder, known)
            }
        };
        let mut done = BTreeSet::new();
        let mut ledger = match known {
            None => LedgerWriter::create(root, &header)?,
            Some(known) => {
                let mut differences = known.header.identity.differences(&header.identity);
                if known.header.shard != header.shard {
                    let (was, is) = (known.header.shard, header.shard);
                    differences.push(format!("shard was {was} and is {is}"));
                }
                if !differences.is_empty() {
                    return Err(SinkError::Different { root: root.to_path_buf(), differences });
                }
                if root.join(MANIFEST).exists() {
                    match complete(root) {
                        Ok(manifest) => {
                            // A process may have died between its manifest and this.
                            folder.clear_parts()?;
                            return Ok(Opened::Complete(Box::new(manifest)));
                        }
                        Err(problem) => progress.note(&format!("{problem}: computed again")),
                    }
                    folder.remove(MANIFEST)?;
                }
                if known.damaged > 0 {
                    let lines = known.damaged;
                    progress.note(&format!("{lines} lines of the ledger are torn or damaged"));
                }
                let problems: Vec<(usize, Option<String>)> = known
                    .parts
                    .par_iter()
                    .map(|(&part, record)| (part, damage(root, &record.files)))
                    .collect();
                for (part, problem) in problems {
                    match problem {
                        None => {
                            done.insert(part);
                        }
                        Some(problem) => progress.note(&format!("{problem}: computed again")),
                    }
                }
                LedgerWriter::open(root)?
            }
        };
        ledger.session(ledger::Session { unix_s: now(), threads: rayon::current_num_threads() })?;
        Ok(Opened::Open(Box::new(Session { folder, ledger, header, done })))
    }

    /// The result's folder.
    pub fn root(&self) -> &Path {
        self.folder.root()
    }

    /// This shard's parts that are still to be computed.
    pub fn missing(&self) -> Vec<usize> {
        self.header.own_parts().filter(|part| !self.done.contains(part)).collect()
    }

    /// How much is done, for a person.
    pub fn state(&self) -> String {
        let own = self.header.own_parts().count();
        format!("{} of {own} parts are on the disk", own - self.missing().len())
    }

    /// Records parts whose files have been committed.
    ///
    /// # Errors
    /// The ledger cannot be written; the parts will be computed again.
    pub fn commit(&mut self, records: Vec<PartRecord>) -> Result<(), SinkError> {
        if records.is_empty() {
            return Ok(());
        }
        self.folder.sync_parts()?;
        self.done.extend(records.iter().map(|record| record.part));
        self.ledger.parts(records)
    }

    /// The folder and the time that its parts took, for a run that closes it in its own way.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn finish(self) -> Result<(ResultFolder, Times), SinkError> {
        let Session { folder, ledger, .. } = self;
        drop(ledger);
        let times = Ledger::read(folder.root())?.map(|ledger| spent(&ledger)).unwrap_or_default();
        Ok((folder, times))
    }

    /// Puts the parts together and writes the manifest.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn close(self, prepare_s: f64, started: Instant) -> Result<Manifest, SinkError> {
        let Session { folder, ledger, .. } = self;
        drop(ledger);
        close(folder, prepare_s, started)
    }
}

/// Puts the parts of a result together and writes its manifest.
///
/// # Errors
/// A part is not recorded, or a table cannot be written.
pub fn close(
    folder: ResultFolder,
    prepare_s: f64,
    started: Instant,
) -> Result<Manifest, SinkError> {
    let root = folder.root().to_path_buf();
    let closing = Instant::now();
    let unreadable = |problem: &str| SinkError::Unreadable {
        path: root.join(ledger::LEDGER),
        problem: problem.to_string(),
    };
    let ledger = Ledger::read(&root)?.ok_or_else(|| unreadable("the ledger is gone"))?;
    if ledger.header.shard != Shard::WHOLE || !ledger.missing().is_empty() {
        return Err(unreadable("parts are missing"));
    }
    let mut files: Vec<FileRecord> = Vec::new();
    let mut tables: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let (mut counts, mut pairs) = (Counts::default(), 0);
    let mut times = spent(&ledger);
    for record in ledger.parts.values() {
        counts += record.counts;
        pairs += record.pairs;
        for file in &record.files {
            if file.path.starts_with(LOSSES) {
                files.push(file.clone());
            } else if let Some(table) = table_of(&file.path) {
                tables.entry(table).or_default().push(root.join(&file.path));
            }
        }
    }
    for (table, parts) in &tables {
        files.push(concat(&root, table, parts)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut manifest = Manifest { counts, files, ..ledger.header.manifest };
    if let Some(record) = &mut manifest.superposition {
        (record.pairs, record.run) = (pairs, pairs);
    }
    times.prepare_s = prepare_s;
    times.write_s += closing.elapsed().as_secs_f64();
    times.total_s += started.elapsed().as_secs_f64();
    manifest.times = times;
    folder.finish(&manifest)?;
    Ok(manifest)
}

/// Time that the parts took; the total is that of earlier sessions, waiting between them apart.
fn spent(ledger: &Ledger) -> Times {
    let parts = || ledger.parts.values();
    let session = ledger.session.map_or(0.0, |s| s.unix_s);
    let earlier = parts().filter(|record| record.unix_s < session);
    Times {
        compute_s: parts().map(|record| record.compute_s).sum(),
        write_s: parts().map(|record| record.write_s).sum(),
        total_s: earlier.map(|record| record.compute_s + record.write_s).sum(),
        ..ledger.header.manifest.times
    }
}

/// The table that a file of `parts/` belongs to.
fn table_of(path: &str) -> Option<String> {
    let name = path.strip_prefix(PARTS)?.strip_prefix('/')?.strip_suffix(".parquet")?;
    Some(format!("{}.parquet", name.rsplit_once('-')?.0))
}

/// The manifest of a result whose files are all there and as recorded.
///
/// # Errors
/// What is wrong with the first file that is not.
pub fn complete(root: &Path) -> Result<Manifest, String> {
    let manifest = Manifest::read(&root.join(MANIFEST)).map_err(|e| e.to_string())?;
    match damage(root, &manifest.files) {
        None => Ok(manifest),
        Some(problem) => Err(problem),
    }
}

/// What is wrong with the first of some files that is not as recorded.
pub fn damage(root: &Path, files: &[FileRecord]) -> Option<String> {
    files.par_iter().find_map_first(|file| {
        let path = &file.path;
        if !ledger::is_inside(path) {
            return Some(format!("{path}: is no file of a result"));
        }
        match read_back(&root.join(path)) {
            Ok(found) if found.bytes != file.bytes => {
                Some(format!("{path}: has {} bytes instead of {}", found.bytes, file.bytes))
            }
            Ok(found) if found.blake3 != file.blake3 => {
                Some(format!("{path}: has another checksum than recorded"))
            }
            Ok(_) => None,
            Err(SinkError::Io { source, .. }) => Some(format!("{path}: {source}")),
            Err(error) => Some(error.to_string()),
        }
    })
}
