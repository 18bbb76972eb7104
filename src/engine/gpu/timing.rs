//! How long the stages of a run take.

/// Seconds by stage, summed over batches.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stages {
    /// Making room, shocks, bans and caps to the device.
    pub upload: f64,
    /// Production, shocks and trade of all steps, with what scenarios have changed.
    pub steps: f64,
    /// Finding hits: on the device, and to the host.
    pub decisions: f64,
    /// Events, and what the device is asked to build or the host builds itself.
    pub changes: f64,
    /// Bringing it to the device, and building there.
    pub patches: f64,
    /// Totals, counts and rows on the device.
    pub compaction: f64,
    /// Rows and totals to the host, and outcomes of them.
    pub download: f64,
    /// By kernel, on the device's own clock.
    pub kernels: Vec<KernelTime>,
}

/// What the launches of one kernel took.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KernelTime {
    /// The kernel.
    pub kernel: &'static str,
    /// How often it was launched.
    pub launches: usize,
    /// All launches together, seconds.
    pub seconds: f64,
}

impl std::ops::AddAssign<(usize, f64)> for KernelTime {
    fn add_assign(&mut self, (launches, seconds): (usize, f64)) {
        self.launches += launches;
        self.seconds += seconds;
    }
}

impl std::ops::AddAssign for Stages {
    fn add_assign(&mut self, other: Stages) {
        self.upload += other.upload;
        self.steps += other.steps;
        self.decisions += other.decisions;
        self.changes += other.changes;
        self.patches += other.patches;
        self.compaction += other.compaction;
        self.download += other.download;
        for time in other.kernels {
            match self.kernels.iter_mut().find(|own| own.kernel == time.kernel) {
                Some(own) => *own += (time.launches, time.seconds),
                None => self.kernels.push(time),
            }
        }
    }
}

impl Stages {
    /// All stages together, seconds.
    pub fn total(&self) -> f64 {
        self.upload
            + self.steps
            + self.decisions
            + self.changes
            + self.patches
            + self.compaction
            + self.download
    }
}
