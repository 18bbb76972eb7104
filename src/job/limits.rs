//! What a job may make the program do: jobs come from other people too.
//!
//! A job may ask for much, but not for more memory than the run may use, and its results lie in a
//! folder below the one the program runs in unless the user says otherwise (`--out`).

use std::io::{Error, ErrorKind};
use std::path::{Component, Path};

use shocksweep_columnar::{TableError, read};

use super::{JobError, JobFile};
use crate::dataset::Dimensions;
use crate::scenario::{NamedScenario, ScenarioId};

/// Largest job file, bytes.
pub const MAX_JOB_BYTES: u64 = 16 << 20;

/// A loss and its sector, bytes.
const BYTES_PER_LOSS: u64 = 12;

/// What a screening keeps of one single run, bytes: the sectors it touches, twice (measured on the
/// 2020 data).
pub const BYTES_PER_SINGLE: u64 = 80_000;

/// Refuses worlds whose names have no keys: label columns of results have 16-bit ones.
///
/// # Errors
/// There are too many areas or items.
pub fn check_size(dims: Dimensions) -> Result<(), JobError> {
    let limit = i16::MAX as usize;
    for (what, count) in [("areas", dims.areas), ("items", dims.items)] {
        if count > limit {
            return Err(JobError::TooLarge { what, count, limit });
        }
    }
    Ok(())
}

/// The scenarios whose every step is written, each once, ascending.
///
/// # Errors
/// The job asks for one that is not among `scenarios`, which are ascending.
pub fn traced(job: &JobFile, scenarios: &[NamedScenario]) -> Result<Vec<ScenarioId>, JobError> {
    let mut trace = job.output.trace.clone();
    trace.sort_unstable();
    trace.dedup();
    for &id in &trace {
        if scenarios.binary_search_by_key(&id, |s| s.scenario.id).is_err() {
            return Err(JobError::Trace(id));
        }
    }
    Ok(trace)
}

/// Text of a job file.
///
/// # Errors
/// The file cannot be read, is no text, or is larger than [`MAX_JOB_BYTES`].
pub fn read_text(path: &Path) -> std::io::Result<String> {
    read::text_within(path, MAX_JOB_BYTES).map_err(|error| match error {
        TableError::TooLarge { .. } => {
            let problem = format!("larger than {} MiB; expected a job file", MAX_JOB_BYTES >> 20);
            Error::new(ErrorKind::InvalidData, problem)
        }
        error => error.into(),
    })
}

/// Refuses the result folder of a job file if it leads out of `base`, the folder the program runs
/// in.
///
/// # Errors
/// The folder is an address, is absolute, has `..` in it, or lies behind a link that leads elsewhere.
pub fn check_folder(folder: &Path, base: &Path) -> Result<(), JobError> {
    let refused = || JobError::Folder(folder.to_path_buf());
    let is_plain = |c: Component<'_>| matches!(c, Component::Normal(_) | Component::CurDir);
    // What a job of someone else names is not written to with the user's credentials.
    if crate::objects::is_address(folder) || !folder.components().all(is_plain) {
        return Err(refused());
    }
    // What is there already must not lead elsewhere.
    let Ok(base) = base.canonicalize() else { return Ok(()) };
    let mut at = base.clone();
    for component in folder.components() {
        at.push(component);
        match at.canonicalize() {
            Ok(found) if found.starts_with(&base) => {}
            Err(e) if e.kind() == ErrorKind::NotFound && !at.is_symlink() => break,
            _ => return Err(refused()),
        }
    }
    Ok(())
}

/// One thing that takes memory, for [`check_memory`].
pub struct Need {
    /// What it is.
    pub what: String,
    /// Bytes it takes at most.
    pub bytes: u64,
}

/// What a run of any kind keeps: the baseline, and traces of so many scenarios.
pub fn of_run(dims: Dimensions, steps: usize, traced: usize) -> [Need; 2] {
    let cells = (steps as u64).saturating_mul(dims.sectors() as u64);
    let traces = (traced as u64).saturating_mul(cells).saturating_mul(BYTES_PER_LOSS);
    [
        // Available amounts and output.
        Need { what: format!("the baseline of {steps} steps"), bytes: cells.saturating_mul(16) },
        Need { what: format!("the trace of {traced} scenarios"), bytes: traces },
    ]
}

/// What a screening keeps: `singles` single runs, and `top` pairs for every ranking by area and
/// class, of all first shocks that are screened at a time.
pub fn of_screening(dims: Dimensions, singles: usize, top: usize) -> [Need; 2] {
    let (singles, top) = (singles as u64, top as u64);
    let rankings = (dims.areas + 8) as u64;
    let ranked = top.min(singles).saturating_mul(rankings * 16 * 64);
    [
        Need { what: format!("{singles} single runs"), bytes: singles * BYTES_PER_SINGLE },
        Need { what: format!("rankings of {top} pairs each"), bytes: ranked },
    ]
}

/// Refuses what would take more than half of the memory the run may use.
///
/// # Errors
/// The first need that is too large.
pub fn check_memory(needs: &[Need], memory_limit: u64) -> Result<(), JobError> {
    match needs.iter().find(|need| need.bytes > memory_limit / 2) {
        None => Ok(()),
        Some(need) => {
            Err(JobError::Needs { what: need.what.clone(), needed: need.bytes, memory_limit })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_folder_stays_below_the_working_folder() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("work");
        std::fs::create_dir_all(base.join("results")).unwrap();
        let check = |folder: &str| check_folder(Path::new(folder), &base);
        for fine in ["results", "results/new/deep", "./new"] {
            check(fine).unwrap();
        }
        for bad in ["/tmp/x", "../x", "results/../../x", "results/../results", "s3://bucket/x"] {
            let message = check(bad).unwrap_err().to_string();
            assert!(message.contains("expected a folder below the one"), "{message}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path(), base.join("out")).unwrap();
            std::os::unix::fs::symlink(dir.path().join("gone"), base.join("dangling")).unwrap();
            std::os::unix::fs::symlink("results", base.join("inside")).unwrap();
            check("inside/new").unwrap();
            for bad in ["out", "out/new", "dangling", "dangling/new"] {
                check(bad).unwrap_err();
            }
        }
    }
}
