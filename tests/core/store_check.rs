//! `check`: every invariant, broken once, fails by name.

use crate::store::world;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::check::{Status, Verdict, check};
use shocksweep::low_level::sparse::Csr;

/// The verdict on an invariant.
fn verdict_on(dataset: &Dataset, invariant: &str) -> Verdict {
    check(dataset).verdicts.into_iter().find(|v| v.invariant == invariant).unwrap()
}

#[test]
fn the_worst_is_named() {
    let mut dataset = world();
    let p = &mut dataset.parameters;
    let none = vec![0.0; p.x0.len()];
    (p.share_eta_prod, p.trade_t) = (none.clone(), Csr::empty(none.len(), none.len()));
    (p.share_eta_exp, p.x0) = (none.clone(), none);
    for (sector, amount) in [(3, 10.0), (44, 30.0), (107, 20.0)] {
        (p.x0[sector], p.share_eta_exp[sector]) = (amount, 0.5);
    }
    let nobody = verdict_on(&dataset, "exports have somewhere to go");
    assert_eq!((nobody.status, nobody.violations), (Status::Warn, 3));
    let name = dataset.labels.sector_name(44);
    assert!(nobody.detail.starts_with(&format!("{name} exports 15")), "{}", nobody.detail);

    // Sectors 3, 44 and 107 lie in areas 0, 2 and 5.
    dataset.labels.areas[7].population = Some(1e12);
    let nothing = verdict_on(&dataset, "every area possesses something");
    assert_eq!((nothing.status, nothing.violations), (Status::Warn, 9));
    let name = &dataset.labels.areas[7].name;
    assert_eq!(nothing.detail, format!("{name} has nothing at t = 0"));

    for (sector, share) in [(2, 1.5), (9, 3.0), (11, 2.0)] {
        dataset.parameters.share_eta_exp[sector] = share;
        dataset.parameters.x0[sector] = -share;
    }
    let name = dataset.labels.sector_name(9);
    for (invariant, text) in [
        ("shares lie in [0, 1]", format!("{name} has a share of 3")),
        ("eta_prod + eta_exp is at most 1", format!("{name} reserves 3 of what it has")),
        ("no parameter is negative", format!("x0 of {name} is -3")),
    ] {
        let verdict = verdict_on(&dataset, invariant);
        assert_eq!((verdict.violations, verdict.detail), (3, text));
    }
    assert_eq!(verdict_on(&world(), "every area possesses something").status, Status::Pass);
}

/// The invariants that fail, by name.
pub fn failures(dataset: &Dataset) -> Vec<&'static str> {
    let verdicts = check(dataset).verdicts;
    verdicts.iter().filter(|v| v.status == Status::Fail).map(|v| v.invariant).collect()
}

pub fn with_entry(matrix: &Csr<f64>, row: usize, col: usize, value: f64) -> Csr<f64> {
    let kept = matrix.iter().filter(|(r, c, _)| (*r, *c) != (row, col));
    let mut entries: Vec<_> = kept.map(|(r, c, v)| (r as u32, c as u32, *v)).collect();
    entries.push((row as u32, col as u32, value));
    Csr::from_triplets(matrix.rows(), matrix.cols(), entries).unwrap()
}

#[test]
fn every_invariant_broken_once_fails_by_name() {
    assert_eq!(failures(&world()), Vec::<&str>::new());
    let broken = |change: fn(&mut Dataset)| {
        let mut dataset = world();
        change(&mut dataset);
        failures(&dataset)
    };
    assert_eq!(broken(|d| d.parameters.x0[0] = f64::NAN), ["every parameter is finite"]);
    assert_eq!(broken(|d| d.parameters.x0[0] = -1.0), ["no parameter is negative"]);
    assert_eq!(
        broken(|d| {
            let exporter = d.parameters.share_eta_exp.iter().position(|&e| e > 0.0).unwrap();
            d.parameters.share_eta_exp[exporter] = 1.5;
        }),
        ["shares lie in [0, 1]", "eta_prod + eta_exp is at most 1"]
    );
    assert_eq!(
        broken(|d| {
            let (k, s, v) = d.parameters.allocation_nu.iter().next().unwrap();
            let (k, s, v) = (k, s, v / 2.0);
            d.parameters.allocation_nu = with_entry(&d.parameters.allocation_nu, k, s, v);
        }),
        ["nu adds up to 1 where something is processed"]
    );
    assert_eq!(
        broken(|d| {
            let (to, from, v) = d.parameters.trade_t.iter().next().unwrap();
            let (to, from, v) = (to, from, v / 2.0);
            d.parameters.trade_t = with_entry(&d.parameters.trade_t, to, from, v);
        }),
        ["trade columns add up to 1 or are empty"]
    );
    // A new column that adds up to 1, but crosses items, or stays where it is.
    let idle = |d: &Dataset| {
        let shipped = d.parameters.trade_t.column_sums();
        (0..shipped.len()).find(|&s| shipped[s] == 0.0).unwrap()
    };
    let mut crossing = world();
    let from = idle(&crossing);
    let to = if from == 0 { 1 } else { from - 1 };
    crossing.parameters.trade_t = with_entry(&crossing.parameters.trade_t, to, from, 1.0);
    assert_eq!(failures(&crossing), ["production stays in its area, trade in its item"]);
    let mut own = world();
    let from = idle(&own);
    own.parameters.trade_t = with_entry(&own.parameters.trade_t, from, from, 1.0);
    assert_eq!(failures(&own), ["no sector trades with itself"]);
    assert_eq!(
        broken(|d| {
            let (s, k, _) = d.parameters.conversion_alpha.iter().next().unwrap();
            d.parameters.output_beta = with_entry(&d.parameters.output_beta, s, k, 1.0);
        }),
        ["a process has alpha or beta, never both"]
    );
    assert_eq!(
        broken(|d| d.labels.items.swap(0, 1)),
        ["every entry has its labels, sorted and distinct"]
    );
    assert_eq!(
        broken(|d| d.labels.areas[1].iso3 = d.labels.areas[0].iso3.clone()),
        ["every entry has its labels, sorted and distinct"]
    );
    assert_eq!(
        broken(|d| {
            let rule = d.rules.as_mut().unwrap().eta_exp.iter_mut().flatten().next().unwrap();
            rule.multiplier = Some(-2.0);
        }),
        ["rules are finite and not negative"]
    );
    assert_eq!(
        broken(|d| {
            let blocks = &mut d.substitutability.as_mut().unwrap().blocks;
            blocks[0] = with_entry(&blocks[0], 2, 2, 0.1);
        }),
        ["substitutes are other items of the same group"]
    );
}
