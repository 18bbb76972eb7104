//! The README's queries, run on a fresh result: DuckDB and Polars must give the same answers.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

#[test]
fn the_queries_of_the_readme_work_and_agree() {
    let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
        eprintln!(
            "skipped: the README's queries need Python with DuckDB and Polars; run tests/run.sh, \
             or set SHOCKSWEEP_PYTHON"
        );
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
    let queries = Command::new(python)
        .current_dir(dir.path())
        .arg(root.join("tests/readme_queries.py"))
        .arg(root.join("README.md"))
        .output()
        .expect("the Python of SHOCKSWEEP_PYTHON starts");
    let said = String::from_utf8_lossy(&queries.stdout);
    let complained = String::from_utf8_lossy(&queries.stderr);
    assert!(queries.status.success(), "{said}\n{complained}");
    assert!(said.contains("3 queries agree"), "{said}");
}
