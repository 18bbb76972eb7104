//! Engines against the golden files: results of an independent oracle on the 2020 data.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use crate::common::shared;
use crate::support::Numbers;
use crate::support::ask::Ask;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use shocksweep::low_level::analysis::hdi::mean_changes;
use shocksweep::low_level::dataset::hdi::{HdiClass, published_hdi};
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::names::NameIndex;
use shocksweep::low_level::dataset::{Dataset, check};
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, EventKind, Outcome};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Scenario, Shock, table};
use shocksweep::low_level::superposition::Pair;
use shocksweep::low_level::sweep::superposition::PairRunner;

/// Losses agree to this, relative to themselves and, as a floor, to the sector's baseline.
const TOLERANCE: f64 = 1e-9;

fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).expect("golden file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.collect::<Result<_, _>>().unwrap()
}

fn names(column: &ArrayRef) -> Vec<String> {
    let dictionary = column.as_any_dictionary();
    let values = dictionary.values();
    let value = |key: usize| match values.as_string_opt::<i32>() {
        Some(texts) => texts.value(key).to_string(),
        None => values.as_string::<i64>().value(key).to_string(),
    };
    dictionary.normalized_keys().into_iter().map(value).collect()
}

/// Sector of every row of a batch.
fn sectors(batch: &RecordBatch, dataset: &Dataset) -> Vec<usize> {
    let index = NameIndex::new(&dataset.labels);
    let areas = names(batch.column_by_name("area").unwrap());
    let items = names(batch.column_by_name("item").unwrap());
    areas.iter().zip(&items).map(|(a, i)| index.sector(a, i).unwrap()).collect()
}

fn floats(batch: &RecordBatch, column: &str) -> Vec<f64> {
    batch.column_by_name(column).unwrap().as_primitive::<Float64Type>().values().to_vec()
}

fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[s as usize] = loss;
    }
    losses
}

/// Golden losses by scenario: `baseline - available`, 0 where the table has no row.
pub fn golden_losses(root: &Path, dataset: &Dataset) -> BTreeMap<u32, Vec<f64>> {
    let mut losses: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let mut rows = 0;
    for batch in batches(&root.join("data/golden/available.parquet")) {
        let scenario = batch.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
        let at = sectors(&batch, dataset);
        let (baseline, available) = (floats(&batch, "baseline"), floats(&batch, "available"));
        rows += at.len();
        for row in 0..at.len() {
            let of = losses.entry(scenario.value(row) as u32);
            let of = of.or_insert_with(|| vec![0.0; dataset.dimensions().sectors()]);
            of[at[row]] = baseline[row] - available[row];
        }
    }
    assert!(rows > 100_000, "the golden table is not empty");
    losses
}

#[test]
fn food2020_and_golden_results_agree() {
    let Some(root) = shared("food2020_and_golden_results_agree") else { return };
    let dataset = import(&root.join("data/food2020"), &ImportOptions::default()).unwrap();
    assert_eq!(check::check(&dataset).failed(), 0);
    let reference = ReferenceEngine::new(&dataset, 10);
    let fast = crate::support::gpu::fast_engines(&dataset, 10);
    let fast: Vec<&dyn Engine> = fast.iter().map(Box::as_ref).collect();

    baseline_agrees(&root, &dataset, &reference);
    golden_scenarios_agree(&root, &dataset, &[&reference]);
    golden_scenarios_agree(&root, &dataset, &fast);
    fast.iter().for_each(|engine| golden_superpositions_agree(&root, &dataset, *engine));
    fast_agree_with_reference(&dataset, &reference, &fast);
}

