//! Scenarios: which sectors fail, and how badly.

pub mod set;
pub mod spec;
pub mod table;

/// One failing sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shock {
    /// Index of the sector, `area * items + item`.
    pub sector: u32,
    /// Intensity phi in [0, 1]: the share of output lost in every step.
    pub phi: f64,
}

/// A set of sectors that fail together.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Identifier in all results; stable, whatever the engine, the batches and the threads.
    pub id: u32,
    /// The shocks, ascending by sector, no sector twice.
    pub shocks: Vec<Shock>,
}

impl Scenario {
    /// Whether the scenario changes nothing: no shocked sector produces anything, or every
    /// intensity is 0.
    pub fn is_no_op(&self, producers: &[bool]) -> bool {
        !self.shocks.iter().any(|s| s.phi > 0.0 && producers[s.sector as usize])
    }
}
