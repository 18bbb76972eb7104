//! Links between items: candidates that trade supports.
//!
//! Who exports a product imports its inputs. For a candidate r -> p, over areas c and years y:
//!
//! ```text
//! dX[c,y] = a dM[c,y-1] + b dO[c,y-1] + area effect + year effect + e      d = difference to the year before of
//! ln(1 + X[c,p])      ln(1 + M[c,r])      ln(1 + sum of M[c,q] over the panel's items q other than r, p)
//! ```
//!
//! p is the upper tail of t at G - 1 degrees; Benjamini-Hochberg over all tested candidates. The form
//! in levels drops the differences; areas that grow, grow in everything, so it finds links where none
//! are. Tests use values, also in a panel by quantity. Sources: Karbevska & Hidalgo 2025 (the idea);
//! the test is shocksweep's own choice.

use std::sync::Arc;

use rayon::prelude::*;
use shocksweep_columnar::record;
use shocksweep_statistics::{benjamini_hochberg, student_upper};

use crate::effects::{Design, fit};
use crate::lists::Candidate;
use crate::panel::Panel;
use crate::parameters::Link;

/// Form of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Differences to the year before.
    Growth,
    /// Levels.
    Levels,
}

impl Form {
    /// The value in tables.
    pub fn name(self) -> &'static str {
        match self {
            Form::Growth => "growth",
            Form::Levels => "levels",
        }
    }
}

/// Which candidates are links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chosen {
    /// Those that the test in differences keeps.
    #[default]
    Tested,
    /// Those that the test in levels keeps.
    Levels,
    /// All.
    All,
}

record! {
    /// A candidate link and what its test says.
    pub struct LinkTest = "links" {
        /// Form of the test: growth or levels.
        pub form: String,
        /// Item that goes in.
        pub input: Arc<str>,
        /// Item that is made.
        pub output: Arc<str>,
        /// tested; too_few: fewer than 10 areas or 5 years; collinear: the effects explain the imports.
        pub reason: String,
        /// Areas with exports of the output and imports of the input in at least 3 years.
        pub areas: u32,
        /// Years used.
        pub years: u32,
        /// Observations used; null where not tested.
        pub n: Option<u32>,
        /// a: exports of the output by imports of the input the year before, in logarithms.
        pub coef: Option<f64>,
        /// Its standard error, clustered by area.
        pub se: Option<f64>,
        /// coef / se.
        pub t: Option<f64>,
        /// Degrees of freedom.
        pub dof: Option<u32>,
        /// One-sided.
        pub p: Option<f64>,
        /// p by Benjamini and Hochberg, over all tested candidates of the form.
        pub p_bh: Option<f64>,
        /// Whether the test keeps it: coef above 0, p_bh at most 0.05.
        pub kept: bool,
        /// b: the same for imports of all other items.
        pub coef_other: Option<f64>,
        /// Share of the variance left by the effects that is explained.
        pub r2_within: Option<f64>,
        /// Whether it runs from a later tier to an earlier one.
        pub against_tier: bool,
    }
}

/// Fewest areas, years with differences, and years with trade of an area.
const FEWEST_AREAS: usize = 10;
const FEWEST_YEARS: usize = 5;
const FEWEST_TRADING: usize = 3;

/// Largest p after correction that keeps a link.
const LEVEL: f64 = 0.05;

/// Values by year, item and area.
struct Values {
    areas: usize,
    items: usize,
    /// `X[c,p]` by year, item, area.
    exports: Vec<f64>,
    /// `M[c,p]`.
    imports: Vec<f64>,
    /// Imports of all items by year and area.
    all: Vec<f64>,
    years: usize,
}

impl Values {
    fn new(panel: &Panel) -> Self {
        let (areas, items, years) = (panel.areas.len(), panel.items.len(), panel.years.len());
        let mut values = Values {
            areas,
            items,
            exports: vec![0.0; areas * items * years],
            imports: vec![0.0; areas * items * years],
            all: vec![0.0; areas * years],
            years,
        };
        for (y, year) in panel.years.iter().enumerate() {
            for p in 0..items {
                for flow in year.of(p) {
                    let at = (y * items + p) * areas;
                    values.exports[at + usize::from(flow.exporter)] += flow.value;
                    values.imports[at + usize::from(flow.importer)] += flow.value;
                    values.all[y * areas + usize::from(flow.importer)] += flow.value;
                }
            }
        }
        values
    }

    fn export(&self, y: usize, p: usize, c: usize) -> f64 {
        self.exports[(y * self.items + p) * self.areas + c]
    }

    fn import(&self, y: usize, p: usize, c: usize) -> f64 {
        self.imports[(y * self.items + p) * self.areas + c]
    }

