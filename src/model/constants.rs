//! Numbers the papers publish, each in one place with unit and source.

/// Horizon tau: yearly steps of a run.
///
/// Source: Baum et al. 2024, Methods 2 (ten steps); stated by the paper.
pub const STEPS: usize = 10;

/// Relative losses above which sectors are counted in a scenario's summary, unit 1.
///
/// 0.26 is the paper's threshold of adaptation (Baum et al. 2024, Methods 4, eq. 11); 0.01 and
/// 0.10 are shocksweep's own marks for "felt" and "serious".
pub const RELATIVE_LOSS_MARKS: [f64; 3] = [0.01, 0.10, 0.26];

/// Kilograms per tonne, for losses per person.
///
/// Source: Baum et al. 2024, eq. 1, which reports kg per person.
pub const KG_PER_TONNE: f64 = 1000.0;

/// Relative losses are reported clipped below at this value (a gain of 100 %), unit 1.
///
/// Source: the published program; the papers do not state it.
pub const RELATIVE_LOSS_FLOOR: f64 = -1.0;

/// Absolute loss above which a row is written, tonnes (1 kg; one head for live animals).
///
/// shocksweep's own default, not from the papers.
pub const MIN_LOSS: f64 = 0.001;
