//! Exposure: worked out by hand, against the engine's losses, and from a folder as on the spot.

use crate::common;
use crate::support::World;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::exposure::answer::{Asked, From, area, failures};
use shocksweep::low_level::exposure::computed::{Setting, singles};
use shocksweep::low_level::exposure::rankings::{exposures, influence, vulnerability};
use shocksweep::low_level::exposure::rows::routes;
use shocksweep::low_level::exposure::why::steps::By;
use shocksweep::low_level::exposure::why::{Source, Target, Why, why};
use shocksweep::low_level::exposure::{Chances, What};
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::measure::{Measure, MeasureKind};
use shocksweep::low_level::model::adaptation::{AdaptationSettings, MissingRule};
use shocksweep::low_level::model::constants::OVERSHOOT_MULTIPLE;
use shocksweep::low_level::model::losses::runs_away;
use shocksweep::low_level::scenario::{Scenario, ScenarioId, Shock, ShockKind};

const OFF: Setting = Setting {
    ways: Adaptation::Off,
    adaptation: AdaptationSettings {
        thresholds: shocksweep::low_level::model::adaptation::Thresholds {
            relative: 0.26,
            absolute: 1000.0,
        },
        adaptation_step: 1,
        substitution_step: 2,
        substitution: true,
        missing_rule: MissingRule::Published,
        substitute_conflict: shocksweep::low_level::model::adaptation::SubstituteConflict::Last,
        output_cap: None,
    },
};

/// Grain is grown in A (100) and B (60); A sells 40 to C and 10 to B; B sells 20 to C. C feeds half of its
/// grain to poultry, 0.5 per unit, and sells half of the poultry to D.
///
/// Items: 0 grain, 1 poultry. x: A grain 100; B grain 70; C grain 60, poultry 15; D poultry 7.5.
fn chain() -> Dataset {
    let mut w = World::new(4, 2, 2);
    let s = |area: usize, item: usize| area * 2 + item;
    w.x0 = vec![100.0, 0.0, 70.0, 0.0, 60.0, 15.0, 0.0, 7.5];
    w.beta(0, 0, 0, 100.0);
    w.beta(1, 0, 0, 60.0);
    w.eta_exp[s(0, 0)] = 0.5;
    w.eta_exp[s(1, 0)] = 2.0 / 7.0;
    w.trade(0, 0, 2, 0.8);
    w.trade(0, 0, 1, 0.2);
    w.trade(0, 1, 2, 1.0);
    w.eta_prod[s(2, 0)] = 0.5;
    w.nu(2, 1, 0, 1.0);
    w.alpha(2, 1, 1, 0.5);
    w.eta_exp[s(2, 1)] = 0.5;
    w.trade(1, 2, 3, 1.0);
    w.build()
}

fn static_run(shocks: &[(u32, f64)]) -> Scenario {
    let shocks = shocks.iter().map(|&(s, phi)| Shock::new(s, phi)).collect();
    Scenario { id: ScenarioId(0), shocks, adaptation: None }
}

fn close(found: f64, expected: f64) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= 1e-12 * scale, "{found}, not {expected}");
}

#[test]
fn a_loss_is_taken_apart_by_hand() {
    // A's grain fails wholly. C loses what A sold it, 40, and of what B lost, 10, what B passes on: 20/7.
    let world = chain();
    let engine = ReferenceEngine::new(&world, 5);
    let found = why(&engine, &static_run(&[(0, 1.0)]), |_| Target::sector(4)).unwrap();
    let lost = 40.0 + 20.0 / 7.0;
    for (t, loss) in [0.0, 40.0, lost, lost, lost].into_iter().enumerate() {
        close(found.losses[t], loss);
    }
    let last: Vec<(By, f64)> =
        found.steps.iter().filter(|r| r.step == 4).map(|r| (r.by, r.loss)).collect();
    assert_eq!(last.len(), 2);
    assert_eq!(last[0].0, By::Trade { from: 0 });
    close(last[0].1, 40.0);
    assert_eq!(last[1].0, By::Trade { from: 2 });
    close(last[1].1, 20.0 / 7.0);
    assert_eq!(found.origins.len(), 1);
    assert_eq!((found.origins[0].sector, found.origins[0].source), (0, Source::Shock));
    close(found.origins[0].loss, lost);
    let ways: Vec<(&[u32], f64)> =
        found.routes.largest.iter().map(|r| (r.sectors.as_slice(), r.loss)).collect();
    assert_eq!(ways.len(), 2);
    assert_eq!((ways[0].0, ways[1].0), (&[0, 4][..], &[0, 2, 4][..]));
    close(ways[0].1, 40.0);
    close(ways[1].1, 20.0 / 7.0);
    // D's poultry: a quarter of half of C's loss, two steps later, by feed.
    let found = why(&engine, &static_run(&[(0, 1.0)]), |_| Target::sector(7)).unwrap();
    close(found.losses[4], lost / 8.0);
    let way = &found.routes.largest[0];
    assert_eq!(way.sectors, [0, 4, 5, 7]);
    close(way.loss, 5.0);
    // Poultry itself: the process and its input are named.
    let found = why(&engine, &static_run(&[(0, 1.0)]), |_| Target::sector(5)).unwrap();
    let row = found.steps.iter().find(|r| r.step == 4).unwrap();
    let process = world.dimensions().process_column(2, 1) as u32;
    assert_eq!(row.by, By::Production { from: 4, process });
    close(row.before, 15.0);
    close(row.loss, lost / 4.0);
}

