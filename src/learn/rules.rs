//! Rules: averages of what entries did, and their form in a dataset.
//!
//! Multiplier and rewiring are separate plain means over the events that define them. Rules of
//! processes and shares hold for every area, rules of trade for every item. An entry without a
//! learned pair has no rule: a dataset with learned rules says `missing_rule = "keep"`.

use std::collections::BTreeMap;

use super::observations::{Observation, RuleKind};
use super::substitution::SubstitutionRule;
use crate::dataset::{AdaptationRules, Blocks, Dimensions, MissingRule, Rule};
use crate::sparse::Csr;

/// The learned pair of one entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedRule {
    /// Family.
    pub kind: RuleKind,
    /// Keys: see [`super::observations`].
    pub key: (u32, u32),
    /// `m`, mean.
    pub multiplier: Option<f64>,
    /// Events behind it.
    pub multiplier_n: usize,
    /// `r`, mean.
    pub rewiring: Option<f64>,
    /// Events behind it.
    pub rewiring_n: usize,
}

/// Averages, by family and keys.
pub fn rules(observations: &[Observation]) -> Vec<LearnedRule> {
    let mut sums: BTreeMap<_, [(f64, usize); 2]> = BTreeMap::new();
    for o in observations {
        let sums = sums.entry((o.kind, o.key)).or_default();
        for (sum, value) in sums.iter_mut().zip([o.multiplier(), o.rewiring()]) {
            if let Some(value) = value {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        }
    }
    let mean = |(sum, n): (f64, usize)| (n > 0).then(|| sum / n as f64);
    sums.into_iter()
        .map(|((kind, key), [m, r])| LearnedRule {
            kind,
            key,
            multiplier: mean(m),
            multiplier_n: m.1,
            rewiring: mean(r),
            rewiring_n: r.1,
        })
        .collect()
}

/// The rules as the adaptive model takes them.
pub fn in_use(rules: &[LearnedRule], d: Dimensions) -> AdaptationRules {
    let entries = |kind: RuleKind, place: fn((u32, u32)) -> (u32, u32)| -> Vec<(u32, u32, Rule)> {
        let of_kind = rules.iter().filter(move |r| r.kind == kind);
        let entry = |r: &LearnedRule| {
            let (row, column) = place(r.key);
            (row, column, Rule { multiplier: r.multiplier, rewiring: r.rewiring })
        };
        of_kind.map(entry).collect()
    };
    let as_is = |key| key;
    let swapped = |(a, b)| (b, a);
    let share = |kind| {
        let mut of_item = vec![None; d.items];
        entries(kind, as_is).into_iter().for_each(|(item, _, rule)| {
            of_item[item as usize] = Some(rule);
        });
        (0..d.sectors()).map(|s| of_item[d.item_of(s)]).collect()
    };
    AdaptationRules {
        alpha: repeated(d.items, d.processes, entries(RuleKind::Alpha, as_is), d.areas),
        beta: repeated(d.items, d.processes, entries(RuleKind::Beta, as_is), d.areas),
        // Stored process x item.
        nu: repeated(d.processes, d.items, entries(RuleKind::Nu, swapped), d.areas),
        eta_exp: share(RuleKind::EtaExp),
        eta_prod: share(RuleKind::EtaProd),
        eta_cons: share(RuleKind::EtaCons),
        import: repeated(d.areas, d.areas, entries(RuleKind::Import, as_is), d.items),
        // Stored importer x exporter.
        export: repeated(d.areas, d.areas, entries(RuleKind::Export, swapped), d.items),
        missing: MissingRule::Keep,
    }
}

/// The substitutability of the pairs that are kept, for every area.
pub fn substitutability(substitutions: &[SubstitutionRule], d: Dimensions) -> Blocks<f64> {
    let kept = substitutions.iter().filter(|s| s.kept);
    let entries = kept.map(|s| (s.item as u32, s.substitute as u32, s.index)).collect();
    repeated(d.items, d.items, entries, d.areas)
}

/// One matrix for all members.
fn repeated<V: Clone + PartialEq>(
    rows: usize,
    cols: usize,
    entries: Vec<(u32, u32, V)>,
    members: usize,
) -> Blocks<V> {
    let block = Csr::from_triplets(rows, cols, entries).expect("keys are indices of labels");
    if block.nnz() == 0 {
        return Blocks { blocks: Vec::new(), block_of: vec![None; members] };
    }
    Blocks { blocks: vec![block], block_of: vec![Some(0); members] }
}
