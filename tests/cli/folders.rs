//! The folders of inputs that once went wrong (`data/cases` of the shared data), one test each, by name: what
//! each expects is in its `expected.txt`. They do what its `run.sh` does.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, Float64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use crate::common::result::{same_tables, tables};
use crate::common::shared;

/// A copy of the folders of cases, in which the program is run.
struct Case {
    dir: TempDir,
    name: String,
    data: PathBuf,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::write(&target, fs::read(entry.path()).expect("a file"))),
        }
    }
}

impl Case {
    fn open(name: &str) -> Option<Self> {
        let data = shared(name)?.join("data");
        let dir = TempDir::new().expect("a temporary folder");
        for folder in [name, "base"] {
            copy(&data.join("cases").join(folder), &dir.path().join(folder));
        }
        Some(Case { dir, name: name.to_string(), data })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(&self.name).join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file");
    }

    /// Exit code, and all that was said.
    fn run(&self, args: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        let output = command.args(args).current_dir(self.path("")).output().expect("it starts");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().expect("a code"), String::from_utf8_lossy(&said).to_string())
    }

    #[track_caller]
    fn gives(&self, code: i32, args: &[&str]) -> String {
        let (found, said) = self.run(args);
        assert_eq!(found, code, "{args:?}: {said}");
        said
    }

    /// A static run of a scenario table on a dataset.
    fn scenarios(&self, dataset: &str, table: &str, code: i32) -> String {
        let run = ["run", "--dataset", dataset, "--scenarios", table, "--adaptation", "off"];
        self.gives(code, &[&run[..], &["--out", "out", "--force"]].concat())
    }

    /// The 2020 data in the own form, imported once.
    fn food2020(&self) -> String {
        static FOLDER: OnceLock<String> = OnceLock::new();
        let import = || {
            let published = self.data.join("food2020");
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases-food2020");
            let [published, folder] =
                [published, folder].map(|p| p.to_str().expect("UTF-8").to_string());
            let more = ["--year", "2020", "--reconstructed", "trade_t", "--force"];
            self.gives(0, &[&["dataset", "import", &published, &folder][..], &more].concat());
            folder
        };
        FOLDER.get_or_init(import).clone()
    }

    fn table(&self, name: &str) -> RecordBatch {
        table(&self.path(name))
    }

    /// `Area / Item`, and the loss there.
    fn losses(&self) -> Vec<(String, f64)> {
        let batch = self.table("out/losses/part-00000.parquet");
        let (areas, items, al) =
            (texts(&batch, "area"), texts(&batch, "item"), numbers(&batch, "al"));
        let names = areas.iter().zip(&items).map(|(a, i)| format!("{a} / {i}"));
        names.zip(al.into_iter().flatten()).collect()
    }
}

pub(crate) fn table(path: &Path) -> RecordBatch {
    let file = File::open(path).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let mut reader = reader.with_batch_size(1 << 22).build().expect("a reader");
    reader.next().expect("rows").expect("rows")
}

pub(crate) fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    let column = batch.column_by_name(name).expect(name);
    match column.as_primitive_opt::<Float64Type>() {
        Some(column) => column.iter().collect(),
        None => column.as_primitive::<Int32Type>().iter().map(|v| v.map(f64::from)).collect(),
    }
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).expect(name);
    match column.as_string_opt::<i32>() {
        Some(column) => column.iter().map(|text| text.unwrap_or("").to_string()).collect(),
        None => {
            let column = column.as_any_dictionary();
            let values = column.values().as_string::<i32>();
            column.normalized_keys().into_iter().map(|k| values.value(k).to_string()).collect()
        }
    }
}

#[test]
fn case_01_negzero_rl_inf() {
    let Some(case) = Case::open("01-negzero-rl-inf") else { return };
    let run = ["run", "--dataset", "world", "--scenarios", "s.csv", "--adaptation", "on"];
    case.gives(0, &[&run[..], &["--min-loss", "0", "--out", "out", "--quiet"]].concat());
    let batch = case.table("out/losses/part-00000.parquet");
    assert_eq!(texts(&batch, "area"), ["Aland", "Bland", "Cland"]);
    let column = |name: &str| numbers(&batch, name).into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(column("al"), [5000.0, 3750.0, -1250.0]);
    assert_eq!(column("rl"), [0.5, 0.75, -1.0]);
    assert_eq!(column("baseline"), [10000.0, 5000.0, 0.0]);
    assert!(column("baseline").iter().all(|xb| xb.is_sign_positive()), "no -0.0");
    case.gives(0, &["verify", "out", "--dataset", "world"]);
}

