//! Trade by importer, laid out in the order in which whole tiles are pulled.
//!
//! Rows of like length go through their exporters together: each row is a chain of sums, of which several
//! side by side hide the latency of the addition. Their links lie one behind the other as they are read, so
//! that the network streams through the cache instead of being looked up row by row.

use std::ops::Range;

/// Rows of a block.
pub const ROWS: usize = 4;

/// Links of `N` rows at once: exporters within the tile, and weights.
#[derive(Debug, Clone, Copy)]
pub struct Cell<const N: usize> {
    /// Exporters.
    pub from: [u32; N],
    /// Weights.
    pub weight: [f64; N],
}

/// Up to [`ROWS`] importers of a tile, longest first.
#[derive(Debug, Clone)]
struct Block {
    rows: Vec<u32>,
    all: Range<u32>,
    two: Range<u32>,
    /// Of the first row, and of the third.
    one: [Range<u32>; 2],
}

/// What a block's rows import: `all` until the shortest ends, then the first `two`, then one alone.
pub struct Rows<'a> {
    /// Importers within the tile, at most [`ROWS`].
    pub rows: &'a [u32],
    /// Links of four rows at a time.
    pub all: &'a [Cell<ROWS>],
    /// Further links of the first two rows.
    pub two: &'a [Cell<2>],
    /// Further links of the first row, and of the third.
    pub one: [&'a [Cell<1>]; 2],
}

/// All tiles' blocks.
#[derive(Debug, Clone, Default)]
pub struct RowBlocks {
    /// End of every item's blocks.
    ends: Vec<u32>,
    blocks: Vec<Block>,
    all: Vec<Cell<ROWS>>,
    two: Vec<Cell<2>>,
    one: Vec<Cell<1>>,
}

impl RowBlocks {
    /// Adds an item's tile: its importers, most links first, whose links `of` gives in ascending order.
    pub fn push<'a>(&mut self, rows: &[u32], of: impl Fn(u32) -> (&'a [u32], &'a [f64])) {
        for rows in rows.chunks(ROWS) {
            let links: Vec<_> = rows.iter().map(|&row| of(row)).collect();
            let length = |row: usize| links.get(row).map_or(0, |links| links.0.len());
            fn put<const N: usize>(
                to: &mut Vec<Cell<N>>,
                links: [&(&[u32], &[f64]); N],
                range: Range<usize>,
            ) -> Range<u32> {
                let start = to.len() as u32;
                to.extend(range.map(|at| Cell {
                    from: links.map(|links| links.0[at]),
                    weight: links.map(|links| links.1[at]),
                }));
                start..to.len() as u32
            }
            let shared = length(ROWS - 1);
            let both = length(1).max(shared);
            let all = match &links[..] {
                [a, b, c, d] => put(&mut self.all, [a, b, c, d], 0..shared),
                _ => 0..0,
            };
            let two = match &links[..] {
                [a, b, ..] => put(&mut self.two, [a, b], shared..both),
                _ => 0..0,
            };
            let mut one = |row: usize, from: usize| match links.get(row) {
                Some(links) => put(&mut self.one, [links], from..links.0.len()),
                None => 0..0,
            };
            let one = [one(0, both), one(2, shared)];
            self.blocks.push(Block { rows: rows.to_vec(), all, two, one });
        }
        self.ends.push(self.blocks.len() as u32);
    }

    /// The blocks of an item.
    #[inline(always)]
    pub fn of(&self, item: usize) -> impl Iterator<Item = Rows<'_>> {
        let start = item.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let blocks = self.blocks[start..self.ends[item] as usize].iter();
        let range = |range: &Range<u32>| range.start as usize..range.end as usize;
        blocks.map(move |block| Rows {
            rows: &block.rows,
            all: &self.all[range(&block.all)],
            two: &self.two[range(&block.two)],
            one: [&self.one[range(&block.one[0])], &self.one[range(&block.one[1])]],
        })
    }
}