#[test]
fn shocks_bans_and_partial_failures_are_sources() {
    let world = chain();
    let engine = ReferenceEngine::new(&world, 4);
    // Half of C's poultry fails while A's grain fails: production counts half.
    let found = why(&engine, &static_run(&[(0, 1.0), (5, 0.5)]), |_| Target::sector(5)).unwrap();
    let feed = (40.0 + 20.0 / 7.0) / 4.0;
    close(found.losses[3], 7.5 + 0.5 * feed);
    let of = |source: Source, sector: u32| {
        let found = found.origins.iter().find(|o| o.source == source && o.sector == sector);
        found.map(|o| o.loss).unwrap()
    };
    close(of(Source::Shock, 5), 7.5);
    close(of(Source::Shock, 0), 0.5 * feed);
    // A keeps its grain: C loses 40 by the ban, and B's 10 on the way.
    let ban = Shock { kind: ShockKind::ExportBan, ..Shock::new(0, 1.0) };
    let scenario = Scenario { id: ScenarioId(0), shocks: vec![ban], adaptation: None };
    let found = why(&engine, &scenario, |_| Target::sector(4)).unwrap();
    close(found.losses[3], 40.0 + 20.0 / 7.0);
    assert!(found.origins.iter().all(|o| o.source == Source::Ban), "{:?}", found.origins);
    assert_sums(&found, ROUNDING);
}

#[test]
fn what_has_run_away_is_no_part_of_what_an_area_loses() {
    // Nobody sells grain to C: A's 50 go to B, which keeps what it sold. B ends with 110 / (1 - 2/7), 2.2 times
    // its 70; C lacks 60, and the half of it that fed poultry.
    let world = chain();
    let engine = ReferenceEngine::new(&world, 40);
    let ban = Shock { kind: ShockKind::ImportBan { reroute: true }, ..Shock::new(4, 1.0) };
    let scenario = Scenario { id: ScenarioId(0), shocks: vec![ban], adaptation: None };
    let found = why(&engine, &scenario, |_| Target::sector(2)).unwrap();
    close(found.losses[39], 70.0 - 110.0 / (1.0 - 2.0 / 7.0));
    assert_eq!(found.runaway, [2]);
    let mass = Measure::of(MeasureKind::Mass, &world).unwrap();
    let of_area = |area: usize| {
        why(&engine, &scenario, |run| {
            Target::area(&world, &mass, area, run, MissingRule::Published)
        })
        .unwrap()
    };
    assert_eq!(of_area(1).losses[39], 0.0, "B has grain alone, and that has run away");
    let of_c = of_area(2);
    assert!(of_c.losses[39] > 0.0 && of_c.runaway == [2]);
    assert_sums(&of_c, ROUNDING);
    let rows = routes(&world, &found, false, "t");
    assert!(rows[0].runaway, "its largest way ends in what has run away");
    assert!(routes(&world, &of_c, false, "t").iter().any(|row| !row.runaway && row.loss > 0.0));
}

