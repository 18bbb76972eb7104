//! Profiles of areas by tier, and whether tiers differ.
//!
//! A profile is the mean of an indicator over the items of a set where it is defined; `I_own` counts 0
//! for an item that the world trades but not the area. `pooled` is the mean over the years with a
//! value. Tiers are compared with all items, area by area: Wilcoxon signed-rank tests, corrected by
//! Benjamini and Hochberg over the pooled tests, and over those of all single years together.
//! Source: Klimek et al. 2025 (the comparison); the test is shocksweep's own choice.

use std::sync::Arc;

use shocksweep_columnar::record;
use shocksweep_statistics::benjamini_hochberg;
use shocksweep_statistics::wilcoxon::signed_rank;

use crate::indicators::{Indicator, YearIndicators};
use crate::lists::Tier;
use crate::panel::Panel;
use crate::world::{mean, median};

record! {
    /// Mean indicators of an area over the items of a set.
    pub struct Profile = "profiles" {
        /// Year, or pooled: the mean over the years with a value.
        pub scope: String,
        /// Area.
        pub area: Arc<str>,
        /// Items: all, raw, input or final.
        pub set: String,
        /// E: imports over imports and production.
        pub exposure: Option<f64> ["1"],
        /// H: Herfindahl index of the suppliers.
        pub concentration: Option<f64> ["1"],
        /// STR: systemic trade risk.
        pub str: Option<f64> ["1"],
        /// I_own; 0 counts for an item that the world trades but not the area.
        pub influence_own: Option<f64> ["1"],
        /// TR: exposure times number of traders times PageRank.
        pub trade_risk: Option<f64> ["1"],
    }
}

record! {
    /// A tier against all items, over areas.
    pub struct TierTest = "tier_tests" {
        /// Year or pooled.
        pub scope: String,
        /// exposure, concentration, str, influence_own or trade_risk.
        pub indicator: String,
        /// raw, input or final.
        pub tier: String,
        /// Areas with both.
        pub pairs: u32,
        /// Mean over the tier.
        pub mean_tier: Option<f64>,
        /// Mean over all items.
        pub mean_all: Option<f64>,
        /// Median of the differences, tier minus all.
        pub median_difference: Option<f64>,
        /// Differences that are not 0.
        pub n: u32,
        /// Sum of the ranks of the positive ones; null where not tested.
        pub w_plus: Option<f64>,
        /// Two-sided.
        pub p: Option<f64>,
        /// exact, normal or too_few.
        pub method: String,
        /// p by Benjamini and Hochberg; pooled tests are one family, all years together another.
        pub p_bh: Option<f64>,
    }
}

/// Sets of items that are profiled, in order.
pub const SETS: [&str; 4] = ["all", "raw", "input", "final"];

/// The scope over all years.
pub const POOLED: &str = "pooled";

/// Name and value of an indicator of a profile.
pub type Measure = (&'static str, fn(&Profile) -> Option<f64>);

/// Indicators of a profile.
pub const MEASURES: [Measure; 5] = [
    ("exposure", |row| row.exposure),
    ("concentration", |row| row.concentration),
    ("str", |row| row.str),
    ("influence_own", |row| row.influence_own),
    ("trade_risk", |row| row.trade_risk),
];

/// Items of a set.
pub fn members(panel: &Panel, set: &str) -> Vec<usize> {
    let is_in = |p: &usize| set == "all" || Tier::named(set) == Some(panel.items[*p].tier);
    (0..panel.items.len()).filter(is_in).collect()
}

/// Profiles of all areas in every year, then pooled; by scope, area, set.
pub fn profiles(panel: &Panel, years: &[YearIndicators]) -> Vec<Profile> {
    let sets = SETS.map(|set| members(panel, set));
    let mut all = Vec::new();
    for year in years {
        let is_traded = |p: usize| (0..panel.areas.len()).any(|c| year.get(p, c).is_some());
        let traded: Vec<bool> = (0..panel.items.len()).map(is_traded).collect();
        for (c, area) in panel.areas.iter().enumerate() {
            for (set, items) in SETS.iter().zip(&sets) {
                let of = |value: fn(&Indicator) -> Option<f64>| {
                    mean(items.iter().map(|&p| year.get(p, c).and_then(value)))
                };
                let influence = |p: &usize| match year.get(*p, c) {
                    Some(row) => row.influence_own,
                    None => traded[*p].then_some(0.0),
                };
                all.push(Profile {
                    scope: year.year.to_string(),
                    area: area.clone(),
                    set: set.to_string(),
                    exposure: of(|row| row.exposure),
                    concentration: of(|row| row.concentration),
                    str: of(|row| row.str),
                    influence_own: mean(items.iter().map(influence)),
                    trade_risk: of(|row| row.trade_risk),
                });
            }
        }
    }
    let size = panel.areas.len() * SETS.len();
    for at in 0..size {
        let over = |value: fn(&Profile) -> Option<f64>| {
            mean(years.iter().enumerate().map(|(y, _)| value(&all[y * size + at])))
        };
        let pooled = Profile {
            scope: POOLED.into(),
            area: panel.areas[at / SETS.len()].clone(),
            set: SETS[at % SETS.len()].into(),
            exposure: over(|row| row.exposure),
            concentration: over(|row| row.concentration),
            str: over(|row| row.str),
            influence_own: over(|row| row.influence_own),
            trade_risk: over(|row| row.trade_risk),
        };
        all.push(pooled);
    }
    all
}

/// Tests every tier against all items; `profiles` are by scope, area, set.
pub fn tier_tests(profiles: &[Profile]) -> Vec<TierTest> {
    let mut all = Vec::new();
    for of_scope in profiles.chunk_by(|a, b| a.scope == b.scope) {
        for (indicator, value) in MEASURES {
            for (at, tier) in SETS.iter().enumerate().skip(1) {
                let pair = |area: &[Profile]| Some((value(area.get(at)?)?, value(&area[0])?));
                let pairs: Vec<(f64, f64)> = of_scope.chunks(SETS.len()).filter_map(pair).collect();
                all.push(tier_test(&of_scope[0].scope, indicator, tier, &pairs));
            }
        }
    }
    for is_pooled in [true, false] {
        let family = |row: &TierTest| (row.scope == POOLED) == is_pooled && row.p.is_some();
        let of_family: Vec<usize> = (0..all.len()).filter(|&at| family(&all[at])).collect();
        let p: Vec<f64> = of_family.iter().filter_map(|&at| all[at].p).collect();
        for (&at, p_bh) in of_family.iter().zip(benjamini_hochberg(&p)) {
            all[at].p_bh = Some(p_bh);
        }
    }
    all
}

fn tier_test(scope: &str, indicator: &str, tier: &str, pairs: &[(f64, f64)]) -> TierTest {
    let differences: Vec<f64> = pairs.iter().map(|(tier, all)| tier - all).collect();
    let found = signed_rank(&differences);
    TierTest {
        scope: scope.into(),
        indicator: indicator.into(),
        tier: tier.into(),
        pairs: pairs.len() as u32,
        mean_tier: mean(pairs.iter().map(|pair| Some(pair.0))),
        mean_all: mean(pairs.iter().map(|pair| Some(pair.1))),
        median_difference: median(differences),
        n: found.n as u32,
        w_plus: found.w_plus,
        p: found.p,
        method: found.method.name().into(),
        p_bh: None,
    }
}
