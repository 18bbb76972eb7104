//! The manifest: everything needed to judge a result and to repeat it.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::{TableError, read};

use super::commit::Written;
pub use super::counts::{CheckRecord, Counts, SuperpositionRecord};
use super::{SinkError, layout};
use crate::dataset::TableSource;
use crate::engine::Precision;
use crate::job::file::Losses;
use crate::job::superposition::Keep;
use crate::job::{Adaptation, EngineKind};
use crate::model::adaptation::{self, AdaptationSettings, MissingRule, SubstituteConflict};
use crate::results::TONNES;
use crate::scenario::ScenarioId;
use crate::whatif::Change;

/// Bytes of a manifest at most: many times what the largest plan's has.
pub(super) const MAX_BYTES: u64 = 256 << 20;

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
    /// Pairs that were compared with their sum; null if none were.
    #[serde(default)]
    pub superposition: Option<SuperpositionRecord>,
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
    /// Engine as given, or as chosen.
    pub engine: EngineKind,
    /// Yearly steps.
    pub steps: usize,
    /// Whether areas adapt.
    pub adaptation: AdaptationRecord,
    /// Switches of the adaptive model, where no scenario has its own; null if nothing adapts.
    pub adaptive: Option<AdaptiveRecord>,
    /// Scenario set: `all-single`, `list` or `table`.
    pub scenarios: String,
    /// Scenarios whose every step is written.
    pub trace: Vec<ScenarioId>,
    /// Which losses are written.
    #[serde(default, skip_serializing_if = "Losses::are_all")]
    pub losses: Losses,
    /// Changes that made the dataset from the one given; `dataset.content_hash` is that of the
    /// changed one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<Change>,
}

/// Whether the areas of a run adapt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdaptationRecord {
    /// In every scenario.
    On,
    /// In none.
    Off,
    /// Every scenario is run both ways.
    Both,
    /// Each scenario says so itself.
    Scenario,
}

impl From<Option<Adaptation>> for AdaptationRecord {
    fn from(of_job: Option<Adaptation>) -> Self {
        match of_job {
            None => AdaptationRecord::Scenario,
            Some(Adaptation::On) => AdaptationRecord::On,
            Some(Adaptation::Off) => AdaptationRecord::Off,
            Some(Adaptation::Both) => AdaptationRecord::Both,
        }
    }
}

/// Switches of the adaptive model (Baum et al. 2024, Methods 4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AdaptiveRecord {
    /// Relative loss from which a sector adapts, unit 1.
    pub relative_threshold: f64,
    /// Absolute loss from which a sector adapts, tonnes.
    pub absolute_threshold: f64,
    /// Step after which sectors adapt, from 0.
    pub adaptation_step: usize,
    /// Step after which sectors substitute, from 0.
    pub substitution_step: usize,
    /// Whether they do.
    pub substitution: bool,
    /// What an entry without a rule becomes.
    pub missing_rule: MissingRule,
    /// Which growth counts where several lost items have one substitute.
    pub substitute_conflict: SubstituteConflict,
    /// Largest output as a multiple of the baseline's.
    pub output_cap: Option<f64>,
}

impl From<AdaptationSettings> for AdaptiveRecord {
    fn from(settings: AdaptationSettings) -> Self {
        AdaptiveRecord {
            relative_threshold: settings.thresholds.relative,
            absolute_threshold: settings.thresholds.absolute,
            adaptation_step: settings.adaptation_step,
            substitution_step: settings.substitution_step,
            substitution: settings.substitution,
            missing_rule: settings.missing_rule,
            substitute_conflict: settings.substitute_conflict,
            output_cap: settings.output_cap,
        }
    }
}

impl From<&AdaptiveRecord> for AdaptationSettings {
    fn from(record: &AdaptiveRecord) -> Self {
        AdaptationSettings {
            thresholds: adaptation::Thresholds {
                relative: record.relative_threshold,
                absolute: record.absolute_threshold,
            },
            adaptation_step: record.adaptation_step,
            substitution_step: record.substitution_step,
            substitution: record.substitution,
            missing_rule: record.missing_rule,
            substitute_conflict: record.substitute_conflict,
            output_cap: record.output_cap,
        }
    }
}

impl Manifest {
    /// Whether the result is that of a screening, which keeps no scenarios.
    pub fn is_screening(&self) -> bool {
        self.superposition.as_ref().is_some_and(|s| s.keep == Keep::Top)
    }

    /// Reads the manifest of a result.
    ///
    /// # Errors
    /// The file is missing, or is no manifest of this version's layout ([`RESULT_FORMAT`](super::RESULT_FORMAT)).
    pub fn read(path: &Path) -> Result<Self, SinkError> {
        let unreadable = |problem: String| SinkError::Unreadable { path: path.into(), problem };
        let text = read::bytes(path, MAX_BYTES).map_err(|error| match error {
            TableError::Io { source, .. } if source.kind() == ErrorKind::NotFound => unreadable(
                "not found; expected the folder of a finished shocksweep result".to_string(),
            ),
            error => SinkError::from(error),
        })?;
        layout::check_manifest(path, &text)?;
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))
    }
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
    /// Sign of the unit whose amounts are summed over items; null where items have none in common.
    #[serde(default = "tonnes")]
    pub summed_unit: Option<String>,
    /// Licence of the data.
    pub licence: String,
    /// Whether the dataset is invented.
    pub synthetic: bool,
    /// What must not be forgotten when citing numbers.
    pub warning: Option<String>,
    /// Whether it tells food from other uses; else all consumption of foods counts as eaten.
    #[serde(default)]
    pub tells_food: bool,
    /// Origin of every table.
    pub sources: Vec<TableSource>,
}

/// What is summed in results that do not say so.
fn tonnes() -> Option<String> {
    Some(TONNES.to_string())
}

impl DatasetRecord {
    /// Sign of the unit whose amounts are summed.
    pub fn sign(&self) -> &str {
        self.summed_unit.as_deref().unwrap_or("")
    }
}

/// What computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineRecord {
    /// Name of the engine.
    pub name: String,
    /// Device it ran on.
    pub device: String,
    /// Arithmetic.
    pub precision: Precision,
    /// Whether the device was software that presents itself as a graphics adapter.
    #[serde(default)]
    pub software: bool,
    /// Why this engine ran, where the job left it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
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
    /// A sector that ends above this multiple of its baseline is flagged as overshoot.
    pub overshoot: f64,
}

/// When, and how long it took. The only part of a manifest that differs between equal runs.
///
/// A run that was continued, or merged from shards, sums over its sessions.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
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
    /// BLAKE3 of the content, hexadecimal.
    pub blake3: String,
}

impl FileRecord {
    /// A committed file of so many rows.
    pub fn new(path: impl Into<String>, rows: usize, written: Written) -> Self {
        FileRecord { path: path.into(), rows, bytes: written.bytes, blake3: written.blake3 }
    }
}
