//! Substitutability: what an area imported of other items of the group when it lost one (Baum et
//! al. 2024, eqs. 31 to 35).
//!
//! The import index of an item j in an area is the sum of the shares it takes of others' exports,
//! counting exporters of which it takes at least 5 % in the year. The change of the index over an
//! event of item i, relative and per relative loss, is one value for the pair (i, j); their mean is
//! `s_ij`. A pair is kept if the mean is positive and two one-sided tests, each corrected over all
//! tested pairs, find it so.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::events::Event;
use super::series::Series;
use crate::statistics::{
    EXACT_FLIPS, SplitMix64, benjamini_hochberg, moments, sign_flip_test, t_test,
};

/// Seed of the sign flips: every pair has a sequence of its own.
const SEED: u64 = 241_103_502;

/// One other item of the group in one event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubstitutionObservation {
    /// The event of the lost item.
    pub event: Event,
    /// The other item.
    pub substitute: usize,
    /// Its import index in the last year before the loss.
    pub index_before: f64,
    /// The same in the year after.
    pub index_after: f64,
    /// `(after - before) / before / RL`; undefined where nothing was imported before.
    pub change: Option<f64>,
}

/// `s_ij` with its tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubstitutionRule {
    /// The lost item i.
    pub item: usize,
    /// The substitute j.
    pub substitute: usize,
    /// Events with a defined change.
    pub n: usize,
    /// `s_ij`: mean change.
    pub index: f64,
    /// t statistic; undefined below two events, or where all changes are equal.
    pub t: Option<f64>,
    /// p of the t-test, and adjusted; undefined below two events.
    pub p_t: Option<(f64, f64)>,
    /// p of the sign-flip test, and adjusted; undefined below two events.
    pub p_flip: Option<(f64, f64)>,
    /// Whether the model uses it.
    pub kept: bool,
}

impl SubstitutionRule {
    /// Whether all sign flips were tried; undefined where none were.
    pub fn is_exact(&self) -> Option<bool> {
        self.p_flip.map(|_| self.n <= EXACT_FLIPS)
    }
}

/// Sum of the shares an area takes of other areas' exports, where at least `least`.
fn import_index(series: &Series, at: usize, area: usize, item: usize, least: f64) -> f64 {
    let d = series.labels.dimensions();
    let row = series.years[at].parameters.trade_t.row(d.sector(area, item));
    let counts = |exporter: usize| series.exists[d.area_of(exporter)];
    row.filter(|&(from, share)| *share >= least && counts(from)).map(|(_, share)| *share).sum()
}

/// Changes of the import index of every other item of the group, by event.
pub fn observations(series: &Series, events: &[Event], least: f64) -> Vec<SubstitutionObservation> {
    let d = series.labels.dimensions();
    let items = &series.labels.items;
    let mut found = Vec::new();
    for &event in events {
        let (area, item) = (d.area_of(event.sector), d.item_of(event.sector));
        let group = &items[item].commodity_group;
        let others = (0..d.items).filter(|&j| j != item && items[j].commodity_group == *group);
        for substitute in others {
            let [before, after] = [event.at, event.at + 1]
                .map(|at| import_index(series, at, area, substitute, least));
            let change = (before > 0.0).then(|| (after - before) / before / event.relative_loss);
            let (index_before, index_after) = (before, after);
            found.push(SubstitutionObservation {
                event,
                substitute,
                index_before,
                index_after,
                change,
            });
        }
    }
    found
}

/// Both tests of one pair.
struct Tests {
    t: Option<f64>,
    p_t: f64,
    p_flip: f64,
}

/// Means and tests, by item and substitute; changes in area order.
pub fn test(
    series: &Series,
    observations: &[SubstitutionObservation],
    significance: f64,
) -> Vec<SubstitutionRule> {
    let d = series.labels.dimensions();
    let mut changes: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for o in observations {
        if let Some(change) = o.change {
            changes.entry((d.item_of(o.event.sector), o.substitute)).or_default().push(change);
        }
    }
    let pairs: Vec<((usize, usize), Vec<f64>)> = changes.into_iter().collect();
    let tests: Vec<Option<Tests>> = pairs
        .par_iter()
        .map(|((i, j), values)| {
            let (t, p_t) = t_test(values)?;
            let seed = SplitMix64::output(SEED, (i * d.items + j) as u64);
            Some(Tests { t, p_t, p_flip: sign_flip_test(values, seed) })
        })
        .collect();
    let tested: Vec<usize> = (0..pairs.len()).filter(|&at| tests[at].is_some()).collect();
    let adjusted = |p: &dyn Fn(&Tests) -> f64| {
        let p: Vec<f64> = tests.iter().flatten().map(p).collect();
        let mut all = vec![None; pairs.len()];
        for (&at, (p, adjusted)) in tested.iter().zip(p.iter().zip(benjamini_hochberg(&p))) {
            all[at] = Some((*p, adjusted));
        }
        all
    };
    let (p_t, p_flip) = (adjusted(&|test| test.p_t), adjusted(&|test| test.p_flip));
    let rule = |(at, ((item, substitute), values)): (usize, &((usize, usize), Vec<f64>))| {
        let index = moments(values).0;
        let passes = |p: Option<(f64, f64)>| p.is_some_and(|(_, p)| p <= significance);
        SubstitutionRule {
            item: *item,
            substitute: *substitute,
            n: values.len(),
            index,
            t: tests[at].as_ref().and_then(|test| test.t),
            p_t: p_t[at],
            p_flip: p_flip[at],
            kept: index > 0.0 && passes(p_t[at]) && passes(p_flip[at]),
        }
    };
    pairs.iter().enumerate().map(rule).collect()
}
