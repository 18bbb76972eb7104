//! `verify` finds what is wrong with results whose files are as recorded, and finds nothing in sound
//! ones.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::common::result::{files, same_tables, shocksweep, tables};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{MissingRule, store};
use tempfile::TempDir;

const SCREENING: &str = "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\n[scenarios.select]\n\
    largest = 60\n[superposition]\nkeep = \"top\"\ntop = 5\ncheck = 50\nreceivers = 0.01\n\
    leave_out = [\"Live animals\"]\n[output]\nfolder = \"unused\"\n";

const PAIRS: &str = "adaptation = \"both\"\n[scenarios]\nset = \"pairs\"\n[scenarios.select]\n\
    largest = 5\n[superposition]\n[output]\nfolder = \"unused\"\n";

const TRIPLES: &str = "adaptation = \"both\"\n[scenarios]\nset = \"triples\"\n[scenarios.select]\n\
    largest = 6\n[superposition]\nleave_out = [\"Live animals\"]\n[output]\nfolder = \"unused\"\n\
    losses = \"none\"\n";

fn verify(root: &Path, more: &[&str]) -> (i32, String) {
    let output = shocksweep(&[&["verify", root.to_str().expect("UTF-8")], more].concat());
    let said = String::from_utf8_lossy(&output.stdout).to_string();
    (output.status.code().expect("a code"), said)
}

/// Runs a job of this text on a small world; the folder of its result.
fn run(dir: &TempDir, job: &str, name: &str) -> PathBuf {
    let world = dir.path().join("world");
    if !world.exists() {
        let size = ["--areas", "30", "--items", "40", "--seed", "3"];
        let args = [&["dataset", "synth", world.to_str().expect("UTF-8")][..], &size].concat();
        assert!(shocksweep(&args).status.success());
    }
    let job = format!("dataset = '{}'\n{job}", world.display());
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_string();
    fs::write(path("job.toml"), job).expect("a job");
    let output = shocksweep(&["run", &path("job.toml"), "--quiet", "--out", &path(name)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    dir.path().join(name)
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).expect("inside"));
        fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        fs::copy(&path, &target).expect("a copy");
    }
}

/// Replaces a table of a result and records it in the manifest as if it had always been so.
fn forge(root: &Path, name: &str, change: impl Fn(RecordBatch) -> RecordBatch) {
    forge_rows(root, name, |batch| vec![change(batch)]);
}

/// The same, in several batches.
fn forge_rows(root: &Path, name: &str, change: impl Fn(RecordBatch) -> Vec<RecordBatch>) {
    let path = root.join(name);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("a table"));
    let mut reader = reader.and_then(|r| r.with_batch_size(1 << 20).build()).expect("a table");
    let batches = change(reader.next().expect("rows").expect("rows"));
    let file = File::create(&path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), None).expect("a writer");
    batches.iter().for_each(|batch| writer.write(batch).expect("a batch"));
    writer.close().expect("closed");
    let bytes = fs::read(&path).expect("a file");
    manifest(root, |manifest| {
        let files = manifest["files"].as_array_mut().expect("files");
        let record = files.iter_mut().find(|f| f["path"] == name).expect("recorded");
        record["bytes"] = bytes.len().into();
        record["rows"] = batches.iter().map(RecordBatch::num_rows).sum::<usize>().into();
        record["blake3"] = blake3::hash(&bytes).to_hex().to_string().into();
    });
}

fn manifest(root: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = root.join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON");
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).expect("written");
}

/// The batch with one number of a column changed.
fn with(batch: &RecordBatch, column: &str, row: usize, change: impl Fn(f64) -> f64) -> RecordBatch {
    let at = batch.schema().index_of(column).expect("a column");
    let old = batch.column(at);
    let new: ArrayRef = if let Some(floats) = old.as_primitive_opt::<Float64Type>() {
        let of = |(n, v): (usize, Option<f64>)| v.map(|v| if n == row { change(v) } else { v });
        Arc::new(floats.iter().enumerate().map(of).collect::<Float64Array>())
    } else {
        let ints = old.as_primitive::<Int64Type>();
        let of = |(n, v): (usize, &i64)| if n == row { change(*v as f64) as i64 } else { *v };
        Arc::new(ints.values().iter().enumerate().map(of).collect::<Int64Array>())
    };
    let mut columns = batch.columns().to_vec();
    columns[at] = new;
    RecordBatch::try_new(batch.schema(), columns).expect("columns")
}

