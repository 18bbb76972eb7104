//! `calibrate`, `learn` and `dataset export` as their users meet them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::dataset::export::export;
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, MissingRule, store};
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::learn::{LearnOptions, Series, growth};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::study::backtest::backtest;
use shocksweep::low_level::tables::{self, Entry, SupplyUse};
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

/// Exit code 2, one line, nothing written.
fn is_refused(args: &[&str], out: &Path) -> String {
    let output = shocksweep(args);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(message.starts_with("error: "), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(!out.exists(), "{} was written", out.display());
    message
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).to_str().expect("UTF-8 path").to_string()
}

/// Tables of a small invented world.
fn tables(dir: &TempDir) -> String {
    let folder = at(dir, "tables");
    let size = ["--areas", "30", "--items", "40", "--seed", "4", "--years", "1993-2020"];
    succeeds(&[&["dataset", "synth", &folder], &size[..]].concat());
    folder
}

fn rows(folder: &str, table: &str) -> usize {
    let file = fs::File::open(Path::new(folder).join(format!("{table}.parquet"))).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    reader.metadata().file_metadata().num_rows() as usize
}

/// A column of numbers of a report.
fn column(folder: &str, table: &str, name: &str) -> Vec<f64> {
    let file = fs::File::open(Path::new(folder).join(format!("{table}.parquet"))).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let mut values = Vec::new();
    for batch in reader.build().expect("a reader") {
        let batch = batch.expect("rows");
        let array = batch.column_by_name(name).expect("a column");
        values.extend_from_slice(array.as_primitive::<Float64Type>().values());
    }
    values
}

#[test]
fn a_series_teaches_a_dataset_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (tables, learned, result) = (tables(&dir), at(&dir, "learned"), at(&dir, "result"));
    let said = succeeds(&["learn", &tables, &learned, "--stability", "--backtest"]);
    for part in ["28 years, 1993 to 2020", "Import rules", "Stability:", "Backtest:", "SYNTHETIC"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for report in shocksweep::low_level::dataset::store::REPORTS.iter().filter(|r| **r != "balance")
    {
        assert!(rows(&learned, report) > 0, "{report} is empty");
    }
    // Three more criteria values are tried than the grid of 18 has only if they are not in it.
    assert_eq!(rows(&learned, "stability"), 18 * (8 * 2 + 2));
    let observed: f64 = column(&learned, "backtest", "share_observed").iter().sum();
    let items = 40.0;
    assert!((observed - items).abs() < 1.0, "shares of {items} items add up to {observed}");

    let dataset = store::read(Path::new(&learned)).expect("a dataset");
    assert_eq!(dataset.missing_rule(), MissingRule::Keep);
    assert_eq!(dataset.metadata.year, Some(2020));
    engines_agree(&dataset);
    succeeds(&["dataset", "check", &learned]);
    let run = ["run", "--dataset", &learned, "--all-single", "--adaptation", "both"];
    succeeds(&[&run[..], &["--out", &result, "--quiet"]].concat());
    assert!(rows(&result, "scenarios") > 0);
    // Again at the same place: refused, replaced with --force.
    let again = shocksweep(&["learn", &tables, &learned]);
    assert_eq!(again.status.code(), Some(2));
    succeeds(&["learn", &tables, &learned, "--force"]);
    assert!(!Path::new(&learned).join("stability.parquet").exists());
}

/// Large single shocks, adaptive, in both engines.
fn engines_agree(dataset: &Dataset) {
    let producers = dataset.parameters.producers();
    let settings = AdaptationSettings { missing_rule: MissingRule::Keep, ..Default::default() };
    let scenarios: Vec<Scenario> = (0..producers.len() as u32)
        .filter(|&s| producers[s as usize])
        .step_by(7)
        .map(|s| Scenario::new(s, vec![Shock::new(s, 1.0)], &dataset.labels).expect("one shock"))
        .map(|s| s.with_adaptation(Some(settings)))
        .collect();
    let (reference, cpu) = (ReferenceEngine::new(dataset, 10), CpuEngine::new(dataset, 10));
    let last = [reference.last_step()];
    let expected = reference.losses(&scenarios, &last, 0.0, &|_| {}).unwrap().of;
    let found = cpu.losses(&scenarios, &last, 0.0, &|_| {}).unwrap().of;
    let baseline = reference.baseline().last();
    let mut adapted = 0;
    for (a, b) in expected.iter().zip(&found) {
        let events = |o: &shocksweep::low_level::engine::Outcome| -> Vec<_> {
            o.events.iter().map(|e| (e.kind, e.hit.sector)).collect()
        };
        assert_eq!(events(a), events(b));
        adapted += a.events.len();
        let mut dense = [vec![0.0; baseline.len()], vec![0.0; baseline.len()]];
        for (outcome, dense) in [a, b].into_iter().zip(&mut dense) {
            for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                dense[s as usize] = loss;
            }
        }
        for (s, (a, b)) in dense[0].iter().zip(&dense[1]).enumerate() {
            assert!((a - b).abs() <= 1e-9 * a.abs().max(baseline[s]), "sector {s}: {a}, {b}");
        }
    }
    assert!(adapted > 50, "{adapted} decisions");
}

