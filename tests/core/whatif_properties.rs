//! What changes of a world conserve, whatever world and whatever change: shares are moved, amounts neither
//! appear nor vanish but where a change says so.
//!
//! | kind | stays, to the bit | stays, as amounts | changes, and by how much |
//! |---|---|---|---|
//! | trade (`diversify`, `supplier`, `link`) | all but the item's `T` | every area's imports and exports | who supplies whom |
//! | `domestic` within imports | `x0`, `nu`, other items' `T` | inputs of production | output, world consumption: by the same amount |
//! | `demand` | `nu`, `alpha`, `beta` | output, inputs, world consumption | imports of the area |
//! | `yield` | shares, `nu`, `T` | | the sector's coefficients |
//! | `reserve` | every parameter | | reserves |

use std::cell::Cell;
use std::path::Path;

use proptest::prelude::*;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, Parameters};
use shocksweep::low_level::model::step;
use shocksweep::low_level::whatif::{Change, WhatIf, apply};

const KINDS: [&str; 7] =
    ["diversify", "supplier", "link", "domestic", "yield", "demand", "reserve"];

/// What is consumed of an item, all areas together.
fn consumed(d: &Dataset, item: usize) -> f64 {
    let (dims, p) = (d.dimensions(), &d.parameters);
    let sectors = (0..dims.areas).map(|area| dims.sector(area, item));
    sectors.map(|s| p.x0[s] * (1.0 - p.share_eta_prod[s] - p.share_eta_exp[s])).sum()
}

fn exports(p: &Parameters) -> Vec<f64> {
    p.x0.iter().zip(&p.share_eta_exp).map(|(x, share)| x * share).collect()
}

fn inputs(p: &Parameters) -> Vec<f64> {
    p.x0.iter().zip(&p.share_eta_prod).map(|(x, share)| x * share).collect()
}

/// What an importer gets from an exporter, both sectors.
fn flow(p: &Parameters, importer: usize, exporter: usize) -> f64 {
    p.trade_t.get(importer, exporter).copied().unwrap_or(0.0) * exports(p)[exporter]
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale.abs().max(1.0)
}

/// Amounts by sector that must be the same.
fn same(what: &str, a: &[f64], b: &[f64], text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.len(), b.len());
    let largest = a.iter().fold(0.0f64, |most, v| most.max(v.abs()));
    for (s, (a, b)) in a.iter().zip(b).enumerate() {
        prop_assert!(
            (a - b).abs() <= 1e-12 * largest.max(1.0),
            "{}: {} was {}, is {} at {}",
            text,
            what,
            a,
            b,
            s
        );
    }
    Ok(())
}

/// Whether `T` is the same in all columns of other items.
fn other_trade_is_same(a: &Parameters, b: &Parameters, is_of_item: impl Fn(usize) -> bool) -> bool {
    let of = |p: &Parameters| -> Vec<(usize, usize, f64)> {
        let entries = p.trade_t.iter().map(|(r, c, v)| (r, c, *v));
        entries.filter(|e| !is_of_item(e.1)).collect()
    };
    of(a) == of(b)
}

fn what_if(
    dataset: &Dataset,
    kind: &str,
    (area, item): (usize, usize),
    at: f64,
) -> Option<Vec<Change>> {
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let name = |area: usize| &dataset.labels.areas[area].name;
    let sector = dims.sector(area, item);
    let suppliers: Vec<usize> = p
        .trade_t
        .row(sector)
        .filter(|(_, share)| **share > 0.0)
        .map(|(s, _)| dims.area_of(s))
        .collect();
    let from = suppliers.get((at * suppliers.len() as f64) as usize);
    let keys = match kind {
        "diversify" => format!("away_from = [\"{}\"]\nshare = {at}", name(*from?)),
        "supplier" => format!("from = \"{}\"\nshare = {at}", name(*from?)),
        "link" => format!("from = \"{}\"\namount = {}", name(*from?), 0.2 * at * p.x0[sector]),
        "domestic" | "yield" => format!("by = {}", 1.6 * at - 0.8),
        "demand" => format!("by = {}", 0.6 * at - 0.3),
        _ => format!("months = {}", 12.0 * at),
    };
    let text = format!(
        "[[change]]\nkind = \"{kind}\"\narea = \"{}\"\nitem = \"{}\"\n{keys}\n",
        name(area),
        dataset.labels.items[item].name
    );
    Some(WhatIf::parse(&text, Path::new("what-if.toml")).expect("a change").change)
}

