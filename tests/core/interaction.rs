//! The interaction of shocks against its definition: joint runs minus single runs.

use std::collections::BTreeSet;

use crate::common::shared;
use crate::golden::{golden_decisions, golden_losses, golden_scenarios};
use crate::support::{Numbers, adaptive_world, fed, small_settings, two_in_a_row};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::{self, ReferenceEngine};
use shocksweep::low_level::engine::{Engine, Event, EventKind, Sums};
use shocksweep::low_level::interaction;
use shocksweep::low_level::interaction::meeting::Meeting;
use shocksweep::low_level::interaction::pairs::PairWork;
use shocksweep::low_level::interaction::plain::{self, Traced};
use shocksweep::low_level::interaction::single::{Setting, SingleWork, singles};
use shocksweep::low_level::interaction::tables::InteractionTables;
use shocksweep::low_level::interaction::told::Telling;
use shocksweep::low_level::model::Baseline;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Course, Scenario, Shock};
use shocksweep::low_level::superposition::{Mode, Pair};
use shocksweep::low_level::sweep::superposition::PairRunner;

const STEPS: usize = 7;

/// Amounts by step and sector of the run with the shocks of a subset, and its decisions.
type Run = (Vec<Vec<f64>>, Vec<Event>);

/// One run of the reference engine for every subset.
fn runs(
    engine: &ReferenceEngine,
    settings: Option<AdaptationSettings>,
    shocks: &[&[Shock]],
) -> Vec<Run> {
    let of = |set: usize| {
        let members = (0..shocks.len()).filter(|n| set >> n & 1 == 1);
        let mut own: Vec<Shock> = members.flat_map(|n| shocks[n].iter().copied()).collect();
        own.sort_by_key(|s| (s.sector, s.course.from));
        engine.available(&Scenario { id: 0.into(), shocks: own, adaptation: settings })
    };
    (0..1 << shocks.len()).map(of).map(Result::unwrap).collect()
}

/// Compares parts of the losses, sector by sector and step by step, with inclusion and exclusion
/// over runs, and decisions; returns how many parts beyond single ones were not 0.
fn compare<const N: usize>(
    found: &Traced<N>,
    runs: &[Run],
    baseline: &Baseline,
    about: &dyn std::fmt::Debug,
) -> usize {
    let steps = found.losses.len();
    let mut together = 0;
    for t in 0..steps {
        for (sector, parts) in found.losses[t].iter().enumerate() {
            let loss = |set: usize| baseline.available[t][sector] - runs[set].0[t][sector];
            let largest = runs.iter().map(|run| run.0[t][sector].abs()).fold(0.0, f64::max);
            for (set, part) in parts.iter().enumerate().skip(1) {
                let subsets = (0..=set).filter(|subset| subset & !set == 0);
                let sign = |subset: usize| {
                    if (set ^ subset).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
                };
                let expected: f64 = subsets.map(|subset| sign(subset) * loss(subset)).sum();
                let bound = 1e-9 * (largest + baseline.available[t][sector]) + 1e-12;
                assert!(
                    (part - expected).abs() <= bound,
                    "step {t}, sector {sector}, subset {set}: {part}, by definition {expected}; {about:?}"
                );
                together += usize::from(set.count_ones() > 1 && *part != 0.0);
            }
        }
    }
    for (set, run) in runs.iter().enumerate().skip(1) {
        let decided = |kind| -> BTreeSet<u32> {
            run.1.iter().filter(|e| e.kind == kind).map(|e| e.hit.sector).collect()
        };
        let adapting = found.adapting.iter().filter(|h| h.mask >> set & 1 == 1);
        let adapting: BTreeSet<u32> = adapting.map(|h| h.sector).collect();
        assert_eq!(adapting, decided(EventKind::Adapting), "subset {set}");
        let lost = found.substituting.iter().filter(|s| s.1 >> set & 1 == 1);
        let lost: BTreeSet<u32> = lost.map(|s| s.0).collect();
        assert_eq!(lost, decided(EventKind::Substituting), "subset {set}");
        let no_rule: BTreeSet<u32> =
            run.1.iter().filter(|e| e.no_share_rule).map(|e| e.hit.sector).collect();
        let kept = found.adapting.iter().filter(|h| h.no_share_rule >> set & 1 == 1);
        assert_eq!(kept.map(|h| h.sector).collect::<BTreeSet<_>>(), no_rule, "subset {set}");
    }
    together
}

