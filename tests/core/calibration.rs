//! Calibration and learning against golden files of an independent implementation.
//!
//! Numbers agree to a relative 1e-9; names, years, counts and verdicts exactly.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::shared;
use shocksweep::low_level::calibrate::{Calibration, DEFAULT_FLOOR, calibrate};
use shocksweep::low_level::dataset::Parameters;
use shocksweep::low_level::learn::impact::impacts;
use shocksweep::low_level::learn::stability::{default_grid, stability};
use shocksweep::low_level::learn::{LearnOptions, Learned, RuleKind, Series, growth, learn};
use shocksweep::low_level::model::Baseline;
use shocksweep::low_level::sparse::Csr;
use shocksweep::low_level::statistics::{EXACT_FLIPS, SplitMix64, sign_flip_test, t_test};
use shocksweep::low_level::tables::{self, Tables};

/// A cell of a table: text and whole numbers are equal or not, numbers may differ by rounding.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Exact(String),
    Number(Option<f64>),
}

fn text(value: impl ToString) -> Cell {
    Cell::Exact(value.to_string())
}

fn flag(value: bool) -> Cell {
    Cell::Exact(if value { "True" } else { "False" }.to_string())
}

fn number(value: impl Into<Option<f64>>) -> Cell {
    Cell::Number(value.into())
}

type Row = Vec<Cell>;

/// The exact cells of a row: what it is about.
fn key(row: &Row) -> Vec<&str> {
    fn exact(cell: &Cell) -> Option<&str> {
        match cell {
            Cell::Exact(text) => Some(text.as_str()),
            Cell::Number(_) => None,
        }
    }
    row.iter().filter_map(exact).collect()
}

/// Rows of a golden file, read by the kinds of cells of ours.
fn golden(folder: &Path, name: &str, like: &Row) -> Vec<Row> {
    let file = fs::read_to_string(folder.join(format!("{name}.csv"))).expect("a golden file");
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.expect("a row");
        assert_eq!(record.len(), like.len(), "{name}: columns");
        let cell = |(text, like): (&str, &Cell)| match like {
            Cell::Exact(_) => Cell::Exact(text.to_string()),
            Cell::Number(_) if text.is_empty() => Cell::Number(None),
            Cell::Number(_) => Cell::Number(Some(text.parse().expect("a number"))),
        };
        record.iter().zip(like).map(cell).collect()
    });
    rows.collect()
}

/// Compares all cells of all rows, in the order of their exact cells.
fn compare(folder: &Path, name: &str, mut ours: Vec<Row>) {
    assert!(!ours.is_empty(), "{name}: nothing to compare");
    let mut theirs = golden(folder, name, &ours[0]);
    for rows in [&mut ours, &mut theirs] {
        rows.sort_by(|a, b| key(a).cmp(&key(b)));
    }
    for (ours, theirs) in ours.iter().zip(&theirs) {
        for (at, cells) in ours.iter().zip(theirs).enumerate() {
            let same = match cells {
                (Cell::Number(Some(a)), Cell::Number(Some(b))) => {
                    (a - b).abs() <= 1e-9 * b.abs().max(1e-6)
                }
                (a, b) => a == b,
            };
            assert!(same, "{name}, column {at}: {ours:?}\n{theirs:?}");
        }
    }
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    eprintln!("{name}: {} rows agree", ours.len());
}

fn folder(test: &str) -> Option<PathBuf> {
    shared(test).map(|folder| folder.join("data/calibration"))
}

fn read(folder: &Path) -> Tables {
    tables::read(folder, None).unwrap_or_else(|e| panic!("{e}"))
}

fn adjusted(folder: &Path) -> Series {
    let mut series = Series::of_tables(read(folder), DEFAULT_FLOOR, folder).expect("a series");
    growth::adjust(&mut series);
    series
}

/// Names of sectors, process columns and items in golden tables.
struct Names<'a>(&'a shocksweep::low_level::dataset::Labels);

impl Names<'_> {
    fn area(&self, s: usize) -> Cell {
        text(&self.0.areas[self.0.dimensions().area_of(s)].name)
    }
    fn item(&self, s: usize) -> Cell {
        text(&self.0.items[self.0.dimensions().item_of(s)].name)
    }
    fn process(&self, k: usize) -> Cell {
        text(&self.0.processes[self.0.dimensions().process_of(k)].name)
    }
    fn keys(&self, kind: RuleKind, (a, b): (u32, u32)) -> [Cell; 2] {
        let (a, b) = (a as usize, b as usize);
        let l = self.0;
        if kind.is_of_trade() {
            return [text(&l.areas[a].name), text(&l.areas[b].name)];
        }
        let second = if kind.is_of_process() { l.processes[b].name.as_str() } else { "" };
        [text(&l.items[a].name), text(second)]
    }
}

