//! Tables of other people and of other programs: read where they hold what is meant, refused in one
//! sentence where they do not.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::common::result::files;
use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, Float64Array, PrimitiveArray, RecordBatch, StringArray, UInt16Array};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

struct World {
    dir: TempDir,
}

impl World {
    fn new() -> Self {
        let world = World { dir: TempDir::new().expect("a temporary folder") };
        let size = ["--areas", "12", "--items", "12", "--seed", "3"];
        world.succeeds(&[&["dataset", "synth", "world"][..], &size].concat());
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs the program in this folder with 3 GB of addresses; exit code, and all that it said.
    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let quoted: Vec<String> = args.iter().map(|a| format!("'{a}'")).collect();
        let program = env!("CARGO_BIN_EXE_shocksweep");
        let script = format!("ulimit -v 3000000; exec '{program}' {}", quoted.join(" "));
        let mut command = Command::new("sh");
        let output = command.args(["-c", &script]).current_dir(self.dir.path()).output();
        let output = output.expect("a shell");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).to_string())
    }

    #[track_caller]
    fn succeeds(&self, args: &[&str]) -> String {
        let (code, said) = self.run(args);
        assert_eq!(code, Some(0), "{args:?}: {said}");
        said
    }

    #[track_caller]
    fn fails(&self, args: &[&str], expected: i32, words: &[&str]) {
        let (code, said) = self.run(args);
        assert_eq!(code, Some(expected), "{args:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{args:?}: `{word}` is not in: {said}");
        }
    }

    /// Losses of a scenario table of this name.
    fn losses(&self, table: &str) -> Vec<u8> {
        let args = ["run", "--dataset", "world", "--scenarios", table, "--adaptation", "off"];
        self.succeeds(&[&args[..], &["--out", "out", "--force", "--quiet"]].concat());
        fs::read(self.path("out/losses/part-00000.parquet")).expect("losses")
    }

    fn write(&self, name: &str, batch: &RecordBatch) {
        let file = File::create(self.path(name)).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(batch).expect("a batch");
        writer.close().expect("closed");
    }
}

