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
/// sectors do not drown everything else.
pub fn reported_relative_loss(absolute_loss: f64, baseline: f64) -> f64 {
    relative_loss(absolute_loss, baseline).max(RELATIVE_LOSS_FLOOR)
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
        assert_eq!(loss_per_capita(2.0, 1000.0), 2.0);
    }
}
