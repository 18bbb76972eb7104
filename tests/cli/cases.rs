//! Faults that use and attack once found, each as it was met. What is right was worked out apart from
//! this program, or is what a result says of itself elsewhere.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use crate::common::result::{same_tables, shocksweep, tables};

/// A folder of a test, and the program run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(TempDir::new().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_string()
    }

    /// Exit code, and what was said on either channel.
    #[track_caller]
    fn run(&self, args: &[&str]) -> (i32, String) {
        let output = shocksweep(args);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().expect("a code"), String::from_utf8_lossy(&said).to_string())
    }

    #[track_caller]
    fn succeeds(&self, args: &[&str]) -> String {
        let (code, said) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {said}");
        said
    }
}

/// Column `s` of `superposition.parquet`, by pair.
fn superposition(root: &Path) -> Vec<(i32, f64)> {
    let file = File::open(root.join("superposition.parquet")).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
    let mut found = Vec::new();
    for batch in reader.expect("a reader") {
        let batch = batch.expect("rows");
        let id = batch.column_by_name("scenario").expect("ids").as_primitive::<Int32Type>();
        let s = batch.column_by_name("s").expect("s").as_primitive::<Float64Type>();
        found.extend((0..batch.num_rows()).map(|row| (id.value(row), s.value(row))));
    }
    found
}

#[test]
pub fn explain_answers_for_the_settings_that_a_pair_ran_with() {
    let place = Place::new();
    let table = place.write(
        "t.csv",
        "scenario,area,item,phi,adaptation,relative_threshold,substitution\n\
         0,India,Rice and products,1,True,0.01,\n0,Bangladesh,Rice and products,1,True,0.01,\n\
         1,India,Rice and products,1,True,,\n1,Bangladesh,Rice and products,1,True,,\n\
         2,India,Rice and products,1,False,,\n2,Bangladesh,Rice and products,1,False,,\n\
         3,India,Rice and products,1,True,,False\n3,Bangladesh,Rice and products,1,True,,False\n",
    );
    let out = place.text("out");
    place.succeeds(&["run", "--scenarios", &table, "--superposition", "--out", &out, "--quiet"]);
    let pairs = superposition(Path::new(&out));
    assert_eq!(pairs.len(), 4);
    for &(id, s) in &pairs {
        let said = place.succeeds(&["explain", &out, &id.to_string()]);
        let line = said.lines().find(|l| l.starts_with("S = ") && l.contains(" t: ")).expect("S");
        let number = line.split([' ', '\u{a0}']).nth(2).expect("a number").replace(',', "");
        let found: f64 = number.parse().expect("a number");
        assert!((found - s).abs() <= 0.51 + 1e-3 * s.abs().min(100.0), "pair {id}: {line}, {s}");
    }
    // The settings matter: else the comparison would say nothing.
    assert!(pairs.iter().skip(1).all(|pair| (pair.1 - pairs[0].1).abs() > 1.0), "{pairs:?}");
}

#[test]
fn a_shock_that_can_never_act_is_an_error_that_names_the_steps() {
    let place = Place::new();
    for (from, code) in [("2022", 2), ("10", 2), ("9", 0)] {
        let row = format!("scenario,area,item,from\n0,India,Rice and products,{from}\n");
        let table = place.write("t.csv", &row);
        let out = place.text(&format!("out{from}"));
        let (found, said) = place.run(&["run", "--scenarios", &table, "--out", &out, "--quiet"]);
        assert_eq!(found, code, "{said}");
        assert!(code == 0 || said.contains("the run has steps 0 to 9"), "{said}");
        assert_eq!(Path::new(&out).exists(), code == 0);
    }
}

#[test]
fn what_others_put_into_a_result_is_in_nobodys_way() {
    let place = Place::new();
    let table = place.write("t.csv", "scenario,area,item\n0,India,Rice and products\n");
    let out = place.text("res");
    let args = ["run", "--scenarios", &table, "--out", &out, "--quiet"];
    place.succeeds(&args);
    let expected = tables(Path::new(&out));
    for name in [".snakemake_timestamp", ".nfs000000000123", "report.html", "slurm-4711.out"] {
        let foreign = Path::new(&out).join(name);
        fs::write(&foreign, "theirs").expect("a file");
        place.succeeds(&[&args[..], &["--resume"]].concat());
        place.succeeds(&[&args[..], &["--force"]].concat());
        assert_eq!(fs::read(&foreign).expect("still there"), b"theirs", "{name}");
        fs::remove_file(&foreign).expect("removable");
        same_tables(&expected, Path::new(&out));
    }
}

