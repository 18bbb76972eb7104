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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_take_seconds_whatever_a_scenario_costs() {
        let mut pace = Pace::new(10_000);
        assert_eq!(pace.scenarios, FIRST);
        // Ten seconds each, or an hour: no fewer than the two ways of one.
        for each in [10.0, 3_600.0] {
            pace.learn(pace.scenarios, pace.scenarios as f64 * each);
            assert_eq!(pace.scenarios, 2);
        }
        // A tenth of a second each: forty, after steps of eight times at most.
        for expected in [16, 40, 40] {
            pace.learn(pace.scenarios, pace.scenarios as f64 * 0.1);
            assert_eq!(pace.scenarios, expected);
        }
        // Nothing each: as many as fit, and an even number of them.
        for _ in 0..9 {
            pace.learn(pace.scenarios, 1e-9);
        }
        assert_eq!(pace.scenarios, 10_000);
        assert!(Pace::new(1).scenarios >= 1);
    }
}
