//! Faults of the system, injected: a write, a sync, a rename, an open, a lock or a read that fails at any
//! moment of a run, a continued run, a merge, an import, a verification.
//!
//! Demanded of each: an exit code that is documented and one sentence that is true; what was committed stays;
//! nothing half-written bears a final name; and without the fault the same command gives the bytes of a
//! run that met none. `PROPTEST_CASES` says how many faults, `PROPTEST_RNG_SEED` which.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::common::result::{files, same_tables, shocksweep, tables};
use crate::common::skip::skip;
use crate::support::Numbers;

const EIO: i32 = 5;
const EINVAL: i32 = 22;
const ENOSPC: i32 = 28;
const ENOLCK: i32 = 37;
const ENOSYS: i32 = 38;
const EOPNOTSUPP: i32 = 95;

/// The shim, compiled once; `None` after saying that there is no compiler.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let made = SHIM.get_or_init(|| {
        let dir = TempDir::new().expect("a temporary folder");
        let (source, out) = (dir.path().join("shim.c"), dir.path().join("shim.so"));
        fs::write(&source, include_str!("shim.c")).expect("a file");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-w", "-o"]).arg(&out).arg(&source).arg("-ldl");
        compiler.status().is_ok_and(|status| status.success()).then_some((dir, out))
    });
    if made.is_none() {
        skip("it needs a C compiler (cc)");
    }
    made.as_ref().map(|(_, path)| path.as_path())
}

/// One fault.
#[derive(Debug, Clone, Copy)]
struct Fault {
    call: &'static str,
    at: usize,
    errno: i32,
    stays: bool,
}

impl Fault {
    /// Runs the program with the fault below `root`; exit code, what it said, and whether the fault came.
    #[track_caller]
    fn run(&self, root: &Path, args: &[&str]) -> (i32, String, bool) {
        let mark = root.with_extension("mark");
        let _ = fs::remove_file(&mark);
        let mut command = Command::new(env!("CARGO_BIN_EXE_shocksweep"));
        command
            .args(args)
            .env("LD_PRELOAD", shim().expect("asked for before"))
            .env("FAULT_CALL", self.call)
            .env("FAULT_AT", self.at.to_string())
            .env("FAULT_ERRNO", self.errno.to_string())
            .env("FAULT_STAYS", if self.stays { "1" } else { "0" })
            .env("FAULT_ROOT", root)
            .env("FAULT_MARK", &mark);
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        let code =
            output.status.code().unwrap_or_else(|| panic!("{self:?}, {args:?}: killed: {said}"));
        assert!(!said.contains("panicked"), "{self:?}, {args:?}: {said}");
        (code, said, mark.exists())
    }
}

