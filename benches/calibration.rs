//! Calibration of a year and learning from a series, at the size of FABIO.
//!
//!     cargo bench --bench calibration              an invented series of 28 years
//!     cargo bench --bench calibration -- FOLDER    long tables in Parquet of your own
//!
//! The peer is the calibration in Polars; SHOCKSWEEP_PYTHON names a Python that has it. Every result
//! is verified before anything is timed. See `benches/README.md`.

mod common;

use std::path::{Path, PathBuf};

use common::{Peer, median, seconds};
use shocksweep::low_level::calibrate::{Calibration, DEFAULT_FLOOR, calibrate};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize_without_re_exports};
use shocksweep::low_level::learn::{LearnOptions, Series, growth, learn};
use shocksweep::low_level::tables::synth::SyntheticSeries;
use shocksweep::low_level::tables::{self, About};

const RUNS: usize = 7;
const YEARS: std::ops::RangeInclusive<i32> = 1993..=2020;

fn main() {
    let given = std::env::args().skip(1).find(|a| !a.starts_with("--")).map(PathBuf::from);
    let invented = tempfile::tempdir().expect("a temporary folder");
    let folder = given.clone().unwrap_or_else(|| {
        let folder = invented.path().join("tables");
        invent(&folder);
        folder
    });
    let all = tables::read(&folder, None).unwrap_or_else(|e| panic!("{e}"));
    let count = |t: &tables::SupplyUse| t.supply.len() + t.uses.len() + t.demand.len();
    let entries: usize = all.years.values().map(count).sum();
    let first = *all.years.keys().next().expect("a year");
    println!(
        "{} years, {entries} entries, {} threads\n",
        all.years.len(),
        rayon::current_num_threads()
    );
    let years = all.years.len();
    drop(all);

    let ours = || {
        let mut read = tables::read(&folder, Some((first, first))).expect("read before");
        let year = read.years.remove(&first).expect("the year asked for");
        calibrate(&read.labels, &year, 0.0)
    };
    let mut peer = Peer::start("polars_calibrate.py", &folder);
    let request = format!("calibrate {first}");
    verify(&ours(), &peer.ask(&request), given.is_none());
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        here.push(seconds(ours).0);
        there.push(peer.ask(&request).seconds);
    }
    let (a, b) = (median(&mut here), median(&mut there));
    println!("read and calibrate one year   {a:8.3} s (min {:.3})", here[0]);
    println!("the same in Polars            {b:8.3} s (min {:.3}), ratio {:.1}", there[0], b / a);
    drop(peer);

    let (reading, tables) = seconds(|| tables::read(&folder, None).expect("read before"));
    let (calibrating, mut series) =
        seconds(|| Series::of_tables(tables, DEFAULT_FLOOR, &folder).expect("a series"));
    let (learning, learned) = seconds(|| {
        growth::adjust(&mut series);
        learn(&series, 0..years, &LearnOptions::default())
    });
    assert!(!learned.events.is_empty() || given.is_some(), "losses were planted");
    println!("read {years} years                 {reading:8.3} s");
    println!("calibrate them                {calibrating:8.3} s");
    println!("learn                         {learning:8.3} s, {} events", learned.events.len());
}

/// Writes the invented series.
fn invent(folder: &Path) {
    let series = SyntheticSeries::new(&SynthOptions::default(), YEARS).expect("the default world");
    let about = About {
        name: Some("synthetic tables".into()),
        units: "tonnes".into(),
        licence: "CC0-1.0".into(),
        synthetic: true,
    };
    let years = YEARS.map(|year| (year, series.year(year)));
    tables::write(&series.labels, &about, years, folder, false).expect("a folder of tables");
}

/// The first year gives the invented world's parameters back, and the peer finds as many entries and
/// the same sum.
fn verify(c: &Calibration, peer: &common::Answer, is_invented: bool) {
    let p = &c.parameters;
    let rows =
        p.allocation_nu.nnz() + p.trade_t.nnz() + p.conversion_alpha.nnz() + p.output_beta.nnz();
    assert_eq!(rows, peer.rows, "entries of allocation, trade and output");
    let sum: f64 = p.x0.iter().sum();
    assert!((sum - peer.loss).abs() <= 1e-9 * sum, "possessed: {sum}, the peer's {}", peer.loss);
    if is_invented {
        let world = synthesize_without_re_exports(&SynthOptions::default()).expect("the world");
        let world = world.parameters;
        assert_eq!(p.trade_t.nnz(), world.trade_t.nnz());
        for ((r, col, a), (_, _, b)) in p.trade_t.iter().zip(world.trade_t.iter()) {
            assert!((a - b).abs() <= 1e-9 * b, "T at ({r}, {col}): {a}, {b}");
        }
        for (s, (a, b)) in p.x0.iter().zip(&world.x0).enumerate() {
            assert!((a - b).abs() <= 1e-9 * b, "x0 of sector {s}: {a}, {b}");
        }
    }
}