#[test]
fn yearly_datasets_teach_what_their_tables_teach() {
    let dir = tempfile::tempdir().unwrap();
    let (tables, series) = (tables(&dir), at(&dir, "series"));
    fs::create_dir(&series).unwrap();
    for year in 1993..=2020 {
        let out = format!("{series}/world{year}");
        succeeds(&["calibrate", &tables, &out, "--year", &year.to_string()]);
    }
    let (from_tables, from_years) = (at(&dir, "a"), at(&dir, "b"));
    succeeds(&["learn", &tables, &from_tables]);
    succeeds(&["learn", &series, &from_years]);
    for table in ["candidates", "events", "rules", "substitution_tests"] {
        assert_eq!(rows(&from_tables, table), rows(&from_years, table), "{table}");
    }
    for (table, name) in [
        ("events", "relative_loss"),
        ("rule_observations", "before"),
        ("rule_observations", "after"),
        ("substitution_tests", "index"),
    ] {
        let [a, b] = [&from_tables, &from_years].map(|folder| column(folder, table, name));
        assert!(!a.is_empty());
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{table}.{name}: {a}, {b}");
        }
    }

    // A year that is missing, and a year with other labels.
    fs::rename(format!("{series}/world2000"), at(&dir, "world2000")).unwrap();
    let out = dir.path().join("c");
    let message = is_refused(&["learn", &series, out.to_str().unwrap()], &out);
    assert!(message.contains("holds 1999 and 2001, but year 2000 is missing"), "{message}");
    let other = format!("{series}/other2000");
    succeeds(&["dataset", "synth", &other, "--areas", "29", "--items", "40", "--seed", "4"]);
    let message = is_refused(&["learn", &series, out.to_str().unwrap()], &out);
    assert!(message.contains("other2000") && message.contains("has no area `"), "{message}");
}

/// Two areas make and eat 100,000 t of corn a year each; in the second half of 16 years the first
/// loses half of it, after four years of eight.
///
/// The world's amount falls to 150,000 t; adjusted for that the area keeps 66,667 t, so it loses a
/// third. Observed, its share is 1/2 for four years and 1/3 for four. Shocked by a third in every
/// step it keeps 66,667 of 166,667 t: 0.4. No rule was learned, so adapting changes nothing.
#[test]
fn a_backtest_worked_out_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in tiny() {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let mut tables = tables::read(dir.path(), None).unwrap();
    let d = tables.labels.dimensions();
    let food = tables.labels.food;
    let years = (0..16).map(|year| {
        let mut of_year = SupplyUse::default();
        for area in 0..2 {
            let value = if area == 0 && year >= 12 { 50_000.0 } else { 100_000.0 };
            let (farm, corn) = (d.process_column(area, 0) as u32, d.sector(area, 0) as u32);
            let eaten = tables.labels.demand_column(area, food) as u32;
            of_year.supply.push(Entry { from: farm, to: corn, value });
            of_year.demand.push(Entry { from: corn, to: eaten, value });
        }
        (2000 + year, of_year)
    });
    tables.years = years.collect();
    let mut series = Series::of_tables(tables, 0.0, dir.path()).unwrap();
    let start = series.years[7].parameters.clone();
    growth::adjust(&mut series);
    let about = shocksweep::low_level::tables::About::read(dir.path()).unwrap();
    let metadata = shocksweep::low_level::calibrate::dataset::metadata(&about, 2007, 0.0);
    let found = backtest(&series, start, metadata, &LearnOptions::default(), dir.path()).unwrap();
    assert_eq!((found.years, found.events_first, found.events_second), ((2007, 2015), 0, 1));
    assert_eq!((found.without_effect, found.rows.len()), (0, 2));
    // It adapts, and then substitutes.
    assert_eq!(found.adapting, 2);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a}, {b}");
    let row = &found.rows[0];
    close(row.phi, 1.0 / 3.0);
    close(row.observed.mean, 5.0 / 12.0);
    close(row.observed.deviation, (8.0f64 / 7.0).sqrt() / 12.0);
    for (run, share) in row.runs.iter().zip([0.5, 0.4, 0.4]) {
        close(run.mean, share);
        close(run.deviation, 0.0);
    }
    close(found.rows[1].phi, 0.0);
    close(found.rows[1].runs[1].mean, 0.6);
    let [baseline, shocked, _] = found.distances(true);
    assert_eq!((baseline.sectors, shocked.sectors), (1, 1));
    close(baseline.mean, 1.0 / 12.0);
    close(shocked.mean, 1.0 / 60.0);
}