/// Metadata of a Parquet file in the compact protocol of Thrift.
mod thrift {
    pub fn varint(mut n: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while n > 0x7f {
            bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        bytes.push(n as u8);
        bytes
    }

    /// An element of a schema: its name and, of a group, how many columns it announces.
    pub fn element(name: &str, children: Option<u64>) -> Vec<u8> {
        let mut bytes = match children {
            Some(_) => vec![0x48],
            None => vec![0x15, 2, 0x25, 0, 0x18],
        };
        bytes.extend(varint(name.len() as u64));
        bytes.extend(name.bytes());
        if let Some(children) = children {
            bytes.push(0x15);
            bytes.extend(varint(2 * children));
        }
        bytes.push(0);
        bytes
    }

    /// A file of nothing but metadata.
    pub fn file(elements: &[Vec<u8>]) -> Vec<u8> {
        let mut footer = vec![0x15, 2, 0x19, 0xfc];
        footer.extend(varint(elements.len() as u64));
        footer.extend(elements.concat());
        footer.extend([0x16, 0, 0x19, 0x0c, 0]);
        let size = (footer.len() as u32).to_le_bytes();
        [&b"PAR1"[..], &footer, &size, b"PAR1"].concat()
    }
}

/// Replaces tables of every use and demands an error that names the file, never an abort.
fn every_reader_refuses(hostile: &[u8]) {
    let world = World::new();
    world.succeeds(&["run", "--dataset", "world", "--all-single", "--out", "res", "--quiet"]);
    fs::write(world.path("d.parquet"), hostile).expect("a file");
    let run = ["run", "--dataset", "world", "--out", "o", "--quiet", "--scenarios", "d.parquet"];
    world.fails(&run, 2, &["d.parquet", "not a readable Parquet table"]);
    let replaced = |name: &str, args: &[&str], code: i32| {
        let path = world.path(name);
        let sound = fs::read(&path).expect("a table");
        fs::write(&path, hostile).expect("a table");
        let file = path.file_name().and_then(|n| n.to_str()).expect("a name");
        world.fails(args, code, &[file]);
        fs::write(&path, sound).expect("a table");
    };
    replaced("res/losses/part-00000.parquet", &["verify", "res"], 3);
    replaced("res/losses/part-00000.parquet", &["aggregate", "res", "--by", "region"], 2);
    for table in ["scenarios", "areas", "items", "baseline"] {
        let name = format!("res/{table}.parquet");
        replaced(&name, &["report", "res", "--out", "page.html", "--no-verify"], 2);
    }
    replaced("world/areas.parquet", &["dataset", "check", "world"], 2);
}

#[test]
pub fn schemas_that_nest_without_end_are_refused() {
    let mut elements = vec![thrift::element("schema", Some(1))];
    elements.extend((0..20_000).map(|_| thrift::element("g", Some(1))));
    elements.push(thrift::element("x", None));
    every_reader_refuses(&thrift::file(&elements));
    // Fewer than the limit of elements, and deeper than any stack needs.
    let mut elements = vec![thrift::element("schema", Some(1))];
    elements.extend((0..5_000).map(|_| thrift::element("g", Some(1))));
    elements.push(thrift::element("x", None));
    every_reader_refuses(&thrift::file(&elements));
}

#[test]
fn schemas_that_announce_what_they_lack_are_refused() {
    let lie = [thrift::element("schema", Some((1 << 31) - 1)), thrift::element("scenario", None)];
    every_reader_refuses(&thrift::file(&lie));
}

#[test]
#[cfg(unix)]
fn pipes_and_devices_are_not_waited_for() {
    let world = World::new();
    let run = ["run", "--dataset", "world", "--out", "o", "--quiet", "--scenarios"];
    world.fails(&[&run[..], &["/dev/zero"]].concat(), 2, &["/dev/zero", "is no file"]);
    let fifo = world.path("world/areas.parquet");
    fs::remove_file(&fifo).expect("a table");
    let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    world.fails(&["dataset", "check", "world"], 2, &["areas.parquet", "is no file"]);
}

#[test]
fn scenario_tables_of_spreadsheets_and_databases_are_read() {
    let world = World::new();
    let plain = "scenario,area,item,phi\n0,India,Rice and products,0.5\n";
    fs::write(world.path("plain.csv"), plain).expect("a table");
    let expected = world.losses("plain.csv");
    assert!(expected.len() > 2000);
    let dialects: [(&str, &[u8]); 4] = [
        ("semi.csv", b"scenario;area;item;phi\n0;India;Rice and products;0,5\n"),
        ("point.csv", b"\xef\xbb\xbfscenario;area;item;phi\r\n0;India;Rice and products;0.5\r\n"),
        ("tab.tsv", b"scenario\tarea\titem\tphi\n0\tIndia\tRice and products\t0.5\n"),
        (
            "r.csv",
            b"\"\",\"scenario\",\"area\",\"item\",\"phi\"\n\"1\",0,\"India\",\"Rice and products\",0.5\n",
        ),
    ];
    for (name, text) in dialects {
        fs::write(world.path(name), text).expect("a table");
        assert!(world.losses(name) == expected, "{name}");
    }
    let run = ["run", "--dataset", "world", "--out", "o", "--quiet", "--scenarios"];
    fs::write(world.path("utf16.csv"), b"\xff\xfes\0c\0e\0\n\0").expect("a table");
    world.fails(&[&run[..], &["utf16.csv"]].concat(), 2, &["UTF-16?", "save it as UTF-8"]);
    let latin = b"scenario,area,item\n0,C\xf4te d'Ivoire,Rice\n";
    fs::write(world.path("latin.csv"), latin).expect("a table");
    world.fails(&[&run[..], &["latin.csv"]].concat(), 2, &["line 2: not UTF-8 (Latin-1?)"]);
    fs::write(world.path("twice.csv"), "scenario,area,item,area\n0,India,x,y\n").expect("a table");
    world.fails(&[&run[..], &["twice.csv"]].concat(), 2, &["the column `area` twice"]);

    let table = |phi: ArrayRef| {
        RecordBatch::try_from_iter([
            ("scenario", Arc::new(UInt16Array::from(vec![0])) as ArrayRef),
            ("area", Arc::new(StringArray::from(vec!["India"]))),
            ("item", Arc::new(StringArray::from(vec!["Rice and products"]))),
            ("phi", phi),
        ])
        .expect("a batch")
    };
    let decimal = PrimitiveArray::<Decimal128Type>::from(vec![50]);
    let decimal = decimal.with_precision_and_scale(4, 2).expect("a decimal");
    world.write("decimal.parquet", &table(Arc::new(decimal)));
    assert!(world.losses("decimal.parquet") == expected);
    let mut list = ListBuilder::new(Float64Builder::new());
    list.append_value([Some(1.0), Some(0.5), Some(0.25)]);
    world.write("list.parquet", &table(Arc::new(list.finish())));
    let course = "scenario,area,item,phi\n0,India,Rice and products,1;0.5;0.25\n";
    fs::write(world.path("course.csv"), course).expect("a table");
    assert!(world.losses("list.parquet") == world.losses("course.csv"));
    world.write("number.parquet", &table(Arc::new(Float64Array::from(vec![0.5]))));
    assert!(world.losses("number.parquet") == expected);
}

#[test]
fn tables_of_an_earlier_run_are_not_the_results() {
    let world = World::new();
    world.succeeds(&["run", "--dataset", "world", "--all-single", "--out", "res", "--quiet"]);
    let sums = || world.succeeds(&["aggregate", "res", "--by", "region"]);
    let before = sums();
    let stray = world.path("res/losses/part-00077.parquet");
    fs::copy(world.path("res/losses/part-00000.parquet"), stray).expect("a copy");
    assert_eq!(sums(), before);
    world.fails(&["verify", "res"], 3, &["losses/part-00077.parquet: is no table of this result"]);
    // Without its ledger nothing says what the tables are: none of them stays.
    fs::remove_file(world.path("res/ledger.jsonl")).expect("a ledger");
    let other = "scenario,area,item\n7,India,Rice and products\n";
    fs::write(world.path("other.csv"), other).expect("a table");
    let run = ["run", "--dataset", "world", "--scenarios", "other.csv", "--quiet", "--out"];
    world.succeeds(&[&run[..], &["res", "--resume"]].concat());
    world.succeeds(&[&run[..], &["fresh"]].concat());
    assert_eq!(files(&world.path("res/losses")).len(), 1);
    world.succeeds(&["verify", "res"]);
    let fresh = world.succeeds(&["aggregate", "fresh", "--by", "region"]);
    assert_eq!(sums(), fresh);
}

/// Types of the columns of a file.
fn types(path: &Path) -> Vec<(String, DataType)> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("a table"));
    let schema = reader.expect("a table").schema().clone();
    schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect()
}

