//! Room on the disk, before the work and during it.

use std::path::{Path, PathBuf};

use crate::sink::SinkError;

/// Bytes per row of uncompressed loss tables: about 46.4 on all single shocks of the built-in world, without
/// and with adaptation, and 39.8 as measured on those of the 2020 data, where fewer items are food.
pub const BYTES_PER_ROW: f64 = 43.1;

/// Share of the estimate that is asked for on top of it.
const MARGIN: f64 = 0.1;

/// Room for the tables that are put together at the end, the manifest and other programs, bytes.
const RESERVE: f64 = 32e6;

/// Watches the disk of a result folder.
#[derive(Debug)]
pub struct Space {
    root: PathBuf,
    bytes_per_scenario: f64,
    seen: usize,
}

impl Space {
    /// Expects so many rows per scenario with an effect.
    pub fn new(root: &Path, rows_per_scenario: f64) -> Self {
        let bytes_per_scenario = rows_per_scenario * BYTES_PER_ROW;
        Space { root: root.to_path_buf(), bytes_per_scenario, seen: 0 }
    }

    /// Learns what scenarios took.
    pub fn learn(&mut self, scenarios: usize, bytes: u64) {
        if scenarios == 0 {
            return;
        }
        let known = self.bytes_per_scenario * self.seen as f64;
        self.seen += scenarios;
        self.bytes_per_scenario = (known + bytes as f64) / self.seen as f64;
    }

    /// Whether there is room for so many more scenarios; `what` they are and what is `done` go into
    /// the error.
    ///
    /// # Errors
    /// There is not.
    pub fn check(&self, scenarios: usize, what: &str, done: &str) -> Result<(), SinkError> {
        // A file system that does not tell has to fail when it is full.
        let Ok(left) = fs4::available_space(&self.root) else { return Ok(()) };
        let needed = scenarios as f64 * self.bytes_per_scenario * (1.0 + MARGIN) + RESERVE;
        if left as f64 >= needed {
            return Ok(());
        }
        Err(SinkError::NoSpace {
            root: self.root.clone(),
            what: what.to_string(),
            left,
            needed: needed as u64,
            done: done.to_string(),
        })
    }
}
