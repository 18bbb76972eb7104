//! The scalar equations of adaptation, one function each.

use super::settings::{MissingRule, SubstituteConflict};
use crate::dataset::Rule;
use crate::model::constants::{RESCALING_TOLERANCE, TIE_TOLERANCE};
use crate::model::losses::relative_loss;

/// Losses from which a sector acts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Relative loss, unit 1.
    pub relative: f64,
    /// Absolute loss, tonnes.
    pub absolute: f64,
}

/// A sector whose losses reach both thresholds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Index of the sector.
    pub sector: u32,
    /// Its absolute loss, tonnes.
    pub al: f64,
    /// Its relative loss, unit 1.
    pub rl: f64,
}

impl Thresholds {
    /// The sector as a [`Hit`] if its loss reaches both thresholds.
    ///
    /// `RL >= relative (1 - 1e-9)` and `AL >= absolute (1 - 1e-9)`: ties count, whatever the order
    /// of the sums that led to them.
    ///
    /// Source: Baum et al. 2024, eqs. 11 and 12; the tolerance is shocksweep's own.
    pub fn hit(&self, sector: usize, al: f64, baseline: f64) -> Option<Hit> {
        let rl = relative_loss(al, baseline);
        let reached = |value: f64, limit: f64| value >= limit * (1.0 - TIE_TOLERANCE);
        // A loss of 0 is no hit even where a threshold is 0.
        let is_hit = al > 0.0 && reached(rl, self.relative) && reached(al, self.absolute);
        is_hit.then_some(Hit { sector: sector as u32, al, rl })
    }

    /// Whether a sector that has these losses in two single runs decides in the joint run as in one of them, or
    /// as in neither, for every joint loss within `slack` tonnes of their sum.
    pub fn settles(&self, baseline: f64, [a, b]: [f64; 2], slack: f64) -> bool {
        let is_hit = |loss: f64| self.hit(0, loss, baseline).is_some();
        let expected = is_hit(a) || is_hit(b);
        let sum = a + b;
        // Sums of two runs may differ from one run by rounding.
        let slack = slack + sum.abs() * TIE_TOLERANCE;
        is_hit(sum - slack) == expected && is_hit(sum + slack) == expected
    }
}

/// The rule that an entry has; a pair of which neither half was learned is none.
pub fn learned(rule: Option<&Rule>) -> Option<&Rule> {
    rule.filter(|r| r.multiplier.is_some() || r.rewiring.is_some())
}

/// Value of one parameter entry `p` (0 where there is none) after its sector has adapted.
///
/// `p' = (p m + r) rl`, a missing half being 0.
///
/// Source: Baum et al. 2024, eqs. 24 and 25; what an entry without a rule becomes is
/// [`MissingRule`]'s choice.
pub fn changed(p: f64, rule: Option<&Rule>, rl: f64, missing: MissingRule) -> f64 {
    match (learned(rule), missing) {
        (Some(rule), _) => (p * rule.multiplier.unwrap_or(0.0) + rule.rewiring.unwrap_or(0.0)) * rl,
        (None, MissingRule::Published) => 0.0,
        (None, MissingRule::Keep) => p,
    }
}

/// Factor that restores a column's constraint.
///
/// `target / sum` if the sum is positive and more than 1 % of the target away from it, else 1: a
/// column whose sum has become 0 stays 0, and one whose target is 0 becomes 0.
///
/// Source: Baum et al. 2024, eqs. 26, 27, 29 and 30; the 1 % is the published program's, the paper
/// does not state it.
pub fn rescaling(sum: f64, target: f64) -> f64 {
    let is_off = (sum - target).abs() > RESCALING_TOLERANCE * target;
    if sum > 0.0 && is_off { target / sum } else { 1.0 }
}

