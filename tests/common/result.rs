//! Result folders as tests compare them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Files that say when and by whom a result was made: they differ between equal runs.
const OF_THE_RUN: [&str; 3] = ["manifest.json", "ledger.jsonl", "lock"];

/// Runs the program.
pub fn shocksweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep")).args(args).output().expect("the program starts")
}

/// Every table of a result, by name.
pub fn tables(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for path in files(root) {
        let name = path.strip_prefix(root).expect("inside").display().to_string();
        if !OF_THE_RUN.contains(&name.as_str()) {
            found.push((name, fs::read(&path).expect("a readable file")));
        }
    }
    found
}

/// Every file of a result, sorted.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in [root.to_path_buf(), root.join("losses"), root.join("parts")] {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        found.extend(entries.map(|e| e.expect("entry").path()).filter(|p| p.is_file()));
    }
    found.sort();
    found
}

/// Says in which file two results differ, if they do.
#[track_caller]
pub fn same_tables(expected: &[(String, Vec<u8>)], root: &Path) {
    let found = tables(root);
    let names = |t: &[(String, Vec<u8>)]| t.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(expected), names(&found), "files of {}", root.display());
    for (expected, found) in expected.iter().zip(&found) {
        assert!(expected.1 == found.1, "{} of {}", expected.0, root.display());
    }
}
