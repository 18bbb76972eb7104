//! Screenings against running every pair, and with a tolerance against without.

use std::fs;
use std::path::Path;

use crate::superposition::{column, shocksweep, table};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};

pub const SCREENING: &str = r#"
adaptation = "on"
[scenarios]
set = "pairs"
same_commodity_group = true
[scenarios.select]
item_groups = ["Primary crops"]
exporters = true
largest = 40
[superposition]
keep = "top"
top = 5
matrix = 1.0
check = 200
leave_out = ["Grazing"]
[output]
folder = "unused"
"#;

#[test]
fn a_screening_keeps_what_running_every_pair_finds_whatever_the_threads() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    fs::write(path("job.toml"), SCREENING).unwrap();
    fs::write(path("full.toml"), SCREENING.replace("top = 5", "top = 5\nrules = false")).unwrap();
    for (job, out, threads) in
        [("job.toml", "one", "1"), ("job.toml", "three", "3"), ("full.toml", "full", "2")]
    {
        let (job, out) = (path(job), path(out));
        let output = shocksweep(&["run", &job, "--out", &out, "--threads", threads]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let bytes = |out: &str, file: &str| fs::read(dir.path().join(out).join(file)).unwrap();
    for file in ["superposition", "ranking", "moments", "histogram", "areas", "matrix"] {
        let file = format!("{file}.parquet");
        assert_eq!(bytes("one", &file), bytes("three", &file), "{file}");
    }
    let best = |out: &str| -> Vec<(i32, f64)> {
        let batch = table(&dir.path().join(out).join("ranking.parquet"));
        let ranking = batch.column_by_name("ranking").unwrap().as_string::<i32>();
        let scenario = batch.column_by_name("scenario").unwrap().as_primitive::<Int32Type>();
        let value = column(&batch, "value");
        let rows = (0..value.len()).filter(|&r| ranking.value(r) == "super-additive");
        rows.map(|r| (scenario.value(r), value[r])).collect()
    };
    assert_eq!(best("one").len(), 5);
    // By their interaction and by runs the same pairs lead; the runs' S has their rounding.
    for (one, full) in best("one").iter().zip(best("full")) {
        assert!(one.0 == full.0 && (one.1 - full.1).abs() <= 1e-9 * full.1.abs(), "{one:?}");
    }
    matrices_agree(&table(&dir.path().join("one/matrix.parquet")), &dir.path().join("full"));
    let manifest = |out: &str| -> serde_json::Value {
        serde_json::from_slice(&bytes(out, "manifest.json")).unwrap()
    };
    let record = |out: &str| manifest(out)["superposition"].clone();
    let pairs = record("full")["pairs"].as_u64().unwrap();
    let runaway = record("full")["runaway"].as_u64().unwrap();
    assert_eq!(record("full")["run"].as_u64(), Some(pairs - runaway));
    let one = record("one");
    let parts = ["run", "independent", "negligible", "runaway"].map(|k| one[k].as_u64().unwrap());
    assert_eq!(parts.iter().sum::<u64>(), pairs);
    assert_eq!(one["check"]["broken"].as_u64(), Some(0));
    // However they were found out about, the same pairs run away, and the others have the same moments, of
    // food too.
    for key in ["runaway", "runaway_together", "mattering"] {
        assert_eq!(one[key], record("full")[key], "{key}");
    }
    let moments = |out: &str| -> Vec<(String, i64, f64, f64)> {
        let batch = table(&dir.path().join(out).join("moments.parquet"));
        let [measure, pairs] = ["measure", "pairs"]
            .map(|name| batch.column_by_name(name).unwrap().as_string::<i32>().clone());
        let count = batch.column_by_name("count").unwrap().as_primitive::<Int64Type>().clone();
        let (mean, max) = (column(&batch, "mean"), column(&batch, "max"));
        let all = (0..mean.len()).filter(|&row| pairs.value(row) == "all");
        all.map(|row| (measure.value(row).to_string(), count.value(row), mean[row], max[row]))
            .collect()
    };
    let (one, full) = (moments("one"), moments("full"));
    assert_eq!(one.len(), 5);
    assert_eq!(one[4].0, "s_kcal");
    assert!(one[4].3 > 0.01, "{one:?}");
    for (a, b) in one.iter().zip(&full) {
        assert_eq!((&a.0, a.1), (&b.0, b.1));
        assert!((a.2 - b.2).abs() <= 1e-6 * b.3 && (a.3 - b.3).abs() <= 1e-6 * b.3, "{a:?} {b:?}");
    }
    let said = shocksweep(&["explain", &path("one")]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("pairs most worse than their sum"));
}

#[test]
fn what_is_provably_small_is_spared_and_nothing_that_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let rare = SCREENING
        .replace("item_groups = [\"Primary crops\"]", "items = [\"Millet and products\"]")
        .replace("exporters = true\nlargest = 40\n", "")
        .replace("check = 200", "check = 2000");
    let runs = [("spared", "1.0", "1.0"), ("less", "1.0", "0.01"), ("all", "0.0", "0.01")];
    let record = |(out, tolerance, matrix): (&str, &str, &str)| -> serde_json::Value {
        let keys = format!("tolerance = {tolerance}\nmatrix = {matrix}");
        fs::write(path("job.toml"), rare.replace("matrix = 1.0", &keys)).unwrap();
        let output = shocksweep(&["run", &path("job.toml"), "--out", &path(out)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let manifest = fs::read(dir.path().join(out).join("manifest.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&manifest).unwrap()["superposition"].clone()
    };
    let [spared, less, all] = runs.map(record);
    let count = |record: &serde_json::Value, key: &str| record[key].as_u64().unwrap();
    for key in ["pairs", "independent", "runaway", "runaway_together", "mattering"] {
        assert!(all[key] == spared[key] && all[key] == less[key], "{key}: {spared}, {less}, {all}");
    }
    assert_eq!(count(&all, "negligible"), 0);
    assert!(count(&spared, "negligible") > count(&less, "negligible"), "{spared}, {less}");
    for record in [&spared, &less] {
        // Some of the pairs that meet are spared, and some of these computed after all.
        assert!(count(record, "negligible") > 50, "{record}");
        assert!(count(&record["check"], "negligible") > 10, "{record}");
        assert!(record["check"]["largest_share_of_bound"].as_f64() > Some(0.0), "{record}");
        assert!(record["largest_bound"].as_f64() < record["tolerance"].as_f64(), "{record}");
        assert_eq!(count(&record["check"], "broken"), 0);
        assert_eq!(count(record, "run") + count(record, "negligible"), count(&all, "run"));
    }
    let bytes = |out: &str, file: &str| fs::read(dir.path().join(out).join(file)).unwrap();
    assert!(bytes("less", "matrix.parquet") == bytes("all", "matrix.parquet"));
    assert!(bytes("spared", "ranking.parquet") == bytes("all", "ranking.parquet"));
    let listed = |out: &str| listed(&table(&dir.path().join(out).join("matrix.parquet")));
    let large: Vec<_> = listed("all").into_iter().filter(|pair| pair.1.abs() >= 1.0).collect();
    assert!(large.len() > 100 && listed("all").len() > large.len());
    assert_eq!(listed("spared"), large);
}

/// Names of the pairs in a table with the columns of `matrix.parquet`, and their S.
fn listed(batch: &RecordBatch) -> Vec<([String; 4], f64)> {
    let names = ["area_a", "item_a", "area_b", "item_b"].map(|name| {
        let column = batch.column_by_name(name).unwrap().as_any_dictionary();
        let names = column.values().as_string::<i32>().clone();
        (column.normalized_keys(), names)
    });
    let name = |row: usize| names.each_ref().map(|(keys, of)| of.value(keys[row]).to_string());
    column(batch, "s").into_iter().enumerate().map(|(row, s)| (name(row), s)).collect()
}

/// Every pair with |S| of 1 t or more is listed, whichever way it was found, and no other.
fn matrices_agree(one: &RecordBatch, full: &Path) {
    let (one, full) = (listed(one), listed(&table(&full.join("matrix.parquet"))));
    assert!(one.len() > 10 && one.iter().all(|row| row.1.abs() >= 1.0), "{}", one.len());
    let of = |rows: &[([String; 4], f64)]| -> std::collections::BTreeMap<[String; 4], f64> {
        rows.iter().filter(|row| row.1.abs() > 1.001).cloned().collect()
    };
    let (one, full) = (of(&one), of(&full));
    // One pair in a thousand may lie on the edge.
    assert!(one.keys().filter(|pair| !full.contains_key(*pair)).count() * 1000 <= one.len());
    assert!(full.keys().filter(|pair| !one.contains_key(*pair)).count() * 1000 <= one.len());
    for (pair, s) in &one {
        let other = full.get(pair).copied().unwrap_or(*s);
        assert!((s - other).abs() <= 1e-3 + 1e-6 * other.abs(), "{pair:?}: {s}, {other}");
    }
}
