//! Engines against the golden files: results of an independent oracle on the 2020 data.

mod common;
mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{ArrayRef, RecordBatch};
use common::shared;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::dataset::import::{ImportOptions, import};
use shocksweep::dataset::names::NameIndex;
use shocksweep::dataset::{Dataset, check};
use shocksweep::engine::cpu::CpuEngine;
use shocksweep::engine::reference::ReferenceEngine;
use shocksweep::engine::{Engine, Outcome};
use shocksweep::scenario::{Scenario, Shock, table};
use support::Numbers;

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
fn golden_losses(root: &Path, dataset: &Dataset) -> BTreeMap<u32, Vec<f64>> {
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
    let cpu = CpuEngine::new(&dataset, 10);

    baseline_agrees(&root, &dataset, &reference);
    static_scenarios_agree(&root, &dataset, &[&reference, &cpu]);
    cpu_agrees_with_reference(&dataset, &reference, &cpu);
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

fn static_scenarios_agree(root: &Path, dataset: &Dataset, engines: &[&dyn Engine]) {
    let text = std::fs::read_to_string(root.join("data/golden/scenarios.csv")).unwrap();
    let is_static = |id: u32| {
        let line = text.lines().find(|l| l.starts_with(&format!("{id},"))).unwrap();
        line.split(',').nth(1) == Some("False")
    };
    let table = table::read(&root.join("data/golden/scenarios.csv"), dataset).unwrap();
    assert_eq!(table.scenarios.len(), 98);
    let producers = dataset.parameters.producers();
    let scenarios: Vec<Scenario> = table
        .scenarios
        .iter()
        .filter(|s| is_static(s.scenario.id))
        .map(|s| s.scenario.effective(&producers))
        .collect();
    assert_eq!(scenarios.len(), 49);
    let golden = golden_losses(root, dataset);
    for engine in engines {
        let outcomes = engine.run(&scenarios, 0.0, &|_| {});
        assert_eq!(outcomes.len(), scenarios.len());
        for (scenario, outcome) in scenarios.iter().zip(&outcomes) {
            let losses = dense(outcome, dataset.dimensions().sectors());
            let expected = &golden[&scenario.id];
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
    }
}

/// More scenarios than the golden files have: single, joint and partial shocks.
fn cpu_agrees_with_reference(dataset: &Dataset, reference: &dyn Engine, cpu: &dyn Engine) {
    let producers = dataset.parameters.producers();
    let producers: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    let mut r = Numbers(11);
    let scenarios: Vec<Scenario> = (0..120)
        .map(|id| {
            let mut shocks: Vec<Shock> = Vec::new();
            while shocks.len() <= id as usize % 3 {
                let sector = producers[r.below(producers.len())];
                if shocks.iter().all(|s| s.sector != sector) {
                    let phi = if id % 4 == 0 { (1 + r.below(99)) as f64 / 100.0 } else { 1.0 };
                    shocks.push(Shock { sector, phi });
                }
            }
            Scenario::new(id, shocks, &dataset.labels).unwrap()
        })
        .collect();
    let n = dataset.dimensions().sectors();
    let baseline = reference.baseline().last();
    let (expected, found) =
        (reference.run(&scenarios, 0.0, &|_| {}), cpu.run(&scenarios, 0.0, &|_| {}));
    assert_eq!((expected.len(), found.len()), (120, 120));
    for ((expected, found), scenario) in expected.iter().zip(&found).zip(&scenarios) {
        let (expected, found) = (dense(expected, n), dense(found, n));
        for s in 0..n {
            // The reference subtracts amounts: its rounding is relative to the baseline.
            let bound = 1e-9 * expected[s].abs() + 1e-12 * baseline[s];
            let name = dataset.labels.sector_name(s);
            assert!((expected[s] - found[s]).abs() <= bound, "scenario {}, {name}", scenario.id);
        }
    }
}
