//! A job as scripts for a scheduler, run by a stand-in for it: `python/tests/test_slurm.py` runs them on a
//! real one.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::common::result::{same_tables, shocksweep, tables};
use tempfile::TempDir;

/// Runs an array's tasks one after the other, and what depends on them at once; says what it was asked.
const SBATCH: &str = r#"#!/bin/bash
echo "sbatch $*" >> "$FAKE/asked"
script=${!#}
export SLURM_CPUS_PER_TASK=1 SLURM_MEM_PER_NODE=2048 SLURM_ARRAY_JOB_ID=7
tasks=$(sed -n 's/^#SBATCH --array=1-//p' "$script")
if [ -n "$tasks" ]; then
  for n in $(seq "$tasks"); do
    SLURM_ARRAY_TASK_ID=$n bash "$script" >> "$FAKE/log" 2>&1 || exit 1
  done
  echo "7;loop"
else
  bash "$script" >> "$FAKE/log" 2>&1 || exit 1
  echo 8
fi
"#;

const SCONTROL: &str = "#!/bin/bash\necho \"scontrol $*\" >> \"$FAKE/asked\"\n";

/// A program that ends as a run does that is told that its time is over.
const STOPPED: &str =
    "#!/bin/bash\ntrap 'exit 75' USR1\ntouch \"$FAKE/started\"\nwhile :; do sleep 0.05; done\n";

struct Fake {
    dir: TempDir,
}

impl Fake {
    fn new() -> Self {
        let fake = Fake { dir: TempDir::new().expect("a temporary folder") };
        let scripts = [("sbatch", SBATCH), ("scontrol", SCONTROL), ("stopped", STOPPED)];
        for (name, text) in scripts {
            let path = fake.path(name);
            fs::write(&path, text).expect("writable");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        }
        fake
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn bash(&self, script: &Path) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.arg(script).env("FAKE", self.dir.path());
        command.env("PATH", format!("{}:{path}", self.dir.path().display()));
        command
    }

    /// Writes the scripts of a job of single shocks in a small world.
    fn scripts(&self, more: &[&str]) -> (PathBuf, Output) {
        let job = self.path("a job.toml");
        fs::write(&job, "adaptation = \"both\"\n[scenarios]\nset = \"all-single\"\n")
            .expect("writable");
        let (world, out) = (self.path("world"), self.path("out"));
        let [job, world, out] =
            [&job, &world, &out].map(|p| p.to_str().expect("UTF-8").to_string());
        if !Path::new(&world).exists() {
            let size = ["--areas", "30", "--items", "40", "--seed", "3"];
            assert!(
                shocksweep(&[&["dataset", "synth", &world][..], &size].concat()).status.success()
            );
        }
        let args = ["cluster", "slurm", &job, "--dataset", &world, "--out", &out, "--tasks", "3"];
        (self.path("out.slurm"), shocksweep(&[&args[..], more].concat()))
    }
}

#[test]
fn the_array_and_its_merge_give_the_bytes_of_a_single_run() {
    let fake = Fake::new();
    let (scripts, said) =
        fake.scripts(&["--cpus", "1", "--", "--partition=long", "--comment=two words"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let array = fs::read_to_string(scripts.join("array.sh")).expect("written");
    for line in ["--array=1-3", "--requeue", "--partition=long", "--signal=B:USR1@120", "--mem="] {
        assert!(array.contains(&format!("#SBATCH {line}")), "{line}: {array}");
    }
    assert!(array.contains("#SBATCH '--comment=two words'"), "{array}");
    let done = fake.bash(&scripts.join("submit.sh")).output().expect("bash");
    let log = fake.text("log");
    assert!(done.status.success(), "{}{log}", String::from_utf8_lossy(&done.stderr));
    assert!(fake.text("asked").contains("--dependency=afterok:7 "), "{}", fake.text("asked"));
    assert!(!fake.text("asked").contains("scontrol"), "{log}");
    let alone = fake.path("alone");
    let [world, out] = [fake.path("world"), alone.clone()].map(|p| p.display().to_string());
    let args = ["run", "--dataset", &world, "--all-single", "--adaptation", "both", "--out", &out];
    assert!(shocksweep(&args).status.success());
    same_tables(&tables(&alone), &fake.path("out"));
    // What was joined is not joined again, nor is anything written over it.
    let again = fake.bash(&scripts.join("merge.sh")).output().expect("bash");
    assert!(again.status.success() && again.stdout.is_empty());
    let (_, refused) = fake.scripts(&[]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_task_whose_time_is_over_asks_to_be_queued_again() {
    let fake = Fake::new();
    let program = fake.path("stopped").display().to_string();
    let (scripts, said) = fake.scripts(&["--program", &program]);
    assert!(said.status.success());
    let mut task = fake.bash(&scripts.join("array.sh"));
    task.env("SLURM_ARRAY_TASK_ID", "2").env("SLURM_ARRAY_JOB_ID", "7");
    let mut task = task.env("SLURM_CPUS_PER_TASK", "1").spawn().expect("bash");
    let start = Instant::now();
    while !fake.path("started").exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the program does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let signal = Command::new("kill").args(["-USR1", &task.id().to_string()]).status();
    assert!(signal.expect("kill").success());
    assert_eq!(task.wait().expect("ends").code(), Some(75));
    assert_eq!(fake.text("asked"), "scontrol requeue 7_2\n");
}

#[test]
fn a_task_whose_program_is_killed_is_tried_again_some_times() {
    let fake = Fake::new();
    fs::write(fake.path("stopped"), "#!/bin/bash\nkill -KILL $$\n").expect("writable");
    let program = fake.path("stopped").display().to_string();
    let (scripts, said) = fake.scripts(&["--program", &program]);
    assert!(said.status.success());
    let end = |restarts: &str| {
        let mut task = fake.bash(&scripts.join("array.sh"));
        task.env("SLURM_ARRAY_TASK_ID", "3").env("SLURM_ARRAY_JOB_ID", "7");
        task.env("SLURM_CPUS_PER_TASK", "1").env("SLURM_RESTART_COUNT", restarts);
        task.output().expect("bash").status.code()
    };
    assert_eq!((end("4"), fake.text("asked").as_str()), (Some(137), "scontrol requeue 7_3\n"));
    assert_eq!((end("5"), fake.text("asked").lines().count()), (Some(137), 1));
}

#[test]
fn what_cannot_be_an_array_is_refused() {
    let fake = Fake::new();
    let job = fake.path("sets.toml");
    let text =
        "[scenarios]\nset = \"all-single\"\n[[what-if]]\nname = \"a\"\n[[what-if]]\nname = \"b\"\n";
    fs::write(&job, text).expect("writable");
    let job = job.display().to_string();
    let out = fake.path("out").display().to_string();
    for args in [
        vec!["cluster", "slurm", &job, "--tasks", "2", "--out", &out],
        vec!["cluster", "slurm", "jobs/adaptive.toml", "--tasks", "0", "--out", &out],
        vec!["cluster", "slurm", "nowhere.toml", "--tasks", "2", "--out", &out],
    ] {
        let output = shocksweep(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty() && !fake.path("out.slurm").exists(), "{args:?}");
    }
}
