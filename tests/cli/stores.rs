//! Results and datasets in stores are those of folders, whatever becomes of the run, the line or the store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::result::{shocksweep, tables};
use crate::store::{Answer, BUCKET, Store, known, shows, web};

/// A job of thousands of scenarios, in a folder and in a store.
struct Setup {
    dir: TempDir,
    store: Store,
    expected: Vec<(String, Vec<u8>)>,
}

impl Setup {
    /// Runs the job in a folder first.
    fn new() -> Option<Self> {
        let (dir, store) = (TempDir::new().expect("a temporary folder"), Store::start()?);
        let size = ["--areas", "30", "--items", "40", "--seed", "3"];
        let world = dir.path().join("world").display().to_string();
        assert!(shocksweep(&[&["dataset", "synth", &world][..], &size].concat()).status.success());
        let mut setup = Setup { dir, store, expected: Vec::new() };
        let whole = setup.path("whole");
        setup.store.succeeds(&setup.run(&whole, &[]));
        setup.expected = tables(Path::new(&whole));
        assert!(setup.expected.len() > 20, "many parts");
        Some(setup)
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Arguments of the run to a folder or an address.
    fn run<'a>(&self, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let world: &'static str = self.path("world").leak();
        let plain = ["run", "--dataset", world, "--all-single", "--adaptation", "both", "--quiet"];
        let slow = ["--engine", "reference", "--trace", "3,700", "--out", out];
        [&plain[..], &slow, more].concat()
    }

    fn start(&self, out: &str, more: &[&str]) -> Child {
        let mut command = self.store.program(&self.run(out, more));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Asserts that the store holds what the folder does, and nothing else.
    #[track_caller]
    fn is_whole(&self, run: &str) {
        let names = self.store.names(run);
        let (ledger, names): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| name.starts_with("ledger/"));
        let mut expected: Vec<String> = self.expected.iter().map(|table| table.0.clone()).collect();
        expected.push("manifest.json".to_string());
        expected.sort();
        assert_eq!(names, expected);
        for (name, content) in &self.expected {
            assert!(
                self.store.object(&format!("{run}/{name}")).as_ref() == Some(content),
                "{name}"
            );
        }
        let numbered = (0..ledger.len()).map(|n| format!("ledger/{n:08}.jsonl"));
        assert_eq!(ledger, numbered.collect::<Vec<_>>());
        let said =
            self.store.succeeds(&["verify", &address(run), "--dataset", &self.path("world")]);
        assert!(!said.contains("FAILED"), "{said}");
    }

    /// Numbers of the parts that the ledger in the store records, in its order.
    fn recorded(&self, run: &str) -> Vec<u64> {
        let names = self.store.names(run);
        let lines = names.iter().filter(|name| name.starts_with("ledger/"));
        let lines: Vec<u8> = lines
            .flat_map(|name| self.store.object(&format!("{run}/{name}")).expect("listed"))
            .collect();
        parts(&String::from_utf8(lines).expect("text"))
    }
}

/// Numbers of the parts that lines of a ledger record.
fn parts(lines: &str) -> Vec<u64> {
    let lines =
        lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    lines
        .filter(|line| line["line"] == "part")
        .map(|line| line["part"].as_u64().expect("a number"))
        .collect()
}

fn address(run: &str) -> String {
    format!("s3://{BUCKET}/{run}")
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().expect("kill").success());
}

fn each_once(parts: &[u64]) -> bool {
    let mut sorted = parts.to_vec();
    sorted.sort();
    sorted.dedup();
    !parts.is_empty() && sorted.len() == parts.len()
}

