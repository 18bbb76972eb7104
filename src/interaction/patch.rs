//! What one part of a step's matrix does that the shared network does not.

use std::sync::OnceLock;

use super::parts::Parts;
use crate::engine::network::{WORD, bits};

/// Entries of one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatchColumn {
    /// The place that sends.
    pub place: u32,
    /// How often the exporter's whole column of the shared network is added.
    pub scale: f64,
    /// End of its own entries.
    pub end: u32,
}

/// Columns whose places share a word of masks over places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatchWord {
    /// The word.
    pub word: u32,
    /// Number of columns before it.
    pub before: u32,
    /// One bit per column.
    pub places: u64,
}

impl PatchWord {
    /// Numbers of the columns at the places of a mask; ascending.
    #[inline(always)]
    pub fn columns_in(self, mask: u64) -> impl Iterator<Item = usize> {
        let before = move |bit: usize| (self.places & ((1u64 << bit) - 1)).count_ones();
        bits(self.places & mask).map(move |bit| (self.before + before(bit)) as usize)
    }
}

/// A sparse matrix by columns, some of them multiples of the shared trade network's, and an output
/// without input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patch {
    /// Columns in ascending order of their places, each once.
    pub columns: Vec<PatchColumn>,
    /// The same by words, ascending.
    pub words: Vec<PatchWord>,
    /// `(receiving place, weight)`, column after column.
    pub entries: Vec<(u32, f64)>,
    /// `(place, tonnes)` that come without input in every step.
    pub constants: Vec<(u32, f64)>,
    /// `(place, tonnes)` that come in step 0 only.
    pub at_start: Vec<(u32, f64)>,
    /// `(receiving place, number of the column, weight)` by receiving places, once somebody asked.
    pub(super) by_rows: OnceLock<Vec<(u32, u32, f64)>>,
}

impl Patch {
    /// `(receiving place, number of the column, weight)`, receiving place after receiving place. Put in order once,
    /// when somebody asks: a run is the partner of many shocks.
    pub fn by_rows(&self) -> &[(u32, u32, f64)] {
        self.by_rows.get_or_init(|| {
            let links = (0..).zip(self.columns()).flat_map(|(number, (_, entries))| {
                entries.iter().map(move |&(row, weight)| (row, number, weight))
            });
            let mut links: Vec<_> = links.collect();
            links.sort_by_key(|link| link.0);
            links
        })
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.constants.is_empty() && self.at_start.is_empty()
    }

    /// Columns with their entries.
    pub fn columns(&self) -> impl Iterator<Item = (&PatchColumn, &[(u32, f64)])> {
        let mut start = 0;
        self.columns.iter().map(move |column| {
            let from = std::mem::replace(&mut start, column.end as usize);
            (column, &self.entries[from..column.end as usize])
        })
    }

    /// Numbers of the columns at the places of a mask, given word by word; ascending. Most columns have nothing to
    /// send, and are not looked at.
    #[inline(always)]
    pub fn columns_in(&self, mask: impl Fn(usize) -> u64) -> impl Iterator<Item = usize> {
        self.words.iter().flat_map(move |of| of.columns_in(mask(of.word as usize)))
    }

    /// The entries of a column.
    #[inline(always)]
    pub fn entries_of(&self, number: usize) -> &[(u32, f64)] {
        let start = number.checked_sub(1).map_or(0, |before| self.columns[before].end as usize);
        &self.entries[start..self.columns[number].end as usize]
    }

    /// Output without input in step `t`.
    pub fn constants_at(&self, t: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let start = if t == 0 { &self.at_start[..] } else { &[] };
        self.constants.iter().chain(start).copied()
    }
}

/// Changes of the step's matrix in every run.
#[derive(Debug, Clone, Default)]
pub struct Changed<const N: usize> {
    /// `(exporter, factor)` of columns of the shared trade network; parts of it above none scale.
    pub scales: Vec<(u32, Parts<N>)>,
    /// `(sender, receiver, weight)` of production and trade.
    pub entries: Vec<(u32, u32, Parts<N>)>,
    /// `(place, tonnes)` without input.
    pub constants: Vec<(u32, Parts<N>)>,
    /// `(place, tonnes)` without input, in step 0 only.
    pub at_start: Vec<(u32, Parts<N>)>,
}

impl<const N: usize> Changed<N> {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.scales.clear();
        self.entries.clear();
        self.constants.clear();
        self.at_start.clear();
    }

    /// The part of one subset as a patch.
    pub fn patch(&self, set: usize) -> Patch {
        let mut cells: Vec<(u32, u32, f64)> = Vec::new();
        // No place is `u32::MAX`: it marks the scale.
        for (place, scale) in self.scales.iter().filter(|s| s.1.part[set] != 0.0) {
            cells.push((*place, u32::MAX, scale.part[set]));
        }
        let entries = self.entries.iter().filter(|e| e.2.part[set] != 0.0);
        cells.extend(entries.map(|(from, to, weight)| (*from, *to, weight.part[set])));
        cells.sort_by_key(|&(from, to, _)| (from, to));
        let mut patch = Patch::default();
        for of_column in cells.chunk_by(|a, b| a.0 == b.0) {
            let is_scale = |cell: &&(u32, u32, f64)| cell.1 == u32::MAX;
            let scale = of_column.iter().filter(is_scale).map(|cell| cell.2).sum();
            let entries = of_column.iter().filter(|cell| !is_scale(cell));
            patch.entries.extend(entries.map(|&(_, to, weight)| (to, weight)));
            let end = patch.entries.len() as u32;
            let place = of_column[0].0;
            let (word, bit) = (place / WORD as u32, place % WORD as u32);
            let before = patch.columns.len() as u32;
            match patch.words.last_mut().filter(|last| last.word == word) {
                Some(last) => last.places |= 1 << bit,
                None => patch.words.push(PatchWord { word, before, places: 1 << bit }),
            }
            patch.columns.push(PatchColumn { place, scale, end });
        }
        let list = |of: &[(u32, Parts<N>)]| -> Vec<(u32, f64)> {
            let list = of.iter().map(|(place, amount)| (*place, amount.part[set]));
            list.filter(|one| one.1 != 0.0).collect()
        };
        patch.constants = list(&self.constants);
        patch.at_start = list(&self.at_start);
        patch
    }
}
