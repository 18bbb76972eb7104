//! Pairs and triples of sectors that fail together: all of a grid, or a sample.

use std::collections::{BTreeMap, BTreeSet};

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use super::Shock;
use super::selection::{Selection, SelectionError};
use crate::dataset::Dataset;

/// All pairs of one selection with another: each unordered pair once, never a sector with itself.
///
/// Pairs are numbered in ascending order of (smaller sector, larger sector).
#[derive(Debug, Clone, PartialEq)]
pub struct PairGrid {
    shocks: Vec<Shock>,
    /// Whether a shock is in the first selection, and in the second.
    is_in: Vec<[bool; 2]>,
    /// Commodity group by shock; shocks pair up within it. All 0 where any two do.
    group: Vec<u32>,
    /// Number of the first pair of every shock as the smaller one, and at the end of all pairs.
    starts: Vec<u64>,
}

impl PairGrid {
    /// The grid of two selections of sectors, both ascending, with one intensity.
    pub fn new(
        dataset: &Dataset,
        first: &[u32],
        second: &[u32],
        same_commodity_group: bool,
        phi: f64,
    ) -> Self {
        let dims = dataset.dimensions();
        let sectors: BTreeSet<u32> = first.iter().chain(second).copied().collect();
        let contains = |list: &[u32], sector: &u32| list.binary_search(sector).is_ok();
        let groups: Vec<&str> =
            dataset.labels.items.iter().map(|i| i.commodity_group.as_str()).collect();
        let group_of = |sector: u32| {
            let of_item = groups[dims.item_of(sector as usize)];
            let number = groups.iter().position(|g| *g == of_item).unwrap_or(0);
            if same_commodity_group { number as u32 } else { 0 }
        };
        let mut grid = PairGrid {
            is_in: sectors.iter().map(|s| [contains(first, s), contains(second, s)]).collect(),
            group: sectors.iter().map(|&s| group_of(s)).collect(),
            shocks: sectors.iter().map(|&sector| Shock::new(sector, phi)).collect(),
            starts: Vec::new(),
        };
        let mut total = 0;
        grid.starts = vec![0];
        for first in 0..grid.shocks.len() {
            total += grid.partners(first).count() as u64;
            grid.starts.push(total);
        }
        grid
    }

    /// The pairs of at most `most` of the shocks, evenly spaced.
    pub fn thinned(&self, most: usize) -> Self {
        let all = self.shocks.len();
        let kept: Vec<usize> = match all <= most {
            true => (0..all).collect(),
            false => (0..most).map(|nth| nth * all / most).collect(),
        };
        let mut grid = PairGrid {
            shocks: kept.iter().map(|&at| self.shocks[at]).collect(),
            is_in: kept.iter().map(|&at| self.is_in[at]).collect(),
            group: kept.iter().map(|&at| self.group[at]).collect(),
            starts: vec![0],
        };
        let mut total = 0;
        for first in 0..kept.len() {
            total += grid.partners(first).count() as u64;
            grid.starts.push(total);
        }
        grid
    }

    /// The shocks, ascending by sector.
    pub fn shocks(&self) -> &[Shock] {
        &self.shocks
    }

    /// Positions of the partners of a shock that are larger than it, ascending.
    pub fn partners(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let [in_first, in_second] = self.is_in[first];
        (first + 1..self.shocks.len()).filter(move |&other| {
            let [other_first, other_second] = self.is_in[other];
            self.group[first] == self.group[other]
                && ((in_first && other_second) || (in_second && other_first))
        })
    }

    /// Number of pairs.
    pub fn len(&self) -> u64 {
        self.starts[self.shocks.len()]
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of the first pair whose smaller sector is that of shock `first`.
    pub fn start(&self, first: usize) -> u64 {
        self.starts[first]
    }

    /// The pair with a number below [`PairGrid::len`], smaller sector first.
    pub fn pair(&self, number: u64) -> Option<[Shock; 2]> {
        let first = self.starts.partition_point(|&start| start <= number).checked_sub(1)?;
        let nth = (number - self.starts[first]) as usize;
        if first >= self.shocks.len() {
            return None;
        }
        let larger = self.shocks.len() - first - 1;
        let second = match (self.starts[first + 1] - self.starts[first]) as usize == larger {
            // Every larger one is a partner: none has to be looked at.
            true => first + 1 + nth,
            false => self.partners(first).nth(nth)?,
        };
        Some([self.shocks[first], self.shocks[second]])
    }

    /// All pairs in the order of their numbers.
    pub fn pairs(&self) -> impl Iterator<Item = [Shock; 2]> + '_ {
        let of =
            move |first| self.partners(first).map(move |at| [self.shocks[first], self.shocks[at]]);
        (0..self.shocks.len()).flat_map(of)
    }

