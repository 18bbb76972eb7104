//! A result on the disk: a folder of Parquet tables with a ledger, what a process finds there, what it
//! adds, how it closes.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use arrow_array::RecordBatch;
use rayon::prelude::*;
use shocksweep_columnar::read;

use super::close::{Standing, close, damage, standing};
use super::commit::Pending;
use super::folder::{MANIFEST, PARTS, part_path};
use super::ledger::{Header, Ledger, LedgerWriter, PartRecord, Session};
use super::manifest::{FileRecord, Manifest};
use super::space::Space;
use super::target::{Closing, Computed, Content, PartTables, Sink};
use super::{ResultFolder, SinkError};
use crate::results;

/// Seconds since 1970-01-01 UTC; 0 on a clock that is before that.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

/// What a run does with what lies in its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The folder must be empty, or not there.
    New,
    /// An earlier result is removed.
    Replace,
    /// An unfinished result is continued.
    Resume,
}

/// A result folder with its ledger, open for work.
pub struct ParquetFolder {
    folder: ResultFolder,
    ledger: LedgerWriter,
    header: Header,
    done: BTreeSet<usize>,
    space: Space,
    /// Tables of the whole result, besides those of the parts.
    added: Vec<FileRecord>,
}

/// What there is to do in a result folder.
pub enum Opened {
    /// Work.
    Open(Box<ParquetFolder>),
    /// Nothing: the result is complete and undamaged.
    Complete(Box<Manifest>),
}

/// A table on its way to the disk: its path in the folder, rows, file.
type Written = (String, usize, Pending);

impl ParquetFolder {
    /// Opens the folder of a run; `note` is told what the user should know.
    ///
    /// # Errors
    /// The folder holds something else, a different run, or is in use.
    pub fn open(
        root: &Path,
        start: Start,
        header: Header,
        note: &dyn Fn(&str),
    ) -> Result<Opened, SinkError> {
        ParquetFolder::open_with(root, start, header, note, &|files| damage(root, files))
    }

    /// Opens the folder of a run some of whose files may lie elsewhere: `damage` says what is wrong with the first of
    /// some that is neither here nor there as recorded.
    ///
    /// # Errors
    /// As [`ParquetFolder::open`].
    pub(super) fn open_with(
        root: &Path,
        start: Start,
        header: Header,
        note: &dyn Fn(&str),
        damage: &(dyn Fn(&[FileRecord]) -> Option<String> + Sync),
    ) -> Result<Opened, SinkError> {
        let (folder, known) = match start {
            Start::New => (ResultFolder::create(root, false)?, None),
            Start::Replace => (ResultFolder::create(root, true)?, None),
            Start::Resume => {
                let folder = ResultFolder::resume(root)?;
                let known = Ledger::read(root)?;
                if known.is_none() && root.join(MANIFEST).exists() {
                    note("the ledger cannot be read: everything is computed again");
                }
                if known.is_none() {
                    folder.clear()?;
                }
                (folder, known)
            }
        };
        if !folder.is_locked() {
            note("the file system has no locks: see to it that no other process writes here");
        }
        let mut done = BTreeSet::new();
        let mut ledger = match known {
            None => LedgerWriter::create(root, &header)?,
            Some(known) => {
                let mut differences = known.header.identity.differences(&header.identity);
                let [was, is] = [&known.header, &header].map(|header| header.share());
                let (before, now) = (known.header.shard, header.shard);
                if before != now {
                    differences.push(format!("shard was {before} and is {now}"));
                } else if was != is {
                    differences.push(format!("{was} was run before, and {is} is asked for"));
                }
                if !differences.is_empty() {
                    return Err(SinkError::Different { root: root.to_path_buf(), differences });
                }
                if known.closed.is_some() || root.join(MANIFEST).exists() {
                    match standing(root, &known, damage) {
                        Standing::Whole(manifest) => {
                            // A process may have died between its manifest and this.
                            folder.clear_parts()?;
                            return Ok(Opened::Complete(manifest));
                        }
                        Standing::Mended(manifest) => {
                            note("the manifest is not the one that was sealed: written again");
                            folder.finish(&manifest)?;
                            return Ok(Opened::Complete(manifest));
                        }
                        Standing::Unsealed(manifest) => {
                            note("the manifest's seal is torn or damaged: sealed again");
                            LedgerWriter::open(root)?.closed(&manifest)?;
                            folder.clear_parts()?;
                            return Ok(Opened::Complete(manifest));
                        }
                        Standing::Damaged(problem) => note(&format!("{problem}: computed again")),
                    }
                    folder.remove(MANIFEST)?;
                }
                if known.damaged > 0 {
                    let lines = known.damaged;
                    note(&format!("{lines} lines of the ledger are torn or damaged"));
                }
                let problems: Vec<(usize, Option<String>)> = known
                    .parts
                    .par_iter()
                    .map(|(&part, record)| (part, damage(&record.files)))
                    .collect();
                for (part, problem) in problems {
                    match problem {
                        None => {
                            done.insert(part);
                        }
                        Some(problem) => note(&format!("{problem}: computed again")),
                    }
                }
                LedgerWriter::open(root)?
            }
        };
        ledger.session(Session { unix_s: now(), threads: rayon::current_num_threads() })?;
        let (space, added) = (Space::new(root, 0.0), Vec::new());
        Ok(Opened::Open(Box::new(ParquetFolder { folder, ledger, header, done, space, added })))
    }

