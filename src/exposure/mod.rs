//! The other side of a sweep: whose failure an area must fear, how much, and why.
//!
//! [`singles`] holds what every single failure costs every area, [`computed`] on the spot or [`recorded`]
//! in a result folder; [`profile`] looks at one area, [`rankings`] at all; [`pairs`] lets two failures
//! happen together; [`mod@why`] takes a loss apart by the links it came over.
//!
//! # What is told
//!
//! Losses are told in a measure over all items of an area ([`What::Measure`]; per person, where the area has
//! a population), or as amounts of one item ([`What::Item`]). A loss is positive; sectors that have run
//! away ([`crate::model::losses::runs_away`]) count nothing, and runs with any are counted.
//!
//! # Chances
//!
//! The space of events is: one of the failures at hand happens, or none. Failure `f` has the probability
//! `p[f]`: `1 / n` of `n` failures, or that of a table ([`chance::Chances`]), where the rest, `1 - sum p`, is
//! no failure and no loss. Of pairs, one of the pairs at hand happens, with a probability proportional to
//! `p[a] p[b]`.
//!
//! ```text
//! expected            E = sum_f p[f] L[f]
//! value at risk       V = min { l : P(L <= l) >= level }
//! expected shortfall  (sum over L > V of p L + V (1 - level - P(L > V))) / (1 - level)
//! concentration       HHI = sum_f (p[f] L+[f] / sum p L+)^2, L+ the losses that are positive
//! shared risk         sum_f min(share_a[f], share_b[f]), share[f] = p[f] L+[f] / sum p L+
//! ```
//!
//! Source of the shortfall of distributions with jumps: Acerbi & Tasche 2002, *J. Banking & Finance* 26, eq. 3.

pub mod answer;
pub mod chance;
pub mod computed;
pub mod error;
pub mod pairs;
pub mod profile;
pub mod rankings;
pub mod recorded;
pub mod rows;
pub mod singles;
pub mod suppliers;
pub mod why;

use crate::dataset::Dataset;
use crate::measure::Measure;

pub use chance::{Chances, Risk};
pub use error::ExposureError;
pub use profile::{Profile, SourceLoss};
pub use singles::{Failure, Singles};

/// In what losses are told.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// All items of an area, in a measure.
    Measure(Measure),
    /// Amounts of one item, in its unit.
    Item(usize),
}

impl What {
    /// What a sector's loss counts; `adapted` is the share it consumes after adaptation, if it has adapted.
    pub fn loss(
        &self,
        sector: usize,
        items: usize,
        baseline: f64,
        al: f64,
        adapted: Option<f64>,
    ) -> f64 {
        match self {
            What::Measure(measure) => measure.loss(sector, baseline, al, adapted),
            What::Item(item) if sector % items == *item => al,
            What::Item(_) => 0.0,
        }
    }

    /// What every area has in the baseline, as sums; `baseline` is by sector.
    pub fn supply(&self, dataset: &Dataset, baseline: &[f64]) -> Vec<f64> {
        let dims = dataset.dimensions();
        let of = |area: usize| match self {
            What::Item(item) => baseline[dims.sector(area, *item)],
            What::Measure(measure) => {
                let sectors = (0..dims.items).map(|item| dims.sector(area, item));
                sectors.map(|s| measure.baseline(s, baseline[s])).sum()
            }
        };
        (0..dims.areas).map(of).collect()
    }

    /// Factor from an area's sum to what is told: per person, where a measure and a population make that
    /// possible.
    pub fn scale(&self, dataset: &Dataset, area: usize) -> f64 {
        match (self, dataset.labels.areas[area].population) {
            (What::Measure(measure), Some(population)) if population > 0.0 => {
                measure.per_person(1.0, population)
            }
            _ => 1.0,
        }
    }

    /// Unit of what is told of an area.
    pub fn unit(&self, dataset: &Dataset, area: usize) -> String {
        let has_people = dataset.labels.areas[area].population.is_some_and(|p| p > 0.0);
        match self {
            What::Measure(measure) if has_people => measure.unit_per_person(),
            What::Measure(measure) => measure.unit.clone(),
            What::Item(item) => match dataset.labels.items[*item].unit.name() {
                "tonne" => "t".to_string(),
                other => other.to_string(),
            },
        }
    }
}