/// Adapted shares (exports, production, consumption), divided by their sum; `None` where the sum
/// is not positive and the division undefined.
///
/// Source: Baum et al. 2024, eq. 28.
pub fn shares(changed: [f64; 3]) -> Option<[f64; 3]> {
    let sum: f64 = changed.iter().sum();
    (sum > 0.0).then(|| changed.map(|share| share / sum))
}

/// Growth of an import share that several lost items may cause: `growth` so far (1 for none) and
/// the factor `1 + s` of one more.
///
/// Source: Baum et al. 2024, eq. 36, for one lost item; for several see [`SubstituteConflict`].
pub fn grown(growth: f64, factor: f64, conflict: SubstituteConflict) -> f64 {
    match conflict {
        SubstituteConflict::Last => factor,
        SubstituteConflict::Max => growth.max(factor),
        SubstituteConflict::Product => growth * factor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: MissingRule = MissingRule::Published;

    #[test]
    fn ties_reach_the_thresholds() {
        let thresholds = Thresholds { relative: 0.26, absolute: 1000.0 };
        assert!(thresholds.hit(0, 1000.0, 1000.0).is_some());
        assert!(thresholds.hit(0, 1000.0 - 1e-7, 1000.0).is_some());
        assert!(thresholds.hit(0, 1000.0 - 1e-5, 1000.0).is_none());
        assert!(thresholds.hit(0, 2600.0, 10_000.0).is_some());
        assert!(thresholds.hit(0, 2600.0 - 1e-7, 10_000.0).is_some());
        assert!(thresholds.hit(0, 2600.0 - 1e-4, 10_000.0).is_none());
        assert!(thresholds.hit(0, -5000.0, 10_000.0).is_none(), "a gain is no loss");
        let always = Thresholds { relative: 0.0, absolute: 0.0 };
        assert!(always.hit(0, 0.0, 0.0).is_none(), "nothing is lost where nothing is");
    }

    #[test]
    fn entries_change_by_their_rule() {
        let rule = |multiplier, rewiring| Rule { multiplier, rewiring };
        let both = rule(Some(2.0), Some(0.5));
        assert_eq!(changed(0.25, Some(&both), 0.5, PUBLISHED), 0.5);
        assert_eq!(changed(0.0, Some(&both), 0.5, PUBLISHED), 0.25, "a new entry");
        let filler = rule(Some(1.0), None);
        assert_eq!(changed(0.25, Some(&filler), 0.5, PUBLISHED), 0.125);
        let empty = rule(None, None);
        for none in [None, Some(&empty)] {
            assert_eq!(changed(0.25, none, 0.5, PUBLISHED), 0.0);
            assert_eq!(changed(0.25, none, 0.5, MissingRule::Keep), 0.25);
        }
    }

    #[test]
    fn columns_are_rescaled_beyond_one_percent() {
        assert_eq!(rescaling(1.009, 1.0), 1.0);
        assert_eq!(rescaling(0.991, 1.0), 1.0);
        assert_eq!(rescaling(1.25, 1.0), 0.8);
        assert_eq!(rescaling(0.0, 1.0), 1.0, "a column of 0 stays 0");
        assert_eq!(rescaling(50.0, 100.0), 2.0);
        assert_eq!(rescaling(100.5, 100.0), 1.0, "the 1 % are relative");
        assert_eq!(rescaling(3.0, 0.0), 0.0, "no output where there was none");
    }

    #[test]
    fn shares_are_divided_by_their_sum() {
        assert_eq!(shares([0.5, 0.5, 1.0]), Some([0.25, 0.25, 0.5]));
        assert_eq!(shares([0.0, 0.0, 0.0]), None);
    }

    #[test]
    fn conflicts_of_substitutes() {
        use SubstituteConflict::{Last, Max, Product};
        let of = |conflict| [3.0, 2.0].into_iter().fold(1.0, |g, f| grown(g, f, conflict));
        assert_eq!([of(Last), of(Max), of(Product)], [2.0, 3.0, 6.0]);
    }
}