#[test]
fn parameters_are_the_golden_ones() {
    let Some(folder) = folder("parameters of the calibration") else { return };
    let tables = read(&folder);
    let names = Names(&tables.labels.labels);
    let d = tables.labels.dimensions();
    let mut rows: Vec<Row> = Vec::new();
    for year in [1993, 2020] {
        let c = calibrate(&tables.labels, &tables.years[&year], DEFAULT_FLOOR);
        let p = &c.parameters;
        for (symbol, vector) in [
            ("x0", &p.x0),
            ("start", &p.start_stock),
            ("eta_exp", &p.share_eta_exp),
            ("eta_prod", &p.share_eta_prod),
            ("eta_food", &c.eta_food),
            ("eta_else", &c.eta_else),
            ("eta_cons", &c.eta_cons()),
        ] {
            for (s, &v) in vector.iter().enumerate().filter(|(_, v)| **v > 0.0) {
                let place = [names.area(s), names.item(s), text(""), text("")];
                let mut row = vec![text(year), text(symbol)];
                row.extend(place);
                row.push(number(v));
                rows.push(row);
            }
        }
        type Side<'a> = &'a dyn Fn(usize) -> [Cell; 2];
        let sector: Side = &|s| [names.area(s), names.item(s)];
        let process: Side =
            &|k| [text(&names.0.areas[d.area_of_process_column(k)].name), names.process(k)];
        let matrices: [(&str, &Csr<f64>, Side, Side); 4] = [
            ("nu", &p.allocation_nu, process, sector),
            ("alpha", &p.conversion_alpha, sector, process),
            ("beta", &p.output_beta, sector, process),
            ("T", &p.trade_t, sector, sector),
        ];
        for (symbol, matrix, row_name, column_name) in matrices {
            for (r, c, &v) in matrix.iter() {
                let mut row = vec![text(year), text(symbol)];
                row.extend(row_name(r));
                row.extend(column_name(c));
                row.push(number(v));
                rows.push(row);
            }
        }
    }
    compare(&folder, "parameters", rows);
}

/// Sum of the four shares by eqs. 16 to 19 of Laber et al. 2023 as printed, which is not 1: their
/// denominators mix what is at an area with what comes from it.
fn printed_share_sum(c: &Calibration, s: usize) -> f64 {
    let b = &c.balance;
    let left_over = b.left_over(s).max(0.0);
    let here = b.prod_use[s] + b.food[s] + b.nonfood[s] + left_over;
    let from_here = b.used_of[s] + left_over;
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    share(b.prod_use[s], here)
        + share(b.food[s], from_here)
        + share(b.nonfood[s] + left_over, from_here)
        + share(b.exports[s], from_here)
}

#[test]
fn sectors_balance_as_in_the_golden_file() {
    let Some(folder) = folder("balance of the sectors") else { return };
    let tables = read(&folder);
    let names = Names(&tables.labels.labels);
    let mut rows: Vec<Row> = Vec::new();
    for year in [1993, 2020] {
        let c = calibrate(&tables.labels, &tables.years[&year], 0.0);
        assert!(c.first_step.relative < 1e-12, "{:?}", c.first_step);
        let (b, p) = (&c.balance, &c.parameters);
        let x = Baseline::compute(p, 10).available;
        for (s, (&x0, &start)) in p.x0.iter().zip(&p.start_stock).enumerate() {
            let amounts = [
                b.production[s],
                b.imports[s],
                b.exports[s],
                b.prod_use[s],
                b.food[s],
                b.nonfood[s],
                b.left_over(s),
                b.withdrawn[s],
                x0,
                start,
                x[0][s],
                x[1][s],
                x[9][s],
                printed_share_sum(&c, s),
                b.used_of[s],
            ];
            let mut row = vec![text(year), names.area(s), names.item(s)];
            row.extend(amounts.map(number));
            rows.push(row);
        }
    }
    compare(&folder, "sector_balance", rows);
}

