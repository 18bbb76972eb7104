//! The inputs of a sample of areas, checked: trade per tier and year, events, attributes, dyads.
//!
//! Indices: area i = row of the table `areas`; tier = row order of its first item in `tiers`;
//! year positions count from the first year of the tier (trade) or of the table (events).

use std::collections::BTreeMap;

/// An area of the sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Code, as all tables name it.
    pub code: String,
    /// Name for people; the code where none is given.
    pub name: String,
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lng: f64,
    /// Region, or any other division of the sample.
    pub group: String,
    /// First year in which it exists.
    pub from: Option<i32>,
    /// Last year in which it exists.
    pub to: Option<i32>,
}

impl Area {
    /// Whether it exists in a year.
    pub fn exists(&self, year: i32) -> bool {
        self.from.is_none_or(|from| from <= year) && self.to.is_none_or(|to| year <= to)
    }
}

/// Imports of `importer` from `exporter`, USD; both are areas of the sample, or `n` for all
/// partners outside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Importing area.
    pub importer: u32,
    /// Exporting area.
    pub exporter: u32,
    /// Value, USD.
    pub value: f64,
}

/// Trade of a tier in a year.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeYear {
    /// Flows between areas of the sample, by importer, then exporter.
    pub flows: Vec<Flow>,
    /// Flows with partners outside the sample (index `n`), in the same order.
    pub outside: Vec<Flow>,
    /// Imports per area from all partners, y_i.
    pub imports: Vec<f64>,
    /// Exports per area to all partners, x_j.
    pub exports: Vec<f64>,
    /// World trade y_w.
    pub world: f64,
}

/// A tier of the chain: upstream, midstream, downstream.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Name.
    pub name: String,
    /// Products, codes as in the trade table.
    pub items: Vec<String>,
    /// First year with trade; empty trade means that there is none.
    pub first_year: i32,
    /// Trade of consecutive years.
    pub trade: Vec<TradeYear>,
}

impl Tier {
    /// Years in order.
    pub fn years(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        (0..self.trade.len()).map(|t| self.first_year + t as i32)
    }
}

/// Events of one government towards another in a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Events {
    /// Acting area.
    pub source: u32,
    /// Area acted upon.
    pub target: u32,
    /// Verbal cooperation, material cooperation, verbal conflict, material conflict: counts.
    pub counts: [f64; 4],
}

/// A symmetric value of every pair of areas.
#[derive(Debug, Clone, PartialEq)]
pub struct PairValues {
    n: usize,
    values: Vec<f64>,
}

impl PairValues {
    /// All zero.
    pub fn new(n: usize) -> Self {
        PairValues { n, values: vec![0.0; n * n.saturating_sub(1) / 2] }
    }

    fn at(&self, i: usize, j: usize) -> usize {
        let (low, high) = (i.min(j), i.max(j));
        // Pairs before row `low`, then those of the row.
        low * (2 * self.n - low - 1) / 2 + (high - low - 1)
    }

    /// Value of a pair; 0 of an area with itself.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        if i == j { 0.0 } else { self.values[self.at(i, j)] }
    }

    /// Sets the value of a pair of two areas.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        let at = self.at(i, j);
        self.values[at] = value;
    }
}

/// A directed covariate: per year the pairs that are not 0, by source, then target.
pub type Covariate = BTreeMap<i32, Vec<(u32, u32, f64)>>;

/// What was left out while reading, and counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dropped {
    /// Event rows with an area outside the sample, or none.
    pub events_outside: u64,
    /// Event rows within one area.
    pub events_within: u64,
    /// Trade rows of a flow that is not imports.
    pub trade_exports: u64,
    /// Trade rows of items of no tier, in files that hold all products.
    pub trade_items: u64,
}

/// All inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The sample.
    pub areas: Vec<Area>,
    /// Tiers in the order of their table.
    pub tiers: Vec<Tier>,
    /// Events per year, by source, then target; `None` where no table was given.
    pub events: Option<BTreeMap<i32, Vec<Events>>>,
    /// Numeric attributes: name -> (year, area) -> value; `gdp` in USD.
    pub attributes: BTreeMap<String, BTreeMap<(i32, u32), f64>>,
    /// Symmetric dyadic values by column name; `distance` in km.
    pub dyads: BTreeMap<String, PairValues>,
    /// Further directed covariates.
    pub covariates: BTreeMap<String, Covariate>,
    /// Rows left out.
    pub dropped: Dropped,
}

impl World {
    /// Number of areas n.
    pub fn n(&self) -> usize {
        self.areas.len()
    }

    /// The areas that exist in a year.
    pub fn present(&self, year: i32) -> Vec<bool> {
        self.areas.iter().map(|area| area.exists(year)).collect()
    }

    /// A tier by name.
    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_a_place_of_its_own() {
        let mut pairs = PairValues::new(5);
        let mut next = 0.0;
        for i in 0..5 {
            for j in i + 1..5 {
                next += 1.0;
                pairs.set(j, i, next);
            }
        }
        assert_eq!(pairs.values, (1..=10).map(f64::from).collect::<Vec<_>>());
        assert_eq!(pairs.get(2, 4), pairs.get(4, 2));
        assert_eq!(pairs.get(3, 3), 0.0);
    }
}