/// Shocks of one sector: full, partial, or over time.
fn shock(r: &mut Numbers, sector: u32) -> Vec<Shock> {
    let phi = [1.0, 1.0, 0.5, 0.25, 0.0009765625][r.below(5)];
    let course = |from, to, decay| Course { from, to, decay };
    match r.below(6) {
        0 => vec![Shock { course: course(1, 3, 0.0), ..Shock::new(sector, phi) }],
        1 => vec![Shock { course: course(0, u32::MAX, 0.5), ..Shock::new(sector, phi) }],
        2 => vec![
            Shock { course: course(0, 1, 0.0), ..Shock::new(sector, phi) },
            Shock { course: course(2, 4, 0.0), ..Shock::new(sector, 0.5) },
        ],
        _ => vec![Shock::new(sector, phi)],
    }
}

pub fn producers(world: &Dataset) -> Vec<u32> {
    let producers = world.parameters.producers();
    (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect()
}

#[test]
fn plain_pairs_follow_the_definition() {
    let mut together = 0;
    for seed in 0..150u64 {
        let world = adaptive_world(9, 6, 5, seed);
        let (engine, tables) =
            (ReferenceEngine::new(&world, STEPS), InteractionTables::new(&world, STEPS));
        let mut r = Numbers(seed ^ 0x1a7e);
        let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let settings = (seed % 5 != 0).then_some(own);
        let shocked = producers(&world);
        for _ in 0..12 {
            // Now and then one sector twice.
            let pair = [0, 1].map(|_| shocked[r.below(shocked.len())]);
            let shocks = pair.map(|sector| shock(&mut r, sector));
            let shocks = [&shocks[0][..], &shocks[1][..]];
            let found = plain::run::<4>(&tables, settings, &shocks).unwrap();
            let runs = runs(&engine, settings, &shocks);
            together += compare(&found, &runs, &tables.baseline, &(seed, settings, shocks));
        }
    }
    assert!(together > 8_000, "{together}");
}

#[test]
fn plain_triples_follow_the_definition() {
    let mut together = 0;
    for seed in 0..60u64 {
        let world = adaptive_world(8, 6, 5, seed);
        let (engine, tables) =
            (ReferenceEngine::new(&world, STEPS), InteractionTables::new(&world, STEPS));
        let mut r = Numbers(seed ^ 0x3a7e);
        let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let settings = (seed % 5 != 0).then_some(own);
        let shocked = producers(&world);
        for _ in 0..5 {
            let shocks = [0, 1, 2].map(|_| {
                let sector = shocked[r.below(shocked.len())];
                shock(&mut r, sector)
            });
            let shocks = [&shocks[0][..], &shocks[1][..], &shocks[2][..]];
            let found = plain::run::<8>(&tables, settings, &shocks).unwrap();
            let runs = runs(&engine, settings, &shocks);
            together += compare(&found, &runs, &tables.baseline, &(seed, settings, shocks));
        }
    }
    assert!(together > 5_000, "{together}");
}

/// Sums by area and item of the fast way against those of the plain one, for every pair of some
/// shocks; how many pairs had no interaction and how many had one.
fn compare_fast(
    world: &Dataset,
    steps: usize,
    settings: Option<AdaptationSettings>,
    pairs: &[[Shock; 2]],
) -> [usize; 2] {
    let tables = InteractionTables::new(world, steps);
    let dims = world.dimensions();
    let counted: Vec<bool> = (0..dims.items).map(|item| item % 5 != 3).collect();
    let setting = Setting { tables: &tables, settings, counted: &counted };
    let telling = Telling::new(world, &tables, 2.0);
    let (mut room, mut pair_room) = (SingleWork::new(&tables), PairWork::new(&tables));
    let mut counts = [0; 2];
    for of_first in pairs.chunk_by(|a, b| a[0] == b[0]) {
        let shocks: Vec<Shock> =
            of_first[..1].iter().map(|p| p[0]).chain(of_first.iter().map(|p| p[1])).collect();
        let runs: Vec<_> =
            shocks.chunks(16).flat_map(|of| singles(setting, of, &mut room)).collect();
        for (chunk, shocked) in runs[1..].chunks(16).zip(of_first.chunks(16)) {
            let met: Vec<_> =
                chunk.iter().map(|other| (other, Meeting::of(&runs[0], other))).collect();
            let of = (setting, &telling);
            let fast = interaction::pairs::pairs(of, &runs[0], &met, &mut pair_room);
            for (n, ((sums, _), pair)) in fast.iter().zip(shocked).enumerate() {
                let shocks = [&pair[..1], &pair[1..]];
                let plain = plain::run::<4>(&tables, settings, &shocks).unwrap();
                let last = &plain.losses[steps - 1];
                let size: f64 = last.iter().map(|parts| parts[3].abs()).sum();
                let mut by_area = vec![0.0; dims.areas];
                let mut by_item = vec![0.0; dims.items];
                for (sector, parts) in last.iter().enumerate() {
                    let (area, item) = (dims.area_of(sector), dims.item_of(sector));
                    by_area[area] += if counted[item] { parts[3] } else { 0.0 };
                    by_item[item] += parts[3];
                }
                let close = |found: &[f64], expected: &[f64]| {
                    found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-10 * size)
                };
                assert!(
                    close(&sums.by_area, &by_area) && close(&sums.by_item, &by_item),
                    "{pair:?}, {settings:?}: {sums:?}, plain {by_area:?} {by_item:?}"
                );
                // What does not meet is not to be run at all.
                let anywhere = plain.losses.iter().flatten().any(|parts| parts[3] != 0.0);
                assert!(met[n].1.is_any() || !anywhere, "{pair:?}, {settings:?}");
                for (run, which) in [(&runs[0], 1), (met[n].0, 2)] {
                    for (t, losses) in plain.losses.iter().enumerate() {
                        for (sector, parts) in losses.iter().enumerate() {
                            let place = tables.net.place(sector) as u32;
                            let (found, expected) = (run.trace.get(place, t), parts[which]);
                            let bound =
                                1e-11 * (1.0 + expected.abs() + tables.before(t)[place as usize]);
                            assert!((found - expected).abs() <= bound, "{found}, {expected}");
                        }
                    }
                }
                counts[usize::from(size > 0.0)] += 1;
            }
        }
    }
    counts
}

