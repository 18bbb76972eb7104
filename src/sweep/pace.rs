//! How many scenarios are run at a time.

/// Time that a batch of scenarios should take, seconds: what a process that is killed loses, and how
/// long one that is asked to stop goes on.
const BATCH_S: f64 = 4.0;

/// Scenarios of the first batch, which tells how fast the engine is. Even, as all batches: a scenario
/// that is run both ways is two neighbours, whose first steps are computed once.
const FIRST: usize = 64;

/// Scenarios to run at a time: as many as take [`BATCH_S`], as far as that is known.
pub(super) struct Pace {
    most: usize,
    pub(super) scenarios: usize,
}

impl Pace {
    pub(super) fn new(most: usize) -> Self {
        Pace { most, scenarios: FIRST.min(most) }
    }

    /// Learns from a batch. Batches grow slowly: a device is slow on few scenarios, not on many.
    pub(super) fn learn(&mut self, scenarios: usize, seconds: f64) {
        let fitting = (scenarios as f64 * BATCH_S / seconds.max(1e-6)) as usize;
        let grown = self.scenarios.saturating_mul(8);
        self.scenarios = fitting.min(grown).clamp(2, self.most.max(2)).next_multiple_of(2);
    }
}
