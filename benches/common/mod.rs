//! What the benchmarks share: scenarios, verification, peers.
#![allow(dead_code)] // each benchmark uses its own part

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::model::constants::{MIN_LOSS, STEPS};
use shocksweep::low_level::scenario::{Scenario, Shock};

pub fn single_shocks(dataset: &Dataset) -> Vec<Scenario> {
    let producers = dataset.parameters.producers();
    let sectors = (0..producers.len() as u32).filter(|&s| producers[s as usize]);
    let shocks = |sector| vec![Shock::new(sector, 1.0)];
    sectors.map(|s| Scenario { id: s.into(), shocks: shocks(s), adaptation: None }).collect()
}

pub fn rows_and_loss(outcomes: &[Outcome]) -> (usize, f64) {
    let rows = outcomes.iter().map(|o| o.losses.len()).sum();
    (rows, outcomes.iter().flat_map(|o| &o.losses).sum())
}

/// Losses after the last step.
pub fn run(engine: &dyn Engine, scenarios: &[Scenario]) -> Vec<Outcome> {
    let last = [engine.last_step()];
    engine.losses(scenarios, &last, MIN_LOSS, &|_| {}).expect("an engine that answers").of
}

/// The engine must agree with the reference before it is timed.
pub fn verify(dataset: &Dataset, engine: &CpuEngine, scenarios: &[Scenario]) {
    let sample: Vec<Scenario> =
        scenarios.iter().step_by((scenarios.len() / 40).max(1)).cloned().collect();
    let reference = run(&ReferenceEngine::new(dataset, STEPS), &sample);
    let found = run(engine, &sample);
    assert_eq!(reference.len(), found.len());
    let baseline = engine.baseline().last();
    for (expected, found) in reference.iter().zip(&found) {
        assert_eq!(expected.sectors, found.sectors, "the same sectors lose more than 1 kg");
        assert_eq!(expected.events.len(), found.events.len(), "as many sectors decide");
        for ((&s, a), b) in expected.sectors.iter().zip(&expected.losses).zip(&found.losses) {
            let bound = 1e-9 * a.abs() + 1e-12 * baseline[s as usize];
            assert!((a - b).abs() <= bound, "{}", dataset.labels.sector_name(s as usize));
        }
    }
}

pub fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed().as_secs_f64(), result)
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A peer program that answers requests line by line.
pub struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub block: u64,
}

pub struct Answer {
    pub seconds: f64,
    pub rows: usize,
    pub loss: f64,
}

impl Peer {
    /// Starts a script of `benches/peers` on a folder in the published layout.
    pub fn start(script: &str, folder: &Path) -> Self {
        let python = std::env::var("SHOCKSWEEP_PYTHON").unwrap_or_else(|_| "python3".to_string());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
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

    pub fn ask(&mut self, request: &str) -> Answer {
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
