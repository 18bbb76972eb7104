//! Does a dataset keep the invariants of the model? One verdict each, with the worst offender.
//!
//! Sources: Laber et al. 2023, eqs. 9, 20-23 (shares, columns); Baum et al. 2024, Methods 2.

use std::fmt;

use super::labels::Dimensions;
use super::{Dataset, Rule};
use crate::report;
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
    /// The first or worst of them; empty where it holds.
    pub detail: String,
}

/// What a dataset holds and which invariants it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// What is counted, and how much there is.
    pub counts: Vec<(&'static str, String)>,
    /// One per invariant.
    pub verdicts: Vec<Verdict>,
}

impl CheckReport {
    /// Number of invariants that fail; warnings do not count.
    pub fn failed(&self) -> usize {
        self.verdicts.iter().filter(|v| v.status == Status::Fail).count()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts =
            self.counts.iter().map(|(what, n)| vec![(*what).to_string(), n.clone()]).collect();
        writeln!(f, "{}\n", report::table(&["what is there", ""], counts, 1))?;
        let verdicts = self
            .verdicts
            .iter()
            .map(|v| {
                let status = match v.status {
                    Status::Pass => "pass",
                    Status::Warn => "WARN",
                    Status::Fail => "FAIL",
                };
                let found = match v.violations {
                    0 => String::new(),
                    n => format!("{}: {}", report::whole(n), v.detail),
                };
                vec![v.invariant.to_string(), status.to_string(), found]
            })
            .collect();
        write!(f, "{}", report::table(&["invariant", "verdict", "broken"], verdicts, 9))
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
    fn counts(&self) -> Vec<(&'static str, String)> {
        if self.labels().status == Status::Fail {
            return Vec::new();
        }
        let d = self.dataset;
        let p = &d.parameters;
        let live = |s: &usize| d.labels.items[self.dims.item_of(*s)].is_live_animal();
        let total = |animals: bool| {
            let sectors = (0..self.dims.sectors()).filter(|s| live(s) == animals);
            report::number(sectors.map(|s| p.x0[s]).sum())
        };
        let shipped = p.trade_t.column_sums();
        let exporters =
            (0..self.dims.sectors()).filter(|&s| p.share_eta_exp[s] > 0.0 && shipped[s] > 0.0);
        let possessing = p.x0.iter().filter(|&&x| x > 0.0).count();
        let whole = report::whole;
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
            ("available at t = 0, t", total(false)),
            ("available at t = 0, live animals, 1000 heads", total(true)),
        ];
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
            self.values("every parameter is finite", |v| v.is_finite()),
            self.values("no parameter is negative", |v| v >= 0.0 || v.is_nan()),
            self.sectors("shares lie in [0, 1]", Status::Fail, |s| {
                let (prod, exp) = (p.share_eta_prod[s], p.share_eta_exp[s]);
                let bad = [prod, exp].into_iter().find(|v| *v > 1.0 + TOLERANCE)?;
                Some(format!("has a share of {bad}"))
            }),
            self.sectors("eta_prod + eta_exp is at most 1", Status::Fail, |s| {
                let sum = p.share_eta_prod[s] + p.share_eta_exp[s];
                (sum > 1.0 + TOLERANCE).then(|| format!("reserves {sum} of what it has"))
            }),
            self.sectors("nu adds up to 1 where something is processed", Status::Fail, |s| {
                let (used, sum) = (p.share_eta_prod[s] > 0.0, allocated[s]);
                let wrong = if used { !sums(&allocated, s) } else { sum > 1.0 + TOLERANCE };
                wrong.then(|| format!("allocates {sum} of its production amount"))
            }),
            self.sectors("trade columns add up to 1 or are empty", Status::Fail, |s| {
                let wrong = shipped[s] != 0.0 && !sums(&shipped, s);
                wrong.then(|| format!("ships {} of its exports", shipped[s]))
            }),
            self.sectors("exports have somewhere to go", Status::Warn, |s| {
                let lost = p.share_eta_exp[s] > 0.0 && shipped[s] == 0.0;
                let amount = report::number(p.share_eta_exp[s] * p.x0[s]);
                lost.then(|| format!("exports {amount} a year to nobody; they leave the model"))
            }),
        ];
        verdicts.push(self.structure());
        verdicts.push(self.diagonal());
        verdicts.push(self.alpha_or_beta());
        verdicts.push(labels);
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

