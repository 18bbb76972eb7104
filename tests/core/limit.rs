//! Columns of trade whose sum lies on the limit of 1 % to the last bits: whether they are rescaled is what
//! the model's own sum says, in the order of the importers. An engine that keeps sums up to date by
//! differences, which round differently, must not decide otherwise: the column's flows would differ by 1 %.

use crate::differences::no_rules;
use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use crate::support::{Numbers, World};
use shocksweep::low_level::dataset::{Blocks, Dataset, Rule};
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Event, EventKind, Outcome};
use shocksweep::low_level::model::adaptation::{AdaptationSettings, MissingRule};
use shocksweep::low_level::model::constants::RESCALING_TOLERANCE;
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::sparse::Csr;

const STEPS: usize = 5;

/// What area 0 exports of each item, tonnes: sums and shares of it are exact.
const EXPORTED: f64 = 65_536.0;

/// Four areas, two items. Area 0 makes both and exports half: item 0 to area 1, item 1 to areas 1, 2 and 3
/// by `shares`; area 3 makes some of item 1 itself.
fn world(shares: [f64; 3]) -> Dataset {
    let mut w = World::new(4, 2, 2);
    for item in [0, 1] {
        let s = w.sector(0, item);
        (w.x0[s], w.eta_exp[s]) = (2.0 * EXPORTED, 0.5);
        w.beta(0, item, item, 2.0 * EXPORTED);
    }
    w.trade(0, 0, 1, 1.0);
    let s = w.sector(1, 0);
    w.x0[s] = EXPORTED;
    for (importer, share) in [1, 2, 3].into_iter().zip(shares) {
        w.trade(1, 0, importer, share);
        let s = w.sector(importer, 1);
        w.x0[s] = EXPORTED * share;
    }
    w.beta(3, 1, 1, EXPORTED / 2.0);
    let s = w.sector(3, 1);
    w.x0[s] += EXPORTED / 2.0;
    let mut world = w.build();
    world.rules = Some(no_rules(&world));
    world
}

/// The world, with imports of item 1 by area 1 that grow by `s` where item 0 is lost there.
fn substituting(shares: [f64; 3], s: f64) -> Dataset {
    let mut world = world(shares);
    let none = || Csr::empty(2, 2);
    let some = Csr::from_triplets(2, 2, vec![(0, 1, s)]).unwrap();
    world.substitutability = Some(Blocks::from_members([none(), some, none(), none()]));
    world
}

/// The world, with area 3 taking `rewired` times its relative loss of what area 0 exports of item 1.
fn rewiring(shares: [f64; 3], rewired: f64) -> Dataset {
    let mut world = world(shares);
    let rule = Rule { multiplier: Some(0.0), rewiring: Some(rewired) };
    let of_item_1 = Csr::from_triplets(4, 4, vec![(3, 0, rule)]).unwrap();
    let rules = world.rules.as_mut().unwrap();
    rules.import = Blocks::from_members([Csr::empty(4, 4), of_item_1]);
    world
}

/// All of item 0 of area 0, an eighth of its item 1, and what area 3 makes of item 1 where it is `to_adapt`.
fn outcomes(world: &Dataset, to_adapt: bool) -> Vec<(String, Outcome)> {
    let mut shocks = vec![Shock::new(0, 1.0), Shock::new(1, 0.125)];
    if to_adapt {
        shocks.push(Shock::new(7, 1.0));
    }
    let settings =
        AdaptationSettings { missing_rule: MissingRule::Keep, ..AdaptationSettings::default() };
    let scenario = Scenario::new(0, shocks, &world.labels).unwrap();
    let scenarios = [scenario.with_adaptation(Some(settings))];
    let run = |engine: &dyn Engine| {
        (engine.name().to_string(), engine.run(&scenarios, 0.0, &|_| {}).remove(0))
    };
    let fast = fast_engines(world, STEPS);
    std::iter::once(run(&ReferenceEngine::new(world, STEPS)))
        .chain(fast.iter().map(|engine| run(engine.as_ref())))
        .collect()
}

