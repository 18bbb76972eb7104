//! Golden tables, found through `SHOCKSWEEP_SHARED`, and rows compared cell by cell.
#![allow(dead_code, reason = "every test program uses some of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use shocksweep_columnar::Record;
use shocksweep_columnar::text::TextTable;
use shocksweep_columnar::write::table;
use shocksweep_networks::input::{Files, read};
use shocksweep_networks::networks::{BuildOptions, Networks};
use shocksweep_networks::world::World;

/// Folder of golden networks, or `None`, said visibly.
pub fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("SHOCKSWEEP_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = root.join("data/networks");
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the harness, which swallows what a passing test prints: `tests/run.sh` counts these lines.
    let test = std::thread::current().name().unwrap_or("a test").to_string();
    let line = format!("SKIPPED {test}: it needs {}\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    None
}

/// A golden world and its networks.
pub fn world(name: &str) -> Option<(PathBuf, World, Networks)> {
    let folder = shared()?.join(name);
    let world = read(&Files::in_folder(&folder).unwrap()).unwrap();
    let networks = Networks::build(&world, &BuildOptions::default());
    Some((folder, world, networks))
}

/// Reads a golden table.
pub fn golden(folder: &Path, name: &str) -> TextTable {
    TextTable::read(&folder.join(name)).unwrap()
}

/// Rows as they come back from a written CSV file.
pub fn written<R: Record>(rows: &[R]) -> TextTable {
    let folder = tempfile::tempdir().unwrap();
    table(folder.path(), rows, true).unwrap();
    TextTable::read(&folder.path().join(format!("{}.csv", R::TABLE))).unwrap()
}

/// Whether two cells agree: equal as text, or as numbers to `relative` (what is 0 but for rounding is 0).
pub fn agree(a: &str, b: &str, relative: f64) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= relative * a.abs().max(b.abs()) + 1e-15,
        _ => a == b,
    }
}

/// Compares every row of `golden` with the row of the same key in `ours`, all columns of `golden`
/// but those of `skip`; both must have the same keys if `all`. Returns the number of cells compared.
pub fn compare(
    ours: &TextTable,
    golden: &TextTable,
    keys: &[&str],
    skip: &[&str],
    relative: f64,
    all: bool,
) -> usize {
    let place = |table: &TextTable, name: &str| {
        table
            .find(&[name])
            .unwrap_or_else(|| panic!("no column {name} in {}", table.path.display()))
    };
    let key_of = |table: &TextTable, row: &Vec<String>| -> Vec<String> {
        keys.iter().map(|key| row[place(table, key)].clone()).collect()
    };
    let rows: BTreeMap<Vec<String>, &Vec<String>> =
        ours.rows.iter().map(|row| (key_of(ours, row), row)).collect();
    assert_eq!(rows.len(), ours.rows.len(), "keys repeat");
    assert!(!golden.rows.is_empty());
    if all {
        assert_eq!(ours.rows.len(), golden.rows.len(), "other rows than {}", golden.path.display());
    }
    let mut cells = 0;
    for row in &golden.rows {
        let key = key_of(golden, row);
        let own = rows.get(&key).unwrap_or_else(|| panic!("no row {key:?}"));
        for (at, name) in golden.header.iter().enumerate() {
            if keys.contains(&name.as_str()) || skip.contains(&name.as_str()) {
                continue;
            }
            let mine = &own[place(ours, name)];
            assert!(agree(mine, &row[at], relative), "{key:?} {name}: {mine}, golden {}", row[at]);
            cells += 1;
        }
    }
    cells
}
