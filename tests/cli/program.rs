//! The program as its users meet it: exit codes, messages, files, bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::dataset::store;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::job::JobFile;
use tempfile::TempDir;

fn shocksweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep")).args(args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8 output")
}

fn succeeds(args: &[&str]) -> String {
    let output = shocksweep(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The command must end with exit code 2 and one line of error, and leave nothing at `out`.
fn is_refused(args: &[&str], out: Option<&Path>) -> String {
    let output = shocksweep(args);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(message.starts_with("error: "), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    if let Some(out) = out {
        assert!(!out.exists(), "{} was written", out.display());
    }
    message
}

/// A small world in shocksweep's own form.
fn small_world(dir: &TempDir) -> String {
    let path = dir.path().join("world");
    let path = path.to_str().expect("UTF-8 path").to_string();
    succeeds(&["dataset", "synth", &path, "--areas", "12", "--items", "20", "--seed", "5"]);
    path
}

fn path(dir: &TempDir, name: &str) -> (PathBuf, String) {
    let path = dir.path().join(name);
    let given = path.to_str().expect("UTF-8 path").to_string();
    (path, given)
}

/// Every table of a result, by name.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    crate::common::result::tables(root)
}

#[test]
fn every_job_in_the_repository_is_valid() {
    let jobs = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs");
    let mut count = 0;
    for entry in fs::read_dir(jobs).unwrap() {
        let path = entry.unwrap().path();
        // Jobs of `network` and `trade` are of other kinds, with tests of their own; tables are no jobs.
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_string();
        let is_other = name.starts_with("networks-") || name == "rare-earths.toml";
        if is_other || !name.ends_with(".toml") {
            continue;
        }
        let job = JobFile::read(&path).unwrap_or_else(|e| panic!("{e}"));
        let plan = shocksweep::low_level::job::Plan::new(&job).unwrap_or_else(|e| panic!("{e}"));
        let is_screening = plan.superposition.is_some_and(|s| s.grid.is_some());
        assert!(is_screening || !plan.scenarios.is_empty());
        count += 1;
    }
    assert!(count >= 2);
}

#[test]
fn a_run_writes_what_it_says() {
    let dir = TempDir::new().unwrap();
    let world = small_world(&dir);
    let (out, given) = path(&dir, "out");
    let said = succeeds(&["run", "--dataset", &world, "--all-single", "--out", &given]);
    assert!(said.contains("SYNTHETIC"), "{said}");
    assert!(said.contains("240 scenarios"), "{said}");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["dataset"]["synthetic"], true);
    assert_eq!(manifest["job"]["dataset"], "world");
    assert_eq!(manifest["engine"]["precision"], "f64");
    assert_eq!(manifest["counts"]["scenarios"], 240);
    // Nothing in the result tells where the user's files lie.
    let home = dir.path().to_str().unwrap();
    assert!(!manifest.to_string().contains(home));
    let ledger = fs::read_to_string(out.join("ledger.jsonl")).unwrap();
    assert!(!ledger.contains(home));
}

#[test]
fn equal_jobs_give_equal_bytes_whatever_the_threads() {
    let dir = TempDir::new().unwrap();
    let world = small_world(&dir);
    let run = |name: &str, more: &[&str]| {
        let (out, given) = path(&dir, name);
        let mut args = vec!["run", "--dataset", &world, "--all-single", "--out", &given];
        args.extend_from_slice(more);
        succeeds(&args);
        files(&out)
    };
    let first = run("a", &["--threads", "1", "--adaptation", "both", "--events"]);
    assert!(first.len() >= 2);
    let again = ["--adaptation", "both", "--events", "--threads", "3"];
    assert!(first == run("b", &again), "another number of threads");
    assert!(first == run("a", &[&again[..], &["--force"]].concat()), "the same folder again");
    // The reference engine rounds differently; the tables it fills are the same.
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first), names(&run("c", &[&again[..], &["--engine", "reference"]].concat())));
}

#[test]
fn an_earlier_result_is_not_overwritten_unasked() {
    let dir = TempDir::new().unwrap();
    let world = small_world(&dir);
    let (out, given) = path(&dir, "out");
    let args = ["run", "--dataset", &world, "--all-single", "--out", &given];
    succeeds(&args);
    let before = files(&out);
    let message = is_refused(&args, None);
    assert!(message.contains("exists already"), "{message}");
    assert!(before == files(&out));
}

