//! The README's queries, run on a fresh result: DuckDB and Polars must give the same answers; the page of
//! that result and tables summed from it must agree with DuckDB.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::common::skip::skip;

#[test]
fn the_queries_of_the_readme_work_and_agree() {
    let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
        skip("it needs Python with DuckDB and Polars: run tests/run.sh, or set SHOCKSWEEP_PYTHON");
        return;
    };
    let dir = TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(env!("CARGO_BIN_EXE_shocksweep"))
        .current_dir(dir.path())
        .arg("run")
        .arg(root.join("jobs/adaptive.toml"))
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let queries = Command::new(&python)
        .current_dir(dir.path())
        .arg(root.join("tests/readme_queries.py"))
        .arg(root.join("README.md"))
        .output()
        .expect("the Python of SHOCKSWEEP_PYTHON starts");
    let said = String::from_utf8_lossy(&queries.stdout);
    let complained = String::from_utf8_lossy(&queries.stderr);
    assert!(queries.status.success(), "{said}\n{complained}");
    assert!(said.contains("3 queries agree"), "{said}");

    let shocksweep = |args: &str| {
        let made = Command::new(env!("CARGO_BIN_EXE_shocksweep"))
            .current_dir(dir.path())
            .args(args.split(' '))
            .output()
            .unwrap();
        assert!(made.status.success(), "{args}: {}", String::from_utf8_lossy(&made.stderr));
    };
    let result = "results/adaptive";
    shocksweep(&format!("report {result} -o report.html"));
    let page = std::fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.len() < 15_000_000, "{} bytes", page.len());
    // The story that the script asks about, wherever it stands in the page.
    let before = page.split_once(r#""shocks":[["India","Rice and products",1"#).unwrap().0;
    let id = before.rsplit_once(r#"{"id":"#).unwrap().1.split_once(',').unwrap().0;
    shocksweep(&format!(
        "aggregate {result} --by scenario,region,item --others --scenario {id} --out regions.parquet"
    ));
    shocksweep(&format!("aggregate {result} --by hdi_class,commodity_group --out classes.csv"));
    let numbers = Command::new(python)
        .current_dir(dir.path())
        .arg(root.join("tests/report_numbers.py"))
        .args([result, "report.html", "regions.parquet", "classes.csv"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&numbers.stdout);
    let complained = String::from_utf8_lossy(&numbers.stderr);
    assert!(numbers.status.success(), "{said}\n{complained}");
    assert!(said.contains("numbers agree"), "{said}");
}
