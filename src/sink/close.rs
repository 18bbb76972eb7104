//! How a result closes: its parts put together, its manifest written; and whether a closed one is whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::commit::read_back;
use super::concat::concat;
use super::folder::{LOSSES, MANIFEST, PARTS};
use super::identity::compare;
use super::ledger::{self, Ledger, LedgerWriter};
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
    mut writer: LedgerWriter,
    closing: Closing,
    added: Vec<FileRecord>,
) -> Result<Manifest, SinkError> {
    let root = folder.root().to_path_buf();
    let unreadable = |problem: &str| SinkError::Unreadable {
        path: root.join(ledger::LEDGER),
        problem: problem.to_string(),
    };
    let ledger = Ledger::read(&root)?.ok_or_else(|| unreadable("the ledger is gone"))?;
    if !ledger.header.is_whole() || !ledger.missing().is_empty() {
        return Err(unreadable("parts are missing"));
    }
    let mut files = added;
    let mut tables: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let (mut counts, mut pairs, mut diverged) = (Counts::default(), 0, 0);
    let mut times = spent(&ledger);
    for record in ledger.parts.values() {
        counts += record.counts;
        pairs += record.pairs;
        diverged += record.diverged_pairs;
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
        (record.pairs, record.run, record.diverged) = (pairs, pairs - diverged, diverged);
    }
    manifest.superposition = closing.superposition.or(manifest.superposition);
    times.prepare_s = closing.prepare_s;
    times.write_s += closing.closing.elapsed().as_secs_f64();
    times.total_s += closing.started.elapsed().as_secs_f64();
    manifest.times = times;
    writer.closed(&manifest)?;
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

/// What a look at a result that should be complete finds.
pub enum Standing {
    /// It is whole, and its manifest is the one that was sealed.
    Whole(Box<Manifest>),
    /// Its files are whole, but the manifest is not the one that belongs to them: here it is.
    Mended(Box<Manifest>),
    /// Its files are whole and its manifest fits, but nothing seals it.
    Unsealed(Box<Manifest>),
    /// Something is missing or damaged.
    Damaged(String),
}

/// Looks whether a result is complete; `ledger` is its ledger, `damage` what is wrong with the first of some files
/// that is not as recorded: see [`damage`].
pub fn standing(
    root: &Path,
    ledger: &Ledger,
    damage: &(dyn Fn(&[FileRecord]) -> Option<String> + Sync),
) -> Standing {
    let found = Manifest::read(&root.join(MANIFEST));
    let sealed = ledger.closed.as_ref();
    let manifest = match (sealed, &found) {
        (Some(sealed), _) => sealed,
        (None, Ok(found)) => found,
        (None, Err(error)) => return Standing::Damaged(error.to_string()),
    };
    if let Some(problem) = damage(&manifest.files) {
        return Standing::Damaged(problem);
    }
    let manifest = Box::new(manifest.clone());
    match (sealed, found) {
        (Some(sealed), Ok(found)) if differences(sealed, &found).is_empty() => {
            Standing::Whole(manifest)
        }
        (Some(_), _) => Standing::Mended(manifest),
        (None, _) => match unlike(ledger, &manifest) {
            None => Standing::Unsealed(manifest),
            Some(problem) => Standing::Damaged(problem),
        },
    }
}

/// In what a manifest differs from another: key, value here, value there.
pub fn differences(a: &Manifest, b: &Manifest) -> Vec<String> {
    let json = |manifest: &Manifest| serde_json::to_value(manifest).unwrap_or_default();
    let mut found = Vec::new();
    compare("", &json(a), &json(b), &mut found);
    found
}

/// What keeps a manifest from being that of a ledger which has lost its seal.
fn unlike(ledger: &Ledger, manifest: &Manifest) -> Option<String> {
    let planned = &ledger.header.manifest;
    let same = Manifest {
        counts: planned.counts,
        superposition: planned.superposition.clone(),
        times: planned.times,
        files: planned.files.clone(),
        ..manifest.clone()
    };
    let mut counts = Counts::default();
    ledger.parts.values().for_each(|record| counts += record.counts);
    let recorded = ledger.parts.values().flat_map(|record| &record.files);
    let losses = |file: &&FileRecord| file.path.starts_with(LOSSES);
    let (mut a, mut b): (Vec<&FileRecord>, Vec<&FileRecord>) =
        (recorded.filter(losses).collect(), manifest.files.iter().filter(losses).collect());
    a.sort_by(|x, y| x.path.cmp(&y.path));
    b.sort_by(|x, y| x.path.cmp(&y.path));
    let problem = match () {
        () if !ledger.missing().is_empty() => "the ledger lacks parts of it".to_string(),
        () if manifest.is_screening() != planned.is_screening() => "is of another kind".to_string(),
        () if !manifest.is_screening() && (counts != manifest.counts || a != b) => {
            "its counts or files are not those of the ledger's parts".to_string()
        }
        () => differences(planned, &same).into_iter().next()?,
    };
    Some(format!("{MANIFEST}: {problem}"))
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
