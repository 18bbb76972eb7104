//! Runs that are cut, killed, damaged, continued and shared out give what one undisturbed run gives.
#![cfg(unix)] // signals, file size limits

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::result::{files, same_tables, shocksweep, tables};
use crate::support::Numbers;
use shocksweep::low_level::sink::ledger::Ledger;
use tempfile::TempDir;

/// Kills of the process over all runs.
const KILLS: usize = 200;

/// A job of thousands of scenarios on a world of its own, slow enough to be interrupted.
struct Setup {
    dir: TempDir,
    /// Arguments of `run` without its folder.
    args: Vec<String>,
}

impl Setup {
    fn new(more: &[&str]) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let world = dir.path().join("world");
        let world = world.to_str().expect("UTF-8").to_string();
        let size = ["--areas", "30", "--items", "40", "--seed", "3"];
        let made = shocksweep(&[&["dataset", "synth", &world][..], &size].concat());
        assert!(made.status.success());
        let plain = ["run", "--dataset", &world, "--all-single", "--adaptation", "both", "--quiet"];
        let args = plain.iter().chain(more).map(|a| a.to_string()).collect();
        Setup { dir, args }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(&self.args).arg("--out").arg(self.folder(name)).args(more);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end; the message of the error, if there is one, and the exit code.
    fn run(&self, name: &str, more: &[&str]) -> (i32, String) {
        let output = self.command(name, more).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        (output.status.code().expect("an exit code"), said)
    }

    #[track_caller]
    fn succeeds(&self, name: &str, more: &[&str]) {
        let (code, said) = self.run(name, more);
        assert_eq!(code, 0, "{said}");
    }
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().expect("kill").success());
}

fn verify(root: &Path) -> (i32, String) {
    let output = shocksweep(&["verify", root.to_str().expect("UTF-8"), "--sample", "0"]);
    (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stdout).to_string())
}

#[test]
fn killed_at_any_moment_a_run_loses_nothing() {
    let setup = Setup::new(&["--engine", "reference", "--events", "--trace", "3,700"]);
    let started = Instant::now();
    setup.succeeds("whole", &[]);
    let whole = started.elapsed();
    let expected = tables(&setup.folder("whole"));
    assert!(expected.len() > 20, "many parts");
    let mut r = Numbers(99);
    let (mut kills, mut runs, mut kept) = (0, 0, 0);
    while kills < KILLS {
        let name = format!("killed{runs}");
        let root = setup.folder(&name);
        let mut lives = 0;
        loop {
            let mut child = setup.command(&name, &["--resume"]).spawn().expect("it starts");
            // From before the folder exists to a good part of the run.
            let longest = (whole.as_millis() as usize / 4).max(20);
            sleep(Duration::from_millis(r.below(longest) as u64));
            if let Some(status) = child.try_wait().expect("a child") {
                assert!(status.success(), "{status}");
                break;
            }
            child.kill().expect("SIGKILL");
            child.wait().expect("a child");
            kills += 1;
            lives += 1;
            // Whatever is there can be read: no table is half a file.
            for path in
                files(&root).into_iter().filter(|p| p.extension().is_some_and(|e| e == "parquet"))
            {
                let file = fs::File::open(&path).expect("a file");
                parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
                    .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                kept += 1;
            }
            assert!(lives < 500, "the run gets no further");
        }
        same_tables(&expected, &root);
        let (code, said) = verify(&root);
        assert_eq!(code, 0, "{said}");
        fs::remove_dir_all(&root).expect("removable");
        runs += 1;
    }
    assert!(runs > 2 && kept > 500, "{kills} kills in {runs} runs, {kept} files read meanwhile");
    eprintln!("{kills} kills in {runs} runs, {kept} files read meanwhile, none lost");
}

