//! Stability: do two halves of the years teach the same rules? (Baum et al. 2024, appendix 2.)
//!
//! The growth-adjusted series is cut in two, an event and the year after it in one half, and rules
//! are learned on each. The Matthews correlation of "there is a rule" is taken over all index pairs
//! of a family, and over those that can exist: whose parameter is positive in some area that
//! exists throughout and some year. The full count is flattered by entries that cannot exist.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::*;

use super::events::{Criteria, QUIET_IN_HALVES};
use super::observations::RuleKind;
use super::series::Series;
use super::{LearnOptions, Learned, learn};
use crate::statistics::matthews;

/// Thresholds that are tried: relative, absolute, deviation.
pub type Grid = [Vec<f64>; 3];

/// The grid that is tried unless told otherwise: around the published values.
pub fn default_grid() -> Grid {
    [vec![0.15, 0.26, 0.4], vec![1_000.0, 100_000.0], vec![0.02, 0.32, 0.5]]
}

/// Counts of the four cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// A rule in both halves.
    pub tp: u64,
    /// In neither.
    pub tn: u64,
    /// In the second only.
    pub fp: u64,
    /// In the first only.
    pub fn_: u64,
}

impl Agreement {
    fn of(first: &BTreeSet<Key>, second: &BTreeSet<Key>, all: u64) -> Self {
        let tp = first.intersection(second).count() as u64;
        let (fn_, fp) = (first.len() as u64 - tp, second.len() as u64 - tp);
        Agreement { tp, tn: all - tp - fp - fn_, fp, fn_ }
    }

    /// Matthews correlation; undefined where one half has all rules or none.
    pub fn mcc(&self) -> Option<f64> {
        matthews(self.tp, self.tn, self.fp, self.fn_)
    }
}

type Key = (u32, u32);

/// Agreement of one part of one family at one choice of thresholds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// Thresholds.
    pub criteria: Criteria,
    /// Family; `None` for substitution.
    pub kind: Option<RuleKind>,
    /// `multiplier` or `rewiring`; for substitution `kept` or `positive`.
    pub part: &'static str,
    /// Events of the first half.
    pub events_first: usize,
    /// Events of the second.
    pub events_second: usize,
    /// Over all index pairs.
    pub all: Agreement,
    /// Over those that can exist.
    pub possible: Agreement,
}

/// The two halves of a series: the first has half of the years, rounded down.
pub fn halves(series: &Series) -> [Range<usize>; 2] {
    let (all, half) = (series.years.len(), series.years.len() / 2);
    [0..half, half..all]
}

/// Compares the rules of two halves over a grid of thresholds.
pub fn stability(series: &Series, options: &LearnOptions, grid: &Grid) -> Vec<Stability> {
    let possible = Possible::of(series);
    let mut choices = Vec::new();
    for &relative in &grid[0] {
        for &absolute in &grid[1] {
            for &deviation in &grid[2] {
                let quiet = QUIET_IN_HALVES;
                choices.push(Criteria { relative, absolute, deviation, quiet });
            }
        }
    }
    let compare = |criteria: &Criteria| {
        let options = LearnOptions { criteria: *criteria, ..*options };
        let learned = halves(series).map(|years| learn(series, years, &options));
        compare(series, *criteria, &learned, &possible)
    };
    choices.par_iter().map(compare).collect::<Vec<_>>().concat()
}