fn assert_same(outcomes: &[(String, Outcome)], about: &str) {
    let reference = &outcomes[0].1;
    assert!(outcomes.len() > 1, "an engine to compare with");
    for (name, fast) in &outcomes[1..] {
        assert_eq!(reference.sectors, fast.sectors, "{name}, {about}");
        for (a, b) in reference.losses.iter().zip(&fast.losses) {
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{name}: {a} and {b}, {about}");
        }
    }
}

fn is_rescaled(sum: f64) -> bool {
    (sum - 1.0).abs() > RESCALING_TOLERANCE
}

/// Three shares that are 1 together but for rounding. The last one is a number of few digits: what area 3
/// loses of the item, and its relative loss, are the same bits in every engine. The sum of all
/// is one half of the distance of numbers above 1, and rounds to 1.
fn shares(r: &mut Numbers) -> [f64; 3] {
    let mut unit = || (1 + r.below(1 << 50)) as f64 / (1u64 << 50) as f64;
    let last = 0.25 + (unit() * 64.0).floor() / 512.0;
    let first = 0.3 + unit() / 20.0;
    [first, (1.0 - last - first).next_up().next_up(), last]
}

/// Numbers near one, from its neighbours on.
fn near(x: f64) -> impl Iterator<Item = f64> {
    (-40..=40).map(move |ulps: i64| f64::from_bits((x.to_bits() as i64 + ulps) as u64))
}

#[test]
fn a_column_that_substitution_puts_on_the_limit() {
    let mut r = Numbers(1);
    let (mut found, mut tiles) = (0, 0);
    for of in (0..1_000).map(|_| shares(&mut r)) {
        let before: f64 = of.iter().sum();
        for s in near(RESCALING_TOLERANCE / of[0]) {
            let anew = of[0] * (1.0 + s) + of[1] + of[2];
            let by_difference = before + of[0] * ((1.0 + s) - 1.0);
            if is_rescaled(anew) == is_rescaled(by_difference) {
                continue;
            }
            found += 1;
            let world = substituting(of, s);
            // With an area that adapts the item's trade is laid out otherwise in the fast engines.
            for to_adapt in [false, true] {
                let outcomes = outcomes(&world, to_adapt);
                let kinds = |kind: EventKind, sector: u32| {
                    outcomes[0].1.events.iter().any(|e| e.kind == kind && e.hit.sector == sector)
                };
                assert!(kinds(EventKind::Substituting, 2), "area 1 substitutes item 0");
                assert_eq!(kinds(EventKind::Adapting, 7), to_adapt);
                tiles += u32::from(to_adapt);
                assert_same(&outcomes, &format!("shares {of:?}, s {s:e}, {to_adapt}"));
            }
            break;
        }
        if found == 6 {
            break;
        }
    }
    assert_eq!([found, tiles], [6, 6]);
}

#[test]
fn a_column_that_adaptation_puts_on_the_limit() {
    let mut r = Numbers(2);
    let mut found = 0;
    for of in (0..1_000).map(|_| shares(&mut r)) {
        let before: f64 = of.iter().sum();
        // What area 3 makes, and an eighth of what it imports.
        let rl = (0.5 + 0.125 * of[2]) / (0.5 + of[2]);
        for rewired in near((of[2] + RESCALING_TOLERANCE) / rl) {
            let share = rewired * rl;
            let anew = of[0] + of[1] + share;
            let by_difference = before + (share - of[2]);
            if is_rescaled(anew) == is_rescaled(by_difference) {
                continue;
            }
            found += 1;
            let world = rewiring(of, rewired);
            let outcomes = outcomes(&world, true);
            for (_, outcome) in &outcomes {
                let is = |e: &&Event| e.kind == EventKind::Adapting && e.hit.sector == 7;
                assert_eq!(outcome.events.iter().find(is).expect("area 3 adapts").hit.rl, rl);
            }
            assert_same(&outcomes, &format!("shares {of:?}, rewired {rewired:e}"));
            break;
        }
        if found == 6 {
            break;
        }
    }
    assert_eq!(found, 6);
}