#[test]
fn the_published_layout_gives_a_dataset_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = synthesize(&SynthOptions { areas: 20, items: 30, seed: 9 }).unwrap();
    // Awkward cells: an area without population, a name with a comma and a quote.
    world.labels.areas[3].population = None;
    world.labels.items[29].name = "Zebra, \"striped\"".to_string();
    let out = dir.path().join("published");
    export(&world, &out, false).unwrap();
    let options = ImportOptions { missing_rule: MissingRule::Keep, ..ImportOptions::default() };
    let back = import(&out, &options).unwrap();
    assert_eq!(back.parameters, world.parameters);
    assert_eq!(back.substitutability, world.substitutability);
    let (mut rules, theirs) = (back.rules.unwrap(), world.rules.clone().unwrap());
    assert_eq!(rules.missing, MissingRule::Keep);
    rules.missing = theirs.missing;
    assert_eq!(rules, theirs);
    assert_eq!(back.labels, world.labels);

    // The same dataset gives the same bytes; what is there is replaced only with force.
    let bytes = |folder: &Path| {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files.iter().map(|f| fs::read(f).unwrap()).collect::<Vec<_>>()
    };
    let first = bytes(&out);
    // Labels, parameters, rules, substitutability, units and measures of the items.
    assert_eq!(first.len(), 3 + 8 + 16 + 1 + 1);
    assert!(export(&world, &out, false).is_err());
    export(&world, &out, true).unwrap();
    assert!(first == bytes(&out));
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let error = export(&world, &out, true).unwrap_err().to_string();
    assert!(error.contains("`notes.txt`"), "{error}");
}

/// A tiny world of tables, as text by file name.
fn tiny() -> Vec<(&'static str, String)> {
    let mut supply = "year,from_area,from_process,to_area,to_item,value\n".to_string();
    let mut uses = "year,from_area,from_item,to_area,to_process,value\n".to_string();
    let mut demand = "year,from_area,from_item,to_area,to_purpose,value\n".to_string();
    for year in [2000, 2001, 2002] {
        supply += &format!("{year},A,farm,A,corn,100\n{year},B,mill,B,meal,30\n");
        uses += &format!("{year},A,corn,B,mill,40\n");
        demand += &format!("{year},A,corn,A,food,60\n{year},B,meal,B,food,30\n");
    }
    vec![
        ("areas.csv", "area\nA\nB\n".into()),
        ("items.csv", "item,group\ncorn,Cereals\nmeal,Cereals\n".into()),
        ("processes.csv", "process\nfarm\nmill\n".into()),
        ("purposes.csv", "purpose\nfood\nstock_addition\n".into()),
        ("supply.csv", supply),
        ("use.csv", uses),
        ("demand.csv", demand),
    ]
}

/// Writes the tiny world with one file changed.
fn changed(dir: &TempDir, file: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let folder = at(dir, "tiny");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    for (name, text) in tiny() {
        let text = if name == file { change(&text) } else { Some(text) };
        if let Some(text) = text {
            fs::write(Path::new(&folder).join(name), text).unwrap();
        }
    }
    folder
}

