//! What no pair of three shocks explains: worked out by hand, against the recursion as written, and against its
//! definition by joint runs of the reference engine.

use crate::interaction::{food2020, producers};
use crate::support::{Numbers, World, adaptive_world, fed, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::EventKind;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::interaction::lanes::Work;
use shocksweep::low_level::interaction::lattice::{self, Asked, Lattice};
use shocksweep::low_level::interaction::plain;
use shocksweep::low_level::interaction::tables::InteractionTables;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::results::triples::TripleRow;
use shocksweep::low_level::scenario::Shock;
use shocksweep::low_level::superposition::set::values;
use shocksweep::low_level::superposition::{Method, ShockSet};
use shocksweep::low_level::sweep::sets::SetRunner;

const STEPS: usize = 7;

fn lattice_of<const N: usize>(world: &Dataset, steps: usize, shocks: &[Shock]) -> Lattice<N> {
    let tables = InteractionTables::new(world, steps);
    let asked = [Asked { shocks, settings: None }];
    lattice::run::<N>(&tables, &asked, &mut Work::new(&tables.net)).remove(0)
}

/// A chain: item 1 is made from item 0, item 2 from item 1, one to one; 100 t in each. A fourth item stands apart.
fn chain() -> Dataset {
    let mut world = World::new(1, 4, 4);
    world.beta(0, 0, 0, 100.0);
    world.alpha(0, 1, 1, 1.0);
    world.nu(0, 1, 0, 1.0);
    world.alpha(0, 2, 2, 1.0);
    world.nu(0, 2, 1, 1.0);
    world.beta(0, 3, 3, 100.0);
    for item in 0..4 {
        let sector = world.sector(0, item);
        world.x0[sector] = 100.0;
        world.eta_prod[sector] = f64::from(u8::from(item < 2));
    }
    world.build()
}

#[test]
fn three_links_of_a_chain_by_hand() {
    // With all three outputs cut by phi item 2 keeps 100 (1 - phi)^3: of its loss, what no pair explains is
    // 100 phi^3, what each pair adds -100 phi^2. No difference of amounts around 100 can show 1e-34.
    let world = chain();
    for phi in [1.0, 0.3, 1e-4, 1e-12] {
        let shocks: Vec<Shock> = (0..3).map(|sector| Shock::new(sector, phi)).collect();
        let found = lattice_of::<8>(&world, 4, &shocks);
        let of = |sector: u32| {
            let at = found.losses.iter().find(|of| of.0 == sector);
            at.map_or([0.0; 8], |of| of.1)
        };
        let (one, two, three) = (100.0 * phi, -100.0 * phi * phi, 100.0 * phi * phi * phi);
        let expected = [
            [0.0, one, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, one, one, two, 0.0, 0.0, 0.0, 0.0],
            [0.0, one, one, two, one, two, two, three],
        ];
        for (sector, expected) in expected.iter().enumerate() {
            for (set, (found, expected)) in of(sector as u32).iter().zip(expected).enumerate() {
                let allowed = 1e-12 * expected.abs();
                assert!(
                    (found - expected).abs() <= allowed,
                    "phi {phi}, sector {sector}, subset {set}: {found}, by hand {expected}"
                );
            }
        }
    }
}

#[test]
fn what_does_not_meet_adds_nothing_at_all() {
    let world = chain();
    let shocks = [0, 1, 3].map(|sector| Shock::new(sector, 0.3));
    let found = lattice_of::<8>(&world, 4, &shocks);
    let added: Vec<f64> =
        (0..8).map(|set| found.losses.iter().map(|of| of.1[set]).sum::<f64>()).collect();
    // The first two meet; the third stands apart: 0, not nearly 0.
    assert_eq!(added[5..], [0.0; 3]);
    assert!(added[3] < -8.9 && added[4] > 29.9, "{added:?}");
}

/// Compares lattices of sets, run side by side, with the recursion as it is written.
fn compare<const N: usize>(
    tables: &InteractionTables,
    sets: &[Asked<'_>],
    work: &mut Work,
    together: &mut usize,
) {
    for (set, found) in sets.iter().zip(lattice::run::<N>(tables, sets, work)) {
        let shocks: Vec<&[Shock]> = set.shocks.chunks(1).collect();
        let plain = plain::run::<N>(tables, set.settings, &shocks).expect("no cap");
        let mut by_sector = vec![[0.0; N]; plain.losses[0].len()];
        found.losses.iter().for_each(|of| by_sector[of.0 as usize] = of.1);
        let last = plain.losses.last().expect("steps");
        for (sector, (found, expected)) in by_sector.iter().zip(last).enumerate() {
            let size = tables.baseline.last()[sector];
            for (part, (a, b)) in found.iter().zip(expected).enumerate() {
                let allowed = 1e-11 * (1.0 + b.abs() + size);
                assert!(
                    (a - b).abs() <= allowed,
                    "sector {sector}, part {part}: {a}, {b}; {set:?}"
                );
                *together += usize::from(part + 1 == N && *b != 0.0);
            }
        }
        let decided = |kind: EventKind| -> Vec<(u32, u32)> {
            let of = found.decided.iter().filter(|d| d.kind == kind);
            of.map(|d| (d.sector, d.mask)).collect()
        };
        let adapting: Vec<(u32, u32)> = plain.adapting.iter().map(|h| (h.sector, h.mask)).collect();
        assert_eq!(decided(EventKind::Adapting), adapting, "{set:?}");
        assert_eq!(decided(EventKind::Substituting), plain.substituting, "{set:?}");
    }
}

#[test]
fn lattices_are_the_plain_recursion() {
    let mut together = [0; 2];
    for seed in 0..120u64 {
        let world = adaptive_world(9, 6, 5, seed);
        let tables = InteractionTables::new(&world, STEPS);
        let mut work = Work::new(&tables.net);
        let mut r = Numbers(seed ^ 0x7a7e);
        let shocked = producers(&world);
        let mut settings = || {
            let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
            (!r.once_in(5)).then_some(own)
        };
        // Neighbours in lanes with settings of their own.
        let settings = [settings(), settings(), settings(), settings()];
        let mut shock = || {
            let phi = [1.0, 1.0, 0.5, 0.25, 0.0009765625][r.below(5)];
            Shock::new(shocked[r.below(shocked.len())], phi)
        };
        for _ in 0..3 {
            let shocks: Vec<Shock> = (0..12).map(|_| shock()).collect();
            let sets = |size: usize| -> Vec<Asked<'_>> {
                let of = shocks.chunks(size).zip(settings);
                of.map(|(shocks, settings)| Asked { shocks, settings }).collect()
            };
            compare::<8>(&tables, &sets(3)[..2], &mut work, &mut together[0]);
            compare::<4>(&tables, &sets(2)[..4], &mut work, &mut together[1]);
        }
    }
    assert!(together[0] > 400 && together[1] > 2_000, "{together:?}");
}

/// Rows of triples by their interaction against those by joint runs of the reference engine.
fn agree(found: &[TripleRow], expected: &[TripleRow]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.method, expected.method), (Method::Interaction, Method::Run));
        let about = &found.set;
        let (a, b) = (&found.sums, &expected.sums);
        let size = |added: &[f64; 8]| values(added).iter().map(|v| v.abs()).sum::<f64>();
        let close = |a: f64, b: f64, size: f64| (a - b).abs() <= 1e-9 * (1.0 + size);
        let all =
            |a: &[f64], b: &[f64], size: f64| a.iter().zip(b).all(|(a, b)| close(*a, *b, size));
        let of = size(&b.added);
        assert!(all(&a.added, &b.added, of), "{about:?}: {:?}, by runs {:?}", a.added, b.added);
        assert!(all(&a.by_area, &b.by_area, of), "{about:?}: {:?} {:?}", a.by_area, b.by_area);
        assert!(close(a.s_shocked, b.s_shocked, of), "{about:?}");
        assert_eq!(a.overshoot, b.overshoot, "{about:?}");
        match (a.kcal, b.kcal) {
            (None, None) => {}
            (Some(a), Some(b)) => assert!(all(&a, &b, size(&b)), "{about:?}: {a:?}, {b:?}"),
            other => panic!("{about:?}: {other:?}"),
        }
        let stages = [found.stages, expected.stages].map(|s| s.expect("asked for"));
        let stages = stages.map(|s| [s.overlap, s.adaptation, s.substitution]);
        assert!(all(&stages[0], &stages[1], of), "{about:?}: {stages:?}");
    }
}

