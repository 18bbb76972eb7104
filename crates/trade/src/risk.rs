//! Systemic trade risk and influence, from the losses of every failure of a year.
//!
//! Every sector with P > 0 fails; with `w = P[d,r] / sum over d' != c of P[d',r]`, the chance that d is
//! the producer of r that fails, seen from c:
//!
//! ```text
//! STR_own[c,p]    = sum_{d != c} w[d,p] RL[(c,p)|(d,p)]
//! STR_inputs[c,p] = sum_{r in anc(p)} sum_{d != c} w[d,r] RL[(c,p)|(d,r)]         STR = STR_own + STR_inputs
//! loss_abroad[d,r] = sum_{c != d} sum_p AL[(c,p)|(d,r)]                          I = loss_abroad / sum_{c != d} sum_p x0[c,p]
//! I_own[d,r] = sum_{c != d} AL[(c,r)|(d,r)] / sum_{c != d} x0[c,r]
//! ```
//!
//! anc(p) are the items from which p is reached by kept links, p itself excluded. Source: shocksweep's
//! own choice, in the spirit of Chakraborty et al. 2024.

use crate::balance::{Balance, sums_without};
use crate::indicators::{YearIndicators, ratio};
use crate::lists::Stability;
use crate::parameters::Link;
use crate::reach::reaches;

/// How failing producers are weighted in STR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weights {
    /// By what they make.
    #[default]
    Market,
    /// All alike.
    Uniform,
}

/// Chances that producers fail, and sums of what was lost, by one weighting.
struct Weighted {
    /// Weight of every producer.
    of: Vec<f64>,
    /// Weight of all producers outside each area.
    abroad: Vec<f64>,
    /// Expected loss from failures in the item itself.
    own: Vec<f64>,
    /// Expected loss from failures in the items it is made of.
    inputs: Vec<f64>,
}

impl Weighted {
    fn new(balance: &Balance, of: Vec<f64>) -> Self {
        let abroad = (0..balance.items).flat_map(|p| sums_without(balance.row(&of, p))).collect();
        let zeros = vec![0.0; of.len()];
        Weighted { of, abroad, own: zeros.clone(), inputs: zeros }
    }

    fn chance(&self, failed: usize, seen_from: usize) -> f64 {
        let all = self.abroad[seen_from];
        if all > 0.0 { self.of[failed] / all } else { 0.0 }
    }
}

/// Sums over the failures of a year.
pub struct Risk<'a> {
    balance: &'a Balance,
    market: Weighted,
    stability: Option<Weighted>,
    /// Whether item `p` is made of item `r`, directly or not: `r * items + p`.
    reaches: Vec<bool>,
    loss_abroad: Vec<f64>,
    own_abroad: Vec<f64>,
}

impl<'a> Risk<'a> {
    /// No failure yet.
    pub fn new(
        balance: &'a Balance,
        links: &[Link],
        weights: Weights,
        stability: Option<&Stability>,
    ) -> Self {
        let made = &balance.production;
        let market = match weights {
            Weights::Market => made.clone(),
            Weights::Uniform => made.iter().map(|&p| if p > 0.0 { 1.0 } else { 0.0 }).collect(),
        };
        let unstable = |stability: &Stability| {
            let weight =
                |(s, &p): (usize, &f64)| p * (1.0 - stability.of[s % balance.areas] / 100.0);
            made.iter().enumerate().map(weight).collect()
        };
        Risk {
            balance,
            market: Weighted::new(balance, market),
            stability: stability.map(|s| Weighted::new(balance, unstable(s))),
            reaches: reaches(balance.items, links),
            loss_abroad: vec![0.0; made.len()],
            own_abroad: vec![0.0; made.len()],
        }
    }

    /// All failures, (item, area): sectors that produce.
    pub fn failures(balance: &Balance) -> Vec<(usize, usize)> {
        let all = (0..balance.items).flat_map(|p| (0..balance.areas).map(move |c| (p, c)));
        all.filter(|&(p, c)| balance.production[balance.at(p, c)] > 0.0).collect()
    }

    /// Adds the losses of a failure: (item, area, absolute loss).
    pub fn add(
        &mut self,
        (item, area): (usize, usize),
        losses: impl Iterator<Item = (usize, usize, f64)>,
    ) {
        let balance = self.balance;
        let failed = balance.at(item, area);
        for (p, c, lost) in losses {
            if c == area {
                continue;
            }
            let sector = balance.at(p, c);
            self.loss_abroad[failed] += lost;
            if p == item {
                self.own_abroad[failed] += lost;
            } else if !self.reaches[item * balance.items + p] {
                continue;
            }
            let Some(share) = ratio(lost, balance.possessed[sector]) else { continue };
            let seen_from = balance.at(item, c);
            for weighted in [Some(&mut self.market), self.stability.as_mut()].into_iter().flatten()
            {
                let expected = weighted.chance(failed, seen_from) * share;
                let sums = if p == item { &mut weighted.own } else { &mut weighted.inputs };
                sums[sector] += expected;
            }
        }
    }

    /// Writes what was found into the indicators of the year.
    pub fn finish(&self, indicators: &mut YearIndicators) {
        let balance = self.balance;
        let of_area =
            |c: usize| (0..balance.items).map(|p| balance.possessed[balance.at(p, c)]).sum();
        let everywhere = sums_without(&(0..balance.areas).map(of_area).collect::<Vec<f64>>());
        for p in 0..balance.items {
            let abroad = sums_without(balance.row(&balance.possessed, p));
            for c in 0..balance.areas {
                let s = balance.at(p, c);
                let Some(row) = indicators.get_mut(p, c) else { continue };
                let is_defined = balance.possessed[s] > 0.0;
                let defined = |value: f64| is_defined.then_some(value);
                row.str_own = defined(self.market.own[s]);
                row.str_inputs = defined(self.market.inputs[s]);
                row.str = defined(self.market.own[s] + self.market.inputs[s]);
                row.str_stability =
                    self.stability.as_ref().and_then(|w| defined(w.own[s] + w.inputs[s]));
                let fails = balance.production[s] > 0.0;
                let share = |lost: f64, of: f64| if fails { ratio(lost, of) } else { Some(0.0) };
                row.influence_own = share(self.own_abroad[s], abroad[c]);
                row.influence = share(self.loss_abroad[s], everywhere[c]);
                row.loss_abroad = Some(self.loss_abroad[s]);
            }
        }
    }

    /// Loss of all other areas per failure, `item * areas + area`.
    pub fn loss_abroad(&self) -> &[f64] {
        &self.loss_abroad
    }
}