#[test]
fn numbers_that_contradict_each_other_are_found_whatever_the_checksums_say() {
    let dir = TempDir::new().expect("a temporary folder");
    let (screened, paired) = (run(&dir, SCREENING, "screened"), run(&dir, PAIRS, "paired"));
    let world = dir.path().join("world");
    let again = ["--dataset", world.to_str().expect("UTF-8"), "--sample", "40"];
    let (code, said) = verify(&screened, &again);
    assert_eq!(code, 0, "{said}");
    for expected in ["superposition", "screening", "pairs run again", "none left out"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (code, said) = verify(&paired, &again);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("pairs run again") && said.contains("sample run again"), "{said}");

    type Change = Box<dyn Fn(RecordBatch) -> RecordBatch>;
    let add = |column: &'static str, row: usize, by: f64| -> Change {
        Box::new(move |batch| with(&batch, column, row, |v| v + by))
    };
    let without_first: Change = Box::new(|batch| batch.slice(1, batch.num_rows() - 1));
    let shifted: Change = Box::new(|batch| {
        // A joint loss that is another in every column: only a run can tell.
        let batch = with(&batch, "al_joint", 2, |v| v * 1.01 + 100.0);
        let joint = batch.column_by_name("al_joint").expect("there").as_primitive::<Float64Type>();
        let value = |name: &str| {
            batch.column_by_name(name).expect("there").as_primitive::<Float64Type>().value(2)
        };
        let s = joint.value(2) - value("al_a") - value("al_b");
        let (was, substitution) = (value("s"), value("s_substitution"));
        let batch = with(&batch, "s_substitution", 2, |_| substitution + s - was);
        let batch = with(&batch, "s_relative", 2, |r| r * s / was);
        with(&batch, "s", 2, |_| s)
    });
    let cases: Vec<(&Path, &str, Change, &str)> = vec![
        (&screened, "superposition.parquet", add("s", 1, 1e3), "S is not the joint loss"),
        (&screened, "superposition.parquet", add("al_b", 0, 1e3), "S is not the joint loss"),
        (&screened, "superposition.parquet", add("s_adaptation", 3, 1e3), "do not add up to S"),
        (&screened, "superposition.parquet", add("phi_a", 0, 0.5), "outside [0, 1]"),
        (&screened, "superposition.parquet", add("s_relative", 1, 0.5), "of another volume"),
        (&screened, "superposition.parquet", without_first, "has no row"),
        (&paired, "superposition.parquet", add("s", 1, 1e3), "S is not the joint loss"),
        (&paired, "superposition.parquet", shifted, "allowed 1e-9"),
        (&screened, "moments.parquet", add("count", 0, 1.0), "moments of s over `all` pairs"),
        (&screened, "moments.parquet", add("mean", 6, 1e-2), "are not those of the pairs run"),
        (&screened, "moments.parquet", add("above", 7, 1.0), "are not those of the pairs run"),
        (&screened, "histogram.parquet", add("count", 2, 1.0), "the histogram of s holds"),
        (&screened, "histogram.parquet", add("upper", 0, 1e12), "overlap"),
        (&screened, "ranking.parquet", add("value", 0, -1e9), "is not in order"),
        (&screened, "ranking.parquet", add("value", 0, 1e3), "is not its own"),
    ];
    let root = dir.path().join("forged");
    for (from, table, change, expected) in cases {
        copy(from, &root);
        forge(&root, table, change);
        let (code, said) = verify(&root, &again);
        assert!(code == 3 && said.contains(expected), "{table}, {expected}: {code}\n{said}");
    }
    copy(&screened, &root);
    forge_rows(&root, "superposition.parquet", |batch| vec![batch.slice(0, 1), batch]);
    assert!(verify(&root, &[]).1.contains("follows"));
    for (key, expected) in [("run", "verdicts on"), ("negligible", "verdicts on")] {
        copy(&screened, &root);
        manifest(&root, |m| {
            let count = m["superposition"][key].as_u64().expect("a count");
            m["superposition"][key] = (count + 1).into();
        });
        let (code, said) = verify(&root, &[]);
        assert!(code == 3 && said.contains(expected), "{key}: {code}\n{said}");
    }
    copy(&screened, &root);
    manifest(&root, |m| m["superposition"]["check"]["broken"] = 1.into());
    assert!(verify(&root, &[]).1.contains("broke a rule"));
    // The leading pair, left out of ranking and table as if it had never been found: the moments
    // know its S, and a run of every pair finds it.
    copy(&screened, &root);
    forge(&root, "ranking.parquet", |batch| {
        let batch = batch.slice(1, batch.num_rows() - 1);
        let ranks = batch.column_by_name("rank").expect("there");
        let ranks = ranks.as_primitive::<arrow_array::types::Int32Type>();
        let moved = (0..ranks.len()).map(|n| ranks.value(n) - i32::from(n < 4));
        let mut columns = batch.columns().to_vec();
        columns[1] = Arc::new(moved.collect::<arrow_array::Int32Array>());
        RecordBatch::try_new(batch.schema(), columns).expect("columns")
    });
    let (code, said) = verify(&root, &["--sample", "0"]);
    assert!(code == 3 && said.contains("does not lead its ranking"), "{said}");
    let (code, said) = verify(&root, &[&again[..3], &["12000"]].concat());
    assert!(code == 3 && said.contains("is not in the ranking"), "{said}");
}

