//! Superpositions against the definition, and the rules that replace runs against runs.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use crate::screening::SCREENING;
use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, small_settings};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, Parameters};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome, Sums};
use shocksweep::low_level::model::adaptation::{AdaptationSettings, Hit, adapt};
use shocksweep::low_level::model::combined;
use shocksweep::low_level::scenario::{Scenario, Shock, ShockKind};
use shocksweep::low_level::superposition::network::BaseNetwork;
use shocksweep::low_level::superposition::rules::{Rules, Verdict, Verdicts};
use shocksweep::low_level::superposition::single::{Setting, Single};
use shocksweep::low_level::superposition::{Mode, Pair, PairLoss};
use shocksweep::low_level::sweep::superposition::PairRunner;

fn run(engine: &dyn Engine, shocks: &[Shock], settings: Option<AdaptationSettings>) -> Outcome {
    let scenario = Scenario { id: 0.into(), shocks: shocks.to_vec(), adaptation: settings };
    engine.run(&[scenario], 0.0, &|_| {}).remove(0)
}

/// `S` by sector, by its definition.
fn by_definition(sectors: usize, [joint, a, b]: [&Outcome; 3]) -> Vec<f64> {
    let mut s = vec![0.0; sectors];
    for (sign, outcome) in [(1.0, joint), (-1.0, a), (-1.0, b)] {
        for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
            s[sector as usize] += sign * loss;
        }
    }
    s
}

/// Whether a change of the losses within the tolerance changes a decision of a single run.
fn is_swayable(
    engine: &dyn Engine,
    shock: Shock,
    settings: Option<AdaptationSettings>,
    tolerance: f64,
) -> bool {
    let Some(own) = settings else { return false };
    let scenario = Scenario { id: 0.into(), shocks: vec![shock], adaptation: settings };
    let mut deciding = vec![own.adaptation_step];
    deciding.extend(own.substitution.then_some(own.substitution_step));
    deciding.retain(|&t| t < engine.baseline().steps());
    deciding.into_iter().any(|t| {
        let outcome = &engine.trace(&scenario, 0.0, t..t + 1)[0];
        let baseline = &engine.baseline().available[t];
        outcome.sectors.iter().zip(&outcome.losses).any(|(&sector, loss)| {
            let xb = baseline[sector as usize];
            let hit = |loss: f64| own.thresholds.hit(sector as usize, loss, xb).is_some();
            hit(loss - tolerance) != hit(loss + tolerance)
        })
    })
}

/// Judges all pairs of some shocks and runs every one of them; counts by verdict.
fn judge_and_run(
    world: &Dataset,
    engine: &dyn Engine,
    settings: Option<AdaptationSettings>,
    tolerance: f64,
    shocks: &[Shock],
) -> [usize; 3] {
    let base = BaseNetwork::new(world);
    let setting = Setting { dataset: world, base: &base, settings, tolerance };
    let singles: Vec<Single> =
        shocks.iter().map(|&shock| Single::run(&setting, engine, shock).unwrap()).collect();
    let rules = Rules::new(setting, engine, &singles);
    let alone: Vec<Outcome> = shocks.iter().map(|&s| run(engine, &[s], settings)).collect();
    let swayable: Vec<bool> =
        shocks.iter().map(|&s| is_swayable(engine, s, settings, tolerance)).collect();
    let sectors = world.dimensions().sectors();
    let mut counts = [0; 3];
    let (mut row, mut back) = (Verdicts::default(), Verdicts::default());
    for a in 0..shocks.len() {
        rules.judge(a, &mut row);
        for b in a + 1..shocks.len() {
            let verdict = row.verdict(b);
            if verdict == Verdict::Run {
                counts[2] += 1;
                continue;
            }
            rules.judge(b, &mut back);
            assert_eq!(verdict == Verdict::Independent, back.verdict(a) == Verdict::Independent);
            let joint = run(engine, &[shocks[a], shocks[b]], settings);
            let s = by_definition(sectors, [&joint, &alone[a], &alone[b]]);
            let size: f64 = s.iter().map(|s| s.abs()).sum();
            let lost = |o: &Outcome| o.losses.iter().map(|l| l.abs()).sum::<f64>();
            let rounding = 1e-9 * (lost(&alone[a]) + lost(&alone[b]));
            let bound = if let Verdict::Negligible(bound) = verdict { bound } else { 0.0 };
            counts[usize::from(bound > 0.0)] += 1;
            assert!(bound == 0.0 || !(swayable[a] || swayable[b]), "a decision could change");
            assert!(
                size <= bound + rounding,
                "{:?} and {:?}: |S| is {size}, at most {bound} by the rules",
                shocks[a],
                shocks[b]
            );
        }
    }
    counts
}