fn baseline_agrees(root: &Path, dataset: &Dataset, engine: &dyn Engine) {
    let mut compared = 0;
    for batch in batches(&root.join("data/golden/baseline.parquet")) {
        let at = sectors(&batch, dataset);
        for t in 0..10 {
            for (&s, expected) in at.iter().zip(floats(&batch, &format!("t{t}"))) {
                let found = engine.baseline().available[t][s];
                let name = dataset.labels.sector_name(s);
                assert!((found - expected).abs() <= TOLERANCE * expected, "{name}, t = {t}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 10 * dataset.dimensions().sectors());
}

/// The scenarios of the golden table as it wants them: 49 without adaptation, 49 with.
pub fn golden_scenarios(root: &Path, dataset: &Dataset) -> Vec<Scenario> {
    let producers = dataset.parameters.producers();
    let table = table::read(&root.join("data/golden/scenarios.csv"), dataset).unwrap();
    let scenarios: Vec<Scenario> = table
        .into_iter()
        .map(|named| {
            let adapts = named.wants_adaptation.expect("the table says whether areas adapt");
            let adaptation = adapts.is_adaptive().then(AdaptationSettings::default);
            named.scenario.effective(&producers).with_adaptation(adaptation)
        })
        .collect();
    let adaptive = scenarios.iter().filter(|s| s.adaptation.is_some()).count();
    assert_eq!((scenarios.len(), adaptive), (98, 49));
    scenarios
}

/// Golden decisions: scenario, kind, sector.
pub fn golden_decisions(root: &Path, dataset: &Dataset) -> BTreeSet<(u32, EventKind, usize)> {
    let index = NameIndex::new(&dataset.labels);
    let mut reader = csv::Reader::from_path(root.join("data/golden/adapting.csv")).unwrap();
    let decisions: BTreeSet<_> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let kind = match &record[1] {
                "adapting" => EventKind::Adapting,
                "substituting" => EventKind::Substituting,
                other => panic!("unknown kind {other}"),
            };
            (record[0].parse().unwrap(), kind, index.sector(&record[2], &record[3]).unwrap())
        })
        .collect();
    assert_eq!(decisions.len(), 457 + 789);
    decisions
}

fn golden_scenarios_agree(root: &Path, dataset: &Dataset, engines: &[&dyn Engine]) {
    let scenarios = golden_scenarios(root, dataset);
    let golden = golden_losses(root, dataset);
    let decisions = golden_decisions(root, dataset);
    for engine in engines {
        let outcomes = engine.run(&scenarios, 0.0, &|_| {});
        assert_eq!(outcomes.len(), scenarios.len());
        let mut decided = BTreeSet::new();
        for (scenario, outcome) in scenarios.iter().zip(&outcomes) {
            decided.extend(
                outcome.events.iter().map(|e| (scenario.id.0, e.kind, e.hit.sector as usize)),
            );
            let losses = dense(outcome, dataset.dimensions().sectors());
            let expected = &golden[&scenario.id.0];
            let baseline = engine.baseline().last();
            for s in 0..losses.len() {
                let bound = TOLERANCE * expected[s].abs().max(baseline[s]);
                assert!(
                    (losses[s] - expected[s]).abs() <= bound,
                    "{} engine, scenario {}, {}: {} instead of {}",
                    engine.name(),
                    scenario.id,
                    dataset.labels.sector_name(s),
                    losses[s],
                    expected[s]
                );
            }
        }
        assert!(decided == decisions, "{} engine: the same sectors decide", engine.name());
    }
}

/// S of the golden pairs whose single shocks are golden too: joint minus both alone, from the table.
fn golden_superpositions_agree(root: &Path, dataset: &Dataset, engine: &dyn Engine) {
    let scenarios = golden_scenarios(root, dataset);
    let golden = golden_losses(root, dataset);
    let total = |id: u32| golden[&id].iter().sum::<f64>();
    let size = |id: u32| golden[&id].iter().map(|loss| loss.abs()).sum::<f64>();
    let items = vec![true; dataset.dimensions().items];
    let mut runner = PairRunner::new(engine, dataset, &items);
    let mut compared = 0;
    for joint in scenarios.iter().filter(|s| s.shocks.len() == 2) {
        let alone = [0, 1].map(|n| {
            let is_single =
                |s: &&Scenario| s.shocks == [joint.shocks[n]] && s.adaptation == joint.adaptation;
            scenarios.iter().find(is_single)
        });
        let [Some(a), Some(b)] = alone else { continue };
        let shocks = [joint.shocks[0], joint.shocks[1]];
        let pair = Pair { id: joint.id, shocks, adaptation: joint.adaptation };
        let (rows, _) = runner.rows(&[pair], true, None, &|_| {});
        let expected = total(joint.id.0) - total(a.id.0) - total(b.id.0);
        let rounding = TOLERANCE * (size(joint.id.0) + size(a.id.0) + size(b.id.0));
        let row = &rows[0];
        let found = row.superposition;
        assert!((found.s - expected).abs() <= rounding, "scenario {}: {found:?}", joint.id);
        assert!((found.al_joint - total(joint.id.0)).abs() <= rounding);
        let stages = row.stages.unwrap();
        if joint.adaptation.is_none() {
            assert_eq!(stages.overlap, found.s, "static: overlap alone");
        } else {
            assert_ne!(stages.adaptation + stages.substitution, 0.0, "areas adapt");
        }
        compared += 1;
    }
    // Indian rice with Ukrainian wheat, soyabeans of Brazil and the United States: both ways.
    assert_eq!(compared, 4);
}

/// More scenarios than the golden files have: 500 random ones, single, joint and partial, and the
/// 200 largest producers; each with adaptation, every fourth also without.
fn fast_agree_with_reference(dataset: &Dataset, reference: &dyn Engine, fast: &[&dyn Engine]) {
    let producers = dataset.parameters.producers();
    let mut producers: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(11);
    let mut sets: Vec<Vec<Shock>> = Vec::new();
    for n in 0..500 {
        let mut shocks: Vec<Shock> = Vec::new();
        while shocks.len() <= n % 3 {
            let sector = producers[r.below(producers.len())];
            if shocks.iter().all(|s| s.sector != sector) {
                let phi = if n % 4 == 0 { (1 + r.below(99)) as f64 / 100.0 } else { 1.0 };
                shocks.push(Shock::new(sector, phi));
            }
        }
        sets.push(shocks);
    }
    let output = &reference.baseline().output[0];
    producers.sort_by(|&a, &b| output[b as usize].total_cmp(&output[a as usize]));
    sets.extend(producers[..200].iter().map(|&sector| vec![Shock::new(sector, 1.0)]));
    let mut scenarios = Vec::new();
    for (n, shocks) in sets.into_iter().enumerate() {
        let scenario = Scenario::new(n as u32, shocks, &dataset.labels).unwrap();
        if n % 4 == 0 {
            scenarios.push(scenario.clone());
        }
        scenarios.push(scenario.with_adaptation(Some(AdaptationSettings::default())));
    }
    assert_eq!(scenarios.len(), 700 + 175);

    let expected: Vec<Outcome> =
        scenarios.par_chunks(16).flat_map_iter(|some| reference.run(some, 0.0, &|_| {})).collect();
    for engine in fast {
        let found = engine.run(&scenarios, 0.0, &|_| {});
        agree(dataset, reference.baseline().last(), &scenarios, (&expected, &found));
    }
}

/// Fails where two engines decide differently, or their losses differ.
fn agree(
    dataset: &Dataset,
    baseline: &[f64],
    scenarios: &[Scenario],
    (expected, found): (&[Outcome], &[Outcome]),
) {
    assert_eq!((expected.len(), found.len()), (scenarios.len(), scenarios.len()));
    let n = dataset.dimensions().sectors();
    let mut decisions = 0;
    for ((expected, found), scenario) in expected.iter().zip(found).zip(scenarios) {
        let decided =
            |o: &Outcome| o.events.iter().map(|e| (e.kind, e.hit.sector)).collect::<Vec<_>>();
        assert_eq!(decided(expected), decided(found), "scenario {}", scenario.id);
        decisions += expected.events.len();
        let (expected, found) = (dense(expected, n), dense(found, n));
        for s in 0..n {
            // Amounts are subtracted: rounding is relative to the baseline, and to a millionth of
            // a gram.
            let bound = 1e-9 * expected[s].abs() + 1e-12 * baseline[s] + 1e-12;
            let name = dataset.labels.sector_name(s);
            let (a, b) = (expected[s], found[s]);
            assert!((a - b).abs() <= bound, "scenario {}, {name}: {a} and {b}", scenario.id);
        }
    }
    assert!(decisions > 1000, "many sectors decide: {decisions}");
}

/// The abstract's +5.8 % and -14.2 % for Indian rice: +5.5 % and -14.0 % over the 50 areas that the
/// paper's figure shows.
#[test]
fn the_published_figure_has_the_published_changes() {
    let Some(root) = shared("the_published_figure_has_the_published_changes") else { return };
    let path = root.join("data/published/rice_loss_by_area.csv");
    let mut areas = Vec::new();
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        let hdi = published_hdi(&record[0]);
        let loss = |column: usize| record[column].parse::<f64>().unwrap();
        areas.extend(hdi.map(|hdi| (HdiClass::of(hdi), loss(1), loss(2))));
    }
    let changes = mean_changes(areas.into_iter());
    let of = |class| changes.iter().find(|c| c.class == class).unwrap().change;
    assert!((of(HdiClass::Low) - 0.055).abs() < 5e-4, "{changes:?}");
    assert!((of(HdiClass::VeryHigh) + 0.140).abs() < 5e-4, "{changes:?}");
}