    fn values(&self, invariant: &'static str, holds: impl Fn(f64) -> bool) -> Verdict {
        let p = &self.dataset.parameters;
        let vectors = [
            ("x0", &p.x0),
            ("start stock", &p.start_stock),
            ("eta_prod", &p.share_eta_prod),
            ("eta_exp", &p.share_eta_exp),
        ];
        let mut broken = Vec::new();
        for (name, vector) in vectors {
            for (s, v) in vector.iter().enumerate().filter(|(_, v)| !holds(**v)) {
                broken.push(format!("{name} of {} is {v}", self.name(s)));
            }
        }
        for (name, matrix) in self.matrices() {
            for (r, c, v) in matrix.iter().filter(|e| !holds(*e.2)) {
                broken.push(format!("{name} at row {}, column {} is {v}", r + 1, c + 1));
            }
        }
        verdict(invariant, Status::Fail, broken)
    }

    fn sectors(
        &self,
        invariant: &'static str,
        severity: Status,
        broken: impl Fn(usize) -> Option<String>,
    ) -> Verdict {
        let found = (0..self.dims.sectors())
            .filter_map(|s| broken(s).map(|text| format!("{} {text}", self.name(s))));
        verdict(invariant, severity, found.collect())
    }

    fn structure(&self) -> Verdict {
        let p = &self.dataset.parameters;
        let dims = self.dims;
        let mut broken = Vec::new();
        for (name, m) in [("alpha", &p.conversion_alpha), ("beta", &p.output_beta)] {
            for (s, k, _) in m.iter() {
                if dims.area_of(s) != dims.area_of_process_column(k) {
                    broken.push(format!("{name} of {} is in another area", self.name(s)));
                }
            }
        }
        for (k, s, _) in p.allocation_nu.iter() {
            if dims.area_of(s) != dims.area_of_process_column(k) {
                broken.push(format!("nu of {} is in another area", self.name(s)));
            }
        }
        for (to, from, _) in p.trade_t.iter() {
            if dims.item_of(to) != dims.item_of(from) {
                broken.push(format!("{} comes from {}", self.name(to), self.name(from)));
            }
        }
        verdict("production stays in its area, trade in its item", Status::Fail, broken)
    }

    fn diagonal(&self) -> Verdict {
        let trade = &self.dataset.parameters.trade_t;
        let selves = trade.iter().filter(|(to, from, _)| to == from);
        let broken = selves.map(|(s, _, _)| format!("{} trades with itself", self.name(s)));
        verdict("no sector trades with itself", Status::Fail, broken.collect())
    }

    fn alpha_or_beta(&self) -> Verdict {
        let p = &self.dataset.parameters;
        let (alpha, beta) = (p.conversion_alpha.column_sums(), p.output_beta.column_sums());
        let both = (0..self.dims.process_columns()).filter(|&k| alpha[k] > 0.0 && beta[k] > 0.0);
        let broken = both.map(|k| {
            let area = &self.dataset.labels.areas[self.dims.area_of_process_column(k)].name;
            let process = &self.dataset.labels.processes[self.dims.process_of(k)].name;
            format!("{area} / {process} has both")
        });
        verdict("a process has alpha or beta, never both", Status::Fail, broken.collect())
    }

