//! Results on disk: a folder of Parquet tables and a manifest.
//!
//! ```text
//! OUT/manifest.json            what was computed, on which data, by which program
//! OUT/ledger.jsonl             which parts are on the disk, when     [`ledger`]
//! OUT/scenarios.parquet        one row per scenario                 [`scenarios`](crate::results::scenarios)
//! OUT/losses/part-*.parquet    one row per scenario and hit sector  [`losses`](crate::results::losses)
//! OUT/areas.parquet            population, region, development index  [`areas`](crate::results::areas)
//! OUT/items.parquet            groups of the items                  [`items`](crate::results::items)
//! OUT/baseline.parquet         amounts of all sectors, unshocked     [`baseline`](crate::results::baseline)
//! OUT/trace.parquet            every step of chosen scenarios       [`trace`](crate::results::trace)
//! OUT/events.parquet           every decision of a sector           [`events`](crate::results::events)
//! OUT/reserves.parquet         what reserves gave                   [`reserves`](crate::results::reserves)
//! OUT/superposition.parquet    pairs of shocks against their sum    [`superposition`](crate::results::superposition)
//! OUT/triples.parquet          three shocks against their pairs     [`triples`](crate::results::triples)
//! OUT/receivers.parquet        which areas receive the difference   [`superposition`](crate::results::superposition)
//! OUT/difference_items.parquet  which items it consists of         [`superposition`](crate::results::superposition)
//! OUT/ranking.parquet          a screening's best pairs             [`screening`](crate::results::screening)
//! OUT/matrix.parquet           S of all its pairs above a threshold [`screening`](crate::results::screening)
//! OUT/moments.parquet, OUT/histogram.parquet  of all its pairs      [`screening`](crate::results::screening)
//! ```
//!
//! Every file is written under a temporary name, synced, renamed and then recorded ([`commit`],
//! [`ledger`]): a reader never sees half a file, and a run that ends early is continued. The plan is
//! cut into parts; each has its loss table, and its rows of the other tables in `parts/` until they
//! are put together at the end ([`mod@concat`]). The manifest comes last; a folder without it is an
//! unfinished run. A `lock` file keeps a second process out. In a store the same files are objects, and the
//! ledger is several of them ([`stored`]).

pub mod close;
pub mod commit;
pub mod concat;
mod counts;
pub mod folder;
pub mod header;
pub mod identity;
mod layout;
pub mod ledger;
pub mod manifest;
pub mod memory;
mod own;
pub mod parquet_folder;
pub mod part_list;
pub mod space;
pub mod stored;
pub mod target;

use std::path::{Path, PathBuf};

use shocksweep_columnar::{TableError, WriteError};

use crate::engine::EngineError;
use crate::hint::Hint;
use crate::objects::StoreError;
pub use folder::ResultFolder;
pub use layout::RESULT_FORMAT;
pub use memory::Results;
pub use parquet_folder::{ParquetFolder, Start};
pub use part_list::PartList;
pub use target::Sink;

/// A result that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A result for the disk, and no folder for it.
    #[error("no output folder")]
    NoFolder,
    /// The output folder holds something already.
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// The output folder holds an unfinished result.
    #[error("{}: holds an unfinished result", .0.display())]
    Unfinished(PathBuf),
    /// Another process writes to the folder.
    #[error("{}: another shocksweep process is at work there", .0.display())]
    InUse(PathBuf),
    /// A result that was made from something else.
    #[error("{}: holds a different run: {}", root.display(), differences.join("; "))]
    Different {
        /// Result folder.
        root: PathBuf,
        /// What differs.
        differences: Vec<String>,
    },
    /// Too little space for what is still to come.
    #[error("{}: the disk has {} MB left and {what} needs about {} MB; {done}", root.display(), *left / 1_000_000, needed.div_ceil(1_000_000))]
    NoSpace {
        /// Result folder.
        root: PathBuf,
        /// What would be written.
        what: String,
        /// Bytes that are free.
        left: u64,
        /// Bytes that are needed.
        needed: u64,
        /// What has become of the work so far.
        done: String,
    },
    /// The engine cannot be had, or has failed; what was committed before stays valid.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// A part that the plan does not have.
    #[error("the plan has {parts} parts, from 0: there is no part {part}")]
    NoSuchPart {
        /// What was asked for.
        part: usize,
        /// How many there are.
        parts: usize,
    },
    /// Shards that do not make a whole.
    #[error("{0}")]
    Merge(String),
    /// A shard that lacks parts, or whose parts are damaged.
    #[error("{0}")]
    Shard(String),
    /// A store, or something in it, that cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A store that does not take what has been computed.
    #[error("{source}; what is computed is kept in {}", scratch.display())]
    NotStored {
        /// Why.
        source: StoreError,
        /// Folder where the result was made.
        scratch: PathBuf,
    },
    /// Something to replace that shocksweep did not write.
    #[error("{}: is not a shocksweep result (it has neither ledger.jsonl nor manifest.json); it is not replaced", .0.display())]
    Foreign(PathBuf),
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that cannot be read.
    #[error("{0}")]
    Table(#[from] TableError),
    /// The Parquet library refused.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// File.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// Columns that do not form a table.
    #[error("{}: {source}", path.display())]
    Arrow {
        /// File.
        path: PathBuf,
        /// Why.
        source: arrow_schema::ArrowError,
    },
    /// A file of a result that is missing or not what it should be.
    #[error("{}: {problem}", path.display())]
    Unreadable {
        /// File.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl From<WriteError> for SinkError {
    fn from(WriteError { path, source }: WriteError) -> Self {
        SinkError::Io { path, source }
    }
}

impl SinkError {
    /// What would help.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            SinkError::Exists(_) => Some(Hint::ReplaceResult),
            SinkError::Unfinished(_) => Some(Hint::ContinueOrReplace),
            SinkError::Different { .. } => Some(Hint::StartOver),
            SinkError::NoSpace { .. } => Some(Hint::ContinueWithRoom),
            SinkError::Shard(_) => Some(Hint::ContinueShard),
            SinkError::NotStored { .. } => Some(Hint::ContinueFromScratch),
            SinkError::NoFolder => Some(Hint::NameFolder),
            SinkError::Engine(error) => error.hint(),
            _ => None,
        }
    }

    /// An input or output error at `path`.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> SinkError {
        let path = path.to_path_buf();
        move |source| SinkError::Io { path, source }
    }

    /// A Parquet error at `path`.
    pub fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> SinkError {
        let path = path.to_path_buf();
        move |source| SinkError::Parquet { path, source }
    }

    /// An Arrow error at `path`.
    pub fn arrow(path: &Path) -> impl FnOnce(arrow_schema::ArrowError) -> SinkError {
        let path = path.to_path_buf();
        move |source| SinkError::Arrow { path, source }
    }
}