#[test]
fn an_interrupt_finishes_the_batch_and_a_second_one_does_not_wait() {
    let setup = Setup::new(&["--engine", "reference"]);
    setup.succeeds("whole", &[]);
    let expected = tables(&setup.folder("whole"));
    for name in ["INT", "TERM", "HUP", "USR1", "USR2"] {
        let child = setup.command(name, &[]).spawn().expect("it starts");
        while !setup.folder(name).join("ledger.jsonl").exists() {
            sleep(Duration::from_millis(2));
        }
        signal(&child, name);
        let output = child.wait_with_output().expect("a child");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(said.contains("error: stopped: ") && said.contains("--resume"), "{said}");
        assert!(!setup.folder(name).join("manifest.json").exists());
        let root = setup.folder(name);
        let status = shocksweep(&["status", root.to_str().unwrap()]);
        let status = String::from_utf8_lossy(&status.stdout).to_string();
        assert!(status.contains("stopped") && status.contains("--resume continues"), "{status}");
        let (code, again) = setup.run(name, &[]);
        assert!(code == 2 && again.contains("continue it with --resume"), "{again}");
        setup.succeeds(name, &["--resume"]);
        same_tables(&expected, &root);
    }
    let child = setup.command("twice", &[]).spawn().expect("it starts");
    while !setup.folder("twice").join("ledger.jsonl").exists() {
        sleep(Duration::from_millis(2));
    }
    signal(&child, "INT");
    signal(&child, "INT");
    // Both may arrive as one: then the batch in hand is finished.
    let code = child.wait_with_output().expect("a child").status.code();
    assert!(matches!(code, Some(130 | 75)), "{code:?}");
    setup.succeeds("twice", &["--resume"]);
    same_tables(&expected, &setup.folder("twice"));
}

#[test]
fn writes_that_fail_stop_the_run_and_it_continues_where_it_was() {
    let setup = Setup::new(&["--events"]);
    setup.succeeds("whole", &[]);
    let expected = tables(&setup.folder("whole"));
    let largest = expected.iter().map(|f| f.1.len()).max().expect("files") / 1024;
    let mut failed = 0;
    for (n, share) in [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98].into_iter().enumerate() {
        let name = format!("limited{n}");
        let limit = (largest as f64 * share) as usize;
        // A process may write no file beyond the limit: writes fail as on a full disk.
        let limited = |more: &str| {
            let args: Vec<String> = setup.args.iter().map(|a| format!("'{a}'")).collect();
            let program = env!("CARGO_BIN_EXE_shocksweep");
            let out = setup.folder(&name).display().to_string();
            let script = format!(
                "trap '' XFSZ; ulimit -f {}; exec '{program}' {} --out '{out}' {more}",
                limit * 2,
                args.join(" ")
            );
            // The unit of `ulimit -f` in sh is 512 bytes.
            Command::new("sh").args(["-c", &script]).output().expect("a shell")
        };
        for more in ["", "--resume"] {
            let output = limited(more);
            let said = String::from_utf8_lossy(&output.stderr).to_string();
            if output.status.success() {
                continue;
            }
            failed += 1;
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.starts_with("error: ") && said.lines().count() == 1, "{said}");
            let left = files(&setup.folder(&name));
            let is_temporary = |p: &&PathBuf| p.extension().is_some_and(|e| e == "tmp");
            assert_eq!(left.iter().find(is_temporary), None, "nothing half-written");
        }
        setup.succeeds(&name, &["--resume"]);
        same_tables(&expected, &setup.folder(&name));
    }
    assert!(failed >= 10, "{failed} runs failed");
}

/// Flips a bit of a file, or cuts it.
fn damage(path: &Path, r: &mut Numbers) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).expect("a file");
    let length = file.metadata().expect("metadata").len();
    if r.once_in(3) {
        file.set_len(r.below(length as usize) as u64).expect("cut");
        return;
    }
    let at = r.below(length as usize) as u64;
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).expect("seek");
    file.read_exact(&mut byte).expect("read");
    byte[0] ^= 1 << r.below(8);
    file.seek(SeekFrom::Start(at)).expect("seek");
    file.write_all(&byte).expect("write");
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).expect("inside"));
        fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        fs::copy(&path, &target).expect("a copy");
    }
}