/// The three ways of taking a loss apart sum to it: to 1e-9 of the loss, and `rounding` of the amounts that it
/// is the difference of.
fn assert_sums(found: &Why, rounding: f64) {
    let last = found.losses.len() - 1;
    let flows: f64 = found.steps.iter().map(|r| r.before.abs() + r.now.abs() + r.loss.abs()).sum();
    let close = |sum: f64, loss: f64, what: &str| {
        let within = 1e-9 * loss.abs() + rounding * flows;
        assert!((sum - loss).abs() <= within, "{what}: {sum}, {loss}, amounts of {flows}");
    };
    for (t, &loss) in found.losses.iter().enumerate() {
        let sum: f64 = found.steps.iter().filter(|r| r.step == t).map(|r| r.loss).sum();
        close(sum + if t == last { found.constant } else { 0.0 }, loss, "last step");
    }
    let origins: f64 = found.origins.iter().map(|o| o.loss).sum();
    close(origins + found.constant, found.losses[last], "origins");
    let routes: f64 = found.routes.largest.iter().map(|r| r.loss).sum();
    close(routes + found.routes.others + found.constant, found.losses[last], "routes");
}

/// What rounding leaves of amounts, in worlds whose losses may be any part of them.
const ROUNDING: f64 = 1e-13;

#[test]
fn losses_are_taken_apart_whatever_happens() {
    let options = SynthOptions { areas: 12, items: 10, seed: 3 };
    let world = synthesize(&options).unwrap();
    let dims = world.dimensions();
    let engine = ReferenceEngine::new(&world, 8);
    let producers = world.parameters.producers();
    let some: Vec<u32> = (0..dims.sectors() as u32).filter(|&s| producers[s as usize]).collect();
    let low = AdaptationSettings {
        thresholds: shocksweep::low_level::model::adaptation::Thresholds {
            relative: 0.05,
            absolute: 1.0,
        },
        ..AdaptationSettings::default()
    };
    let capped = AdaptationSettings { output_cap: Some(1.02), ..low };
    let mut seen = std::collections::BTreeSet::new();
    for (n, adaptation) in [None, Some(low), Some(capped)].into_iter().enumerate() {
        let first = some[7 * n + 1];
        let ban = Shock { kind: ShockKind::ExportBan, ..Shock::new(some[40 + n], 0.7) };
        let mut shocks = vec![Shock::new(first, 1.0), Shock::new(some[30], 0.4), ban];
        shocks.sort_by_key(|s| s.sector);
        let scenario = Scenario { id: ScenarioId(0), shocks, adaptation };
        let losses =
            engine.losses(std::slice::from_ref(&scenario), &[7], 0.0, &|_| {}).unwrap().first();
        assert!(losses.sectors.len() > 20);
        for (&sector, &loss) in losses.sectors.iter().zip(&losses.losses).step_by(5) {
            let found = why(&engine, &scenario, |_| Target::sector(sector)).unwrap();
            assert_eq!(found.losses[7], loss, "the loss is the engine's");
            assert_sums(&found, ROUNDING);
            seen.extend(found.origins.iter().map(|o| o.source));
        }
    }
    for source in [Source::Shock, Source::Adaptation, Source::Ban, Source::Cap] {
        assert!(seen.contains(&source), "{source:?} never arose: {seen:?}");
    }
}