#[test]
fn a_scenario_table_keeps_its_identifiers() {
    let dir = TempDir::new().unwrap();
    let (table, table_given) = path(&dir, "shocks.csv");
    let rows = "scenario,adaptation,area,item,phi\n\
                7,False,IND,Rice and products,1.0\n\
                3,False,india,wheat AND products,0.5\n\
                7,False,Ukraine,Wheat and products,0.25\n";
    fs::write(&table, rows).unwrap();
    let (out, given) = path(&dir, "out");
    let said = succeeds(&["run", "--scenarios", &table_given, "--out", &given, "--min-loss", "0"]);
    assert!(said.contains("2 scenarios"), "{said}");
    assert!(out.join("scenarios.parquet").exists());
    assert!(said.contains("Ukraine / Wheat and products -25 %"), "{said}");
}

#[test]
fn bad_scenarios_are_refused_in_one_sentence() {
    let dir = TempDir::new().unwrap();
    let (table, table_given) = path(&dir, "shocks.csv");
    let (out, given) = path(&dir, "out");
    let cases = [
        (
            "scenario,area,item\n0,India,Rize and products\n",
            "row 1: unknown item `Rize and products`, did you mean `Rice and products`?",
        ),
        (
            "scenario,area,item\n0,Indja,Rice and products\n",
            "unknown area `Indja`, did you mean `India`?",
        ),
        ("scenario,area,item,phi\n0,India,Rice and products,50\n", "for 50 % write 0.5"),
        (
            "scenario,area,item,phi\n0,India,Rice and products,NaN\n",
            "phi must lie in [0, 1], found NaN",
        ),
        (
            "scenario,area,item,phi\n0,India,Rice and products,much\n",
            "row 1, column `phi`: expected a number",
        ),
        (
            "scenario,area,item\n-1,India,Rice and products\n",
            "column `scenario`: expected a whole number",
        ),
        ("scenario,area\n0,India\n", "column `item` is missing"),
        (
            "scenario,area,items\n0,India,Rice and products\n",
            "unknown column `items`, did you mean `item`?",
        ),
        (
            "scenario,area,item\n0,India,Rice and products\n0,IND,Rice and products\n",
            "shocked twice",
        ),
        (
            "scenario,adaptation,area,item\n0,maybe,India,Rice and products\n",
            "expected True or False",
        ),
        ("scenario,area,item\n", "holds no scenario"),
        ("scenario,area,item\n0,India\n", "not a readable CSV table"),
    ];
    for (content, expected) in cases {
        fs::write(&table, content).unwrap();
        let message =
            is_refused(&["run", "--scenarios", &table_given, "--out", &given], Some(&out));
        assert!(message.contains("shocks.csv") && message.contains(expected), "{message}");
    }
    fs::write(&table, b"scenario,area,item\n0,Ind\xffa,x\n").unwrap();
    let message = is_refused(&["run", "--scenarios", &table_given, "--out", &given], Some(&out));
    assert!(message.contains("UTF-8"), "{message}");
    let message = is_refused(&["run", "--scenarios", "nowhere.csv", "--out", &given], Some(&out));
    assert!(message.contains("nowhere.csv: not found"), "{message}");
    let (damaged, damaged_given) = path(&dir, "shocks.parquet");
    fs::write(damaged, b"PAR1 this is no table PAR1").unwrap();
    let message = is_refused(&["run", "--scenarios", &damaged_given, "--out", &given], Some(&out));
    assert!(message.contains("not a readable Parquet table"), "{message}");
}

