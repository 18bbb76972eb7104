//! Calibration and learning on random small tables, and on the tables of synthetic worlds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::Numbers;
use proptest::prelude::*;
use shocksweep::low_level::calibrate::{Calibration, DEFAULT_FLOOR, calibrate};
use shocksweep::low_level::dataset::labels::{Area, Item, Labels, Process};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize_without_re_exports};
use shocksweep::low_level::learn::{Criteria, LearnOptions, Series, growth, learn};
use shocksweep::low_level::model::{Baseline, step};
use shocksweep::low_level::sparse::Csr;
use shocksweep::low_level::tables::synth::SyntheticSeries;
use shocksweep::low_level::tables::{Entry, SupplyUse, TableLabels, Tables};

/// Labels of a small world, with purposes in the order balancing, food, stock_addition.
fn labels(areas: usize, items: usize, processes: usize) -> TableLabels {
    let area = |n: usize| Area {
        name: format!("area {n}"),
        code: n as i64 + 1,
        iso3: String::new(),
        region: None,
        latitude: None,
        longitude: None,
        population: None,
        hdi: None,
    };
    let item = |n: usize| Item {
        name: format!("item {n}"),
        code: n as i64 + 1,
        commodity_code: String::new(),
        commodity_group: format!("group {}", n % 2),
        group: String::new(),
        ..Item::default()
    };
    let process = |n: usize| Process { name: format!("process {n}"), code: String::new() };
    let labels = Labels {
        areas: (0..areas).map(area).collect(),
        items: (0..items).map(item).collect(),
        processes: (0..processes).map(process).collect(),
    };
    let purposes = ["balancing", "food", "stock_addition"].map(String::from).to_vec();
    TableLabels::new(labels, purposes, Path::new("labels")).expect("food is a purpose")
}

/// Random tables of whole numbers. Balanced ones make at least what is used of every sector, and
/// withdraw nothing.
fn random_tables(labels: &TableLabels, r: &mut Numbers, balanced: bool) -> SupplyUse {
    let d = labels.dimensions();
    let mut tables = SupplyUse::default();
    let mut used = vec![0.0; d.sectors()];
    let amount = |r: &mut Numbers| (1 + r.below(1000)) as f64;
    for (from, used) in used.iter_mut().enumerate() {
        for to in 0..d.process_columns() {
            if r.once_in(4) {
                let value = amount(r);
                *used += value;
                tables.uses.push(Entry { from: from as u32, to: to as u32, value });
            }
        }
        for to in 0..d.areas * labels.purposes.len() {
            let purpose = to % labels.purposes.len();
            if r.once_in(3) {
                let negative = !balanced && purpose != labels.food && r.once_in(2);
                let value = if negative { -amount(r) } else { amount(r) };
                *used += value.max(0.0);
                tables.demand.push(Entry { from: from as u32, to: to as u32, value });
            }
        }
    }
    for (s, &used) in used.iter().enumerate() {
        let column = d.process_column(d.area_of(s), r.below(d.processes)) as u32;
        let value = match (balanced, r.below(3)) {
            (true, 0) => used,
            (true, _) => used + amount(r),
            (false, 0) => 0.0,
            (false, _) => amount(r),
        };
        if value > 0.0 {
            tables.supply.push(Entry { from: column, to: s as u32, value });
        }
    }
    tables.supply.sort_by_key(|e| (e.from, e.to));
    tables
}

fn random(seed: u64, balanced: bool) -> (TableLabels, SupplyUse) {
    let mut r = Numbers(seed);
    let labels = labels(2 + r.below(3), 1 + r.below(4), 1 + r.below(4));
    let tables = random_tables(&labels, &mut r, balanced);
    (labels, tables)
}

