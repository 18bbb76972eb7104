//! What an engine says of some scenarios.

/// Answers of an engine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers<T> {
    /// Scenario by scenario in the order given; those of one scenario in the order of the steps.
    pub of: Vec<T>,
    /// Positions of the scenarios for which the engine's arithmetic may not hold its bound, ascending.
    pub doubtful: Vec<usize>,
    /// Positions of the scenarios that were computed in f64 instead, ascending.
    pub recomputed: Vec<usize>,
}

impl<T> Answers<T> {
    /// Answers that nothing is to be said about.
    pub fn new(of: Vec<T>) -> Self {
        Answers { of, doubtful: Vec::new(), recomputed: Vec::new() }
    }

    /// The first answer; `T::default()` where nothing was asked.
    pub fn first(self) -> T
    where
        T: Default,
    {
        self.of.into_iter().next().unwrap_or_default()
    }
}