#[test]
fn the_rules_hold_for_every_pair_of_random_worlds() {
    let mut counts = [0; 3];
    for seed in 0..120u64 {
        let world = adaptive_world(14, 6, 5, seed);
        let engine = ReferenceEngine::new(&world, 6);
        let mut r = Numbers(seed ^ 0x5afe);
        let settings = AdaptationSettings { output_cap: None, ..small_settings(&mut r) };
        let settings = (seed % 4 != 0).then_some(settings);
        let producers = world.parameters.producers();
        let shocked = (0..producers.len() as u32).filter(|&s| producers[s as usize]);
        let phi = |r: &mut Numbers| [1.0, 1.0, 0.5, 0.0009765625][r.below(4)];
        let shocks: Vec<Shock> = shocked.map(|s| Shock::new(s, phi(&mut r))).take(24).collect();
        // Large against the amounts, so that the bound is put to the test, but below the thresholds.
        let own = judge_and_run(&world, &engine, settings, 0.9, &shocks);
        counts.iter_mut().zip(own).for_each(|(all, own)| *all += own);
    }
    // Each verdict must have been met often for this test to mean anything.
    assert!(counts[0] > 500 && counts[1] > 500 && counts[2] > 500, "{counts:?}");
}

/// Growth of weighted losses in one step with adapted parameters, computed on whole matrices.
fn growth_with(world: &Dataset, base: &BaseNetwork, p: &Parameters) -> f64 {
    let mut spread = vec![0.0; world.dimensions().sectors()];
    for (output, input, weight) in
        combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod)
    {
        spread[input] += weight * base.weights[output];
    }
    for (to, from, share) in p.trade_t.iter() {
        spread[from] += share * p.share_eta_exp[from] * base.weights[to];
    }
    spread.iter().zip(&base.weights).map(|(s, w)| s / w).fold(1.0, f64::max)
}

#[test]
fn a_runs_growth_covers_what_its_adaptation_makes_of_the_network() {
    let (mut compared, mut grown) = (0, 0);
    for seed in 0..80u64 {
        let world = adaptive_world(10, 6, 5, seed);
        let engine = ReferenceEngine::new(&world, 6);
        let own = AdaptationSettings {
            output_cap: None,
            substitution: false,
            ..small_settings(&mut Numbers(seed))
        };
        let settings = Some(own);
        let base = BaseNetwork::new(&world);
        let setting = Setting { dataset: &world, base: &base, settings, tolerance: 0.5 };
        let producers = world.parameters.producers();
        for sector in (0..producers.len() as u32).filter(|&s| producers[s as usize]) {
            let shock = Shock::new(sector, 1.0);
            let single = Single::run(&setting, &engine, shock).unwrap();
            let events = run(&engine, &[shock], settings).events;
            let hits: Vec<Hit> = events.iter().map(|e| e.hit).collect();
            let rules = world.rules.as_ref().unwrap();
            let missing = own.missing_rule;
            let dims = world.dimensions();
            let adapted = adapt(&world.parameters, dims, rules, &hits, missing).parameters;
            let expected = growth_with(&world, &base, &adapted);
            let found = single.changes.growth;
            assert!(found >= expected * (1.0 - 1e-12), "{shock:?}: {found}, at least {expected}");
            compared += usize::from(!hits.is_empty());
            grown += usize::from(expected > base.growth * (1.0 + 1e-9));
        }
    }
    assert!(compared > 1000 && grown > 20, "{compared} runs adapted, {grown} grew");
}

