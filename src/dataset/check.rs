//! Does a dataset keep the invariants of the model? One verdict each, with the worst offender.
//!
//! Sources: Laber et al. 2023, eqs. 9, 20-23 (shares, columns); Baum et al. 2024, Methods 2.

use super::labels::Dimensions;
use super::store::validate::{Fault, label_faults, size_faults};
use super::{Dataset, Rule, Unit};
use crate::sparse::Csr;

/// Sums of shares may miss their target by the rounding of the sums they were made from.
const TOLERANCE: f64 = 1e-9;

/// Result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The invariant holds.
    Pass,
    /// The model runs, but the user should know.
    Warn,
    /// The model's results would be wrong.
    Fail,
}

/// One invariant and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The invariant, in words.
    pub invariant: &'static str,
    /// Whether it holds.
    pub status: Status,
    /// How many entries break it.
    pub violations: usize,
    /// The worst of them, the first where none is worse; empty where it holds.
    pub detail: String,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// A number of things.
    Count(usize),
    /// A quantity in the unit that its name gives.
    Quantity(f64),
}

/// What a dataset holds and which invariants it keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckReport {
    /// What is counted, and how much there is.
    pub counts: Vec<(&'static str, Amount)>,
    /// One per invariant.
    pub verdicts: Vec<Verdict>,
}

impl CheckReport {
    /// Number of invariants that fail; warnings do not count.
    pub fn failed(&self) -> usize {
        self.verdicts.iter().filter(|v| v.status == Status::Fail).count()
    }
}

/// Counts what a dataset holds and checks every invariant.
pub fn check(dataset: &Dataset) -> CheckReport {
    let checker = Checker { dataset, dims: dataset.dimensions() };
    CheckReport { counts: checker.counts(), verdicts: checker.verdicts() }
}

struct Checker<'a> {
    dataset: &'a Dataset,
    dims: Dimensions,
}