#[test]
fn damage_is_found_and_repaired() {
    let setup = Setup::new(&["--events"]);
    setup.succeeds("whole", &[]);
    setup.succeeds("half", &["--shard", "1/2"]);
    let mut r = Numbers(7);
    let mut cases = 0;
    for (state, more) in [("whole", &[][..]), ("half", &["--shard", "1/2"])] {
        let expected = tables(&setup.folder(state));
        assert_eq!(verify(&setup.folder(state)).0, 0);
        for case in 0..20 {
            let name = format!("{state}{case}");
            let root = setup.folder(&name);
            copy(&setup.folder(state), &root);
            let all: Vec<PathBuf> =
                files(&root).into_iter().filter(|p| !p.ends_with("lock")).collect();
            // The ledger more often than its share.
            let chosen = match r.once_in(4) {
                true => root.join("ledger.jsonl"),
                false => all[r.below(all.len())].clone(),
            };
            if r.once_in(8) {
                fs::remove_file(&chosen).expect("removable");
            } else {
                damage(&chosen, &mut r);
            }
            let what = chosen.strip_prefix(&root).expect("inside").display().to_string();
            let (code, said) = verify(&root);
            // One thing cannot be told from a run that has not come that far: a ledger that ends
            // between two lines, in a run that is not finished.
            let ends_early = state == "half"
                && what == "ledger.jsonl"
                && fs::read(&chosen).is_ok_and(|bytes| {
                    bytes.is_empty() || bytes.ends_with(b"\n") || bytes.ends_with(b"\"}")
                });
            // Nor does a result need lines that are no part's.
            let needless = what == "ledger.jsonl"
                && shocksweep::low_level::sink::ledger::Ledger::read(&root)
                    .is_ok_and(|ledger| ledger.is_some_and(|ledger| ledger.missing().is_empty()));
            assert!(code == 3 || ends_early || needless, "{name}, {what}: {code}\n{said}");
            let mut again = vec!["--resume"];
            again.extend_from_slice(more);
            setup.succeeds(&name, &again);
            same_tables(&expected, &root);
            let (code, said) = verify(&root);
            // A finished result is not computed again for its ledger alone.
            let of_ledger = state == "whole" && what == "ledger.jsonl";
            assert!(code == 0 || of_ledger, "{name}, {what}: {said}");
            fs::remove_dir_all(&root).expect("removable");
            cases += 1;
        }
    }
    assert_eq!(cases, 40);
}

