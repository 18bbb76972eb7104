//! Changes of a world: worked out by hand, and their invariants on a larger one.

use std::path::Path;

use crate::support::World;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::model::step;
use shocksweep::low_level::whatif::{Change, ChangeRow, WhatIf, apply};

const EGYPT: usize = 0;
const RUSSIA: usize = 1;
const ARGENTINA: usize = 2;
const MOROCCO: usize = 3;

/// Wheat: Russia makes 100 and sells 30 to Egypt, 20 to Morocco; Argentina makes 80 and sells 10 to
/// Egypt, 30 to Morocco; Morocco makes 10. Egypt has 40, Morocco 60.
fn wheat() -> Dataset {
    let mut w = World::new(4, 1, 1);
    w.x0 = vec![40.0, 100.0, 80.0, 60.0];
    w.eta_exp = vec![0.0, 0.5, 0.5, 0.0];
    w.beta(RUSSIA, 0, 0, 100.0);
    w.beta(ARGENTINA, 0, 0, 80.0);
    w.beta(MOROCCO, 0, 0, 10.0);
    w.trade(0, RUSSIA, EGYPT, 0.6);
    w.trade(0, RUSSIA, MOROCCO, 0.4);
    w.trade(0, ARGENTINA, EGYPT, 0.25);
    w.trade(0, ARGENTINA, MOROCCO, 0.75);
    let mut dataset = w.build();
    for (area, name) in ["Egypt", "Russia", "Argentina", "Morocco"].into_iter().enumerate() {
        dataset.labels.areas[area].name = name.into();
    }
    dataset.labels.items[0].name = "Wheat".into();
    dataset
}

fn what_if(text: &str) -> Vec<Change> {
    WhatIf::parse(text, Path::new("what-if.toml")).unwrap().change
}

fn change(keys: &str) -> Vec<Change> {
    what_if(&format!("[[change]]\nitem = \"Wheat\"\n{keys}\n"))
}

fn changed(keys: &str) -> (Dataset, Vec<ChangeRow>) {
    apply(&wheat(), &change(keys)).unwrap()
}

fn problem(keys: &str) -> String {
    apply(&wheat(), &change(keys)).unwrap_err().to_string()
}

fn assert_trade(dataset: &Dataset, expected: &[(usize, usize, f64)]) {
    let p = &dataset.parameters;
    let flows: Vec<(usize, usize, f64)> = p
        .trade_t
        .iter()
        .map(|(to, from, share)| (from, to, share * p.share_eta_exp[from] * p.x0[from]))
        .collect();
    let mut expected = expected.to_vec();
    expected.sort_by_key(|&(from, to, _)| (to, from));
    assert_eq!(flows.len(), expected.len(), "{flows:?}");
    for (found, expected) in flows.iter().zip(&expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert!((found.2 - expected.2).abs() < 1e-12, "{found:?}, expected {expected:?}");
    }
}

/// Amounts after one step, without start stock.
fn next(dataset: &Dataset) -> Vec<f64> {
    let p = &dataset.parameters;
    step::available(&step::output(p, &p.x0, 1), &step::imports(p, &p.x0))
}

fn assert_settled(dataset: &Dataset, x: [f64; 4]) {
    for (s, &x) in x.iter().enumerate() {
        assert!(
            (dataset.parameters.x0[s] - x).abs() < 1e-10,
            "x0[{s}]: {:?}",
            dataset.parameters.x0
        );
        assert!((next(dataset)[s] - x).abs() < 1e-10, "next[{s}]: {:?}", next(dataset));
    }
}

#[test]
fn half_of_the_wheat_comes_from_elsewhere() {
    // 15 move from Russia to Argentina; Morocco gives up 15 of Argentina's and gets Russia's.
    let keys = "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\"]\nshare = 0.5";
    let (dataset, rows) = changed(keys);
    assert_trade(
        &dataset,
        &[
            (RUSSIA, EGYPT, 15.0),
            (RUSSIA, MOROCCO, 35.0),
            (ARGENTINA, EGYPT, 25.0),
            (ARGENTINA, MOROCCO, 15.0),
        ],
    );
    assert_settled(&dataset, [40.0, 100.0, 80.0, 60.0]);
    let told: Vec<(&str, f64, f64)> =
        rows.iter().map(|r| (r.what.as_str(), r.before, r.after)).collect();
    assert_eq!(told, [("from Russia", 30.0, 15.0), ("from Argentina", 10.0, 25.0)]);
}