#[test]
fn amounts_are_growth_adjusted_as_in_the_golden_files() {
    let Some(folder) = folder("growth adjustment") else { return };
    let series = adjusted(&folder);
    let names = Names(&series.labels);
    let (mut amounts, mut outputs): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    for year in &series.years {
        let p: &Parameters = &year.parameters;
        for (s, &x) in p.x0.iter().enumerate().filter(|(_, x)| **x > 0.0) {
            amounts.push(vec![text(year.year), names.area(s), names.item(s), number(x)]);
        }
        for (symbol, matrix) in [("alpha", &p.conversion_alpha), ("beta", &p.output_beta)] {
            for (s, k, &v) in matrix.iter() {
                let mut row = vec![text(year.year), text(symbol)];
                row.extend([names.area(s), names.item(s), names.process(k), number(v)]);
                outputs.push(row);
            }
        }
    }
    compare(&folder, "adjusted_x0", amounts);
    compare(&folder, "adjusted_output", outputs);
}

fn learned(series: &Series) -> Learned {
    learn(series, 0..series.years.len(), &LearnOptions::default())
}

#[test]
fn events_and_rules_are_the_golden_ones() {
    let Some(folder) = folder("learned rules") else { return };
    let series = adjusted(&folder);
    let names = Names(&series.labels);
    let learned = learned(&series);
    let year = |at: usize| text(series.years[at].year);
    let candidate = |c: &shocksweep::low_level::learn::Candidate| {
        let mut row = vec![names.area(c.sector), names.item(c.sector), year(c.at)];
        row.extend([number(c.relative_loss), number(c.absolute_loss)]);
        row.extend([number(c.cv_before), number(c.cv_after)]);
        row
    };
    let with_verdicts = |c: &shocksweep::low_level::learn::Candidate| {
        let mut row = candidate(c);
        row.extend(c.ok.map(flag));
        row.push(flag(c.is_event()));
        row
    };
    compare(&folder, "candidates", learned.candidates.iter().map(with_verdicts).collect());
    let events = learned.candidates.iter().filter(|c| c.is_event());
    compare(&folder, "events", events.map(candidate).collect());
    assert_eq!(learned.events.len(), learned.candidates.iter().filter(|c| c.is_event()).count());

    let observations = learned.observations.iter().map(|o| {
        let s = o.event.sector;
        let mut row = vec![names.area(s), names.item(s), year(o.event.at), text(o.kind.name())];
        row.extend([number(o.before), number(o.after)]);
        row.extend([number(o.multiplier()), number(o.rewiring())]);
        row.extend(names.keys(o.kind, o.key));
        row
    });
    compare(&folder, "rule_observations", observations.collect());
    let rules = learned.rules.iter().map(|r| {
        let mut row = vec![text(r.kind.name())];
        row.extend(names.keys(r.kind, r.key));
        row.extend([number(r.multiplier), text(r.multiplier_n)]);
        row.extend([number(r.rewiring), text(r.rewiring_n)]);
        row
    });
    compare(&folder, "rules", rules.collect());

    let item = |at: usize| text(&series.labels.items[at].name);
    let observations = learned.substitution_observations.iter().map(|o| {
        let s = o.event.sector;
        let mut row = vec![names.area(s), names.item(s), year(o.event.at), item(o.substitute)];
        row.extend([number(o.index_before), number(o.index_after), number(o.change)]);
        row
    });
    compare(&folder, "substitution_observations", observations.collect());
    let pairs = learned.substitutions.iter().map(|s| {
        let method = s.is_exact().map_or("", |exact| if exact { "exact" } else { "sampled" });
        // The p of the sign flips is exact.
        let flips = s.p_flip.map_or(String::new(), |p| p.0.to_string());
        let mut row = vec![item(s.item), item(s.substitute), text(s.n), number(s.index)];
        row.extend([number(s.t), number(s.p_t.map(|p| p.0)), number(s.p_t.map(|p| p.1))]);
        row.extend([text(flips), number(s.p_flip.map(|p| p.1)), text(method), flag(s.kept)]);
        row
    });
    compare(&folder, "substitutability", pairs.collect());
}

