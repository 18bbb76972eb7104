//! Trade: reading a BACI-sized year, testing links, indicators and sweeps of a large panel, regressions,
//! all of HS. What is timed is verified first; peers run in the same call.
//!
//! `cargo bench --bench trade [-- FOLDER]`; FOLDER holds the large file between calls. SHOCKSWEEP_PYTHON
//! names a Python with Polars, DuckDB, statsmodels and pyfixest.
#![allow(clippy::disallowed_methods)] // compared with the platform's own functions

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use shocksweep::low_level::job::EngineKind;
use shocksweep::low_level::trade::sweep::{Machine, year};
use shocksweep_columnar::Record;
use shocksweep_columnar::write;
use shocksweep_statistics::SplitMix64;
use shocksweep_trade::balance::Balance;
use shocksweep_trade::effects::{Design, fit};
use shocksweep_trade::indicators::indicators;
use shocksweep_trade::links;
use shocksweep_trade::lists::{Candidate, Item, Tier};
use shocksweep_trade::panel::import::{Request, import};
use shocksweep_trade::panel::{About, Amount, Flow, Panel, Year};
use shocksweep_trade::study::{Settings, Study};
use shocksweep_trade::world::world;

/// Areas of a full BACI year, and rows.
const AREAS: u32 = 230;
const CODES: u32 = 5_000;
const ROWS: u64 = 11_000_000;
/// Items that are wanted.
const WANTED: u32 = 168;

struct Draws(SplitMix64);

impl Draws {
    fn new(seed: u64) -> Self {
        Draws(SplitMix64::new(seed))
    }