    /// Numbers of `count` different pairs, every such set equally likely, ascending; `None` if
    /// there are not as many.
    ///
    /// Source: Floyd's algorithm (Bentley and Floyd 1987).
    pub fn sample(&self, count: usize, seed: u64) -> Option<Vec<u64>> {
        let first = self.len().checked_sub(count as u64)?;
        let mut random = generator(seed);
        let mut chosen = BTreeSet::new();
        for last in first..self.len() {
            let number = below(&mut random, last + 1);
            chosen.insert(if chosen.contains(&number) { last } else { number });
        }
        Some(chosen.into_iter().collect())
    }
}

/// Selected sectors that may fail together: all, or those of each commodity group.
pub fn groups(dataset: &Dataset, sectors: &[u32], same_commodity_group: bool) -> Vec<Vec<u32>> {
    if !same_commodity_group {
        return vec![sectors.to_vec()];
    }
    let dims = dataset.dimensions();
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for &sector in sectors {
        let item = &dataset.labels.items[dims.item_of(sector as usize)];
        groups.entry(&item.commodity_group).or_default().push(sector);
    }
    groups.into_values().collect()
}

/// Triples of so many sectors.
pub fn triples_of(sectors: u64) -> u64 {
    sectors * sectors.saturating_sub(1) / 2 * sectors.saturating_sub(2) / 3
}

/// All triples within groups of sectors, each ascending; in ascending order.
pub fn triples(groups: &[Vec<u32>]) -> Vec<[u32; 3]> {
    let mut triples = Vec::new();
    for sectors in groups {
        for (n, &a) in sectors.iter().enumerate() {
            for (m, &b) in sectors.iter().enumerate().skip(n + 1) {
                triples.extend(sectors[m + 1..].iter().map(|&c| [a, b, c]));
            }
        }
    }
    triples.sort_unstable();
    triples
}

/// Attempts per triple that is asked for, before a sample is given up.
const ATTEMPTS: usize = 1_000;

/// `count` different triples of different sectors of a selection, in ascending order; within one
/// commodity group if asked for. `None` if there are not as many, or if they are too rare to find.
pub fn sample_triples(
    dataset: &Dataset,
    sectors: &[u32],
    same_commodity_group: bool,
    count: usize,
    seed: u64,
) -> Option<Vec<[u32; 3]>> {
    let dims = dataset.dimensions();
    let group = |s: u32| &dataset.labels.items[dims.item_of(s as usize)].commodity_group;
    let n = sectors.len() as u128;
    // Fewer than are asked for need not be looked for.
    if n < 3 || n * (n - 1) * (n - 2) / 6 < count as u128 {
        return None;
    }
    let mut random = generator(seed);
    let mut chosen = BTreeSet::new();
    for _ in 0..count.saturating_mul(ATTEMPTS) {
        if chosen.len() == count {
            break;
        }
        let mut triple = [0; 3].map(|_| sectors[below(&mut random, sectors.len() as u64) as usize]);
        triple.sort_unstable();
        let [a, b, c] = triple;
        let is_group = !same_commodity_group || (group(a) == group(b) && group(b) == group(c));
        if a < b && b < c && is_group {
            chosen.insert(triple);
        }
    }
    (chosen.len() == count).then(|| chosen.into_iter().collect())
}

fn generator(seed: u64) -> Pcg64 {
    Pcg64::new(u128::from(seed), 0x5a3f_1e00_5eed)
}

/// Uniform in 0..`bound`.
///
/// Source: Lemire 2019, multiplication with rejection.
fn below(random: &mut Pcg64, bound: u64) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(random.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
    }
}

/// Selects both sides of a grid; the second is the first where it is not given.
///
/// # Errors
/// A selection selects nothing.
pub fn select(
    dataset: &Dataset,
    first: &Selection,
    second: Option<&Selection>,
) -> Result<[Vec<u32>; 2], SelectionError> {
    let first = first.sectors(dataset)?;
    let second = match second {
        Some(second) => second.sectors(dataset)?,
        None => first.clone(),
    };
    Ok([first, second])
}
