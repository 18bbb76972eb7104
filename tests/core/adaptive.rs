//! The adaptive model: worked out by hand, its constraints, and the cpu engine against the
//! reference on worlds made to meet every branch.

use std::collections::BTreeMap;

use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use crate::support::{Numbers, World, adaptive_world, exact_scenarios, small_settings};
use proptest::prelude::*;
use shocksweep::low_level::dataset::{AdaptationRules, Blocks, Dataset, Rule};
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, EventKind, Outcome};
use shocksweep::low_level::model::adaptation::{
    AdaptationSettings, Hit, MissingRule, adapt, import_growth, substitute,
};
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::sparse::Csr;

const STEPS: usize = 8;

fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[s as usize] = loss;
    }
    losses
}

fn rule(multiplier: f64) -> Option<Rule> {
    Some(Rule { multiplier: Some(multiplier), rewiring: None })
}

/// Three areas. A produces 40,000 t of item 0 and 8,000 t of item 1 and exports half of each, in
/// equal parts to B and C, which have nothing else.
fn small() -> Dataset {
    let (a, b, c) = (0, 1, 2);
    let mut w = World::new(3, 2, 2);
    for (item, output) in [(0, 40_000.0), (1, 8_000.0)] {
        let s = w.sector(a, item);
        (w.x0[s], w.eta_exp[s]) = (output, 0.5);
        w.beta(a, item, item, output);
        for importer in [b, c] {
            let s = w.sector(importer, item);
            w.x0[s] = output / 4.0;
            w.trade(item, a, importer, 0.5);
        }
    }
    let mut world = w.build();
    let block = |rows, cols, entries: Vec<(u32, u32, Option<Rule>)>| {
        let entries = entries.into_iter().map(|(r, c, rule)| (r, c, rule.unwrap())).collect();
        Csr::from_triplets(rows, cols, entries).unwrap()
    };
    let mut shares = [vec![None; 6], vec![None; 6], vec![None; 6]];
    (shares[0][0], shares[2][0]) = (rule(2.0), rule(1.0));
    let [eta_exp, eta_prod, eta_cons] = shares;
    world.rules = Some(AdaptationRules {
        alpha: Blocks::from_members((0..3).map(|_| Csr::empty(2, 2))),
        beta: Blocks::from_members((0..3).map(|_| block(2, 2, vec![(0, 0, rule(1.5))]))),
        nu: Blocks::from_members((0..3).map(|_| Csr::empty(2, 2))),
        eta_exp,
        eta_prod,
        eta_cons,
        import: Blocks::from_members((0..2).map(|_| block(3, 3, vec![(1, 0, rule(3.0))]))),
        export: Blocks::from_members(
            (0..2).map(|_| block(3, 3, vec![(1, 0, rule(1.0)), (2, 0, rule(2.0))])),
        ),
        missing: Default::default(),
    });
    let in_b = Csr::from_triplets(2, 2, vec![(0, 1, 1.0)]).unwrap();
    world.substitutability = Some(Blocks::from_members([Csr::empty(2, 2), in_b, Csr::empty(2, 2)]));
    world
}

