//! Matrix Market files: `coordinate`, `real` or `integer`, `general`.
//!
//! Format: Boisvert, Pozo, Remington: The Matrix Market Exchange Formats, NISTIR 5935 (1996).

use std::path::Path;

use super::RawMatrix;
use crate::dataset::DatasetError;
use crate::dataset::error::{Place, Problem};

/// Characters of a faulty line that a message quotes.
const QUOTED: usize = 40;

/// Reads a Matrix Market file.
///
/// # Errors
/// The file is missing or not what its header announces: the message names the line.
pub fn read(path: &Path) -> Result<RawMatrix, DatasetError> {
    let expected = "a Matrix Market file";
    let bytes = std::fs::read(path).map_err(|e| DatasetError::io(path, e, expected))?;
    parse(&bytes, path)
}

/// Reads a Matrix Market file from its bytes; `path` is for messages.
///
/// Entries come back in the file's order; positions are checked against the shape, values are
/// finite, no position occurs twice. Nothing is allocated on the word of the header alone.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], path: &Path) -> Result<RawMatrix, DatasetError> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| DatasetError::file(path, Problem::NotUtf8))?;
    let mut lines = text.lines().enumerate().map(|(n, line)| (n + 1, line));
    check_header(lines.next().map_or("", |l| l.1), path)?;
    let mut content =
        lines.filter(|(_, l)| !l.starts_with('%') && !l.trim().is_empty());
    let (line, sizes) = content.next().ok_or_else(|| {
        let problem = Problem::Truncated { what: "size lines", expected: 1, found: 0 };
        DatasetError::file(path, problem)
    })?;
    let fault = |line: usize, expected: &'static str, found: &str| {
        let found = found.chars().take(QUOTED).collect();
        DatasetError::at(path, Place::Line(line), Problem::Syntax { expected, found })
    };
    let size_fault = || fault(line, "three whole numbers: rows, columns, entries", sizes);
    let mut fields = sizes.split_ascii_whitespace().map(|f| f.parse::<u32>());
    let mut next = || fields.next().and_then(Result::ok).ok_or_else(size_fault);
    let (rows, cols, count) = (next()? as usize, next()? as usize, next()? as usize);
    if fields.next().is_some() {
        return Err(size_fault());
    }
    // An entry takes six bytes at least ("1 1 1\n"): more than that cannot be there.
    let mut entries = Vec::with_capacity(count.min(bytes.len() / 6 + 1));
    for (line, text) in content {
        if entries.len() == count {
            let (expected, found) = (count as u64, count as u64 + 1);
            let problem = Problem::Excess { what: "entries", expected, found };
            return Err(DatasetError::at(path, Place::Line(line), problem));
        }
        let malformed = || fault(line, "an entry `row column value`", text);
        let mut fields = text.split_ascii_whitespace();
        let mut next = || fields.next().ok_or_else(malformed);
        let row: usize = next()?.parse().map_err(|_| malformed())?;
        let col: usize = next()?.parse().map_err(|_| malformed())?;
        let value: f64 = next()?.parse().map_err(|_| malformed())?;
        if fields.next().is_some() {
            return Err(malformed());
        }
        for (what, at, limit) in [("row", row, rows), ("column", col, cols)] {
            if at == 0 || at > limit {
                let (value, range) = (format!("{what} {at}"), format!("1 to {limit}"));
                let problem = Problem::OutOfRange { value, range };
                return Err(DatasetError::at(path, Place::Line(line), problem));
            }
        }
        if !value.is_finite() {
            let problem = Problem::NotFinite(value);
            return Err(DatasetError::at(path, Place::Line(line), problem));
        }
        entries.push((row as u32 - 1, col as u32 - 1, value));
    }
    if entries.len() < count {
        let (expected, found) = (count as u64, entries.len() as u64);
        return Err(DatasetError::file(path, Problem::Truncated { what: "entries", expected, found }));
    }
    super::check_duplicates(&entries, path)?;
    Ok(RawMatrix { rows, cols, entries })
}

fn check_header(line: &str, path: &Path) -> Result<(), DatasetError> {
    let words: Vec<String> = line.split_ascii_whitespace().map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["%%matrixmarket", "matrix", "coordinate", "real" | "integer", "general"] => Ok(()),
        ["%%matrixmarket", ..] => {
            let what = format!("`{}`", line.chars().take(2 * QUOTED).collect::<String>());
            let expected = "`%%MatrixMarket matrix coordinate real general`";
            let problem = Problem::Unsupported { what, expected };
            Err(DatasetError::at(path, Place::Line(1), problem))
        }
        _ => {
            let found = line.chars().take(QUOTED).collect();
            let expected = "a line that starts with %%MatrixMarket";
            Err(DatasetError::at(path, Place::Line(1), Problem::Syntax { expected, found }))
        }
    }
}
