//! Flags of the adaptive model, shared by commands.

use clap::Args;

use crate::model::adaptation::{MissingRule, SubstituteConflict};
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::scenario::switches::Switches;

/// Switches of the adaptive model; published values by default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Adaptive model")]
pub struct SwitchArgs {
    /// Keep sectors from substituting.
    #[arg(long)]
    pub no_substitution: bool,
    /// Relative loss from which a sector adapts [default: 0.26].
    #[arg(long, value_name = "SHARE")]
    pub relative_threshold: Option<f64>,
    /// Absolute loss from which a sector adapts [default: 1000].
    #[arg(long, value_name = "TONNES")]
    pub absolute_threshold: Option<f64>,
    /// Step after which sectors adapt, from 0 [default: 1].
    #[arg(long, value_name = "STEP")]
    pub adaptation_step: Option<usize>,
    /// Step after which sectors substitute, from 0 [default: 2].
    #[arg(long, value_name = "STEP")]
    pub substitution_step: Option<usize>,
    /// What a parameter without a rule becomes [default: published].
    #[arg(long)]
    pub missing_rule: Option<MissingRule>,
    /// Which growth counts where several lost items have one substitute [default: last].
    #[arg(long)]
    pub substitute_conflict: Option<SubstituteConflict>,
    /// Largest output as a multiple of the baseline's, 1 or more [default: no limit].
    #[arg(long, value_name = "MULTIPLE")]
    pub output_cap: Option<f64>,
    /// Keep output from running away: at most twice that of the baseline, as `--output-cap 2`.
    #[arg(long, conflicts_with = "output_cap")]
    pub cap: bool,
}

impl SwitchArgs {
    /// The switches that were given.
    pub fn switches(&self) -> Switches {
        Switches {
            substitution: self.no_substitution.then_some(false),
            relative_threshold: self.relative_threshold,
            absolute_threshold: self.absolute_threshold,
            adaptation_step: self.adaptation_step,
            substitution_step: self.substitution_step,
            missing_rule: self.missing_rule,
            substitute_conflict: self.substitute_conflict,
            output_cap: self.output_cap.or(self.cap.then_some(OVERSHOOT_MULTIPLE)),
        }
    }
}
