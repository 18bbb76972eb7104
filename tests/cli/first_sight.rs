//! What a newcomer meets: slips and their way out, totals alone, pairs in food, commands that lead on.

use std::path::Path;
use std::process::{Command, Stdio};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use shocksweep_columnar::read::Table;
use tempfile::TempDir;

use crate::common::result::shocksweep;

#[track_caller]
fn succeeds(args: &[&str]) -> String {
    let output = shocksweep(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn slips(args: &[&str], says: &str) {
    let output = shocksweep(args);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
    assert!(error.contains(says), "{args:?}: {error}");
}

/// A small world of food.
fn world(dir: &TempDir) -> String {
    let path = dir.path().join("world").display().to_string();
    succeeds(&["dataset", "synth", &path, "--areas", "12", "--items", "20", "--seed", "5"]);
    path
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

/// Numbers of a column, missing ones as none.
fn numbers(table: &Path, column: &str) -> Vec<Option<f64>> {
    let batches = Table::open(table).unwrap().columns(&[column]).unwrap();
    let of = |batch: arrow_array::RecordBatch| -> Vec<Option<f64>> {
        batch.column(0).as_primitive::<Float64Type>().iter().collect()
    };
    batches.flat_map(|batch| of(batch.unwrap())).collect()
}

#[test]
fn every_slip_ends_with_two_and_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let (world, result) = (world(&dir), at(&dir, "result"));
    succeeds(&["run", "--dataset", &world, "--all-single", "-o", &result, "--quiet"]);
    for command in ["report", "verify", "status", "explain"] {
        slips(&[command, "nowhere"], "nowhere");
    }
    slips(&["aggregate", "nowhere", "--by", "area"], "nowhere");
    slips(&["plot", &result, "--kind", "map", "-o", &at(&dir, "no/x.svg")], "No such file");
    slips(&["aggregate", &result, "--by", "area", "-o", &at(&dir, "no/x.csv")], "No such file");
    // A result is no job and no dataset, and says what reads it.
    let way =
        "this is a result folder: `report`, `aggregate`, `plot`, `status` and `verify` read it";
    slips(&["run", &result], way);
    slips(&["dataset", "check", &result], way);
    slips(&["run", "--dataset", &result, "--all-single", "-o", &at(&dir, "x")], way);
    slips(&["shock", "India/rice=130%"], "intensity phi must lie in [0, 1]");
}

#[test]
fn who_has_read_enough_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = Command::new(env!("CARGO_BIN_EXE_shocksweep"))
        .arg("glossary")
        .stdout(Stdio::from(writer))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn totals_alone_are_the_totals_of_a_whole_run() {
    let dir = tempfile::tempdir().unwrap();
    let (world, whole, totals) = (world(&dir), at(&dir, "whole"), at(&dir, "totals"));
    let run = ["run", "--dataset", &world, "--all-single", "--adaptation", "both", "--quiet", "-o"];
    succeeds(&[&run[..], &[&whole]].concat());
    succeeds(&[&run[..], &[&totals, "--losses", "none"]].concat());
    let table = |root: &str| Path::new(root).join("scenarios.parquet");
    for column in ["kcal_per_person_day", "total_loss", "total_loss_published", "largest_loser_al"]
    {
        let found = numbers(&table(&totals), column);
        assert_eq!(found, numbers(&table(&whole), column), "{column}");
        assert!(found.iter().flatten().any(|value| *value > 0.0), "{column}");
    }
    let tables = std::fs::read_dir(Path::new(&totals).join("losses")).map_or(0, Iterator::count);
    assert_eq!(tables, 0);
    let checked = succeeds(&["verify", &totals, "--dataset", &world]);
    assert!(checked.contains("totals alone were asked for"), "{checked}");
    assert!(checked.contains("the totals of"), "{checked}");
    for args in [&["report", &totals][..], &["aggregate", &totals, "--by", "area"]] {
        slips(args, "keeps totals by scenario alone");
    }
    // A changed total is found without a loss table too.
    let manifest = std::fs::read_to_string(Path::new(&totals).join("manifest.json")).unwrap();
    assert!(manifest.contains("\"losses\": \"none\""), "{manifest}");
}

#[test]
fn pairs_are_told_in_food_and_flagged() {
    let dir = tempfile::tempdir().unwrap();
    let (world, result) = (world(&dir), at(&dir, "pairs"));
    let job = dir.path().join("pairs.toml");
    std::fs::write(
        &job,
        format!(
            "dataset = '{world}'\nadaptation = \"on\"\n[scenarios]\nset = \"sampled-pairs\"\ncount = 40\n\
             seed = 2\n[superposition]\nkeep = \"all\"\n"
        ),
    )
    .unwrap();
    let said = succeeds(&["run", &job.display().to_string(), "-o", &result]);
    assert!(said.contains("by more than 0.1 % of the larger loss and 1 t"), "{said}");
    assert!(said.contains("S, kcal"), "{said}");
    let table = Path::new(&result).join("superposition.parquet");
    let column = |name: &str| numbers(&table, name);
    let scenarios = numbers(&Path::new(&result).join("scenarios.parquet"), "kcal_per_person_day");
    let joint = column("kcal_joint");
    assert_eq!(joint.len(), 40);
    // The joint run is the scenario's own.
    for (joint, own) in joint.iter().zip(&scenarios) {
        let (joint, own) = (joint.unwrap(), own.unwrap());
        assert!((joint - own).abs() <= 1e-9 * (1.0 + own.abs()), "{joint} {own}");
    }
    let (a, b, s) = (column("kcal_a"), column("kcal_b"), column("s_kcal"));
    for row in 0..40 {
        assert_eq!(s[row].unwrap(), joint[row].unwrap() - (a[row].unwrap() + b[row].unwrap()));
    }
    assert!(s.iter().flatten().any(|s| s.abs() > 1e-6));
    succeeds(&["verify", &result, "--dataset", &world]);
    // The commands that are named work as they stand.
    let next: Vec<&str> =
        said.lines().filter(|l| l.trim_start().starts_with("shocksweep ")).collect();
    let explain = next.iter().find(|l| l.contains("explain")).expect("a pair to explain");
    let command = explain.trim_start().split("   ").next().unwrap();
    let args: Vec<&str> = command.split_whitespace().skip(1).collect();
    let told = succeeds(&args);
    assert!(told.contains("kcal of food per person and day worldwide"), "{told}");
}
