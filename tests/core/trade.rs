//! Trade risk by sweep: engines against the plain recursion, a closed form, and what must not matter.

use std::sync::Arc;

use shocksweep::low_level::dataset::check::check;
use shocksweep::low_level::job::EngineKind;
use shocksweep::low_level::model::{Baseline, step};
use shocksweep::low_level::trade::dataset::dataset;
use shocksweep::low_level::trade::sweep::{Machine, year};
use shocksweep_trade::balance::Balance;
use shocksweep_trade::indicators::YearIndicators;
use shocksweep_trade::links::Chosen;
use shocksweep_trade::panel::Panel;
use shocksweep_trade::recursion;
use shocksweep_trade::study::{Settings, Study};
use shocksweep_trade::synth;

fn study(panel: &Panel, rho: f64) -> Study<'_> {
    // Six years are too few to test a link: all candidates are taken.
    let settings = Settings { reexport_share: rho, links: Chosen::All, ..Settings::default() };
    Study::new(panel, &synth::candidates(panel), None, settings)
}

fn by(study: &Study<'_>, at: usize, engine: EngineKind) -> YearIndicators {
    let machine = Machine { engine: Some(engine), ..Machine::default() };
    year(study, at, &machine, false, &|| false, &|_| {}).unwrap().0
}

/// A panel of the last years of the built-in one, and of a few items.
fn small() -> Panel {
    let mut panel = synth::synthesize(3);
    panel.years.drain(..panel.years.len() - 6);
    panel.about.first_year = panel.years[0].year;
    panel
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 + 1e-9 * b.abs(),
        (a, b) => a == b,
    }
}

#[test]
fn engines_agree_with_the_plain_recursion() {
    let panel = small();
    for rho in [0.0, 1.0] {
        let study = study(&panel, rho);
        let at = panel.years.len() - 1;
        let (balance, parameters) = study.model(at);
        let plain = study
            .year(at, &balance, &mut |failures, take| {
                for &failure in failures {
                    let lost = recursion::losses(&balance, &parameters, failure, 10);
                    let losses: Vec<(usize, usize, f64)> = lost
                        .iter()
                        .enumerate()
                        .filter(|(_, lost)| **lost > 0.0)
                        .map(|(s, &lost)| (s / balance.areas, s % balance.areas, lost))
                        .collect();
                    take(failure, &losses);
                }
                Ok(())
            })
            .unwrap();
        for engine in [EngineKind::Cpu, EngineKind::Reference] {
            let found = by(&study, at, engine);
            assert_eq!(found.rows.len(), plain.rows.len());
            assert!(found.rows.iter().any(|row| row.str_inputs.is_some_and(|v| v > 0.01)));
            for (a, b) in found.rows.iter().zip(&plain.rows) {
                let pairs = [
                    (a.str_own, b.str_own),
                    (a.str_inputs, b.str_inputs),
                    (a.str, b.str),
                    (a.influence, b.influence),
                    (a.influence_own, b.influence_own),
                ];
                for (found, plain) in pairs {
                    assert!(
                        near(found, plain),
                        "{engine:?} {} {}: {found:?} {plain:?}",
                        a.area,
                        a.item
                    );
                }
            }
        }
    }
}

#[test]
fn items_alone_lose_what_the_reference_engine_says() {
    let panel = small();
    let at = panel.years.len() - 1;
    for rho in [0.0, 0.7] {
        // One link: a pair by the engine, all others alone.
        let candidates = &synth::candidates(&panel)[..1];
        let settings = Settings { reexport_share: rho, links: Chosen::All, ..Settings::default() };
        let study = Study::new(&panel, candidates, None, settings);
        let (alone, plain) =
            (by(&study, at, EngineKind::Cpu), by(&study, at, EngineKind::Reference));
        assert_eq!(alone.rows.len(), plain.rows.len());
        let mut compared = 0;
        for (a, b) in alone.rows.iter().zip(&plain.rows) {
            assert!(near(a.str_own, b.str_own), "{a:?} {b:?}");
            assert!(near(a.influence_own, b.influence_own) && near(a.influence, b.influence));
            assert!(near(a.loss_abroad, b.loss_abroad) && near(a.str_inputs, b.str_inputs));
            compared += usize::from(a.str_own > a.str_direct);
        }
        assert!(compared > 100, "{compared}");
    }
}

#[test]
fn what_is_possessed_is_a_fixed_point() {
    let panel = small();
    for rho in [0.0, 0.5, 1.0] {
        let study = study(&panel, rho);
        assert!(!study.links.is_empty());
        for at in 0..panel.years.len() {
            let (balance, parameters) = study.model(at);
            let world = dataset(&panel, &balance, &parameters);
            assert_eq!(check(&world).failed(), 0);
            let p = &world.parameters;
            let first = step::available(&step::output(p, &p.x0, 0), &step::imports(p, &p.x0));
            for (found, x0) in first.iter().zip(&p.x0) {
                assert!((found - x0).abs() <= 1e-12 * x0, "{found} instead of {x0}");
            }
            let baseline = Baseline::compute(p, 10);
            for (found, x0) in baseline.last().iter().zip(&p.x0) {
                assert!(
                    (found - x0).abs() <= 1e-11 * x0,
                    "{found} instead of {x0} after ten steps"
                );
            }
            for sum in p.trade_t.column_sums().iter().chain(&p.allocation_nu.column_sums()) {
                assert!(*sum == 0.0 || (sum - 1.0).abs() < 1e-12);
            }
        }
    }
}

