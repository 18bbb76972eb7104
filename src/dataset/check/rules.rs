//! Invariants of rules and of substitutability.

use super::{Checker, Status, Verdict, verdict, wrongness};
use crate::dataset::Rule;

impl Checker<'_> {
    pub(super) fn rules(&self) -> Verdict {
        let invariant = "rules are finite and not negative";
        let Some(rules) = &self.dataset.rules else {
            return verdict(invariant, Status::Fail, Vec::new());
        };
        let wrong = |rule: &Rule| {
            let halves = [rule.multiplier, rule.rewiring].into_iter().flatten();
            halves.filter_map(wrongness).max_by(f64::total_cmp)
        };
        let mut broken = Vec::new();
        let families = [
            ("alpha", &rules.alpha),
            ("beta", &rules.beta),
            ("nu", &rules.nu),
            ("imports", &rules.import),
            ("exports", &rules.export),
        ];
        for (name, family) in families {
            for (row, col, rule) in family.blocks.iter().flat_map(|b| b.iter()) {
                let text = || format!("the rule for {name} at row {}, column {}", row + 1, col + 1);
                broken.extend(wrong(rule).map(|by| (by, text())));
            }
        }
        let shares = [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons];
        for (s, rule) in shares.iter().flat_map(|f| f.iter().enumerate()) {
            let text = || format!("a rule for a share of {}", self.name(s));
            broken.extend(rule.as_ref().and_then(wrong).map(|by| (by, text())));
        }
        verdict(invariant, Status::Fail, broken)
    }

    pub(super) fn substitutes(&self) -> Verdict {
        let items = &self.dataset.labels.items;
        let blocks = self.dataset.substitutability.iter().flat_map(|s| &s.blocks);
        let broken = blocks.flat_map(|b| b.iter()).filter_map(|(i, j, &index)| {
            let (lost, taken) = (&items[i], &items[j]);
            let pair = format!("{} by {}", lost.name, taken.name);
            if let Some(by) = wrongness(index) {
                Some((by, format!("{pair} is {index}")))
            } else if i == j {
                Some((index, format!("{pair} is the item itself")))
            } else if lost.commodity_group != taken.commodity_group {
                Some((index, format!("{pair} crosses commodity groups")))
            } else {
                None
            }
        });
        verdict("substitutes are other items of the same group", Status::Fail, broken.collect())
    }
}
