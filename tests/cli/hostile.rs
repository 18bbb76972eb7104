//! Jobs, tables, datasets and results that come from someone else: what they may make the program do.
//!
//! Every case runs in a process that gets 3 GB of addresses: what asked for more would be killed, and
//! not end with the message that is expected.
#![cfg(unix)] // limits of a process, links

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use crate::common::result::{files, shocksweep};
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::sink::ledger::{Header, Ledger, LedgerWriter, Shard};
use tempfile::TempDir;

/// Addresses a process gets, kB.
const LIMIT_KB: u64 = 3_000_000;

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Place { dir: TempDir::new().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_string()
    }

    /// Runs the program in this folder with little memory; exit code, and what it said.
    fn limited(&self, args: &[&str]) -> (Option<i32>, String) {
        let quoted: Vec<String> = args.iter().map(|a| format!("'{a}'")).collect();
        let program = env!("CARGO_BIN_EXE_shocksweep");
        let script = format!("ulimit -v {LIMIT_KB}; exec '{program}' {}", quoted.join(" "));
        let mut command = Command::new("sh");
        let output = command.args(["-c", &script]).current_dir(self.dir.path()).output();
        let output = output.expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        (output.status.code(), said)
    }

    /// Runs a job of this text, which must be refused, and leave nothing behind.
    #[track_caller]
    fn refused(&self, job: &str, expected: &str) {
        fs::write(self.path("job.toml"), job).expect("a job");
        let (code, said) = self.limited(&["run", "job.toml"]);
        assert!(code == Some(2) && said.contains(expected), "{expected}: {code:?} {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!self.path("out").exists());
    }
}

const OUT: &str = "[output]\nfolder = \"out\"\n";

#[test]
fn what_a_job_asks_for_has_limits() {
    let place = Place::new();
    let select = "[scenarios]\nset = \"sampled-pairs\"\n";
    let single = "[scenarios]\nset = \"all-single\"\n";
    let count = format!("{select}count = 1000000000000\n{OUT}");
    place.refused(&count, "scenarios.count is 1000000000000; expected 1 to 5000000");
    let steps = format!("steps = 1000000000\n{single}{OUT}");
    place.refused(&steps, "steps is 1000000000; expected 1 to 1000");
    let ids: Vec<String> = (0..2000).map(|id| id.to_string()).collect();
    let trace = format!(
        "steps = 1000\nmemory_limit = \"1 GiB\"\n{single}{OUT}trace = [{}]\n",
        ids.join(", ")
    );
    place.refused(&trace, "the trace of 2000 scenarios may take");
    let baseline = format!("steps = 1000\nmemory_limit = \"256 MiB\"\n{single}{OUT}");
    place.refused(&baseline, "the baseline of 1000 steps may take");
    let top = "memory_limit = \"512 MiB\"\n[scenarios]\nset = \"pairs\"\nselect = { largest = 2000 }\n\
               [superposition]\nkeep = \"top\"\ntop = 100000\n";
    place.refused(&format!("{top}{OUT}"), "rankings of 100000 pairs each may take");
    let singles = top.replace("select = { largest = 2000 }\n", "").replace("100000", "1");
    place.refused(&format!("{singles}{OUT}"), "11256 single runs may take 0.8 GiB");
    let triples =
        "[scenarios]\nset = \"sampled-triples\"\nselect = { largest = 100 }\ncount = 5000000\n";
    place.refused(&format!("{triples}{OUT}"), "the selection has too few");
    let memory = format!("memory_limit = \"1000000000 TiB\"\n{single}{OUT}");
    place.refused(&memory, "memory_limit is 1000000000 TiB");
    let list = |count: usize, phis: usize| {
        let phi: Vec<&str> = (0..phis).map(|t| ["1.0", "0.5"][t % 2]).collect();
        let phi = phi.join(", ");
        let one = format!(
            "[[scenarios.list]]\nname = \"x\"\nshocks = [{{ area = \"IND\", item = \"*\", phi = [{phi}] }}]\n"
        );
        format!("[scenarios]\nset = \"list\"\n{}{OUT}", one.repeat(count))
    };
    place.refused(&list(1, 1001), "phi as a list has 1001 numbers");
    place.refused(&list(1000, 1000), "have more than 20000000 shocks");
    let (code, said) = place.limited(&["run", "/dev/zero"]);
    assert!(code == Some(2) && said.contains("is no file"), "{code:?} {said}");
}