#[test]
fn a_run_into_a_store_is_that_into_a_folder_and_is_read_there() {
    let Some(setup) = Setup::new() else { return };
    let (store, run) = (&setup.store, address("run"));
    // The dataset is written there and read there, too.
    let world = address("world");
    store.succeeds(&["dataset", "synth", &world, "--areas", "30", "--items", "40", "--seed", "3"]);
    let (code, said) = store.fails(&["dataset", "synth", &world, "--areas", "30"]);
    assert!(code == 2 && said.contains("exists already") && said.contains("--force"), "{said}");
    let shock = |dataset: &str| {
        let checked = store.succeeds(&["dataset", "check", dataset]);
        assert!(checked.contains("settle without a shock"), "{checked}");
        checked
    };
    assert_eq!(shock(&world), shock(&setup.path("world")));
    let args: Vec<String> = setup
        .run(&run, &[])
        .iter()
        .map(|a| if *a == setup.path("world") { world.clone() } else { a.to_string() })
        .collect();
    store.succeeds(&args.iter().map(String::as_str).collect::<Vec<_>>());
    setup.is_whole("run");
    // Commands say the same of both, and name the address.
    for command in [
        &["aggregate", "RESULT", "--by", "region,commodity_group"][..],
        &["status", "RESULT"],
        &["explain", "RESULT"],
    ] {
        let of = |result: &str| {
            let args: Vec<&str> =
                command.iter().map(|a| if *a == "RESULT" { result } else { a }).collect();
            let output = store.program(&args).output().expect("it starts");
            let said = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(said).expect("text").replace(result, "RESULT"))
        };
        assert_eq!(of(&run), of(&setup.path("whole")), "{command:?}");
    }
    let page = setup.path("page.html");
    store.succeeds(&[
        "report",
        &run,
        "--against",
        &setup.path("whole"),
        "-o",
        &page,
        "--detail",
        "3",
    ]);
    assert!(fs::metadata(&page).expect("a page").len() > 100_000);
    // A second run is told what is there; forced, it leaves nothing of the first.
    let (code, said) = store.fails(&setup.run(&run, &[]));
    assert!(
        code == 2 && said.contains("s3://shocks/run: exists already") && said.contains("--force"),
        "{said}"
    );
    store.put("run/losses/part-00999.parquet", b"of a larger run");
    store.put("run/notes.txt", b"somebody else's");
    store.succeeds(&setup.run(&run, &["--force"]));
    assert_eq!(store.object("run/notes.txt").as_deref(), Some(&b"somebody else's"[..]));
    store.remove("run/notes.txt");
    setup.is_whole("run");
    // A complete one is complete.
    let before = store.names("run");
    store.succeeds(&setup.run(&run, &["--resume"]));
    assert_eq!(store.names("run"), before);
}

#[test]
fn shards_in_a_store_are_joined_and_tables_calibrated() {
    let Some(setup) = Setup::new() else { return };
    let store = &setup.store;
    let shards = ["1/3", "2/3", "3/3"].map(|shard| {
        let out = address(&format!("shard{}", &shard[..1]));
        store.succeeds(&setup.run(&out, &["--shard", shard]));
        out
    });
    let merged = setup.path("merged");
    let args: Vec<&str> =
        ["merge", &merged].into_iter().chain(shards.iter().map(String::as_str)).collect();
    store.succeeds(&args);
    crate::common::result::same_tables(&setup.expected, Path::new(&merged));

    let series = setup.path("series");
    let size = ["--areas", "12", "--items", "10", "--seed", "5", "--years", "2013-2014"];
    store.succeeds(&[&["dataset", "synth", &series][..], &size].concat());
    for entry in fs::read_dir(&series).expect("a folder") {
        let entry = entry.expect("an entry");
        let content = fs::read(entry.path()).expect("a file");
        store.put(&format!("series/{}", entry.file_name().display()), &content);
    }
    let (here, there) = (setup.path("here"), address("there"));
    store.succeeds(&["calibrate", &series, &here, "--year", "2013", "--name", "x"]);
    store.succeeds(&["calibrate", &address("series"), &there, "--year", "2013", "--name", "x"]);
    for entry in fs::read_dir(&here).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().display().to_string();
        assert!(
            store.object(&format!("there/{name}")) == Some(fs::read(entry.path()).expect("a file")),
            "{name}"
        );
    }
}

#[test]
fn killed_a_run_goes_on_from_the_store() {
    let Some(setup) = Setup::new() else { return };
    for (round, object) in [0, 1, 2].into_iter().enumerate() {
        let run = format!("killed{round}");
        let mut child = setup.start(&address(&run), &[]);
        setup.store.wait_for(&format!("{run}/ledger/{object:08}.jsonl"));
        child.kill().expect("SIGKILL");
        child.wait().expect("a child");
        assert_eq!(setup.store.object(&format!("{run}/manifest.json")), None, "killed too late");
        let kept = setup.recorded(&run);
        assert!(object == 0 || !kept.is_empty());
        let said = setup.store.succeeds(&["status", &address(&run)]);
        assert!(said.starts_with(&format!("s3://shocks/{run}: unfinished")), "{said}");
        // Without --resume nothing is touched.
        let (code, said) = setup.store.fails(&setup.run(&address(&run), &[]));
        assert!(
            code == 2 && said.contains("holds an unfinished result; continue it with --resume"),
            "{said}"
        );
        assert_eq!(setup.recorded(&run), kept);
        setup.store.succeeds(&setup.run(&address(&run), &["--resume"]));
        setup.is_whole(&run);
        let all = setup.recorded(&run);
        assert!(all.starts_with(&kept) && each_once(&all), "{kept:?} then {all:?}");
    }
    // A part that has gone from the store since is computed again.
    let mut child = setup.start(&address("gone"), &[]);
    setup.store.wait_for("gone/ledger/00000002.jsonl");
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    let lost = setup.recorded("gone")[0];
    setup.store.remove(&format!("gone/losses/part-{lost:05}.parquet"));
    setup.store.succeeds(&setup.run(&address("gone"), &["--resume"]));
    setup.is_whole("gone");
    assert_eq!(setup.recorded("gone").iter().filter(|part| **part == lost).count(), 2);
}

