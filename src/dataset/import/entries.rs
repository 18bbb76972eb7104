//! What both matrix readers share: the entry, the allowed values, and reading a file whole.

use std::io::Read;
use std::path::Path;

use shocksweep_columnar::read;

use crate::dataset::error::{DatasetError, FilePlace, Problem};

/// `(row, column, value)`, both indices counted from 0 in the file's own order.
pub type Entry = (u32, u32, f64);

/// Largest file that is read at all, in bytes; the published ones stay below 100 MB.
pub const FILE_LIMIT: u64 = 4 << 30;

/// Shares may exceed 1 by rounding, but not by more than this.
const SHARE_TOLERANCE: f64 = 1e-9;

/// Which numbers a file may hold; NaN and infinities never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRange {
    /// Any finite number (rules: negative ones mean "none").
    Finite,
    /// An amount or a factor: 0 and above.
    NonNegative,
    /// A share: 0 to 1.
    Share,
}

impl ValueRange {
    /// Refuses a value outside the range.
    ///
    /// # Errors
    /// What is wrong with the value; the caller knows the place.
    pub fn check(self, value: f64) -> Result<(), Problem> {
        if !value.is_finite() {
            return Err(Problem::NotFinite(value));
        }
        if value < 0.0 && self != ValueRange::Finite {
            return Err(Problem::Negative(value));
        }
        if self == ValueRange::Share && value > 1.0 + SHARE_TOLERANCE {
            let range = "0 to 1, the range of a share".to_string();
            return Err(Problem::OutOfRange { value: value.to_string(), range });
        }
        Ok(())
    }
}

/// Refuses a shape other than the one that follows from the labels.
pub(super) fn check_shape(found: (usize, usize), want: (usize, usize)) -> Result<(), Problem> {
    if found == want {
        return Ok(());
    }
    Err(Problem::Shape {
        rows: found.0,
        cols: found.1,
        want_rows: want.0,
        want_cols: want.1,
        because: "from the areas, items and processes of the label files",
    })
}

/// Brings entries into row order and refuses a position that occurs twice.
pub(super) fn in_row_order(
    mut entries: Vec<Entry>,
    path: &Path,
) -> Result<Vec<Entry>, DatasetError> {
    // Most files are in order already, and then nothing is moved.
    if !entries.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
        entries.sort_unstable_by_key(|&(r, c, _)| (r, c));
        let twice =
            entries.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
        if let Some(pair) = twice {
            let place = FilePlace::Entry(pair[0].0 as usize + 1, pair[0].1 as usize + 1);
            return Err(DatasetError::at(path, place, Problem::Duplicate("this position".into())));
        }
    }
    Ok(entries)
}

/// The bytes of a file.
pub(super) fn read_bytes(path: &Path, expected: &'static str) -> Result<Vec<u8>, DatasetError> {
    let io = |e| DatasetError::io(path, e, expected);
    let file = read::open(path).map_err(|e| DatasetError::table(e, expected))?;
    let size = file.metadata().map_err(io)?.len();
    let too_large = |size| {
        DatasetError::file(
            path,
            Problem::TooLarge { what: "size in bytes", size, limit: FILE_LIMIT },
        )
    };
    if size > FILE_LIMIT {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    // A file that claims a size it cannot deliver must not abort the program.
    bytes.try_reserve_exact(size as usize + 1).map_err(|_| too_large(size))?;
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// The content as UTF-8 text whose last line is complete.
///
/// A text cut short within its last number would still parse, as another number; the missing
/// line end is the only trace it leaves. All programs that write these files end the last line.
pub(super) fn as_text<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a str, DatasetError> {
    let line_of = |at: usize| bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
    let text = std::str::from_utf8(bytes).map_err(|e| {
        DatasetError::at(path, FilePlace::Line(line_of(e.valid_up_to())), Problem::NotUtf8)
    })?;
    if !text.is_empty() && !text.ends_with('\n') {
        let problem = Problem::Syntax {
            expected: "a line end after the last line (the file may be cut short)",
            found: shorten(text.lines().next_back().unwrap_or_default()),
        };
        return Err(DatasetError::at(path, FilePlace::Line(line_of(bytes.len())), problem));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Text short enough for a message.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_refuse_what_lies_outside() {
        assert!(ValueRange::Finite.check(-1000.0).is_ok());
        assert!(matches!(ValueRange::Finite.check(f64::NAN), Err(Problem::NotFinite(_))));
        assert!(matches!(ValueRange::NonNegative.check(-1.0), Err(Problem::Negative(_))));
        assert!(ValueRange::Share.check(1.0 + 1e-10).is_ok());
        assert!(matches!(ValueRange::Share.check(1.1), Err(Problem::OutOfRange { .. })));
    }

    #[test]
    fn unordered_entries_are_ordered_and_duplicates_named() {
        let path = Path::new("m");
        let sorted = in_row_order(vec![(1, 0, 2.0), (0, 1, 1.0)], path).unwrap();
        assert_eq!(sorted, [(0, 1, 1.0), (1, 0, 2.0)]);
        let error = in_row_order(vec![(1, 0, 2.0), (0, 1, 1.0), (1, 0, 2.0)], path).unwrap_err();
        assert_eq!(error.to_string(), "m, entry (2, 1): this position occurs twice");
    }

    #[test]
    fn text_must_be_whole_and_utf8() {
        let path = Path::new("t");
        assert_eq!(as_text("\u{feff}a\n".as_bytes(), path).unwrap(), "a\n");
        let cut = as_text(b"a\n0.12", path).unwrap_err().to_string();
        assert!(cut.starts_with("t, line 2: expected a line end"), "{cut}");
        assert_eq!(as_text(b"a\nb\xff\n", path).unwrap_err().place, FilePlace::Line(2));
    }

    #[test]
    fn long_text_is_shortened_between_characters() {
        assert_eq!(shorten("short"), "short");
        assert_eq!(shorten(&"ä".repeat(50)), format!("{}...", "ä".repeat(40)));
    }
}
