//! Change statistics of all pairs of a step, in tiles that stay in cache.
//!
//! A tile holds [`TILE`] pairs column by column. Pairs are in the order (i, j), j running fastest;
//! the last tile is filled up with pairs whose statistics are 0, so that they count for nothing.

use rayon::prelude::*;

use super::step::Step;

/// Pairs of a tile.
pub const TILE: usize = 512;

/// Change statistics of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Number of pairs.
    pub pairs: usize,
    /// Number of terms p.
    pub terms: usize,
    /// Number of ties among the pairs.
    pub ties: usize,
    /// Tiles of p columns of [`TILE`] pairs.
    tiles: Vec<f64>,
    /// 1 for a tie, 0 for none; as long as the tiles.
    outcomes: Vec<f64>,
}

impl Design {
    /// Computes the change statistics of a step, all else as observed.
    pub fn new(step: &Step) -> Self {
        let (n, terms, pairs) = (step.areas.len(), step.terms(), step.pairs());
        let count = pairs.div_ceil(TILE);
        let mut tiles = vec![0.0; count * terms * TILE];
        let mut outcomes = vec![0.0; count * TILE];
        let structure = &step.structure;
        let place = |row: usize| {
            let (i, at) = (row / (n - 1), row % (n - 1));
            (i, if at < i { at } else { at + 1 })
        };
        let fill = |(tile, (columns, outcomes)): (usize, (&mut [f64], &mut [f64]))| {
            let rows = tile * TILE..((tile + 1) * TILE).min(pairs);
            for (term, column) in columns.chunks_exact_mut(TILE).enumerate() {
                for (cell, row) in column.iter_mut().zip(rows.clone()) {
                    let (i, j) = place(row);
                    *cell = step.change(structure, term, i, j);
                }
            }
            for (outcome, row) in outcomes.iter_mut().zip(rows) {
                let (i, j) = place(row);
                *outcome = f64::from(u8::from(structure.tie(i, j)));
            }
        };
        let tiled = tiles.par_chunks_mut((terms * TILE).max(1));
        tiled.zip(outcomes.par_chunks_mut(TILE)).enumerate().for_each(fill);
        Design { pairs, terms, ties: structure.edges(), tiles, outcomes }
    }

    /// Tiles: columns of change statistics, outcomes, and how many of the pairs are real.
    pub fn tiles(&self) -> impl ExactSizeIterator<Item = (&[f64], &[f64], usize)> {
        let pairs = self.pairs;
        let columns = self.tiles.chunks_exact(self.terms * TILE);
        (columns.zip(self.outcomes.chunks_exact(TILE)).enumerate())
            .map(move |(at, (x, y))| (x, y, TILE.min(pairs - at * TILE)))
    }

    /// Change statistics of one pair by its place, and whether it is a tie.
    pub fn row(&self, row: usize) -> (Vec<f64>, bool) {
        let tile = &self.tiles[row / TILE * self.terms * TILE..];
        let x = (0..self.terms).map(|term| tile[term * TILE + row % TILE]).collect();
        (x, self.outcomes[row] == 1.0)
    }

    /// Sum of the change statistics of the ties, per term.
    pub fn tie_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.terms];
        for (x, y, _) in self.tiles() {
            for (sum, column) in sums.iter_mut().zip(x.chunks_exact(TILE)) {
                *sum += column.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
            }
        }
        sums
    }

    /// Sum, sum of squares and sum over the ties of the change statistics, per term.
    pub fn sums(&self) -> Vec<[f64; 3]> {
        let mut sums = vec![[0.0; 3]; self.terms];
        for (x, y, _) in self.tiles() {
            for ([sum, squares, ties], column) in sums.iter_mut().zip(x.chunks_exact(TILE)) {
                for (x, y) in column.iter().zip(y) {
                    *sum += x;
                    *squares += x * x;
                    *ties += x * y;
                }
            }
        }
        sums
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        8 * (self.tiles.len() + self.outcomes.len())
    }
}
