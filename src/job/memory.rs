//! How much memory a run may use.

use std::path::{Component, Path, PathBuf};

use super::JobError;

/// Least that a run can do with, bytes: a dataset of the published size, an engine, one part.
const LEAST: u64 = 256 << 20;

/// Limit where the machine does not say what it has, bytes.
const UNKNOWN: u64 = 4 << 30;

/// Reads a size such as `4 GiB`, `512 MB` or a number of bytes.
///
/// # Errors
/// It is no size, or too small to run anything.
pub fn parse(text: &str) -> Result<u64, JobError> {
    let wrong = || JobError::Value {
        key: "memory_limit",
        value: text.to_string(),
        expected: "a size of at least 256 MiB, such as \"4 GiB\"".to_string(),
    };
    let digits = text.trim().find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, unit) = text.trim().split_at(digits.unwrap_or(text.trim().len()));
    let factor = match unit.trim().to_lowercase().as_str() {
        "" | "b" => 1.0,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "mib" | "m" => (1u64 << 20) as f64,
        "gib" | "g" => (1u64 << 30) as f64,
        "tib" | "t" => (1u64 << 40) as f64,
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<f64>().map_err(|_| wrong())? * factor;
    // Above any machine there is: a slip of the pen.
    if !(LEAST as f64..=1e15).contains(&bytes) {
        return Err(wrong());
    }
    Ok(bytes as u64)
}

/// Half of the machine's memory, or of what the control groups of this process grant.
pub fn default_limit() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?.to_string();
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes << 10)
    });
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let granted = granted(&groups, Path::new("/sys/fs/cgroup"));
    let all = machine.into_iter().chain(granted).min();
    all.map_or(UNKNOWN, |bytes| (bytes / 2).max(LEAST))
}

/// Least that the control groups of a process and their parents grant, bytes; `groups` is the content
/// of `/proc/PID/cgroup`, and `mounted` where the groups are seen.
///
/// Slurm, systemd and HTCondor limit a job's own group or one above it, in version 2 of the interface
/// (`memory.max`, `memory.high`) or in version 1 (`memory.limit_in_bytes`).
fn granted(groups: &str, mounted: &Path) -> Option<u64> {
    let number =
        |path: PathBuf| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let mut found: Vec<u64> = Vec::new();
    for line in groups.lines() {
        // hierarchy:controllers:path
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let (root, names): (PathBuf, &[&str]) = match controllers {
            "" => (mounted.to_path_buf(), &["memory.max", "memory.high"]),
            of if of.split(',').any(|controller| controller == "memory") => {
                (mounted.join("memory"), &["memory.limit_in_bytes"])
            }
            _ => continue,
        };
        // In a container the path may lead out of what is mounted; then the mounted root counts.
        let inside: PathBuf =
            Path::new(path).components().filter(|c| matches!(c, Component::Normal(_))).collect();
        for group in inside.ancestors() {
            found.extend(names.iter().filter_map(|name| number(root.join(group).join(name))));
        }
    }
    found.into_iter().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in [
            ("4 GiB", 4 << 30),
            ("4gib", 4 << 30),
            ("0.5 GiB", 512 << 20),
            ("2 GB", 2_000_000_000),
            ("1073741824", 1 << 30),
            ("300M", 300 << 20),
        ] {
            assert_eq!(parse(text).unwrap(), bytes, "{text}");
        }
        for wrong in
            ["", "GiB", "-1 GiB", "4 GiBs", "1e3", "12 KB", "1 MiB", "9999999 TiB", "1.2.3 GiB"]
        {
            let message = parse(wrong).unwrap_err().to_string();
            assert!(message.contains("such as \"4 GiB\""), "{message}");
        }
        assert!(default_limit() >= LEAST);
    }

    #[test]
    fn the_own_group_and_those_above_it_limit_in_both_versions() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        // Version 2, as Slurm and systemd arrange it: the step is free, the job above it is not.
        write("system.slice/job_7/step_0/memory.max", "max\n");
        write("system.slice/job_7/memory.max", "4000000000\n");
        write("system.slice/memory.max", "8000000000\n");
        let v2 = "0::/system.slice/job_7/step_0\n";
        assert_eq!(granted(v2, dir.path()), Some(4_000_000_000));
        write("system.slice/job_7/memory.high", "3000000000\n");
        assert_eq!(granted(v2, dir.path()), Some(3_000_000_000));
        // Version 1: a tree of its own for memory; no limit is a number above any machine.
        write("memory/slurm/uid_1/job_9/memory.limit_in_bytes", "2000000000\n");
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        let v1 = "12:cpuset:/slurm\n7:memory:/slurm/uid_1/job_9/step_0\n0::/\n";
        assert_eq!(granted(v1, dir.path()), Some(2_000_000_000));
        // A container sees its own group as the root.
        write("memory.max", "1000000000\n");
        assert_eq!(granted("0::/../../job_8\n", dir.path()), Some(1_000_000_000));
        assert_eq!(granted("", dir.path()), None);
    }
}
