//! Results in a store: the same files as in a folder, below an address.
//!
//! ```text
//! s3://BUCKET/RUN/manifest.json            the last object of a complete result
//! s3://BUCKET/RUN/ledger/00000000.jsonl    lines of the ledger, in the order of the numbers
//! s3://BUCKET/RUN/losses/part-*.parquet    and all other tables, as in a folder
//! ```
//!
//! **How it is written.** A run works in a folder of its own, the scratch, as every run does; whatever has been
//! committed there follows into the store ([`StoredFolder`]): first the files of the parts, each as a whole
//! object, then one more object of the ledger with the lines that record them. So what the ledger in the store
//! names is in the store, and a part is there or not. At the end come the tables that were put together, the line
//! that seals the manifest, and last the manifest. Bytes are those of a folder, since they are made in one.
//!
//! **Why the ledger is numbered objects.** An object cannot be appended to. A single one would be written anew with
//! every commit, all lines each time, and two processes would take turns to erase what the other has recorded,
//! unless every put asked that the object still be the one that was read (`If-Match`). Numbered objects are
//! written once, are as long as what is new, and need the weaker condition that nothing be there yet
//! (`If-None-Match: *`), which more stores know. It also settles who writes: the lines of a session
//! take the next number, and of two processes one gets it. The other is told that somebody is at work there:
//! at once if both begin, with its next commit if a run is continued while its first process still lives. That it
//! lives nobody can see, since a store has no locks that end with their process: the later one goes on, the
//! earlier stops. Until then both have put the same bytes under the same names, since a part is the same
//! whoever computes it.
//!
//! **How it is continued.** From the ledger in the store, on any machine: tables of parts that are put together at
//! the end are brought into the scratch, losses stay where they are and are asked for their size. A scratch that
//! was kept (`--scratch`) and holds all that the store does is gone on with, and what it has more is put first.
//!
//! **How it is read.** [`fetch()`] brings a result into a temporary folder, file by file as its manifest says.

mod fetch;
mod folder;
mod ledger;
mod place;
mod upload;

pub use fetch::{Extent, fetch};
pub use folder::{OpenedStore, StoredFolder};
