//! What parts of runs have beyond the shared network, in the form in which kernels apply it.
//!
//! A patch is a few columns for one lane, or for all lanes of a group at once; what follows from them is gathered,
//! place by place. Layout: `shaders/part_lists.wgsl`.

use super::layout::LANES;
use super::patch::{Link, gathered};

/// Words of a patch.
pub const PART_PATCH: usize = 8;

/// Place of a column that sends what is known and nothing else.
pub const NOWHERE: u32 = u32::MAX;

/// A patch's words, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of its first lane in the batch.
    pub first_lane: u32,
    /// How many lanes: 1, or all of a group.
    pub width: u32,
    /// Number of its first column in its first lane.
    pub first_number: u32,
    /// First of its columns.
    pub columns_begin: u32,
    /// End of its columns.
    pub columns_end: u32,
    /// First item of what shared columns of trade send besides.
    pub sent_begin: u32,
    /// First item of what rows receive besides; end of those before.
    pub rows_begin: u32,
    /// End of its items.
    pub rows_end: u32,
}

impl Head {
    /// From a patch's words.
    ///
    /// # Panics
    /// If there are fewer than [`PART_PATCH`].
    pub fn from_words(words: &[u32]) -> Self {
        let word = |n: usize| words[n];
        Head {
            first_lane: word(0),
            width: word(1),
            first_number: word(2),
            columns_begin: word(3),
            columns_end: word(4),
            sent_begin: word(5),
            rows_begin: word(6),
            rows_end: word(7),
        }
    }

    /// As words.
    pub fn words(&self) -> [u32; PART_PATCH] {
        [
            self.first_lane,
            self.width,
            self.first_number,
            self.columns_begin,
            self.columns_end,
            self.sent_begin,
            self.rows_begin,
            self.rows_end,
        ]
    }
}

/// Columns with what follows from them, in the making; reused.
#[derive(Debug, Clone, Default)]
pub struct PartColumns {
    /// Their places, or [`NOWHERE`].
    pub places: Vec<u32>,
    /// `(exporter, column, factor)`: how often the exporter's whole column of the shared network is added.
    pub sent: Vec<Link>,
    /// `(receiving place, column, weight)`.
    pub rows: Vec<Link>,
}

impl PartColumns {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.places.clear();
        self.sent.clear();
        self.rows.clear();
    }
}

/// Patches of a stage, flat. What is known of their columns is kept by step.
#[derive(Debug, Clone, Default)]
pub struct PartPatches {
    /// After their number [`PART_PATCH`] words each.
    pub(super) heads: Vec<u32>,
    /// `(place, lanes in which something is known, where that begins, 0)`, group after group of those of whole groups.
    pub(super) columns: Vec<u32>,
    /// `(place, first entry, end, 0)`.
    pub(super) items: Vec<u32>,
    pub(super) entry_at: Vec<u32>,
    pub(super) entry_weight: Vec<f64>,
    /// By step of the stage: what columns send besides the part itself.
    pub(super) known: Vec<Vec<f64>>,
    /// Columns in lanes.
    pub(super) numbers: u32,
    /// What a patch comes to at most, of columns or items in lanes.
    pub(super) largest: u32,
}

impl PartPatches {
    /// Forgets everything, and begins a stage of so many steps.
    pub fn start(&mut self, steps: usize) {
        self.heads.clear();
        self.heads.push(0);
        for list in [&mut self.columns, &mut self.items, &mut self.entry_at] {
            list.clear();
        }
        self.entry_weight.clear();
        self.known.resize(steps, Vec::new());
        self.known.iter_mut().for_each(Vec::clear);
        (self.numbers, self.largest) = (0, 0);
    }

    /// Adds columns of one lane, or of whole groups; in their order for one group, then for the next.
    pub fn add(&mut self, columns: &mut PartColumns, lanes: PartLanes) {
        let count = columns.places.len() as u32;
        let sent_begin = self.items.len() as u32 / 4;
        self.gather(&mut columns.sent);
        let rows_begin = self.items.len() as u32 / 4;
        self.gather(&mut columns.rows);
        let rows_end = self.items.len() as u32 / 4;
        let (first_lanes, width) = match lanes {
            PartLanes::One(lane) => (lane..lane + 1, 1),
            PartLanes::Groups { first, count } => {
                ((first * LANES) as u32..((first + count) * LANES) as u32, LANES as u32)
            }
        };
        for first_lane in first_lanes.step_by(width as usize) {
            let columns_begin = self.columns.len() as u32 / 4;
            self.columns.extend(columns.places.iter().flat_map(|&place| [place, 0, 0, 0]));
            let head = Head {
                first_lane,
                width,
                first_number: self.numbers,
                columns_begin,
                columns_end: columns_begin + count,
                sent_begin,
                rows_begin,
                rows_end,
            };
            self.heads.extend(head.words());
            self.heads[0] += 1;
            self.numbers += count * width;
        }
        self.largest = self.largest.max(count.max(rows_end - sent_begin) * width);
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns.len() / 4
    }

    /// Lets the columns from this one on send something besides the part itself. `found` says which, counted from
    /// it, and in which of their patch's lanes; `amount` of the n-th of these, in the steps of the stage.
    pub fn know(
        &mut self,
        from: usize,
        found: &[(u32, u32)],
        amount: impl Fn(usize, usize) -> f64,
    ) {
        for &(column, lane) in found {
            self.columns[4 * (from + column as usize) + 1] |= 1 << lane;
        }
        let mut end = self.known.first().map_or(0, Vec::len) as u32;
        for column in self.columns[4 * from..].chunks_exact_mut(4) {
            column[2] = end;
            end += column[1].count_ones();
        }
        self.known.iter_mut().for_each(|known| known.resize(end as usize, 0.0));
        for (n, &(column, lane)) in found.iter().enumerate() {
            let column = &self.columns[4 * (from + column as usize)..];
            let before = (column[1] & ((1 << lane) - 1)).count_ones();
            let at = (column[2] + before) as usize;
            for (step, known) in self.known.iter_mut().enumerate() {
                known[at] = amount(n, step);
            }
        }
    }

    fn gather(&mut self, links: &mut [Link]) {
        for of_place in gathered(links) {
            let first = self.entry_at.len() as u32;
            self.entry_at.extend(of_place.iter().map(|link| link.1));
            self.entry_weight.extend(of_place.iter().map(|link| link.2));
            self.items.extend([of_place[0].0, first, self.entry_at.len() as u32, 0]);
        }
    }

    /// Number of patches.
    pub(super) fn count(&self) -> u32 {
        self.heads.first().copied().unwrap_or(0)
    }
}

/// Lanes that columns hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartLanes {
    /// One lane of the batch.
    One(u32),
    /// All lanes of some groups.
    Groups {
        /// Number of the first.
        first: usize,
        /// How many.
        count: usize,
    },
}
