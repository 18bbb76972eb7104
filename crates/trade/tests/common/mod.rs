//! Helpers of the tests: where the golden data are.
#![allow(dead_code)] // Every test program uses its own part of this.

use std::path::{Path, PathBuf};

/// The folder of golden trade, or `None` after saying why the test that asked is skipped.
pub fn golden(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("SHOCKSWEEP_SHARED").map(PathBuf::from);
    let is_named = named.is_some();
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = named.unwrap_or(default).join("data/dependency");
    if folder.join("indicators.csv").is_file() {
        return Some(folder);
    }
    // A folder that was named must be there: a wrong path must not turn tests off.
    assert!(!is_named, "SHOCKSWEEP_SHARED names a folder without data/dependency");
    // Past the harness, which swallows what a passing test prints: `tests/run.sh` counts these lines.
    let line = format!("SKIPPED {test}: it needs {}\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    None
}