#[test]
fn the_rules_hold_for_pairs_of_real_data() {
    let Some(folder) = crate::common::shared("the_rules_hold_for_pairs_of_real_data") else {
        return;
    };
    let options = shocksweep::low_level::dataset::import::ImportOptions::default();
    let world =
        shocksweep::low_level::dataset::import::import(&folder.join("data/food2020"), &options)
            .unwrap();
    let engine = CpuEngine::new(&world, 10);
    let producers = world.parameters.producers();
    let shocked: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(23);
    let mut counts = [0; 3];
    for tolerance in [1.0, 100.0] {
        let chosen: BTreeSet<u32> = (0..45).map(|_| shocked[r.below(shocked.len())]).collect();
        let shocks: Vec<Shock> = chosen.into_iter().map(|s| Shock::new(s, 1.0)).collect();
        let settings = Some(AdaptationSettings::default());
        let own = judge_and_run(&world, &engine, settings, tolerance, &shocks);
        counts.iter_mut().zip(own).for_each(|(all, own)| *all += own);
    }
    assert!(counts[0] > 300 && counts[1] > 100, "{counts:?}");
}

#[test]
fn with_a_cap_every_pair_is_run() {
    let world = adaptive_world(8, 5, 4, 1);
    let engine = ReferenceEngine::new(&world, 5);
    let settings = AdaptationSettings { output_cap: Some(2.0), ..Default::default() };
    let producers = world.parameters.producers();
    let shocked = (0..producers.len() as u32).filter(|&s| producers[s as usize]);
    let shocks: Vec<Shock> = shocked.map(|s| Shock::new(s, 1.0)).collect();
    let counts = judge_and_run(&world, &engine, Some(settings), 1e9, &shocks);
    assert_eq!(counts[..2], [0, 0]);
}