#[test]
pub fn a_changed_manifest_is_found_and_mended() {
    let place = Place::new();
    let out = place.text("out");
    let job = place.write(
        "job.toml",
        "adaptation = \"both\"\n[scenarios]\nset = \"single\"\nselect = { largest = 150 }\n",
    );
    let run = ["run", &job, "--out", &out, "--quiet"];
    place.succeeds(&run);
    let path = Path::new(&out).join("manifest.json");
    let whole = fs::read_to_string(&path).expect("a manifest");
    let verify = || place.run(&["verify", &out, "--sample", "2"]);
    assert_eq!(verify().0, 0);
    let number = |key: &str| {
        let at = whole.find(&format!("\"{key}\": ")).expect(key) + key.len() + 4;
        let digits = whole[at..].split(|c: char| !c.is_ascii_digit()).next().expect("digits");
        (format!("\"{key}\": {digits}"), format!("\"{key}\": 9{digits}"))
    };
    let plain = |from: &str, to: &str| (from.to_string(), to.to_string());
    let mut changes = vec![
        plain("\"synthetic\": true", "\"synthetic\": false"),
        plain("\"min_loss\": 0.001", "\"min_loss\": 0.003"),
        plain("\"name\": \"cpu\"", "\"name\": \"gpu\""),
        plain("\"steps\": 10", "\"steps\": 18"),
        plain("\"relative_threshold\": 0.26", "\"relative_threshold\": 0.36"),
        plain("\"content_hash\": \"", "\"content_hash\": \"f"),
        plain("\"warning\": \"", "\"warning\": \"not "),
    ];
    changes.extend(["loss_rows", "overshoot", "adapting"].map(number));
    for (from, to) in changes {
        assert!(whole.contains(&from), "{from}");
        fs::write(&path, whole.replacen(&from, &to, 1)).expect("writable");
        let (code, said) = verify();
        assert_eq!(code, 3, "{from}: {said}");
        assert!(said.contains("is not the one that was sealed"), "{from}: {said}");
        place.succeeds(&[&run[..], &["--resume"]].concat());
        assert_eq!(fs::read_to_string(&path).expect("a manifest"), whole, "{from}");
    }
    // Without files, and without itself.
    let mut emptied: serde_json::Value = serde_json::from_str(&whole).expect("JSON");
    emptied["files"] = serde_json::json!([]);
    for text in [emptied.to_string(), "{".to_string()] {
        fs::write(&path, text).expect("writable");
        assert_eq!(verify().0, 3);
        place.succeeds(&[&run[..], &["--resume"]].concat());
        assert_eq!(fs::read_to_string(&path).expect("a manifest"), whole);
    }
    // The seal itself torn: found, and sealed again.
    let ledger = Path::new(&out).join("ledger.jsonl");
    let lines = fs::read_to_string(&ledger).expect("a ledger");
    let closed = lines.rfind("{\"line\":\"closed\"").expect("a seal");
    fs::write(&ledger, &lines[..closed + 40]).expect("writable");
    assert_eq!(verify().0, 3);
    place.succeeds(&[&run[..], &["--resume"]].concat());
    assert_eq!(verify().0, 0);
    assert_eq!(fs::read_to_string(&path).expect("a manifest"), whole);
}

#[test]
pub fn a_dataset_without_rules_is_asked_to_adapt_in_vain() {
    let place = Place::new();
    let [world, published, plain, out] = ["w", "p", "d", "o"].map(|name| place.text(name));
    place.succeeds(&["dataset", "synth", &world, "--areas", "30", "--items", "30", "--seed", "2"]);
    place.succeeds(&["dataset", "export", &world, &published]);
    for entry in fs::read_dir(&published).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("transition_")) {
            fs::remove_file(path).expect("removable");
        }
    }
    place.succeeds(&["dataset", "import", &published, &plain]);
    let table = place.write(
        "t.csv",
        "scenario,area,item\n0,India,Rice and products\n0,India,Wheat and products\n",
    );
    let run = ["run", "--dataset", &plain, "--scenarios", &table, "--superposition", "--quiet"];
    for adaptation in ["on", "both"] {
        let args = [&run[..], &["--adaptation", adaptation, "--out", &out]].concat();
        let (code, said) = place.run(&args);
        assert!(code == 2 && said.contains("no rules of adaptation"), "{said}");
    }
    place.succeeds(&[&run[..], &["--adaptation", "off", "--out", &out]].concat());
    // A scenario table that says otherwise than was run.
    let manifest = Path::new(&out).join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replace("\"adaptation\": \"off\"", "\"adaptation\": \"on\""))
        .expect("writable");
    let (code, said) = place.run(&["explain", &out, "0", "--dataset", &plain]);
    assert!(code == 0 || code == 2, "{code}: {said}");
}

/// `/dev/full` takes nothing: as a log on a full disk.
#[cfg(target_os = "linux")]
#[test]
pub fn a_log_that_cannot_be_written_changes_no_exit_code() {
    let place = Place::new();
    let code = |args: &[&str]| {
        let full = || Stdio::from(File::create("/dev/full").expect("a device"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(args).stdout(Stdio::null()).stderr(full());
        command.status().expect("it starts").code()
    };
    assert_eq!(code(&["dataset", "import", "/nonexistent", &place.text("x")]), Some(2));
    let table = place.write("t.csv", "scenario,area,item\n0,India,Rice and products\n");
    let out = place.text("out");
    let run = ["run", "--scenarios", &table, "--out", &out, "--log", "json"];
    assert_eq!(code(&run), Some(0));
    assert!(Path::new(&out).join("manifest.json").exists());
    fs::remove_file(Path::new(&out).join("losses/part-00000.parquet")).expect("removable");
    assert_eq!(code(&["verify", &out]), Some(3));
}
