//! Changes ranked by what they cut: worked out by hand on a small world.

use crate::support::World;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::exposure::computed::{Setting, singles};
use shocksweep::low_level::exposure::{Chances, What};
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::mitigate::{
    CandidateKind, MitigateError, Mitigation, Question, mitigate,
};
use shocksweep::low_level::model::adaptation::AdaptationSettings;

/// Russia makes 100 and sells 30 to Egypt, 20 to Morocco; Argentina makes 80 and sells 10 to Egypt, 30 to
/// Morocco; Morocco makes 10.
fn wheat() -> Dataset {
    let mut w = World::new(4, 1, 1);
    w.x0 = vec![40.0, 100.0, 80.0, 60.0];
    w.eta_exp = vec![0.0, 0.5, 0.5, 0.0];
    w.beta(1, 0, 0, 100.0);
    w.beta(2, 0, 0, 80.0);
    w.beta(3, 0, 0, 10.0);
    w.trade(0, 1, 0, 0.6);
    w.trade(0, 1, 3, 0.4);
    w.trade(0, 2, 0, 0.25);
    w.trade(0, 2, 3, 0.75);
    w.build()
}

fn ask(budget: f64, steps: usize, area: usize) -> Result<Mitigation, MitigateError> {
    let world = wheat();
    let engine = CpuEngine::new(&world, steps);
    let setting = Setting { ways: Adaptation::Off, adaptation: AdaptationSettings::default() };
    let found = singles(&engine, &world, &What::Item(0), &setting, 0, &|_| {}).unwrap();
    let chances = Chances::uniform(found.failures.len());
    let question = Question { area, item: 0, budget, failures: 5, suppliers: 5, steps };
    mitigate(&world, (&found, &chances), &setting, &question)
}

#[test]
fn moves_and_reserves_by_hand() {
    // Over 4 steps Egypt loses 30 in three of them if Russia fails, 10 if Argentina does.
    let found = ask(12.0, 4, 0).unwrap();
    assert_eq!(found.failures.len(), 2, "Morocco sells it nothing");
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a}, not {b}");
    close(found.before.worst, 30.0 * 3.0 / 4.0);
    close(found.before.expected, (22.5 + 7.5) / 3.0);
    close(found.covered, 1.0);
    let of = |kind: CandidateKind, amount: f64| {
        let one =
            found.tried.iter().find(|t| t.candidate.kind == kind && t.candidate.amount == amount);
        one.unwrap_or_else(|| panic!("{kind:?} {amount}: {:?}", found.tried)).losses
    };
    // 12 of Russia's 30 come from Argentina: 18 and 22. What one costs less the other costs more.
    let moved = of(CandidateKind::Move { from: 1, to: 2 }, 12.0);
    close(moved.worst, 22.0 * 3.0 / 4.0);
    close(moved.expected, found.before.expected);
    // The other way round 10 is all there is to move.
    let moved = of(CandidateKind::Move { from: 2, to: 1 }, 10.0);
    close(moved.worst, 40.0 * 3.0 / 4.0);
    // A reserve of 12 covers 12 once, whatever fails.
    let held = of(CandidateKind::Reserve, 12.0);
    close(held.worst, (90.0 - 12.0) / 4.0);
    close(held.expected, ((90.0 - 12.0) / 4.0 + (30.0 - 12.0) / 4.0) / 3.0);
    let held = of(CandidateKind::Reserve, 3.0);
    close(held.worst, (90.0 - 3.0) / 4.0);
    // Reserves cut (3/4 each for both failures) / 3 / amount = 1/6 a tonne; moves nothing of the expected.
    assert_eq!(found.tried[0].candidate.kind, CandidateKind::Reserve);
    assert_eq!(found.tried.len(), 5);
    assert_eq!(found.runs, 6 * 2);
}

#[test]
fn what_has_no_answer() {
    let message = |asked: Result<Mitigation, MitigateError>| asked.unwrap_err().to_string();
    assert!(message(ask(0.0, 3, 0)).contains("budget is 0; expected an amount above 0"));
    assert!(message(ask(f64::NAN, 3, 0)).contains("budget is NaN"));
    // Russia imports nothing; alone its own failure costs it anything, and nobody else can sell.
    let own = ask(5.0, 3, 1).unwrap();
    assert_eq!(own.tried.len(), 3, "reserves alone: {:?}", own.tried);
}