#[test]
fn tables_that_are_larger_than_they_look_are_refused() {
    let place = Place::new();
    let rows = 1 << 16;
    let texts = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows])) };
    let write = |name: &str, columns: Vec<(&str, ArrayRef)>, times: usize| {
        let batch = RecordBatch::try_from_iter(columns).expect("columns");
        let file = fs::File::create(place.path(name)).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        (0..times).for_each(|_| writer.write(&batch).expect("a batch"));
        writer.close().expect("closed");
    };
    // 26 million rows in a few kilobytes, and rows of 20 kB each.
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1; rows]));
    let named = |long: &str| {
        let (area, item) = (texts("India"), texts(long));
        vec![("scenario", ids.clone()), ("area", area), ("item", item)]
    };
    write("rows.parquet", named("Wheat and products"), 400);
    assert!(fs::metadata(place.path("rows.parquet")).expect("a file").len() < 1 << 20);
    write("texts.parquet", named(&"x".repeat(20_000)), 1);
    for (table, expected) in [
        ("rows.parquet", "has more than 64000000 cells"),
        ("texts.parquet", "has more than 1073741824 bytes of text"),
        ("/dev/zero", "is no file"),
    ] {
        let (code, said) = place.limited(&["run", "--scenarios", table, "--out", "out"]);
        assert!(code == Some(2) && said.contains(expected), "{table}: {code:?} {said}");
        assert!(!place.path("out").exists());
    }

    let world = place.text("world");
    let size = ["--areas", "10", "--items", "12"];
    assert!(shocksweep(&[&["dataset", "synth", &world][..], &size].concat()).status.success());
    let table = place.path("world/items.parquet");
    let whole = fs::read(&table).expect("a table");
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&table).expect("a table"));
    let batch =
        reader.and_then(|r| r.build()).expect("readable").next().expect("rows").expect("rows");
    // A column of the table itself, of 50,000 rows of 20 kB; and one that nobody asks for.
    let keys = Int32Array::from(vec![0; rows]);
    let long: ArrayRef = Arc::new(StringArray::from(vec!["y".repeat(20_000)]));
    let dictionary: ArrayRef = Arc::new(DictionaryArray::new(keys, long));
    let more = |with: &dyn Fn(&str) -> ArrayRef, extra: Option<ArrayRef>| {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|f| f.name().clone());
        let columns = names.map(|name| {
            let column = if name == "code" {
                Arc::new(arrow_array::Int64Array::from(vec![1; rows])) as ArrayRef
            } else {
                with(&name)
            };
            (name, column)
        });
        let mut columns: Vec<(String, ArrayRef)> = columns.collect();
        columns.extend(extra.map(|column| ("more".to_string(), column)));
        RecordBatch::try_from_iter(columns).expect("columns")
    };
    let put = |batch: &RecordBatch, times: usize| {
        let file = fs::File::create(&table).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        (0..times).for_each(|_| writer.write(batch).expect("a batch"));
        writer.close().expect("closed");
    };
    put(&more(&|_| dictionary.clone(), None), 1);
    let (code, said) = place.limited(&["dataset", "check", "world"]);
    assert!(code == Some(2) && said.contains("text in bytes of"), "{code:?} {said}");
    put(&more(&|_| texts("z"), Some(texts(&"w".repeat(10_000)))), 3);
    let (code, said) = place.limited(&["dataset", "check", "world"]);
    assert!(code == Some(2) && said.contains("takes more than 1024 MiB"), "{code:?} {said}");
    fs::write(&table, whole).expect("a table");
    let (code, said) = place.limited(&["dataset", "check", "world"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_job_writes_below_the_working_folder_and_nowhere_else() {
    let place = Place::new();
    let elsewhere = TempDir::new().expect("a temporary folder");
    let outside = elsewhere.path().join("out");
    symlink(elsewhere.path(), place.path("link")).expect("a link");
    let job = |folder: &str| {
        format!(
            "[scenarios]\nset = \"single\"\nselect = {{ largest = 2 }}\n[output]\nfolder = '{folder}'\n"
        )
    };
    for folder in [outside.to_str().expect("UTF-8"), "../out", "a/../../out", "link/out", "link"] {
        place.refused(&job(folder), "--out may name any folder");
        assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0, "{folder}");
    }
    // The user may say so.
    let (code, said) = place.limited(&["run", "job.toml", "--out", outside.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    fs::write(place.path("job.toml"), job("below/here")).expect("a job");
    assert_eq!(place.limited(&["run", "job.toml"]).0, Some(0));
    assert!(place.path("below/here/manifest.json").exists());
}

#[test]
fn a_result_of_someone_else_leads_nowhere() {
    let place = Place::new();
    let args = ["run", "--all-single", "--adaptation", "off", "--shard", "1/2", "--quiet", "--out"];
    let half = |name: &str, more: &[&str]| place.limited(&[&args[..], &[name], more].concat());
    let names = [
        "lock",
        "ledger.jsonl",
        "manifest.json",
        "manifest.json.tmp",
        "areas.parquet.tmp",
        "losses/part-00000.parquet.tmp",
        "parts/areas-00000.parquet",
        "losses",
        "parts",
    ];
    for (n, name) in names.into_iter().enumerate() {
        let folder = format!("trap{n}");
        let target = place.path(&format!("target{n}"));
        let link = place.path(&folder).join(name);
        // Otherwise it looks like a result.
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        if name != "losses" {
            fs::create_dir_all(place.path(&folder).join("losses")).expect("a folder");
        }
        if name != "lock" {
            fs::write(place.path(&folder).join("lock"), "").expect("a file");
        }
        symlink(&target, &link).expect("a link");
        let (code, said) = half(&folder, &["--resume"]);
        assert!(code == Some(2) && said.contains("is not a shocksweep result"), "{name}: {said}");
        assert!(!target.exists(), "{name}");
    }
    assert_eq!(half("half", &[]).0, Some(0));
    let known = Ledger::read(&place.path("half")).expect("readable").expect("a ledger");
    let with = |header: Header| {
        LedgerWriter::create(&place.path("half"), &header).expect("a ledger");
    };
    for (parts, number, of) in
        [(usize::MAX, 1, 1), (1 << 40, 1, 2), (4, 1, 0), (4, 0, 0), (4, 9, 3)]
    {
        with(Header { parts, shard: Shard { number, of }, ..known.header.clone() });
        for command in [&["status", "half"][..], &["verify", "half"], &["merge", "joined", "half"]]
        {
            let (code, said) = place.limited(command);
            assert!(matches!(code, Some(1..=3)), "{command:?} {parts} {of}: {code:?} {said}");
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

#[test]
fn no_result_says_where_its_data_lay() {
    let place = Place::new();
    let world = place.text("world");
    let size = ["--areas", "10", "--items", "12"];
    assert!(shocksweep(&[&["dataset", "synth", &world][..], &size].concat()).status.success());
    fs::create_dir(place.path("world/inner")).expect("a folder");
    fs::write(place.path("shocks.csv"), "scenario,area,item\n0,IND,*\n").expect("a table");
    let secret = place.dir.path().file_name().expect("a name").to_string_lossy().to_string();
    for (n, dataset) in [place.text("world"), place.text("world/inner/.."), place.text("world/.")]
        .iter()
        .enumerate()
    {
        let out = format!("result{n}");
        let table = place.text("shocks.csv");
        let args = ["run", "--dataset", dataset, "--scenarios", &table, "--out", &place.text(&out)];
        let output = shocksweep(&[&args[..], &["--events", "--trace", "0", "--quiet"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for file in files(&place.path(&out)) {
            let bytes = fs::read(&file).expect("a file");
            let leaks = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!leaks, "{} of {dataset}", file.display());
        }
        let manifest = fs::read_to_string(place.path(&out).join("manifest.json")).expect("there");
        assert!(manifest.contains("\"dataset\": \"world\""), "{manifest}");
    }
}
