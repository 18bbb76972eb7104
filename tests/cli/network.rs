//! `shocksweep network`: from tables to estimates, pictures and a page; exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::common::result::{same_tables, tables};

fn shocksweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep")).args(args).output().expect("the program starts")
}

fn succeeds(args: &[&str]) -> String {
    let output = shocksweep(args);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {complaint}");
    String::from_utf8(output.stdout).expect("UTF-8 output")
}

const MODELS: &str = r#"{
    "upstream/1": {"terms": ["edges", "mutual", "nodecov.lnGDP", "edgecov.coop", "memory.stability"]},
    "downstream/7": {"terms": ["edges", "edgecov.coop", "edgecov.conf", "nodecov.coop_deg"]}
}"#;

#[test]
fn a_result_is_printed_drawn_and_made_a_page() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    fs::write(path("models.json"), MODELS).unwrap();
    let (models, out) = (path("models.json"), path("out"));
    let run = ["network", "run", "--sample", "synthetic", "--models", &models, "--bootstrap", "20"];
    let rest = ["--gof", "2", "--seed", "4", "--out", &out, "--csv"];
    let said = succeeds(&[&run[..], &rest[..]].concat());
    for part in ["32 areas", "upstream 1", "downstream 7", "Edgecov.coop", "AUC ROC"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let tables =
        ["pmi", "mple", "fits", "bootstrap_summary", "gof", "communities", "flows", "rankings"];
    for table in tables {
        assert!(Path::new(&out).join(format!("{table}.csv")).is_file(), "{table}");
    }
    // A folder that is not empty is not written into by chance.
    let again = shocksweep(&[&run[..], &rest[..]].concat());
    assert_eq!(again.status.code(), Some(2));
    let latex = succeeds(&["network", "read", &out, "--format", "latex"]);
    assert!(latex.contains("\\begin{tabular}") && latex.contains("Nodecov.coop\\_deg"), "{latex}");
    assert!(succeeds(&["network", "read", &out, "--format", "html"]).contains("<table"));
    assert!(succeeds(&["network", "read", &out, "--paper"]).contains("4.91"));
    for kind in [
        "diagram",
        "evolution",
        "ranks",
        "map",
        "chord",
        "flows",
        "sankey",
        "coefficients",
        "gof",
        "roc",
    ] {
        let file = path(&format!("{kind}.svg"));
        succeeds(&["network", "plot", &out, "--kind", kind, "-o", &file]);
        assert!(fs::read_to_string(&file).unwrap().len() > 2000, "{kind}");
    }
    let page = path("page.html");
    succeeds(&["network", "report", &out, "-o", &page]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.matches("<figure>").count() > 10 && !page.contains("<script"));
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    // The first of four models is kept long before the last is done.
    let terms = r#"["edges", "mutual", "nodecov.lnGDP", "edgecov.coop", "memory.stability"]"#;
    let model = |name: &str| format!(r#""upstream/{name}": {{"terms": {terms}}}"#);
    let models = ["1", "2", "3", "4"].map(model).join(", ");
    fs::write(path("models.json"), format!("{{{models}}}")).unwrap();
    let (models, whole, killed) = (path("models.json"), path("whole"), path("killed"));
    let run = ["network", "run", "--sample", "synthetic", "--models", &models, "--csv"];
    let drawn = ["--bootstrap", "400", "--gof", "2", "--out"];
    let to = |out| [&run[..], &drawn[..], &[out]].concat();
    succeeds(&to(&whole));
    let mut child = Command::new(env!("CARGO_BIN_EXE_shocksweep"))
        .args(to(&killed))
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let folder = Path::new(&killed);
    while !folder.join("parts/0/done").is_file() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    let ended = child.wait().unwrap();
    assert!(!ended.success() && folder.join("parts/0/done").is_file(), "{ended}");
    assert!(!folder.join("mple.parquet").exists(), "it had ended");
    let again = shocksweep(&to(&killed));
    assert_eq!(again.status.code(), Some(2), "it goes on only where it is told to");
    succeeds(&[&to(&killed)[..], &["--resume"]].concat());
    let expected = tables(Path::new(&whole));
    assert!(expected.len() > 30, "{}", expected.len());
    same_tables(&expected, folder);
    assert!(!folder.join("parts").exists());
}

#[test]
fn what_cannot_be_used_is_said_in_one_line_and_nothing_is_written() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let out = path("out");
    fs::write(path("models.json"), r#"{"upstream/1": {"terms": ["edgs"]}}"#).unwrap();
    let (nowhere, models) = (path("nowhere"), path("models.json"));
    for (args, part) in [
        (&["--sample", &nowhere][..], "is not a folder"),
        (&["--sample", "synthetic", "--bootstrap", "many"], "expected exact, auto or a number"),
        (&["--sample", "synthetic", "--models", &models], "nearest `edges`"),
    ] {
        let output = shocksweep(&[&["network", "run", "--out", &out], args].concat());
        let complaint = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.starts_with("error: ") && complaint.lines().count() == 1, "{complaint}");
        assert!(complaint.contains(part), "{complaint}");
        assert!(!Path::new(&out).exists());
    }
}

#[test]
fn the_table_of_the_conflict_job_is_made_by_its_command() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("bans.csv").to_str().unwrap().to_string();
    let made =
        ["network", "bans", "--sample", "synthetic", "--year", "2023", "--top", "8", "-o", &file];
    succeeds(&made);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/conflict-bans.csv");
    assert_eq!(fs::read_to_string(&file).unwrap(), fs::read_to_string(kept).unwrap());
}

#[test]
fn losses_become_networks() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (world, result, out) = (path("world"), path("result"), path("networks"));
    succeeds(&["dataset", "synth", &world, "--areas", "12", "--items", "20", "--seed", "5"]);
    succeeds(&[
        "run",
        "--dataset",
        &world,
        "--all-single",
        "--adaptation",
        "off",
        "--out",
        &result,
    ]);
    let losses = ["network", "losses", &result, "--threshold", "0.05", "--out", &out, "--csv"];
    assert!(succeeds(&losses).contains("ties in"));
    let ties = fs::read_to_string(Path::new(&out).join("loss_dependency.csv")).unwrap();
    assert!(ties.lines().count() > 5, "{ties}");
    for line in ties.lines().skip(1) {
        let share: f64 = line.rsplit(',').next().unwrap().parse().unwrap();
        assert!(share > 0.05 && share <= 1.0, "{line}");
    }
}
