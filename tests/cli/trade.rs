//! `shocksweep trade`: golden tables, refusals, resumption, the same bytes with any number of threads.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::compare::{self, Tolerance, USUAL, golden as table};
use crate::folders::{numbers, table as parquet};

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

fn is_refused(args: &[&str]) -> String {
    let output = shocksweep(args);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "{message}");
    message
}

/// Golden trade, where it is.
fn golden() -> Option<PathBuf> {
    let folder = crate::common::shared("trade")?.join("data/dependency");
    assert!(folder.join("indicators.csv").is_file(), "{} is not there", folder.display());
    Some(folder)
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("UTF-8 path")
}

/// Imports the golden world, with one of its files replaced.
fn import<'a>(
    folder: &'a Path,
    panel: &'a str,
    replaced: &[(&str, &Path)],
    more: &[&'a str],
) -> Vec<String> {
    let of = |kind: &str, usual: PathBuf| {
        let other = replaced.iter().find(|(of, _)| *of == kind);
        other
            .map_or(usual, |(_, path)| path.to_path_buf())
            .to_str()
            .expect("UTF-8 path")
            .to_string()
    };
    let source = of("flow", folder.to_path_buf());
    let items = of("items", folder.join("items.csv"));
    let areas = of("country_codes", folder.join("country_codes.csv"));
    let mut args: Vec<String> =
        ["trade", "import", &source, panel, "--items", &items, "--areas", &areas]
            .map(String::from)
            .to_vec();
    args.extend(more.iter().map(|arg| arg.to_string()));
    args
}

fn strs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

#[test]
fn golden_tables_come_out_of_the_program() {
    let Some(folder) = golden() else { return };
    let work = TempDir::new().unwrap();
    let [panel, out] = ["panel", "out"].map(|name| work.path().join(name));
    succeeds(&strs(&import(&folder, utf8(&panel), &[], &[])));
    let [candidates, stability] = ["candidates.csv", "stability.csv"].map(|name| folder.join(name));
    let summary = succeeds(&[
        "trade",
        "run",
        "--panel",
        utf8(&panel),
        "--candidates",
        utf8(&candidates),
        "--stability",
        utf8(&stability),
        "--horizon",
        "3",
        "--out",
        utf8(&out),
        "--csv",
    ]);
    assert!(summary.contains("11 kept of 23 tested"), "{summary}");
    let tests: Tolerance =
        |column| if column.starts_with('p') { (1e-7, 0.0) } else { (1e-9, 1e-12) };
    let losses: Tolerance =
        |column| if column == "loss_abroad" { (1e-9, 1e-7) } else { USUAL(column) };
    let of_baseline: Tolerance = |column| if column == "al" { (1e-9, 1e-3) } else { (1e-9, 1e-9) };
    let slopes: Tolerance = |column| match column {
        "p" => (1e-6, 0.0),
        "coef" | "se" | "t" | "beta_std" => (1e-8, 1e-12),
        "low" | "high" => (1e-8, 1e-9),
        _ => (1e-9, 1e-12),
    };
    let sector: &[&str] = &["year", "area", "item"];
    let expected: [(&str, &[&str], bool, Tolerance); 11] = [
        ("counts", &["what"], true, USUAL),
        ("links", &["form", "input", "output"], true, tests),
        ("indicators", sector, true, losses),
        ("quantity_fill", &["year", "item"], true, USUAL),
        ("world", &["year", "item"], true, USUAL),
        ("losses", &["shocked_area", "shocked_item", "area", "item"], false, of_baseline),
        ("profiles", &["scope", "area", "set"], true, USUAL),
        ("tier_tests", &["scope", "indicator", "tier"], true, tests),
        ("features", &["area"], true, USUAL),
        ("cluster_years", &["year"], true, USUAL),
        ("regressions", &["effects", "risk", "outcome", "set", "regressor"], true, slopes),
    ];
    for (name, keys, whole, tolerance) in expected {
        let found = table(&out.join(format!("{name}.csv")));
        compare::same(&found, &table(&folder.join(format!("{name}.csv"))), keys, whole, tolerance);
        assert!(out.join(format!("{name}.parquet")).is_file());
    }
    let mut parameters = table(&folder.join("parameters.csv"));
    parameters.rows.retain(|row| row[0] != "eta_cons" || row[5].parse::<f64>().unwrap() > 1e-12);
    let keys = ["symbol", "row_area", "row_name", "column_area", "column_name"];
    compare::same(&table(&out.join("parameters.csv")), &parameters, &keys, true, USUAL);
    for name in ["cluster_quality", "clusters", "cluster_centres"] {
        assert!(!table(&out.join(format!("{name}.csv"))).rows.is_empty());
    }
}

