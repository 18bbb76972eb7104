//! Numbers the papers publish, each in one place with unit and source.

/// Horizon tau: yearly steps of a run.
///
/// Source: Baum et al. 2024, Methods 2 (ten steps); stated by the paper.
pub const STEPS: usize = 10;

/// Steps a run may have at most: the model is yearly, and memory grows with the steps.
///
/// shocksweep's own limit, not from the papers.
pub const MAX_STEPS: usize = 1000;

/// Relative losses above which sectors are counted in a scenario's summary, unit 1.
///
/// 0.26 is the paper's threshold of adaptation (Baum et al. 2024, Methods 4, eq. 11); 0.01 and
/// 0.10 are shocksweep's own marks for "felt" and "serious".
pub const RELATIVE_LOSS_MARKS: [f64; 3] = [0.01, 0.10, 0.26];

/// Kilograms per tonne, for losses per person.
///
/// Source: Baum et al. 2024, eq. 1, which reports kg per person.
pub const KG_PER_TONNE: f64 = 1000.0;

/// Days of a model year, for what people eat.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// Relative losses are reported clipped below at this value (a gain of 100 %), unit 1.
///
/// Source: the published program; the papers do not state it.
pub const RELATIVE_LOSS_FLOOR: f64 = -1.0;

/// Absolute loss above which a row is written, tonnes (1 kg; one head for live animals).
///
/// shocksweep's own default, not from the papers.
pub const MIN_LOSS: f64 = 0.001;

/// Relative loss from which a sector adapts, unit 1.
///
/// Source: Baum et al. 2024, eq. 11 and Results 1; stated by the paper.
pub const ADAPTATION_RELATIVE_LOSS: f64 = 0.26;

/// Absolute loss from which a sector adapts, tonnes.
///
/// Source: Baum et al. 2024, eq. 12 and Results 1; stated by the paper.
pub const ADAPTATION_ABSOLUTE_LOSS: f64 = 1000.0;

/// Step after which sectors adapt, counted from 0.
///
/// Source: Baum et al. 2024, Methods 4 (one time step after the shock); stated by the paper.
pub const ADAPTATION_STEP: usize = 1;

/// Step after which sectors substitute, counted from 0.
///
/// Source: Baum et al. 2024, Methods 5 (the step after the first adaptation); stated by the paper.
pub const SUBSTITUTION_STEP: usize = 2;

/// Share of its target by which a column's sum may be off without being rescaled, unit 1.
///
/// Source: the published program; the paper rescales without a tolerance.
pub const RESCALING_TOLERANCE: f64 = 0.01;

/// Share of a threshold by which a loss may fall short and still reach it, unit 1: rounding must
/// not decide a tie.
///
/// shocksweep's own, not from the papers: 174 sectors of the 2020 data have a baseline of exactly
/// 1000 t.
pub const TIE_TOLERANCE: f64 = 1e-9;

/// Amounts above this are out of range, tonnes: a run that has one has diverged.
///
/// shocksweep's own: the square of such an amount is a number, so that sums, means and deviations over
/// whatever is reported are. The Earth weighs 6e21 t.
pub const LARGEST_AMOUNT: f64 = 1e150;

/// A sector whose available amount ends above this multiple of its baseline has run away, unit 1: see
/// [`runs_away`](super::losses::runs_away).
///
/// shocksweep's own default, not from the papers.
pub const OVERSHOOT_MULTIPLE: f64 = 2.0;