#[test]
fn triples_are_joint_runs_by_inclusion_and_exclusion() {
    let (mut compared, mut together, mut eaten, mut away, mut apart) = (0, 0, 0, 0, 0);
    let (mut in_one_area, mut of_one_item) = (0, 0);
    for seed in 0..100u64 {
        let mut r = Numbers(seed ^ 0x3007);
        let world = fed(adaptive_world(8, 6, 5, seed), &mut r);
        let dims = world.dimensions();
        let counted: Vec<bool> = (0..dims.items).map(|item| item % 5 != 3).collect();
        let overshoot = [1.01, 1.5, 3.0][r.below(3)];
        let (cpu, reference) = (CpuEngine::new(&world, STEPS), ReferenceEngine::new(&world, STEPS));
        let fast = SetRunner::new(&cpu, &world, &counted, overshoot);
        let plain = SetRunner::new(&reference, &world, &counted, overshoot);
        let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let shocked = producers(&world);
        // Now and then all in one area, or all of one item, where they share columns, substitutes and rules.
        let like = |a: u32, b: u32, how: usize| match how {
            0 => dims.area_of(a as usize) == dims.area_of(b as usize),
            1 => dims.item_of(a as usize) == dims.item_of(b as usize),
            _ => true,
        };
        let triples: Vec<ShockSet> = (0..10u32)
            .filter_map(|id| {
                let (first, how) = (shocked[r.below(shocked.len())], r.below(4));
                let near: Vec<u32> = shocked
                    .iter()
                    .copied()
                    .filter(|&s| s != first && like(first, s, how))
                    .collect();
                let second = *near.get(r.below(near.len().max(1)))?;
                let rest: Vec<u32> = near.into_iter().filter(|&s| s != second).collect();
                let third = *rest.get(r.below(rest.len().max(1)))?;
                let phi = [1.0, 1.0, 0.5, 0.25][r.below(4)];
                let mut shocks = [first, second, third].map(|s| Shock::new(s, phi)).to_vec();
                shocks.sort_by_key(|shock| shock.sector);
                in_one_area += usize::from(how == 0);
                of_one_item += usize::from(how == 1);
                let adaptation = (!r.once_in(5)).then_some(own);
                Some(ShockSet { id: id.into(), shocks, adaptation })
            })
            .collect();
        let found = fast.triples(&triples, true, None).expect("no engine is asked").0;
        let expected = plain.triples(&triples, true, None).expect("an answer").0;
        assert_eq!(found.len(), triples.len());
        agree(&found, &expected);
        for row in &found {
            compared += 1;
            together += usize::from(row.sums.s() != 0.0);
            apart += usize::from(row.sums.s() == 0.0);
            eaten += usize::from(row.sums.s_kcal().is_some_and(|s| s != 0.0));
            away += usize::from(row.sums.overshoot);
        }
    }
    assert!(compared > 800 && together > 100 && apart > 100, "{compared} {together} {apart}");
    assert!(eaten > 20 && away > 20, "{eaten} {away}");
    assert!(in_one_area > 50 && of_one_item > 20, "{in_one_area} {of_one_item}");
}

