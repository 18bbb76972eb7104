//! What engines read at every place.

use super::layout::Network;
use crate::model::Baseline;

/// What an engine reads at every place, in the order of places; 0 in the padding.
#[derive(Debug, Clone)]
pub struct ByPlace {
    /// Available amount at the start, tonnes.
    pub x0: Vec<f64>,
    /// Baseline output by step, tonnes.
    pub output: Vec<Vec<f64>>,
    /// Baseline available amount by step, tonnes.
    pub available: Vec<Vec<f64>>,
    /// Whether the area has a population.
    pub populated: Vec<bool>,
}

impl ByPlace {
    /// Renumbers the start, a baseline, and the sectors' `populated`.
    pub fn new(net: &Network, x0: &[f64], baseline: &Baseline, populated: &[bool]) -> Self {
        let by_place = |amounts: &Vec<f64>| net.by_place(amounts);
        let of = |&sector: &u32| populated.get(sector as usize).copied().unwrap_or(false);
        ByPlace {
            x0: net.by_place(x0),
            output: baseline.output.iter().map(by_place).collect(),
            available: baseline.available.iter().map(by_place).collect(),
            populated: net.sector_of.iter().map(of).collect(),
        }
    }

    /// Baseline imports of a place at step `t`, tonnes.
    #[inline(always)]
    pub fn imports(&self, t: usize, place: u32) -> f64 {
        self.available[t][place as usize] - self.output[t][place as usize]
    }
}