#[test]
fn bad_input_is_refused_with_file_and_row() {
    let Some(folder) = golden() else { return };
    let work = TempDir::new().unwrap();
    let good = work.path().join("good");
    succeeds(&strs(&import(&folder, utf8(&good), &[], &[])));
    let expected = [
        ("flow_code_letters", "row 1", "HS code of up to six digits, found `85A855`"),
        ("flow_header_only", "", "no row is left"),
        ("flow_infinite", "row 1", "expected a finite number of 0 or more, found inf"),
        ("flow_negative", "row 2", "expected a finite number of 0 or more, found -4"),
        ("flow_no_value_column", "", "has no column `v`"),
        ("flow_not_a_number", "row 2", "expected a number (kUSD), found `4;5`"),
        ("flow_twice", "row 3", "is in row 1 already"),
        ("flow_unknown_area", "row 2", "area code 999 has no name"),
        ("flow_year_gap", "row 2", "no row is of 2011"),
        ("items_code_twice", "row 2", "is that of `Draw magnet` in row 1 already"),
        ("items_two_tiers", "row 2", "expected one tier"),
        ("items_unknown_tier", "row 1", "unknown tier `middle`; expected raw, input or final"),
        ("country_codes_name_twice", "row 2", "`Aldor` is the name of row 1 already"),
        ("candidates_itself", "row 1", "expected two different items"),
        ("candidates_twice", "row 2", "is in row 1 already"),
        ("candidates_unknown_item", "row 1", "did you mean `Draw magnet`?"),
        ("stability_out_of_range", "row 1", "expected a number from 0 to 100, found `130`"),
    ];
    for (name, row, problem) in expected {
        let file = folder.join(format!("bad/{name}.csv"));
        let out = work.path().join("out");
        let kind =
            ["flow", "items", "country_codes"].into_iter().find(|kind| name.starts_with(kind));
        let message = match kind {
            Some(kind) => is_refused(&strs(&import(&folder, utf8(&out), &[(kind, &file)], &[]))),
            None => {
                let flag =
                    if name.starts_with("stability") { "--stability" } else { "--candidates" };
                is_refused(&[
                    "trade",
                    "run",
                    "--panel",
                    utf8(&good),
                    flag,
                    utf8(&file),
                    "--out",
                    utf8(&out),
                ])
            }
        };
        assert!(message.contains(&format!("{name}.csv")), "{message}");
        assert!(message.contains(row) && message.contains(problem), "{name}: {message}");
        assert!(!out.exists(), "{name} left something");
    }
}

/// Files of a folder with their bytes, sub-folders included.
fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true => all
                .extend(bytes(&path).into_iter().map(|(inner, b)| (format!("{name}/{inner}"), b))),
            false => all.push((name, std::fs::read(&path).unwrap())),
        }
    }
    all.sort();
    all
}

