//! Switches of a single scenario: what a job's table or list may set for it alone.

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::model::adaptation::{AdaptationSettings, MissingRule, SubstituteConflict, Thresholds};

/// Names of the switches, as keys of job files and columns of scenario tables.
pub const SWITCHES: [&str; 8] = [
    "substitution",
    "relative_threshold",
    "absolute_threshold",
    "adaptation_step",
    "substitution_step",
    "missing_rule",
    "substitute_conflict",
    "output_cap",
];

/// Switches of the adaptive model; what is not set is taken from the job, then from the papers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// Whether sectors substitute.
    pub substitution: Option<bool>,
    /// Relative loss from which a sector adapts, in (0, 1].
    pub relative_threshold: Option<f64>,
    /// Absolute loss from which a sector adapts, tonnes, 0 or more.
    pub absolute_threshold: Option<f64>,
    /// Step after which sectors adapt, from 0.
    pub adaptation_step: Option<usize>,
    /// Step after which sectors substitute, from 0.
    pub substitution_step: Option<usize>,
    /// What an entry without a rule becomes.
    pub missing_rule: Option<MissingRule>,
    /// Which growth counts where several lost items have one substitute.
    pub substitute_conflict: Option<SubstituteConflict>,
    /// Largest output as a multiple of the baseline's, 1 or more.
    pub output_cap: Option<f64>,
}

/// A switch with a value it cannot have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}; expected {expected}")]
pub struct SwitchError {
    /// Name of the switch.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// What is valid.
    pub expected: &'static str,
}

impl Switches {
    /// These switches, and where they are not set those of `other`.
    pub fn or(self, other: Switches) -> Switches {
        Switches {
            substitution: self.substitution.or(other.substitution),
            relative_threshold: self.relative_threshold.or(other.relative_threshold),
            absolute_threshold: self.absolute_threshold.or(other.absolute_threshold),
            adaptation_step: self.adaptation_step.or(other.adaptation_step),
            substitution_step: self.substitution_step.or(other.substitution_step),
            missing_rule: self.missing_rule.or(other.missing_rule),
            substitute_conflict: self.substitute_conflict.or(other.substitute_conflict),
            output_cap: self.output_cap.or(other.output_cap),
        }
    }

    /// The first switch in which `other` differs.
    pub fn first_difference(&self, other: &Switches) -> Option<&'static str> {
        let differs = [
            self.substitution != other.substitution,
            self.relative_threshold != other.relative_threshold,
            self.absolute_threshold != other.absolute_threshold,
            self.adaptation_step != other.adaptation_step,
            self.substitution_step != other.substitution_step,
            self.missing_rule != other.missing_rule,
            self.substitute_conflict != other.substitute_conflict,
            self.output_cap != other.output_cap,
        ];
        SWITCHES.into_iter().zip(differs).find(|(_, differs)| *differs).map(|(key, _)| key)
    }

    /// The settings in force for a dataset: what its rules mean where nothing is set, and then
    /// published values.
    ///
    /// # Errors
    /// As [`Switches::settings`].
    pub fn settings_for(self, dataset: &Dataset) -> Result<AdaptationSettings, SwitchError> {
        let missing_rule = Some(dataset.missing_rule());
        self.or(Switches { missing_rule, ..Switches::default() }).settings()
    }

    /// The settings in force, published values where nothing is set.
    ///
    /// # Errors
    /// A value out of range, or substitution before adaptation.
    pub fn settings(self) -> Result<AdaptationSettings, SwitchError> {
        let published = AdaptationSettings::default();
        let error = |key, value: String, expected| Err(SwitchError { key, value, expected });
        let thresholds = Thresholds {
            relative: self.relative_threshold.unwrap_or(published.thresholds.relative),
            absolute: self.absolute_threshold.unwrap_or(published.thresholds.absolute),
        };
        if !(thresholds.relative > 0.0 && thresholds.relative <= 1.0) {
            let value = thresholds.relative.to_string();
            return error("relative_threshold", value, "a share above 0, at most 1");
        }
        if !(thresholds.absolute >= 0.0 && thresholds.absolute.is_finite()) {
            return error(
                "absolute_threshold",
                thresholds.absolute.to_string(),
                "tonnes, 0 or more",
            );
        }
        if let Some(cap) = self.output_cap
            && !(cap >= 1.0 && cap.is_finite())
        {
            return error("output_cap", cap.to_string(), "a multiple of the baseline, 1 or more");
        }
        let adaptation_step = self.adaptation_step.unwrap_or(published.adaptation_step);
        // A later adaptation takes substitution with it, unless that is placed too.
        let substitution_step =
            self.substitution_step.unwrap_or(published.substitution_step.max(adaptation_step + 1));
        if substitution_step < adaptation_step {
            let expected = "adaptation_step or later";
            return error("substitution_step", substitution_step.to_string(), expected);
        }
        Ok(AdaptationSettings {
            thresholds,
            adaptation_step,
            substitution_step,
            substitution: self.substitution.unwrap_or(published.substitution),
            missing_rule: self.missing_rule.unwrap_or(published.missing_rule),
            substitute_conflict: self.substitute_conflict.unwrap_or(published.substitute_conflict),
            output_cap: self.output_cap,
        })
    }
}