/// Half of A's item 0 fails. After step 1 A, B and C have half of it left (rl = 1/2) and adapt.
///
/// - beta: 40,000 x 1.5 x 1/2 = 30,000, and back to the process's 40,000.
/// - A's shares: exports 0.5 x 2 x 1/2 = 0.5, consumption 0.5 x 1 x 1/2 = 0.25: 2/3 and 1/3.
/// - T: B takes 0.5 x 3 x 1/2 = 0.75 by its own rule, but A's overwrites that: 0.5 x 1 x 1/2 = 0.25
///   for B and 0.5 x 2 x 1/2 = 0.5 for C, so 1/3 and 2/3.
///
/// Step 2: A has 20,000 and sends 2/3 of it: B gets 4,444.4, C 8,888.9. A and B have lost more than
/// 26 %, C has not. B substitutes: its share of item 1 doubles, 1 and 1/2 become 2/3 and 1/3.
#[test]
fn a_system_worked_out_by_hand() {
    let world = small();
    let shocks = vec![Shock::new(0, 0.5)];
    let scenario = Scenario::new(0, shocks, &world.labels).unwrap();
    let scenario = scenario.with_adaptation(Some(AdaptationSettings::default()));
    // Sectors: A0 A1 B0 B1 C0 C1.
    let expected = [
        [20_000.0, 8_000.0, 10_000.0, 2_000.0, 10_000.0, 2_000.0],
        [20_000.0, 8_000.0, 5_000.0, 2_000.0, 5_000.0, 2_000.0],
        [20_000.0, 8_000.0, 40_000.0 / 9.0, 2_000.0, 80_000.0 / 9.0, 2_000.0],
        [20_000.0, 8_000.0, 40_000.0 / 9.0, 8_000.0 / 3.0, 80_000.0 / 9.0, 4_000.0 / 3.0],
        [20_000.0, 8_000.0, 40_000.0 / 9.0, 8_000.0 / 3.0, 80_000.0 / 9.0, 4_000.0 / 3.0],
    ];
    let (reference, fast) = (ReferenceEngine::new(&world, 5), fast_engines(&world, 5));
    for engine in fast.iter().map(Box::as_ref).chain([&reference as &dyn Engine]) {
        let trace = engine.trace(&scenario, 0.0, 0..5);
        assert_eq!(trace.len(), expected.len());
        for (t, (outcome, expected)) in trace.iter().zip(&expected).enumerate() {
            let losses = dense(outcome, 6);
            for s in 0..6 {
                let x = engine.baseline().available[t][s] - losses[s];
                let name = engine.name();
                assert!((x - expected[s]).abs() < 1e-9, "{name}, step {t}, sector {s}: {x}");
            }
        }
        let events = &trace[4].events;
        let of = |kind| {
            let of_kind = events.iter().filter(move |e| e.kind == kind);
            of_kind.map(|e| (e.hit.sector, e.step)).collect::<Vec<_>>()
        };
        assert_eq!(of(EventKind::Adapting), [(0, 1), (2, 1), (4, 1)], "{}", engine.name());
        assert_eq!(of(EventKind::Substituting), [(0, 2), (2, 2)], "{}", engine.name());
        // B and C have no rule for their shares, and keep them.
        let kept: Vec<bool> = events.iter().map(|e| e.no_share_rule).collect();
        assert_eq!(kept, [false, true, true, false, false], "{}", engine.name());
        let gain = trace[4].totals.largest_gain.unwrap();
        assert_eq!(gain.sector, 3);
        assert!((gain.relative - 1.0 / 3.0).abs() < 1e-12);
    }
}

/// Area 0 exports 50,000 t to areas 1 to 3, whose harvests fail, and a ten-billionth of it to area
/// 4. Without rules the three take nothing any more and area 4 takes all: its share must not be what
/// rounding left of 1 - 0.1 - 0.2 - ...
#[test]
fn a_tiny_rest_of_a_column_takes_it_all() {
    let tiny = 1e-10;
    let mut w = World::new(5, 1, 1);
    for (area, output) in [(0, 100_000.0), (1, 90_000.0), (2, 90_000.0), (3, 90_000.0)] {
        let s = w.sector(area, 0);
        w.x0[s] = output;
        w.beta(area, 0, 0, output);
    }
    w.eta_exp[0] = 0.5;
    for (area, share) in [(1, 0.1), (2, 0.2), (3, 0.7 - tiny), (4, tiny)] {
        w.trade(0, 0, area, share);
    }
    let mut world = w.build();
    let empty = |rows, cols, members: usize| {
        Blocks::from_members((0..members).map(|_| Csr::<Rule>::empty(rows, cols)))
    };
    let none = || vec![None; 5];
    world.rules = Some(AdaptationRules {
        alpha: empty(1, 1, 5),
        beta: empty(1, 1, 5),
        nu: empty(1, 1, 5),
        eta_exp: none(),
        eta_prod: none(),
        eta_cons: none(),
        import: empty(5, 5, 1),
        export: empty(5, 5, 1),
        missing: Default::default(),
    });
    let shocks = [1, 2, 3].map(|sector| Shock::new(sector, 1.0)).to_vec();
    let scenario = Scenario::new(0, shocks, &world.labels).unwrap();
    let scenario = scenario.with_adaptation(Some(AdaptationSettings::default()));
    let (reference, fast) = (ReferenceEngine::new(&world, 5), fast_engines(&world, 5));
    for engine in fast.iter().map(Box::as_ref).chain([&reference as &dyn Engine]) {
        let outcome = &engine.run(std::slice::from_ref(&scenario), 0.0, &|_| {})[0];
        let x = engine.baseline().last()[4] - dense(outcome, 5)[4];
        assert!((x - 50_000.0).abs() < 1e-9 * 50_000.0, "{}: {x}", engine.name());
    }
}