#[test]
fn all_of_it_can_move_as_long_as_somebody_gives_it_up() {
    let keys = "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\"]\nshare = 1.0";
    let (dataset, _) = changed(keys);
    let trade = [(RUSSIA, MOROCCO, 50.0), (ARGENTINA, EGYPT, 40.0)];
    assert_trade(&dataset, &trade);
    let keys = "kind = \"diversify\"\narea = \"Morocco\"\naway_from = [\"Argentina\"]\nto = [\"Russia\"]\nshare = 1.0";
    // 30 move to Russia, whose other customer has 30.
    assert_trade(&changed(keys).0, &[(RUSSIA, MOROCCO, 50.0), (ARGENTINA, EGYPT, 40.0)]);
    let keys = "kind = \"supplier\"\narea = \"Egypt\"\nfrom = \"Argentina\"\nshare = 0.5";
    assert_trade(
        &changed(keys).0,
        &[
            (RUSSIA, EGYPT, 20.0),
            (RUSSIA, MOROCCO, 30.0),
            (ARGENTINA, EGYPT, 20.0),
            (ARGENTINA, MOROCCO, 20.0),
        ],
    );
    let keys = "kind = \"link\"\narea = \"Egypt\"\nfrom = \"Argentina\"\namount = 20";
    assert_trade(
        &changed(keys).0,
        &[
            (RUSSIA, EGYPT, 10.0),
            (RUSSIA, MOROCCO, 40.0),
            (ARGENTINA, EGYPT, 30.0),
            (ARGENTINA, MOROCCO, 10.0),
        ],
    );
}

#[test]
fn own_production_replaces_imports() {
    // Morocco makes 10 more and buys 10 less: 4 from Russia, 6 from Argentina, who keep them.
    let keys = "kind = \"domestic\"\narea = \"Morocco\"\nby = 1.0";
    let (dataset, _) = changed(keys);
    assert_trade(
        &dataset,
        &[
            (RUSSIA, EGYPT, 30.0),
            (RUSSIA, MOROCCO, 16.0),
            (ARGENTINA, EGYPT, 10.0),
            (ARGENTINA, MOROCCO, 24.0),
        ],
    );
    assert!((dataset.parameters.share_eta_exp[RUSSIA] - 0.46).abs() < 1e-15);
    assert_settled(&dataset, [40.0, 100.0, 80.0, 60.0]);
    // 60 more are 10 more than Morocco imports.
    let keys = "kind = \"domestic\"\narea = \"Morocco\"\namount = 60";
    let (dataset, _) = changed(keys);
    assert_trade(&dataset, &[(RUSSIA, EGYPT, 30.0), (ARGENTINA, EGYPT, 10.0)]);
    assert_settled(&dataset, [40.0, 100.0, 80.0, 70.0]);
    // 5 less are bought from Russia (2) and Argentina (3), who consume less.
    let keys = "kind = \"domestic\"\narea = \"Morocco\"\nby = -0.5";
    let (dataset, rows) = changed(keys);
    assert_settled(&dataset, [40.0, 100.0, 80.0, 60.0]);
    assert!(rows.iter().any(|r| r.area == "Russia" && r.what == "exports" && r.after == 52.0));
}

#[test]
fn a_better_harvest_flows_downstream_and_less_demand_does_not() {
    let (dataset, rows) = changed("kind = \"yield\"\narea = \"Russia\"\nby = 0.1");
    assert_settled(&dataset, [43.0, 110.0, 80.0, 62.0]);
    assert_eq!(rows.iter().filter(|r| r.what == "available").count(), 3);
    let (dataset, _) = changed("kind = \"demand\"\narea = \"Egypt\"\nby = -0.25");
    assert_settled(&dataset, [30.0, 100.0, 80.0, 60.0]);
    assert_trade(
        &dataset,
        &[
            (RUSSIA, EGYPT, 22.5),
            (RUSSIA, MOROCCO, 20.0),
            (ARGENTINA, EGYPT, 7.5),
            (ARGENTINA, MOROCCO, 30.0),
        ],
    );
}

