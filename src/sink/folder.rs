//! The result folder: created before the work, closed by its manifest.

use std::fs;
use std::path::{Path, PathBuf};

use super::SinkError;
use super::commit::{Pending, sync_folder};
use super::manifest::Manifest;

/// Name of the manifest in a result folder.
pub const MANIFEST: &str = "manifest.json";
/// Name of the scenario table in a result folder.
pub const SCENARIOS: &str = "scenarios.parquet";
/// Name of the folder of loss tables in a result folder.
pub const LOSSES: &str = "losses";
/// Name of the trace table in a result folder.
pub const TRACE: &str = "trace.parquet";

/// Name of the area table in a result folder.
pub const AREAS: &str = "areas.parquet";
/// Name of the event table in a result folder.
pub const EVENTS: &str = "events.parquet";

/// Name of the table of superpositions in a result folder.
pub const SUPERPOSITION: &str = "superposition.parquet";
/// Name of the table of receiving areas in a result folder.
pub const RECEIVERS: &str = "receivers.parquet";
/// Name of a screening's table of best pairs in a result folder.
pub const RANKING: &str = "ranking.parquet";
/// Name of a screening's table of moments in a result folder.
pub const MOMENTS: &str = "moments.parquet";
/// Name of a screening's table of histograms in a result folder.
pub const HISTOGRAM: &str = "histogram.parquet";

/// A result folder open for writing.
#[derive(Debug)]
pub struct ResultFolder {
    root: PathBuf,
}

impl ResultFolder {
    /// Makes an empty result folder at `root`.
    ///
    /// With `force`, an earlier shocksweep result there is removed first; nothing else ever is.
    ///
    /// # Errors
    /// The folder holds something already, or cannot be made.
    pub fn create(root: &Path, force: bool) -> Result<Self, SinkError> {
        let occupied = match fs::read_dir(root) {
            Ok(mut entries) => entries.next().is_some(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
            Err(e) => return Err(SinkError::io(root)(e)),
        };
        if occupied {
            if !force {
                return Err(SinkError::Exists(root.to_path_buf()));
            }
            if !is_result(root) {
                return Err(SinkError::Foreign(root.to_path_buf()));
            }
            remove_result(root)?;
        }
        let losses = root.join(LOSSES);
        fs::create_dir_all(&losses).map_err(SinkError::io(&losses))?;
        Ok(ResultFolder { root: root.to_path_buf() })
    }

    /// The folder's path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Path of the n-th loss table.
    pub fn part(&self, part: usize) -> PathBuf {
        self.root.join(LOSSES).join(part_name(part))
    }

    /// Writes the manifest, which makes the result complete.
    ///
    /// # Errors
    /// The manifest cannot be written.
    pub fn finish(self, manifest: &Manifest) -> Result<(), SinkError> {
        sync_folder(&self.root.join(LOSSES))?;
        let path = self.root.join(MANIFEST);
        let mut pending = Pending::create(&path)?;
        let unwritable = |e: serde_json::Error| SinkError::io(&path)(e.into());
        serde_json::to_writer_pretty(pending.file(), manifest).map_err(unwritable)?;
        pending.commit()?;
        sync_folder(&self.root)
    }
}

/// File name of the n-th loss table.
pub fn part_name(part: usize) -> String {
    format!("part-{part:05}.parquet")
}

/// Whether shocksweep wrote this folder: it has a manifest, or the loss folder of an unfinished
/// run and nothing foreign.
fn is_result(root: &Path) -> bool {
    let known = [
        MANIFEST,
        SCENARIOS,
        LOSSES,
        TRACE,
        AREAS,
        EVENTS,
        SUPERPOSITION,
        RECEIVERS,
        RANKING,
        MOMENTS,
        HISTOGRAM,
    ];
    let Ok(entries) = fs::read_dir(root) else { return false };
    let all_known = entries.flatten().all(|e| {
        let name = e.file_name();
        let name = name.to_string_lossy();
        known.contains(&name.trim_end_matches(".tmp"))
    });
    all_known && root.join(LOSSES).is_dir()
}

/// Removes the files of an earlier result, by name, and nothing else.
fn remove_result(root: &Path) -> Result<(), SinkError> {
    let losses = root.join(LOSSES);
    for folder in [losses.as_path(), root] {
        for entry in fs::read_dir(folder).map_err(SinkError::io(folder))? {
            let path = entry.map_err(SinkError::io(folder))?.path();
            if path.is_file() {
                fs::remove_file(&path).map_err(SinkError::io(&path))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_result_is_replaced_and_only_when_forced() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let folder = ResultFolder::create(&out, false).unwrap();
        fs::write(folder.part(0), "x").unwrap();
        fs::write(out.join(MANIFEST), "{}").unwrap();
        assert!(matches!(ResultFolder::create(&out, false), Err(SinkError::Exists(_))));
        let folder = ResultFolder::create(&out, true).unwrap();
        assert!(!folder.part(0).exists());

        let foreign = dir.path().join("precious");
        fs::create_dir_all(foreign.join(LOSSES)).unwrap();
        fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(ResultFolder::create(&foreign, true), Err(SinkError::Foreign(_))));
        assert!(foreign.join("thesis.txt").exists());
    }
}