#[test]
fn a_second_process_is_refused() {
    let setup = Setup::new(&["--engine", "reference"]);
    let mut child = setup.command("busy", &[]).spawn().expect("it starts");
    while !setup.folder("busy").join("ledger.jsonl").exists() {
        sleep(Duration::from_millis(2));
    }
    for more in [&[][..], &["--resume"], &["--force"]] {
        let (code, said) = setup.run("busy", more);
        assert_eq!(code, 75, "{said}");
        assert!(said.contains("another shocksweep process is at work there"), "{said}");
    }
    let busy = setup.folder("busy");
    let status = shocksweep(&["status", "--json", busy.to_str().unwrap()]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(status["state"], "running");
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    setup.succeeds("busy", &["--resume"]);
}

#[test]
fn shards_join_into_the_bytes_of_one_run() {
    let setup = Setup::new(&["--events", "--trace", "5,1199"]);
    setup.succeeds("whole", &[]);
    let expected = tables(&setup.folder("whole"));
    let path = |name: &str| setup.folder(name).to_str().expect("UTF-8").to_string();
    let merge = |out: &str, shards: &[String]| {
        let mut args = vec!["merge".to_string(), path(out)];
        args.extend_from_slice(shards);
        let output = shocksweep(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        (output.status.code().expect("a code"), said)
    };
    for of in [1, 2, 3, 50] {
        let shards: Vec<String> = (1..=of).map(|n| format!("s{n}of{of}")).collect();
        for (n, name) in shards.iter().enumerate() {
            setup.succeeds(name, &["--shard", &format!("{}/{of}", n + 1), "--threads", "1"]);
        }
        if of == 1 {
            same_tables(&expected, &setup.folder(&shards[0]));
            continue;
        }
        // In any order.
        let folders: Vec<String> = shards.iter().rev().map(|name| path(name)).collect();
        let out = format!("joined{of}");
        let (code, said) = merge(&out, &folders);
        assert_eq!(code, 0, "{said}");
        same_tables(&expected, &setup.folder(&out));
        assert_eq!(verify(&setup.folder(&out)).0, 0);
        let of_run = |name: &str| -> serde_json::Value {
            let text = fs::read(setup.folder(name).join("manifest.json")).expect("a manifest");
            let mut manifest: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
            manifest["times"].take();
            manifest["engine"]["device"].take();
            manifest
        };
        assert_eq!(of_run(&out), of_run("whole"), "the manifest, times and threads apart");
    }
    // Lists of parts, one part in two folders.
    setup.succeeds("first", &["--parts", "0"]);
    let first = Ledger::read(&setup.folder("first")).expect("a ledger").expect("a ledger");
    let all = first.header.parts;
    assert!(all > 2, "{all}");
    setup.succeeds("rest", &["--parts", &format!("1-{}", all - 1)]);
    setup.succeeds("again", &["--parts", "0-1", "--threads", "1"]);
    let listed: Vec<String> = ["again", "rest", "first"].iter().map(|name| path(name)).collect();
    let (code, said) = merge("listed", &listed);
    assert_eq!(code, 0, "{said}");
    same_tables(&expected, &setup.folder("listed"));
    assert_eq!(verify(&setup.folder("listed")).0, 0);
    let refused = |shards: &[String], expected: &str| {
        let (code, said) = merge("no", shards);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(!setup.folder("no").exists());
    };
    let three = ["s1of3", "s2of3", "s3of3"].map(path);
    refused(&[three[0].clone(), three[2].clone()], "missing: shard 2/3");
    refused(&[three[0].clone(), three[0].clone(), three[1].clone()], "are both shard 1/3");
    refused(&[path("first"), path("again")], &format!("missing: parts 2-{}", all - 1));
    refused(&[three[0].clone(), path("s2of2")], "shards were 3 and are 2");
    refused(&[path("whole")], "is a complete result");
    refused(&[path("world")], "holds no shard");
    let (code, said) = setup.run("other", &["--shard", "3/3", "--min-loss", "5"]);
    assert_eq!(code, 0, "{said}");
    refused(
        &[three[0].clone(), three[1].clone(), path("other")],
        "different runs: job.output.min_loss was 0.001 and is 5.0",
    );
    // A part that is gone from the ledger.
    let ledger = setup.folder("s2of3").join("ledger.jsonl");
    let text = fs::read_to_string(&ledger).expect("a ledger");
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&ledger, lines[..lines.len() - 1].join("\n") + "\n").expect("a ledger");
    refused(&three, "lacks parts ");
    setup.succeeds("s2of3", &["--shard", "2/3", "--resume"]);
    damage(&setup.folder("s3of3").join("losses/part-00002.parquet"), &mut Numbers(1));
    let (code, said) = merge("no", &three);
    assert!(code == 2 && said.contains("run its shard again with --resume"), "{said}");
    let again = ["--shard", "3/3", "--resume"];
    setup.succeeds("s3of3", &again);
    let args: Vec<&str> =
        ["merge", "--force"].into_iter().chain(three.iter().map(String::as_str)).collect();
    let no = path("no");
    let args: Vec<&str> = [&args[..2], &[no.as_str()], &args[2..]].concat();
    assert!(shocksweep(&args).status.success());
    same_tables(&expected, &setup.folder("no"));
}

#[test]
fn another_run_is_not_continued() {
    let setup = Setup::new(&[]);
    setup.succeeds("run", &["--shard", "1/2"]);
    let before = tables(&setup.folder("run"));
    let refused = |more: &[&str], expected: &str| {
        let args = [&["--resume"][..], more].concat();
        let (code, said) = setup.run("run", &args);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("holds a different run") && said.contains(expected), "{said}");
        same_tables(&before, &setup.folder("run"));
    };
    refused(&["--shard", "2/2"], "shard was 1/2 and is 2/2");
    let half = ["--shard", "1/2"];
    let with = |more: &[&'static str]| [&half[..], more].concat();
    refused(&with(&["--min-loss", "1"]), "job.output.min_loss was 0.001 and is 1.0");
    refused(&with(&["--steps", "9"]), "job.steps was 10 and is 9");
    refused(&with(&["--events"]), "job.output.events was false and is true");
    refused(&with(&["--engine", "reference"]), "engine was \"cpu\" and is \"reference\"");
    let switch = &["--relative-threshold", "0.5"];
    refused(&with(switch), "job.adaptive.relative_threshold was null and is 0.5");
    // A finished run has nothing to do, and says what it holds all the same.
    setup.succeeds("done", &[]);
    let done = tables(&setup.folder("done"));
    setup.succeeds("done", &["--resume"]);
    same_tables(&done, &setup.folder("done"));
    // A folder of something else is nobody's run.
    let foreign = setup.folder("foreign");
    fs::create_dir_all(&foreign).expect("a folder");
    fs::write(foreign.join("thesis.txt"), "years of work").expect("a file");
    let (code, said) = setup.run("foreign", &["--resume"]);
    assert!(code == 2 && said.contains("is not a shocksweep result"), "{said}");
    std::os::unix::fs::symlink(&foreign, setup.folder("link")).expect("a link");
    fs::create_dir_all(setup.folder("trap")).expect("a folder");
    std::os::unix::fs::symlink(&foreign, setup.folder("trap").join("losses")).expect("a link");
    let (code, said) = setup.run("trap", &["--resume"]);
    assert!(code == 2 && said.contains("is not a shocksweep result"), "{said}");
    assert_eq!(fs::read_dir(&foreign).expect("a folder").count(), 1);
}

#[test]
fn a_screening_continues_where_it_was() {
    let dir = TempDir::new().expect("a temporary folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_string();
    fs::write(
        path("job.toml"),
        "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\n[scenarios.select]\nlargest = 200\n\
         [superposition]\nkeep = \"top\"\nrules = false\ntop = 20\n[output]\nfolder = \"unused\"\n",
    )
    .expect("a job");
    let command = |out: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command.args(["run", &path("job.toml"), "--quiet", "--out", &path(out)]).args(more);
        command.stderr(Stdio::piped());
        command
    };
    assert!(command("whole", &[]).status().expect("it starts").success());
    let expected = tables(&dir.path().join("whole"));
    let mut stops = 0;
    for name in ["INT", "KILL"] {
        for round in 0..20 {
            let child = command(name, &["--resume"]).spawn().expect("it starts");
            sleep(Duration::from_millis(200 + 100 * round));
            let kill = Command::new("kill").args(["-s", name, &child.id().to_string()]).output();
            let killed = kill.expect("kill").status.success();
            let status = child.wait_with_output().expect("a child").status;
            if status.success() {
                break;
            }
            stops += usize::from(killed);
        }
        assert!(command(name, &["--resume"]).status().expect("it starts").success());
        same_tables(&expected, &dir.path().join(name));
    }
    assert!(stops >= 2, "{stops} stops");
    // In shards, joined and put together, in any order and whatever has happened to one of them.
    for name in ["3", "1", "2"] {
        let mut shard = command(name, &["--shard", &format!("{name}/3")]);
        if name == "1" {
            let mut child = shard.spawn().expect("it starts");
            sleep(Duration::from_millis(500));
            child.kill().expect("SIGKILL");
            child.wait().expect("a child");
            shard = command(name, &["--shard", "1/3", "--resume"]);
        }
        assert!(shard.status().expect("it starts").success());
    }
    let merge = |shards: &[String]| {
        let joined = path("joined");
        shocksweep(
            &[&["merge", &joined][..], &shards.iter().map(|s| s.as_str()).collect::<Vec<_>>()]
                .concat(),
        )
    };
    let [one, two, three] = ["1", "2", "3"].map(path);
    let lacking = merge(&[one.clone(), two.clone()]);
    assert_eq!(lacking.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&lacking.stderr).contains("missing: shard 3/3"));
    let joined = merge(&[two, one, three]);
    assert!(joined.status.success(), "{}", String::from_utf8_lossy(&joined.stderr));
    assert!(String::from_utf8_lossy(&joined.stdout).contains("--resume"));
    let status = shocksweep(&["status", &path("joined"), &path("whole")]);
    let status = String::from_utf8_lossy(&status.stdout).to_string();
    assert!(status.contains("all parts are there") && status.contains(" pairs judged"), "{status}");
    assert!(!dir.path().join("joined/manifest.json").exists());
    assert!(command("joined", &["--resume"]).status().expect("it starts").success());
    same_tables(&expected, &dir.path().join("joined"));
    assert_eq!(verify(&dir.path().join("joined")).0, 0);
}

