//! What a dataset holds.

use super::{Amount, Checker, Status};
use crate::dataset::{Rule, Unit};

impl Checker<'_> {
    pub(super) fn counts(&self) -> Vec<(&'static str, Amount)> {
        if self.labels().status == Status::Fail {
            return Vec::new();
        }
        let d = self.dataset;
        let p = &d.parameters;
        let total = |unit: &Unit| {
            let is = |s: &usize| d.labels.items[self.dims.item_of(*s)].unit == *unit;
            Amount::Quantity((0..self.dims.sectors()).filter(is).map(|s| p.x0[s]).sum())
        };
        let mut units: Vec<&Unit> = d.labels.items.iter().map(|item| &item.unit).collect();
        units.sort_by_key(|unit| unit.name());
        units.dedup();
        let shipped = p.trade_t.column_sums();
        let exporters =
            (0..self.dims.sectors()).filter(|&s| p.share_eta_exp[s] > 0.0 && shipped[s] > 0.0);
        let possessing = p.x0.iter().filter(|&&x| x > 0.0).count();
        let whole = Amount::Count;
        let mut counts = vec![
            ("areas", whole(self.dims.areas)),
            ("items", whole(self.dims.items)),
            ("processes", whole(self.dims.processes)),
            ("sectors (areas x items)", whole(self.dims.sectors())),
            ("sectors that possess something at t = 0", whole(possessing)),
            ("producers", whole(p.producers().iter().filter(|&&x| x).count())),
            ("exporters", whole(exporters.count())),
            ("trade links", whole(p.trade_t.nnz())),
            ("conversions (alpha)", whole(p.conversion_alpha.nnz())),
            ("outputs without input (beta)", whole(p.output_beta.nnz())),
            ("allocations (nu)", whole(p.allocation_nu.nnz())),
        ];
        for unit in units {
            let what = match unit {
                Unit::Tonne => "available at t = 0, tonnes",
                Unit::Head => "available at t = 0, heads of live animals",
                Unit::Other(_) => "available at t = 0, in another unit",
            };
            counts.push((what, total(unit)));
        }
        if let Some(r) = &d.rules {
            let share = |rules: &[Option<Rule>]| rules.iter().flatten().count();
            let shares = share(&r.eta_exp) + share(&r.eta_prod) + share(&r.eta_cons);
            counts.push(("rules for alpha", whole(r.alpha.nnz())));
            counts.push(("rules for beta", whole(r.beta.nnz())));
            counts.push(("rules for nu", whole(r.nu.nnz())));
            counts.push(("rules for shares", whole(shares)));
            counts.push(("rules for imports", whole(r.import.nnz())));
            counts.push(("rules for exports", whole(r.export.nnz())));
        }
        if let Some(s) = &d.substitutability {
            counts.push(("substitution indices", whole(s.nnz())));
        }
        counts
    }
}
