//! What has been committed in the scratch follows into the store, while the run goes on.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use super::ledger;
use super::place::Place;
use crate::sink::SinkError;
use crate::sink::folder::{MANIFEST, PARTS};
use crate::sink::ledger::{LEDGER, part_of};

/// How far the store is.
#[derive(Debug)]
struct Standing {
    /// Bytes of the ledger that are in the store, with the files that they name.
    sent: u64,
    /// Bytes of the ledger that are to be there.
    goal: u64,
    /// Number of the next object of the ledger.
    next: usize,
    /// Why nothing more is put.
    failure: Option<SinkError>,
    /// Whether nothing more will be put: after a failure, or at the end.
    is_over: bool,
}

/// A thread that puts, and how far it is.
#[derive(Debug)]
pub(super) struct Upload {
    shared: Arc<(Mutex<Standing>, Condvar)>,
    place: Arc<Place>,
    thread: Option<JoinHandle<()>>,
}

fn locked(shared: &(Mutex<Standing>, Condvar)) -> MutexGuard<'_, Standing> {
    shared.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn waited<'a>(
    shared: &'a (Mutex<Standing>, Condvar),
    guard: MutexGuard<'a, Standing>,
) -> MutexGuard<'a, Standing> {
    shared.1.wait(guard).unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Upload {
    /// Takes an address for this process, by the next object of the ledger, and starts to put what follows; `sent`
    /// bytes of the ledger are there already.
    ///
    /// # Errors
    /// Another process has taken it, or the store does not answer.
    pub(super) fn start(place: Arc<Place>, sent: u64, next: usize) -> Result<Self, SinkError> {
        let goal = length(&place)?;
        let next = put(&place, (sent, goal), next)?;
        let standing = Standing { sent: goal, goal, next, failure: None, is_over: false };
        let shared = Arc::new((Mutex::new(standing), Condvar::new()));
        let (of_thread, there) = (Arc::clone(&shared), Arc::clone(&place));
        let thread = Some(std::thread::spawn(move || follow(&of_thread, &there)));
        Ok(Upload { shared, place, thread })
    }

    /// Has all that the ledger names put, without waiting for it.
    ///
    /// # Errors
    /// What was asked for before has failed; that is said once.
    pub(super) fn follow(&self) -> Result<(), SinkError> {
        let goal = length(&self.place)?;
        let mut standing = locked(&self.shared);
        standing.goal = goal.max(standing.goal);
        self.shared.1.notify_all();
        standing.failure.take().map_or(Ok(()), Err)
    }

    /// Waits until all that the ledger names is in the store.
    ///
    /// # Errors
    /// It cannot be put; that is said once, here or by [`Upload::follow`].
    pub(super) fn settle(&self) -> Result<(), SinkError> {
        self.follow()?;
        let mut standing = locked(&self.shared);
        while standing.sent < standing.goal && !standing.is_over {
            standing = waited(&self.shared, standing);
        }
        standing.failure.take().map_or(Ok(()), Err)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        locked(&self.shared).is_over = true;
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, its run would have failed to settle.
            let _ = thread.join();
        }
    }
}

/// Puts what is to be put, as it comes; several commits together where they come faster than they are put.
fn follow(shared: &(Mutex<Standing>, Condvar), place: &Place) {
    loop {
        let mut standing = locked(shared);
        while standing.sent >= standing.goal && !standing.is_over {
            standing = waited(shared, standing);
        }
        if standing.is_over {
            return;
        }
        let (span, next) = ((standing.sent, standing.goal), standing.next);
        drop(standing);
        let done = put(place, span, next);
        let mut standing = locked(shared);
        match done {
            Ok(next) => (standing.sent, standing.next) = (span.1, next),
            Err(SinkError::Store(error)) => standing.failure = Some(place.not_stored(error)),
            Err(error) => standing.failure = Some(error),
        }
        standing.is_over |= standing.failure.is_some();
        shared.1.notify_all();
    }
}

/// Bytes of the ledger in the scratch.
fn length(place: &Place) -> Result<u64, SinkError> {
    let path = place.scratch.join(LEDGER);
    Ok(std::fs::metadata(&path).map_err(SinkError::io(&path))?.len())
}

/// Puts the files that some lines of the ledger name, then these lines as its object of that number; the number of
/// the next one.
fn put(place: &Place, (from, to): (u64, u64), number: usize) -> Result<usize, SinkError> {
    let path = place.scratch.join(LEDGER);
    let read = || -> std::io::Result<Vec<u8>> {
        let (mut file, mut lines) = (File::open(&path)?, Vec::new());
        file.seek(SeekFrom::Start(from))?;
        file.take(to - from).read_to_end(&mut lines)?;
        Ok(lines)
    };
    let lines = read().map_err(SinkError::io(&path))?;
    if lines.is_empty() {
        return Ok(number);
    }
    let name = ledger::name(number);
    let in_use = || SinkError::InUse(place.root());
    // Asked before files are put as well: what another process has put together and removed does not come back.
    if place.store.size(&name)?.is_some() {
        return Err(in_use());
    }
    // A result that is complete has put its tables of parts together.
    let is_closed = place.scratch.join(MANIFEST).exists();
    let files: Vec<(String, PathBuf)> = lines
        .split(|&b| b == b'\n')
        .filter_map(part_of)
        .flat_map(|record| record.files)
        .filter(|file| !(is_closed && file.path.starts_with(PARTS)))
        .map(|file| (file.path.clone(), place.scratch.join(&file.path)))
        // Losses of parts that were continued lie in the store alone.
        .filter(|(_, file)| file.exists())
        .collect();
    place.store.put(files)?;
    match place.store.create(&name, lines)? {
        true => Ok(number + 1),
        false => Err(in_use()),
    }
}