    /// Imports of all items but two.
    fn other_imports(&self, y: usize, r: usize, p: usize, c: usize) -> f64 {
        let all = self.all[y * self.areas + c];
        let left = all - self.import(y, r, c) - self.import(y, p, c);
        // A difference is good where much is left; else it would be mostly rounding.
        if left > 1e-3 * all {
            return left;
        }
        (0..self.items).filter(|&q| q != r && q != p).map(|q| self.import(y, q, c)).sum()
    }
}

fn ln1(value: f64) -> f64 {
    libm::log1p(value)
}

/// Tests all candidates in both forms: rows by form, then in the order given.
pub fn test(panel: &Panel, candidates: &[Candidate]) -> Vec<LinkTest> {
    let values = Values::new(panel);
    let mut rows = Vec::new();
    for form in [Form::Growth, Form::Levels] {
        let test = |candidate: &Candidate| one(panel, &values, form, candidate);
        let mut of_form: Vec<LinkTest> = candidates.par_iter().map(test).collect();
        let tested: Vec<usize> = (0..of_form.len()).filter(|&at| of_form[at].p.is_some()).collect();
        let p: Vec<f64> = tested.iter().filter_map(|&at| of_form[at].p).collect();
        for (&at, p_bh) in tested.iter().zip(benjamini_hochberg(&p)) {
            of_form[at].p_bh = Some(p_bh);
            of_form[at].kept = p_bh <= LEVEL && of_form[at].coef.is_some_and(|a| a > 0.0);
        }
        rows.extend(of_form);
    }
    rows
}

fn one(panel: &Panel, values: &Values, form: Form, candidate: &Candidate) -> LinkTest {
    let (r, p) = (candidate.input, candidate.output);
    let last = values.years;
    let exports = |c: usize| (1..last).filter(|&y| values.export(y, p, c) > 0.0).count();
    let imports = |c: usize| (0..last - 1).filter(|&y| values.import(y, r, c) > 0.0).count();
    let enters = |c: &usize| exports(*c) >= FEWEST_TRADING && imports(*c) >= FEWEST_TRADING;
    let areas: Vec<usize> = (0..values.areas).filter(enters).collect();
    let first = if form == Form::Growth { 2 } else { 1 };
    let years = last.saturating_sub(first);
    let (input, output) = (&panel.items[r], &panel.items[p]);
    let mut row = LinkTest {
        form: form.name().into(),
        input: input.name.clone(),
        output: output.name.clone(),
        reason: "too_few".into(),
        areas: areas.len() as u32,
        years: years as u32,
        n: None,
        coef: None,
        se: None,
        t: None,
        dof: None,
        p: None,
        p_bh: None,
        kept: false,
        coef_other: None,
        r2_within: None,
        against_tier: input.tier > output.tier,
    };
    if areas.len() < FEWEST_AREAS || years < FEWEST_YEARS {
        return row;
    }
    let change = |of: &dyn Fn(usize) -> f64, y: usize| match form {
        Form::Growth => ln1(of(y)) - ln1(of(y - 1)),
        Form::Levels => ln1(of(y)),
    };
    let (mut entity, mut cell, mut outcome) = (Vec::new(), Vec::new(), Vec::new());
    let mut regressors = [Vec::new(), Vec::new()];
    for (at, &c) in areas.iter().enumerate() {
        for y in first..last {
            entity.push(at as u32);
            cell.push((y - first) as u32);
            outcome.push(change(&|y| values.export(y, p, c), y));
            regressors[0].push(change(&|y| values.import(y, r, c), y - 1));
            regressors[1].push(change(&|y| values.other_imports(y, r, p, c), y - 1));
        }
    }
    let design = Design {
        entity: &entity,
        cell: &cell,
        cluster: &entity,
        outcome: &outcome,
        regressors: &regressors,
    };
    let found = fit(&design);
    if !found.is_estimated {
        return row;
    }
    let Some(own) = found.coefficients[0] else {
        row.reason = "collinear".into();
        return row;
    };
    row.reason = "tested".into();
    row.n = Some(found.n as u32);
    row.coef = Some(own.coef);
    row.se = Some(own.se);
    row.t = Some(own.t);
    row.dof = Some(found.clusters as u32 - 1);
    row.p = Some(student_upper(own.t, found.clusters as f64 - 1.0));
    row.coef_other = found.coefficients[1].map(|other| other.coef);
    row.r2_within = found.r2_within;
    row
}

/// The links that a choice takes, ascending by input, then output.
pub fn chosen(candidates: &[Candidate], tests: &[LinkTest], choice: Chosen) -> Vec<Link> {
    // Tests come by form, then by candidate.
    let (growth, levels) = tests.split_at(tests.len() / 2);
    let keeps = |at: usize| match choice {
        Chosen::Tested => growth[at].kept,
        Chosen::Levels => levels[at].kept,
        Chosen::All => true,
    };
    let kept = candidates.iter().enumerate().filter(|(at, _)| keeps(*at));
    let mut links: Vec<Link> = kept.map(|(_, c)| (c.input, c.output)).collect();
    links.sort_unstable();
    links
}