#[test]
fn an_area_in_a_measure_loses_what_its_items_do() {
    let world = synthesize(&SynthOptions { areas: 12, items: 10, seed: 3 }).unwrap();
    let dims = world.dimensions();
    let kcal = Measure::of(MeasureKind::Kcal, &world).unwrap();
    let engine = ReferenceEngine::new(&world, 8);
    let low = AdaptationSettings {
        thresholds: shocksweep::low_level::model::adaptation::Thresholds {
            relative: 0.02,
            absolute: 1.0,
        },
        ..AdaptationSettings::default()
    };
    let producers = world.parameters.producers();
    let failing = (0..dims.sectors() as u32).filter(|&s| producers[s as usize]);
    let (mut adapted, mut compared) = (0, 0);
    for sector in failing.step_by(7) {
        let scenario = static_run(&[(sector, 1.0)]).with_adaptation(Some(low));
        let outcome =
            engine.losses(std::slice::from_ref(&scenario), &[7], 0.0, &|_| {}).unwrap().first();
        let hits: Vec<_> = outcome
            .events
            .iter()
            .filter(|e| e.kind == shocksweep::low_level::engine::EventKind::Adapting)
            .map(|e| e.hit)
            .collect();
        let shares = kcal.adapted_shares(hits.into_iter(), MissingRule::Published, &world);
        let area = dims.area_of(sector as usize);
        let xb = engine.baseline().last();
        let of_area: Vec<(u32, f64)> = (0..dims.items)
            .map(|item| {
                let s = dims.sector(area, item) as u32;
                let at = outcome.sectors.binary_search(&s);
                (s, at.map_or(0.0, |at| outcome.losses[at]))
            })
            .filter(|&(s, al)| !runs_away(al, xb[s as usize], OVERSHOOT_MULTIPLE))
            .collect();
        let value = |&(s, al): &(u32, f64)| {
            kcal.loss(s as usize, xb[s as usize], al, shares.get(&s).copied())
        };
        let population = world.labels.areas[area].population.unwrap();
        let expected: f64 = of_area.iter().map(value).map(|v| kcal.per_person(v, population)).sum();
        let found = why(&engine, &scenario, |run| {
            Target::area(&world, &kcal, area, run, MissingRule::Published)
        })
        .unwrap();
        let loss = found.losses[7];
        let has: f64 = (0..dims.items)
            .map(|item| kcal.baseline(dims.sector(area, item), xb[dims.sector(area, item)]))
            .map(|v| kcal.per_person(v, population))
            .sum();
        let within = 1e-9 * expected.abs() + 1e-12 * has;
        assert!((loss - expected).abs() <= within, "{loss}, {expected}");
        assert_sums(&found, ROUNDING);
        adapted += usize::from(found.constant != 0.0);
        compared += usize::from(expected != 0.0);
    }
    assert!(adapted > 0 && compared > 5, "{adapted} of {compared}");
}

#[test]
fn exposure_of_a_small_world() {
    let world = chain();
    let engine = CpuEngine::new(&world, 6);
    let grain = What::Item(0);
    let asked = Asked {
        dataset: &world,
        engine: &engine,
        setting: OFF,
        what: &grain,
        probabilities: None,
        progress: &|_| {},
    };
    let found = failures(&asked, From::Spot, Some(2), 3).unwrap();
    // A grain, B grain, C poultry can fail.
    let sectors: Vec<u32> = found.singles.failures.iter().map(|f| f.sector).collect();
    assert_eq!(sectors, [0, 2, 5]);
    let of_c = area(&asked, &found, 2, 3, 0.5).unwrap();
    let profile = &of_c.profile;
    assert_eq!((profile.supply, profile.unit.as_str()), (60.0, "t"));
    let losses: Vec<(u32, f64)> =
        profile.sources.iter().map(|s| (s.sector, s.loss[0].unwrap())).collect();
    assert_eq!(losses.len(), 2);
    let from_a = 40.0 + 20.0 / 7.0;
    let from_b = 120.0 / 7.0;
    assert_eq!((losses[0].0, losses[1].0), (0, 2));
    close(losses[0].1, from_a);
    close(losses[1].1, from_b);
    close(profile.sources[0].bought, 40.0);
    close(profile.sources[0].bought_share, 2.0 / 3.0);
    close(profile.sources[1].bought, 20.0);
    let risk = profile.risk[0].unwrap();
    close(risk.expected, (from_a + from_b) / 3.0);
    close(risk.worst, from_a);
    // The worse half: A's third, and a sixth of B's.
    close(risk.expected_shortfall, (from_a / 3.0 + from_b / 6.0) / 0.5);
    assert_eq!(profile.risk[1], None);
    let shares = [from_a / (from_a + from_b), from_b / (from_a + from_b)];
    close(profile.concentration[0].unwrap(), shares[0] * shares[0] + shares[1] * shares[1]);
    // B loses 60 of its own failure and 10 by A's: it shares with C A's 10/70 and B's share in C.
    let b = profile.alike.iter().find(|(area, _)| *area == 1).unwrap();
    close(b.1, (1.0f64 / 7.0).min(shares[0]) + (6.0f64 / 7.0).min(shares[1]));
    // Both grains fail: C has none. The sum of each alone is just that.
    let pair = of_c.pairs.iter().find(|p| p.sectors == [0, 2]).unwrap();
    close(pair.joint[0].unwrap(), 60.0);
    close(pair.beyond(0).unwrap(), 60.0 - from_a - from_b);
    assert_eq!(of_c.pairs.len(), 1, "of the two that cost it anything");
    close(of_c.pair_risk[0].unwrap().expected, 60.0);
}

