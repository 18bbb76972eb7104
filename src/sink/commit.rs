//! Files that are either not there or whole: see [`shocksweep_columnar::commit`].

pub use shocksweep_columnar::commit::{Pending, Written, read_back, sync_folder};
