//! The manifest: everything needed to judge a result and to repeat it.

use serde::{Deserialize, Serialize};

use crate::dataset::TableSource;

/// Content of `manifest.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the result folder's layout.
    pub format: u32,
    /// Program that wrote the result.
    pub program: Program,
    /// The job, every default filled in.
    pub job: ResolvedJob,
    /// The data.
    pub dataset: DatasetRecord,
    /// What computed.
    pub engine: EngineRecord,
    /// Thresholds in force.
    pub thresholds: Thresholds,
    /// How much was done.
    pub counts: Counts,
    /// When, and how long it took.
    pub times: Times,
    /// Files of the result, relative to its folder.
    pub files: Vec<FileRecord>,
}

/// The program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Program {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// The job as resolved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResolvedJob {
    /// Dataset as given, without the folders above it.
    pub dataset: String,
    /// Engine as given.
    pub engine: String,
    /// Yearly steps.
    pub steps: usize,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Scenario set: `all-single`, `list` or `table`.
    pub scenarios: String,
    /// Scenarios whose every step is written.
    pub trace: Vec<u32>,
}

/// The data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Name.
    pub name: String,
    /// Year of the data.
    pub year: Option<i32>,
    /// Hash of everything that can change a result.
    pub content_hash: String,
    /// Units of amounts.
    pub units: String,
    /// Licence of the data.
    pub licence: String,
    /// Whether the dataset is invented.
    pub synthetic: bool,
    /// What must not be forgotten when citing numbers.
    pub warning: Option<String>,
    /// Origin of every table.
    pub sources: Vec<TableSource>,
}

/// What computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineRecord {
    /// Name of the engine.
    pub name: String,
    /// Device it ran on.
    pub device: String,
    /// Arithmetic.
    pub precision: String,
}

/// Thresholds in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Thresholds {
    /// Rows are written where `|al|` exceeds this, tonnes.
    pub min_loss: f64,
    /// Relative losses whose exceedances are counted per scenario.
    pub relative_loss_marks: [f64; 3],
    /// `rl` is clipped below at this.
    pub relative_loss_floor: f64,
}

/// How much was done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Counts {
    /// Scenarios of the plan.
    pub scenarios: usize,
    /// Of these, run.
    pub run: usize,
    /// Of these, without any effect.
    pub no_op: usize,
    /// Rows in the loss tables.
    pub loss_rows: usize,
}

/// When, and how long it took. The only part of a result that differs between equal runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Times {
    /// Start of the run, seconds since 1970-01-01 UTC.
    pub started_unix_s: u64,
    /// Loading and preparing, seconds.
    pub prepare_s: f64,
    /// Computing losses, seconds.
    pub compute_s: f64,
    /// Writing tables, seconds; overlaps computing.
    pub write_s: f64,
    /// The whole run, seconds.
    pub total_s: f64,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path relative to the result folder, with forward slashes.
    pub path: String,
    /// Rows.
    pub rows: usize,
    /// Size, bytes.
    pub bytes: u64,
}
