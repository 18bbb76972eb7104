//! Comparing tables with golden ones: every cell of every golden row, found by its key.

#![allow(dead_code)] // Every test program uses its own part of this.

use std::collections::BTreeMap;
use std::path::Path;

use shocksweep_columnar::text::TextTable;
use shocksweep_columnar::{Record, write};

/// Rows as a table of text.
pub fn table<R: Record>(rows: &[R]) -> TextTable {
    let folder = tempfile::tempdir().unwrap();
    write::table(folder.path(), rows, true).unwrap();
    TextTable::read(&folder.path().join(format!("{}.csv", R::TABLE))).unwrap()
}

/// Reads a golden table.
pub fn golden(path: &Path) -> TextTable {
    TextTable::read(path).unwrap()
}

/// How near a number must be: relative, with an absolute floor.
pub type Tolerance = fn(&str) -> (f64, f64);

/// Relative 1e-9, absolute 1e-12.
pub const USUAL: Tolerance = |_| (1e-9, 1e-12);

/// Rows of `golden` for which `keep` holds.
pub fn only(mut golden: TextTable, column: &str, value: &str) -> TextTable {
    let at = golden.find(&[column]).unwrap();
    golden.rows.retain(|row| row[at] == value);
    assert!(!golden.rows.is_empty(), "no golden row with {column} = {value}");
    golden
}

/// Rows by key; two with the same key are a fault.
fn by_key<'t>(table: &'t TextTable, keys: &[&str]) -> BTreeMap<Vec<&'t str>, &'t Vec<String>> {
    let at: Vec<usize> = keys
        .iter()
        .map(|key| table.find(&[key]).unwrap_or_else(|| panic!("no column {key}")))
        .collect();
    let mut rows = BTreeMap::new();
    for row in &table.rows {
        let key: Vec<&str> = at.iter().map(|&at| row[at].as_str()).collect();
        assert!(
            rows.insert(key.clone(), row).is_none(),
            "{key:?} occurs twice in {}",
            table.path.display()
        );
    }
    rows
}

/// Asserts that both tables have the same rows (`whole`), or that all golden rows are there, and that
/// every golden column agrees.
pub fn same(
    found: &TextTable,
    golden: &TextTable,
    keys: &[&str],
    whole: bool,
    tolerance: Tolerance,
) {
    let name = golden.path.file_name().unwrap().to_string_lossy().into_owned();
    let (ours, theirs) = (by_key(found, keys), by_key(golden, keys));
    assert!(!theirs.is_empty(), "{name} is empty");
    if whole {
        let extra: Vec<_> = ours.keys().filter(|key| !theirs.contains_key(*key)).take(3).collect();
        assert!(extra.is_empty(), "{name}: not in the golden table: {extra:?}");
    }
    let mut faults = Vec::new();
    let mut numbers = 0;
    for (key, expected) in &theirs {
        let Some(row) = ours.get(key) else {
            faults.push(format!("{key:?} is missing"));
            continue;
        };
        for (at, column) in golden.header.iter().enumerate() {
            let own = found.find(&[column]).unwrap_or_else(|| panic!("{name}: no column {column}"));
            let (a, b) = (&row[own], &expected[at]);
            let is_same = match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) => {
                    numbers += 1;
                    let (relative, floor) = tolerance(column);
                    // Golden numbers have 11 digits: half a unit of the last.
                    (a - b).abs() <= floor + (relative + 5e-11) * b.abs()
                }
                _ => a == b,
            };
            if !is_same {
                faults.push(format!("{key:?} {column}: {a} instead of {b}"));
            }
        }
    }
    assert!(numbers > 0, "{name}: no number was compared");
    assert!(
        faults.is_empty(),
        "{name}: {} of {} cells differ, such as\n{}",
        faults.len(),
        numbers,
        faults[..faults.len().min(12)].join("\n")
    );
}