impl Checker<'_> {
    fn counts(&self) -> Vec<(&'static str, Amount)> {
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

    fn verdicts(&self) -> Vec<Verdict> {
        let labels = self.labels();
        if labels.status == Status::Fail {
            // Without labels for every entry nothing else can be looked up.
            return vec![labels];
        }
        let p = &self.dataset.parameters;
        let shipped = p.trade_t.column_sums();
        let allocated = p.allocation_nu.column_sums();
        let sums = |column: &[f64], s: usize| (column[s] - 1.0).abs() <= TOLERANCE;
        let mut verdicts = vec![
            self.values("every parameter is finite", |v| (!v.is_finite()).then_some(0.0)),
            self.values("no parameter is negative", |v| (v < 0.0).then_some(-v)),
            self.sectors("shares lie in [0, 1]", Status::Fail, |s| {
                let worst = p.share_eta_prod[s].max(p.share_eta_exp[s]);
                (worst > 1.0 + TOLERANCE).then(|| (worst, format!("has a share of {worst}")))
            }),
            self.sectors("eta_prod + eta_exp is at most 1", Status::Fail, |s| {
                let sum = p.share_eta_prod[s] + p.share_eta_exp[s];
                (sum > 1.0 + TOLERANCE).then(|| (sum, format!("reserves {sum} of what it has")))
            }),
            self.sectors("nu adds up to 1 where something is processed", Status::Fail, |s| {
                let (used, sum) = (p.share_eta_prod[s] > 0.0, allocated[s]);
                let wrong = if used { !sums(&allocated, s) } else { sum > 1.0 + TOLERANCE };
                wrong.then(|| {
                    ((sum - 1.0).abs(), format!("allocates {sum} of its production amount"))
                })
            }),
            self.sectors("trade columns add up to 1 or are empty", Status::Fail, |s| {
                let (sum, wrong) = (shipped[s], shipped[s] != 0.0 && !sums(&shipped, s));
                wrong.then(|| ((sum - 1.0).abs(), format!("ships {sum} of its exports")))
            }),
            self.sectors("exports have somewhere to go", Status::Warn, |s| {
                let lost = p.share_eta_exp[s] > 0.0 && shipped[s] == 0.0;
                let amount = p.share_eta_exp[s] * p.x0[s];
                let text = || format!("exports {amount:.3} a year to nobody; they leave the model");
                lost.then(|| (amount, text()))
            }),
        ];
        verdicts.push(self.structure());
        verdicts.push(self.diagonal());
        verdicts.push(self.alpha_or_beta());
        verdicts.push(labels);
        verdicts.push(self.possessions());
        verdicts.push(self.populations());
        verdicts.push(self.rules());
        verdicts.push(self.substitutes());
        verdicts
    }

    fn matrices(&self) -> [(&'static str, &Csr<f64>); 4] {
        let p = &self.dataset.parameters;
        [
            ("alpha", &p.conversion_alpha),
            ("beta", &p.output_beta),
            ("nu", &p.allocation_nu),
            ("T", &p.trade_t),
        ]
    }

    fn values(&self, invariant: &'static str, broken_by: impl Fn(f64) -> Option<f64>) -> Verdict {
        let p = &self.dataset.parameters;
        let vectors = [
            ("x0", &p.x0),
            ("start stock", &p.start_stock),
            ("eta_prod", &p.share_eta_prod),
            ("eta_exp", &p.share_eta_exp),
        ];
        let mut broken = Vec::new();
        for (name, vector) in vectors {
            for (s, &v) in vector.iter().enumerate() {
                let text = || format!("{name} of {} is {v}", self.name(s));
                broken.extend(broken_by(v).map(|by| (by, text())));
            }
        }
        for (name, matrix) in self.matrices() {
            for (r, c, &v) in matrix.iter() {
                let text = || format!("{name} at row {}, column {} is {v}", r + 1, c + 1);
                broken.extend(broken_by(v).map(|by| (by, text())));
            }
        }
        verdict(invariant, Status::Fail, broken)
    }

    fn sectors(
        &self,
        invariant: &'static str,
        severity: Status,
        broken: impl Fn(usize) -> Option<(f64, String)>,
    ) -> Verdict {
        let found = (0..self.dims.sectors())
            .filter_map(|s| broken(s).map(|(by, text)| (by, format!("{} {text}", self.name(s)))));
        verdict(invariant, severity, found.collect())
    }

    fn structure(&self) -> Verdict {
        let p = &self.dataset.parameters;
        let dims = self.dims;
        let mut broken = Vec::new();
        for (name, m) in [("alpha", &p.conversion_alpha), ("beta", &p.output_beta)] {
            for (s, k, &v) in m.iter() {
                if dims.area_of(s) != dims.area_of_process_column(k) {
                    broken.push((v, format!("{name} of {} is in another area", self.name(s))));
                }
            }
        }
        for (k, s, &v) in p.allocation_nu.iter() {
            if dims.area_of(s) != dims.area_of_process_column(k) {
                broken.push((v, format!("nu of {} is in another area", self.name(s))));
            }
        }
        for (to, from, &v) in p.trade_t.iter() {
            if dims.item_of(to) != dims.item_of(from) {
                broken.push((v, format!("{} comes from {}", self.name(to), self.name(from))));
            }
        }
        verdict("production stays in its area, trade in its item", Status::Fail, broken)
    }

    fn diagonal(&self) -> Verdict {
        let trade = &self.dataset.parameters.trade_t;
        let selves = trade.iter().filter(|(to, from, _)| to == from);
        let broken = selves.map(|(s, _, &v)| (v, format!("{} trades with itself", self.name(s))));
        verdict("no sector trades with itself", Status::Fail, broken.collect())
    }

    fn alpha_or_beta(&self) -> Verdict {
        let p = &self.dataset.parameters;
        let (alpha, beta) = (p.conversion_alpha.column_sums(), p.output_beta.column_sums());
        let both = (0..self.dims.process_columns()).filter(|&k| alpha[k] > 0.0 && beta[k] > 0.0);
        let broken = both.map(|k| {
            let area = &self.dataset.labels.areas[self.dims.area_of_process_column(k)].name;
            let process = &self.dataset.labels.processes[self.dims.process_of(k)].name;
            (alpha[k].min(beta[k]), format!("{area} / {process} has both"))
        });
        verdict("a process has alpha or beta, never both", Status::Fail, broken.collect())
    }

    fn labels(&self) -> Verdict {
        let mut faults = label_faults(&self.dataset.labels);
        faults.extend(size_faults(self.dataset));
        let text = |Fault { table, place, problem }| format!("{table}{place}: {problem}");
        let broken = faults.into_iter().map(|fault| (0.0, text(fault)));
        verdict("every entry has its labels, sorted and distinct", Status::Fail, broken.collect())
    }

    fn possessions(&self) -> Verdict {
        let areas = self.dataset.labels.areas.iter().enumerate();
        let without = areas.filter(|(c, _)| !self.amounts(*c).iter().any(|&x| x > 0.0));
        let broken = without.map(|(_, a)| {
            // Whose absence leaves out most people.
            (a.population.unwrap_or(0.0), format!("{} has nothing at t = 0", a.name))
        });
        verdict("every area possesses something", Status::Warn, broken.collect())
    }

    fn populations(&self) -> Verdict {
        let areas = self.dataset.labels.areas.iter().enumerate();
        let broken = areas.filter(|(_, a)| a.population.is_none()).map(|(c, a)| {
            let amounts = self.amounts(c).iter().zip(&self.dataset.labels.items);
            let tonnes = amounts.filter(|(_, item)| item.is_mass()).map(|(x, _)| x);
            (tonnes.sum(), format!("{} has none: no losses per person", a.name))
        });
        verdict("every area has a population", Status::Warn, broken.collect())
    }

    fn rules(&self) -> Verdict {
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

    fn substitutes(&self) -> Verdict {
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

    /// What an area possesses at t = 0, by item.
    fn amounts(&self, area: usize) -> &[f64] {
        let items = self.dims.items;
        &self.dataset.parameters.x0[area * items..][..items]
    }

    fn name(&self, sector: usize) -> String {
        self.dataset.labels.sector_name(sector)
    }
}

/// How wrong a number is that must be finite and not negative; `None` where it is right.
fn wrongness(value: f64) -> Option<f64> {
    match value {
        v if !v.is_finite() => Some(f64::INFINITY),
        v if v < 0.0 => Some(-v),
        _ => None,
    }
}

/// The verdict on what breaks an invariant: by how much, and in words.
fn verdict(invariant: &'static str, severity: Status, broken: Vec<(f64, String)>) -> Verdict {
    let violations = broken.len();
    let status = if violations == 0 { Status::Pass } else { severity };
    let worse = |worst: (f64, String), next: (f64, String)| {
        // What cannot be compared is as bad as can be.
        let by = |found: &(f64, String)| if found.0.is_nan() { f64::INFINITY } else { found.0 };
        if by(&next) > by(&worst) { next } else { worst }
    };
    let detail = broken.into_iter().reduce(worse).map(|(_, text)| text).unwrap_or_default();
    Verdict { invariant, status, violations, detail }
}
