//! What is kept of many pairs: the best ones, moments and histograms.
//!
//! Everything merges: collections of parts of a screening, merged in the order of the parts, are
//! the collection of the whole, to the bit, however the parts were distributed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::best::Best;

/// Histogram bins per factor of ten.
const BINS_PER_DECADE: i32 = 4;

/// Values of at most this size share the bin around 0.
const SMALLEST: f64 = 1e-12;

/// Size above which a superposition counts as one, in the unit of the measure.
pub const THRESHOLD: f64 = 1e-3;

/// Part of the larger single loss from which S matters, unit 1.
pub const MATTERS_SHARE: f64 = 1e-3;

/// Amount from which S matters, tonnes.
pub const MATTERS_TONNES: f64 = 1.0;

/// Whether S is more than people would call nothing: above 0.1 % of the larger loss, and 1 t.
pub fn matters(s: f64, singles: &[f64]) -> bool {
    let largest = singles.iter().fold(0.0f64, |largest, single| largest.max(single.abs()));
    s.abs() > (MATTERS_SHARE * largest).max(MATTERS_TONNES)
}

/// Count, mean, spread and extremes of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Number of values.
    pub count: u64,
    /// Mean.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub squares: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Values above [`THRESHOLD`].
    pub above: u64,
    /// Values below its negative.
    pub below: u64,
}

impl Default for Moments {
    fn default() -> Self {
        Moments {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            above: 0,
            below: 0,
        }
    }
}

impl Moments {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        let one = Moments {
            count: 1,
            mean: value,
            squares: 0.0,
            min: value,
            max: value,
            above: u64::from(value > THRESHOLD),
            below: u64::from(value < -THRESHOLD),
        };
        self.merge(&one);
    }

    /// Adds `count` values of 0.
    pub fn add_zeros(&mut self, count: u64) {
        if count > 0 {
            self.merge(&Moments { count, min: 0.0, max: 0.0, ..Moments::default() });
        }
    }

    /// Adds the values of another collection.
    ///
    /// Source: the pairwise update of Chan, Golub and LeVeque 1979, which does not cancel.
    pub fn merge(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let difference = other.mean - self.mean;
        self.mean += difference * m / (n + m);
        self.squares += other.squares + difference * difference * n * m / (n + m);
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.above += other.above;
        self.below += other.below;
    }

    /// Standard deviation with n - 1; 0 for fewer than two values.
    pub fn standard_deviation(&self) -> f64 {
        if self.count < 2 { 0.0 } else { (self.squares / (self.count as f64 - 1.0)).sqrt() }
    }
}

/// Counts by sign and order of magnitude.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Count by `(sign, bin)`; the bin around 0 is `(0, 0)`.
    counts: BTreeMap<(i8, i32), u64>,
}

impl Histogram {
    /// Adds `count` values like this one.
    pub fn add(&mut self, value: f64, count: u64) {
        if count == 0 {
            return;
        }
        let key = if value.abs() <= SMALLEST {
            (0, 0)
        } else {
            let bin = (libm::log10(value.abs()) * f64::from(BINS_PER_DECADE)).floor() as i32;
            if value > 0.0 { (1, bin) } else { (-1, -bin) }
        };
        *self.counts.entry(key).or_default() += count;
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        for (&key, &count) in &other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// `(lower, upper, count)` of the bins that hold something, ascending.
    pub fn bins(&self) -> Vec<(f64, f64, u64)> {
        let edge = |bin: i32| libm::pow(10.0, f64::from(bin) / f64::from(BINS_PER_DECADE));
        let bounds = |(sign, bin): (i8, i32)| match sign {
            0 => (-SMALLEST, SMALLEST),
            1 => (edge(bin), edge(bin + 1)),
            _ => (-edge(-bin + 1), -edge(-bin)),
        };
        let bin = |(&key, &count): (&(i8, i32), &u64)| (bounds(key).0, bounds(key).1, count);
        self.counts.iter().map(bin).collect()
    }
}

/// The measures of `superposition.parquet` that moments and histograms are kept of; that of food, the last,
/// only where the dataset knows food.
pub const MEASURES: [&str; 5] =
    ["s", "s_per_capita", "s_shocked", "s_shocked_per_capita", "s_kcal"];

/// A pair of a screening whose |S| reaches the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Listed {
    /// The two shocked sectors, ascending.
    pub sectors: [u32; 2],
    /// S, tonnes over the whole network and the items that count.
    pub s: f64,
    /// Whether a run of it runs away: of a shock alone, or of both.
    pub overshoot: bool,
}

