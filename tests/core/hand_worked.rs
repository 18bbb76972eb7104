//! The reference engine, and with it every other, against systems worked out by hand.
//!
//! Areas and items are numbered from 0. Every system is run by both engines; expected available
//! amounts are written down step by step, with how they come about.

use crate::support::World;
use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::scenario::{Scenario, Shock};

fn scenario(shocks: &[(usize, f64)]) -> Scenario {
    let shocks = shocks.iter().map(|&(s, phi)| Shock::new(s as u32, phi)).collect();
    Scenario { id: 0.into(), shocks, adaptation: None }
}

/// Losses of every sector at one step.
fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[s as usize] = loss;
    }
    losses
}

/// All engines must give exactly these losses after the steps `0..expected.len()`.
fn assert_losses(dataset: &Dataset, scenario: &Scenario, expected: &[Vec<f64>]) {
    let steps = expected.len();
    let sectors = dataset.dimensions().sectors();
    let reference = ReferenceEngine::new(dataset, steps);
    let fast = fast_engines(dataset, steps);
    for engine in fast.iter().map(Box::as_ref).chain([&reference as &dyn Engine]) {
        let trace = engine.trace(scenario, 0.0, 0..steps);
        assert_eq!(trace.len(), steps);
        for (t, outcome) in trace.iter().enumerate() {
            assert_eq!(dense(outcome, sectors), expected[t], "{} engine, t = {t}", engine.name());
        }
        let last = engine.run(std::slice::from_ref(scenario), 0.0, &|_| {});
        assert_eq!(dense(&last[0], sectors), expected[steps - 1], "{} engine", engine.name());
    }
}

/// A produces 100 from nothing and exports half to B, which exports half to C.
fn trade_chain() -> Dataset {
    let mut w = World::new(3, 1, 1);
    w.beta(0, 0, 0, 100.0);
    w.x0 = vec![100.0, 50.0, 25.0];
    w.eta_exp = vec![0.5, 0.5, 0.0];
    w.trade(0, 0, 1, 1.0);
    w.trade(0, 1, 2, 1.0);
    w.build()
}

#[test]
fn a_loss_travels_one_trade_link_per_step() {
    // Without a shock every step repeats 100, 50, 25. With it A has nothing from t = 0 on, B
    // still receives exports decided before, and so on.
    let world = trade_chain();
    let losses = [
        vec![100.0, 0.0, 0.0],
        vec![100.0, 50.0, 0.0],
        vec![100.0, 50.0, 25.0],
        vec![100.0, 50.0, 25.0],
    ];
    assert_losses(&world, &scenario(&[(0, 1.0)]), &losses);
}

#[test]
fn a_partial_shock_removes_its_share() {
    let world = trade_chain();
    let losses = [vec![25.0, 0.0, 0.0], vec![25.0, 12.5, 0.0], vec![25.0, 12.5, 6.25]];
    assert_losses(&world, &scenario(&[(0, 0.25)]), &losses);
}

#[test]
fn a_loss_travels_through_production() {
    // One area: 80 of seed each year, half of it crushed; per tonne of seed 3/8 oil and 1/2 cake.
    // x(seed) = 80, x(oil) = 0.375 * 40 = 15, x(cake) = 20.
    let mut w = World::new(1, 3, 2);
    w.beta(0, 0, 0, 80.0);
    w.eta_prod = vec![0.5, 0.0, 0.0];
    w.nu(0, 1, 0, 1.0);
    w.alpha(0, 1, 1, 0.375);
    w.alpha(0, 2, 1, 0.5);
    w.x0 = vec![80.0, 15.0, 20.0];
    let world = w.build();
    let losses = [vec![80.0, 0.0, 0.0], vec![80.0, 15.0, 20.0], vec![80.0, 15.0, 20.0]];
    assert_losses(&world, &scenario(&[(0, 1.0)]), &losses);
    // Losing the oil mill's oil leaves seed and cake alone.
    let oil_only = [vec![0.0, 15.0, 0.0], vec![0.0, 15.0, 0.0]];
    assert_losses(&world, &scenario(&[(1, 1.0)]), &oil_only);
}

#[test]
fn a_self_supplying_sector_halves_every_step() {
    // Half of the crop is sown again and a tonne of seed gives two: x = 2 * x / 2 = 64 for ever.
    // With phi = 1/2: 32, 16, 8, ... so the losses are 32, 48, 56, ...
    let mut w = World::new(1, 1, 1);
    w.eta_prod = vec![0.5];
    w.nu(0, 0, 0, 1.0);
    w.alpha(0, 0, 0, 2.0);
    w.x0 = vec![64.0];
    let losses = [vec![32.0], vec![48.0], vec![56.0], vec![60.0], vec![62.0]];
    assert_losses(&w.build(), &scenario(&[(0, 0.5)]), &losses);
}

#[test]
fn a_start_stock_counts_once_and_is_lost_with_the_output() {
    // 10 a year and a stock of 6: x = 16, 10, 10. All output of t = 0 includes the stock.
    let mut w = World::new(1, 1, 1);
    w.beta(0, 0, 0, 10.0);
    w.start_stock = vec![6.0];
    w.x0 = vec![10.0];
    let losses = [vec![16.0], vec![10.0], vec![10.0]];
    assert_losses(&w.build(), &scenario(&[(0, 1.0)]), &losses);
}

#[test]
fn a_shocked_sector_still_loses_its_imports() {
    // A makes 40 and exports half to B; B makes 10 of its own and exports all to A. x = (50, 30):
    // A = 40 + B's exports (30 -> 30 * 1/3)? Kept simple: B exports half of what it has.
    // Fixed point of A = 40 + B/2, B = 10 + A/2: A = 60, B = 40.
    let mut w = World::new(2, 1, 1);
    w.beta(0, 0, 0, 40.0);
    w.beta(1, 0, 0, 10.0);
    w.eta_exp = vec![0.5, 0.5];
    w.trade(0, 0, 1, 1.0);
    w.trade(0, 1, 0, 1.0);
    w.x0 = vec![60.0, 40.0];
    let world = w.build();
    // B fails fully: t=0 loses 10; t=1 A misses 5; t=2 B misses 10 + 2.5 and A 5, and so on.
    let losses = [vec![0.0, 10.0], vec![5.0, 10.0], vec![5.0, 12.5], vec![6.25, 12.5]];
    assert_losses(&world, &scenario(&[(1, 1.0)]), &losses);
    // Both fail: 40 and 10 at once, then each misses half of the other's loss on top.
    let both = [vec![40.0, 10.0], vec![45.0, 30.0], vec![55.0, 32.5]];
    assert_losses(&world, &scenario(&[(0, 1.0), (1, 1.0)]), &both);
}

#[test]
fn totals_count_what_they_say() {
    // After three steps of the trade chain all three sectors have lost everything.
    let world = trade_chain();
    let shock = scenario(&[(0, 1.0)]);
    let reference = ReferenceEngine::new(&world, 3);
    let fast = fast_engines(&world, 3);
    for engine in fast.iter().map(Box::as_ref).chain([&reference as &dyn Engine]) {
        let totals = engine.run(std::slice::from_ref(&shock), 30.0, &|_| {})[0].clone();
        // Rows are above the threshold only, totals are over all.
        assert_eq!(totals.sectors, [0, 1]);
        assert_eq!(totals.totals.loss, 175.0);
        assert_eq!(totals.totals.loss_populated, 175.0);
        assert_eq!(totals.totals.above_marks, [3, 3, 3]);
        let largest = totals.totals.largest.expect("B loses");
        assert_eq!((largest.sector, largest.loss), (1, 50.0));
    }
}