#[test]
fn bad_jobs_are_refused_in_one_sentence() {
    let dir = TempDir::new().unwrap();
    let (job, job_given) = path(&dir, "job.toml");
    let (out, given) = path(&dir, "out");
    let all = "[scenarios]\nset = \"all-single\"\n";
    let cases = [
        (format!("datset = \"synthetic\"\n{all}"), "unknown key `datset`, did you mean `dataset`?"),
        (format!("dataset = \"nowhere\"\n{all}"), "nowhere: is no dataset"),
        (format!("steps = 0\n{all}"), "steps is 0; expected 1 to 1000"),
        (format!("{all}[output]\nmin_loss = -1.0\n"), "min_loss is -1"),
        (format!("{all}[output]\ntrace = [99999999]\n"), "trace asks for scenario 99999999"),
        ("[scenarios]\nset = \"list\"\nlist = []\n".into(), "at least one scenario"),
        (format!("adaptation = \"maybe\"\n{all}"), "expected one of `on`, `off`, `both`"),
        (format!("[adaptive]\nsubstituton = false\n{all}"), "did you mean `substitution`?"),
        (
            format!("[adaptive]\nrelative_threshold = 26\n{all}"),
            "relative_threshold is 26; expected a share above 0, at most 1",
        ),
        (
            format!("[adaptive]\nsubstitution_step = 0\n{all}"),
            "substitution_step is 0; expected adaptation_step or later",
        ),
        (format!("[adaptive]\noutput_cap = 0.5\n{all}"), "output_cap is 0.5"),
        (format!("{all}[output]\novershoot = 0\n"), "overshoot is 0"),
        (
            "[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"x\"\nshocks = [{ area = \"India\", item = \"Rize and products\" }]\n".into(),
            "scenario 1 `x` of the list: unknown item `Rize and products`, did you mean `Rice and products`?",
        ),
    ];
    for (content, expected) in cases {
        fs::write(&job, content).unwrap();
        let message = is_refused(&["run", &job_given, "--out", &given], Some(&out));
        assert!(message.contains(expected), "{message}");
    }
    fs::write(&job, all).unwrap();
    let message = is_refused(&["run", &job_given], None);
    assert!(message.contains("no output folder"), "{message}");
    is_refused(&["run", "--out", &given], Some(&out));
    // clap's own errors span lines; the exit code is the same.
    let unknown = shocksweep(&["run", "--all-single", "--engine", "gpu", "--out", &given]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(!out.exists());
}

/// A value of a result's table as text.
fn cell(array: &ArrayRef, row: usize) -> String {
    if let Some(texts) = array.as_string_opt::<i32>() {
        texts.value(row).to_string()
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        numbers.value(row).to_string()
    } else if let Some(numbers) = array.as_primitive_opt::<Int32Type>() {
        numbers.value(row).to_string()
    } else if let Some(flags) = array.as_boolean_opt() {
        flags.value(row).to_string()
    } else {
        let list = array.as_list::<i32>().value(row);
        let items = (0..list.len()).map(|item| cell(&list, item));
        items.collect::<Vec<_>>().join(",")
    }
}

/// A column of a result's table as text.
fn column(path: &Path, name: &str) -> Vec<String> {
    let file = fs::File::open(path).expect("table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut values = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let array = batch.column_by_name(name).unwrap_or_else(|| panic!("column {name}"));
        let text = |row| if array.is_null(row) { String::new() } else { cell(array, row) };
        values.extend((0..batch.num_rows()).map(text));
    }
    values
}

#[test]
fn scenarios_adapt_as_they_say_themselves() {
    let dir = TempDir::new().unwrap();
    let (table, table_given) = path(&dir, "shocks.csv");
    let rows = "scenario,area,item,adaptation,substitution,missing_rule\n\
                0,India,Rice and products,False,,\n\
                1,India,Rice and products,True,,\n\
                2,India,Rice and products,True,false,keep\n\
                3,India,Rice and products,,,\n";
    fs::write(&table, rows).unwrap();
    let (out, given) = path(&dir, "out");
    let run = ["run", "--scenarios", &table_given, "--out", &given, "--events"];
    succeeds(&run);
    let scenarios = out.join("scenarios.parquet");
    assert_eq!(column(&scenarios, "adaptation"), ["false", "true", "true", "true"]);
    let switches = column(&scenarios, "switches");
    assert_eq!(switches, ["", "", "substitution=false missing_rule=keep", ""]);
    let total = column(&scenarios, "total_loss");
    assert!(total[0] != total[1] && total[1] != total[2] && total[1] == total[3], "{total:?}");
    let substituting = column(&scenarios, "substituting");
    assert!(substituting[0] == "0" && substituting[1] != "0" && substituting[2] == "0");

    // The event table tells the same, and every row of it is true.
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let events = out.join("events.parquet");
    let kinds = column(&events, "kind");
    for (kind, count) in [("adapting", "adapting"), ("substituting", "substituting")] {
        let rows = kinds.iter().filter(|k| *k == kind).count();
        assert!(rows > 0 && manifest["counts"][count] == rows, "{kind}: {rows}");
    }
    let numbers =
        |name| -> Vec<f64> { column(&events, name).iter().map(|v| v.parse().unwrap()).collect() };
    assert!(numbers("rl").iter().all(|rl| *rl >= 0.2599 && *rl <= 1.0001));
    assert!(numbers("al").iter().all(|al| *al >= 999.9));
    let rules = column(&events, "rules");
    assert!(rules.iter().any(|r| r.contains("import")), "{rules:?}");

    // What the command line says goes first.
    succeeds(&[&run[..], &["--force", "--adaptation", "both"]].concat());
    assert_eq!(column(&scenarios, "adaptation"), ["false", "true"].repeat(4));
    let scenario = column(&scenarios, "scenario");
    assert_eq!(scenario, ["0", "0", "1", "1", "2", "2", "3", "3"]);

    fs::write(&table, format!("{rows}1,India,Wheat and products,True,true,\n")).unwrap();
    let message = is_refused(&["run", "--scenarios", &table_given, "--out", "x"], None);
    assert!(message.contains("row 5: scenario 1 has two values of `substitution`"), "{message}");
    fs::write(&table, "scenario,area,item,missing_rule\n0,India,Rice and products,drop\n").unwrap();
    let message = is_refused(&["run", "--scenarios", &table_given, "--out", "x"], None);
    assert!(message.contains("expected published or keep, found `drop`"), "{message}");
}

#[test]
fn a_world_without_rules_runs_without_adaptation_only() {
    let dir = TempDir::new().unwrap();
    let (world, given) = path(&dir, "world");
    let mut dataset = synthesize(&SynthOptions { areas: 12, items: 20, seed: 5 }).unwrap();
    dataset.rules = None;
    store::write(&dataset, &world, false).unwrap();
    let (out, out_given) = path(&dir, "out");
    let args = ["run", "--dataset", &given, "--all-single", "--out", &out_given];
    let message = is_refused(&args, Some(&out));
    assert!(message.contains("no rules of adaptation"), "{message}");
    assert!(message.contains("--adaptation off"), "{message}");
    succeeds(&[&args[..], &["--adaptation", "off"]].concat());
}

#[test]
fn a_single_shock_is_answered_as_a_table() {
    let said = succeeds(&["shock", "India/Rice and products", "UKR/Wheat and products=0.5"]);
    for expected in ["SYNTHETIC", "Rice and products *", "kcal per person and day", "of its supply"]
    {
        assert!(said.contains(expected), "{said}");
    }
    for expected in ["not adapting", "adapting", "sectors that adapt", "Next:"] {
        assert!(said.contains(expected), "{said}");
    }
    assert!(said.contains("Ukraine / Wheat and products -50 %"), "{said}");
    let off = succeeds(&["shock", "India/rice", "--adaptation", "off"]);
    assert!(!off.contains("not adapting  ") || !off.contains("sectors that adapt"), "{off}");
    let mass = succeeds(&["shock", "India/rice", "--measure", "mass"]);
    assert!(mass.contains("kg per person") && !mass.contains("heads"), "{mass}");
    let china = succeeds(&["shock", "China/rice", "--adaptation", "off"]);
    assert!(china.contains("`China` is taken as `China, mainland`"), "{china}");
    let none = succeeds(&["shock", "India/rice=0"]);
    assert!(none.contains("no output is lost (phi = 0)"), "{none}");
    let message = is_refused(&["shock", "India/rice", "--measure", "kcall"], None);
    assert!(message.contains("did you mean `kcal`?"), "{message}");
    let message = is_refused(&["shock", "India/*", "--relative-threshold", "26"], None);
    assert!(message.contains("relative_threshold is 26"), "{message}");
    let message = is_refused(&["shock", "Indja/Rice and products"], None);
    assert!(message.contains("did you mean `India`?"), "{message}");
    let nothing = succeeds(&["shock", "Iceland/Coffee and products"]);
    assert!(nothing.contains("nothing of it is produced there"), "{nothing}");
}

#[test]
fn a_dataset_survives_import_export_and_check() {
    let dir = TempDir::new().unwrap();
    let world = small_world(&dir);
    let said = succeeds(&["dataset", "check", &world]);
    assert!(said.contains("trade columns add up to 1 or are empty") && !said.contains("FAIL"));
    let message = is_refused(&["dataset", "check", "nowhere"], None);
    assert!(message.contains("is no dataset"), "{message}");
    let message = is_refused(&["dataset", "synth", &world], None);
    assert!(message.contains("exists already"), "{message}");
    #[cfg(unix)]
    {
        let (link, given) = path(&dir, "link");
        std::os::unix::fs::symlink(&world, &link).unwrap();
        succeeds(&["dataset", "check", &given]);
        let message = is_refused(&["dataset", "synth", &given, "--force"], None);
        assert!(message.contains("link: is a symbolic link, which is not replaced"), "{message}");
        assert!(link.is_symlink());
    }
    let (out, given) = path(&dir, "tiny");
    let message = is_refused(&["dataset", "synth", &given, "--areas", "1"], Some(&out));
    assert!(message.contains("2 to"), "{message}");
}