#[test]
fn triples_that_contradict_themselves_or_their_runs_are_found() {
    let dir = TempDir::new().expect("a temporary folder");
    let sound = run(&dir, TRIPLES, "triples");
    let world = dir.path().join("world");
    let again = ["--dataset", world.to_str().expect("UTF-8"), "--sample", "12"];
    let (code, said) = verify(&sound, &again);
    assert!(code == 0 && said.contains("triples run again"), "{said}");
    let number = |batch: &RecordBatch, name: &str, row: usize| {
        batch.column_by_name(name).expect("there").as_primitive::<Float64Type>().value(row)
    };
    type Change = Box<dyn Fn(RecordBatch) -> RecordBatch>;
    let add = |column: &'static str, by: f64| -> Change {
        Box::new(move |batch| with(&batch, column, 1, |v| v + by))
    };
    // What one column gives another takes: only runs can tell.
    let moved = |from: &'static str, to: &'static str| -> Change {
        Box::new(move |batch| {
            let batch = with(&batch, from, 1, |v| v - 1e3);
            with(&batch, to, 1, |v| v + 1e3)
        })
    };
    let cases = [
        (add("s_abc", 1e3), "S is not the joint loss"),
        (add("s_ac", 1e3), "S is not the joint loss"),
        (add("s_kcal_bc", 1e3), "S of food is not"),
        (add("s_abc_static", 1e3), "do not add up to S"),
        (add("phi_c", 0.5), "outside [0, 1]"),
        (moved("s_ab", "s_bc"), "allowed 1e-9"),
        (moved("al_a", "al_c"), "allowed 1e-9"),
        (moved("s_kcal_ab", "kcal_b"), "allowed 1e-9"),
        (moved("s_abc_static", "s_abc_adaptation"), "allowed 1e-9"),
        (add("s_abc_shocked", 1e3), "allowed 1e-9"),
    ];
    let root = dir.path().join("forged");
    for (change, expected) in cases {
        copy(&sound, &root);
        forge(&root, "triples.parquet", change);
        let (code, said) = verify(&root, &[&again[..3], &["100"]].concat());
        assert!(code == 3 && said.contains(expected), "{expected}: {code}\n{said}");
    }
    copy(&sound, &root);
    forge(&root, "triples.parquet", |batch| {
        assert_eq!(batch.num_rows(), 20);
        let s = number(&batch, "s_abc", 1);
        assert!(s != 0.0 && s.abs() < 1e9, "{s}");
        batch.slice(0, 19)
    });
    assert!(verify(&root, &[]).1.contains("19 rows instead of 20"));
}