#[test]
fn a_closed_mill_leaves_the_grain() {
    // One area; 100 grain, of which 80 are processed: half by the mill (flour), half by the brewery.
    let mut w = World::new(1, 3, 3);
    w.x0 = vec![100.0, 40.0, 20.0];
    w.eta_prod = vec![0.8, 0.0, 0.0];
    w.beta(0, 0, 0, 100.0);
    w.nu(0, 1, 0, 0.5);
    w.nu(0, 2, 0, 0.5);
    w.alpha(0, 1, 1, 1.0);
    w.alpha(0, 2, 2, 0.5);
    let dataset = w.build();
    let close = |process: &str| {
        let text =
            format!("[[change]]\nkind = \"close\"\narea = \"Area 000\"\nprocess = \"{process}\"\n");
        apply(&dataset, &what_if(&text))
    };
    let (closed, _) = close("process 001").unwrap();
    // The brewery gets all 80.
    assert_eq!(closed.parameters.allocation_nu.get(2, 0), Some(&1.0));
    assert_eq!(closed.parameters.x0, [100.0, 0.0, 40.0]);
    let both = what_if(
        "[[change]]\nkind = \"close\"\narea = \"Area 000\"\nprocess = \"Process 001\"\n\
         [[change]]\nkind = \"close\"\narea = \"Area 000\"\nprocess = \"Process 002\"\n",
    );
    let (closed, _) = apply(&dataset, &both).unwrap();
    assert_eq!(closed.parameters.share_eta_prod, [0.0; 3]);
    assert_eq!(closed.parameters.x0, [100.0, 0.0, 0.0]);
    let twice = what_if(
        "[[change]]\nkind = \"close\"\narea = \"Area 000\"\nprocess = \"Process 001\"\n\
         [[change]]\nkind = \"close\"\narea = \"Area 000\"\nprocess = \"Process 001\"\n",
    );
    let again = apply(&dataset, &twice).unwrap_err().to_string();
    assert_eq!(again, "change 2 (close): Area 000 has no process `Process 001`");
}

#[test]
fn what_is_not_there_is_named() {
    let cases = [
        (
            "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Morocco\"]\nshare = 0.5",
            "change 1 (diversify): Egypt gets no Wheat from Morocco; its suppliers are Russia (30), Argentina (10)",
        ),
        (
            "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\", \"Argentina\"]\nshare = 0.5",
            "change 1 (diversify): Egypt has no other supplier of Wheat that exports any; name some with `to`",
        ),
        (
            "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\"]\nshare = 1.5",
            "change 1 (diversify): share is 1.5; expected a number from 0 to 1",
        ),
        (
            "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\"]\nshare = nan",
            "change 1 (diversify): share is NaN; expected a number from 0 to 1",
        ),
        (
            "kind = \"link\"\narea = \"Egypt\"\nfrom = \"Argentina\"\namount = 31",
            "change 1 (link): Egypt gets 30 of Wheat from other suppliers; 31 cannot be moved",
        ),
        (
            "kind = \"link\"\narea = \"Egypt\"\nfrom = \"Morocco\"\namount = 1",
            "change 1 (link): Morocco exports no Wheat",
        ),
        (
            "kind = \"yield\"\narea = \"Egypt\"\nby = 0.1",
            "change 1 (yield): Egypt / Wheat is not produced",
        ),
        (
            "kind = \"domestic\"\narea = \"Morocco\"",
            "change 1 (domestic): by is missing; expected one of `by` and `amount`",
        ),
        (
            "kind = \"demand\"\narea = \"Morocco\"\nby = -0.9",
            "change 1 (demand): Morocco / Wheat imports 50, less than the 54 that would no longer be \
          consumed; `by` can be -0.833 at the least",
        ),
        (
            "kind = \"domestic\"\narea = \"Russia\"\nby = -0.5",
            "change 1 (domestic): Russia / Wheat has no imports that could change",
        ),
    ];
    for (keys, expected) in cases {
        assert_eq!(problem(keys), expected);
    }
    let unknown = problem("kind = \"yield\"\narea = \"Rusia\"\nby = 0.1");
    assert!(unknown.contains("did you mean `Russia`?"), "{unknown}");
}

