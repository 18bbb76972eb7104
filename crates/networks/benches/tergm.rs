//! Times of model 3 at the size of the paper, after a check against a peer.
//!
//!     cargo bench -p shocksweep-networks -- [AREAS YEARS]
//!
//! `SHOCKSWEEP_PYTHON` names a Python with NumPy; without it there is no peer, and nothing but the
//! golden tests vouches for the numbers.
#![allow(clippy::disallowed_methods)] // compared with the platform's own functions

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;
use shocksweep_networks::networks::{BuildOptions, Networks};
use shocksweep_networks::tergm::bootstrap::{Plan, bootstrap};
use shocksweep_networks::tergm::covariates::Sources;
use shocksweep_networks::tergm::design::Design;
use shocksweep_networks::tergm::fit::{fit, squares};
use shocksweep_networks::tergm::gof::goodness;
use shocksweep_networks::tergm::likelihood::{Designs, STORED_BYTES};
use shocksweep_networks::tergm::model::paper;
use shocksweep_networks::tergm::simulate::Chain;
use shocksweep_networks::tergm::step::{Step, steps};
use shocksweep_networks::world::{Area, Dropped, Events, Flow, PairValues, Tier, TradeYear, World};

const FIRST: i32 = 2001;

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let (n, years) = match numbers[..] {
        [n, years, ..] => (n, years),
        _ => (140, 23),
    };
    let world = invented(n, years);
    let networks = Networks::build(&world, &BuildOptions::default());
    let model = paper(&["tier"]).models(&["tier"]).unwrap().remove(2);
    let sources = Sources { world: &world, networks: &networks };
    let all = timed("covariates and shared partners", 1, || {
        steps(sources, &networks.tiers[0], &model).unwrap()
    });
    let density = all[0].structure.edges() as f64 / all[0].pairs() as f64;
    println!("{n} areas, {years} years, model 3, first density {density:.3}");
    timed("design", 3, || all.iter().map(|step| Design::new(step).pairs).sum::<usize>());
    let designs = Designs::new(&all, STORED_BYTES);
    let weights = vec![1.0; all.len()];
    let squared = squares(&designs);
    let full = timed("fit from 0", 3, || fit(&designs, &weights, &squares(&designs)));
    let few = bootstrap(&designs, &full, &squared, Plan::Draws(10), 1, &|| false).unwrap().unwrap();
    let drawn: Vec<&[u32]> = few.replicates.iter().map(|r| &r.multiplicities[..]).collect();
    if let Some(peer) = peer(&all, &world, &drawn) {
        let near = |own: &[f64], other: &serde_json::Value| {
            for (own, other) in own.iter().zip(other.as_array().unwrap()) {
                let other = other.as_f64().unwrap();
                assert!((own - other).abs() <= 1e-7 * other.abs().max(1e-6), "{own} {other}");
            }
        };
        near(&full.theta, &peer["coefficients"]);
        for (own, other) in few.replicates.iter().zip(peer["replicates"].as_array().unwrap()) {
            near(own.theta.as_ref().unwrap(), other);
        }
        println!("the peer has the same coefficients, in the full fit and in ten replicates");
        for (what, name) in
            [("design", "design"), ("fit from 0", "fit"), ("one replicate", "replicate")]
        {
            let [clock, processors] = [0, 1].map(|at| peer[name][at].as_f64().unwrap());
            println!("NumPy: {what:<27} {clock:8.3} s   {processors:8.2} processor s");
        }
    }
    let found = timed("1,000 replicates", 1, || {
        bootstrap(&designs, &full, &squared, Plan::Draws(1000), 1, &|| false).unwrap().unwrap()
    });
    println!("{} of them dropped", found.dropped());
    let drawn = timed("100 networks a step", 1, || {
        goodness(&all, &full.theta, &Chain::default(), &|| false).unwrap()
    });
    let accepted = drawn.iter().map(|step| step.run.acceptance).sum::<f64>() / drawn.len() as f64;
    println!("{accepted:.3} of their toggles accepted");
    if let Some(peak) = peak() {
        println!("peak memory                      {peak} MB");
    }
}

/// Runs `work` some times and prints its least seconds: of the clock and, as machines are shared, of
/// the processors (to a hundredth, as the system counts them).
fn timed<T>(what: &str, runs: usize, mut work: impl FnMut() -> T) -> T {
    let (mut clock, mut processors) = (f64::INFINITY, f64::INFINITY);
    let mut last = None;
    for _ in 0..runs {
        let (start, before) = (Instant::now(), processor_seconds());
        last = Some(work());
        clock = clock.min(start.elapsed().as_secs_f64());
        processors = processors.min(processor_seconds() - before);
    }
    println!("{what:<34} {clock:8.3} s   {processors:8.2} processor s");
    last.unwrap()
}

