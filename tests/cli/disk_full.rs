//! A disk that is really full: a small file system in memory, where the test may mount one.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::result::{files, same_tables, shocksweep, tables};
use crate::common::skip::skip;
use tempfile::TempDir;

/// A small file system, gone with this.
struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Mounts one of so many megabytes; says so where that is not allowed.
    fn mount(at: &Path, megabytes: usize) -> Option<Self> {
        fs::create_dir_all(at).expect("a folder");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "shocksweep-test"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            skip("this user may not mount a small file system (root may)");
        }
        mounted.then(|| Disk { at: at.to_path_buf() })
    }

    fn grow(&self, megabytes: usize) {
        let options = format!("remount,size={megabytes}m");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.at).status();
        assert!(status.expect("mount").success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
    }
}

#[test]
fn a_full_disk_stops_the_run_and_it_continues_when_there_is_room() {
    let dir = TempDir::new().expect("a temporary folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_string();
    // Few enough scenarios that nothing is estimated beforehand: the disk fills while they are
    // written.
    let job = "adaptation = \"off\"\n[scenarios]\nset = \"single\"\nselect = { largest = 1800 }\n\
               [output]\nfolder = \"unused\"\nevents = true\n";
    fs::write(path("job.toml"), job).expect("a job");
    let run = |out: &str, more: &[&str]| {
        let output =
            shocksweep(&[&["run", &path("job.toml"), "--quiet", "--out", out], more].concat());
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        (output.status.code().expect("a code"), said)
    };
    assert_eq!(run(&path("whole"), &[]).0, 0);
    let expected = tables(&dir.path().join("whole"));
    let needed = expected.iter().map(|f| f.1.len()).sum::<usize>() >> 20;
    assert!(needed > 60, "{needed} MB");
    let (mut full, mut foreseen) = (0, 0);
    // From too little to start, to nearly enough.
    for megabytes in [20, 36, 44, 52, needed * 3 / 4, needed - 2] {
        let at = dir.path().join(format!("disk{megabytes}"));
        let Some(disk) = Disk::mount(&at, megabytes) else { return };
        let out = at.join("result");
        let out = out.to_str().expect("UTF-8");
        let mut committed = 0;
        for more in [&[][..], &["--resume"], &["--resume"]] {
            let more = if committed == 0 && !Path::new(out).join("ledger.jsonl").exists() {
                &[][..]
            } else {
                more
            };
            let (code, said) = run(out, more);
            assert_eq!(code, 1, "{megabytes} MB: {said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            if said.contains("No space left on device") {
                full += 1;
            } else {
                assert!(said.contains("make room, then continue with --resume"), "{said}");
                foreseen += 1;
            }
            let left = files(Path::new(out));
            assert!(left.iter().all(|p| p.extension().is_none_or(|e| e != "tmp")), "{left:?}");
            // What was committed stays.
            let losses = left.iter().filter(|p| p.starts_with(Path::new(out).join("losses")));
            let now = losses.count();
            assert!(now >= committed, "{now} of {committed} parts");
            committed = now;
        }
        disk.grow(needed * 3 + 100);
        let (code, said) = run(out, &["--resume"]);
        assert_eq!(code, 0, "{said}");
        same_tables(&expected, Path::new(out));
        let output = shocksweep(&["verify", out, "--sample", "0"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    eprintln!("{full} runs met a full disk, {foreseen} foresaw it; none lost anything");
    // Batches are small, so that most runs learn in time what a scenario takes.
    assert!(
        full + foreseen >= 12 && foreseen >= 3,
        "{full} met a full disk, {foreseen} foresaw it"
    );
}