#[test]
fn faulty_tables_are_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let given = out.to_str().unwrap();
    let good = changed(&dir, "", |text| Some(text.to_string()));
    succeeds(&["calibrate", &good, given, "--year", "2000"]);
    fs::remove_dir_all(&out).unwrap();

    type Case<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);
    let cases: [Case; 16] = [
        ("use.csv", "corn", "cron", &["use.csv, row 1, column `from_item`", "`cron`", "`corn`"]),
        ("use.csv", "mill", "mlil", &["use.csv, row 1", "unknown process `mlil`", "`mill`"]),
        ("demand.csv", "B,food", "C,food", &["demand.csv, row 2", "unknown area `C`"]),
        ("demand.csv", "food", "fodo", &["demand.csv, row 1", "`fodo`", "`food`"]),
        ("use.csv", ",40", ",-40", &["use.csv, row 1, column `value`", "-40 is negative"]),
        ("supply.csv", ",100", ",-100", &["supply.csv, row 1, column `value`", "negative"]),
        ("supply.csv", ",100", ",NaN", &["supply.csv, row 1, column `value`", "finite"]),
        ("supply.csv", ",100", ",much", &["supply.csv, row 1, column `value`", "`much`"]),
        ("supply.csv", "A,farm,A", "A,farm,B", &["supply.csv, row 1"]),
        ("supply.csv", "2000,A", "20x0,A", &["supply.csv, row 1, column `year`", "`20x0`"]),
        ("supply.csv", "from_process", "process", &["supply.csv, `from_process`", "not found"]),
        ("supply.csv", "2001,A", "2000,A", &["occurs twice"]),
        ("areas.csv", "B\n", "A\n", &["areas.csv", "`A` occurs twice"]),
        ("areas.csv", "B\n", "\"\"\n", &["areas.csv"]),
        ("items.csv", "item,group", "item,colour", &["items.csv", "commodity group"]),
        ("purposes.csv", "food", "meals", &["no purpose is called `food`", "meals"]),
    ];
    for (file, from, to, parts) in cases {
        let folder = changed(&dir, file, |text| Some(text.replacen(from, to, 1)));
        let message = is_refused(&["calibrate", &folder, given, "--year", "2000"], &out);
        for part in parts {
            assert!(message.contains(part), "{file}, {from} -> {to}: {message}");
        }
    }
    for file in ["areas.csv", "use.csv", "purposes.csv"] {
        let folder = changed(&dir, file, |_| None);
        let message = is_refused(&["calibrate", &folder, given, "--year", "2000"], &out);
        assert!(message.contains(file) && message.contains("not found"), "{message}");
    }
    let year = |text: &str| {
        let others = text.lines().filter(|line| !line.starts_with("2001"));
        Some(others.fold(String::new(), |all, line| all + line + "\n"))
    };
    let folder = changed(&dir, "demand.csv", year);
    let message = is_refused(&["calibrate", &folder, given, "--year", "2001"], &out);
    assert!(message.contains("demand.csv: holds no entry of 2001, a year that"), "{message}");
    let good = changed(&dir, "", |text| Some(text.to_string()));
    let message = is_refused(&["calibrate", &good, given, "--year", "1999"], &out);
    assert!(message.contains("no year 1999; the tables hold 2000 to 2002"), "{message}");
    let message = is_refused(&["calibrate", given, given, "--year", "1999"], &out);
    assert!(message.contains("not found"), "{message}");
    is_refused(&["calibrate", &good, given, "--year", "2000", "--floor", "0.7"], &out);

    // Of a series.
    let folder = at(&dir, "gap");
    fs::create_dir(&folder).unwrap();
    for (name, text) in tiny() {
        fs::write(Path::new(&folder).join(name), year(&text).unwrap()).unwrap();
    }
    let message = is_refused(&["learn", &folder, given], &out);
    assert!(message.contains("holds 2000 and 2002, but year 2001 is missing"), "{message}");
    let message = is_refused(&["learn", &good, given, "--years", "2000"], &out);
    assert!(message.contains("holds 1 year; learning needs two or more"), "{message}");
    let message = is_refused(&["learn", &good, given, "--year", "1990"], &out);
    assert!(message.contains("no year 1990; the series holds 2000 to 2002"), "{message}");
    let message = is_refused(&["learn", &good, given, "--backtest"], &out);
    assert!(message.contains("a backtest needs four"), "{message}");
    is_refused(&["learn", &good, given, "--significance", "5"], &out);
    is_refused(&["learn", given, given], &out);
}

#[test]
fn an_area_that_vanishes_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let folder = at(&dir, "tiny");
    fs::create_dir(&folder).unwrap();
    for (name, text) in tiny() {
        // From 2001 on nothing is used or made in B; the corn goes to a farm in A as seed.
        let text = match name {
            "use.csv" => text + "2001,A,corn,A,farm,1\n2002,A,corn,A,farm,1\n",
            _ => text,
        };
        let gone = |line: &&str| {
            !(name.contains("supply") || name.contains("use.") || name.contains("demand"))
                || !(line.starts_with("2001") || line.starts_with("2002"))
                || !line.contains(",B,")
        };
        let text = text.lines().filter(gone).fold(String::new(), |all, line| all + line + "\n");
        fs::write(Path::new(&folder).join(name), text).unwrap();
    }
    let said = succeeds(&["learn", &folder, &at(&dir, "out")]);
    let sentence = "1 of 2 areas do not possess something in every year and teach nothing: B.";
    assert!(said.contains(sentence), "{said}");
}