    fn labels(&self) -> Verdict {
        let l = &self.dataset.labels;
        let lists: [Vec<&str>; 3] = [
            l.areas.iter().map(|a| a.name.as_str()).collect(),
            l.items.iter().map(|i| i.name.as_str()).collect(),
            l.processes.iter().map(|p| p.name.as_str()).collect(),
        ];
        let mut broken = Vec::new();
        for list in lists {
            for pair in list.windows(2).filter(|pair| pair[0] >= pair[1]) {
                broken.push(format!("`{}` follows `{}`", pair[1], pair[0]));
            }
        }
        let p = &self.dataset.parameters;
        let (n, k) = (self.dims.sectors(), self.dims.process_columns());
        for (name, matrix) in self.matrices() {
            let want = match name {
                "nu" => (k, n),
                "T" => (n, n),
                _ => (n, k),
            };
            if (matrix.rows(), matrix.cols()) != want {
                broken.push(format!("{name} has entries without a label"));
            }
        }
        let vectors = [&p.x0, &p.start_stock, &p.share_eta_prod, &p.share_eta_exp];
        if vectors.iter().any(|v| v.len() != n) {
            broken.push("a vector has not one element per sector".to_string());
        }
        verdict("every entry has its labels, sorted and distinct", Status::Fail, broken)
    }

    fn populations(&self) -> Verdict {
        let without = self.dataset.labels.areas.iter().filter(|a| a.population.is_none());
        let broken = without.map(|a| format!("{} has none: no losses per person", a.name));
        verdict("every area has a population", Status::Warn, broken.collect())
    }

    fn rules(&self) -> Verdict {
        let invariant = "rules are finite and not negative";
        let Some(rules) = &self.dataset.rules else {
            return verdict(invariant, Status::Fail, Vec::new());
        };
        let is_wrong = |v: f64| !(v.is_finite() && v >= 0.0);
        let wrong =
            |rule: &Rule| [rule.multiplier, rule.rewiring].into_iter().flatten().any(is_wrong);
        let mut broken = Vec::new();
        let families = [
            ("alpha", &rules.alpha),
            ("beta", &rules.beta),
            ("nu", &rules.nu),
            ("imports", &rules.import),
            ("exports", &rules.export),
        ];
        for (name, family) in families {
            for rule in family.blocks.iter().flat_map(|b| b.iter()).filter(|e| wrong(e.2)) {
                let (row, col) = (rule.0 + 1, rule.1 + 1);
                broken.push(format!("the rule for {name} at row {row}, column {col}"));
            }
        }
        let shares = [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons];
        for (s, rule) in shares.iter().flat_map(|f| f.iter().enumerate()) {
            if rule.as_ref().is_some_and(wrong) {
                broken.push(format!("a rule for a share of {}", self.name(s)));
            }
        }
        verdict(invariant, Status::Fail, broken)
    }

    fn substitutes(&self) -> Verdict {
        let items = &self.dataset.labels.items;
        let blocks = self.dataset.substitutability.iter().flat_map(|s| &s.blocks);
        let broken = blocks.flat_map(|b| b.iter()).filter_map(|(i, j, &index)| {
            let (lost, taken) = (&items[i], &items[j]);
            let pair = format!("{} by {}", lost.name, taken.name);
            if i == j {
                Some(format!("{pair} is the item itself"))
            } else if !(index.is_finite() && index >= 0.0) {
                Some(format!("{pair} is {index}"))
            } else if lost.commodity_group != taken.commodity_group {
                Some(format!("{pair} crosses commodity groups"))
            } else {
                None
            }
        });
        verdict("substitutes are other items of the same group", Status::Fail, broken.collect())
    }

    fn name(&self, sector: usize) -> String {
        self.dataset.labels.sector_name(sector)
    }
}

fn verdict(invariant: &'static str, severity: Status, broken: Vec<String>) -> Verdict {
    let violations = broken.len();
    let status = if violations == 0 { Status::Pass } else { severity };
    let detail = broken.into_iter().next().unwrap_or_default();
    Verdict { invariant, status, violations, detail }
}
