//! What a run continues from, and what it says on the way.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::common::result::{same_tables, shocksweep, tables};
use crate::support::Numbers;
use shocksweep::low_level::sink::ledger::{Ledger, LedgerWriter, PartRecord, Session};
use tempfile::TempDir;

struct Setup {
    dir: TempDir,
    args: Vec<String>,
}

impl Setup {
    fn new() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let world = dir.path().join("world").to_str().expect("UTF-8").to_string();
        let size = ["--areas", "30", "--items", "40", "--seed", "3"];
        assert!(shocksweep(&[&["dataset", "synth", &world][..], &size].concat()).status.success());
        let args = ["run", "--dataset", &world, "--all-single", "--adaptation", "both"];
        Setup { dir, args: args.map(String::from).to_vec() }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Standard output and error of a run that succeeds.
    #[track_caller]
    fn run(&self, name: &str, more: &[&str]) -> [String; 2] {
        let folder = self.folder(name);
        let mut args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        args.extend(["--out", folder.to_str().expect("UTF-8")]);
        args.extend(more);
        let output = shocksweep(&args);
        let [out, err] =
            [output.stdout, output.stderr].map(|s| String::from_utf8(s).expect("text"));
        assert!(output.status.success(), "{err}");
        [out, err]
    }
}

#[test]
fn parts_may_be_finished_in_any_order() {
    let setup = Setup::new();
    setup.run("shard", &["--shard", "1/2"]);
    let root = setup.folder("shard");
    let expected = tables(&root);
    let known = Ledger::read(&root).expect("readable").expect("a ledger");
    let mut r = Numbers(17);
    for round in 0..8 {
        // Some of the parts, shuffled, by two sessions; one is recorded twice.
        let mut records: Vec<PartRecord> = known.parts.values().cloned().collect();
        for at in (1..records.len()).rev() {
            records.swap(at, r.below(at + 1));
        }
        records.truncate(r.below(records.len()));
        let kept: BTreeSet<usize> = records.iter().map(|record| record.part).collect();
        let mut ledger = LedgerWriter::create(&root, &known.header).expect("a ledger");
        let half = records.len() / 2;
        for own in [&records[..half], &records[half..]] {
            ledger.session(Session { unix_s: 1.0, threads: 1 }).expect("a line");
            ledger.parts(own.to_vec()).expect("lines");
            ledger.parts(own.iter().take(1).cloned().collect()).expect("a line");
        }
        drop(ledger);
        let lines =
            fs::read_to_string(root.join("ledger.jsonl")).expect("a ledger").lines().count();
        for record in known.parts.values().filter(|record| !kept.contains(&record.part)) {
            for file in &record.files {
                // A part that nobody recorded may be there, or not.
                if r.once_in(2) {
                    fs::remove_file(root.join(&file.path)).expect("removable");
                }
            }
        }
        setup.run("shard", &["--shard", "1/2", "--resume", "--quiet"]);
        same_tables(&expected, &root);
        let after = Ledger::read(&root).expect("readable").expect("a ledger");
        assert_eq!(after.missing(), [0; 0]);
        // Nothing that was there is computed again.
        let text = fs::read_to_string(root.join("ledger.jsonl")).expect("a ledger");
        let added = text.lines().skip(lines).filter(|l| l.contains("\"line\":\"part\"")).count();
        assert_eq!(added, known.parts.len() - kept.len(), "round {round}");
        for record in &records {
            assert_eq!(after.parts[&record.part], *record, "part {}", record.part);
        }
    }
}

#[test]
fn a_run_says_how_it_goes_on_in_the_form_asked_for() {
    let setup = Setup::new();
    let [out, err] = setup.run("quiet", &["--quiet"]);
    assert_eq!((out.as_str(), err.as_str()), ("", ""));
    let [out, err] = setup.run("json", &["--log", "json"]);
    assert!(out.contains("scenarios on dataset"), "{out}");
    let lines: Vec<serde_json::Value> = err
        .lines()
        .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
        .collect();
    let events: Vec<&str> = lines.iter().map(|l| l["event"].as_str().expect("an event")).collect();
    assert_eq!((events[0], events[events.len() - 1]), ("start", "writing"));
    assert!(events.contains(&"committed"), "{events:?}");
    let number = |line: &serde_json::Value, key: &str| line[key].as_f64().expect("a number");
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!(number(first, "done"), 0.0);
    assert_eq!(number(last, "done"), number(last, "total"));
    assert_eq!(number(last, "parts"), number(last, "parts_total"));
    assert!(number(last, "per_second") > 0.0 && number(last, "eta_s") == 0.0);
    assert!(lines.windows(2).all(|w| number(&w[0], "unix_s") <= number(&w[1], "unix_s")));
    // A run that goes on where it was says so at once, also where no terminal is.
    setup.run("half", &["--shard", "1/2", "--quiet"]);
    let root = setup.folder("half");
    let known = Ledger::read(&root).expect("readable").expect("a ledger");
    let mut ledger = LedgerWriter::create(&root, &known.header).expect("a ledger");
    ledger.parts(known.parts.values().take(3).cloned().collect()).expect("lines");
    drop(ledger);
    let [_, err] = setup.run("half", &["--shard", "1/2", "--resume", "--log", "plain"]);
    let done: usize = known.parts.values().take(3).map(|record| record.counts.run).sum();
    assert!(err.starts_with(&format!("{done} of ")) && err.contains(" scenarios"), "{err}");
}