#[test]
fn a_cap_breaks_the_recursion_and_triples_are_run() {
    let world = adaptive_world(8, 6, 5, 3);
    let (cpu, reference) = (CpuEngine::new(&world, STEPS), ReferenceEngine::new(&world, STEPS));
    let counted = vec![true; world.dimensions().items];
    let capped = AdaptationSettings { output_cap: Some(2.0), ..small_settings(&mut Numbers(3)) };
    let shocked = producers(&world);
    let triple = |id: u32, adaptation| ShockSet {
        id: id.into(),
        shocks: [0, 1, 2].map(|n| Shock::new(shocked[n + id as usize], 1.0)).to_vec(),
        adaptation,
    };
    // One by its interaction between two that are run: each keeps its place.
    let triples = [triple(0, Some(capped)), triple(1, None), triple(2, Some(capped))];
    let fast = SetRunner::new(&cpu, &world, &counted, 2.0).triples(&triples, false, None);
    let plain = SetRunner::new(&reference, &world, &counted, 2.0).triples(&triples, false, None);
    let (fast, plain) = (fast.expect("an answer").0, plain.expect("an answer").0);
    let methods: Vec<Method> = fast.iter().map(|row| row.method).collect();
    assert_eq!(methods, [Method::Run, Method::Interaction, Method::Run]);
    for (fast, plain) in fast.iter().zip(&plain) {
        assert_eq!(fast.set, plain.set);
        let size: f64 = values(&plain.sums.added).iter().map(|v| v.abs()).sum();
        for (a, b) in fast.sums.added.iter().zip(&plain.sums.added) {
            assert!((a - b).abs() <= 1e-9 * (1.0 + size), "{fast:?} {plain:?}");
        }
        assert!(plain.sums.added[7] != 0.0 || size > 0.0);
    }
}

#[test]
fn triples_of_the_2020_data_are_joint_runs_by_inclusion_and_exclusion() {
    let Some((_, world)) = food2020() else { return };
    let engine = CpuEngine::new(&world, 10);
    let counted = vec![true; world.dimensions().items];
    // The largest, which meet.
    let mut shocked = producers(&world);
    let baseline = InteractionTables::new(&world, 10).baseline;
    let amount = |&s: &u32| baseline.last()[s as usize];
    shocked.sort_by(|a, b| amount(b).total_cmp(&amount(a)));
    shocked.truncate(60);
    let mut r = Numbers(2020);
    let triples: Vec<ShockSet> = (0..60u32)
        .map(|id| {
            let mut shocks: Vec<Shock> = Vec::new();
            while shocks.len() < 3 {
                let sector = shocked[r.below(shocked.len())];
                if shocks.iter().all(|shock| shock.sector != sector) {
                    shocks.push(Shock::new(sector, 1.0));
                }
            }
            shocks.sort_by_key(|shock| shock.sector);
            let adaptation = (id % 5 != 0).then(AdaptationSettings::default);
            ShockSet { id: id.into(), shocks, adaptation }
        })
        .collect();
    // By runs of the cpu engine too: the reference engine takes minutes.
    let by_runs = SetRunner::by_runs_alone(&engine, &world, &counted, 2.0);
    let fast = SetRunner::new(&engine, &world, &counted, 2.0);
    let found = fast.triples(&triples, true, None).expect("no engine is asked").0;
    agree(&found, &by_runs.triples(&triples, true, None).expect("an answer").0);
    let together = found.iter().filter(|row| row.sums.s() != 0.0).count();
    assert!(together > 5, "{together}");
}