/// The switches that are set, as `key=value`, separated by spaces.
impl std::fmt::Display for Switches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        fn name<T: Serialize>(value: T) -> String {
            let value = toml::Value::try_from(value).ok();
            value.and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
        }
        let values = [
            self.substitution.map(|v| v.to_string()),
            self.relative_threshold.map(|v| v.to_string()),
            self.absolute_threshold.map(|v| v.to_string()),
            self.adaptation_step.map(|v| v.to_string()),
            self.substitution_step.map(|v| v.to_string()),
            self.missing_rule.map(name),
            self.substitute_conflict.map(name),
            self.output_cap.map(|v| v.to_string()),
        ];
        let set =
            SWITCHES.into_iter().zip(values).filter_map(|(k, v)| v.map(|v| format!("{k}={v}")));
        f.write_str(&set.collect::<Vec<_>>().join(" "))
    }
}

impl std::str::FromStr for Switches {
    type Err = String;

    /// Reads what [`Switches`] displays as.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` are no switches");
        let mut table = toml::Table::new();
        for pair in text.split_whitespace() {
            let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
            let value = match (value.parse::<bool>(), value.parse::<i64>(), value.parse::<f64>()) {
                (Ok(flag), ..) => toml::Value::Boolean(flag),
                (_, Ok(count), _) if key.ends_with("_step") => toml::Value::Integer(count),
                (.., Ok(number)) => toml::Value::Float(number),
                _ => toml::Value::String(value.to_string()),
            };
            table.insert(key.to_string(), value);
        }
        Switches::deserialize(table).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_published() {
        assert_eq!(Switches::default().settings().unwrap(), AdaptationSettings::default());
        let own = Switches { output_cap: Some(2.0), ..Switches::default() };
        let job = Switches { output_cap: Some(3.0), substitution: Some(false), ..own };
        let settings = own.or(job).settings().unwrap();
        assert_eq!((settings.output_cap, settings.substitution), (Some(2.0), false));
        let late = Switches { adaptation_step: Some(4), ..Switches::default() };
        assert_eq!(late.settings().unwrap().substitution_step, 5);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let message = |switches: Switches| switches.settings().unwrap_err().to_string();
        let relative = Switches { relative_threshold: Some(26.0), ..Switches::default() };
        assert_eq!(
            message(relative),
            "relative_threshold is 26; expected a share above 0, at most 1"
        );
        let absolute = Switches { absolute_threshold: Some(f64::NAN), ..Switches::default() };
        assert!(message(absolute).starts_with("absolute_threshold is NaN"));
        let cap = Switches { output_cap: Some(0.5), ..Switches::default() };
        assert!(message(cap).starts_with("output_cap is 0.5"));
        let early = Switches { substitution_step: Some(0), ..Switches::default() };
        assert!(message(early).contains("adaptation_step or later"));
    }
}
