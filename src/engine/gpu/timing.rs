//! How long the stages of a run take.

/// Seconds by stage, summed over batches.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stages {
    /// Making room, shocks and bans to the device.
    pub upload: f64,
    /// Production, shocks and trade of all steps, with what scenarios have changed.
    pub steps: f64,
    /// Finding hits, building what changes on the host, bringing it to the device.
    pub adaptation: f64,
    /// Totals, counts and rows on the device.
    pub compaction: f64,
    /// Rows and totals to the host, and outcomes of them.
    pub download: f64,
}

impl std::ops::AddAssign for Stages {
    fn add_assign(&mut self, other: Stages) {
        self.upload += other.upload;
        self.steps += other.steps;
        self.adaptation += other.adaptation;
        self.compaction += other.compaction;
        self.download += other.download;
    }
}

impl Stages {
    /// All stages together, seconds.
    pub fn total(&self) -> f64 {
        self.upload + self.steps + self.adaptation + self.compaction + self.download
    }
}
