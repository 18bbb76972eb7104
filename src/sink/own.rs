//! Which files and folders are this program's: what others put beside a result stays.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use shocksweep_columnar::read;

use super::folder::{
    AREAS, BASELINE, DIFFERENCE_ITEMS, EVENTS, HISTOGRAM, ITEMS, LOCK, LOSSES, MANIFEST, MATRIX,
    MOMENTS, PARTS, RANKING, RECEIVERS, RESERVES, SCENARIOS, SUPERPOSITION, TRACE, TRIPLES,
};
use super::ledger::{LEDGER, is_inside};

/// Names of files and folders of a result, besides those of parts.
const OWN: [&str; 20] = [
    MANIFEST,
    LEDGER,
    LOCK,
    PARTS,
    SCENARIOS,
    LOSSES,
    TRACE,
    AREAS,
    ITEMS,
    BASELINE,
    EVENTS,
    RESERVES,
    SUPERPOSITION,
    TRIPLES,
    RECEIVERS,
    DIFFERENCE_ITEMS,
    RANKING,
    MOMENTS,
    HISTOGRAM,
    MATRIX,
];

/// Whether a file of that name is this program's: a table of the result or of a part, whole or not.
pub(super) fn is_own(name: &str) -> bool {
    let name = name.trim_end_matches(".tmp");
    let of_part = || {
        let (stem, ending) = name.rsplit_once('.')?;
        let (table, number) = stem.rsplit_once('-')?;
        let known = match ending {
            "parquet" => table == "part" || OWN.contains(&format!("{table}.parquet").as_str()),
            "bin" => table == "screening",
            _ => false,
        };
        Some(known && number.len() >= 5 && number.bytes().all(|b| b.is_ascii_digit()))
    };
    OWN.contains(&name) || of_part() == Some(true)
}

/// Whether a recorded path is that of a file which results have, and lies where they have it.
pub(super) fn is_file_of_result(path: &str) -> bool {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let is_known = [Path::new(""), Path::new(LOSSES), Path::new(PARTS)].contains(&folder);
    is_known && is_inside(path) && is_own_path(Path::new(path))
}

/// Whether a file is this program's, by its name: see [`is_own`].
pub(super) fn is_own_path(path: &Path) -> bool {
    path.file_name().is_some_and(|name| is_own(&name.to_string_lossy()))
}

/// Whether shocksweep wrote this folder: it has the lock of a run, and the ledger or the manifest of
/// one unless the run ended before it wrote either. What others have put there (a page, a scheduler's
/// log, `.nfs*`) stays and is in nobody's way.
pub(super) fn is_result(root: &Path) -> bool {
    let is_file = |name: &str| root.join(name).is_file();
    // Other programs have manifests, too.
    let names_us = |text: Vec<u8>| text.windows(10).any(|word| word == b"shocksweep");
    if is_file(LEDGER)
        || read::bytes(&root.join(MANIFEST), super::manifest::MAX_BYTES).is_ok_and(names_us)
    {
        return is_file(LOCK) || root.join(LOSSES).is_dir();
    }
    let Ok(entries) = fs::read_dir(root) else { return false };
    let all_own = entries.flatten().all(|e| is_own(&e.file_name().to_string_lossy()));
    all_own && (is_file(LOCK) || root.join(LOSSES).is_dir())
}

/// Whether a lock failed because the file system has none to give: `ENOSYS`, `EOPNOTSUPP`, `ENOLCK`
/// (an NFS client without its lock service) and `EINVAL` (file systems in user space).
pub(super) fn is_without_locks(error: &std::io::Error) -> bool {
    const ENOLCK: [i32; 2] = [37, 77];
    let code = error.raw_os_error().unwrap_or(0);
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput)
        || ENOLCK.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_files_are_known_by_name() {
        for own in [
            "manifest.json",
            "ledger.jsonl",
            "manifest.json.tmp",
            "part-00000.parquet",
            "part-123456.parquet.tmp",
            "scenarios-00007.parquet",
            "screening-00000.bin",
        ] {
            assert!(is_own(own), "{own}");
        }
        for foreign in
            ["report.html", "regions.parquet", "part-1.parquet", "part-0000x.parquet", ".nfs00", ""]
        {
            assert!(!is_own(foreign), "{foreign}");
        }
    }

    #[test]
    fn every_table_of_a_result_is_declared_with_its_columns() {
        let declared: Vec<&str> = crate::results::tables().iter().map(|table| table.0).collect();
        let tables = OWN.iter().filter_map(|name| name.strip_suffix(".parquet"));
        for name in tables.chain(["losses"]) {
            assert!(declared.contains(&name), "{name}");
        }
    }
}
