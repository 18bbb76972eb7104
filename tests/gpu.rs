//! The gpu engine: its shaders against its tables, its kernels against their mirrors, its answers
//! against the other engines.

mod support;

use shocksweep::engine::reference::ReferenceEngine;
use shocksweep::engine::{Engine, Outcome};
use support::{exact_scenarios, exact_world};

const STEPS: usize = 8;

#[test]
fn exact_worlds_are_equal_to_the_bit() {
    for seed in 0..20 {
        let world = exact_world(4, 4, 3, seed);
        let Some(gpu) = support::gpu::engine(&world, STEPS) else { return };
        let scenarios = exact_scenarios(&world, 40, seed ^ 1);
        let reference = ReferenceEngine::new(&world, STEPS).run(&scenarios, 0.0, &|_| {});
        let found: Vec<Outcome> = gpu.run(&scenarios, 0.0, &|_| {});
        for (at, (expected, found)) in reference.iter().zip(&found).enumerate() {
            assert_eq!(expected, found, "seed {seed}, scenario {at}: {:?}", scenarios[at]);
        }
    }
}
