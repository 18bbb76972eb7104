//! How much memory a run may use.

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

/// Half of the machine's memory, or of what its control group grants.
pub fn default_limit() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?.to_string();
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes << 10)
    });
    let granted = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    let all = machine.into_iter().chain(granted).min();
    all.map_or(UNKNOWN, |bytes| (bytes / 2).max(LEAST))
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
}