    /// Makes the tables of a part, encoded and not yet committed.
    fn encode(&self, part: PartTables<'_>) -> Result<(PartRecord, Vec<Written>), SinkError> {
        let number = part.part;
        let mut written: Vec<Written> = Vec::new();
        for (name, content) in part.tables {
            let path = match content {
                Content::State(_) => state_path(number),
                _ => part_path(name, number),
            };
            let file = self.folder.root().join(&path);
            let (pending, rows) = match content {
                Content::Rows(batch) => (results::write(&file, &batch)?, batch.num_rows()),
                Content::Losses(writer, outcomes) => writer.write(&file, &outcomes)?,
                Content::State(bytes) => {
                    let mut pending = Pending::create(&file)?;
                    pending.write_all(&bytes).map_err(SinkError::io(&file))?;
                    (pending, 1)
                }
            };
            written.push((path, rows, pending));
        }
        let record = PartRecord {
            part: number,
            counts: part.counts,
            pairs: part.pairs,
            diverged_pairs: part.diverged_pairs,
            files: Vec::new(),
            compute_s: 0.0,
            write_s: 0.0,
            unix_s: 0.0,
        };
        Ok((record, written))
    }

    /// Writes parts: encoded by all cores, synced by a thread that only waits for the disk. The
    /// records of those that are committed, and the first failure.
    fn write<'t, P: Sync>(
        &self,
        parts: &'t [P],
        tables: &(dyn Fn(&'t P) -> Result<PartTables<'t>, SinkError> + Sync),
    ) -> (Vec<PartRecord>, Option<SinkError>) {
        let (send, receive) = mpsc::channel::<(PartRecord, Vec<Written>)>();
        let failure: Mutex<Option<SinkError>> = Mutex::new(None);
        let fail = |error: SinkError| {
            failure.lock().unwrap_or_else(|p| p.into_inner()).get_or_insert(error);
        };
        let mut records = std::thread::scope(|scope| {
            let fail = &fail;
            let committer = scope.spawn(move || {
                let commit = |(mut record, tables): (PartRecord, Vec<Written>)| {
                    for (path, rows, pending) in tables {
                        let written = pending.commit().map_err(|e| fail(e.into())).ok()?;
                        record.files.push(FileRecord::new(path, rows, written));
                    }
                    Some(record)
                };
                receive.into_iter().filter_map(commit).collect::<Vec<_>>()
            });
            parts.par_iter().with_max_len(1).for_each_with(send, |send, part| {
                match tables(part).and_then(|tables| self.encode(tables)) {
                    // The committer ends after the last sender, so somebody listens.
                    Ok(encoded) => drop(send.send(encoded)),
                    Err(error) => fail(error),
                }
            });
            committer.join().unwrap_or_else(|p| std::panic::resume_unwind(p))
        });
        records.sort_by_key(|record| record.part);
        (records, failure.into_inner().unwrap_or_else(|p| p.into_inner()))
    }

    /// Records parts whose files have been committed; they will be computed again where that fails.
    fn record(&mut self, records: Vec<PartRecord>) -> Result<(), SinkError> {
        if records.is_empty() {
            return Ok(());
        }
        self.folder.sync_parts()?;
        self.done.extend(records.iter().map(|record| record.part));
        self.ledger.parts(records)
    }
}

impl Sink for ParquetFolder {
    type Closed = Manifest;

    fn missing(&self) -> Vec<usize> {
        self.header.own_parts().filter(|part| !self.done.contains(part)).collect()
    }

    fn state(&self) -> String {
        let own = self.header.own_parts().count();
        format!("{} of {own} parts are on the disk", own - self.missing().len())
    }

    fn expect(&mut self, rows_per_scenario: f64) {
        self.space = Space::new(self.folder.root(), rows_per_scenario);
    }

    fn check_room(&self, scenarios: usize, what: &str) -> Result<(), SinkError> {
        self.space.check(scenarios, what, &self.state())
    }

    fn commit<'t, P: Sync>(
        &mut self,
        computed: &'t Computed<P>,
        tables: &(dyn Fn(&'t P) -> Result<PartTables<'t>, SinkError> + Sync),
    ) -> Result<(), SinkError> {
        let writing = Instant::now();
        let (mut records, failure) = self.write(&computed.parts, tables);
        let write_s = writing.elapsed().as_secs_f64();
        let share = 1.0 / computed.parts.len().max(1) as f64;
        for record in &mut records {
            record.compute_s = computed.compute_s * share;
            record.write_s = write_s * share;
            record.unix_s = now();
        }
        let bytes = records.iter().flat_map(|r| &r.files).map(|f| f.bytes).sum();
        self.space.learn(computed.scenarios, bytes);
        self.record(records)?;
        failure.map_or(Ok(()), Err)
    }

    fn state_of(&self, part: usize) -> Result<Vec<u8>, SinkError> {
        // Its checksum has been compared when the run was continued.
        let path = self.folder.root().join(state_path(part));
        Ok(read::bytes(&path, MAX_STATE)?)
    }

    fn add(&mut self, name: &'static str, rows: &RecordBatch) -> Result<(), SinkError> {
        let pending = results::write(&self.folder.root().join(name), rows)?;
        self.added.push(FileRecord::new(name, rows.num_rows(), pending.commit()?));
        Ok(())
    }

    fn close(self, closing: Closing) -> Result<Manifest, SinkError> {
        let ParquetFolder { folder, ledger, added, .. } = self;
        close(folder, ledger, closing, added)
    }
}

/// Bytes of what a part keeps at most.
const MAX_STATE: u64 = 4 << 30;

/// File of what a part keeps until all are there, relative to the result folder.
fn state_path(part: usize) -> String {
    format!("{PARTS}/screening-{part:05}.bin")
}