#[test]
fn tables_of_all_areas_rank_and_are_complete() {
    let world = synthesize(&SynthOptions { areas: 20, items: 12, seed: 5 }).unwrap();
    let engine = CpuEngine::new(&world, 6);
    let kcal = What::Measure(Measure::of(MeasureKind::Kcal, &world).unwrap());
    let setting = Setting { ways: Adaptation::Both, ..OFF };
    let found = singles(&engine, &world, &kcal, &setting, 4, &|_| {}).unwrap();
    let chances = Chances::uniform(found.failures.len());
    let rows = exposures(&world, (&found, &kcal), 4);
    assert!(rows.len() > 100);
    for ranked in
        rows.chunk_by(|a, b| (&a.area, &a.item, a.adaptation) == (&b.area, &b.item, b.adaptation))
    {
        assert!(ranked.len() <= 4);
        assert!(ranked.iter().enumerate().all(|(n, row)| row.rank == n as i32 + 1));
        assert!(ranked.windows(2).all(|w| w[0].loss >= w[1].loss) && ranked[0].loss > 0.0);
    }
    // The largest of an item is the engine's own.
    let row =
        rows.iter().find(|row| row.item.is_some() && !row.adaptation && row.rank == 1).unwrap();
    let index = shocksweep::low_level::dataset::names::NameIndex::new(&world.labels);
    let target = index.sector(&row.area, row.item.as_ref().unwrap()).unwrap() as u32;
    let source = index.sector(&row.source_area, &row.source_item).unwrap() as u32;
    let reference = ReferenceEngine::new(&world, 6);
    let outcome = reference.losses(&[static_run(&[(source, 1.0)])], &[5], 0.0, &|_| {});
    let outcome = outcome.unwrap().first();
    let at = outcome.sectors.binary_search(&target).unwrap();
    assert!((outcome.losses[at] - row.loss).abs() <= 1e-9 * row.loss);

    let areas = vulnerability(&world, (&found, &kcal), &chances, 0.95);
    assert_eq!(areas.len(), 2 * world.labels.areas.len());
    assert!(areas.iter().all(|a| a.expected_shortfall >= a.value_at_risk - 1e-12));
    let sectors = influence(&world, (&found, &kcal), &chances);
    assert_eq!(sectors.len(), 2 * found.failures.len());
    // What all lose is what all expect, person by person.
    let people = |name: &str| {
        let area = world.labels.areas.iter().find(|a| a.name == name).unwrap();
        area.population.unwrap_or(0.0)
    };
    let all: f64 = world.labels.areas.iter().filter_map(|a| a.population).sum();
    let expected: f64 =
        areas.iter().filter(|a| !a.adaptation).map(|a| a.expected * people(&a.area)).sum::<f64>()
            / all;
    let lost: f64 = sectors.iter().filter(|s| !s.adaptation).map(|s| s.loss * s.probability).sum();
    assert!((expected - lost).abs() <= 1e-9 * expected.abs(), "{expected}, {lost}");
}