/// Shares of every sector and column add up to 1, or are all 0.
fn shares_add_up(c: &Calibration) -> Result<(), TestCaseError> {
    let p = &c.parameters;
    for s in 0..p.x0.len() {
        let sum = p.share_eta_prod[s] + p.share_eta_exp[s] + c.eta_food[s] + c.eta_else[s];
        let expected = if p.x0[s] > 0.0 { 1.0 } else { 0.0 };
        prop_assert!((sum - expected).abs() < 1e-12, "shares of sector {s}: {sum}");
    }
    for (name, matrix, has) in
        [("nu", &p.allocation_nu, &c.balance.prod_use), ("T", &p.trade_t, &c.balance.exports)]
    {
        for (s, sum) in matrix.column_sums().into_iter().enumerate() {
            let expected = if has[s] > 0.0 { 1.0 } else { 0.0 };
            prop_assert!((sum - expected).abs() < 1e-12, "{name}, column {s}: {sum}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_add_up_and_the_first_step_gives_x0_and_withdrawals(seed: u64) {
        let (labels, tables) = random(seed, false);
        let c = calibrate(&labels, &tables, 0.0);
        shares_add_up(&c)?;
        let x = Baseline::compute(&c.parameters, 1).available;
        for (s, &x) in x[0].iter().enumerate() {
            let expected = c.parameters.x0[s] + c.balance.withdrawn[s];
            prop_assert!((x - expected).abs() <= 1e-12 * expected, "sector {s}: {x}, {expected}");
        }
        // With a floor that drops something the rest still adds up.
        let floored = calibrate(&labels, &tables, 0.02);
        shares_add_up(&floored)?;
        let p = &floored.parameters;
        let vectors = [&p.share_eta_prod, &p.share_eta_exp, &floored.eta_food, &floored.eta_else];
        let shares = vectors.into_iter().flatten().chain(p.trade_t.iter().map(|e| e.2));
        prop_assert!(shares.copied().all(|share| share == 0.0 || share >= 0.02));
    }

    #[test]
    fn without_withdrawals_x0_stays(seed: u64) {
        let (labels, tables) = random(seed, true);
        let c = calibrate(&labels, &tables, 0.0);
        prop_assert!(c.parameters.start_stock.iter().all(|&start| start == 0.0));
        for x in Baseline::compute(&c.parameters, 10).available {
            for (s, (&x, &x0)) in x.iter().zip(&c.parameters.x0).enumerate() {
                prop_assert!((x - x0).abs() <= 1e-10 * x0, "sector {s}: {x}, {x0}");
            }
        }
    }

    #[test]
    fn a_series_without_change_teaches_nothing(seed: u64, years in 2usize..14) {
        let (labels, tables) = random(seed, false);
        let years: BTreeMap<i32, SupplyUse> =
            (0..years).map(|n| (2000 + n as i32, tables.clone())).collect();
        let tables = Tables { labels, years };
        let mut series = Series::of_tables(tables, DEFAULT_FLOOR, Path::new("series")).unwrap();
        growth::adjust(&mut series);
        // Not even the loosest criteria.
        let criteria = Criteria { relative: 0.0, absolute: 0.0, deviation: 1e9, quiet: 0 };
        let options = LearnOptions { criteria, ..LearnOptions::default() };
        let learned = learn(&series, 0..series.years.len(), &options);
        prop_assert!(learned.candidates.is_empty(), "{:?}", learned.candidates);
        prop_assert!(learned.rules.is_empty() && learned.substitutions.is_empty());
    }
}

/// Both matrices have the same entries, to a relative 1e-9.
fn assert_close(name: &str, ours: &Csr<f64>, theirs: &Csr<f64>) {
    let positions = |m: &Csr<f64>| m.iter().map(|(r, c, _)| (r, c)).collect::<Vec<_>>();
    assert!(ours.nnz() > 0, "{name}: nothing to compare");
    assert_eq!(positions(ours), positions(theirs), "{name}: positions");
    for ((r, c, a), (_, _, b)) in ours.iter().zip(theirs.iter()) {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{name} at ({r}, {c}): {a}, {b}");
    }
}

#[test]
fn tables_of_a_synthetic_world_give_its_parameters_back() {
    for (areas, items, seed) in [(40, 50, 3), (12, 123, 8)] {
        let options = SynthOptions { areas, items, seed };
        let world = synthesize_without_re_exports(&options).unwrap().parameters;
        let series = SyntheticSeries::new(&options, 2000..=2001).unwrap();
        let c = calibrate(&series.labels, &series.year(2000), 0.0);
        assert!(c.first_step.relative < 1e-9, "{:?}", c.first_step);
        let p = &c.parameters;
        for (name, ours, theirs) in [
            ("x0", &p.x0, &world.x0),
            ("eta_prod", &p.share_eta_prod, &world.share_eta_prod),
            ("eta_exp", &p.share_eta_exp, &world.share_eta_exp),
        ] {
            assert_eq!(ours.len(), theirs.len());
            for (s, (a, b)) in ours.iter().zip(theirs).enumerate() {
                assert!((a - b).abs() <= 1e-9 * b, "{name} of sector {s}: {a}, {b}");
            }
        }
        // What the tables leave without a source is rounding of the sector's amount.
        for (s, (a, b)) in p.start_stock.iter().zip(&world.start_stock).enumerate() {
            assert!((a - b).abs() <= 1e-9 * p.x0[s], "start of sector {s}: {a}, {b}");
        }
        assert_close("alpha", &p.conversion_alpha, &world.conversion_alpha);
        assert_close("beta", &p.output_beta, &world.output_beta);
        assert_close("nu", &p.allocation_nu, &world.allocation_nu);
        assert_close("T", &p.trade_t, &world.trade_t);
    }
}

#[test]
fn planted_losses_of_a_synthetic_series_are_learned_from() {
    let options = SynthOptions { areas: 60, items: 60, seed: 11 };
    let series = SyntheticSeries::new(&options, 1993..=2020).unwrap();
    let years = series.years.clone().map(|year| (year, series.year(year))).collect();
    let tables = Tables { labels: series.labels.clone(), years };
    let mut read = Series::of_tables(tables, DEFAULT_FLOOR, Path::new("series")).unwrap();
    let start = read.years[0].parameters.clone();
    growth::adjust(&mut read);
    let learned = learn(&read, 0..28, &LearnOptions::default());
    // What is left of an amount: of what is made and kept, made and exported, and imported.
    let imports = step::imports(&start, &start.x0);
    let mut expected = 0;
    for loss in &series.losses {
        let s = loss.sector;
        let (x0, imported) = (start.x0[s], imports[s]);
        let exported = start.share_eta_exp[s] * x0;
        let made = (1.0 - loss.share) * (x0 - imported - 0.4 * exported);
        // Further from the threshold than noise and others' losses can move it.
        if 1.0 - (made + 1.5 * imported) / x0 < 0.35 {
            continue;
        }
        expected += 1;
        let found = learned.candidates.iter().find(|c| c.sector == s);
        let found = found.unwrap_or_else(|| panic!("{loss:?} is no candidate"));
        assert_eq!(read.years[found.at].year, loss.year, "{loss:?}: {found:?}");
        assert!(found.ok[0] && found.ok[2], "{loss:?}: {found:?}");
    }
    assert!(expected >= 20, "{expected} losses checked");
    assert!(learned.events.len() >= expected * 3 / 4, "{} events", learned.events.len());
    // What was planted is what the areas did: they import more, and export less.
    let mean = |kind| {
        let rules = learned.rules.iter().filter(|r| r.kind == kind);
        let values: Vec<f64> = rules.filter_map(|r| r.multiplier).collect();
        assert!(values.len() > 100, "{kind:?}: {} multipliers", values.len());
        values.iter().sum::<f64>() / values.len() as f64
    };
    let (import, export) = (
        mean(shocksweep::low_level::learn::RuleKind::Import),
        mean(shocksweep::low_level::learn::RuleKind::Export),
    );
    assert!(import > export, "import {import}, export {export}");
}