#[test]
fn fast_pairs_are_the_plain_ones() {
    let mut counts = [0; 2];
    for seed in 0..150u64 {
        let world = adaptive_world(9, 6, 5, seed);
        let mut r = Numbers(seed ^ 0x1a7f);
        let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let settings = (seed % 5 != 0).then_some(own);
        let shocked = producers(&world);
        let mut shock = || {
            let phi = [1.0, 1.0, 0.5, 0.25, 0.0009765625][r.below(5)];
            Shock::new(shocked[r.below(shocked.len())], phi)
        };
        let first = shock();
        let pairs: Vec<[Shock; 2]> = (0..20).map(|_| [first, shock()]).collect();
        let own = compare_fast(&world, STEPS, settings, &pairs);
        counts.iter_mut().zip(own).for_each(|(all, own)| *all += own);
    }
    assert!(counts.iter().all(|&count| count > 300), "{counts:?}");
}

pub fn food2020() -> Option<(std::path::PathBuf, Dataset)> {
    let root = shared("interaction of pairs of the 2020 data")?;
    let world = import(&root.join("data/food2020"), &ImportOptions::default()).unwrap();
    Some((root, world))
}

#[test]
fn golden_pairs_are_the_sums_of_their_parts() {
    let Some((root, world)) = food2020() else { return };
    let tables = InteractionTables::new(&world, 10);
    let golden = golden_losses(&root, &world);
    let decisions = golden_decisions(&root, &world);
    let mut compared = 0;
    for scenario in golden_scenarios(&root, &world) {
        let [a, b] = &scenario.shocks[..] else { continue };
        let shocks = [std::slice::from_ref(a), std::slice::from_ref(b)];
        let found = plain::run::<4>(&tables, scenario.adaptation, &shocks).unwrap();
        for (sector, parts) in found.losses[9].iter().enumerate() {
            let (loss, expected) = (parts[1] + parts[2] + parts[3], golden[&scenario.id.0][sector]);
            let bound = 1e-9 * expected.abs().max(tables.baseline.last()[sector]);
            assert!((loss - expected).abs() <= bound, "{loss}, {expected}");
        }
        let both = |mask: u32| mask >> 3 & 1 == 1;
        let adapting = found.adapting.iter().filter(|h| both(h.mask));
        let lost = found.substituting.iter().filter(|s| both(s.1));
        let decided: BTreeSet<_> = adapting
            .map(|h| (scenario.id.0, EventKind::Adapting, h.sector as usize))
            .chain(lost.map(|s| (scenario.id.0, EventKind::Substituting, s.0 as usize)))
            .collect();
        let expected: BTreeSet<_> =
            decisions.iter().filter(|d| d.0 == scenario.id.0).copied().collect();
        assert_eq!(decided, expected, "scenario {}", scenario.id);
        compared += 1;
    }
    assert_eq!(compared, 6);
}