#[test]
fn the_built_in_panel_needs_no_file_and_says_that_it_is_invented() {
    let work = TempDir::new().unwrap();
    let [one, two] = ["one", "two"].map(|name| work.path().join(name));
    let run = |out: &Path, more: &[&str]| {
        let mut args = vec!["trade", "run", "--panel", "synthetic", "--out", utf8(out)];
        args.extend(more);
        shocksweep(&args)
    };
    let first = run(&one, &["--threads", "1"]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let summary = text(&first.stdout);
    assert!(summary.starts_with("SYNTHETIC"), "{summary}");
    for part in [
        "Links: ",
        "World trade",
        "Most exposed",
        "Most influential",
        "Tiers against",
        "clusters (",
    ] {
        assert!(summary.contains(part), "{part} is missing in\n{summary}");
    }
    // The same bytes with other threads.
    assert!(run(&two, &["--threads", "3", "--quiet"]).status.success());
    assert_eq!(bytes(&one), bytes(&two));
    // What is there is not replaced, and a study that was cut off is continued to the same bytes.
    assert_eq!(run(&two, &[]).status.code(), Some(2));
    std::fs::rename(two.join("study.json"), work.path().join("study.json")).unwrap();
    let manifest = std::fs::read_to_string(work.path().join("study.json")).unwrap();
    let asked = serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["asked"]
        .as_str()
        .unwrap()
        .to_string();
    std::fs::write(two.join("asked.json"), asked).unwrap();
    std::fs::remove_file(two.join("years/2010.parquet")).unwrap();
    std::fs::remove_file(two.join("indicators.parquet")).unwrap();
    let refused = run(&two, &["--resume", "--horizon", "2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("different study"));
    let again = run(&two, &["--resume"]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(text(&again.stderr).contains("running the failures of 2010"));
    assert!(!text(&again.stderr).contains("running the failures of 2011"));
    assert_eq!(bytes(&one), bytes(&two));
    // A finished study is printed, a panel measured anew: the same words.
    for command in ["tiers", "clusters", "regress"] {
        let told = succeeds(&["trade", command, utf8(&one)]);
        assert!(summary.contains(&told), "{told}");
        assert_eq!(succeeds(&["trade", command, "synthetic"]), told);
    }
}

#[test]
fn production_that_is_known_replaces_the_proxy() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("production.csv");
    let magnets = "Permanent magnets of metal";
    let write = |amount: &str| {
        let row = format!("2021,Germany,{magnets},{amount}");
        std::fs::write(&file, format!("year,area,item,amount\n{row}\n")).unwrap();
    };
    let risk = |more: &[&str]| {
        let args = ["trade", "risk", "synthetic", "--year", "2021"];
        succeeds(&[&args[..], more].concat())
    };
    let plain = risk(&[]);
    write("1e9");
    assert_ne!(risk(&["--production", utf8(&file)]), plain);
    write("-3");
    let told = is_refused(&["trade", "risk", "synthetic", "--production", utf8(&file)]);
    assert!(told.contains("production.csv, row 1: expected a finite amount"), "{told}");
    write("5");
    let out = work.path().join("out");
    let output = shocksweep(&[
        "trade",
        "run",
        "--panel",
        "synthetic",
        "--production",
        utf8(&file),
        "--out",
        utf8(&out),
    ]);
    let said = text(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 amounts of production are given"),
        "{said}"
    );
}

#[test]
fn a_year_is_a_dataset_like_any_other() {
    let work = TempDir::new().unwrap();
    let world = work.path().join("world");
    succeeds(&["trade", "dataset", "synthetic", utf8(&world), "--year", "2015"]);
    let checked = succeeds(&["dataset", "check", utf8(&world)]);
    assert!(checked.contains("pass") || checked.contains("ok"), "{checked}");
    let shocked = succeeds(&[
        "shock",
        "--dataset",
        utf8(&world),
        "--adaptation",
        "off",
        "China/Permanent magnets of metal",
    ]);
    assert!(shocked.contains("Electric motors"), "{shocked}");

    // Values are summed with values: totals, rankings, S and sums by area are those of the loss tables.
    let out = work.path().join("run");
    let ran = succeeds(&[
        "run",
        "--dataset",
        utf8(&world),
        "--all-single",
        "--adaptation",
        "off",
        "--out",
        utf8(&out),
    ]);
    assert!(ran.contains("total loss, kUSD") && !ran.contains(", t "), "{ran}");
    let scenarios = parquet(&out.join("scenarios.parquet"));
    let [total, published] =
        ["total_loss", "total_loss_published"].map(|name| numbers(&scenarios, name));
    assert!(total.iter().flatten().any(|total| *total > 0.0) && total == published);
    succeeds(&["verify", utf8(&out)]);
    let sums = succeeds(&["aggregate", utf8(&out), "--by", "area"]);
    assert!(sums.contains("kUSD"), "{sums}");
    let exposed =
        succeeds(&["exposure", "Germany", "--result", utf8(&out), "--dataset", utf8(&world)]);
    assert!(exposed.contains("kUSD"), "{exposed}");

    let pairs = work.path().join("pairs.csv");
    let rows = ["China,Permanent magnets of metal", "Japan,Permanent magnets of metal"];
    let rows = rows.map(|sector| format!("pair,{sector}\n"));
    std::fs::write(&pairs, format!("scenario,area,item\n{}", rows.concat())).unwrap();
    let out = work.path().join("pairs");
    let ran = succeeds(&[
        "run",
        "--dataset",
        utf8(&world),
        "--scenarios",
        utf8(&pairs),
        "--superposition",
        "--adaptation",
        "off",
        "--out",
        utf8(&out),
    ]);
    assert!(ran.contains("S, kUSD"), "{ran}");
    let joint = numbers(&parquet(&out.join("superposition.parquet")), "al_joint");
    assert!(joint.len() == 1 && joint[0].is_some_and(|joint| joint > 0.0), "{joint:?}");
}
