//! Pairs of shocks: how many a second, with the rules that spare runs and without.
//!
//!     cargo bench --bench pairs                      the built-in world
//!     cargo bench --bench pairs -- FOLDER [COUNT]    a folder in the published layout; about COUNT
//!                                                    pairs of its largest producers (1,000,000)
//!     cargo bench --bench pairs -- ... --gpu         on the best graphics device besides
//!
//! Every result is verified before anything is timed. See `benches/README.md`.

mod common;

use std::path::Path;
use std::sync::Arc;

use common::seconds;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::adapter::{self, DeviceChoice};
use shocksweep::low_level::engine::gpu::{GpuEngine, GpuOptions};
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Sums};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::model::constants::STEPS;
use shocksweep::low_level::scenario::pairs::PairGrid;
use shocksweep::low_level::scenario::selection::{Selection, Size};
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::sweep::screen::{Screening, Way, screen};
use shocksweep::low_level::sweep::superposition::PairRunner;

/// Pairs that are compared with the reference engine.
const VERIFIED: usize = 40;

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let dataset = match args.next() {
        Some(folder) => {
            import(Path::new(&folder), &ImportOptions::default()).unwrap_or_else(|e| panic!("{e}"))
        }
        None => synthesize(&SynthOptions::default()).expect("the default world"),
    };
    let wanted: f64 = args.next().map_or(1e6, |count| count.parse().expect("a number of pairs"));
    // n (n - 1) / 2 pairs of n sectors.
    let count = (0.5 + (0.25 + 2.0 * wanted).sqrt()).ceil() as usize;
    let settings = Some(AdaptationSettings::default());
    let engine = CpuEngine::new(&dataset, STEPS);
    let device = std::env::args().any(|arg| arg == "--gpu").then(|| on_device(&dataset));
    let mut engines: Vec<(&str, &dyn Engine)> = vec![("cpu", &engine)];
    engines.extend(device.iter().map(|device| ("gpu", device as &dyn Engine)));
    println!(
        "{}, adaptive model, {} threads\n",
        dataset.metadata.name,
        rayon::current_num_threads()
    );
    println!(
        "{:<44} {:>10} {:>8} {:>10} {:>12} {:>8}",
        "pairs", "pairs", "run", "seconds", "pairs/s", "us/pair"
    );

    let producers = dataset.parameters.producers().iter().filter(|&&p| p).count();
    for (name, by, largest) in [
        ("largest producers", Size::Production, count),
        ("largest exporters", Size::Exports, count),
        ("every n-th producer", Size::Production, producers),
    ] {
        let select = Selection { largest: Some(largest), largest_by: by, ..Selection::default() };
        let mut sectors = select.sectors(&dataset).unwrap_or_else(|e| panic!("{e}"));
        let step = sectors.len() / count.min(sectors.len());
        sectors = sectors.into_iter().step_by(step).take(count).collect();
        let grid = PairGrid::new(&dataset, &sectors, &sectors, false, 1.0);
        verify(&dataset, &engine, &grid, settings);
        let mut best = Vec::new();
        for &(on, engine) in &engines {
            for way in [Way::Interaction, Way::Rules, Way::Runs] {
                let what = format!("{name}, {}, {on}", said(way));
                best.push(measure(&dataset, engine, &grid, (settings, way), &what));
            }
        }
        // All ways must have found the same pairs, or their times mean nothing.
        for other in &best[1..] {
            assert!(!other.is_empty() && best[0].len() == other.len(), "as many lead the ranking");
            for (a, b) in best[0].iter().zip(other) {
                let is_close = (a.0 - b.0).abs() <= 1e-9 * b.0.abs();
                assert!(a.1 == b.1 && is_close, "the same pairs lead the ranking: {a:?}, {b:?}");
            }
        }
    }
}

/// Screens a grid and prints how long it took; the pairs that lead.
fn measure(
    dataset: &Dataset,
    engine: &dyn Engine,
    grid: &PairGrid,
    (settings, way): (Option<AdaptationSettings>, Way),
    what: &str,
) -> Vec<(f64, u32)> {
    let items = vec![true; dataset.dimensions().items];
    let screening =
        Screening { adaptation: settings, top: 100, tolerance: 1.0, way, matrix: None, check: 100 };
    let (time, screened) = seconds(|| {
        let runner = PairRunner::new(engine, dataset, &items);
        screen(dataset, engine, &runner, grid, &screening, &|_| {}).expect("an engine that works")
    });
    assert_eq!(screened.check.broken, 0, "a rule is broken");
    let collection = &screened.collection;
    let skipped = collection.independent + collection.negligible;
    let run = grid.len() - skipped;
    let pairs = grid.len() as f64;
    println!(
        "{what:<44} {:>10} {:>7.1}% {time:>10.1} {:>12.0} {:>8.1}",
        grid.len(),
        100.0 * run as f64 / pairs,
        pairs / time,
        1e6 * time / pairs
    );
    collection.best[0].kept().to_vec()
}

/// The best graphics device there is, in f64.
fn on_device(dataset: &Dataset) -> GpuEngine {
    let choice = DeviceChoice { device: None, allow_software: true, precision: None };
    let device = Arc::new(adapter::open(&choice).unwrap_or_else(|e| panic!("{e}")));
    GpuEngine::new(device, dataset, STEPS, GpuOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn said(way: Way) -> &'static str {
    match way {
        Way::Interaction => "by interaction",
        Way::Rules => "with rules",
        Way::Runs => "every pair run",
    }
}

/// Sums of evenly spaced pairs against the reference engine.
fn verify(
    dataset: &Dataset,
    engine: &dyn Engine,
    grid: &PairGrid,
    settings: Option<AdaptationSettings>,
) {
    let reference = ReferenceEngine::new(dataset, STEPS);
    let at = |n: usize| grid.pair(grid.len() * n as u64 / VERIFIED as u64).expect("a pair");
    let scenario = |shocks: [Shock; 2]| Scenario {
        id: 0.into(),
        shocks: shocks.to_vec(),
        adaptation: settings,
    };
    let scenarios: Vec<Scenario> = (0..VERIFIED).map(|n| scenario(at(n))).collect();
    let items = vec![true; dataset.dimensions().items];
    let [found, expected] = [engine, &reference]
        .map(|engine| engine.sums(&scenarios, &items, &|_| {}).expect("sums").of);
    let volume: f64 = engine.baseline().last().iter().sum();
    for (found, expected) in found.iter().zip(&expected) {
        let parts = |sums: &Sums| [sums.by_area.clone(), sums.by_item.clone()].concat();
        let size: f64 = parts(expected).iter().map(|loss| loss.abs()).sum();
        for (found, expected) in parts(found).iter().zip(parts(expected)) {
            assert!((found - expected).abs() <= 1e-9 * size + 1e-15 * volume);
        }
    }
}