#[test]
fn areas_and_items_have_one_type_wherever_they_stand() {
    let world = World::new();
    let job = "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\n[scenarios.select]\nlargest = 4\n\
        [superposition]\nreceivers = 0.001\n[output]\nfolder = \"x\"\nevents = true\ntrace = [0]\n";
    fs::write(world.path("job.toml"), job).expect("a job");
    world.succeeds(&["run", "job.toml", "--dataset", "world", "--out", "res", "--quiet"]);
    for by in ["area", "item"] {
        let out = format!("res/of-{by}.parquet");
        let out = out.as_str();
        world.succeeds(&["aggregate", "res", "--by", by, "--out", out]);
    }
    let is_name = |name: &str| {
        let name = name.trim_end_matches("_a").trim_end_matches("_b");
        ["area", "item", "largest_loser_area", "largest_gain_item"].contains(&name)
    };
    let mut seen = 0;
    for path in files(&world.path("res")).iter().chain(&files(&world.path("world"))) {
        if path.extension().is_some_and(|end| end == "parquet") {
            for (name, kind) in types(path).into_iter().filter(|(name, _)| is_name(name)) {
                assert!(matches!(kind, DataType::Dictionary(..)), "{}: {name}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn empty_names_and_intensities_are_errors() {
    let world = World::new();
    let run = ["run", "--dataset", "world", "--out", "o", "--quiet", "--scenarios", "t.csv"];
    let cases = [
        (
            "area,item\n0,,Rice and products\n",
            "row 1, column `area`: expected an area, found nothing",
        ),
        ("area,item\n0, \u{a0},Rice and products\n", "row 1, column `area`: expected an area"),
        (
            "area,item\n0,India,\n",
            "row 1, column `item`: expected an item, or `*` for all, found nothing",
        ),
        (
            "area,item,phi\n0,India,Rice and products,\n",
            "row 1, column `phi`: expected a number in [0, 1], such as 0.3 for 30 %, found nothing",
        ),
        ("area,item,phi\n0,India,Rice and products,NA\n", "found `NA`"),
    ];
    for (rows, expected) in cases {
        fs::write(world.path("t.csv"), format!("scenario,{rows}")).expect("a table");
        world.fails(&run, 2, &["t.csv", expected]);
        assert!(!world.path("o").exists());
    }
    world.fails(&["shock", "/Rice and products", "--dataset", "world"], 2, &["expected an area"]);
    let job = "[scenarios]\nset = \"list\"\n[[scenarios.list]]\n\
        name = \"x\"\nshocks = [{ area = \"\", item = \"Rice and products\" }]\n[output]\nfolder = \"o\"\n";
    fs::write(world.path("job.toml"), job).expect("a job");
    let run = ["run", "job.toml", "--dataset", "world", "--quiet"];
    world.fails(&run, 2, &["expected an area, found nothing"]);
}

#[test]
fn hostile_names_steer_no_terminal_and_no_spreadsheet() {
    let world = World::new();
    let run = ["run", "--dataset", "world", "--out", "o", "--quiet", "--scenarios", "t.csv"];
    let long = "x".repeat(5000);
    for name in ["\u{1b}[31mred", "\u{202e}txt", long.as_str()] {
        let row = format!("scenario,area,item\n0,{name},Rice and products\n");
        fs::write(world.path("t.csv"), row).expect("a table");
        let (code, said) = world.run(&run);
        assert_eq!(code, Some(2), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']) && said.len() < 1000, "{said}");
    }
    world.succeeds(&["run", "--dataset", "world", "--all-single", "--out", "res", "--quiet"]);
    let xlsx = ["aggregate", "res", "--by", "area", "--out", "x.xlsx"];
    world.fails(&xlsx, 2, &["x.xlsx", "`.xlsx` is not written"]);
    assert!(!world.path("x.xlsx").exists());
}
