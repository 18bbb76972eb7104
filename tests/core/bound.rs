//! Bounds on interactions against the recursion as it is written, and against runs.

use crate::interaction::{food2020, producers};
use crate::support::{Numbers, adaptive_world, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::interaction::bound::{Pair, Sensitivity, Weights};
use shocksweep::low_level::interaction::meeting::Meeting;
use shocksweep::low_level::interaction::plain;
use shocksweep::low_level::interaction::single::{Setting, Single, SingleWork, singles};
use shocksweep::low_level::interaction::tables::InteractionTables;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Scenario, Shock};

const STEPS: usize = 7;

/// The shocks alone, with what bounds read of them.
fn alone(setting: Setting<'_>, shocks: &[Shock]) -> Vec<Single> {
    let weights = Weights::new(setting.tables).expect("a bounded world");
    let mut room = SingleWork::new(setting.tables);
    let mut runs: Vec<Single> =
        shocks.chunks(16).flat_map(|of| singles(setting, of, &mut room)).collect();
    for run in &mut runs {
        run.sensitivity = Some(Sensitivity::of(&setting, &weights, run));
    }
    runs
}

/// Pairs that a bound is known of, of those that meet.
#[derive(Default, Debug)]
struct Counts {
    known: usize,
    /// Of these, pairs with an interaction, and with a bound that is not ten times as wide.
    together: usize,
    tight: usize,
    unknown: usize,
}

impl Counts {
    /// Compares a bound with the sum of an interaction's sizes.
    fn add(&mut self, bound: Option<f64>, size: f64, rounding: f64, about: &dyn std::fmt::Debug) {
        let Some(bound) = bound else {
            self.unknown += 1;
            return;
        };
        assert!(size <= bound + rounding, "{size}, at most {bound}; {about:?}");
        self.known += 1;
        self.together += usize::from(size > 0.0);
        self.tight += usize::from(size * 10.0 >= bound && size > 0.0);
    }
}

#[test]
fn bounds_hold_for_every_pair_of_random_worlds() {
    let mut counts = Counts::default();
    for seed in 0..260u64 {
        let world = adaptive_world(9, 6, 5, seed);
        let tables = InteractionTables::new(&world, STEPS);
        if Weights::new(&tables).is_none() {
            continue;
        }
        let mut r = Numbers(seed ^ 0xb0d);
        let mut own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        // Rules that any loss sets off leave nothing to be known.
        own.thresholds.absolute *= [1.0, 30.0, 1e4][r.below(3)];
        let settings = (seed % 7 != 0).then_some(own);
        let items = vec![true; world.dimensions().items];
        let setting = Setting { tables: &tables, settings, counted: &items };
        let shocked = producers(&world);
        let shock = |r: &mut Numbers| {
            let phi = [1.0, 1.0, 0.5, 0.0009765625][r.below(4)];
            Shock::new(shocked[r.below(shocked.len())], phi)
        };
        let shocks: Vec<Shock> = (0..14).map(|_| shock(&mut r)).collect();
        let runs = alone(setting, &shocks);
        for (n, a) in runs.iter().enumerate() {
            for b in &runs[n + 1..] {
                let meeting = Meeting::of(a, b);
                if !meeting.is_any() {
                    continue;
                }
                let tolerance = [1e-3, 1.0, 1e3, 1e9][r.below(4)];
                let bound = Pair { meeting, runs: [a, b] }.bound_below(&setting, tolerance);
                assert!(bound.is_none_or(|bound| bound < tolerance));
                let sets = [a, b].map(|run| std::slice::from_ref(&run.shock));
                let found = plain::run::<4>(&tables, settings, &sets).expect("the recursion holds");
                let last = found.losses.last().expect("steps");
                let size: f64 = last.iter().map(|parts| parts[3].abs()).sum();
                let losses: f64 = last.iter().flatten().map(|part| part.abs()).sum();
                counts.add(bound, size, 1e-12 * losses, &(seed, settings, a.shock, b.shock));
            }
        }
    }
    assert!(counts.known > 2_000 && counts.together > 1_000, "{counts:?}");
    assert!(counts.tight > 500 && counts.unknown > 2_000, "{counts:?}");
}

fn losses(engine: &CpuEngine, shocks: Vec<Shock>, settings: AdaptationSettings) -> Outcome {
    let scenario = Scenario { id: 0.into(), shocks, adaptation: Some(settings) };
    engine.losses(&[scenario], &[engine.last_step()], 0.0, &|_| {}).expect("a run").of.remove(0)
}

/// Every sector's loss.
fn by_sector(world: &Dataset, outcome: &Outcome) -> Vec<f64> {
    let mut losses = vec![0.0; world.dimensions().sectors()];
    for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[sector as usize] = loss;
    }
    losses
}

#[test]
fn bounds_hold_for_pairs_of_real_data() {
    let Some((_, world)) = food2020() else { return };
    let steps = 10;
    let tables = InteractionTables::new(&world, steps);
    let settings = AdaptationSettings::default();
    let items = vec![true; world.dimensions().items];
    let setting = Setting { tables: &tables, settings: Some(settings), counted: &items };
    let engine = CpuEngine::new(&world, steps);
    let shocked = producers(&world);
    let mut r = Numbers(20_20);
    let shocks: Vec<Shock> =
        (0..64).map(|_| Shock::new(shocked[r.below(shocked.len())], 1.0)).collect();
    let runs = alone(setting, &shocks);
    let mut counts = Counts::default();
    for (n, a) in runs.iter().enumerate() {
        for b in &runs[n + 1..] {
            let meeting = Meeting::of(a, b);
            if !meeting.is_any() || a.shock.sector == b.shock.sector {
                continue;
            }
            let bound = Pair { meeting, runs: [a, b] }.bound_below(&setting, 1.0);
            let mut both = vec![a.shock, b.shock];
            both.sort_by_key(|shock| shock.sector);
            let sets = [both, vec![a.shock], vec![b.shock]];
            let [joint, one, other] =
                sets.map(|shocks| by_sector(&world, &losses(&engine, shocks, settings)));
            let parts = joint.iter().zip(one.iter().zip(&other));
            let size: f64 = parts.map(|(joint, (a, b))| (joint - a - b).abs()).sum();
            let volume: f64 = joint.iter().map(|loss| loss.abs()).sum();
            counts.add(bound, size, 1e-12 * volume + 1e-6, &(a.shock, b.shock));
        }
    }
    assert!(counts.known > 300 && counts.together > 200 && counts.unknown > 100, "{counts:?}");
}
