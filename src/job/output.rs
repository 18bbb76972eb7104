//! The part of a job that says what is written.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::constants::{MIN_LOSS, OVERSHOOT_MULTIPLE};
use crate::scenario::ScenarioId;

/// What a job writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Result folder.
    pub folder: Option<PathBuf>,
    /// Absolute loss above which rows are written, tonnes.
    pub min_loss: f64,
    /// Compression of the loss tables.
    pub compression: Compression,
    /// Which losses are written.
    pub losses: Losses,
    /// Scenarios whose every step is written.
    pub trace: Vec<ScenarioId>,
    /// Whether every decision of every sector is written.
    pub events: bool,
    /// Multiple of the baseline above which a sector's available amount is flagged.
    pub overshoot: f64,
}

/// Compression of the loss tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Fastest where nothing waits for a disk: a quarter less time of the processor.
    None,
    /// A seventh smaller, since losses are noise to a compressor; on a slow disk no slower.
    #[default]
    Zstd,
}

/// Which losses are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Losses {
    /// Every one above the threshold.
    #[default]
    All,
    /// Totals by scenario alone.
    None,
}

impl Losses {
    /// Whether every loss is written.
    pub fn are_all(&self) -> bool {
        *self == Losses::All
    }
}

impl Default for Output {
    fn default() -> Self {
        Output {
            folder: None,
            min_loss: MIN_LOSS,
            compression: Compression::default(),
            losses: Losses::default(),
            trace: Vec::new(),
            events: false,
            overshoot: OVERSHOOT_MULTIPLE,
        }
    }
}
