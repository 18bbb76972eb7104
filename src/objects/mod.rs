//! Datasets and results in object stores: at `s3://BUCKET/PREFIX`, and to be read at `https://HOST/PATH`.
//!
//! Every command works on folders. What lies in a store is therefore brought into a temporary folder first,
//! where it is checked as any folder is; what is written for a store is made in a folder first. This room knows
//! addresses and objects; which objects make a dataset or a result is said where their folders are known
//! (`dataset::store::stored`, `sink::stored`).
//!
//! | | |
//! |---|---|
//! | [`Address`] | what a person gives instead of a folder |
//! | [`Store`] | objects below an address: read into files, put from files, side by side |
//! | [`StoreError`] | what can go wrong, and whether it may succeed later |
//!
//! **Nothing depends on a list** of what is there when something is read: web servers have none, and what a
//! dataset or a result consists of is said by its own description, with sizes and checksums. No more bytes are
//! taken of an object than that says, and none that the disk has no room for: a server fills nobody's disk.
//!
//! **An object is there as a whole or not at all.** A put of a small file is one request; of a larger one several,
//! whose object appears with the last. Only [`Store::create`] asks that nothing be there before: what one process
//! alone may do. Its first answer may be lost on the way, and the request be repeated by the library, which is
//! then told that something is there: its content says whose it is.
//!
//! **Where and who** is said by the variables that other programs read too: `AWS_ACCESS_KEY_ID`,
//! `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP`,
//! `AWS_SKIP_SIGNATURE`, and the roles of machines and containers. A request that fails is repeated for
//! `SHOCKSWEEP_STORE_PATIENCE` seconds, 180 unless said otherwise.
//!
//! Without the feature `objects` an address is refused: `no_store.rs` stands in for the store.

mod address;
mod error;
#[cfg(feature = "objects")]
mod open;
#[cfg(feature = "objects")]
mod store;
#[cfg(not(feature = "objects"))]
#[path = "no_store.rs"]
mod store;
#[cfg(feature = "objects")]
mod words;

use std::path::PathBuf;

pub use address::{Address, address, check_folder, is_address};
pub use error::{StoreError, StoreProblem};
pub use store::Store;

/// An object that is wanted as a file.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name below the address.
    pub name: String,
    /// Where it is to lie; its folder is there.
    pub to: PathBuf,
    /// Bytes it has at most.
    pub limit: u64,
    /// What to do if it is not there.
    pub missing: Missing,
}

/// What the lack of an object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Something is wrong.
    Wrong,
    /// It need not be there. A store that does not say what is there (S3 without the right to list) refuses access
    /// to what is not: that counts as missing too.
    Allowed,
}