#[test]
fn damage_to_a_screening_is_found_and_repaired() {
    let dir = TempDir::new().expect("a temporary folder");
    let whole = run(&dir, SCREENING, "whole");
    let expected = tables(&whole);
    let mut r = crate::support::Numbers(5);
    let root = dir.path().join("damaged");
    for case in 0..12 {
        copy(&whole, &root);
        let all: Vec<PathBuf> = files(&root)
            .into_iter()
            .filter(|p| p.extension().is_some_and(|e| e == "parquet"))
            .collect();
        let chosen = &all[case % all.len()];
        let mut bytes = fs::read(chosen).expect("a file");
        let at = r.below(bytes.len());
        if r.once_in(3) {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << r.below(8);
        }
        fs::write(chosen, bytes).expect("written");
        let (code, said) = verify(&root, &["--sample", "0"]);
        assert_eq!(code, 3, "{}: {said}", chosen.display());
        let job = dir.path().join("job.toml");
        let args = ["run", job.to_str().unwrap(), "--quiet", "--resume", "--out"];
        let output = shocksweep(&[&args[..], &[root.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        same_tables(&expected, &root);
        assert_eq!(verify(&root, &["--sample", "0"]).0, 0);
    }
}

#[test]
fn results_of_learned_rules_are_run_again_with_what_these_rules_mean() {
    let dir = TempDir::new().expect("a temporary folder");
    let world = dir.path().join("world");
    let options = SynthOptions { areas: 40, items: 40, ..SynthOptions::default() };
    let mut dataset = synthesize(&options).expect("a world");
    dataset.rules.as_mut().expect("rules").missing = MissingRule::Keep;
    store::write(&dataset, &world, false).expect("written");
    let (world, out) = (world.to_str().unwrap(), dir.path().join("out"));
    let args = ["run", "--dataset", world, "--all-single", "--quiet", "--out"];
    assert!(shocksweep(&[&args[..], &[out.to_str().unwrap()]].concat()).status.success());
    let (code, said) = verify(&out, &["--dataset", world, "--sample", "200"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
pub fn totals_are_checked_against_the_exact_bound() {
    let dir = TempDir::new().expect("a temporary folder");
    let sound = run(&dir, &PAIRS.replace("[superposition]\n", ""), "sound");
    let (code, said) = verify(&sound, &[]);
    assert_eq!(code, 0, "{said}");
    let root = dir.path().join("forged");
    let found = |table: &str, change: &dyn Fn(RecordBatch) -> RecordBatch, expected: &str| {
        copy(&sound, &root);
        forge(&root, table, change);
        let (code, said) = verify(&root, &[]);
        assert!(code == 3 && said.contains(expected), "{table}, {expected}: {code}\n{said}");
    };
    // 1200 sectors of at most 0.001 t each are not listed: 1.2 t, and rounding.
    let text = "in the loss table and";
    let scenarios = "scenarios.parquet";
    let forged = |column: &'static str, change: fn(f64) -> f64| {
        move |b: RecordBatch| with(&b, column, 3, change)
    };
    for column in ["total_loss", "total_loss_published"] {
        found(scenarios, &forged(column, |v| v + 2.0), text);
        found(scenarios, &forged(column, |v| v - 2.0), text);
        found(scenarios, &forged(column, |_| f64::NAN), text);
    }
    found(scenarios, &forged("total_loss_per_capita", |v| v * 1.1 + 1.0), "loss per person");
    found(scenarios, &forged("total_loss_per_capita", |_| f64::INFINITY), "loss per person");
    found(scenarios, &forged("kcal_per_person_day", |v| v * (1.0 + 1e-9) + 1e-6), "loss of food");
    found(scenarios, &forged("largest_loser_al", |v| v + 1.0), "largest loser is another");
    found(scenarios, &forged("largest_loser_rl", |v| v * 0.5), "largest loser is another");
    let contradict = "the amounts of a row contradict each other";
    let losses = "losses/part-00000.parquet";
    found(losses, &|b| with(&b, "rl", 5, |_| f64::INFINITY), contradict);
    found(losses, &|b| with(&b, "baseline", 5, |v| v + 1.0), contradict);
}
