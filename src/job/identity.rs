//! What must be equal for two jobs to make the same result.

use std::path::{Path, PathBuf};

use super::JobFile;
use super::sets::ScenarioSet;
use crate::scenario::NamedScenario;

/// BLAKE3 of scenarios in memory.
pub(super) fn hash_of(scenarios: &[NamedScenario]) -> String {
    let mut hasher = blake3::Hasher::new();
    for named in scenarios {
        hasher.update(format!("{named:?}\n").as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// A job without what changes no result: folders, the memory limit and the engine, which is told
/// apart elsewhere.
pub(super) fn identity(job: &JobFile) -> serde_json::Value {
    let mut job = job.clone();
    job.dataset = given_name(&job.dataset);
    job.output.folder = None;
    job.memory_limit = None;
    if let ScenarioSet::Table { table } = &mut job.scenarios {
        *table = table.file_name().map(PathBuf::from).unwrap_or_default();
    }
    let mut value = serde_json::to_value(&job).unwrap_or_default();
    if let Some(keys) = value.as_object_mut() {
        // The dataset is known by its content, wherever it lies.
        for key in ["dataset", "engine", "device", "precision", "allow_software", "memory_limit"] {
            keys.remove(key);
        }
    }
    value
}

/// The last part of a path: what a result may say of where its data lay.
pub(super) fn given_name(dataset: &str) -> String {
    let path = Path::new(dataset);
    // `..` or `.` at the end is no name, and the folders before it are nobody's business.
    let resolved = path.file_name().is_none().then(|| path.canonicalize().ok()).flatten();
    let name = resolved.as_deref().unwrap_or(path).file_name();
    name.map_or_else(|| "dataset".to_string(), |n| n.to_string_lossy().into_owned())
}