/// Everything that a screening keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// The best pairs of every ranking.
    pub best: Vec<Best>,
    /// Moments of every measure over the pairs that were run.
    pub run: [Moments; 5],
    /// Moments of every measure over all pairs.
    pub all: [Moments; 5],
    /// Histogram of every measure over all pairs.
    pub histograms: [Histogram; 5],
    /// Pairs that were not run because they are independent.
    pub independent: u64,
    /// Pairs that were not run because what they share is negligible.
    pub negligible: u64,
    /// Pairs of which a run has diverged: in no ranking, moment or histogram.
    pub diverged: u64,
    /// Largest bound among the negligible pairs, tonnes.
    pub largest_bound: f64,
    /// Sum of their bounds, tonnes.
    pub summed_bounds: f64,
    /// Pairs of which a run runs away: in no moment, histogram or ranking but their own.
    pub runaway: u64,
    /// Of these, pairs of which neither shock does alone.
    pub together: u64,
    /// Whether the dataset knows food.
    pub knows_food: bool,
    /// Of the others, those that cost more, and less, together by an amount that matters.
    pub mattering: [u64; 2],
}

impl Collection {
    /// An empty collection with `rankings` rankings of `most` pairs each.
    pub fn new(rankings: usize, most: usize) -> Self {
        Collection {
            best: vec![Best::new(most); rankings],
            run: [Moments::default(); 5],
            all: [Moments::default(); 5],
            histograms: Default::default(),
            independent: 0,
            negligible: 0,
            diverged: 0,
            largest_bound: 0.0,
            summed_bounds: 0.0,
            runaway: 0,
            together: 0,
            knows_food: false,
            mattering: [0; 2],
        }
    }

    /// Measures that there are.
    pub fn measures(&self) -> usize {
        MEASURES.len() - usize::from(!self.knows_food)
    }

    /// Adds the measures of a pair that was run; `matters` says whether its S does.
    pub fn add(&mut self, measures: [f64; 5], matters: bool) {
        self.mattering[usize::from(measures[0] < 0.0)] += u64::from(matters);
        for (at, value) in measures.into_iter().enumerate().take(self.measures()) {
            self.run[at].add(value);
            self.all[at].add(value);
            self.histograms[at].add(value, 1);
        }
    }

    /// Counts pairs that were not run: S is 0, or as good as.
    pub fn skip(&mut self, independent: u64, negligible: u64) {
        self.independent += independent;
        self.negligible += negligible;
        for at in 0..self.measures() {
            self.all[at].add_zeros(independent + negligible);
            self.histograms[at].add(0.0, independent + negligible);
        }
    }

    /// Adds another collection.
    pub fn merge(&mut self, other: &Collection) {
        for (own, others) in self.best.iter_mut().zip(&other.best) {
            own.merge(others);
        }
        for at in 0..MEASURES.len() {
            self.run[at].merge(&other.run[at]);
            self.all[at].merge(&other.all[at]);
            self.histograms[at].merge(&other.histograms[at]);
        }
        self.independent += other.independent;
        self.negligible += other.negligible;
        self.diverged += other.diverged;
        self.largest_bound = self.largest_bound.max(other.largest_bound);
        self.summed_bounds += other.summed_bounds;
        self.runaway += other.runaway;
        self.together += other.together;
        for (own, others) in self.mattering.iter_mut().zip(other.mattering) {
            *own += others;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_in_order_whatever_the_order_of_offers() {
        let offers = [(3.0, 7), (1.0, 1), (3.0, 2), (-5.0, 3), (2.0, 9), (0.0, 4)];
        let mut forward = Best::new(3);
        offers.iter().for_each(|&(v, id)| forward.offer(v, id));
        assert_eq!(forward.kept(), [(3.0, 2), (3.0, 7), (2.0, 9)]);
        let mut backward = Best::new(3);
        offers.iter().rev().for_each(|&(v, id)| backward.offer(v, id));
        assert_eq!(forward, backward);
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        let values = [4.0, -2.0, 0.0, 0.0, 10.0, 0.0005];
        let mut moments = Moments::default();
        values.iter().filter(|&&v| v != 0.0).for_each(|&v| moments.add(v));
        moments.add_zeros(2);
        let mean: f64 = values.iter().sum::<f64>() / 6.0;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        assert_eq!((moments.count, moments.above, moments.below), (6, 2, 1));
        assert!((moments.mean - mean).abs() < 1e-15);
        assert!((moments.standard_deviation() - (squares / 5.0).sqrt()).abs() < 1e-15);
        assert_eq!((moments.min, moments.max), (-2.0, 10.0));
    }

    #[test]
    fn bins_hold_what_lies_in_them() {
        let mut histogram = Histogram::default();
        let values = [1.0, 1.5, 20.0, -20.0, 0.0, -0.003, 1e-15];
        values.iter().for_each(|&v| histogram.add(v, 1));
        let bins = histogram.bins();
        assert_eq!(bins.iter().map(|b| b.2).sum::<u64>(), 7);
        for (lower, upper, count) in bins {
            let inside = values.iter().filter(|&&v| lower <= v && v < upper).count();
            assert_eq!(inside as u64, count, "{lower} {upper}");
        }
    }
}