#[test]
fn of_two_processes_the_earlier_stops() {
    let Some(setup) = Setup::new() else { return };
    let run = address("two");
    let first = setup.start(&run, &[]);
    setup.store.wait_for("two/ledger/00000001.jsonl");
    signal(&first, "STOP");
    assert_eq!(setup.store.object("two/manifest.json"), None, "stopped too late");
    // It cannot be seen that the first is only asleep.
    setup.store.succeeds(&setup.run(&run, &["--resume"]));
    setup.is_whole("two");
    signal(&first, "CONT");
    let ended = first.wait_with_output().expect("a child");
    let said = String::from_utf8_lossy(&ended.stderr).to_string();
    assert_eq!(ended.status.code(), Some(75), "{said}");
    assert!(
        said.contains("s3://shocks/two: another shocksweep process is at work there"),
        "{said}"
    );
    setup.is_whole("two");
}

#[test]
fn a_store_that_goes_away_costs_nothing_that_is_computed() {
    let Some(setup) = Setup::new() else { return };
    let (run, scratch) = (address("away"), setup.path("scratch"));
    for named in [true, false] {
        let run = if named { run.clone() } else { address("again") };
        let name = &run[format!("s3://{BUCKET}/").len()..];
        let own = if named { vec!["--scratch", &scratch] } else { Vec::new() };
        let child = setup.start(&run, &own);
        setup.store.wait_for(&format!("{name}/ledger/00000001.jsonl"));
        setup.store.shut();
        let ended = child.wait_with_output().expect("a child");
        setup.store.open();
        let said = String::from_utf8_lossy(&ended.stderr).to_string();
        assert_eq!(ended.status.code(), Some(75), "{said}");
        assert!(
            said.contains("the store cannot be reached") && said.contains("--resume and --scratch"),
            "{said}"
        );
        assert_eq!(setup.store.object(&format!("{name}/manifest.json")), None);
        // The folder that is named holds what the store does not.
        let folder = said.split_once("what is computed is kept in ").expect("a folder").1;
        let folder = PathBuf::from(folder.split(';').next().expect("its name"));
        assert!(!named || folder == Path::new(&scratch), "{said}");
        let computed = parts(&fs::read_to_string(folder.join("ledger.jsonl")).expect("a ledger"));
        let stored = setup.recorded(name);
        assert!(
            computed.starts_with(&stored) && computed.len() > stored.len(),
            "{stored:?} of {computed:?}"
        );
        let folder_name = folder.to_str().expect("UTF-8");
        setup.store.succeeds(&setup.run(&run, &["--resume", "--scratch", folder_name]));
        setup.is_whole(name);
        let all = setup.recorded(name);
        assert!(all.starts_with(&computed) && each_once(&all), "computed twice: {all:?}");
        fs::remove_dir_all(folder).expect("removable");
    }
}

#[test]
fn a_stopped_run_has_put_all_that_it_has_computed() {
    let Some(setup) = Setup::new() else { return };
    let child = setup.start(&address("stopped"), &[]);
    setup.store.wait_for("stopped/ledger/00000001.jsonl");
    signal(&child, "TERM");
    let ended = child.wait_with_output().expect("a child");
    let said = String::from_utf8_lossy(&ended.stderr).to_string();
    assert_eq!(ended.status.code(), Some(75), "{said}");
    let stored = setup.recorded("stopped").len();
    assert!(
        said.contains(&format!("stopped: {stored} of ")) && said.contains("are in the store"),
        "{said}"
    );
    setup.store.succeeds(&setup.run(&address("stopped"), &["--resume"]));
    setup.is_whole("stopped");
}

