//! What learning finds on the way, as tables beside the dataset's: each declared once.

use shocksweep_columnar::{Name, record};

record! {
    /// The largest relative loss of a sector, and whether it is an event.
    pub struct CandidateRow = "candidates" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// last year before the loss
        pub year: i64,
        /// relative loss
        pub relative_loss: f64 ["1"],
        /// absolute loss
        pub absolute_loss: f64 ["unit of the item"],
        /// coefficient of variation of all years up to the loss
        pub cv_before: Option<f64> ["1"],
        /// coefficient of variation of all years after it
        pub cv_after: Option<f64> ["1"],
        /// whether the relative loss is large enough
        pub ok_relative: bool,
        /// whether the absolute loss is large enough
        pub ok_absolute: bool,
        /// whether the loss lies within the years that count
        pub ok_window: bool,
        /// whether the years before are quiet
        pub ok_before: bool,
        /// whether the years after are quiet
        pub ok_after: bool,
        /// whether the area exists throughout
        pub ok_exists: bool,
        /// whether all of these hold
        pub event: bool,
    }
}

record! {
    /// A loss that meets all criteria.
    pub struct EventRow = "events" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// last year before the loss
        pub year: i64,
        /// relative loss
        pub relative_loss: f64 ["1"],
        /// absolute loss
        pub absolute_loss: f64 ["unit of the item"],
        /// coefficient of variation of all years up to the loss
        pub cv_before: Option<f64> ["1"],
        /// coefficient of variation of all years after it
        pub cv_after: Option<f64> ["1"],
    }
}

record! {
    /// An entry of a parameter before and after an event.
    pub struct ObservationRow = "rule_observations" {
        /// area of the event
        pub area: Name,
        /// item of the event
        pub item: Name,
        /// last year before the loss
        pub year: i64,
        /// family of rules
        pub kind: String,
        /// value in the last year before the loss
        pub before: f64,
        /// value in the year after
        pub after: f64,
        /// factor on the entry; null where there was none
        pub multiplier: Option<f64> ["1"],
        /// amount added; null where there was an entry
        pub rewiring: Option<f64>,
        /// item, or importer, or exporter
        pub key1: String,
        /// process, or the other area; empty for shares
        pub key2: String,
    }
}

record! {
    /// A rule: means over its events.
    pub struct RuleRow = "rules" {
        /// family of rules
        pub kind: String,
        /// item, or importer, or exporter
        pub key1: String,
        /// process, or the other area; empty for shares
        pub key2: String,
        /// mean factor
        pub multiplier: Option<f64> ["1"],
        /// events behind it
        pub multiplier_n: i64,
        /// mean amount added
        pub rewiring: Option<f64>,
        /// events behind it
        pub rewiring_n: i64,
    }
}

record! {
    /// A substitute with its tests.
    pub struct SubstitutionRow = "substitution_tests" {
        /// item that is lost
        pub item: Name,
        /// item that takes its place
        pub substitute: Name,
        /// events with a defined change
        pub n: i64,
        /// mean change of the import index
        pub index: f64 ["1"],
        /// t statistic; null below two events, or where all changes are equal
        pub t: Option<f64> ["1"],
        /// p of the t-test
        pub p_t: Option<f64> ["1"],
        /// the same, adjusted (Benjamini-Hochberg)
        pub p_t_bh: Option<f64> ["1"],
        /// p of the sign-flip test
        pub p_flip: Option<f64> ["1"],
        /// the same, adjusted (Benjamini-Hochberg)
        pub p_flip_bh: Option<f64> ["1"],
        /// `exact` or `sampled`; empty without a test
        pub flips: String,
        /// whether the model uses it
        pub kept: bool,
    }
}

record! {
    /// What a rule can move.
    pub struct ImpactRow = "impact" {
        /// family of rules, or `substitution`
        pub kind: String,
        /// first key of the rule
        pub key1: String,
        /// second key of the rule
        pub key2: String,
        /// flows averaged
        pub n: i64,
        /// factor in force
        pub factor: f64 ["1"],
        /// what it moves
        pub impact: f64 ["t"],
    }
}

record! {
    /// How far the rules of two halves agree, by thresholds and family.
    pub struct StabilityRow = "stability" {
        /// relative loss from which there is an event
        pub relative: f64 ["1"],
        /// absolute loss from which there is an event
        pub absolute: f64 ["t"],
        /// deviation within which years are quiet
        pub deviation: f64 ["1"],
        /// family of rules, or `substitution`
        pub kind: String,
        /// part of the rule
        pub part: String,
        /// events of the first half
        pub events_first: i64,
        /// events of the second
        pub events_second: i64,
        /// rules in both halves, of all pairs of keys
        pub tp: i64,
        /// in neither
        pub tn: i64,
        /// in the second only
        pub fp: i64,
        /// in the first only
        pub fn_: i64 = "fn",
        /// Matthews correlation
        pub mcc: Option<f64> ["1"],
        /// rules in both halves, of the pairs that can exist
        pub tp_possible: i64,
        /// in neither
        pub tn_possible: i64,
        /// in the second only
        pub fp_possible: i64,
        /// in the first only
        pub fn_possible: i64,
        /// Matthews correlation
        pub mcc_possible: Option<f64> ["1"],
    }
}
