//! Joins the shards of a run into the result that one run would have given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use shocksweep_columnar::read;

use crate::sink::close::close;
use crate::sink::commit::{Pending, Written, read_back};
use crate::sink::folder::{MANIFEST, is_in_use};
use crate::sink::ledger::{Header, Identity, Ledger, LedgerWriter, PartRecord, Shard};
use crate::sink::manifest::{FileRecord, Manifest};
use crate::sink::target::Closing;
use crate::sink::{PartList, ResultFolder, SinkError};

/// A shard's folder and what its ledger says.
struct Source {
    root: PathBuf,
    ledger: Ledger,
}

/// What joined shards make.
#[derive(Debug)]
pub enum Merged {
    /// A complete result.
    Complete(Box<Manifest>),
    /// All parts of a screening: running its job with `--resume` puts them together, which takes the
    /// dataset and an engine.
    Parts(usize),
}

/// Joins `shards` into a result at `out`; with `force` an earlier result there is replaced.
///
/// # Errors
/// The shards do not belong together, parts are missing or damaged, or the result cannot be
/// written. Nothing is written before the shards are known to fit.
pub fn merge(out: &Path, shards: &[PathBuf], force: bool) -> Result<Merged, SinkError> {
    let started = Instant::now();
    let sources: Vec<Source> = shards.iter().map(|root| read(root)).collect::<Result<_, _>>()?;
    let first = sources.first().ok_or_else(|| SinkError::Merge("no shards given".to_string()))?;
    fit(first, &sources)?;
    let parts: BTreeMap<usize, (&Source, &PartRecord)> = sources
        .iter()
        .rev()
        .flat_map(|source| source.ledger.parts.iter().map(move |(&n, r)| (n, (source, r))))
        .collect();
    let mut header = joined(&sources);
    if is_listed(&sources) {
        // Lists may name a part twice; it is there once.
        header.to_run = parts.values().map(|(_, record)| record.counts.run).sum();
    }

    let folder = ResultFolder::create(out, force)?;
    let mut ledger = LedgerWriter::create(out, &header)?;
    let records: Vec<PartRecord> = parts
        .into_par_iter()
        .map(|(_, (source, record))| {
            for file in &record.files {
                bring(&source.root, out, file)?;
            }
            Ok(record.clone())
        })
        .collect::<Result<_, SinkError>>()?;
    folder.sync_parts()?;
    ledger.parts(records)?;
    if is_screening(&header) {
        return Ok(Merged::Parts(header.parts));
    }
    let closing = Closing {
        counts: None,
        superposition: None,
        prepare_s: started.elapsed().as_secs_f64(),
        started,
        closing: Instant::now(),
    };
    let manifest = close(folder, ledger, closing, Vec::new())?;
    Ok(Merged::Complete(Box::new(manifest)))
}

fn is_screening(header: &Header) -> bool {
    header.manifest.is_screening()
}

fn read(root: &Path) -> Result<Source, SinkError> {
    let problem = |text: &str| SinkError::Merge(format!("{}: {text}", root.display()));
    if is_in_use(root) {
        return Err(problem("a shocksweep process is still at work there"));
    }
    if root.join(MANIFEST).exists() {
        return Err(problem("is a complete result, not a shard of one"));
    }
    match Ledger::read(root)? {
        Some(ledger) => Ok(Source { root: root.to_path_buf(), ledger }),
        None => Err(problem("holds no shard of a run")),
    }
}

/// Shards may run on different engines, but for a screening's, which one engine puts together:
/// everything else must be equal.
fn comparable(header: &Header) -> Identity {
    let identity = header.identity.clone();
    if is_screening(header) { identity } else { Identity { engine: String::new(), ..identity } }
}

/// Whether a folder holds parts that were listed, not a shard.
fn is_listed(sources: &[Source]) -> bool {
    sources.iter().any(|source| source.ledger.header.only.is_some())
}

/// Checks that folders hold every part, and that a part that two of them hold is the same.
fn cover(sources: &[Source]) -> Result<(), SinkError> {
    let all = sources[0].ledger.header.parts;
    let mut held: BTreeMap<usize, (&Source, &PartRecord)> = BTreeMap::new();
    for source in sources {
        for (&part, record) in &source.ledger.parts {
            let Some((other, before)) = held.insert(part, (source, record)) else { continue };
            if before.files != record.files {
                return Err(SinkError::Merge(format!(
                    "part {part} of {} and of {} differ",
                    other.root.display(),
                    source.root.display()
                )));
            }
        }
    }
    let missing: PartList = (0..all).filter(|part| !held.contains_key(part)).collect();
    match (0..all).any(|part| missing.has(part)) {
        true => Err(SinkError::Merge(format!("missing: parts {missing}"))),
        false => Ok(()),
    }
}