#[test]
fn a_clock_that_jumps_changes_nothing() {
    use shocksweep::low_level::report::status::{Standing, text};
    use shocksweep::low_level::sink::ledger::{Ledger, LedgerWriter, Session};
    let setup = Setup::new(&[]);
    setup.succeeds("whole", &[]);
    setup.succeeds("half", &["--shard", "1/2"]);
    let expected = tables(&setup.folder("half"));
    let known = Ledger::read(&setup.folder("half")).expect("readable").expect("a ledger");
    // A session of the far future, before 1970, in the middle of the parts.
    for (n, unix_s) in [4e9, -4e9, 0.0, known.session.expect("a session").unix_s].iter().enumerate()
    {
        let root = setup.folder(&format!("jump{n}"));
        copy(&setup.folder("half"), &root);
        let mut ledger = LedgerWriter::create(&root, &known.header).expect("a ledger");
        ledger.session(Session { unix_s: *unix_s, threads: 2 }).expect("a line");
        let records: Vec<_> = known.parts.values().take(3).cloned().collect();
        ledger.parts(records).expect("lines");
        drop(ledger);
        let standing = Standing::read(&root).expect("a standing");
        assert_eq!((standing.state, standing.parts_done), ("stopped", 3));
        assert!(standing.per_second.is_none_or(|rate| rate.is_finite() && rate > 0.0));
        assert!(text(&root, &standing, "--resume").contains("--resume continues"));
        setup.succeeds(&format!("jump{n}"), &["--shard", "1/2", "--resume"]);
        same_tables(&expected, &root);
    }
}
