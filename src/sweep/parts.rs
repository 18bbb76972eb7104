//! Parts of a plan: what is computed, committed, continued and shared out as a whole.

use std::ops::Range;

use crate::dataset::Dimensions;

/// Scenarios of the largest parts: their loss tables have about 400,000 rows in a static sweep of
/// the 2020 data, 15 MB.
const LARGEST: usize = 2048;

/// Scenarios of the smallest parts: files have a cost of their own.
const SMALLEST: usize = 128;

/// Parts that a plan has at least if they are not the smallest: enough to share out.
const SHARED_OUT: usize = 32;

/// Bytes that a loss takes in memory until its table is written: sector and loss, twice while its
/// columns are made.
const BYTES_PER_LOSS: usize = 24;

/// A plan cut into parts, by its number of scenarios alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    scenarios: usize,
    size: usize,
}

impl Parts {
    /// The parts of a plan of so many scenarios.
    pub fn new(scenarios: usize) -> Self {
        let even = scenarios.div_ceil(SHARED_OUT).next_multiple_of(SMALLEST);
        Parts { scenarios, size: even.clamp(SMALLEST, LARGEST) }
    }

    /// Number of parts.
    pub fn len(self) -> usize {
        self.scenarios.div_ceil(self.size)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.scenarios == 0
    }

    /// Positions in the plan of the scenarios of a part.
    pub fn positions(self, part: usize) -> Range<usize> {
        part * self.size..((part + 1) * self.size).min(self.scenarios)
    }
}

/// Scenarios to compute together, `batch` at most, so that even if every sector were hit in each of
/// them, their losses take no more than `memory` bytes; at least one part's.
pub fn window_limit(memory: u64, dims: Dimensions, batch: usize) -> usize {
    let each = (dims.sectors() * BYTES_PER_LOSS) as u64;
    usize::try_from(memory / each.max(1)).unwrap_or(batch).clamp(1, batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_every_scenario_once_and_keep_pairs_together() {
        for scenarios in [1, 2, 127, 128, 129, 4096, 23_616, 47_232, 1_000_000] {
            let parts = Parts::new(scenarios);
            let all: Vec<usize> = (0..parts.len()).flat_map(|p| parts.positions(p)).collect();
            assert_eq!(all, (0..scenarios).collect::<Vec<_>>());
            // A scenario run both ways is two neighbours, from an even position on.
            assert!((0..parts.len()).all(|p| parts.positions(p).start.is_multiple_of(2)));
        }
        assert!(Parts::new(0).is_empty());
        assert_eq!(Parts::new(23_616).len(), 31);
    }
}
