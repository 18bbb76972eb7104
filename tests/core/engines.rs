//! Engines against each other, and the model's invariants, on worlds where f64 is exact.

use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use crate::support::{Numbers, exact_scenarios, exact_world};
use proptest::prelude::*;
use shocksweep::low_level::check::validate::{Asked, KindSample, compare};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::model::step;
use shocksweep::low_level::scenario::{Scenario, Shock};

/// Steps for which the exact worlds stay exact.
const STEPS: usize = 8;

fn run(engine: &dyn Engine, scenarios: &[Scenario]) -> Vec<Outcome> {
    engine.run(scenarios, 0.0, &|_| {})
}

/// Sizes around the places where lanes, mask words and tiles begin and end.
fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    prop_oneof![
        4 => (1usize..6, 1usize..6, 1usize..5),
        1 => (62usize..67, 1usize..4, 1usize..4),
        1 => (127usize..131, 1usize..3, 1usize..3),
        1 => (2usize..4, 62usize..67, 1usize..9),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fast_engines_equal_the_reference_to_the_bit((areas, items, processes) in sizes(), seed: u64) {
        let world = exact_world(areas, items, processes, seed);
        let scenarios = exact_scenarios(&world, 40, seed ^ 1);
        let reference = run(&ReferenceEngine::new(&world, STEPS), &scenarios);
        for engine in fast_engines(&world, STEPS) {
            let outcomes = run(engine.as_ref(), &scenarios);
            prop_assert_eq!(reference.len(), outcomes.len());
            for (at, (expected, found)) in reference.iter().zip(&outcomes).enumerate() {
                prop_assert!(expected == found, "{}, {at}: {:?}", engine.name(), scenarios[at]);
            }
        }
    }

    #[test]
    fn losses_are_never_negative_and_grow_with_phi(seed: u64) {
        let world = exact_world(4, 4, 3, seed);
        let sector = (seed % 16) as u32;
        let mut last = vec![0.0; 16];
        let cpu = CpuEngine::new(&world, STEPS);
        for phi in [0.0, 0.5, 1.0] {
            let scenario = Scenario { id: 0.into(), shocks: vec![Shock::new(sector, phi)], adaptation: None };
            let losses = dense(&run(&cpu, &[scenario])[0], 16);
            for (s, (now, before)) in losses.iter().zip(&last).enumerate() {
                prop_assert!(*now >= 0.0 && now >= before, "sector {s}, phi {phi}");
            }
            last = losses;
        }
    }

    #[test]
    fn losses_are_sub_additive(seed: u64) {
        let world = exact_world(4, 4, 3, seed);
        let (a, b) = ((seed % 16) as u32, (seed / 16 % 16) as u32);
        prop_assume!(a != b);
        let shock = |sector| Shock::new(sector, 1.0);
        let scenario = |shocks| Scenario::new(0, shocks, &world.labels).unwrap();
        let scenarios =
            [scenario(vec![shock(a)]), scenario(vec![shock(b)]), scenario(vec![shock(a), shock(b)])];
        let losses: Vec<_> =
            run(&CpuEngine::new(&world, STEPS), &scenarios).iter().map(|o| dense(o, 16)).collect();
        for (s, joint) in losses[2].iter().enumerate() {
            prop_assert!(*joint <= losses[0][s] + losses[1][s], "sector {s}");
            prop_assert!(*joint >= losses[0][s].max(losses[1][s]), "sector {s}");
        }
    }

    #[test]
    fn trade_conserves_what_is_exported(seed: u64) {
        let world = exact_world(5, 4, 3, seed);
        let p = &world.parameters;
        let imports = step::imports(p, &p.x0);
        // Exporters without importers aside, everything sent arrives, item by item.
        let arrives = p.trade_t.column_sums();
        for item in 0..4 {
            let of_item = |v: &[f64]| (0..5).map(|c| v[c * 4 + item]).sum::<f64>();
            let sent: Vec<f64> =
                (0..20).map(|s| p.share_eta_exp[s] * p.x0[s] * arrives[s]).collect();
            prop_assert_eq!(of_item(&imports), of_item(&sent));
        }
    }
}

fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[s as usize] = loss;
    }
    losses
}

/// The largest difference of two engines' losses, each sector's against its own loss and
/// baseline; fails above 1e-9 of the loss plus 1e-12 of the baseline.
fn assert_close(dataset: &Dataset, a: &dyn Engine, b: &dyn Engine, scenarios: &[Scenario]) {
    let sectors = dataset.dimensions().sectors();
    let baseline = a.baseline().last();
    let (left, right) = (run(a, scenarios), run(b, scenarios));
    assert_eq!((left.len(), right.len()), (scenarios.len(), scenarios.len()));
    for ((left, right), scenario) in left.iter().zip(&right).zip(scenarios) {
        let decided = |o: &Outcome| -> Vec<_> {
            o.events.iter().map(|e| (e.kind, e.step, e.hit.sector, e.no_share_rule)).collect()
        };
        assert_eq!(decided(left), decided(right), "scenario {}", scenario.id);
        let (x, y) = (dense(left, sectors), dense(right, sectors));
        for s in 0..sectors {
            let bound = 1e-9 * x[s].abs() + 1e-12 * baseline[s];
            assert!(
                (x[s] - y[s]).abs() <= bound,
                "scenario {}: {} loses {} by {} and {} by {}",
                scenario.id,
                dataset.labels.sector_name(s),
                x[s],
                a.name(),
                y[s],
                b.name()
            );
        }
    }
}

