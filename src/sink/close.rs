//! How a result closes: its parts put together, its manifest written; and whether a closed one is whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::commit::read_back;
use super::concat::concat;
use super::folder::{LOSSES, MANIFEST, PARTS};
use super::ledger::{self, Ledger, Shard};
use super::manifest::{Counts, FileRecord, Manifest, Times};
use super::target::Closing;
use super::{ResultFolder, SinkError};

/// Puts the parts of a result together and writes its manifest; `added` are its tables besides those
/// of the parts.
///
/// # Errors
/// A part is not recorded, or a table cannot be written.
pub fn close(
    folder: ResultFolder,
    closing: Closing,
    added: Vec<FileRecord>,
) -> Result<Manifest, SinkError> {
    let root = folder.root().to_path_buf();
    let unreadable = |problem: &str| SinkError::Unreadable {
        path: root.join(ledger::LEDGER),
        problem: problem.to_string(),
    };
    let ledger = Ledger::read(&root)?.ok_or_else(|| unreadable("the ledger is gone"))?;
    if ledger.header.shard != Shard::WHOLE || !ledger.missing().is_empty() {
        return Err(unreadable("parts are missing"));
    }
    let mut files = added;
    let mut tables: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let (mut counts, mut pairs) = (Counts::default(), 0);
    let mut times = spent(&ledger);
    for record in ledger.parts.values() {
        counts += record.counts;
        pairs += record.pairs;
        for file in &record.files {
            if file.path.starts_with(LOSSES) {
                files.push(file.clone());
            } else if let Some(table) = table_of(&file.path) {
                tables.entry(table).or_default().push(root.join(&file.path));
            }
        }
    }
    for (table, parts) in &tables {
        files.push(concat(&root, table, parts)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let counts = closing.counts.unwrap_or(counts);
    let mut manifest = Manifest { counts, files, ..ledger.header.manifest };
    if let Some(record) = &mut manifest.superposition {
        (record.pairs, record.run) = (pairs, pairs);
    }
    manifest.superposition = closing.superposition.or(manifest.superposition);
    times.prepare_s = closing.prepare_s;
    times.write_s += closing.closing.elapsed().as_secs_f64();
    times.total_s += closing.started.elapsed().as_secs_f64();
    manifest.times = times;
    folder.finish(&manifest)?;
    Ok(manifest)
}

/// Time that the parts took; the total is that of earlier sessions, waiting between them apart.
fn spent(ledger: &Ledger) -> Times {
    let parts = || ledger.parts.values();
    let session = ledger.session.map_or(0.0, |s| s.unix_s);
    let earlier = parts().filter(|record| record.unix_s < session);
    Times {
        compute_s: parts().map(|record| record.compute_s).sum(),
        write_s: parts().map(|record| record.write_s).sum(),
        total_s: earlier.map(|record| record.compute_s + record.write_s).sum(),
        ..ledger.header.manifest.times
    }
}

/// The table that a file of `parts/` belongs to.
fn table_of(path: &str) -> Option<String> {
    let name = path.strip_prefix(PARTS)?.strip_prefix('/')?.strip_suffix(".parquet")?;
    Some(format!("{}.parquet", name.rsplit_once('-')?.0))
}

/// The manifest of a result whose files are all there and as recorded.
///
/// # Errors
/// What is wrong with the first file that is not.
pub fn complete(root: &Path) -> Result<Manifest, String> {
    let manifest = Manifest::read(&root.join(MANIFEST)).map_err(|e| e.to_string())?;
    match damage(root, &manifest.files) {
        None => Ok(manifest),
        Some(problem) => Err(problem),
    }
}

/// What is wrong with the first of some files that is not as recorded.
pub fn damage(root: &Path, files: &[FileRecord]) -> Option<String> {
    files.par_iter().find_map_first(|file| {
        let path = &file.path;
        if !ledger::is_inside(path) {
            return Some(format!("{path}: is no file of a result"));
        }
        match read_back(&root.join(path)) {
            Ok(found) if found.bytes != file.bytes => {
                Some(format!("{path}: has {} bytes instead of {}", found.bytes, file.bytes))
            }
            Ok(found) if found.blake3 != file.blake3 => {
                Some(format!("{path}: has another checksum than recorded"))
            }
            Ok(_) => None,
            Err(error) => Some(format!("{path}: {}", error.source)),
        }
    })
}
