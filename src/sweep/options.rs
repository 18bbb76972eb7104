//! How a plan is run, who hears of it, and how it ends.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use crate::sink::ledger::Shard;
use crate::sink::manifest::Manifest;
use crate::sink::{PartList, Start};

/// Told how a run goes on.
pub trait Progress: Sync {
    /// The run starts; `total` scenarios of `of` still need computing.
    fn start(&self, _total: usize, _of: usize) {}
    /// `done` more scenarios are computed.
    fn advance(&self, _done: usize) {}
    /// So many parts are on the disk, of all there are.
    fn committed(&self, _parts: usize, _of: usize) {}
    /// The last tables are being written.
    fn writing(&self) {}
    /// Something the user should know.
    fn note(&self, _text: &str) {}
}

/// No reports.
pub struct Silent;

impl Progress for Silent {}

/// How a plan is run.
#[derive(Clone, Copy)]
pub struct RunOptions<'a> {
    /// What to do with what is there.
    pub start: Start,
    /// Which parts of the plan.
    pub shard: Shard,
    /// The parts that alone are run, whatever the shard: what a scheduler has dealt out.
    pub parts: Option<&'a PartList>,
    /// When the program started.
    pub started: Instant,
    /// Asked between batches; true ends the run there.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Folder where a result for a store is made before it is put there, kept whatever becomes of the run; none for
    /// a temporary one, which is kept where it holds what the store does not take. Of no meaning to a result that is
    /// a folder itself.
    pub scratch: Option<&'a Path>,
    /// Threads of the run's own; those of the process where there is no number.
    pub threads: Option<NonZeroUsize>,
}

impl RunOptions<'_> {
    /// Whether a part is to be run.
    pub(crate) fn has(&self, part: usize) -> bool {
        self.parts.map_or(self.shard.has(part), |only| only.has(part))
    }

    /// Whether all parts are.
    pub(crate) fn is_whole(&self) -> bool {
        self.shard == Shard::WHOLE && self.parts.is_none()
    }

    /// A new run of the whole plan, from now.
    pub fn new() -> Self {
        RunOptions {
            start: Start::New,
            shard: Shard::WHOLE,
            parts: None,
            started: Instant::now(),
            stop: &|| false,
            scratch: None,
            threads: None,
        }
    }
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The result is complete.
    Complete(Box<Manifest>),
    /// This shard, or this list of parts, is complete: so many parts.
    Shard(usize),
    /// It was stopped; what is on the disk, for a person.
    Stopped(String),
}
