//! The static sweep against its peers, the whole command, and how cost grows with the network.
//!
//!     cargo bench --bench sweep                      built-in worlds, no peers
//!     cargo bench --bench sweep -- FOLDER            also a folder in the published layout, and
//!                                                    its SciPy peers (SHOCKSWEEP_PYTHON)
//!
//! Every result is verified before anything is timed. See `benches/README.md`.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Peer, median, rows_and_loss, run, seconds, single_shocks, verify};
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, store};
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::model::constants::STEPS;
use shocksweep::low_level::scenario::Scenario;

/// Rounds of the interleaved comparison.
const ROUNDS: usize = 5;
/// Runs of the engine per round: it is much faster than its peers.
const RUNS_PER_ROUND: usize = 5;
/// Scenarios of the peer that runs one at a time.
const PLAIN_SAMPLE: usize = 100;

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    match folder {
        Some(folder) => published(Path::new(&folder)),
        None => println!("no folder in the published layout given: peers are left out\n"),
    }
    scaling();
}

/// The 2020 data, or any other in the published layout: engine, peers, whole command.
fn published(folder: &Path) {
    let (imported, dataset) = seconds(|| import(folder, &ImportOptions::default()));
    let dataset = dataset.unwrap_or_else(|e| panic!("{e}"));
    let scenarios = single_shocks(&dataset);
    let engine = CpuEngine::new(&dataset, STEPS);
    verify(&dataset, &engine, &scenarios);
    let (rows, loss) = rows_and_loss(&run(&engine, &scenarios));
    println!("{}: {} producing shocks, {rows} rows", dataset.metadata.name, scenarios.len());

    let mut peer = Peer::start("scipy_static.py", folder);
    let mut times: [Vec<f64>; 4] = Default::default();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    for _ in 0..ROUNDS {
        for _ in 0..RUNS_PER_ROUND {
            times[0].push(seconds(|| run(&engine, &scenarios)).0);
        }
        times[1].push(seconds(|| one.install(|| run(&engine, &scenarios))).0);
        let batched = peer.ask("batched");
        let close = (batched.loss - loss).abs() <= 1e-9 * loss.abs();
        assert!(batched.rows.abs_diff(rows) <= 2 && close, "the batched peer computes the same");
        times[2].push(batched.seconds);
        let plain = peer.ask(&format!("plain {PLAIN_SAMPLE}"));
        let at = |n: usize| scenarios[n * scenarios.len() / PLAIN_SAMPLE].clone();
        let sample: Vec<Scenario> = (0..PLAIN_SAMPLE).map(at).collect();
        let (rows, loss) = rows_and_loss(&run(&engine, &sample));
        let close = (plain.loss - loss).abs() <= 1e-9 * loss.abs();
        assert!(plain.rows.abs_diff(rows) <= 2 && close, "the plain peer computes the same");
        times[3].push(plain.seconds * scenarios.len() as f64 / PLAIN_SAMPLE as f64);
    }
    let names = [
        format!("cpu engine, {} threads", rayon::current_num_threads()),
        "cpu engine, 1 thread".to_string(),
        format!("SciPy, CSR @ dense block of {}", peer.block),
        format!("SciPy, one at a time ({PLAIN_SAMPLE} scenarios, scaled)"),
    ];
    println!(
        "\n{:<52} {:>10} {:>10} {:>8}",
        "static sweep, data loaded", "median ms", "min ms", "ratio"
    );
    let base = median(&mut times[0]);
    for (name, times) in names.iter().zip(&mut times) {
        let middle = median(times);
        println!(
            "{name:<52} {:>10.1} {:>10.1} {:>8.1}",
            1e3 * middle,
            1e3 * times[0],
            middle / base
        );
    }
    whole_command(&dataset, imported);
}

