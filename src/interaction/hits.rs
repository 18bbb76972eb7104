//! Who decides in which runs, and what becomes of their shares.

use super::parts::{Branch, Parts};
use super::tables::InteractionTables;
use crate::engine::network::tables::AdaptiveTables;
use crate::model::adaptation::entry::{self, learned};
use crate::model::adaptation::{AdaptationSettings, MissingRule, Thresholds};

/// A sector that adapts in some run.
#[derive(Debug, Clone, Copy)]
pub struct Hit<const N: usize> {
    /// The sector.
    pub sector: u32,
    /// Runs in which it adapts, one bit per subset of the shocks.
    pub mask: u32,
    /// Its relative loss.
    pub rl: Parts<N>,
    /// Its shares for exports and production afterwards.
    pub eta: [Parts<N>; 2],
    /// Runs in which no rule leaves it any share: it keeps its own.
    pub no_share_rule: u32,
}

/// Runs in which a sector with these losses reaches the thresholds, one bit per subset.
pub fn reached<const N: usize>(
    thresholds: &Thresholds,
    sector: u32,
    loss: &Parts<N>,
    baseline: f64,
) -> u32 {
    let hit = |set: usize| thresholds.hit(sector as usize, loss.value[set], baseline).is_some();
    (1..N).filter(|&set| hit(set)).fold(0, |mask, set| mask | 1 << set)
}

impl<const N: usize> Hit<N> {
    /// A sector with these losses, tonnes, that adapts in the runs of `mask`.
    pub fn new(
        rules: &AdaptiveTables,
        settings: &AdaptationSettings,
        sector: u32,
        mask: u32,
        (loss, baseline): (&Parts<N>, f64),
    ) -> Self {
        // Losses of 0 stay 0, whatever the baseline; who adapts has one.
        let relative = |al: f64| crate::model::losses::relative_loss(al, baseline);
        let rl = Parts { part: loss.part.map(relative), value: loss.value.map(relative) };
        let (eta, no_share_rule) = shares(rules, settings.missing_rule, sector as usize, mask, &rl);
        Hit { sector, mask, rl, eta, no_share_rule }
    }
}

impl Hit<2> {
    /// The same sector among more shocks, of which the one with this bit alone gives it losses.
    pub fn among<const N: usize>(&self, shock: usize) -> Hit<N> {
        let with = (0..N).filter(|set| set & shock != 0).fold(0, |mask, set| mask | 1 << set);
        let runs = |mask: u32| if mask & 0b10 == 0 { 0 } else { with };
        Hit {
            sector: self.sector,
            mask: runs(self.mask),
            rl: self.rl.among(shock),
            eta: self.eta.each_ref().map(|eta| eta.among(shock)),
            no_share_rule: runs(self.no_share_rule),
        }
    }
}

/// The share that a sector consumes which adapts in some run.
pub fn consumed<const N: usize>(tables: &InteractionTables, hit: &Hit<N>) -> Parts<N> {
    let place = tables.net.place(hit.sector as usize);
    let rest = hit.eta[0].plus(&hit.eta[1]).scaled(-1.0);
    let share = Parts::constant(1.0).plus(&rest);
    if tables.before(0)[place] != 0.0 {
        return share;
    }
    // What has nothing at the start consumes nothing, until it adapts.
    Parts::where_set(hit.mask & !hit.no_share_rule, &share, &Parts::constant(0.0))
}

/// The shares for exports and production, and the runs in which they stay for want of a rule.
fn shares<const N: usize>(
    rules: &AdaptiveTables,
    missing: MissingRule,
    s: usize,
    mask: u32,
    rl: &Parts<N>,
) -> ([Parts<N>; 2], u32) {
    let old = [rules.shares[0][s], rules.shares[1][s]];
    let old = [old[0], old[1], 1.0 - old[0] - old[1]];
    let kept = [Parts::constant(old[0]), Parts::constant(old[1])];
    let rule = |family: usize| rules.share_rules[family][s].as_ref();
    if !(0..3).any(|family| learned(rule(family)).is_some()) {
        return (kept, mask);
    }
    let changed = [0, 1, 2].map(|family| {
        let slope = entry::changed(old[family], rule(family), 1.0, missing);
        match learned(rule(family)) {
            Some(_) => rl.scaled(slope),
            None => Parts::constant(slope),
        }
    });
    let sum = changed[0].plus(&changed[1]).plus(&changed[2]);
    let divides = |set: usize| mask >> set & 1 == 1 && sum.value[set] > 0.0;
    let pick = std::array::from_fn(|set| usize::from(divides(set)));
    let none = Parts::constant(0.0);
    let factor = Parts::choose(&pick, &[Branch::Is(&none), Branch::Ratio(1.0, &sum)]);
    let eta = [0, 1].map(|family| {
        let mut new = changed[family].times(&factor);
        // The model divides; a product with the reciprocal would be another rounding.
        for set in (0..N).filter(|&set| divides(set)) {
            new.value[set] = changed[family].value[set] / sum.value[set];
        }
        Parts::choose(&pick, &[Branch::Is(&kept[family]), Branch::Is(&new)])
    });
    let stays = (0..N).filter(|&set| mask >> set & 1 == 1 && !divides(set));
    (eta, stays.fold(0, |mask, set| mask | 1 << set))
}

/// Growth of import shares in every run: `(sector, growth)` by item, then area.
///
/// `lost` are the sectors that look for substitutes, ascending, with the runs in which they do.
/// Source: Baum et al. 2024, eq. 36; several lost items with one substitute:
/// [`SubstituteConflict`](crate::model::adaptation::SubstituteConflict).
pub fn growth<const N: usize>(
    tables: &InteractionTables,
    settings: &AdaptationSettings,
    lost: &[(u32, u32)],
) -> Vec<(u32, Parts<N>)> {
    use crate::model::adaptation::SubstituteConflict::{Last, Max, Product};
    let rules = tables.rules.as_ref();
    let Some(substitutability) = rules.and_then(|r| r.substitutability.as_ref()) else {
        return Vec::new();
    };
    let dims = tables.net.dims;
    let mut factors: Vec<(u32, u32, f64)> = Vec::new();
    for &(sector, mask) in lost {
        let area = dims.area_of(sector as usize);
        let Some(block) = substitutability.of(area) else { continue };
        let row = block.row(dims.item_of(sector as usize));
        factors.extend(row.map(|(j, s)| (dims.sector(area, j) as u32, mask, 1.0 + s)));
    }
    let key = |sector: u32| (dims.item_of(sector as usize), dims.area_of(sector as usize));
    factors.sort_by_key(|factor| key(factor.0));
    let of_sector = |of: &[(u32, u32, f64)]| {
        let grown = of.iter().fold(Parts::constant(1.0), |growth, &(_, mask, factor)| {
            let own = Parts::constant(factor);
            match settings.substitute_conflict {
                Last => Parts::where_set(mask, &own, &growth),
                Max => {
                    let is_larger = |set: usize| mask >> set & 1 == 1 && factor > growth.value[set];
                    let pick = std::array::from_fn(|set| usize::from(is_larger(set)));
                    Parts::choose(&pick, &[Branch::Is(&growth), Branch::Is(&own)])
                }
                Product => growth.times(&Parts::where_set(mask, &own, &Parts::constant(1.0))),
            }
        });
        (of[0].0, grown)
    };
    factors.chunk_by(|a, b| a.0 == b.0).map(of_sector).collect()
}