/// Runs the program with a store at an address of this test's own.
fn at(web: std::net::SocketAddr, args: &[&str], more: &[(&str, Option<&str>)]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
    known(command.args(args), web);
    for (name, value) in more {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).to_string();
    (output.status.code().expect("a code"), said)
}

#[test]
fn results_and_datasets_are_read_from_web_servers() {
    let dir = TempDir::new().expect("a temporary folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let world = path("world");
    assert!(
        shocksweep(&["dataset", "synth", &world, "--areas", "12", "--items", "10"])
            .status
            .success()
    );
    let run = ["run", "--dataset", &world, "--all-single", "--out"];
    assert!(shocksweep(&[&run[..], &[&path("result")]].concat()).status.success());
    let web = web(shows(dir.path()));
    let there = |name: &str| format!("http://{web}/{name}");
    let mut asked = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
    known(
        asked.args(["run", "--dataset", &there("world"), "--all-single", "--out", &path("same")]),
        web,
    );
    assert!(asked.output().expect("it starts").status.success());
    crate::common::result::same_tables(
        &tables(&dir.path().join("result")),
        &dir.path().join("same"),
    );
    let (code, said) = at(web, &["verify", &there("result"), "--dataset", &there("world")], &[]);
    assert_eq!(code, 0, "{said}");
    // Nobody writes there; plain HTTP is a word of the user's.
    let (code, said) = at(web, &["run", "--all-single", "--out", &there("new")], &[]);
    assert!(code == 2 && said.contains("written to folders and to s3:// alone"), "{said}");
    let (code, said) = at(web, &["verify", &there("result")], &[("AWS_ALLOW_HTTP", None)]);
    assert!(code == 2 && said.contains("expected https, or AWS_ALLOW_HTTP=true"), "{said}");
    // A changed table is found by the hash of the dataset, and named by its address.
    let table = dir.path().join("world/sectors.parquet");
    let mut bytes = fs::read(&table).expect("a table");
    bytes.truncate(100);
    fs::write(&table, bytes).expect("writable");
    let (code, said) = at(web, &["dataset", "check", &there("world")], &[]);
    assert!(code == 2 && said.contains(&there("world/sectors.parquet")), "{said}");
}

#[test]
fn a_server_fills_no_disk_and_forges_no_result() {
    let dir = TempDir::new().expect("a temporary folder");
    let result = dir.path().join("result");
    let made = shocksweep(&["run", "--all-single", "--out", result.to_str().expect("UTF-8")]);
    assert!(made.status.success());
    let shown = shows(dir.path());
    let date = "Last-Modified: Fri, 27 Nov 2026 18:00:00 GMT\r\n";
    let forged = move |_: &str, path: &str| -> Answer {
        let (kind, path) = path[1..].split_once('/').expect("a kind");
        let (status, headers, mut content) = shown("GET", path);
        match (kind, path) {
            ("large", "result/areas.parquet") => {
                // Announces a terabyte; who believed it would read for long.
                return (200, format!("Content-Length: 1000000000000\r\n{date}"), vec![0; 1 << 20]);
            }
            ("longer", "result/areas.parquet") => content.push(0),
            ("changed", "result/areas.parquet") => content[7] ^= 1,
            ("short", "result/areas.parquet") => {
                let length = content.len();
                content.truncate(length / 2);
                return (200, format!("Content-Length: {length}\r\n{date}"), content);
            }
            ("outside", "result/manifest.json") => {
                let text = String::from_utf8(content).expect("text");
                content = text.replace("\"areas.parquet\"", "\"../../areas.parquet\"").into_bytes();
            }
            ("endless", "result/manifest.json") => {
                return (200, format!("Content-Length: 999999999999\r\n{date}"), content);
            }
            _ => {}
        }
        (status, headers, content)
    };
    let web = web(forged);
    for (kind, said_of_it) in [
        ("large", "areas.parquet: has 1000000000000 bytes; expected "),
        ("longer", " at most"),
        ("changed", "areas.parquet: is not as recorded: has "),
        ("short", "areas.parquet: the store cannot be reached"),
        ("outside", "areas.parquet: is no file of a result"),
        ("endless", "manifest.json: has 999999999999 bytes; expected 268435456 at most"),
    ] {
        let (code, said) =
            at(web, &["verify", "--sample", "0", &format!("http://{web}/{kind}/result")], &[]);
        assert!(
            code == if kind == "short" { 75 } else { 2 } && said.contains(said_of_it),
            "{kind}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert!(!dir.path().parent().expect("one").join("areas.parquet").exists());
    let (code, said) =
        at(web, &["verify", "--sample", "0", &format!("http://{web}/plain/result")], &[]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn what_is_wrong_with_a_store_is_said_in_a_sentence() {
    let refuses =
        web(|_, _| (403, String::new(), b"<Error><Code>AccessDenied</Code></Error>".to_vec()));
    let no_bucket =
        web(|_, _| (404, String::new(), b"<Error><Code>NoSuchBucket</Code></Error>".to_vec()));
    let nothing =
        web(|_, _| (404, String::new(), b"<Error><Code>NoSuchKey</Code></Error>".to_vec()));
    let busy = web(|_, _| (503, String::new(), b"<Error><Code>SlowDown</Code></Error>".to_vec()));
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("its address")
    };
    let read = ["verify", "s3://bucket/run"];
    let write = ["run", "--all-single", "--quiet", "--out", "s3://bucket/run"];
    for (web, code, words) in [
        (refuses, 2, "refuses access; expected credentials that are allowed it"),
        (no_bucket, 2, "there is no such bucket"),
        (busy, 75, "out of order or too busy"),
        (closed, 75, "the store cannot be reached"),
    ] {
        for args in [&read[..], &write, &["dataset", "check", "s3://bucket/world"]] {
            let started = Instant::now();
            let (found, said) = at(web, args, &[]);
            assert!(found == code && said.contains(words), "{args:?}: {found} {said}");
            assert!(said.starts_with("error: s3://bucket/") && said.lines().count() == 1, "{said}");
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{args:?} took {:?}",
                started.elapsed()
            );
        }
    }
    let (code, said) = at(nothing, &read, &[]);
    assert!(code == 2 && said.contains("not found; expected a shocksweep result there"), "{said}");
    let (code, said) = at(nothing, &["shock", "A/B", "--dataset", "s3://bucket/world"], &[]);
    assert!(
        code == 2 && said.contains("not found; expected a dataset in shocksweep's own form"),
        "{said}"
    );
    let nobody = [("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)];
    let metadata = format!("http://{nothing}");
    let nobody = [&nobody[..], &[("AWS_METADATA_ENDPOINT", Some(metadata.as_str()))]].concat();
    let (code, said) = at(nothing, &read, &nobody);
    assert!(code == 2 && said.contains("no credentials; expected AWS_ACCESS_KEY_ID"), "{said}");
}

#[test]
fn addresses_are_for_what_is_known_to_lie_in_stores() {
    let dir = TempDir::new().expect("a temporary folder");
    let job = dir.path().join("job.toml");
    let text = "[scenarios]\nset = \"all-single\"\n[output]\nfolder = \"s3://bucket/theirs\"\n";
    fs::write(&job, text).expect("writable");
    let job = job.to_str().expect("UTF-8");
    let result = dir.path().join("result").display().to_string();
    assert!(shocksweep(&["run", "--all-single", "--out", &result, "--quiet"]).status.success());
    let report = ["report", &result, "-o", "s3://bucket/report.html"];
    let halves = ["1/2", "2/2"].map(|shard| {
        let half = dir.path().join(&shard[..1]).display().to_string();
        let run = [
            "run",
            "--all-single",
            "--losses",
            "none",
            "--shard",
            shard,
            "--out",
            &half,
            "--quiet",
        ];
        assert!(shocksweep(&run).status.success());
        half
    });
    for (args, words) in [
        (&["verify", "s3://"][..], "is no address; expected s3://BUCKET/PREFIX"),
        (&["verify", "https://me:secret@host/run"], "is no address"),
        (
            &["merge", "s3://bucket/whole", &halves[0], &halves[1]],
            "is an address; expected a folder",
        ),
        (&report, "is an address; expected a file"),
        (
            &["dataset", "export", "synthetic", "s3://bucket/world"],
            "is an address; expected a folder",
        ),
        (&["cluster", "slurm", job, "--tasks", "2", "--out", "s3://bucket/x"], "not an address"),
        // Somebody else's job does not write with the user's credentials.
        (&["run", job], "expected a folder below the one the program runs in"),
        (
            &["run", "--all-single", "--out", &result, "--force", "--scratch", "x"],
            "--scratch is for a result in a store",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        let output = command.current_dir(dir.path()).args(args).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(output.status.code() == Some(2) && said.contains(words), "{args:?}: {said}");
        assert!(!dir.path().join("s3:").exists(), "{args:?}");
    }
}
