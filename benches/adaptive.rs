//! The adaptive sweep against its peer, both ways at once, pairs, one scenario, the whole command.
//!
//!     cargo bench --bench adaptive                   the built-in world, no peer
//!     cargo bench --bench adaptive -- FOLDER         a folder in the published layout, and its SciPy
//!                                                    peer (SHOCKSWEEP_PYTHON)
//!
//! Every result is verified before anything is timed. See `benches/README.md`.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Peer, median, rows_and_loss, run, seconds, single_shocks, verify};
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, store};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::model::constants::STEPS;
use shocksweep::low_level::scenario::{Scenario, Shock};

/// Rounds of the interleaved comparison.
const ROUNDS: usize = 5;
/// Runs of the engine per round: it is much faster than its peer.
const RUNS_PER_ROUND: usize = 5;
/// Scenarios of the peer per round.
const PLAIN_SAMPLE: usize = 100;

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let dataset = match &folder {
        Some(folder) => {
            import(Path::new(folder), &ImportOptions::default()).unwrap_or_else(|e| panic!("{e}"))
        }
        None => {
            println!("no folder in the published layout given: the built-in world, no peer\n");
            synthesize(&SynthOptions::default()).expect("the default world")
        }
    };
    let off = single_shocks(&dataset);
    let settings = Some(AdaptationSettings::default());
    let on: Vec<Scenario> = off.iter().map(|s| s.clone().with_adaptation(settings)).collect();
    let both: Vec<Scenario> =
        off.iter().zip(&on).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    let (make, engine) = seconds(|| CpuEngine::new(&dataset, STEPS));
    verify(&dataset, &engine, &on);
    let outcomes = run(&engine, &on);
    let (rows, _) = rows_and_loss(&outcomes);
    let decisions: usize = outcomes.iter().map(|o| o.events.len()).sum();
    drop(outcomes);
    println!(
        "{}: {} producing shocks, {rows} rows, {decisions} decisions, engine made in {:.0} ms",
        dataset.metadata.name,
        on.len(),
        1e3 * make
    );

    let pairs = pairs(&dataset, settings);
    verify(&dataset, &engine, &pairs);
    let mut peer = folder.as_ref().map(|f| Peer::start("scipy_adaptive.py", Path::new(f)));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let mut times: [Vec<f64>; 6] = Default::default();
    for _ in 0..ROUNDS {
        for _ in 0..RUNS_PER_ROUND {
            times[0].push(seconds(|| run(&engine, &on)).0);
            times[2].push(seconds(|| run(&engine, &off)).0);
            times[3].push(seconds(|| run(&engine, &both)).0);
            times[4].push(seconds(|| run(&engine, &pairs)).0);
        }
        times[1].push(seconds(|| one.install(|| run(&engine, &on))).0);
        let Some(peer) = &mut peer else { continue };
        let plain = peer.ask(&format!("plain {PLAIN_SAMPLE}"));
        let at = |n: usize| on[n * on.len() / PLAIN_SAMPLE].clone();
        let sample: Vec<Scenario> = (0..PLAIN_SAMPLE).map(at).collect();
        let outcomes = run(&engine, &sample);
        let (rows, loss) = rows_and_loss(&outcomes);
        // Losses and gains cancel in the sum: its rounding is relative to their sizes.
        let size: f64 = outcomes.iter().flat_map(|o| &o.losses).map(|loss| loss.abs()).sum();
        let close = (plain.loss - loss).abs() <= 1e-9 * size;
        assert!(
            plain.rows.abs_diff(rows) <= 2 && close,
            "the peer computes the same: {} rows and {rows}, {} t and {loss}",
            plain.rows,
            plain.loss
        );
        times[5].push(plain.seconds * on.len() as f64 / PLAIN_SAMPLE as f64);
    }
    let threads = rayon::current_num_threads();
    let names = [
        format!("adaptive sweep, {threads} threads"),
        "adaptive sweep, 1 thread".to_string(),
        format!("static sweep, {threads} threads"),
        format!("both at once, {threads} threads"),
        format!("{} adaptive pairs of large exporters, {threads} threads", pairs.len()),
        format!("SciPy, one at a time ({PLAIN_SAMPLE} scenarios, scaled)"),
    ];
    println!("\n{:<56} {:>10} {:>10} {:>8}", "data loaded", "median ms", "min ms", "ratio");
    let base = median(&mut times[0]);
    for (name, times) in names.iter().zip(&mut times).filter(|(_, times)| !times.is_empty()) {
        let middle = median(times);
        let ratio = middle / base;
        println!("{name:<56} {:>10.1} {:>10.1} {ratio:>8.2}", 1e3 * middle, 1e3 * times[0]);
    }
    single(&engine, &on);
    whole_command(&dataset);
}

/// One scenario at a time, as an interactive user has it: evenly spaced ones.
fn single(engine: &CpuEngine, on: &[Scenario]) {
    let sample: Vec<&Scenario> = on.iter().step_by(on.len() / 200).collect();
    let mut times: Vec<f64> =
        sample.iter().map(|s| seconds(|| run(engine, std::slice::from_ref(*s))).0).collect();
    let middle = median(&mut times);
    let last = times[times.len() - 1];
    println!(
        "\none adaptive scenario: median {:.2} ms, slowest {:.2} ms of {}",
        1e3 * middle,
        1e3 * last,
        times.len()
    );
}

/// 2,000 joint full shocks of two of the 200 largest exporters.
fn pairs(dataset: &Dataset, settings: Option<AdaptationSettings>) -> Vec<Scenario> {
    let p = &dataset.parameters;
    let producers = p.producers();
    let exports = |s: usize| p.share_eta_exp[s] * p.x0[s];
    let mut largest: Vec<u32> =
        (0..producers.len() as u32).filter(|&s| producers[s as usize]).collect();
    largest.sort_by(|&a, &b| exports(b as usize).total_cmp(&exports(a as usize)).then(a.cmp(&b)));
    let mut pairs = Vec::new();
    for first in 0..200 {
        for step in 1..=10 {
            let second = (first + 7 * step) % 200;
            let shock = |at: usize| Shock::new(largest[at], 1.0);
            let shocks = vec![shock(first), shock(second)];
            let pair = Scenario::new(pairs.len() as u32, shocks, &dataset.labels);
            pairs.push(pair.expect("two sectors").with_adaptation(settings));
        }
    }
    pairs
}

/// Start, load own form, run, Parquet: the program as a process.
fn whole_command(dataset: &Dataset) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let own = dir.path().join("own");
    store::write(dataset, &own, false).unwrap_or_else(|e| panic!("{e}"));
    let out = dir.path().join("out");
    let out = out.to_str().expect("UTF-8");
    println!("\n{:<56} {:>10} {:>10}", "whole command, Parquet, synced", "median ms", "min ms");
    for adaptation in ["on", "both"] {
        let mut times: Vec<f64> = (0..7)
            .map(|_| {
                // The first time there is nothing to remove.
                let _ = std::fs::remove_dir_all(out);
                let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
                command.args(["run", "--all-single", "--quiet", "--out", out]);
                command.args(["--adaptation", adaptation]).arg("--dataset").arg(&own);
                command.stdout(Stdio::null());
                let (time, status) = seconds(|| command.status().expect("the program starts"));
                assert!(status.success());
                time
            })
            .collect();
        let name = format!("run --all-single --adaptation {adaptation}");
        println!("{name:<56} {:>10.1} {:>10.1}", 1e3 * median(&mut times), 1e3 * times[0]);
    }
}