fn check(
    dataset: &Dataset,
    changed: &Dataset,
    kind: &str,
    at: (usize, usize),
    text: &str,
) -> Result<(), TestCaseError> {
    let (dims, p, q) = (dataset.dimensions(), &dataset.parameters, &changed.parameters);
    let (area, item) = at;
    let sector = dims.sector(area, item);
    let is_of_item = |s: usize| dims.item_of(s) == item;
    prop_assert!(other_trade_is_same(p, q, is_of_item), "{}: another item's trade", text);
    prop_assert_eq!(&p.allocation_nu, &q.allocation_nu, "{}: nu", text);
    for (before, after) in p.trade_t.column_sums().iter().zip(q.trade_t.column_sums()) {
        prop_assert!(
            after == 0.0 || (before - after).abs() < 1e-12,
            "{}: {} {}",
            text,
            before,
            after
        );
    }
    let made = [p, q].map(|p| step::output(p, &p.x0, 1));
    match kind {
        "diversify" | "supplier" | "link" => {
            prop_assert_eq!(&p.x0, &q.x0, "{}", text);
            prop_assert_eq!(&p.share_eta_exp, &q.share_eta_exp, "{}", text);
            prop_assert_eq!(&p.share_eta_prod, &q.share_eta_prod, "{}", text);
            prop_assert_eq!(&p.conversion_alpha, &q.conversion_alpha, "{}", text);
            prop_assert_eq!(&p.output_beta, &q.output_beta, "{}", text);
            same("imports", &step::imports(p, &p.x0), &step::imports(q, &q.x0), text)?;
            let sold = |p: &Parameters| -> Vec<f64> {
                let sums = p.trade_t.column_sums();
                sums.iter().zip(exports(p)).map(|(sum, amount)| sum * amount).collect()
            };
            same("exports", &sold(p), &sold(q), text)?;
            for (_, _, share) in q.trade_t.iter() {
                prop_assert!(*share >= 0.0, "{}: {}", text, share);
            }
        }
        "domestic" => {
            let more = made[1][sector] - made[0][sector];
            let imports = step::imports(p, &p.x0)[sector];
            if more <= imports {
                prop_assert_eq!(&p.x0, &q.x0, "{}", text);
                same("inputs", &inputs(p), &inputs(q), text)?;
                let all = consumed(changed, item) - consumed(dataset, item);
                prop_assert!(
                    close(all, more, p.x0[sector]),
                    "{}: {} more made, {} consumed",
                    text,
                    more,
                    all
                );
                let less = imports - step::imports(q, &q.x0)[sector];
                prop_assert!(
                    close(less, more, p.x0[sector]),
                    "{}: {} more made, {} less bought",
                    text,
                    more,
                    less
                );
            } else {
                prop_assert!(close(step::imports(q, &q.x0)[sector], 0.0, p.x0[sector]), "{}", text);
                prop_assert!(q.x0[sector] > p.x0[sector], "{}", text);
            }
        }
        "demand" => {
            prop_assert_eq!(&p.conversion_alpha, &q.conversion_alpha, "{}", text);
            prop_assert_eq!(&p.output_beta, &q.output_beta, "{}", text);
            same("inputs", &inputs(p), &inputs(q), text)?;
            same("output", &made[0], &made[1], text)?;
            let [was, is] = [dataset, changed].map(|d| consumed(d, item));
            prop_assert!(close(was, is, was), "{}: consumed {} {}", text, was, is);
            let less = |of: [f64; 2]| of[0] - of[1];
            let imports = less([p, q].map(|p| step::imports(p, &p.x0)[sector]));
            let amount = less([p.x0[sector], q.x0[sector]]);
            prop_assert!(close(imports, amount, p.x0[sector]), "{}: {} {}", text, imports, amount);
        }
        "yield" => {
            prop_assert_eq!(&p.trade_t, &q.trade_t, "{}", text);
            prop_assert_eq!(&p.share_eta_exp, &q.share_eta_exp, "{}", text);
            prop_assert_eq!(&p.share_eta_prod, &q.share_eta_prod, "{}", text);
            for (a, b) in
                [(&p.conversion_alpha, &q.conversion_alpha), (&p.output_beta, &q.output_beta)]
            {
                for ((row, column, a), (_, _, b)) in a.iter().zip(b.iter()) {
                    prop_assert!(row == sector || a == b, "{}: {} {}", text, row, column);
                }
            }
        }
        _ => {
            prop_assert_eq!(p, q, "{}", text);
            prop_assert_eq!(changed.reserves.len(), dataset.reserves.len() + 1, "{}", text);
            let used = (1.0 - p.share_eta_exp[sector]) * p.x0[sector];
            prop_assert!(changed.reserves[0].size <= used * (1.0 + 1e-12), "{}", text);
        }
    }
    if kind == "diversify" {
        // Every flow that changes is one of the item's, and sums to nothing over suppliers and customers.
        let mut moved = 0.0;
        for exporter in (0..dims.areas).map(|d| dims.sector(d, item)) {
            moved += flow(q, sector, exporter) - flow(p, sector, exporter);
        }
        prop_assert!(close(moved, 0.0, p.x0[sector]), "{}: {} appears", text, moved);
    }
    Ok(())
}

#[test]
fn changes_conserve_what_they_must() {
    let done: [Cell<usize>; 7] = Default::default();
    let refused = Cell::new(0);
    let worlds: Vec<Dataset> = (0..6)
        .map(|seed| synthesize(&SynthOptions { areas: 12, items: 14, seed }).expect("a world"))
        .collect();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) };
    let case = (0..worlds.len(), 0..KINDS.len(), 0..12usize, 0..14usize, 0.0..1.0f64);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let found = runner.run(&case, |(world, kind, area, item, at)| {
        let dataset = &worlds[world];
        let Some(changes) = what_if(dataset, KINDS[kind], (area, item), at) else { return Ok(()) };
        let text = format!("world {world}: {changes:?}");
        // What a sector does not have cannot be changed, and too much cannot be moved: other tests look at
        // what is said then.
        let Ok((changed, _)) = apply(dataset, &changes) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        if changed == *dataset {
            return Ok(());
        }
        done[kind].set(done[kind].get() + 1);
        check(dataset, &changed, KINDS[kind], (area, item), &text)
    });
    found.unwrap_or_else(|failure| panic!("{failure}"));
    let done: Vec<usize> = done.iter().map(Cell::get).collect();
    assert!(done.iter().all(|&count| count >= 20), "{done:?}, {} refused", refused.get());
}