fn compare(
    series: &Series,
    criteria: Criteria,
    learned: &[Learned; 2],
    possible: &Possible,
) -> Vec<Stability> {
    let d = series.labels.dimensions();
    let [events_first, events_second] = [&learned[0], &learned[1]].map(|half| half.events.len());
    let mut rows = Vec::new();
    let mut row = |kind, part, keys: [BTreeSet<Key>; 2], all: u64, possible: &BTreeSet<Key>| {
        let within = |keys: &BTreeSet<Key>| keys.intersection(possible).copied().collect();
        rows.push(Stability {
            criteria,
            kind,
            part,
            events_first,
            events_second,
            all: Agreement::of(&keys[0], &keys[1], all),
            possible: Agreement::of(&within(&keys[0]), &within(&keys[1]), possible.len() as u64),
        });
    };
    for (at, kind) in RuleKind::ALL.into_iter().enumerate() {
        let all = match kind {
            k if k.is_of_process() => d.items * d.processes,
            k if k.is_of_trade() => d.areas * (d.areas - 1),
            _ => d.items,
        };
        for part in ["multiplier", "rewiring"] {
            let keys = [0, 1].map(|half: usize| {
                let rules = learned[half].rules.iter().filter(|r| r.kind == kind);
                let has = |n: usize, m: usize| if part == "multiplier" { n > 0 } else { m > 0 };
                rules.filter(|r| has(r.multiplier_n, r.rewiring_n)).map(|r| r.key).collect()
            });
            row(Some(kind), part, keys, all as u64, &possible.rules[at]);
        }
    }
    let pairs = possible.substitution_pairs;
    for part in ["kept", "positive"] {
        let keys = [0, 1].map(|half: usize| {
            let has = |kept: bool, index: f64| if part == "kept" { kept } else { index > 0.0 };
            let rules = learned[half].substitutions.iter().filter(|s| has(s.kept, s.index));
            rules.map(|s| (s.item as u32, s.substitute as u32)).collect()
        });
        row(None, part, keys, pairs, &possible.substitution);
    }
    rows
}

/// Keys whose parameter is positive in some area that exists throughout and some year.
struct Possible {
    /// By [`RuleKind::ALL`].
    rules: Vec<BTreeSet<Key>>,
    /// Pairs within groups whose substitute is imported.
    substitution: BTreeSet<Key>,
    /// All ordered pairs within groups.
    substitution_pairs: u64,
}

impl Possible {
    fn of(series: &Series) -> Self {
        let d = series.labels.dimensions();
        let exists = |area: usize| series.exists[area];
        let mut rules = vec![BTreeSet::new(); RuleKind::ALL.len()];
        let mut imported = vec![false; d.items];
        for year in &series.years {
            let p = &year.parameters;
            for (at, matrix) in [&p.conversion_alpha, &p.output_beta].into_iter().enumerate() {
                for (s, column, _) in matrix.iter().filter(|e| exists(d.area_of(e.0))) {
                    rules[at].insert((d.item_of(s) as u32, d.process_of(column) as u32));
                }
            }
            for (column, s, _) in p.allocation_nu.iter().filter(|e| exists(d.area_of(e.1))) {
                rules[2].insert((d.item_of(s) as u32, d.process_of(column) as u32));
            }
            let shares = [&p.share_eta_exp, &p.share_eta_prod, &year.eta_cons];
            for (at, share) in shares.into_iter().enumerate() {
                for (s, _) in share.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                    if exists(d.area_of(s)) {
                        rules[3 + at].insert((d.item_of(s) as u32, 0));
                    }
                }
            }
            for (to, from, _) in p.trade_t.iter() {
                let [importer, exporter] = [to, from].map(|s| d.area_of(s));
                if exists(importer) && exists(exporter) {
                    rules[6].insert((importer as u32, exporter as u32));
                    rules[7].insert((exporter as u32, importer as u32));
                    imported[d.item_of(to)] = true;
                }
            }
        }
        let items = &series.labels.items;
        let mut substitution = BTreeSet::new();
        let mut substitution_pairs = 0;
        for i in 0..d.items {
            for j in (0..d.items).filter(|&j| j != i) {
                if items[i].commodity_group == items[j].commodity_group {
                    substitution_pairs += 1;
                    if imported[j] {
                        substitution.insert((i as u32, j as u32));
                    }
                }
            }
        }
        Possible { rules, substitution, substitution_pairs }
    }
}
