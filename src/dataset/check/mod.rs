//! Does a dataset keep the invariants of the model? One verdict each, with the worst offender.
//!
//! Sources: Laber et al. 2023, eqs. 9, 20-23 (shares, columns); Baum et al. 2024, Methods 2.

mod counts;
mod rules;

use super::Dataset;
use super::labels::Dimensions;
use super::store::validate::{Fault, label_faults, size_faults};
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
