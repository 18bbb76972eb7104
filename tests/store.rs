//! shocksweep's own form of a dataset: what is written is what is read, and damage is named.
//! And `check`: every invariant, broken once, fails by name.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use shocksweep::dataset::check::{Status, check};
use shocksweep::dataset::synth::{SynthOptions, synthesize};
use shocksweep::dataset::{Dataset, Rule, hash, store};
use shocksweep::sparse::Csr;
use support::exact_world;
use tempfile::TempDir;

fn world() -> Dataset {
    synthesize(&SynthOptions { areas: 12, items: 20, seed: 5 }).unwrap()
}

fn written(dataset: &Dataset) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("world");
    store::write(dataset, &path, false).unwrap();
    (dir, path)
}

fn refused(path: &Path) -> String {
    store::read(path).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_what_is_read() {
    let with_rules = world();
    assert!(with_rules.rules.is_some() && with_rules.substitutability.is_some());
    let without_rules = exact_world(5, 4, 3, 9);
    for dataset in [with_rules, without_rules] {
        let (_dir, path) = written(&dataset);
        let read = store::read(&path).unwrap();
        assert!(read == dataset);
        assert_eq!(hash::content_hash(&read), hash::content_hash(&dataset));
    }
}

#[test]
fn the_hash_sees_every_part() {
    let original = world();
    let known = hash::content_hash(&original);
    let mut renamed = original.clone();
    renamed.metadata.name = "other".into();
    assert_eq!(hash::content_hash(&renamed), known, "a name changes no result");
    let changes: [fn(&mut Dataset); 5] = [
        |d| d.parameters.x0[3] += 1.0,
        |d| d.labels.areas[0].population = None,
        |d| d.rules = None,
        |d| d.substitutability = None,
        |d| {
            let rule = d.rules.as_mut().unwrap().eta_exp.iter_mut().flatten().next().unwrap();
            *rule = Rule { multiplier: rule.rewiring, rewiring: Some(0.125) };
        },
    ];
    for (n, change) in changes.iter().enumerate() {
        let mut changed = original.clone();
        change(&mut changed);
        assert_ne!(hash::content_hash(&changed), known, "change {n}");
    }
}

#[test]
fn a_folder_is_not_overwritten_unasked() {
    let (_dir, path) = written(&world());
    assert!(store::write(&world(), &path, false).unwrap_err().to_string().contains("exists"));
    store::write(&world(), &path, true).unwrap();
    let mut damaged = world();
    damaged.parameters.x0[0] = f64::NAN;
    store::write(&damaged, &path, true).unwrap_err();
    assert!(store::read(&path).unwrap() == world(), "the good one is still there");
    fs::write(path.join("notes.md"), "mine").unwrap();
    let message = store::write(&world(), &path, true).unwrap_err().to_string();
    assert!(message.contains("notes.md") && path.join("notes.md").exists(), "{message}");
    fs::remove_file(path.join("notes.md")).unwrap();
    fs::remove_file(path.join("dataset.toml")).unwrap();
    let foreign = store::write(&world(), &path, true).unwrap_err().to_string();
    assert!(foreign.contains("exists"), "only a dataset is replaced: {foreign}");
}

#[test]
fn damage_is_named() {
    let dataset = world();
    let (_dir, path) = written(&dataset);
    let trade = path.join("trade_t.parquet");
    let whole = fs::read(&trade).unwrap();
    fs::remove_file(&trade).unwrap();
    assert!(refused(&path).contains("trade_t.parquet: not found"));
    fs::write(&trade, &whole[..whole.len() / 2]).unwrap();
    assert!(refused(&path).contains("trade_t.parquet: not a readable Parquet table"));
    fs::write(&trade, &whole).unwrap();
    store::read(&path).unwrap();

    let toml = path.join("dataset.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, text.replace("licence =", "license =")).unwrap();
    let message = refused(&path);
    assert!(message.contains("`license`: unknown key, did you mean `licence`?"), "{message}");
    fs::write(&toml, text.replace("format = 1", "format = 9")).unwrap();
    assert!(refused(&path).contains("format 9 is not supported; expected format = 1"));
    fs::write(&toml, b"format = \xff").unwrap();
    assert!(refused(&path).contains("UTF-8"));
    fs::write(&toml, &text).unwrap();

    // Another world's table: every entry is valid, the content is not the recorded one.
    let mut other = dataset.clone();
    other.parameters.x0[dataset.parameters.x0.iter().position(|&x| x > 0.0).unwrap()] += 1.0;
    let (_other_dir, other_path) = written(&other);
    fs::copy(other_path.join("sectors.parquet"), path.join("sectors.parquet")).unwrap();
    assert!(refused(&path).contains("content hash is"));
}

#[test]
fn values_and_labels_are_checked_where_they_stand() {
    // A dataset with one bad value can be written; reading names the table, row and column.
    let broken = |change: fn(&mut Dataset)| {
        let mut dataset = world();
        change(&mut dataset);
        let (_dir, path) = written(&dataset);
        refused(&path)
    };
    let nan = broken(|d| d.parameters.x0[0] = f64::NAN);
    assert!(nan.contains("sectors.parquet, row 1, column `x0`: NaN is not a finite"), "{nan}");
    let negative = broken(|d| d.parameters.start_stock[0] = -1.0);
    assert!(negative.contains("column `start_stock`: -1 is negative"), "{negative}");
    let share = broken(|d| d.parameters.share_eta_exp[0] = 1.5);
    assert!(share.contains("column `eta_exp`: 1.5 lies outside 0 to 1"), "{share}");
    let order = broken(|d| d.labels.areas.swap(0, 1));
    assert!(order.contains("areas.parquet, row 2"), "{order}");
    let twin = broken(|d| d.labels.items[1].name = d.labels.items[0].name.clone());
    assert!(twin.contains("items.parquet"), "{twin}");

    let (_dir, path) = written(&world());
    let bigger = synthesize(&SynthOptions { areas: 14, items: 20, seed: 5 }).unwrap();
    let (_bigger_dir, bigger_path) = written(&bigger);
    fs::copy(bigger_path.join("trade_t.parquet"), path.join("trade_t.parquet")).unwrap();
    let message = refused(&path);
    assert!(message.contains("trade_t.parquet") && message.contains("unknown area"), "{message}");
}

/// The invariants that fail, by name.
fn failures(dataset: &Dataset) -> Vec<&'static str> {
    let verdicts = check(dataset).verdicts;
    verdicts.iter().filter(|v| v.status == Status::Fail).map(|v| v.invariant).collect()
}

fn with_entry(matrix: &Csr<f64>, row: usize, col: usize, value: f64) -> Csr<f64> {
    let kept = matrix.iter().filter(|(r, c, _)| (*r, *c) != (row, col));
    let mut entries: Vec<_> = kept.map(|(r, c, v)| (r as u32, c as u32, *v)).collect();
    entries.push((row as u32, col as u32, value));
    Csr::from_triplets(matrix.rows(), matrix.cols(), entries).unwrap()
}

#[test]
fn every_invariant_broken_once_fails_by_name() {
    assert_eq!(failures(&world()), Vec::<&str>::new());
    let broken = |change: fn(&mut Dataset)| {
        let mut dataset = world();
        change(&mut dataset);
        failures(&dataset)
    };
    assert_eq!(broken(|d| d.parameters.x0[0] = f64::NAN), ["every parameter is finite"]);
    assert_eq!(broken(|d| d.parameters.x0[0] = -1.0), ["no parameter is negative"]);
    assert_eq!(
        broken(|d| {
            let exporter = d.parameters.share_eta_exp.iter().position(|&e| e > 0.0).unwrap();
            d.parameters.share_eta_exp[exporter] = 1.5;
        }),
        ["shares lie in [0, 1]", "eta_prod + eta_exp is at most 1"]
    );
    assert_eq!(
        broken(|d| {
            let (k, s, v) = d.parameters.allocation_nu.iter().next().unwrap();
            let (k, s, v) = (k, s, v / 2.0);
            d.parameters.allocation_nu = with_entry(&d.parameters.allocation_nu, k, s, v);
        }),
        ["nu adds up to 1 where something is processed"]
    );
    assert_eq!(
        broken(|d| {
            let (to, from, v) = d.parameters.trade_t.iter().next().unwrap();
            let (to, from, v) = (to, from, v / 2.0);
            d.parameters.trade_t = with_entry(&d.parameters.trade_t, to, from, v);
        }),
        ["trade columns add up to 1 or are empty"]
    );
    // A new column that adds up to 1, but crosses items, or stays where it is.
    let idle = |d: &Dataset| {
        let shipped = d.parameters.trade_t.column_sums();
        (0..shipped.len()).find(|&s| shipped[s] == 0.0).unwrap()
    };
    let mut crossing = world();
    let from = idle(&crossing);
    let to = if from == 0 { 1 } else { from - 1 };
    crossing.parameters.trade_t = with_entry(&crossing.parameters.trade_t, to, from, 1.0);
    assert_eq!(failures(&crossing), ["production stays in its area, trade in its item"]);
    let mut own = world();
    let from = idle(&own);
    own.parameters.trade_t = with_entry(&own.parameters.trade_t, from, from, 1.0);
    assert_eq!(failures(&own), ["no sector trades with itself"]);
    assert_eq!(
        broken(|d| {
            let (s, k, _) = d.parameters.conversion_alpha.iter().next().unwrap();
            d.parameters.output_beta = with_entry(&d.parameters.output_beta, s, k, 1.0);
        }),
        ["a process has alpha or beta, never both"]
    );
    assert_eq!(
        broken(|d| d.labels.items.swap(0, 1)),
        ["every entry has its labels, sorted and distinct"]
    );
    assert_eq!(
        broken(|d| {
            let rule = d.rules.as_mut().unwrap().eta_exp.iter_mut().flatten().next().unwrap();
            rule.multiplier = Some(-2.0);
        }),
        ["rules are finite and not negative"]
    );
    assert_eq!(
        broken(|d| {
            let blocks = &mut d.substitutability.as_mut().unwrap().blocks;
            blocks[0] = with_entry(&blocks[0], 2, 2, 0.1);
        }),
        ["substitutes are other items of the same group"]
    );
}