/// Checks that the shards are those of one run, each once, none missing, all parts done; or that folders
/// of listed parts hold all of them.
fn fit(first: &Source, sources: &[Source]) -> Result<(), SinkError> {
    let of = first.ledger.header.shard.of;
    let expected = comparable(&first.ledger.header);
    let mut by_number: BTreeMap<usize, &Source> = BTreeMap::new();
    for source in sources {
        let header = &source.ledger.header;
        let mut differences = expected.differences(&comparable(header));
        if !is_listed(sources) && header.shard.of != of {
            differences.push(format!("shards were {of} and are {}", header.shard.of));
        }
        if !differences.is_empty() {
            return Err(SinkError::Merge(format!(
                "{} and {} are of different runs: {}",
                first.root.display(),
                source.root.display(),
                differences.join("; ")
            )));
        }
        if is_listed(sources) {
            continue;
        }
        if let Some(other) = by_number.insert(header.shard.number, source) {
            return Err(SinkError::Merge(format!(
                "{} and {} are both shard {}",
                other.root.display(),
                source.root.display(),
                header.shard
            )));
        }
    }
    if is_listed(sources) {
        return cover(sources);
    }
    let missing: Vec<String> = (1..=of)
        .filter(|number| !by_number.contains_key(number))
        .map(|number| Shard { number, of }.to_string())
        .collect();
    if !missing.is_empty() {
        return Err(SinkError::Merge(format!("missing: shard {}", missing.join(", "))));
    }
    let unfinished: Vec<String> = sources
        .iter()
        .filter(|source| !source.ledger.missing().is_empty())
        .map(|source| {
            let parts: Vec<String> = source.ledger.missing().iter().map(usize::to_string).collect();
            let (root, shard) = (source.root.display(), source.ledger.header.shard);
            format!("{root} (shard {shard}) lacks parts {}", parts.join(", "))
        })
        .collect();
    if unfinished.is_empty() {
        return Ok(());
    }
    Err(SinkError::Shard(unfinished.join("; ")))
}

/// The header of the whole run.
fn joined(sources: &[Source]) -> Header {
    let mut header = sources[0].ledger.header.clone();
    header.shard = Shard::WHOLE;
    header.only = None;
    header.to_run = sources.iter().map(|source| source.ledger.header.to_run).sum();
    let started = sources.iter().map(|s| s.ledger.header.manifest.times.started_unix_s).min();
    header.manifest.times.started_unix_s = started.unwrap_or(0);
    // One run has one engine; of several all are named.
    let mut engines: Vec<String> =
        sources.iter().map(|s| s.ledger.header.manifest.engine.name.clone()).collect();
    engines.sort();
    engines.dedup();
    if engines.len() > 1 {
        header.manifest.engine.name = engines.join(", ");
        header.identity.engine.clone_from(&header.manifest.engine.name);
    }
    header
}

/// Brings a file of a part over and checks that it is what the ledger says. Files of results are replaced,
/// never written to, so that two results may share one: where the file system has links this takes
/// neither time nor room, elsewhere the file is copied.
fn bring(from: &Path, to: &Path, record: &FileRecord) -> Result<(), SinkError> {
    let source = from.join(&record.path);
    let damaged = |problem: String| SinkError::Shard(format!("{}: {problem}", source.display()));
    let as_recorded =
        |found: &Written| match found.bytes == record.bytes && found.blake3 == record.blake3 {
            true => Ok(()),
            false => Err(damaged("is not as recorded".to_string())),
        };
    let target = to.join(&record.path);
    // A link to a link would hang on where that one points.
    let is_plain = std::fs::symlink_metadata(&source).is_ok_and(|found| found.is_file());
    if is_plain && std::fs::hard_link(&source, &target).is_ok() {
        return as_recorded(&read_back(&target)?);
    }
    let mut file =
        read::open(&source).map_err(|error| damaged(std::io::Error::from(error).to_string()))?;
    let mut pending = Pending::create(&target)?;
    std::io::copy(&mut file, &mut pending).map_err(SinkError::io(&target))?;
    as_recorded(&pending.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder `from` with a file of a part and an empty one, `to`; what the ledger says of the file.
    fn part(content: &str) -> (tempfile::TempDir, FileRecord) {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["from", "to"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let path = dir.path().join("from").join("part");
        std::fs::write(&path, content).unwrap();
        let Written { bytes, blake3 } = read_back(&path).unwrap();
        (dir, FileRecord { path: "part".to_string(), rows: 1, bytes, blake3 })
    }

    #[test]
    fn what_is_brought_over_stays_when_the_shard_goes() {
        let (dir, record) = part("rows");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        bring(&from, &to, &record).unwrap();
        std::fs::remove_dir_all(&from).unwrap();
        assert_eq!(std::fs::read_to_string(to.join("part")).unwrap(), "rows");
    }

    #[test]
    fn what_is_not_as_recorded_is_refused() {
        let (dir, record) = part("rows");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        std::fs::write(from.join("part"), "rowS").unwrap();
        let error = bring(&from, &to, &record).unwrap_err().to_string();
        assert!(error.contains("is not as recorded"), "{error}");
        std::fs::remove_file(from.join("part")).unwrap();
        assert!(matches!(bring(&from, &to, &record), Err(SinkError::Shard(_))));
    }

    /// A link would hang on where it points: its content is copied.
    #[cfg(unix)]
    #[test]
    fn files_are_shared_and_links_copied() {
        use std::os::unix::fs::MetadataExt;
        let (dir, record) = part("rows");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        bring(&from, &to, &record).unwrap();
        assert_eq!(std::fs::metadata(to.join("part")).unwrap().nlink(), 2);
        std::fs::remove_file(to.join("part")).unwrap();
        std::fs::rename(from.join("part"), dir.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), from.join("part")).unwrap();
        bring(&from, &to, &record).unwrap();
        let copied = std::fs::symlink_metadata(to.join("part")).unwrap();
        assert!(copied.is_file() && copied.nlink() == 1);
    }
}