#[test]
fn a_folder_answers_as_the_spot_does() {
    use shocksweep::{Job, Plan, RunOptions, ScenarioSet, Silent};
    let folder = tempfile::tempdir().unwrap();
    let world =
        std::sync::Arc::new(synthesize(&SynthOptions { areas: 20, items: 12, seed: 5 }).unwrap());
    let mut job = Job::new(ScenarioSet::AllSingle);
    job.adaptation = Some(Adaptation::Both);
    job.steps = 6;
    job.output.folder = Some(folder.path().join("result"));
    let plan = Plan::on(world.clone(), &job).unwrap();
    shocksweep::run(&plan, &RunOptions::new(), &Silent).unwrap();
    let engine = CpuEngine::new(&world, 6);
    let setting = Setting { ways: Adaptation::Both, ..OFF };
    for what in [
        What::Measure(Measure::of(MeasureKind::Kcal, &world).unwrap()),
        What::Measure(Measure::of(MeasureKind::Mass, &world).unwrap()),
        What::Item(3),
    ] {
        let asked = Asked {
            dataset: &world,
            engine: &engine,
            setting,
            what: &what,
            probabilities: None,
            progress: &|_| {},
        };
        let spot = failures(&asked, From::Spot, Some(4), 3).unwrap().singles;
        let read = failures(&asked, From::Result(&folder.path().join("result")), Some(4), 3);
        let read = read.unwrap().singles;
        let of = |s: &shocksweep::low_level::exposure::Singles| -> Vec<u32> {
            s.failures.iter().map(|f| f.sector).collect()
        };
        assert_eq!(of(&spot), of(&read));
        assert_eq!(spot.runaway, read.runaway);
        let mut compared = 0;
        for way in 0..2 {
            for failure in 0..spot.failures.len() {
                for area in 0..world.labels.areas.len() {
                    let (a, b) = (spot.loss(way, failure, area), read.loss(way, failure, area));
                    assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-3), "{a}, {b}");
                    compared += usize::from(a != 0.0);
                }
            }
        }
        assert!(compared > 100, "{compared}");
    }
    let protein = Measure::of(MeasureKind::Protein, &world);
    if let Some(protein) = protein {
        let what = What::Measure(protein);
        let asked = Asked {
            dataset: &world,
            engine: &engine,
            setting,
            what: &what,
            probabilities: None,
            progress: &|_| {},
        };
        let error = failures(&asked, From::Result(&folder.path().join("result")), None, 0);
        assert!(error.unwrap_err().to_string().contains("without --result"));
    }
}

#[test]
fn probabilities_and_their_slips() {
    let world = chain();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chances.csv");
    let engine = CpuEngine::new(&world, 6);
    let found = singles(&engine, &world, &What::Item(0), &OFF, 0, &|_| {}).unwrap();
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Chances::read(&path, &world, &found.failures)
    };
    let chances = read("area,item,probability\nArea 000,Item 000,0.02\n*,Item 001,0.01\n").unwrap();
    assert_eq!(chances.of, [0.02, 0.0, 0.01]);
    close(chances.none, 0.97);
    let message = |text: &str| read(text).unwrap_err().to_string();
    assert!(message("area,item\nx,y\n").contains("column `probability` is missing"));
    assert!(
        message("area,item,probability\nNowhere,Item 000,0.1\n").contains("row 1: unknown area")
    );
    assert!(message("area,item,probability\nArea 000,Item 000,1.5\n").contains("expected 0 to 1"));
    let all = message("area,item,probability\n*,*,0.5\n");
    assert!(all.contains("sum to 1.5"), "{all}");
    assert!(message("area,item,probability\nArea 003,Item 000,0.5\n").contains("no failure has"));
}

/// On the data of 2020: a loss of every kind of sector, and a whole area's food, taken apart.
#[test]
fn losses_of_the_real_world_are_taken_apart() {
    let Some(shared) = common::shared("losses of the real world are taken apart") else { return };
    let world = import(&shared.join("data/food2020"), &ImportOptions::default()).unwrap();
    let index = shocksweep::low_level::dataset::names::NameIndex::new(&world.labels);
    let sector = |area: &str, item: &str| index.sector(area, item).unwrap() as u32;
    let engine = ReferenceEngine::new(&world, 10);
    let shocks = [
        Shock::new(sector("Russian Federation", "Wheat and products"), 1.0),
        Shock::new(sector("Ukraine", "Wheat and products"), 1.0),
        Shock::new(sector("India", "Rice and products"), 1.0),
    ];
    let kcal = Measure::of(MeasureKind::Kcal, &world).unwrap();
    for adaptation in [None, Some(AdaptationSettings::default())] {
        let scenario = Scenario::new(ScenarioId(0), shocks.to_vec(), &world.labels).unwrap();
        let scenario = scenario.with_adaptation(adaptation);
        let egypt = index.area("Egypt").unwrap();
        for target in [sector("Egypt", "Wheat and products"), sector("Bangladesh", "Poultry Meat")]
        {
            let found = why(&engine, &scenario, |_| Target::sector(target)).unwrap();
            assert!(found.losses[9] != 0.0);
            assert_sums(&found, 0.0);
        }
        let found = why(&engine, &scenario, |run| {
            Target::area(&world, &kcal, egypt, run, MissingRule::Published)
        });
        let found = found.unwrap();
        assert!(found.losses[9] > 0.0);
        assert_sums(&found, 0.0);
    }
}