/// Single, joint and partial shocks to producers, spread over the world.
fn sample(dataset: &Dataset, count: usize) -> Vec<Scenario> {
    let producers = dataset.parameters.producers();
    let producers: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(7);
    (0..count as u32)
        .map(|id| {
            let size = [1, 1, 2, 3, 40][id as usize % 5];
            let mut shocks: Vec<Shock> = Vec::new();
            while shocks.len() < size {
                let sector = producers[r.below(producers.len())];
                if shocks.iter().all(|s| s.sector != sector) {
                    let phi = if id % 3 == 0 { (1 + r.below(99)) as f64 / 100.0 } else { 1.0 };
                    shocks.push(Shock::new(sector, phi));
                }
            }
            Scenario::new(id, shocks, &dataset.labels).unwrap()
        })
        .collect()
}

#[test]
fn fast_engines_agree_with_the_reference_on_the_synthetic_world() {
    let world = synthesize(&SynthOptions::default()).unwrap();
    let (reference, cpu) = (ReferenceEngine::new(&world, 10), CpuEngine::new(&world, 10));
    let scenarios = sample(&world, 60);
    let fast = fast_engines(&world, 10);
    fast.iter().for_each(|engine| assert_close(&world, &reference, engine.as_ref(), &scenarios));
    let adapting: Vec<Scenario> = scenarios
        .into_iter()
        .map(|s| s.with_adaptation(Some(AdaptationSettings::default())))
        .collect();
    let decisions: usize = run(&cpu, &adapting).iter().map(|o| o.events.len()).sum();
    assert!(decisions > 100, "many sectors decide: {decisions}");
    fast.iter().for_each(|engine| assert_close(&world, &reference, engine.as_ref(), &adapting));
}

#[test]
fn outcomes_do_not_depend_on_company_order_or_threads() {
    let world = synthesize(&SynthOptions { areas: 70, items: 66, seed: 3 }).unwrap();
    let mut scenarios = sample(&world, 100);
    for scenario in scenarios.iter_mut().step_by(2) {
        scenario.adaptation = Some(AdaptationSettings::default());
    }
    let cpu = CpuEngine::new(&world, 10);
    let together = run(&cpu, &scenarios);
    for (scenario, expected) in scenarios.iter().zip(&together) {
        assert_eq!(&run(&cpu, std::slice::from_ref(scenario))[0], expected, "alone");
    }
    let reversed: Vec<Scenario> = scenarios.iter().rev().cloned().collect();
    let mut backwards = run(&cpu, &reversed);
    backwards.reverse();
    assert_eq!(backwards, together, "reversed");
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| run(&cpu, &scenarios)), together, "{threads} threads");
    }
}

#[test]
fn a_trace_ends_where_a_run_ends() {
    let world = synthesize(&SynthOptions { areas: 20, items: 30, seed: 3 }).unwrap();
    for scenario in sample(&world, 10) {
        let fast = fast_engines(&world, 10);
        let reference = ReferenceEngine::new(&world, 10);
        for engine in fast.iter().map(Box::as_ref).chain([&reference as &dyn Engine]) {
            let trace = engine.trace(&scenario, 0.0, 0..10);
            assert_eq!(trace.len(), 10);
            assert_eq!(trace.last(), run(engine, std::slice::from_ref(&scenario)).first());
        }
    }
}

/// A kind of which nothing was compared is not called equal; one whose scenarios act is.
#[test]
fn nothing_compared_is_not_equal() {
    let world = synthesize(&SynthOptions { areas: 12, items: 8, seed: 3 }).unwrap();
    let (reference, cpu) = (ReferenceEngine::new(&world, STEPS), CpuEngine::new(&world, STEPS));
    let sector = world.parameters.producers().iter().position(|&makes| makes).unwrap() as u32;
    let report = |shocks: Vec<Shock>| {
        let scenarios = vec![Scenario { id: 0.into(), shocks, adaptation: None }];
        let kind = KindSample { kind: "one", asked: Asked::Losses, scenarios };
        compare(&world, &reference, &cpu, &[kind], 1e-9).unwrap().remove(0)
    };
    let (nothing, something) = (report(Vec::new()), report(vec![Shock::new(sector, 1.0)]));
    assert!(nothing.compared == 0 && nothing.is_broken, "{nothing:?}");
    assert!(something.compared > 0 && !something.is_broken, "{something:?}");
}
