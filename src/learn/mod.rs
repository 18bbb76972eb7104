//! Rules of adaptation and substitutability from a series of years (Baum et al. 2024, Methods 4).
//!
//! | step | module |
//! |---|---|
//! | parameters of every year, in order; areas that exist throughout | [`series`] |
//! | growth removed from amounts | [`growth`] |
//! | sudden, lasting losses between quiet years | [`events`] |
//! | what the parameters of a sector did in an event | [`observations`] |
//! | areas that end rather than fail | [`breaks`] |
//! | averages: multiplier and rewiring of every entry | [`rules`] |
//! | what other items of the group were imported instead | [`substitution`] |
//! | tonnes that a rule can move | [`impact`] |
//! | rules of two halves compared | [`stability`] |
//! | the events of the second half simulated with rules of the first | [`crate::study::backtest`] |
//! | a dataset with the rules, and tables of what was found | [`mod@dataset`] |
//!
//! What the paper leaves open is decided in the documentation of each module.

pub mod breaks;
pub mod dataset;
pub mod events;
pub mod growth;
pub mod impact;
pub mod observations;
pub mod rules;
pub mod series;
pub mod stability;
pub mod substitution;
pub mod tables;

use std::ops::Range;

pub use events::{Candidate, Criteria, Event};
pub use observations::{Observation, RuleKind};
pub use rules::LearnedRule;
pub use series::{Series, Year};
pub use substitution::{SubstitutionObservation, SubstitutionRule};

/// What is learned, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnOptions {
    /// What makes a loss an event.
    pub criteria: Criteria,
    /// Least share of an exporter's exports that counts in an import index.
    pub import_share: f64,
    /// Largest adjusted p of a substitution that is kept.
    pub significance: f64,
}

impl Default for LearnOptions {
    /// Published values; `import_share` is shocksweep's own.
    fn default() -> Self {
        LearnOptions { criteria: Criteria::default(), import_share: 0.05, significance: 0.05 }
    }
}

/// Everything learned from a range of years.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The largest relative loss of every sector that ever loses, with its verdicts.
    pub candidates: Vec<Candidate>,
    /// Candidates that meet all criteria, by sector.
    pub events: Vec<Event>,
    /// What the entries of the events' sectors did.
    pub observations: Vec<Observation>,
    /// Averages of the observations.
    pub rules: Vec<LearnedRule>,
    /// What the imports of other items did.
    pub substitution_observations: Vec<SubstitutionObservation>,
    /// Averages and tests of these.
    pub substitutions: Vec<SubstitutionRule>,
}

/// Learns from the years `years` (positions in the series) of a growth-adjusted series.
pub fn learn(series: &Series, years: Range<usize>, options: &LearnOptions) -> Learned {
    let candidates = events::candidates(series, years, &options.criteria);
    let events = events::events(&candidates);
    let observations = observations::observations(series, &events);
    let rules = rules::rules(&observations);
    let substitution_observations =
        substitution::observations(series, &events, options.import_share);
    let substitutions =
        substitution::test(series, &substitution_observations, options.significance);
    Learned { candidates, events, observations, rules, substitution_observations, substitutions }
}