fn processor_seconds() -> f64 {
    let Ok(text) = fs::read_to_string("/proc/self/stat") else { return f64::NAN };
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

/// A world with as many ties and as much persistence as the paper's.
fn invented(n: usize, years: usize) -> World {
    let mut random = Pcg64::new(7, 20);
    let mut unit = move || ((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
    let area = |i: usize| Area {
        code: format!("A{i:04}"),
        name: String::new(),
        lat: 0.0,
        lng: 0.0,
        group: "g".to_string(),
        from: None,
        to: None,
    };
    let size: Vec<f64> = (0..n).map(|_| 2.0 * (unit() + unit() - 1.0)).collect();
    let mut dyads: BTreeMap<String, PairValues> = ["distance", "common_language", "colony"]
        .map(|name| (name.to_string(), PairValues::new(n)))
        .into();
    for i in 0..n {
        for j in i + 1..n {
            dyads.get_mut("distance").unwrap().set(i, j, (200.0 + 15000.0 * unit()).round());
            dyads.get_mut("common_language").unwrap().set(i, j, f64::from(u8::from(unit() < 0.15)));
            dyads.get_mut("colony").unwrap().set(i, j, f64::from(u8::from(unit() < 0.03)));
        }
    }
    let mut gdp = BTreeMap::new();
    let mut events = BTreeMap::new();
    let mut trade = Vec::new();
    let mut before = vec![false; n * n];
    for t in 0..years {
        let year = FIRST + t as i32;
        let mut rows = Vec::new();
        let mut flows = Vec::new();
        for i in 0..n {
            gdp.insert((year, i as u32), (25.0 + size[i] + 0.03 * t as f64 + 0.1 * unit()).exp());
            for j in (0..n).filter(|&j| j != i) {
                let mass = size[i] + size[j];
                let mut count = |level: f64| (level + mass + 2.0 * unit()).exp().floor().min(500.0);
                let counts = [count(-0.5), count(-2.0), count(-2.5), count(-3.0)];
                if counts.iter().any(|&count| count > 0.0) {
                    rows.push(Events { source: i as u32, target: j as u32, counts });
                }
                let habit = if before[i * n + j] { 2.5 } else { 0.0 };
                let eta =
                    -3.4 + 0.9 * mass + habit + 0.1 * counts[0].ln_1p() - 0.2 * counts[2].ln_1p();
                let tie = unit() < 1.0 / (1.0 + (-eta).exp());
                before[i * n + j] = tie;
                if tie {
                    flows.push(Flow {
                        importer: i as u32,
                        exporter: j as u32,
                        value: 1.0 + unit(),
                    });
                }
            }
        }
        events.insert(year, rows);
        let (mut imports, mut exports) = (vec![0.0; n], vec![0.0; n]);
        for flow in &flows {
            imports[flow.importer as usize] += flow.value;
            exports[flow.exporter as usize] += flow.value;
        }
        let world = imports.iter().sum();
        trade.push(TradeYear { flows, outside: Vec::new(), imports, exports, world });
    }
    World {
        areas: (0..n).map(area).collect(),
        tiers: vec![Tier { name: "tier".into(), items: Vec::new(), first_year: FIRST, trade }],
        events: Some(events),
        attributes: BTreeMap::from([("gdp".to_string(), gdp)]),
        dyads,
        covariates: BTreeMap::new(),
        dropped: Dropped::default(),
    }
}

/// Runs the peer on the same networks and covariates.
fn peer(all: &[Step], world: &World, multiplicities: &[&[u32]]) -> Option<serde_json::Value> {
    let python = std::env::var_os("SHOCKSWEEP_PYTHON")?;
    let folder = tempfile::tempdir().unwrap();
    let n = world.n();
    let networks = Networks::build(world, &BuildOptions::default());
    let sources = Sources { world, networks: &networks };
    let areas: Vec<u32> = (0..n as u32).collect();
    let write = |name: &str, values: &[f64]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(folder.path().join(format!("{name}.f64")), bytes).unwrap();
    };
    let years: Vec<i32> = (0..=all.len()).map(|at| FIRST + at as i32).collect();
    let mut ties = Vec::new();
    for year in &networks.tiers[0].years {
        let bits = year.network.bits();
        ties.extend((0..n * n).map(|at| f64::from(u8::from(bits.get(at / n, at % n)))));
    }
    write("ties", &ties);
    for (file, of) in [("lngdp", "lnGDP"), ("coop_node", "coop"), ("conf_node", "conf")] {
        let values = years.iter().flat_map(|&year| sources.attribute(of, year, &areas).unwrap());
        write(file, &values.collect::<Vec<_>>());
    }
    let standard = shocksweep_networks::tergm::term::Scale::Standard;
    for of in ["coop", "conf"] {
        let values =
            years.iter().flat_map(|&y| sources.covariate(of, standard, y, &areas).unwrap());
        write(of, &values.collect::<Vec<_>>());
    }
    for of in ["dist", "lang", "colo"] {
        write(of, &sources.covariate(of, standard, FIRST, &areas).unwrap());
    }
    let about =
        serde_json::json!({ "n": n, "years": years.len(), "multiplicities": multiplicities });
    fs::write(folder.path().join("world.json"), about.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers/numpy_tergm.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