#[test]
fn planted_losses_are_events_or_fail_as_planted() {
    let Some(folder) = folder("planted losses") else { return };
    let series = adjusted(&folder);
    let names = Names(&series.labels);
    let learned = learned(&series);
    let verdicts = ["relative", "absolute", "window", "before", "after", "exists"];
    let like = vec![text(""), text(""), text(""), number(0.0), text("")];
    let planted = golden(&folder, "planted", &like);
    assert_eq!(planted.len(), 20);
    for row in planted {
        let of = |c: &&shocksweep::low_level::learn::Candidate| {
            [names.area(c.sector), names.item(c.sector)] == row[..2]
        };
        let found = learned.candidates.iter().find(of).expect("a candidate");
        assert_eq!(text(series.years[found.at].year), row[2]);
        let failed: Vec<Cell> = (verdicts.iter().zip(found.ok))
            .filter(|(_, ok)| !ok)
            .map(|(name, _)| text(format!("ok_{name}")))
            .collect();
        let expected = if row[4] == text("event") { vec![] } else { vec![row[4].clone()] };
        assert_eq!(failed, expected, "{row:?}");
    }
}

#[test]
fn impact_is_the_golden_one() {
    let Some(folder) = folder("impact of the rules") else { return };
    let tables = read(&folder);
    let newest = calibrate(&tables.labels, &tables.years[&2020], DEFAULT_FLOOR).parameters;
    let series = adjusted(&folder);
    let learned = learned(&series);
    let names = Names(&series.labels);
    let d = series.labels.dimensions();
    let rows = impacts(&newest, d, &learned.rules, &learned.substitutions).into_iter().map(|i| {
        let (name, keys) = match i.kind {
            Some(kind) => (kind.name(), names.keys(kind, i.key)),
            None => {
                let item = |at: u32| text(&series.labels.items[at as usize].name);
                ("substitution", [item(i.key.0), item(i.key.1)])
            }
        };
        let mut row = vec![text(name)];
        row.extend(keys);
        row.extend([text(i.n), number(i.impact)]);
        row
    });
    compare(&folder, "impact", rows.collect());
}

#[test]
fn stability_is_the_golden_one() {
    let Some(folder) = folder("stability of the rules") else { return };
    let series = adjusted(&folder);
    let rows = stability(&series, &LearnOptions::default(), &default_grid()).into_iter().map(|s| {
        let c = s.criteria;
        let threshold = |v: f64| text(format!("{v:?}"));
        let mut row = vec![threshold(c.relative), threshold(c.absolute), threshold(c.deviation)];
        row.extend([text(s.kind.map_or("substitution", RuleKind::name)), text(s.part)]);
        row.extend([text(s.events_first), text(s.events_second)]);
        for agreement in [s.all, s.possible] {
            let counts = [agreement.tp, agreement.tn, agreement.fp, agreement.fn_];
            row.extend(counts.map(text));
            row.push(number(agreement.mcc()));
        }
        row
    });
    compare(&folder, "stability", rows.collect());
}

#[test]
fn generator_and_tests_give_the_golden_numbers() {
    let Some(folder) = folder("statistics") else { return };
    let read = |name: &str, columns: usize| golden(&folder, name, &vec![text(""); columns]);
    let exact = |cell: &Cell| match cell {
        Cell::Exact(text) => text.clone(),
        Cell::Number(_) => unreachable!(),
    };
    let outputs = read("splitmix64", 3);
    assert!(outputs.len() > 10);
    for row in &outputs {
        let [seed, n, output] = [0, 1, 2].map(|at| exact(&row[at]).parse::<u64>().unwrap());
        assert_eq!(SplitMix64::output(seed, n), output);
    }
    let cases = read("permutation_cases", 8);
    assert!(cases.len() > 5);
    for row in &cases {
        let values: Vec<f64> =
            exact(&row[2]).split(' ').map(|v| v.parse().expect("a number")).collect();
        let near = |found: f64, at: usize| {
            let expected: f64 = exact(&row[at]).parse().expect("a number");
            assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{row:?}: {found}");
        };
        assert_eq!(values.len().to_string(), exact(&row[0]));
        near(values.iter().sum::<f64>() / values.len() as f64, 3);
        let (t, p) = t_test(&values).expect("two values or more");
        near(t.expect("a spread"), 4);
        near(p, 5);
        let seed = exact(&row[1]).parse().expect("a seed");
        assert_eq!(sign_flip_test(&values, seed).to_string(), exact(&row[6]), "{row:?}");
        let method = if values.len() <= EXACT_FLIPS { "exact" } else { "sampled" };
        assert_eq!(method, exact(&row[7]));
    }
}