#[test]
fn case_02_empty_area_first_area() {
    let Some(case) = Case::open("02-empty-area-first-area") else { return };
    case.gives(0, &["calibrate", "tables", "ds", "--year", "2020"]);
    let said = case.scenarios("ds", "shocks.csv", 2);
    assert!(said.contains("row 2, column `area`: expected an area, found nothing"), "{said}");
    assert!(!case.path("out").exists());
    case.gives(2, &["shock", "/Wheat", "--dataset", "ds"]);
}

#[test]
fn case_03_long_horizon_nan() {
    let Some(case) = Case::open("03-long-horizon-nan") else { return };
    let said = case.gives(0, &["dataset", "check", "world"]);
    assert!(said.contains("amounts settle without a shock") && said.contains("WARN"), "{said}");
    assert!(said.contains("Bland / Meat grows"), "{said}");
    let base = case.gives(0, &["dataset", "check", "../base"]);
    let settles = base.lines().find(|line| line.contains("amounts settle without a shock"));
    assert!(settles.is_some_and(|line| line.contains("pass")), "{base}");
    let run = |steps: &str, engine: &str, code: i32| {
        let run = ["run", "--dataset", "world", "--scenarios", "shocks.csv", "--adaptation", "off"];
        let more = ["--steps", steps, "--engine", engine, "--out", "out", "--force"];
        case.gives(code, &[&run[..], &more].concat())
    };
    run("40", "cpu", 0);
    case.gives(0, &["verify", "out", "--dataset", "world"]);
    let mut steps = Vec::new();
    for engine in ["reference", "cpu"] {
        let said = run("250", engine, 3);
        assert!(said.contains("2 diverged") || said.contains("2 scenarios diverged"), "{said}");
        let rows = case.table("out/scenarios.parquet");
        assert_eq!(texts(&rows, "status"), ["diverged", "diverged"]);
        steps.push(numbers(&rows, "diverged_at"));
        for name in ["total_loss", "total_loss_published", "largest_loser_al", "sectors_above_1pct"]
        {
            assert!(numbers(&rows, name).iter().all(Option::is_none), "{name}");
        }
        let baseline = numbers(&case.table("out/baseline.parquet"), "baseline");
        assert!(baseline.iter().flatten().all(|amount| amount.is_finite()));
        assert!(baseline.iter().any(Option::is_none));
        let manifest = fs::read_to_string(case.path("out/manifest.json")).expect("a manifest");
        assert!(manifest.contains("\"diverged\": 2"), "{manifest}");
        let said = case.gives(0, &["verify", "out", "--dataset", "world"]);
        assert!(said.contains("2 scenarios"), "{said}");
        case.gives(0, &["report", "out", "-o", "page.html", "--quiet"]);
        let said = case.gives(0, &["aggregate", "out", "--by", "region"]);
        assert!(said.contains("2 runs asked for have diverged"), "{said}");
        assert!(said.contains("No scenario counts"), "{said}");
    }
    assert_eq!(steps[0], steps[1]);
    assert!(steps[0].iter().flatten().all(|step| (90.0..110.0).contains(step)), "{steps:?}");
    let shock = ["shock", "Bland/Meat", "--dataset", "world", "--steps", "250"];
    let said = case.gives(3, &shock);
    assert!(said.contains("after step") && !said.contains("NaN"), "{said}");
    // Pairs, of which one diverges: S is not known, and said so.
    case.write("p.csv", "scenario,area,item\n0,Bland,Meat\n0,Aland,Wheat\n");
    let run = ["run", "--dataset", "world", "--scenarios", "p.csv", "--adaptation", "off"];
    let more = ["--superposition", "--steps", "250", "--out", "pairs", "--quiet"];
    case.gives(3, &[&run[..], &more].concat());
    let rows = case.table("pairs/superposition.parquet");
    assert_eq!(texts(&rows, "method"), ["diverged"]);
    assert!(numbers(&rows, "s").iter().all(Option::is_none));
    case.gives(0, &["verify", "pairs", "--dataset", "world"]);
    let said = case.gives(3, &["explain", "pairs", "0", "--dataset", "world"]);
    assert!(said.contains("S is not known"), "{said}");
}