/// Faults of a seed; as many as asked for.
fn faults(default: usize, calls: &[&'static str]) -> Vec<Fault> {
    let asked = |key: &str| std::env::var(key).ok()?.parse::<u64>().ok();
    let count = asked("PROPTEST_CASES").map_or(default, |cases| cases as usize);
    let mut r = Numbers(asked("PROPTEST_RNG_SEED").unwrap_or(2026));
    let fault = |_| {
        let call = calls[r.below(calls.len())];
        // Few calls are early ones; most runs make some dozens.
        let at = 1 + if r.once_in(3) { r.below(8) } else { r.below(60) };
        let errno = match call {
            "lock" => [EIO, ENOLCK, EINVAL, ENOSYS, EOPNOTSUPP][r.below(5)],
            "write" => [EIO, ENOSPC, 0][r.below(3)],
            "open" => [EIO, ENOSPC][r.below(2)],
            _ => EIO,
        };
        Fault { call, at, errno, stays: errno != 0 && r.once_in(2) }
    };
    (0..count).map(fault).collect()
}

const JOB: &str = "adaptation = \"both\"\nmemory_limit = \"256 MiB\"\n[scenarios]\nset = \"single\"\n\
                   select = { largest = 280 }\n[output]\nfolder = \"unused\"\nevents = true\n";

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place { dir: TempDir::new().expect("a temporary folder") };
        let world = place.text("world");
        let size = ["--areas", "24", "--items", "30", "--seed", "3"];
        place.succeeds(&[&["dataset", "synth", &world][..], &size].concat());
        fs::write(place.path("job.toml"), format!("dataset = '{world}'\n{JOB}")).expect("a job");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_string()
    }

    #[track_caller]
    fn succeeds(&self, args: &[&str]) {
        let output = shocksweep(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Lines of the ledger that record parts.
fn recorded(root: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(root.join("ledger.jsonl")).unwrap_or_default();
    let is_part = |line: &&str| line.starts_with("{\"line\":\"part\"") && line.ends_with('}');
    text.lines().filter(is_part).map(String::from).collect()
}

/// Whether an error is one true sentence: what the system said, or what follows from it.
#[track_caller]
fn is_true(fault: &Fault, said: &str) {
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(lines.len(), 1, "{fault:?}: {said}");
    let words =
        ["os error", "No space left", "Input/output", "No locks", "Invalid argument", "writ"];
    assert!(words.iter().any(|word| said.contains(word)), "{fault:?}: {said}");
    for lie in ["is not a shocksweep", "different run", "not found", "damaged"] {
        assert!(!said.contains(lie), "{fault:?}: {said}");
    }
}

#[test]
fn runs_that_meet_a_fault_lose_nothing_and_continue() {
    if shim().is_none() {
        return;
    }
    let place = Place::new();
    let job = place.text("job.toml");
    let (whole, out) = (place.text("whole"), place.text("out"));
    place.succeeds(&["run", &job, "--quiet", "--out", &whole]);
    let expected = tables(Path::new(&whole));
    let root = Path::new(&out);
    let (mut met, mut failed, mut kept) = (0, 0, 0);
    for fault in faults(30, &["write", "write", "sync", "rename", "open", "lock"]) {
        let _ = fs::remove_dir_all(root);
        let (code, said, came) = fault.run(root, &["run", &job, "--quiet", "--out", &out]);
        met += usize::from(came);
        assert!(code == 0 || came, "{fault:?}: {said}");
        if code != 0 {
            failed += 1;
            assert_eq!(code, 1, "{fault:?}: {said}");
            is_true(&fault, &said);
        }
        let before = recorded(root);
        kept += before.len();
        // Once more with the fault, now and then: a run that is continued meets it too.
        if code != 0 && fault.at % 3 == 0 && root.join("ledger.jsonl").exists() {
            let args = ["run", &job, "--quiet", "--resume", "--out", &out];
            let (code, said, _) = fault.run(root, &args);
            assert!(code == 0 || code == 1, "{fault:?}: {said}");
        }
        assert!(recorded(root).is_superset(&before), "{fault:?}: a part is lost");
        // Nothing was begun: there is nothing to continue.
        let more = if root.exists() { "--resume" } else { "--force" };
        place.succeeds(&["run", &job, "--quiet", more, "--out", &out]);
        assert!(recorded(root).is_superset(&before), "{fault:?}: a part is lost");
        same_tables(&expected, root);
        let left: Vec<PathBuf> =
            files(root).into_iter().filter(|p| p.extension().is_some_and(|e| e == "tmp")).collect();
        assert!(left.is_empty(), "{fault:?}: {left:?}");
        place.succeeds(&["verify", &out, "--sample", "0"]);
    }
    eprintln!("{met} faults met, {failed} runs failed, {kept} parts kept");
    assert!(met > 0 && failed > 0, "{met} met, {failed} failed");
}

#[test]
fn merges_that_meet_a_fault_leave_the_shards_and_no_half() {
    if shim().is_none() {
        return;
    }
    let place = Place::new();
    let job = place.text("job.toml");
    let whole = place.text("whole");
    place.succeeds(&["run", &job, "--quiet", "--out", &whole]);
    let expected = tables(Path::new(&whole));
    let shards = [place.text("a"), place.text("b")];
    for (shard, n) in shards.iter().zip(["1/2", "2/2"]) {
        place.succeeds(&["run", &job, "--quiet", "--shard", n, "--out", shard]);
    }
    let before = shards.each_ref().map(|shard| tables(Path::new(shard)));
    let out = place.text("out");
    let root = Path::new(&out);
    let (mut met, mut failed) = (0, 0);
    for fault in faults(12, &["write", "sync", "rename", "open", "lock"]) {
        let _ = fs::remove_dir_all(root);
        let merge = ["merge", &out, &shards[0], &shards[1]];
        let (code, said, came) = fault.run(root, &merge);
        met += usize::from(came);
        if code != 0 {
            failed += 1;
            assert_eq!(code, 1, "{fault:?}: {said}");
            is_true(&fault, &said);
            if root.join("manifest.json").exists() {
                place.succeeds(&["verify", &out, "--sample", "0"]);
            }
            place.succeeds(&[&merge[..], &["--force"]].concat());
        }
        same_tables(&expected, root);
        place.succeeds(&["verify", &out, "--sample", "0"]);
        for (shard, before) in shards.iter().zip(&before) {
            same_tables(before, Path::new(shard));
        }
    }
    eprintln!("{met} faults met, {failed} merges failed");
    assert!(met > 0 && failed > 0, "{met} met, {failed} failed");
}

/// Every file of a folder with its content.
fn content(root: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.strip_prefix(root).expect("inside").display().to_string();
    files(root).iter().map(|path| (name(path), fs::read(path).expect("a file"))).collect()
}

#[test]
fn imports_that_meet_a_fault_leave_a_dataset_or_none() {
    if shim().is_none() {
        return;
    }
    let place = Place::new();
    let (world, published) = (place.text("world"), place.text("published"));
    place.succeeds(&["dataset", "export", &world, &published]);
    // The dataset is made beside its final name.
    fs::create_dir(place.path("made")).expect("a folder");
    let (sound, out) = (place.text("sound"), place.text("made/out"));
    let root = place.path("made");
    place.succeeds(&["dataset", "import", &published, &sound]);
    let expected = content(Path::new(&sound));
    let (mut met, mut failed) = (0, 0);
    for fault in faults(12, &["write", "sync", "rename", "open"]) {
        let _ = fs::remove_dir_all(&out);
        let (code, said, came) = fault.run(&root, &["dataset", "import", &published, &out]);
        met += usize::from(came);
        if code != 0 {
            failed += 1;
            assert!(came && (code == 1 || code == 2), "{fault:?}: {code}: {said}");
            is_true(&fault, &said);
            if Path::new(&out).exists() {
                place.succeeds(&["dataset", "check", &out]);
            }
            place.succeeds(&["dataset", "import", &published, &out, "--force"]);
        }
        let text = |found: Vec<(String, Vec<u8>)>| {
            let is_table = |f: &(String, Vec<u8>)| f.0.ends_with(".parquet");
            found.into_iter().filter(is_table).collect::<Vec<_>>()
        };
        assert!(text(content(Path::new(&out))) == text(expected.clone()), "{fault:?}");
        let beside = fs::read_dir(&root).expect("a folder").flatten();
        let left: Vec<String> = beside
            .map(|entry| entry.file_name().to_string_lossy().to_string())
            .filter(|name| name != "out")
            .collect();
        assert!(left.is_empty(), "{fault:?}: {left:?}");
    }
    eprintln!("{met} faults met, {failed} imports failed");
    assert!(met > 0 && failed > 0, "{met} met, {failed} failed");
}

#[test]
fn a_result_that_cannot_be_read_is_not_called_sound() {
    if shim().is_none() {
        return;
    }
    let place = Place::new();
    let (job, out) = (place.text("job.toml"), place.text("out"));
    place.succeeds(&["run", &job, "--quiet", "--out", &out]);
    let before = content(Path::new(&out));
    let mut met = 0;
    for fault in faults(12, &["read"]) {
        let (code, said, came) = fault.run(Path::new(&out), &["verify", &out, "--sample", "0"]);
        met += usize::from(came);
        // What is read once more after a read that failed may be sound.
        let fails = code == 1 || code == 3;
        assert!(
            if came && fault.stays { fails } else { fails || code == 0 },
            "{fault:?}: {code}: {said}"
        );
        assert!(came || code == 0, "{fault:?}: {code}: {said}");
        assert!(content(Path::new(&out)) == before, "{fault:?}: verify changes nothing");
    }
    eprintln!("{met} faults met");
    assert!(met > 0);
}

/// Case 08: file systems whose locks fail are warned of, and the run goes on.
#[test]
fn case_08_no_locks_available() {
    if shim().is_none() {
        return;
    }
    let place = Place::new();
    let (job, out) = (place.text("job.toml"), place.text("out"));
    for errno in [ENOSYS, EOPNOTSUPP, ENOLCK, EINVAL] {
        let fault = Fault { call: "lock", at: 1, errno, stays: true };
        let _ = fs::remove_dir_all(&out);
        let (code, said, came) = fault.run(Path::new(&out), &["run", &job, "--out", &out]);
        assert!(code == 0 && came, "{errno}: {code}: {said}");
        let warnings = said.matches("lock").count();
        assert!(warnings >= 1, "{errno}: {said}");
        place.succeeds(&["verify", &out, "--sample", "0"]);
    }
}