#[test]
fn sums_of_both_engines_are_those_of_their_losses() {
    for seed in 0..20 {
        let world = adaptive_world(9, 6, 5, seed);
        let dims = world.dimensions();
        let (cpu, reference) = (CpuEngine::new(&world, 6), ReferenceEngine::new(&world, 6));
        let settings = small_settings(&mut Numbers(seed));
        let scenarios: Vec<Scenario> = crate::support::exact_scenarios(&world, 40, seed)
            .into_iter()
            .filter(|s| !s.shocks.is_empty())
            .map(|s| s.with_adaptation(Some(settings)))
            .collect();
        let counted: Vec<bool> = (0..dims.items).map(|item| item % 3 != 1).collect();
        let outcomes = reference.run(&scenarios, 0.0, &|_| {});
        for engine in [&cpu as &dyn Engine, &reference] {
            let sums = engine.summed(&scenarios, &counted);
            for (sums, outcome) in sums.iter().zip(&outcomes) {
                let mut expected = Sums::zero(dims.areas, dims.items);
                for (&s, loss) in outcome.sectors.iter().zip(&outcome.losses) {
                    let (area, item) = (dims.area_of(s as usize), dims.item_of(s as usize));
                    expected.by_area[area] += if counted[item] { *loss } else { 0.0 };
                    expected.by_item[item] += loss;
                    if world.labels.areas[area].population.is_some() {
                        expected.by_item_populated[item] += loss;
                    }
                }
                let scale: f64 = outcome.losses.iter().map(|l| l.abs()).sum();
                for (found, expected) in [
                    (&sums.by_area, &expected.by_area),
                    (&sums.by_item, &expected.by_item),
                    (&sums.by_item_populated, &expected.by_item_populated),
                ] {
                    for (found, expected) in found.iter().zip(expected) {
                        let difference = (found - expected).abs();
                        assert!(
                            difference <= 1e-12 * scale,
                            "{}: {found}, {expected}",
                            engine.name()
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn pairs_on_real_data_follow_the_definition() {
    let Some(folder) = crate::common::shared("pairs_on_real_data_follow_the_definition") else {
        return;
    };
    let options = shocksweep::low_level::dataset::import::ImportOptions::default();
    let world =
        shocksweep::low_level::dataset::import::import(&folder.join("data/food2020"), &options)
            .unwrap();
    let (cpu, reference) = (CpuEngine::new(&world, 10), ReferenceEngine::new(&world, 10));
    let producers = world.parameters.producers();
    let shocked: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(11);
    let settings = Some(AdaptationSettings::default());
    let index = shocksweep::low_level::dataset::names::NameIndex::new(&world.labels);
    let named = |area, item| index.sector(area, item).unwrap() as u32;
    let mut sectors = vec![
        [named("India", "Rice and products"), named("Ukraine", "Wheat and products")],
        [named("Brazil", "Soyabeans"), named("United States of America", "Soyabeans")],
    ];
    sectors.extend((0..20).map(|_| [0, 1].map(|_| shocked[r.below(shocked.len())])));
    let pairs: Vec<Pair> = sectors
        .into_iter()
        .filter(|[a, b]| a != b)
        .enumerate()
        .map(|(id, mut pair)| {
            pair.sort_unstable();
            let shocks = pair.map(|sector| Shock::new(sector, 1.0));
            Pair { id: (id as u32).into(), shocks, adaptation: settings }
        })
        .collect();
    let counted = vec![true; world.dimensions().items];
    let mut runner = PairRunner::new(&cpu, &world, &counted);
    let (rows, _) = runner.rows(&pairs, true, None, &|_| {});
    let sectors = world.dimensions().sectors();
    for (row, pair) in rows.iter().zip(&pairs) {
        let mut by_mode = Vec::new();
        for mode in Mode::ALL {
            let settings = mode.settings(pair.adaptation);
            let outcomes = [&pair.shocks[..], &pair.shocks[..1], &pair.shocks[1..]]
                .map(|shocks| run(&reference, shocks, settings));
            let s = by_definition(sectors, [&outcomes[0], &outcomes[1], &outcomes[2]]);
            let size: f64 = outcomes.iter().flat_map(|o| &o.losses).map(|l| l.abs()).sum();
            by_mode.push((s.iter().sum::<f64>(), 1e-9 * size));
        }
        let stages = row.stages.unwrap();
        for (found, (expected, rounding)) in [
            (row.superposition.s, by_mode[0]),
            (stages.overlap + stages.adaptation, by_mode[1]),
            (stages.overlap, by_mode[2]),
        ] {
            assert!((found - expected).abs() <= rounding, "{pair:?}: {found}, {expected}");
        }
        assert!(stages.overlap <= by_mode[2].1, "overlap is never positive: {pair:?}");
    }
}

#[test]
fn pair_losses_of_one_item_are_not_counted_twice() {
    let sums = |by_item: Vec<f64>| Sums {
        by_area: vec![by_item.iter().sum()],
        by_item_populated: by_item.clone(),
        by_item,
        diverged: None,
    };
    let (joint, a, b) = (sums(vec![10.0, 4.0]), sums(vec![3.0, 1.0]), sums(vec![2.0, 0.5]));
    let loss = PairLoss::of_runs(&joint, [&a, &b]);
    let mut world = crate::support::World::new(1, 2, 1);
    world.beta(0, 0, 0, 1.0);
    let receivers = shocksweep::low_level::superposition::pair::Receivers::new(&world.build());
    assert_eq!(loss.superposition(&receivers, [0, 0]).s_shocked, 5.0);
    assert_eq!(loss.superposition(&receivers, [0, 1]).s_shocked, 7.5);
    assert_eq!(loss.superposition(&receivers, [0, 1]).s, 7.5);
    // 10 - 3 - 2 of the first item, 4 - 1 - 0.5 of the second.
    assert_eq!(loss.by_item(), [5.0, 2.5]);
}

pub fn shocksweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep")).args(args).output().expect("the program starts")
}

pub fn table(path: &Path) -> RecordBatch {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut reader = builder.with_batch_size(1 << 24).build().unwrap();
    reader.next().expect("a batch").unwrap()
}

pub fn column(batch: &RecordBatch, name: &str) -> Vec<f64> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("column {name}"));
    column.as_primitive::<Float64Type>().values().to_vec()
}

#[test]
fn a_table_of_pairs_gives_the_same_bytes_in_either_order_and_its_losses_give_s() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let sectors =
        ["Ukraine,Wheat and products", "India,Rice and products", "France,Wheat and products"];
    let pairs = [[0, 1], [0, 2], [1, 2]];
    for (name, reversed) in [("ab", false), ("ba", true)] {
        let mut text = "scenario,area,item,phi\n".to_string();
        for (id, pair) in pairs.iter().enumerate() {
            let mut lines = pair.map(|s| format!("{id},{},1\n", sectors[s]));
            if reversed {
                lines.reverse();
            }
            text += &lines.concat();
        }
        // The single shocks, without superposition, to recompute S from written losses.
        fs::write(path(&format!("{name}.csv")), text).unwrap();
        let (table, out) = (path(&format!("{name}.csv")), path(name));
        let args =
            ["run", "--scenarios", &table, "--superposition", "--min-loss", "0", "--out", &out];
        let output = shocksweep(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout).to_string();
        assert!(said.contains("Superposition of 3 pairs"), "{said}");
    }
    for file in ["superposition.parquet", "losses/part-00000.parquet", "scenarios.parquet"] {
        let bytes = |name: &str| fs::read(dir.path().join(name).join(file)).unwrap();
        assert_eq!(bytes("ab"), bytes("ba"), "{file}");
    }
    let mut singles = "scenario,area,item\n".to_string();
    sectors.iter().enumerate().for_each(|(id, s)| singles += &format!("{id},{s}\n"));
    fs::write(path("singles.csv"), singles).unwrap();
    let (table_path, out) = (path("singles.csv"), path("singles"));
    let args = ["run", "--scenarios", &table_path, "--min-loss", "0", "--out", &out, "--quiet"];
    assert!(shocksweep(&args).status.success());
    let written = |name: &str| -> Vec<f64> {
        let batch = table(&dir.path().join(name).join("losses/part-00000.parquet"));
        let scenario = batch.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
        let al = column(&batch, "al");
        let unit = batch.column_by_name("unit").unwrap().as_any_dictionary();
        let (keys, units) = (unit.normalized_keys(), unit.values().as_string::<i32>());
        // Heads of animals are added to nothing.
        let counts = |r: &usize, id| scenario.value(*r) == id && units.value(keys[*r]) == "tonne";
        let sum = |id| (0..al.len()).filter(|r| counts(r, id)).map(|r| al[r]).sum();
        (0..3).map(sum).collect()
    };
    let (joint, alone) = (written("ab"), written("singles"));
    let rows = table(&dir.path().join("ab/superposition.parquet"));
    for (row, [a, b]) in pairs.into_iter().enumerate() {
        let expected = joint[row] - alone[a] - alone[b];
        let rounding = 1e-9 * (joint[row].abs() + alone[a].abs() + alone[b].abs());
        assert!((column(&rows, "s")[row] - expected).abs() <= rounding, "pair {row}");
        let stages: f64 = ["s_static", "s_adaptation", "s_substitution"]
            .iter()
            .map(|name| column(&rows, name)[row])
            .sum();
        assert!((stages - expected).abs() <= rounding, "stages of pair {row}");
    }
    let said = shocksweep(&["explain", &path("ab"), "0"]);
    let said = String::from_utf8_lossy(&said.stdout).to_string();
    for expected in ["Together they cost", "overlap", "Decide only when both", "kg per person"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let missing = shocksweep(&["explain", &path("ab"), "7"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("has no pair 7"));
    let none = shocksweep(&["explain", &path("singles")]);
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn triples_are_kept_with_what_their_pairs_explain_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let sectors =
        ["India,Rice and products", "Ukraine,Wheat and products", "France,Wheat and products"];
    let write = |name: &str, scenarios: &[&[usize]]| {
        let rows = scenarios.iter().enumerate().flat_map(|(id, shocked)| {
            shocked.iter().map(move |&n| format!("{id},{}\n", sectors[n]))
        });
        let rows: String = rows.collect();
        fs::write(path(name), format!("scenario,area,item\n{rows}")).unwrap();
    };
    write("pairs.csv", &[&[0, 1], &[0, 2], &[1, 2]]);
    // In any order: shocks are kept ascending.
    write("triple.csv", &[&[2, 0, 1]]);
    let run = |table: &str, out: &str, more: &[&str]| {
        let (table, out) = (path(table), path(out));
        let args = ["run", "--scenarios", &table, "--superposition", "--out", &out, "--adaptation"];
        let output = shocksweep(&[&args, more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).to_string()
    };
    run("pairs.csv", "pairs", &["on"]);
    let said = run("triple.csv", "triple", &["both"]);
    assert!(said.contains("Superposition of 1 triples"), "{said}");
    let (pairs, triple) = (
        table(&dir.path().join("pairs/superposition.parquet")),
        table(&dir.path().join("triple/triples.parquet")),
    );
    assert!(!dir.path().join("triple/superposition.parquet").exists());
    let one = |name: &str| column(&triple, name)[0];
    // The triple knows its pairs as their own rows do; which pair is which follows from the names of their areas.
    let areas = |batch: &RecordBatch, which: &str, row: usize| -> String {
        let column = batch.column_by_name(&format!("area_{which}")).unwrap().as_any_dictionary();
        column.values().as_string::<i32>().value(column.normalized_keys()[row]).to_string()
    };
    let mut known = 0;
    for (s, of) in [("s_ab", ["a", "b"]), ("s_ac", ["a", "c"]), ("s_bc", ["b", "c"])] {
        let named = of.map(|which| areas(&triple, which, 0));
        let row = (0..3).find(|&row| named == ["a", "b"].map(|which| areas(&pairs, which, row)));
        let row = row.expect("a pair of the triple");
        let size = 1e-9 * column(&pairs, "al_joint")[row].abs();
        assert!((one(s) - column(&pairs, "s")[row]).abs() <= size, "{s}");
        known += usize::from(one(s) != 0.0);
    }
    assert!(known > 0 && one("s_abc") != 0.0);
    let explained: f64 =
        ["al_a", "al_b", "al_c", "s_ab", "s_ac", "s_bc", "s_abc"].map(one).iter().sum();
    assert!((one("al_joint") - explained).abs() <= 1e-9 * explained.abs());
    // Capped it is run, seven times.
    run("triple.csv", "capped", &["on", "--cap"]);
    let capped = table(&dir.path().join("capped/triples.parquet"));
    let method = |batch: &RecordBatch| {
        batch.column_by_name("method").unwrap().as_string::<i32>().value(0).to_string()
    };
    assert_eq!([method(&triple), method(&capped)], ["interaction", "run"]);

    let listed = shocksweep(&["explain", &path("triple")]);
    let listed = String::from_utf8_lossy(&listed.stdout).to_string();
    assert!(listed.contains("The triples most worse than their pairs explain"), "{listed}");
    let said = shocksweep(&["explain", &path("triple"), "0"]);
    let said = String::from_utf8_lossy(&said.stdout).to_string();
    for expected in
        ["Triple 0: ", "their pairs add", "Decide only when all three", "Where S arises"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let missing = shocksweep(&["explain", &path("triple"), "7"]);
    let missing = String::from_utf8_lossy(&missing.stderr).to_string();
    assert!(missing.contains("has no triple 7; triples.parquet lists"), "{missing}");
    let page = path("page.html");
    assert!(shocksweep(&["report", &path("triple"), "-o", &page]).status.success());
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("\"shocks\":3") && page.contains("triples of shocks"), "the page");
    let picture = path("s.svg");
    let drawn = ["plot", &path("triple"), "--kind", "superposition", "-o", &picture];
    assert!(shocksweep(&drawn).status.success());
    assert!(
        fs::read_to_string(picture).unwrap().contains("triples of shocks against what their pairs")
    );
}

#[test]
fn receivers_are_the_areas_above_the_threshold_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    for (name, above) in [("few", "0.01"), ("all", "0")] {
        let job = format!(
            "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\n[scenarios.select]\n\
             items = [\"Wheat and products\"]\nlargest = 4\n[superposition]\nreceivers = {above}\n\
             [output]\nfolder = \"unused\"\nmin_loss = 0\n"
        );
        fs::write(path("job.toml"), job).unwrap();
        let output = shocksweep(&["run", &path("job.toml"), "--out", &path(name)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let rows = |name: &str| -> Vec<(i32, String, f64, f64)> {
        let batch = table(&dir.path().join(name).join("receivers.parquet"));
        let scenario = batch.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
        let area = batch.column_by_name("area").unwrap().as_any_dictionary();
        let (keys, names) = (area.normalized_keys(), area.values().as_string::<i32>());
        let (s, per_capita) = (column(&batch, "s"), column(&batch, "s_per_capita"));
        let row =
            |r: usize| (scenario.value(r), names.value(keys[r]).to_string(), s[r], per_capita[r]);
        (0..s.len()).map(row).collect()
    };
    let (few, all) = (rows("few"), rows("all"));
    let above: Vec<_> = all.iter().filter(|row| row.3.abs() > 0.01).cloned().collect();
    assert_eq!(few, above);
    assert!(!few.is_empty() && few.len() < all.len(), "{} of {}", few.len(), all.len());
    let world = synthesize(&SynthOptions::default()).unwrap();
    let people: std::collections::BTreeMap<&str, f64> = (world.labels.areas.iter())
        .filter_map(|a| Some((a.name.as_str(), a.population?)))
        .collect();
    let pairs = table(&dir.path().join("all/superposition.parquet"));
    let ids = pairs.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
    let (of_all, joint) = (column(&pairs, "s_per_capita"), column(&pairs, "al_joint"));
    let population: f64 = people.values().sum();
    assert_eq!(of_all.len(), 6);
    for row in 0..of_all.len() {
        let own = all.iter().filter(|r| r.0 == ids.value(row));
        let sum: f64 = own.map(|r| r.2).sum();
        let expected = of_all[row] * population / 1000.0;
        assert!((sum - expected).abs() <= 1e-9 * joint[row], "{sum}, {expected}");
    }
    for (_, area, s, per_capita) in &all {
        assert!(
            (1000.0 * s / people[area.as_str()] - per_capita).abs() <= 1e-12 * per_capita.abs()
        );
    }
}

/// Rows of `difference_items.parquet`: scenario, item, S, whether it counts.
fn difference_items(folder: &Path) -> Vec<(i32, String, f64, bool)> {
    let batch = table(&folder.join("difference_items.parquet"));
    let scenario = batch.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
    let item = batch.column_by_name("item").unwrap().as_any_dictionary();
    let (keys, names) = (item.normalized_keys(), item.values().as_string::<i32>());
    let (s, counts) = (column(&batch, "s"), batch.column_by_name("counts").unwrap().as_boolean());
    let row =
        |r: usize| (scenario.value(r), names.value(keys[r]).to_string(), s[r], counts.value(r));
    (0..s.len()).map(row).collect()
}

#[test]
fn items_of_a_difference_sum_to_it_for_pairs_triples_and_screenings() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let run = |name: &str, set: &str, asked: &str| {
        let job = format!(
            "adaptation = \"on\"\n[scenarios]\nset = \"{set}\"\n[scenarios.select]\n\
             items = [\"Wheat and products\"]\nlargest = 4\n[superposition]\n{asked}\n\
             leave_out = [\"Pigmeat\", \"Live animals\"]\n[output]\nfolder = \"unused\"\n"
        );
        fs::write(path("job.toml"), job).unwrap();
        let output = shocksweep(&["run", &path("job.toml"), "--out", &path(name)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        dir.path().join(name)
    };
    for (name, set, asked, of, s, al) in [
        ("pairs", "pairs", "items = 0", "superposition", "s", "al_joint"),
        ("top", "pairs", "items = 0\nkeep = \"top\"", "superposition", "s", "al_joint"),
        ("triples", "triples", "items = 0", "triples", "s_abc", "al_joint"),
    ] {
        let folder = run(name, set, asked);
        let items = difference_items(&folder);
        let pairs = table(&folder.join(format!("{of}.parquet")));
        let ids = pairs.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
        let (expected, joint) = (column(&pairs, s), column(&pairs, al));
        assert!(!expected.is_empty() && expected.iter().any(|s| *s != 0.0), "{name}");
        for row in 0..expected.len() {
            let own = || items.iter().filter(|item| item.0 == ids.value(row));
            let sum: f64 = own().filter(|item| item.3).map(|item| item.2).sum();
            assert!((sum - expected[row]).abs() <= 1e-9 * joint[row], "{name}: {sum}");
            // Of a pair of wheat the shocked item is wheat.
            if let Some(shocked) = pairs.column_by_name("s_shocked") {
                let shocked = shocked.as_primitive::<Float64Type>().value(row);
                let wheat = own().find(|item| item.1 == "Wheat and products").map(|item| item.2);
                let wheat = wheat.unwrap_or(0.0);
                assert!((wheat - shocked).abs() <= 1e-9 * joint[row], "{name}: {wheat}");
            }
        }
        let apart = items.iter().filter(|item| !item.3).count();
        assert!(apart > 0 && apart < items.len(), "{name}: some items do not count: {apart}");
        assert!(items.iter().all(|item| item.2 != 0.0), "what is 0 has no row");
    }
    let all = difference_items(&dir.path().join("pairs"));
    let few = run("few", "pairs", "items = 100");
    let above: Vec<_> = all.iter().filter(|item| item.2.abs() > 100.0).cloned().collect();
    assert_eq!(difference_items(&few), above);
    assert!(!above.is_empty() && above.len() < all.len(), "{} of {}", above.len(), all.len());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let refused = |args: &[&str], expected: &str| {
        let output = shocksweep(args);
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(!dir.path().join("out").exists());
    };
    fs::write(path("three.csv"), "scenario,area,item\n4,India,Rice and products\n").unwrap();
    let (table, out) = (path("three.csv"), path("out"));
    refused(
        &["run", "--scenarios", &table, "--superposition", "--out", &out],
        "has 1 shocks; superposition compares scenarios of two shocks each, or of three each",
    );
    let sectors =
        ["India,Rice and products", "Ukraine,Wheat and products", "France,Wheat and products"];
    let rows = |id: u32, of: &[&str]| -> String {
        of.iter().map(|sector| format!("{id},{sector}\n")).collect()
    };
    let mixed = [rows(0, &sectors), rows(1, &sectors[..2])].concat();
    fs::write(path("mixed.csv"), format!("scenario,area,item\n{mixed}")).unwrap();
    let mixed = path("mixed.csv");
    refused(
        &["run", "--scenarios", &mixed, "--superposition", "--out", &out],
        "has 2 shocks; superposition compares scenarios of two shocks each, or of three each",
    );
    let job = SCREENING.replace("set = \"pairs\"", "set = \"single\"");
    fs::write(path("single.toml"), job.replace("same_commodity_group = true\n", "")).unwrap();
    refused(&["run", &path("single.toml"), "--out", &out], "a screening needs `set = \"pairs\"`");
    fs::write(path("left.toml"), SCREENING.replace("[\"Grazing\"]", "[\"Grasing\"]")).unwrap();
    refused(&["run", &path("left.toml"), "--out", &out], "did you mean `Grazing`?");
    fs::write(path("key.toml"), SCREENING.replace("top = 5", "topp = 5")).unwrap();
    refused(&["run", &path("key.toml"), "--out", &out], "did you mean `top`?");
}

#[test]
fn intensities_over_time_are_the_same_in_both_engines() {
    let world = synthesize(&SynthOptions::default()).unwrap();
    let (cpu, reference) = (CpuEngine::new(&world, 10), ReferenceEngine::new(&world, 10));
    let producers = world.parameters.producers();
    let shocked: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(5);
    let written = |r: &mut Numbers| -> shocksweep::low_level::scenario::course::Written {
        let text = ["0.5", "1", "1;0.5;0.5;0;0.25", "0;0;1", "0.125;0"][r.below(5)];
        let is_list = text.contains(';');
        shocksweep::low_level::scenario::course::Written {
            phi: shocksweep::low_level::scenario::course::Phi::parse(text).unwrap(),
            from: (!is_list && r.once_in(2)).then(|| r.below(4) as u32),
            to: (!is_list && r.once_in(2)).then(|| 4 + r.below(4) as u32),
            decay: (!is_list && r.once_in(2)).then_some(0.5),
        }
    };
    let scenarios: Vec<Scenario> = (0..60)
        .map(|id| {
            let mut shocks = Vec::new();
            for n in 0..=r.below(3) {
                // Different thirds of the sectors: none twice.
                let sector = shocked[r.below(shocked.len() / 3) * 3 + n];
                shocks.extend(written(&mut r).shocks(&[sector], ShockKind::Production).unwrap());
            }
            let scenario = Scenario::new(id, shocks, &world.labels).unwrap();
            scenario
                .effective(&producers)
                .with_adaptation((id % 3 != 0).then(AdaptationSettings::default))
        })
        .collect();
    assert!(scenarios.iter().any(|s| s.shocks.iter().any(|shock| !shock.is_constant())));
    let [fast, plain] =
        [&cpu as &dyn Engine, &reference].map(|engine| engine.run(&scenarios, 0.0, &|_| {}));
    let baseline = reference.baseline().last();
    for ((fast, plain), scenario) in fast.iter().zip(&plain).zip(&scenarios) {
        let zero = Outcome::default();
        let s = by_definition(baseline.len(), [fast, plain, &zero]);
        let losses = by_definition(baseline.len(), [plain, &zero, &zero]);
        for (sector, difference) in s.iter().enumerate() {
            let allowed = 1e-9 * losses[sector].abs().max(baseline[sector]);
            assert!(difference.abs() <= allowed, "{scenario:?}, sector {sector}: {difference}");
        }
        let decided =
            |o: &Outcome| o.events.iter().map(|e| (e.hit.sector, e.kind)).collect::<Vec<_>>();
        assert_eq!(decided(fast), decided(plain));
    }
}