/// What the random worlds are to meet; counted, so that none goes untested.
fn branches(world: &Dataset, scenario: &Scenario, outcome: &Outcome) -> Vec<&'static str> {
    let mut met = Vec::new();
    let settings = scenario.adaptation.unwrap();
    let (dims, p) = (world.dimensions(), &world.parameters);
    let adapting: Vec<Hit> =
        outcome.events.iter().filter(|e| e.kind == EventKind::Adapting).map(|e| e.hit).collect();
    let mut note = |condition: bool, name| {
        if condition {
            met.push(name);
        }
    };
    let is_hit = |s: usize| adapting.iter().any(|hit| hit.sector as usize == s);
    let links = || p.trade_t.iter();
    note(links().any(|(to, from, _)| is_hit(to) && is_hit(from)), "adapting on both ends");
    note(outcome.events.iter().any(|e| e.no_share_rule), "no share rule");
    note(adapting.iter().any(|h| h.rl == settings.thresholds.relative), "relative tie");
    note(adapting.iter().any(|h| h.al == settings.thresholds.absolute), "absolute tie");
    note(outcome.losses.iter().any(|&loss| loss < 0.0), "gain");
    note(settings.output_cap.is_some() && !adapting.is_empty(), "cap");
    let rules = world.rules.as_ref().unwrap();
    let adapted = adapt(p, dims, rules, &adapting, settings.missing_rule).parameters;
    let (old, new) = (p.trade_t.column_sums(), adapted.trade_t.column_sums());
    note((0..old.len()).any(|d| old[d] > 0.0 && new[d] == 0.0), "trade column of 0");
    note((0..old.len()).any(|d| old[d] == 0.0 && new[d] > 0.0), "trade column from nothing");
    note(new.iter().any(|s| *s != 1.0 && (s - 1.0).abs() > 1e-6 && *s > 0.0), "just under 1 %");
    let over = p.trade_t.iter().any(|(to, from, old)| {
        let new = adapted.trade_t.get(to, from).copied().unwrap_or(0.0);
        let ratio = new / old;
        !is_hit(to) && !is_hit(from) && 1.0 / 1.0103 < ratio && ratio < 1.0 / 1.01
    });
    note(over, "just over 1 %");
    let made = |m: &Csr<f64>, n: &Csr<f64>| n.iter().any(|(r, c, _)| m.get(r, c).is_none());
    note(made(&p.trade_t, &adapted.trade_t), "new link");
    note(made(&p.allocation_nu, &adapted.allocation_nu), "new input");
    note(made(&p.conversion_alpha, &adapted.conversion_alpha), "new output");
    for (name, matrix) in [("alpha", &p.conversion_alpha), ("beta", &p.output_beta)] {
        let sums = matrix.column_sums();
        let whole = (0..matrix.cols()).any(|c| {
            let mut rows = matrix.iter().filter(|e| e.1 == c).map(|e| e.0).peekable();
            sums[c] > 0.0 && rows.peek().is_some() && rows.all(is_hit)
        });
        note(whole, if name == "alpha" { "whole alpha column" } else { "whole beta column" });
        let family = if name == "alpha" { &rules.alpha } else { &rules.beta };
        let nowhere = adapting.iter().any(|hit| {
            let (area, item) =
                (dims.area_of(hit.sector as usize), dims.item_of(hit.sector as usize));
            family.of(area).is_some_and(|block| {
                block.row(item).any(|(k, r)| {
                    r.rewiring.is_some_and(|r| r > 0.0) && sums[dims.process_column(area, k)] == 0.0
                })
            })
        });
        note(nowhere, "rewiring into a process without output");
    }
    let lost: Vec<Hit> = outcome
        .events
        .iter()
        .filter(|e| e.kind == EventKind::Substituting)
        .map(|e| e.hit)
        .collect();
    let block = world.substitutability.as_ref().unwrap();
    let mut of = BTreeMap::new();
    for hit in &lost {
        let area = dims.area_of(hit.sector as usize);
        let row = block.of(area).map(|b| b.row(dims.item_of(hit.sector as usize)));
        for (j, _) in row.into_iter().flatten() {
            *of.entry((area, j)).or_insert(0) += 1;
        }
    }
    note(of.values().any(|&n| n > 1), "two lost items, one substitute");
    note(of.keys().any(|&(area, j)| is_hit(dims.sector(area, j))), "substitute that adapts");
    met
}

