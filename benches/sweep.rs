//! The static sweep against its peers, the whole command, and how cost grows with the network.
//!
//!     cargo bench --bench sweep                      built-in worlds, no peers
//!     cargo bench --bench sweep -- FOLDER            also a folder in the published layout, and
//!                                                    its SciPy peers (SHOCKSWEEP_PYTHON)
//!
//! Every result is verified before anything is timed. See `benches/README.md`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use shocksweep::dataset::import::{ImportOptions, import};
use shocksweep::dataset::synth::{SynthOptions, synthesize};
use shocksweep::dataset::{Dataset, store};
use shocksweep::engine::cpu::CpuEngine;
use shocksweep::engine::reference::ReferenceEngine;
use shocksweep::engine::{Engine, Outcome};
use shocksweep::model::constants::{MIN_LOSS, STEPS};
use shocksweep::scenario::{Scenario, Shock};

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

fn single_shocks(dataset: &Dataset) -> Vec<Scenario> {
    let producers = dataset.parameters.producers();
    let sectors = (0..producers.len() as u32).filter(|&s| producers[s as usize]);
    let shocks = |sector| vec![Shock { sector, phi: 1.0 }];
    sectors.map(|s| Scenario { id: s, shocks: shocks(s), adaptation: None }).collect()
}

fn rows_and_loss(outcomes: &[Outcome]) -> (usize, f64) {
    let rows = outcomes.iter().map(|o| o.losses.len()).sum();
    (rows, outcomes.iter().flat_map(|o| &o.losses).sum())
}

/// The engine must agree with the reference before it is timed.
fn verify(dataset: &Dataset, engine: &CpuEngine, scenarios: &[Scenario]) {
    let sample: Vec<Scenario> =
        scenarios.iter().step_by((scenarios.len() / 40).max(1)).cloned().collect();
    let reference = ReferenceEngine::new(dataset, STEPS).run(&sample, MIN_LOSS, &|_| {});
    let found = engine.run(&sample, MIN_LOSS, &|_| {});
    assert_eq!(reference.len(), found.len());
    let baseline = engine.baseline().last();
    for (expected, found) in reference.iter().zip(&found) {
        assert_eq!(expected.sectors, found.sectors, "the same sectors lose more than 1 kg");
        for ((&s, a), b) in expected.sectors.iter().zip(&expected.losses).zip(&found.losses) {
            let bound = 1e-9 * a.abs() + 1e-12 * baseline[s as usize];
            assert!((a - b).abs() <= bound, "{}", dataset.labels.sector_name(s as usize));
        }
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed().as_secs_f64(), result)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The 2020 data, or any other in the published layout: engine, peers, whole command.
fn published(folder: &Path) {
    let (imported, dataset) = seconds(|| import(folder, &ImportOptions::default()));
    let dataset = dataset.unwrap_or_else(|e| panic!("{e}"));
    let scenarios = single_shocks(&dataset);
    let engine = CpuEngine::new(&dataset, STEPS);
    verify(&dataset, &engine, &scenarios);
    let (rows, loss) = rows_and_loss(&engine.run(&scenarios, MIN_LOSS, &|_| {}));
    println!("{}: {} producing shocks, {rows} rows", dataset.metadata.name, scenarios.len());

    let mut peer = Peer::start(folder);
    let mut times: [Vec<f64>; 4] = Default::default();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    for _ in 0..ROUNDS {
        for _ in 0..RUNS_PER_ROUND {
            times[0].push(seconds(|| engine.run(&scenarios, MIN_LOSS, &|_| {})).0);
        }
        times[1].push(seconds(|| one.install(|| engine.run(&scenarios, MIN_LOSS, &|_| {}))).0);
        let batched = peer.ask("batched");
        let close = (batched.loss - loss).abs() <= 1e-9 * loss.abs();
        assert!(batched.rows.abs_diff(rows) <= 2 && close, "the batched peer computes the same");
        times[2].push(batched.seconds);
        let plain = peer.ask(&format!("plain {PLAIN_SAMPLE}"));
        let at = |n: usize| scenarios[n * scenarios.len() / PLAIN_SAMPLE].clone();
        let sample: Vec<Scenario> = (0..PLAIN_SAMPLE).map(at).collect();
        let (rows, loss) = rows_and_loss(&engine.run(&sample, MIN_LOSS, &|_| {}));
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
            program(&["run", "--all-single", "--quiet", "--out", out])
        })
        .collect();
    let mut shocks: Vec<f64> =
        (0..9).map(|_| program(&["shock", "India/Rice and products"])).collect();
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
            (0..ROUNDS).map(|_| seconds(|| engine.run(scenarios, MIN_LOSS, &|_| {})).0).collect();
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
    all.into_iter().filter(|s| dims.item_of(s.id as usize).is_multiple_of(every)).collect()
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
    let mut links = 0;
    for scenario in &sample {
        for outcome in engine.trace(scenario, 0.0, 0..STEPS - 1) {
            links += outcome.sectors.iter().map(|&s| degree[s as usize]).sum::<usize>();
        }
    }
    links as f64 / sample.len() as f64
}

/// A peer program that answers requests line by line.
struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    block: u64,
}

struct Answer {
    seconds: f64,
    rows: usize,
    loss: f64,
}

impl Peer {
    fn start(folder: &Path) -> Self {
        let python = std::env::var("SHOCKSWEEP_PYTHON").unwrap_or_else(|_| "python3".to_string());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/scipy_static.py");
        let mut child = Command::new(&python)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{python}: {e}; set SHOCKSWEEP_PYTHON"));
        let requests = child.stdin.take().expect("piped");
        let mut answers = BufReader::new(child.stdout.take().expect("piped"));
        let ready = read_json(&mut answers);
        let block = ready["block"].as_u64().expect("the peer says its block size");
        Peer { child, requests, answers, block }
    }

    fn ask(&mut self, request: &str) -> Answer {
        writeln!(self.requests, "{request}").expect("the peer listens");
        let answer = read_json(&mut self.answers);
        Answer {
            seconds: answer["seconds"].as_f64().expect("seconds"),
            rows: answer["rows"].as_u64().expect("rows") as usize,
            loss: answer["loss"].as_f64().expect("loss"),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The peer holds no state worth keeping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_json(answers: &mut BufReader<ChildStdout>) -> serde_json::Value {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the peer answers");
    serde_json::from_str(&line).unwrap_or_else(|_| {
        panic!("the peer ended; it needs NumPy and SciPy (see its errors above)")
    })
}
