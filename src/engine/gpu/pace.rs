//! How many scenarios a batch has: as many as fit, unless the device is slow.
//!
//! Systems stop a program whose work keeps a device busy for too long, some after two seconds. A step of
//! a batch is one submission; so the first batch is small, and the next ones grow as far as steps stay
//! short.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::layout::LANES;

/// Scenarios of the first batch at most.
const FIRST: usize = 256;

/// A step that takes longer makes the next batches smaller, seconds.
const SLOW: f64 = 0.5;

/// By how much batches grow, if their steps stay short.
const GROWTH: usize = 4;

/// Size of the next batch; shared by the threads that run batches.
#[derive(Debug)]
pub struct Pace {
    size: AtomicUsize,
    capacity: usize,
}

impl Pace {
    /// For batches of at most `capacity` scenarios.
    pub fn new(capacity: usize) -> Self {
        Pace { size: AtomicUsize::new(capacity.min(FIRST)), capacity }
    }

    /// Scenarios of a batch at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Scenarios of the next batch.
    pub fn size(&self) -> usize {
        self.size.load(Ordering::SeqCst)
    }

    /// Takes note of a batch of `scenarios` whose steps took `seconds` each.
    pub fn note(&self, scenarios: usize, seconds: f64) {
        let size = self.size();
        let next = if seconds > SLOW {
            (scenarios.min(size) / 2).next_multiple_of(LANES).min(self.capacity)
        } else if scenarios >= size && seconds * (GROWTH as f64) < SLOW {
            size.saturating_mul(GROWTH).min(self.capacity)
        } else {
            return;
        };
        // Another batch may have been faster to say so; either is right.
        self.size.store(next.max(1), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_on_a_fast_device_and_shrink_on_a_slow_one() {
        let pace = Pace::new(1_408);
        assert_eq!(pace.size(), FIRST);
        pace.note(FIRST, 1e-3);
        assert_eq!(pace.size(), 1_024);
        pace.note(100, 1e-3);
        assert_eq!(pace.size(), 1_024, "the last batch of a run says nothing");
        pace.note(1_024, 1e-3);
        assert_eq!(pace.size(), 1_408);
        for expected in [704, 352, 192, 96, 64, 32, 32] {
            pace.note(pace.size(), 2.0);
            assert_eq!(pace.size(), expected);
        }
        pace.note(32, 0.2);
        assert_eq!(pace.size(), 32, "four times as many would be too slow");
        let one = Pace::new(1);
        one.note(1, 2.0);
        assert_eq!(one.size(), 1);
    }
}