#[test]
fn pairs_of_the_2020_data_are_joint_runs_minus_single_ones() {
    let Some((_, world)) = food2020() else { return };
    let engine = CpuEngine::new(&world, 10);
    let tables = InteractionTables::new(&world, 10);
    let counted = vec![true; world.dimensions().items];
    let telling = Telling::new(&world, &tables, 2.0);
    let shocked = producers(&world);
    let mut r = Numbers(2020);
    let (mut compared, mut together) = (0, 0);
    for settings in [Some(AdaptationSettings::default()), None] {
        let setting = Setting { tables: &tables, settings, counted: &counted };
        let (mut room, mut pair_room) = (SingleWork::new(&tables), PairWork::new(&tables));
        let alone = |shocks: &[Shock]| {
            let one = |shock: &Shock| Scenario {
                id: 0.into(),
                shocks: vec![*shock],
                adaptation: settings,
            };
            let scenarios: Vec<Scenario> = shocks.iter().map(one).collect();
            engine.sums(&scenarios, &counted, &|_| {}).expect("sums").of
        };
        for _ in 0..if settings.is_some() { 63 } else { 10 } {
            let shocks: Vec<Shock> =
                (0..33).map(|_| Shock::new(shocked[r.below(shocked.len())], 1.0)).collect();
            let runs: Vec<_> =
                shocks.chunks(16).flat_map(|of| singles(setting, of, &mut room)).collect();
            let own = alone(&shocks);
            for (chunk, at) in runs[1..].chunks(16).zip([1, 17]) {
                let met: Vec<_> =
                    chunk.iter().map(|other| (other, Meeting::of(&runs[0], other))).collect();
                let of = (setting, &telling);
                let found = interaction::pairs::pairs(of, &runs[0], &met, &mut pair_room);
                let found: Vec<Sums> = found.into_iter().map(|(sums, _)| sums).collect();
                let joint: Vec<Scenario> = (at..at + found.len())
                    .map(|n| {
                        let mut pair = vec![shocks[0], shocks[n]];
                        pair.sort_by_key(|s| s.sector);
                        Scenario { id: 0.into(), shocks: pair, adaptation: settings }
                    })
                    .filter(|s| s.shocks[0].sector != s.shocks[1].sector)
                    .collect();
                if joint.len() < found.len() {
                    continue;
                }
                let joint = engine.sums(&joint, &counted, &|_| {}).expect("sums").of;
                for (n, (found, joint)) in found.iter().zip(&joint).enumerate() {
                    let [a, b] = [&own[0], &own[at + n]];
                    let size: f64 =
                        [joint, a, b].iter().flat_map(|s| &s.by_item).map(|l| l.abs()).sum();
                    let lists = |s: &Sums| [s.by_area.clone(), s.by_item.clone()].concat();
                    let (joint, a, b) = (lists(joint), lists(a), lists(b));
                    for (at, found) in lists(found).iter().enumerate() {
                        let expected = joint[at] - a[at] - b[at];
                        assert!((found - expected).abs() <= 1e-9 * size, "{found}, {expected}");
                        assert!(met[n].1.is_any() || *found == 0.0);
                        together += usize::from(*found != 0.0);
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 2_000 && together > 10_000, "{compared} {together}");
}

/// Food that people eat after the last step of a run, kcal per person and day: what is available, times the
/// share of it that is consumed then, times what it is worth.
fn food(world: &Dataset, course: &reference::Course) -> f64 {
    let (dims, p) = (world.dimensions(), &world.parameters);
    let (x, last) = (course.available.last().unwrap(), course.parameters.last().unwrap());
    let areas = &world.labels.areas;
    let people: f64 = areas.iter().filter_map(|area| area.population).sum();
    let of = |s: usize| {
        let worth = &world.labels.items[dims.item_of(s)];
        let is_counted = areas[dims.area_of(s)].population.is_some();
        let shares = [last.share_eta_prod[s], last.share_eta_exp[s]];
        // A sector that had nothing consumes nothing, until it adapts.
        let is_empty = p.x0[s] == 0.0 && shares == [p.share_eta_prod[s], p.share_eta_exp[s]];
        let kcal = worth.nutrition.filter(|n| n.is_food && is_counted && !is_empty);
        kcal.map_or(0.0, |n| x[s] * (1.0 - shares[0] - shares[1]) * n.kcal_per_kg * 1000.0)
    };
    (0..dims.sectors()).map(of).sum::<f64>() / people / 365.0
}

#[test]
fn food_and_runaways_of_pairs_are_those_of_their_runs() {
    let (mut eaten, mut adapted, mut near_runs, mut away) = (0, 0, 0, [0; 3]);
    for seed in 0..120u64 {
        let mut r = Numbers(seed ^ 0xf00d);
        let world = fed(adaptive_world(9, 6, 5, seed), &mut r);
        if world.labels.areas.iter().all(|area| area.population.is_none()) {
            continue;
        }
        let tables = InteractionTables::new(&world, STEPS);
        let own = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let settings = (seed % 5 != 0).then_some(own);
        let multiple = [1.01, 1.1, 1.5, 3.0][r.below(4)];
        let engine = ReferenceEngine::new(&world, STEPS);
        let counted = vec![true; world.dimensions().items];
        let mut runner = PairRunner::new(&engine, &world, &counted).with_overshoot(multiple);
        let setting = Setting { tables: &tables, settings, counted: &counted };
        let telling = Telling::new(&world, &tables, multiple);
        let shocked = producers(&world);
        let shocks: Vec<Shock> =
            (0..9).map(|_| Shock::new(shocked[r.below(shocked.len())], 1.0)).collect();
        let mut runs = singles(setting, &shocks, &mut SingleWork::new(&tables));
        for run in &mut runs {
            run.gains = telling.gains(&tables, &run.trace);
        }
        let mut others: Vec<usize> = (1..runs.len()).collect();
        others.retain(|&n| shocks[n].sector != shocks[0].sector);
        let met: Vec<_> =
            others.iter().map(|&n| (&runs[n], Meeting::of(&runs[0], &runs[n]))).collect();
        let room = &mut PairWork::new(&tables);
        let found = interaction::pairs::pairs((setting, &telling), &runs[0], &met, room);
        let pairs: Vec<Pair> = (others.iter().zip(0u32..))
            .map(|(&n, id)| {
                let mut shocks = [shocks[0], shocks[n]];
                shocks.sort_by_key(|shock| shock.sector);
                Pair { id: id.into(), shocks, adaptation: settings }
            })
            .collect();
        let (rows, _) = runner.rows(&pairs, false, None, &|_| {});
        runner.check().expect("the engine answers");
        for (row, ((_, told), &(other, meeting))) in rows.iter().zip(found.iter().zip(&met)) {
            // What runs leave out below a kilogram cannot be told apart.
            let near = |run: &interaction::single::Single| {
                let at = |&place: &u32| run.trace.get(place, STEPS - 1);
                run.gains.iter().map(at).any(|loss| loss.abs() < 0.01)
            };
            if near(&runs[0]) || near(other) {
                continue;
            }
            let alone: Vec<bool> = runner
                .eaten(&[0, 1].map(|n| row.pair.single(n, Mode::Full)))
                .iter()
                .map(|run| run.1)
                .collect();
            let is_alone = alone.contains(&true);
            assert_eq!(
                row.eaten.overshoot,
                is_alone || told.runs_away,
                "seed {seed}: {:?}",
                row.pair
            );
            away[usize::from(told.runs_away) + usize::from(told.runs_away && !is_alone)] += 1;
            if !meeting.is_any() {
                assert_eq!(told.kcal, Some(0.0), "seed {seed}: {:?}", row.pair);
                let apart = telling.run_away_apart(&tables, [&runs[0], other]);
                assert_eq!(apart || is_alone, row.eaten.overshoot, "seed {seed}: {:?}", row.pair);
            }
            // Sectors that run away are left out of what runs cost, not of an interaction.
            if row.eaten.overshoot {
                continue;
            }
            let kcal = told.kcal.expect("food");
            let run = |shocks: &[Shock]| {
                let shocks = shocks.to_vec();
                let scenario = Scenario { id: 0.into(), shocks, adaptation: settings };
                food(&world, &engine.course(&scenario).expect("a run"))
            };
            let shocks = row.pair.shocks;
            let of = [run(&shocks), run(&shocks[..1]), run(&shocks[1..]), run(&[])];
            let [joint, a, b, none] = of;
            let (expected, bound) = (-(joint - a - b + none), 1e-9 * of.iter().sum::<f64>());
            assert!(
                (kcal - expected).abs() <= bound,
                "seed {seed}: {kcal}, by runs {expected}, {:?}",
                row.pair
            );
            // Runs leave out what is less than a kilogram.
            let s = row.eaten.s().expect("food");
            near_runs += usize::from((kcal - s).abs() <= 1e-6 * (1.0 + s.abs()));
            eaten += usize::from(kcal.abs() > bound);
            adapted += usize::from(settings.is_some() && kcal.abs() > bound);
        }
    }
    assert!(eaten > 40 && adapted > 20 && near_runs > 20, "{eaten} {adapted} {near_runs}");
    assert!(away[0] > 100 && away[1] > 50 && away[2] > 0, "{away:?}");
}

#[test]
fn a_small_interaction_is_accurate_by_itself() {
    let (world, [first, second]) = two_in_a_row();
    let tables = InteractionTables::new(&world, 3);
    let setting = Setting { tables: &tables, settings: None, counted: &[true, true] };
    for phi in [1.0, 0.3, 1e-4, 1e-9, 1e-12] {
        let shocks = [first, second].map(|sector| Shock::new(sector as u32, phi));
        let runs = singles(setting, &shocks, &mut SingleWork::new(&tables));
        let met = [(&runs[1], Meeting::of(&runs[0], &runs[1]))];
        let room = &mut PairWork::new(&tables);
        let telling = Telling::new(&world, &tables, 2.0);
        let found = interaction::pairs::pairs((setting, &telling), &runs[0], &met, room);
        let expected = -100.0 * phi * phi;
        let s = found[0].0.by_item[1];
        assert!((s - expected).abs() <= 1e-12 * expected.abs(), "{phi}: {s}, {expected}");
    }
}