/// The published data, 450 steps: some of the worst overshooters diverge.
#[test]
fn case_03_long_horizon_nan_on_the_2020_data() {
    let Some(case) = Case::open("03-long-horizon-nan") else { return };
    let food = case.food2020();
    let run = ["run", "--dataset", &food, "--scenarios", "overshooters.csv", "--adaptation", "on"];
    let (code, said) =
        case.run(&[&run[..], &["--steps", "450", "--out", "o2", "--quiet"]].concat());
    let rows = case.table("o2/scenarios.parquet");
    let (total, status) = (numbers(&rows, "total_loss"), texts(&rows, "status"));
    assert!(total.iter().flatten().all(|total| total.is_finite()), "{total:?}");
    let diverged = status.iter().filter(|status| *status == "diverged").count();
    assert_eq!(code, if diverged > 0 { 3 } else { 0 }, "{said}");
    for (total, status) in total.iter().zip(&status) {
        assert_eq!(total.is_none(), status == "diverged");
    }
    assert!(diverged > 0, "{status:?}");
    case.gives(0, &["verify", "o2", "--dataset", &food]);
}

#[test]
fn case_05_shock_after_horizon() {
    let Some(case) = Case::open("05-shock-after-horizon") else { return };
    let said = case.scenarios("../base", "s.csv", 2);
    assert!(said.contains("2022") && said.contains("steps 0 to 9"), "{said}");
    assert!(!case.path("out").exists());
}

#[test]
fn case_06_dissolved_country_events() {
    let Some(case) = Case::open("06-dissolved-country-events") else { return };
    let size = ["--areas", "8", "--items", "8", "--years", "1993-2020", "--seed", "3"];
    case.gives(0, &[&["dataset", "synth", "st"][..], &size].concat());
    let _ = fs::remove_dir_all(case.path("dis"));
    copy(&case.path("st"), &case.path("dis"));
    for name in ["supply", "use", "demand"] {
        let path = case.path(&format!("dis/{name}.parquet"));
        let batch = table(&path);
        let [from, to] = ["from_area", "to_area"].map(|name| texts(&batch, name));
        let years = numbers(&batch, "year");
        let value = numbers(&batch, "value").into_iter().enumerate().map(|(row, value)| {
            let is_gone = (from[row] == "India" || to[row] == "India") && years[row] > Some(2008.0);
            value.map(|value| if is_gone { value * 1e-4 } else { value })
        });
        let mut columns = batch.columns().to_vec();
        columns[batch.schema().index_of("value").expect("value")] =
            Arc::new(value.collect::<Float64Array>());
        let batch = RecordBatch::try_new(batch.schema(), columns).expect("columns");
        let file = File::create(&path).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("a batch");
        writer.close().expect("closed");
    }
    let said = case.gives(0, &["learn", "dis", "disl"]);
    assert!(said.contains("India") && said.contains("2008"), "{said}");
    let said = case.gives(0, &["learn", "dis", "without", "--leave-out-area", "India"]);
    let events = case.table("disl/events.parquet");
    assert!(texts(&events, "area").iter().any(|area| area == "India"), "{said}");
    let left = File::open(case.path("without/events.parquet")).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(left).expect("Parquet").build();
    for batch in reader.expect("a reader") {
        assert!(texts(&batch.expect("rows"), "area").iter().all(|area| area != "India"));
    }
}

#[test]
fn case_07_foreign_file_in_result() {
    let Some(case) = Case::open("07-foreign-file-in-result") else { return };
    case.gives(0, &["run", "job.toml", "--quiet"]);
    let expected = tables(&case.path("res"));
    let foreign =
        [".snakemake_timestamp", ".nfs000000000123", "report.html", "slurm-4711.out", ".DS_Store"];
    for name in foreign {
        case.write(&format!("res/{name}"), "theirs");
        case.gives(0, &["run", "job.toml", "--resume", "--quiet"]);
        case.gives(0, &["run", "job.toml", "--force", "--quiet"]);
        assert_eq!(fs::read(case.path(&format!("res/{name}"))).expect("there"), b"theirs");
        fs::remove_file(case.path(&format!("res/{name}"))).expect("removable");
    }
    case.gives(0, &["aggregate", "res", "--by", "region", "--out", "res/regions.parquet"]);
    case.gives(0, &["run", "job.toml", "--resume", "--quiet"]);
    fs::remove_file(case.path("res/regions.parquet")).expect("removable");
    same_tables(&expected, &case.path("res"));
}