/// Fails above 1e-9 of the loss, plus 1e-12 of the largest amount of these small worlds.
fn assert_same(
    world: &Dataset,
    scenario: &Scenario,
    expected: &Outcome,
    found: &Outcome,
    name: &str,
) {
    let n = world.dimensions().sectors();
    let decisions = |o: &Outcome| {
        let of = |e: &shocksweep::low_level::engine::Event| {
            (e.kind, e.step, e.hit.sector, e.no_share_rule)
        };
        o.events.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(decisions(expected), decisions(found), "{name}: {scenario:?}");
    let (x, y) = (dense(expected, n), dense(found, n));
    let scale = 64.0f64.max(x.iter().fold(0.0, |m, v| v.abs().max(m)));
    for s in 0..n {
        let bound = 1e-9 * x[s].abs() + 1e-12 * scale;
        let (a, b) = (x[s], y[s]);
        assert!(
            (a - b).abs() <= bound,
            "sector {s}: {a} by reference, {b} by {name}; {scenario:?}"
        );
    }
}

fn adaptive_scenarios(world: &Dataset, count: usize, seed: u64) -> Vec<Scenario> {
    let mut r = Numbers(seed);
    exact_scenarios(world, count, seed ^ 1)
        .into_iter()
        .map(|s| s.with_adaptation(Some(small_settings(&mut r))))
        .collect()
}

#[test]
fn fast_engines_agree_with_the_reference_in_every_branch() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..600 {
        let mut r = Numbers(seed);
        let size = (2 + r.below(5), 1 + r.below(5), 1 + r.below(4));
        let (areas, items, processes) = if seed % 50 == 0 { (66, 2, 2) } else { size };
        let world = adaptive_world(areas, items, processes, seed);
        let scenarios = adaptive_scenarios(&world, 24, seed);
        let reference = ReferenceEngine::new(&world, STEPS).run(&scenarios, 0.0, &|_| {});
        for engine in fast_engines(&world, STEPS) {
            let found = engine.run(&scenarios, 0.0, &|_| {});
            assert_eq!((reference.len(), found.len()), (scenarios.len(), scenarios.len()));
            for ((scenario, expected), found) in scenarios.iter().zip(&reference).zip(&found) {
                assert_same(&world, scenario, expected, found, engine.name());
            }
        }
        for (scenario, expected) in scenarios.iter().zip(&reference) {
            for branch in branches(&world, scenario, expected) {
                *met.entry(branch).or_default() += 1;
            }
        }
    }
    let rare: Vec<_> = met.iter().filter(|(_, count)| **count < 20).collect();
    assert!(met.len() == 18 && rare.is_empty(), "branches met too rarely: {met:?}");
}