#[test]
fn changing_nothing_changes_no_bit() {
    let dataset = wheat();
    for keys in [
        "kind = \"diversify\"\narea = \"Egypt\"\naway_from = [\"Russia\"]\nshare = 0.0",
        "kind = \"link\"\narea = \"Egypt\"\nfrom = \"Argentina\"\namount = 0",
        "kind = \"domestic\"\narea = \"Morocco\"\nby = 0.0",
        "kind = \"yield\"\narea = \"Russia\"\nby = 0.0",
        "kind = \"demand\"\narea = \"Egypt\"\nby = 0.0",
    ] {
        let (same, rows) = apply(&dataset, &change(keys)).unwrap();
        assert_eq!(same, dataset, "{keys}");
        assert!(rows.is_empty());
    }
    assert_eq!(apply(&dataset, &[]).unwrap().0, dataset);
}

/// Half of what a herd is worth becomes 0.9 of it again; with half as much more it grows for ever.
#[test]
fn what_grows_without_end_is_no_number_in_a_sentence() {
    let mut w = World::new(1, 1, 1);
    w.x0 = vec![1_000.0];
    w.eta_prod = vec![0.5];
    w.nu(0, 0, 0, 1.0);
    w.alpha(0, 0, 0, 1.8);
    w.beta(0, 0, 0, 100.0);
    let mut herd = w.build();
    herd.labels.areas[0].name = "Egypt".into();
    herd.labels.items[0].name = "Wheat".into();
    let said = |by: f64| {
        let keys = format!("kind = \"yield\"\narea = \"Egypt\"\nby = {by}");
        apply(&herd, &change(&keys)).map(|(_, rows)| rows.len()).map_err(|e| e.to_string())
    };
    assert!(said(-0.1).is_ok());
    let grown = said(0.5).unwrap_err();
    assert!(grown.contains("grows without end") && !grown.contains("NaN"), "{grown}");
}

#[test]
fn the_files_of_the_repository_change_the_built_in_world() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/what-if");
    let world = synthesize(&SynthOptions::default()).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let what_if = WhatIf::read(&entry.unwrap().path()).unwrap();
        let (changed, rows) = apply(&world, &what_if.change).unwrap();
        assert!(changed != world && !rows.is_empty());
        files += 1;
    }
    assert!(files > 0);
}

#[test]
fn invariants_hold_in_a_larger_world() {
    let options = SynthOptions { areas: 24, items: 20, seed: 5 };
    let dataset = synthesize(&options).unwrap();
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let drift = |d: &Dataset| -> Vec<f64> {
        next(d).iter().zip(&d.parameters.x0).map(|(n, x)| n - x).collect()
    };
    let mut tried = 0;
    for sector in (0..dims.sectors()).step_by(7) {
        let (area, item) = (dims.area_of(sector), dims.item_of(sector));
        let Some((from, _)) = p.trade_t.row(sector).find(|(_, share)| **share > 0.0) else {
            continue;
        };
        let name = |area: usize| &dataset.labels.areas[area].name;
        for keys in [
            format!(
                "kind = \"diversify\"\naway_from = [\"{}\"]\nshare = 0.3",
                name(dims.area_of(from))
            ),
            "kind = \"domestic\"\nby = 0.4".to_string(),
            "kind = \"yield\"\nby = -0.5".to_string(),
            "kind = \"demand\"\nby = -0.1".to_string(),
        ] {
            let text = format!(
                "[[change]]\narea = \"{}\"\nitem = \"{}\"\n{keys}\n",
                name(area),
                dataset.labels.items[item].name
            );
            // What a sector does not have cannot be changed: other tests look at what is said then.
            let Ok((changed, rows)) = apply(&dataset, &what_if(&text)) else { continue };
            assert!(!rows.is_empty(), "{text}");
            tried += 1;
            let q = &changed.parameters;
            for (before, after) in p.trade_t.column_sums().iter().zip(q.trade_t.column_sums()) {
                assert!(after == 0.0 || (before - after).abs() < 1e-12, "{text}: {before} {after}");
            }
            for (_, _, share) in q.trade_t.iter() {
                assert!((0.0..=1.0 + 1e-12).contains(share), "{text}: {share}");
            }
            for s in 0..dims.sectors() {
                assert!(q.share_eta_exp[s] >= 0.0 && q.share_eta_prod[s] >= 0.0);
                assert!(q.share_eta_exp[s] + q.share_eta_prod[s] <= 1.0 + 1e-12, "{text}");
                let (was, is) = (drift(&dataset)[s], drift(&changed)[s]);
                assert!((was - is).abs() <= 1e-9 * p.x0[s].max(1.0), "{text}: {was} {is} at {s}");
            }
        }
    }
    assert!(tried > 40, "{tried}");
}