/// Without links an item is its own small system. Where nobody passes on what was imported, two steps
/// are all: STR_own = STR_direct.
#[test]
fn trade_risk_has_a_closed_form_where_nothing_is_passed_on() {
    let mut panel = small();
    panel.years.truncate(1);
    // Exporters export to importers that export nothing.
    let year = &mut panel.years[0];
    let mut starts = vec![0];
    let mut flows = Vec::new();
    for p in 0..panel.items.len() {
        let of = |flow: &&shocksweep_trade::panel::Flow| {
            flow.exporter.is_multiple_of(2) && !flow.importer.is_multiple_of(2)
        };
        flows.extend(year.flows[year.starts[p]..year.starts[p + 1]].iter().filter(of).copied());
        starts.push(flows.len());
    }
    assert!(flows.len() > 300);
    (year.flows, year.starts) = (flows, starts);
    let study = Study::new(&panel, &[], None, Settings::default());
    let found = by(&study, 0, EngineKind::Cpu);
    let mut compared = 0;
    for row in &found.rows {
        assert!(near(row.str_own, row.str_direct), "{row:?}");
        assert!(near(row.influence_own, row.influence_direct), "{row:?}");
        assert_eq!(row.str_inputs, Some(0.0));
        compared += usize::from(row.str_own.is_some_and(|v| v > 0.0));
    }
    assert!(compared > 100);
}

#[test]
fn renaming_areas_changes_no_number() {
    let panel = small();
    // The areas in reverse order of their names.
    let n = panel.areas.len() as u16;
    let mut other = panel.clone();
    other.areas = (0..n).map(|at| Arc::from(format!("{at:03}"))).collect();
    for year in &mut other.years {
        let mut flows = Vec::new();
        for p in 0..panel.items.len() {
            let mut of_item = year.of(p).to_vec();
            for flow in &mut of_item {
                (flow.exporter, flow.importer) = (n - 1 - flow.exporter, n - 1 - flow.importer);
            }
            of_item.sort_by_key(|flow| (flow.exporter, flow.importer));
            flows.extend(of_item);
        }
        year.flows = flows;
        year.exports.reverse();
    }
    let at = panel.years.len() - 1;
    let (a, b) = (
        by(&study(&panel, 0.0), at, EngineKind::Cpu),
        by(&study(&other, 0.0), at, EngineKind::Cpu),
    );
    assert_eq!(a.rows.len(), b.rows.len());
    for (row, &(p, c)) in a.rows.iter().zip(&a.sectors) {
        let renamed = b.get(p, usize::from(n) - 1 - c).unwrap();
        for (x, y) in [
            (row.str, renamed.str),
            (row.influence, renamed.influence),
            (row.trade_risk, renamed.trade_risk),
            (row.concentration, renamed.concentration),
            (row.rca, renamed.rca),
        ] {
            assert!(near(x, y), "{row:?} {renamed:?}");
        }
    }
}

#[test]
fn doubled_amounts_change_no_share_and_other_years_do_not_matter() {
    let panel = small();
    let at = panel.years.len() - 1;
    let plain = by(&study(&panel, 0.0), at, EngineKind::Cpu);
    let links = study(&panel, 0.0).links;
    let mut doubled = panel.clone();
    let year = &mut doubled.years[at];
    year.flows.iter_mut().for_each(|flow| flow.value *= 2.0);
    year.exports.iter_mut().for_each(|exports| *exports *= 2.0);
    year.total *= 2.0;
    let mut study_of_doubled = study(&doubled, 0.0);
    study_of_doubled.links.clone_from(&links);
    let twice = by(&study_of_doubled, at, EngineKind::Cpu);
    let mut alone = panel.clone();
    alone.years.drain(..at);
    let mut study_of_one = study(&alone, 0.0);
    study_of_one.links.clone_from(&links);
    let single = by(&study_of_one, 0, EngineKind::Cpu);
    assert_eq!(single.rows, plain.rows);
    for (a, b) in plain.rows.iter().zip(&twice.rows) {
        assert_eq!(2.0 * a.exports, b.exports);
        assert_eq!((a.exposure, a.concentration, a.rca), (b.exposure, b.concentration, b.rca));
        // Doubling is exact in binary.
        assert_eq!((a.str, a.influence, a.pagerank), (b.str, b.influence, b.pagerank));
    }
}

#[test]
fn undefined_is_null_and_never_zero() {
    let mut panel = small();
    // Nobody sells to the first exporter of the first item that is traded.
    let year = &mut panel.years[0];
    let item = (0..panel.items.len()).find(|&p| !year.of(p).is_empty()).unwrap();
    let exporter = year.of(item)[0].exporter;
    let kept: Vec<_> = year.of(item).iter().filter(|f| f.importer != exporter).cloned().collect();
    let range = year.starts[item]..year.starts[item + 1];
    let fewer = range.len() - kept.len();
    year.flows.splice(range, kept);
    year.starts[item + 1..].iter_mut().for_each(|start| *start -= fewer);
    let found = by(&study(&panel, 0.0), 0, EngineKind::Cpu);
    let balance = Balance::of(&panel, 0, 0.0);
    let mut without = 0;
    for (row, &(p, c)) in found.rows.iter().zip(&found.sectors) {
        let imports = balance.imports[balance.at(p, c)];
        assert_eq!(row.concentration.is_none(), imports == 0.0);
        assert_eq!(row.top_share.is_none(), imports == 0.0);
        assert!(row.in_strength.is_none() && row.str_stability.is_none());
        without += usize::from(imports == 0.0);
        for value in [row.exposure, row.str, row.rca, row.influence_own, row.influence] {
            assert!(value.is_none_or(f64::is_finite));
        }
    }
    let traded = |p: usize, c: usize| {
        let s = balance.at(p, c);
        balance.exports[s] + balance.imports[s] > 0.0
    };
    for p in 0..panel.items.len() {
        for c in 0..panel.areas.len() {
            assert_eq!(found.get(p, c).is_some(), traded(p, c));
        }
    }
    assert!(without > 0);
}