/// Signals end a run between batches of some seconds, and what is done stays.
#[cfg(unix)]
#[test]
fn case_09_signals_and_grace() {
    let Some(case) = Case::open("09-signals-and-grace") else { return };
    let food = case.food2020();
    for signal in ["USR1", "USR2", "TERM"] {
        let _ = fs::remove_dir_all(case.path("out"));
        let run = ["run", "--dataset", &food, "--all-single", "--adaptation", "both"];
        let more = ["--steps", "20", "--out", "out", "--log", "plain"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(run).args(more).current_dir(case.path(""));
        let mut child = command.stderr(std::process::Stdio::null()).spawn().expect("it starts");
        // Until the first part is there.
        let ledger = case.path("out/ledger.jsonl");
        let has_part = || fs::read_to_string(&ledger).is_ok_and(|text| text.contains("\"part\""));
        let mut waited = 0;
        while !has_part() && waited < 1200 {
            assert!(child.try_wait().expect("a child").is_none(), "it ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(100));
            waited += 1;
        }
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(killed.expect("kill").success());
        assert_eq!(child.wait().expect("a child").code(), Some(75), "{signal}");
        assert!(has_part(), "{signal}");
    }
}

#[test]
fn case_11_parquet_decimal_list() {
    let Some(case) = Case::open("11-parquet-decimal-list") else { return };
    case.scenarios("../base", "decimal.parquet", 0);
    let total = numbers(&case.table("out/scenarios.parquet"), "total_loss");
    assert!((total[0].expect("a loss") - 1051.5).abs() < 1e-9, "{total:?}");
    // While the list lasts.
    let losses = |table: &str| {
        let run = ["run", "--dataset", "../base", "--scenarios", table, "--adaptation", "off"];
        case.gives(0, &[&run[..], &["--steps", "3", "--out", "out", "--force"]].concat());
        case.losses()
    };
    case.write("list.csv", "scenario,area,item,phi\n0,Aland,Wheat,1;0.5;0.25\n");
    let listed = losses("list.parquet");
    assert!(!listed.is_empty() && listed == losses("list.csv"), "{listed:?}");
    case.gives(0, &["calibrate", "tables", "ds", "--year", "2020"]);
}

#[test]
fn case_12_mtx_unsigned_symmetric() {
    let Some(case) = Case::open("12-mtx-unsigned-symmetric") else { return };
    case.gives(0, &["dataset", "import", "unsigned", "u"]);
    case.gives(0, &["dataset", "import", "symmetric", "s"]);
    case.write("w.csv", "scenario,area,item\n0,Aland,Wheat\n");
    case.scenarios("s", "w.csv", 0);
    let losses = case.losses();
    let expected = [("Aland / Wheat", 109.889461), ("Bland / Wheat", 32.9668383)];
    for ((name, loss), (at, al)) in losses.iter().zip(expected) {
        assert!(name == at && (loss - al).abs() < 1e-6, "{losses:?}");
    }
    assert_eq!(losses.len(), 2);
}

#[test]
fn case_13_toml_backslash() {
    let Some(case) = Case::open("13-toml-backslash") else { return };
    let entries = || fs::read_dir(case.path("")).expect("a folder").count();
    let before = entries();
    for (job, about) in [
        ("newline.toml", "output.folder"),
        ("tab.toml", "output.folder"),
        ("users.toml", "line 1"),
        ("data.toml", "line 1"),
    ] {
        let said = case.gives(2, &["run", job, "--quiet"]);
        assert!(said.contains(about), "{job}: {said}");
        assert!(said.contains("a backslash starts an escape in TOML"), "{job}: {said}");
    }
    assert_eq!(entries(), before, "nothing is written");
    // Jobs of trade and of networks, and paths that are read.
    case.write("trade.toml", "panel = \"my\\new\"\n");
    let said = case.gives(2, &["trade", "run", "trade.toml", "--out", "t"]);
    assert!(said.contains("a backslash starts an escape"), "{said}");
    case.write("net.toml", "sample = \"synthetic\"\n[output]\nfolder = \"my\\new\"\n");
    let said = case.gives(2, &["network", "run", "net.toml"]);
    assert!(said.contains("a backslash starts an escape"), "{said}");
    case.write("table.toml", "[scenarios]\nset = \"table\"\ntable = \"my\\table.csv\"\n");
    let said = case.gives(2, &["run", "table.toml", "--out", "t"]);
    assert!(said.contains("scenarios.table"), "{said}");
    assert_eq!(entries(), before + 3, "nothing is written");
}

#[test]
fn case_15_name_suggestions() {
    let Some(case) = Case::open("15-name-suggestions") else { return };
    let food = case.food2020();
    let shock = |area: &str| {
        let sector = format!("{area}/Wheat and products");
        case.run(&["shock", &sector, "--dataset", &food, "--adaptation", "off", "--top", "1"])
    };
    let names = [
        ("China", "China, mainland"),
        ("South Korea", "Republic of Korea"),
        ("Burma", "Myanmar"),
        ("Reunion", "union"),
        ("UK", "United Kingdom"),
        ("US", "United States"),
        ("DE", "Germany"),
        ("351", "China"),
        ("Swaziland", "Eswatini"),
        ("Türkiye", "Tur"),
        ("Cote d'Ivoire", "d'Ivoire"),
        ("Co\u{302}te d'Ivoire", "d'Ivoire"),
    ];
    for (asked, meant) in names {
        let (_, said) = shock(asked);
        assert!(said.contains(meant), "{asked}: {said}");
    }
    let _ = fs::remove_dir_all(case.path("t"));
    copy(&case.data.join("cases/02-empty-area-first-area/tables"), &case.path("t"));
    let areas = fs::read_to_string(case.path("t/areas.csv")).expect("a table");
    case.write("t/areas.csv", areas.replace("\nAland,", "\nAland ,"));
    case.gives(0, &["calibrate", "t", "ds", "--year", "2020"]);
}

#[test]
fn case_16_missing_phi() {
    let Some(case) = Case::open("16-missing-phi") else { return };
    for table in ["s.csv", "s.parquet", "na.csv"] {
        let said = case.scenarios("../base", table, 2);
        assert!(said.contains("row 2") && said.contains("`phi`"), "{table}: {said}");
    }
}

#[test]
fn case_17_polars_join_types() {
    let Some(case) = Case::open("17-polars-join-types") else { return };
    let run = ["run", "--dataset", "../base", "--all-single", "--adaptation", "off"];
    case.gives(0, &[&run[..], &["--min-loss", "0", "--out", "out", "--quiet"]].concat());
    let kind = |name: &str, column: &str| {
        let batch = case.table(&format!("out/{name}.parquet"));
        batch.column_by_name(column).expect(column).data_type().clone()
    };
    let (area, item) = (kind("losses/part-00000", "area"), kind("losses/part-00000", "item"));
    assert_eq!([kind("areas", "area"), kind("baseline", "area")], [area.clone(), area.clone()]);
    assert_eq!([kind("items", "item"), kind("baseline", "item")], [item.clone(), item.clone()]);
    assert_eq!(kind("scenarios", "largest_loser_area"), area);
    assert_eq!(kind("scenarios", "largest_loser_item"), item);
}

#[test]
fn case_18_semicolon_csv() {
    let Some(case) = Case::open("18-semicolon-csv") else { return };
    case.write("plain.csv", "scenario,area,item,phi\n0,Aland,Wheat,0.5\n");
    case.scenarios("../base", "plain.csv", 0);
    let expected = case.losses();
    assert!(!expected.is_empty());
    for (name, text) in [
        ("semi.csv", "scenario;area;item;phi\n0;Aland;Wheat;0,5\n"),
        ("semi-point.csv", "scenario;area;item;phi\n0;Aland;Wheat;0.5\n"),
        ("tab.tsv", "scenario\tarea\titem\tphi\n0\tAland\tWheat\t0.5\n"),
        (
            "write-csv-of-R.csv",
            "\"\",\"scenario\",\"area\",\"item\",\"phi\"\n\"1\",0,\"Aland\",\"Wheat\",0.5\n",
        ),
    ] {
        case.write(name, text);
        case.scenarios("../base", name, 0);
        assert_eq!(case.losses(), expected, "{name}");
    }
    let text = "scenario,area,item,phi\n0,Aland,Wheat,0.5\n";
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    case.write("utf16.csv", utf16);
    case.write("latin1.csv", b"scenario,area,item,phi\n0,C\xf4te d'Ivoire,Wheat,0.5\n");
    for (name, encoding) in [("utf16.csv", "UTF-16"), ("latin1.csv", "Latin-1")] {
        let said = case.scenarios("../base", name, 2);
        assert!(said.contains(encoding) && said.contains("UTF-8"), "{name}: {said}");
    }
}

/// The world of the cases that make one.
fn synthetic(case: &Case) {
    let size = ["--areas", "60", "--items", "40", "--seed", "3"];
    case.gives(0, &[&["dataset", "synth", "world"][..], &size].concat());
}

#[test]
fn case_21_stale_losses() {
    let Some(case) = Case::open("21-stale-losses") else { return };
    synthetic(&case);
    let run = ["run", "--dataset", "world", "--all-single", "--adaptation", "both"];
    case.gives(0, &[&run[..], &["--out", "out", "--quiet"]].concat());
    fs::remove_file(case.path("out/ledger.jsonl")).expect("removable");
    case.write("b.csv", "scenario,area,item\n5000,Brazil,Soyabeans\n");
    let run = ["run", "--dataset", "world", "--scenarios", "b.csv", "--quiet", "--out"];
    case.gives(0, &[&run[..], &["fresh"]].concat());
    let (code, said) = case.run(&[&run[..], &["out", "--resume"]].concat());
    assert!(code == 0 || code == 2, "{said}");
    if code == 0 {
        same_tables(&tables(&case.path("fresh")), &case.path("out"));
        case.gives(0, &["verify", "out", "--dataset", "world"]);
        let sums = |folder: &str| {
            case.gives(0, &["aggregate", folder, "--by", "region", "--out", "sums.csv"]);
            fs::read_to_string(case.path("sums.csv")).expect("a table")
        };
        assert_eq!(sums("out"), sums("fresh"));
    }
}

#[test]
fn case_22_explain_settings() {
    // The same table as the case's; the numbers are compared there.
    crate::cases::explain_answers_for_the_settings_that_a_pair_ran_with();
}

#[test]
fn case_23_validate_empty() {
    let Some(case) = Case::open("23-validate-empty") else { return };
    if std::env::var_os(crate::support::gpu::SWITCH).is_some_and(|value| value == "1") {
        crate::common::skip::skip("it needs a graphics adapter");
        return;
    }
    synthetic(&case);
    let args = ["validate", "world", "--allow-software", "--scenarios", "0", "--json"];
    let (code, said) = case.run(&args);
    assert!(code == 2 || code == 3, "{code}: {said}");
}

#[test]
fn case_24_no_rules() {
    crate::cases::a_dataset_without_rules_is_asked_to_adapt_in_vain();
}

#[test]
fn case_25_manifest_unprotected() {
    crate::cases::a_changed_manifest_is_found_and_mended();
}

#[test]
fn case_26_totals_unchecked() {
    crate::verify::totals_are_checked_against_the_exact_bound();
}

#[test]
fn case_27_nested_schema() {
    crate::tables::schemas_that_nest_without_end_are_refused();
}

#[cfg(unix)]
#[test]
fn case_28_lying_schema() {
    let Some(case) = Case::open("28-lying-schema") else { return };
    let program = env!("CARGO_BIN_EXE_shocksweep");
    let script = format!(
        "ulimit -v 8000000; exec '{program}' run --scenarios m_children_lie.parquet --out o --quiet"
    );
    let mut command = Command::new("sh");
    let output = command.args(["-c", &script]).current_dir(case.path("")).output().expect("sh");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("m_children_lie.parquet"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn case_29_stderr_full() {
    crate::cases::a_log_that_cannot_be_written_changes_no_exit_code();
}

/// Every folder of the shared data has its test here, or, of locks, in [`crate::injector`].
#[test]
fn every_case_has_a_test() {
    let Some(data) = shared("every_case_has_a_test") else { return };
    let own = include_str!("folders.rs").to_string() + include_str!("injector.rs");
    for entry in fs::read_dir(data.join("data/cases")).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().replace('-', "_");
        assert!(name == "base" || own.contains(&format!("fn case_{name}()")), "{name} has no test");
    }
}