/// Start, load own form, run, Parquet: the program as a process.
fn whole_command(dataset: &Dataset, imported: f64) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let own = dir.path().join("own");
    store::write(dataset, &own, false).unwrap_or_else(|e| panic!("{e}"));
    let out = dir.path().join("out");
    let program = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(args).arg("--dataset").arg(&own).stdout(Stdio::null());
        let (time, status) = seconds(|| command.status().expect("the program starts"));
        assert!(status.success());
        time
    };
    let out = out.to_str().expect("UTF-8");
    let mut runs: Vec<f64> = (0..9)
        .map(|_| {
            // The first time there is nothing to remove.
            let _ = std::fs::remove_dir_all(out);
            program(&["run", "--all-single", "--adaptation", "off", "--quiet", "--out", out])
        })
        .collect();
    let mut shocks: Vec<f64> = (0..9)
        .map(|_| program(&["shock", "India/Rice and products", "--adaptation", "off"]))
        .collect();
    let (mut loads, mut makes) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        loads.push(seconds(|| store::read(&own)).0);
        makes.push(seconds(|| CpuEngine::new(dataset, STEPS)).0);
    }
    println!("\n{:<52} {:>10} {:>10}", "", "median ms", "min ms");
    for (name, times) in [
        ("import of the published layout (once)", &mut vec![imported]),
        ("load own form, content hash verified", &mut loads),
        ("make the cpu engine", &mut makes),
        ("whole command: run --all-single, Parquet, synced", &mut runs),
        ("whole command: shock", &mut shocks),
    ] {
        println!("{name:<52} {:>10.1} {:>10.1}", 1e3 * median(times), 1e3 * times[0]);
    }
}

/// Worlds of 1/4, 1, 4 and 16 times the sectors: cost follows the links touched.
fn scaling() {
    println!(
        "\n{:<12} {:>9} {:>10} {:>10} {:>16} {:>16} {:>13}",
        "world", "sectors", "links", "scenarios", "links/scenario", "us/scenario", "ns/link"
    );
    for (areas, items) in [(96, 62), (192, 123), (384, 246), (768, 492)] {
        let world = synthesize(&SynthOptions { areas, items, seed: 1 }).expect("a valid size");
        let engine = CpuEngine::new(&world, STEPS);
        let scenarios = &sample_of_items(&world, 4096);
        let checked: Vec<Scenario> = scenarios.iter().take(40).cloned().collect();
        verify(&world, &engine, &checked);
        let touched = links_touched(&world, &engine, scenarios);
        let mut times: Vec<f64> =
            (0..ROUNDS).map(|_| seconds(|| run(&engine, scenarios)).0).collect();
        let each = median(&mut times) / scenarios.len() as f64;
        println!(
            "{:<12} {:>9} {:>10} {:>10} {:>16.0} {:>16.2} {:>13.3}",
            format!("{areas} x {items}"),
            world.dimensions().sectors(),
            world.parameters.trade_t.nnz(),
            scenarios.len(),
            touched,
            1e6 * each,
            1e9 * each / touched
        );
    }
}

/// All single shocks of evenly spaced items, about `count` of them: a part of the sweep that is
/// computed as the whole would be, since lane groups form within items.
fn sample_of_items(world: &Dataset, count: usize) -> Vec<Scenario> {
    let dims = world.dimensions();
    let all = single_shocks(world);
    let every = all.len().div_ceil(count);
    all.into_iter().filter(|s| dims.item_of(s.id.0 as usize).is_multiple_of(every)).collect()
}

/// Mean number of links that leave a sector with a loss, summed over the steps of a scenario.
fn links_touched(world: &Dataset, engine: &CpuEngine, scenarios: &[Scenario]) -> f64 {
    let p = &world.parameters;
    let mut degree = vec![0usize; p.x0.len()];
    for (_, exporter, _) in p.trade_t.iter() {
        degree[exporter] += 1;
    }
    for (_, input, _) in p.allocation_nu.iter() {
        degree[input] += 1;
    }
    let sample: Vec<&Scenario> = scenarios.iter().step_by(scenarios.len() / 64 + 1).collect();
    let all_but_last: Vec<usize> = (0..STEPS - 1).collect();
    let mut links = 0;
    for scenario in &sample {
        let (of, steps) = (std::slice::from_ref(*scenario), &all_but_last);
        for outcome in engine.losses(of, steps, 0.0, &|_| {}).expect("losses").of {
            links += outcome.sectors.iter().map(|&s| degree[s as usize]).sum::<usize>();
        }
    }
    links as f64 / sample.len() as f64
}
