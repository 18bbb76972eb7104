//! Losses of a sector against the baseline, in the three forms that are reported.

use super::constants::{KG_PER_TONNE, RELATIVE_LOSS_FLOOR};

/// Relative loss, unit 1, before clipping; 0 where there neither was nor is anything.
///
/// `RL = (xb - x) / xb = AL / xb`.
///
/// Source: Laber et al. 2023, eq. 10.
pub fn relative_loss(absolute_loss: f64, baseline: f64) -> f64 {
    if absolute_loss == 0.0 { 0.0 } else { absolute_loss / baseline }
}

/// Relative loss as reported: not below [`RELATIVE_LOSS_FLOOR`], so that gains in nearly empty
/// sectors do not drown everything else, and not above 1: nobody loses more than there is. A gain
/// where there was nothing, of either sign, is the largest that is reported.
pub fn reported_relative_loss(absolute_loss: f64, baseline: f64) -> f64 {
    if baseline == 0.0 && absolute_loss != 0.0 {
        return if absolute_loss < 0.0 { RELATIVE_LOSS_FLOOR } else { 1.0 };
    }
    relative_loss(absolute_loss, baseline).clamp(RELATIVE_LOSS_FLOOR, 1.0)
}

/// Whether a sector has run away: it ends above `multiple` times its baseline.
///
/// Rules and rescaled columns can send production into self-feeding loops, which end far above what there was.
/// That is the published model, and no finding: such sectors, and runs that have one, are left out of rankings, means,
/// scales and sentences, counted, and kept in the tables with their flag. A sector without a baseline has
/// no multiple.
pub fn runs_away(absolute_loss: f64, baseline: f64, multiple: f64) -> bool {
    baseline > 0.0 && 1.0 - relative_loss(absolute_loss, baseline) > multiple
}

/// Loss per person, kg.
///
/// `AL per capita = 1000 AL / population`.
///
/// Source: Baum et al. 2024, eq. 1.
pub fn loss_per_capita(absolute_loss: f64, population: f64) -> f64 {
    KG_PER_TONNE * absolute_loss / population
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_losses_and_their_edges() {
        assert_eq!(relative_loss(26.0, 100.0), 0.26);
        assert_eq!(relative_loss(0.0, 0.0), 0.0);
        assert_eq!(reported_relative_loss(-250.0, 100.0), -1.0);
        assert_eq!(reported_relative_loss(-5.0, 0.0), -1.0);
        assert_eq!(reported_relative_loss(-5.0, -0.0), -1.0);
        assert_eq!(reported_relative_loss(1e-12, 0.0), 1.0);
        assert_eq!(reported_relative_loss(1.0 + 1e-15, 1.0), 1.0);
        assert_eq!(reported_relative_loss(0.0, -0.0), 0.0);
        assert_eq!(loss_per_capita(2.0, 1000.0), 2.0);
        assert!(runs_away(-250.0, 100.0, 2.0) && !runs_away(-100.0, 100.0, 2.0));
        assert!(!runs_away(-5.0, 0.0, 2.0) && !runs_away(90.0, 100.0, 2.0));
    }
}