    fn unit(&mut self) -> f64 {
        ((self.0.draw() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn code(at: u32) -> u32 {
    10_000 + at * 197
}

/// What was written: rows, and of the wanted items rows and thousandths of kUSD.
struct Written {
    rows: u64,
    kept: u64,
    thousandths: u64,
}

/// Writes a year in BACI's layout, with its tables.
fn write_year(folder: &Path) -> Written {
    let mut draws = Draws::new(1);
    let mut out =
        BufWriter::with_capacity(1 << 20, fs::File::create(folder.join("BACI_Y2022.csv")).unwrap());
    out.write_all(b"t,i,j,k,v,q\n").unwrap();
    let mut written = Written { rows: 0, kept: 0, thousandths: 0 };
    let pairs = u64::from(AREAS * (AREAS - 1));
    for i in 0..AREAS {
        for j in (0..AREAS).filter(|&j| j != i) {
            // Steps through the codes that are one in 24 on average.
            let stride =
                1.0 + 2.0 * (f64::from(CODES) * pairs as f64 / ROWS as f64 - 1.0) * draws.unit();
            let mut at = draws.unit() * stride;
            while at < f64::from(CODES) {
                let k = at as u32;
                let v =
                    ((2.0 * draws.unit() - 0.3) * 6.0 * draws.unit()).exp2() * 30.0 * draws.unit();
                let v = 1 + (v * 1000.0) as u64;
                let quantity = if draws.unit() < 0.03 {
                    String::new()
                } else {
                    format!("{:.3}", v as f64 / 5000.0)
                };
                writeln!(
                    out,
                    "2022,{},{},{:06},{}.{:03},{quantity}",
                    4 + 3 * i,
                    4 + 3 * j,
                    code(k),
                    v / 1000,
                    v % 1000
                )
                .unwrap();
                written.rows += 1;
                if k < WANTED {
                    written.kept += 1;
                    written.thousandths += v;
                }
                at += 1.0 + (stride - 1.0) * 2.0 * draws.unit();
            }
        }
    }
    out.flush().unwrap();
    let mut areas = String::from("country_code,country_name,country_iso2,country_iso3\n");
    (0..AREAS).for_each(|i| areas += &format!("{},Area {i:03},,\n", 4 + 3 * i));
    fs::write(folder.join("areas.csv"), areas).unwrap();
    for (name, count) in [("items.csv", WANTED), ("all.csv", CODES)] {
        let mut items = String::from("code,item,tier\n");
        let tier = ["raw", "input", "final"];
        (0..count).for_each(|k| {
            items += &format!("{:06},Item {k:04},{}\n", code(k), tier[k as usize % 3])
        });
        fs::write(folder.join(name), items).unwrap();
    }
    written
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let found = work();
    (begun.elapsed().as_secs_f64(), found)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Most memory this process has had, MB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    number.unwrap_or(0.0) / 1024.0
}

fn peer(script: &str, args: &[&Path]) -> String {
    let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
        return "  (no SHOCKSWEEP_PYTHON, no peers)".into();
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
    let output = Command::new(python).arg(script).args(args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { text } else { format!("  peer failed: {errors}") }
}

fn reading(folder: &Path) -> Panel {
    let path = folder.join("BACI_Y2022.csv");
    let (took, written) = seconds(|| write_year(folder));
    let bytes = fs::metadata(&path).unwrap().len();
    println!("written: {} rows, {:.0} MB in {took:.1} s", written.rows, bytes as f64 / 1e6);
    let request = |items: &str| Request {
        source: path.clone(),
        items: folder.join(items),
        areas: folder.join("areas.csv"),
        merge: None,
        amount: Amount::Value,
        name: "bench".into(),
        licence: String::new(),
    };
    let mut times = Vec::new();
    let mut panel = None;
    for _ in 0..5 {
        let (took, found) = seconds(|| import(&request("items.csv")).unwrap());
        times.push(took);
        panel = Some(found);
    }
    let panel = panel.unwrap();
    let count = |what: &str| panel.counts.iter().find(|c| c.what == what).unwrap().count;
    assert_eq!((count("rows"), count("kept")), (written.rows, written.kept));
    let sum: f64 = panel.years[0].flows.iter().map(|flow| flow.value).sum();
    assert!((sum * 1000.0 - written.thousandths as f64).abs() < 1e-9 * written.thousandths as f64);
    let took = median(times.clone());
    println!(
        "import, {WANTED} items: {took:.2} s (min {:.2}), {:.0} MB/s, peak {:.0} MB, {} kept",
        times.iter().copied().fold(f64::INFINITY, f64::min),
        bytes as f64 / 1e6 / took,
        peak(),
        written.kept
    );
    println!("{}", peer("trade_read.py", &[&path, &folder.join("items.csv")]));
    let (took, all) = seconds(|| import(&request("all.csv")).unwrap());
    println!("import, all {CODES} items: {took:.2} s, peak {:.0} MB", peak());
    all
}

/// A panel of 168 items, 230 areas, 17 years, as dense as magnets are.
fn large() -> Panel {
    let mut draws = Draws::new(2);
    let (areas, items) = (AREAS as usize, WANTED as usize);
    let size: Vec<f64> = (0..areas).map(|_| (1.8 * draws.normal()).exp()).collect();
    let names = |kind: &str, count: usize| {
        (0..count).map(|at| Arc::from(format!("{kind} {at:03}"))).collect::<Vec<Arc<str>>>()
    };
    let mut panel = Panel {
        about: About {
            name: "bench".into(),
            synthetic: true,
            licence: String::new(),
            amount: Amount::Value,
            first_year: 2007,
            last_year: 2023,
            silent_areas: 0,
            made_by: String::new(),
            sources: vec![],
        },
        areas: names("Area", areas),
        items: names("Item", items)
            .into_iter()
            .zip(0..)
            .map(|(name, p)| Item { name, tier: Tier::ALL[p as usize % 3], codes: vec![p] })
            .collect(),
        years: vec![],
        counts: vec![],
        fills: vec![],
    };
    let mut level: Vec<f64> = (0..areas * items).map(|_| draws.normal()).collect();
    for year in 2007..=2023 {
        let (mut flows, mut starts, mut exports) = (vec![], vec![0], vec![0.0; areas]);
        for p in 0..items {
            for d in 0..areas {
                level[p * areas + d] += 0.2 * draws.normal();
                for c in 0..areas {
                    let chance = 0.11 * (size[d] * size[c]).sqrt().sqrt();
                    if c == d || draws.unit() > chance {
                        continue;
                    }
                    let value =
                        100.0 * size[d] * size[c] * (level[p * areas + d] + draws.normal()).exp();
                    exports[d] += value;
                    flows.push(Flow {
                        exporter: d as u16,
                        importer: c as u16,
                        value,
                        quantity: None,
                    });
                }
            }
            starts.push(flows.len());
        }
        let total = exports.iter().sum();
        panel.years.push(Year { year, flows, starts, exports, total });
    }
    panel
}

fn candidates(count: usize, items: usize) -> Vec<Candidate> {
    let mut draws = Draws::new(3);
    let mut all = BTreeSet::new();
    while all.len() < count {
        let [r, p] = [0, 1].map(|_| (draws.unit() * items as f64) as usize);
        if r != p {
            all.insert((r, p));
        }
    }
    all.into_iter().map(|(input, output)| Candidate { input, output }).collect()
}

fn panel_of_all(panel: &Panel) {
    let flows: usize = panel.years.iter().map(|year| year.flows.len()).sum();
    println!(
        "panel: {} flows in {} years, {} per item and year",
        flows,
        panel.years.len(),
        flows / 17 / WANTED as usize
    );
    // Upstream to downstream, one input and a half per item that is not raw.
    let mut links = candidates(2_000, panel.items.len());
    links.retain(|link| panel.items[link.input].tier < panel.items[link.output].tier);
    links.truncate(170);
    let settings = Settings { links: links::Chosen::All, ..Settings::default() };
    let study = Study::new(panel, &links, None, settings);
    let machine = Machine { engine: Some(EngineKind::Cpu), ..Machine::default() };
    let (took, found) = seconds(|| {
        (0..panel.years.len())
            .map(|at| year(&study, at, &machine, false, &|| false, &|_| {}).unwrap().0)
            .collect::<Vec<_>>()
    });
    let failures: usize =
        found.iter().flat_map(|y| &y.rows).filter(|row| row.production > 0.0).count();
    println!(
        "all indicators and sweeps: {took:.1} s, {failures} failures, {:.0} per second, peak {:.0} MB",
        failures as f64 / took,
        peak()
    );
    let (took, tables) = seconds(|| study.tables(&found, Vec::new()));
    println!(
        "world, profiles, tests, clusters, regressions: {took:.1} s, {} rows of indicators",
        tables.indicators.len()
    );
}

fn link_tests(panel: &Panel, folder: &Path) {
    let all = candidates(10_000, panel.items.len());
    let (took, tests) = seconds(|| links::test(panel, &all));
    let tested = tests.iter().filter(|t| t.reason == "tested").count();
    println!(
        "10,000 candidates in both forms: {took:.2} s, {tested} tested: {:.2} s for 10,000 tests",
        took * 1e4 / tested as f64
    );
    // A few for the peer, which needs seconds for each.
    let few: Vec<_> = tests
        .iter()
        .filter(|t| t.form == "growth" && t.reason == "tested")
        .take(20)
        .cloned()
        .collect();
    fs::write(folder.join("tests.csv"), csv(&few)).unwrap();
    let path = folder.join("link_panel.csv");
    let mut out = BufWriter::new(fs::File::create(&path).unwrap());
    writeln!(out, "year,area,item,exports,imports").unwrap();
    for (at, of) in panel.years.iter().enumerate() {
        let balance = Balance::of(panel, at, 0.0);
        for p in 0..panel.items.len() {
            for c in 0..panel.areas.len() {
                let s = balance.at(p, c);
                if balance.possessed[s] > 0.0 {
                    writeln!(
                        out,
                        "{},{},{},{},{}",
                        of.year,
                        panel.areas[c],
                        panel.items[p].name,
                        balance.exports[s],
                        balance.imports[s]
                    )
                    .unwrap();
                }
            }
        }
    }
    drop(out);
    println!("{}", peer("trade_links.py", &[&path, &folder.join("tests.csv")]));
}

fn csv<R: Record>(rows: &[R]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    write::batch(&path, &R::batch(rows)).unwrap();
    fs::read_to_string(path).unwrap()
}

fn regression(folder: &Path) {
    let mut draws = Draws::new(4);
    let (areas, items, years) = (230u32, 110u32, 12u32);
    let (mut entity, mut cell, mut y) = (vec![], vec![], vec![]);
    let mut z = vec![Vec::new(); 4];
    for c in 0..areas {
        for p in 0..items {
            for t in 0..years {
                entity.push(c);
                cell.push(t * items + p);
                let x: Vec<f64> = (0..4).map(|_| draws.normal()).collect();
                y.push(0.1 * x[0] - 0.05 * x[2] + 0.3 * f64::from(c % 7) + draws.normal());
                z.iter_mut().zip(x).for_each(|(column, value)| column.push(value));
            }
        }
    }
    let design =
        Design { entity: &entity, cell: &cell, cluster: &entity, outcome: &y, regressors: &z };
    let (took, found) = seconds(|| fit(&design));
    println!(
        "regression of {} rows, {} areas, {} cells: {took:.2} s",
        found.n, found.entities, found.cells
    );
    let path = folder.join("regression.csv");
    let mut out = BufWriter::new(fs::File::create(&path).unwrap());
    writeln!(out, "area,cell,y,a,b,c,d").unwrap();
    for at in 0..y.len() {
        writeln!(
            out,
            "{},{},{},{},{},{},{}",
            entity[at], cell[at], y[at], z[0][at], z[1][at], z[2][at], z[3][at]
        )
        .unwrap();
    }
    drop(out);
    let first = found.coefficients[0].unwrap();
    println!("  first coefficient {} error {}", first.coef, first.se);
    println!("{}", peer("trade_regress.py", &[&path]));
}

fn all_of_hs(panel: &Panel) {
    let (took, found) = seconds(|| {
        let balance = Balance::of(panel, 0, 0.0);
        let found = indicators(panel, 0, &balance, None);
        (world(panel, &balance, &found).len(), found.rows.len())
    });
    println!(
        "all of HS, E, H, RCA, trade risk, direct: {took:.1} s, {} items, {} sectors, peak {:.0} MB",
        found.0,
        found.1,
        peak()
    );
    let study = Study::new(panel, &[], None, Settings::default());
    let machine = Machine { engine: Some(EngineKind::Cpu), ..Machine::default() };
    let (took, found) = seconds(|| year(&study, 0, &machine, false, &|| false, &|_| {}).unwrap().0);
    let failures = found.rows.iter().filter(|row| row.production > 0.0).count();
    println!(
        "all of HS, own-market trade risk by sweep: {took:.1} s, {failures} failures, peak {:.0} MB",
        peak()
    );
}

fn main() {
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let work = tempfile::tempdir().unwrap();
    let folder = given.map_or(work.path().to_path_buf(), PathBuf::from);
    let only = std::env::var("SHOCKSWEEP_BENCH").unwrap_or_default();
    let asked = |what: &str| only.is_empty() || only.contains(what);
    println!("{} threads", rayon::current_num_threads());
    if asked("read") || asked("hs") {
        let all = reading(&folder);
        if asked("hs") {
            all_of_hs(&all);
        }
    }
    if asked("panel") || asked("links") {
        let panel = large();
        if asked("links") {
            link_tests(&panel, &folder);
        }
        if asked("panel") {
            panel_of_all(&panel);
        }
    }
    if asked("regression") {
        regression(&folder);
    }
}
