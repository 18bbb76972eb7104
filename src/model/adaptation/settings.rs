//! The switches of the adaptive model, with the published values as defaults.

use serde::{Deserialize, Serialize};

use super::entry::Thresholds;
pub use crate::dataset::MissingRule;
use crate::model::constants::{
    ADAPTATION_ABSOLUTE_LOSS, ADAPTATION_RELATIVE_LOSS, ADAPTATION_STEP, SUBSTITUTION_STEP,
};

/// Which growth an import share takes where an area has lost several items with one substitute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum SubstituteConflict {
    /// That of the last lost item, in item order, as in the published program.
    #[default]
    Last,
    /// The largest.
    Max,
    /// The product of all.
    Product,
}

/// How one scenario adapts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaptationSettings {
    /// Losses from which a sector adapts, and later substitutes.
    pub thresholds: Thresholds,
    /// Step after which sectors adapt; in force from the next step on.
    pub adaptation_step: usize,
    /// Step after which sectors substitute; not before `adaptation_step`.
    pub substitution_step: usize,
    /// Whether sectors substitute at all.
    pub substitution: bool,
    /// Entries without a rule.
    pub missing_rule: MissingRule,
    /// Several lost items with one substitute.
    pub substitute_conflict: SubstituteConflict,
    /// Largest output of a sector as a multiple of its baseline output, from the step after
    /// adaptation on; `None` for no limit, as published.
    pub output_cap: Option<f64>,
}

impl Default for AdaptationSettings {
    /// The published model: Baum et al. 2024, Methods 4.
    fn default() -> Self {
        AdaptationSettings {
            thresholds: Thresholds {
                relative: ADAPTATION_RELATIVE_LOSS,
                absolute: ADAPTATION_ABSOLUTE_LOSS,
            },
            adaptation_step: ADAPTATION_STEP,
            substitution_step: SUBSTITUTION_STEP,
            substitution: true,
            missing_rule: MissingRule::default(),
            substitute_conflict: SubstituteConflict::default(),
            output_cap: None,
        }
    }
}