#[test]
fn both_ways_at_once_is_the_same_as_one_by_one() {
    for seed in 0..60 {
        let world = adaptive_world(5, 4, 3, seed);
        let with = adaptive_scenarios(&world, 30, seed);
        let without = with.iter().map(|s| s.clone().with_adaptation(None));
        let both: Vec<Scenario> = without.zip(&with).flat_map(|(a, b)| [a, b.clone()]).collect();
        for (nth, engine) in fast_engines(&world, STEPS).iter().enumerate() {
            let together = engine.run(&both, 0.0, &|_| {});
            assert_eq!(together.len(), both.len());
            // Launching a kernel for one scenario costs as much as for all: fewer of them.
            let step = if nth == 0 { 1 } else { 20 };
            let all: Vec<usize> = (0..STEPS).collect();
            let traces = engine.losses(&both, &all, 0.0, &|_| {}).unwrap().of;
            let each = both.iter().zip(&together).zip(traces.chunks(STEPS)).step_by(step);
            for ((scenario, outcome), traced) in each {
                let alone = &engine.run(std::slice::from_ref(scenario), 0.0, &|_| {})[0];
                assert_eq!(outcome, alone, "{}, seed {seed}, {scenario:?}", engine.name());
                let trace = engine.trace(scenario, 0.0, 0..STEPS);
                assert_eq!((trace.len(), trace.last()), (STEPS, Some(outcome)));
                assert_eq!(traced, trace, "{}, seed {seed}, {scenario:?}", engine.name());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn constraints_hold_after_adaptation(seed: u64, keep: bool) {
        let world = adaptive_world(4, 4, 3, seed);
        let (dims, p) = (world.dimensions(), &world.parameters);
        let mut r = Numbers(seed ^ 3);
        let mut hits = Vec::new();
        for sector in 0..16 {
            if r.once_in(3) {
                hits.push(Hit { sector, al: 2.0, rl: [0.26, 0.5, 1.0][r.below(3)] });
            }
        }
        let missing = if keep { MissingRule::Keep } else { MissingRule::Published };
        let rules = world.rules.as_ref().unwrap();
        let adapted = adapt(p, dims, rules, &hits, missing);
        let q = &adapted.parameters;
        for s in 0..16 {
            let (exports, production) = (q.share_eta_exp[s], q.share_eta_prod[s]);
            prop_assert!(exports >= 0.0 && production >= 0.0 && exports + production <= 1.0 + 1e-12);
        }
        let growth = import_growth(
            dims,
            world.substitutability.as_ref().unwrap(),
            &hits,
            Default::default(),
        );
        for trade in [&q.trade_t, &substitute(&q.trade_t, &growth)] {
            for sum in trade.column_sums() {
                prop_assert!(sum == 0.0 || (sum - 1.0).abs() <= 0.01 + 1e-12, "T: {sum}");
            }
            for (to, from, share) in trade.iter() {
                let same_item = dims.item_of(to) == dims.item_of(from);
                prop_assert!(*share > 0.0 && same_item && to != from);
            }
        }
        for sum in q.allocation_nu.column_sums() {
            prop_assert!(sum == 0.0 || (sum - 1.0).abs() <= 0.01 + 1e-12, "nu: {sum}");
        }
        for (old, new) in [(&p.conversion_alpha, &q.conversion_alpha), (&p.output_beta, &q.output_beta)] {
            for (old, new) in old.column_sums().into_iter().zip(new.column_sums()) {
                prop_assert!(new == 0.0 || (new - old).abs() <= 0.01 * old + 1e-9, "{old} {new}");
            }
        }
    }
}
