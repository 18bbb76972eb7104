//! Matrix Market text files: `coordinate` and `array`; `real`, `integer` and `unsigned-integer`;
//! `general` and `symmetric`, of which the lower triangle is written.
//!
//! Format: <https://math.nist.gov/MatrixMarket/formats.html>. Nothing is allocated because the
//! size line announces it; only what the lines hold counts.

use std::path::Path;

use super::entries::{self, Entry, ValueRange};
use crate::dataset::error::{DatasetError, FilePlace, Problem};

/// Shortest line of an entry, `1 1 0` and a line end: bounds how many a file can hold.
const SHORTEST_LINE: usize = 6;

/// Reads the entries of a Matrix Market file, in row order; see [`parse`].
///
/// # Errors
/// The file cannot be read, or as [`parse`].
pub fn read(
    path: &Path,
    shape: (usize, usize),
    range: ValueRange,
) -> Result<Vec<Entry>, DatasetError> {
    let bytes = entries::read_bytes(path, "a Matrix Market file of the published layout")?;
    parse(&bytes, path, shape, range)
}

/// Parses the content of a Matrix Market file; `path` only names it in errors.
///
/// Returns the stored entries in row order, explicit zeros of `coordinate` files included.
/// `shape` is the shape (rows, columns) the file must have.
///
/// # Errors
/// Anything that is not a complete, correct matrix of that shape with values within `range`,
/// and a position that occurs twice.
pub fn parse(
    bytes: &[u8],
    path: &Path,
    shape: (usize, usize),
    range: ValueRange,
) -> Result<Vec<Entry>, DatasetError> {
    let text = entries::as_text(bytes, path)?;
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let banner = lines.next().map_or("", |(_, line)| line);
    let at = |line, problem| DatasetError::at(path, FilePlace::Line(line), problem);
    let kind = Banner::parse(banner).map_err(|problem| at(1, problem))?;

    let mut content = lines
        .map(|(at, line)| (at, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('%'));
    let Some((size_line, sizes)) = content.next() else {
        return Err(DatasetError::file(
            path,
            Problem::Truncated { what: "size line", expected: 1, found: 0 },
        ));
    };
    let (found, announced) = kind.sizes(sizes).map_err(|problem| at(size_line, problem))?;
    entries::check_shape(found, shape).map_err(|problem| at(size_line, problem))?;

    if kind.symmetric && shape.0 != shape.1 {
        let text = "a symmetric matrix that is not square".to_string();
        return Err(at(size_line, Problem::Inconsistent(text)));
    }
    let backed = bytes.len() / SHORTEST_LINE + 1;
    let mut list: Vec<Entry> = Vec::with_capacity((announced as usize).min(backed));
    let mut count = 0u64;
    for (line, text) in content {
        count += 1;
        if count > announced {
            let problem = Problem::Excess { what: "entries", expected: announced, found: count };
            return Err(at(line, problem));
        }
        let entry = kind.entry(text, count - 1, shape).map_err(|problem| at(line, problem))?;
        range.check(entry.2).map_err(|problem| at(line, problem))?;
        if kind.symmetric && entry.0 < entry.1 {
            let (row, col) = (entry.0 + 1, entry.1 + 1);
            let text =
                format!("entry ({row}, {col}) of a symmetric matrix lies above its diagonal");
            return Err(at(line, Problem::Inconsistent(text)));
        }
        // An array file writes every position; the empty ones are no entries.
        if kind.coordinate || entry.2 != 0.0 {
            list.push(entry);
            if kind.symmetric && entry.0 != entry.1 {
                list.push((entry.1, entry.0, entry.2));
            }
        }
    }
    if count < announced {
        let problem = Problem::Truncated { what: "entries", expected: announced, found: count };
        return Err(DatasetError::file(path, problem));
    }
    entries::in_row_order(list, path)
}

/// What the first line announces.
struct Banner {
    coordinate: bool,
    integer: bool,
    symmetric: bool,
}

impl Banner {
    fn parse(banner: &str) -> Result<Banner, Problem> {
        let words: Vec<String> = banner.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ["%%matrixmarket", "matrix", format, field, symmetry] = words[..] else {
            return Err(Problem::Syntax {
                expected: "`%%MatrixMarket matrix coordinate real general`",
                found: entries::shorten(banner),
            });
        };
        let unsupported = |word: &str, expected| {
            let what = format!("Matrix Market kind `{}`", entries::shorten(word));
            Err(Problem::Unsupported { what, expected })
        };
        match (format, field, symmetry) {
            (
                "coordinate" | "array",
                "real" | "double" | "integer" | "unsigned-integer",
                "general" | "symmetric",
            ) => Ok(Banner {
                coordinate: format == "coordinate",
                integer: field.ends_with("integer"),
                symmetric: symmetry == "symmetric",
            }),
            ("coordinate" | "array", "real" | "double" | "integer" | "unsigned-integer", other) => {
                unsupported(other, "`general` or `symmetric`")
            }
            ("coordinate" | "array", other, _) => unsupported(other, "`real` or `integer`"),
            (other, _, _) => unsupported(other, "`coordinate` or `array`"),
        }
    }

    /// Shape and announced number of entries.
    fn sizes(&self, line: &str) -> Result<((usize, usize), u64), Problem> {
        let numbers: Option<Vec<usize>> =
            line.split_whitespace().map(|word| word.parse().ok()).collect();
        match (self.coordinate, numbers.as_deref()) {
            (true, Some(&[rows, cols, nnz])) => Ok(((rows, cols), nnz as u64)),
            (false, Some(&[rows, cols])) => {
                let all = (rows as u64).saturating_mul(cols as u64);
                let lower = (rows as u64).saturating_mul(rows as u64 + 1) / 2;
                Ok(((rows, cols), if self.symmetric { lower } else { all }))
            }
            (coordinate, _) => Err(Problem::Syntax {
                expected: match coordinate {
                    true => "rows, columns and number of entries",
                    false => "rows and columns",
                },
                found: entries::shorten(line),
            }),
        }
    }

    /// The entry on a line, the `position`-th of the file, counted from 0.
    fn entry(&self, line: &str, position: u64, shape: (usize, usize)) -> Result<Entry, Problem> {
        let mut words = line.split_ascii_whitespace();
        let (row, col) = match self.coordinate {
            true => (
                index(words.next(), shape.0, "row", line)?,
                index(words.next(), shape.1, "column", line)?,
            ),
            // Column by column. Positions stay below rows x columns, so they fit.
            false if self.symmetric => lower(position, shape.0 as u64),
            false => ((position % shape.0 as u64) as u32, (position / shape.0 as u64) as u32),
        };
        let value = words.next().unwrap_or_default();
        let parsed = match self.integer {
            true => value.parse::<i64>().ok().map(|v| v as f64),
            false => value.parse::<f64>().ok(),
        };
        match (parsed, words.next()) {
            (Some(value), None) => Ok((row, col, value)),
            _ => Err(Problem::Syntax {
                expected: match (self.coordinate, self.integer) {
                    (true, false) => "row, column and a number",
                    (true, true) => "row, column and a whole number",
                    (false, false) => "a number",
                    (false, true) => "a whole number",
                },
                found: entries::shorten(line),
            }),
        }
    }
}

/// Row and column of the `position`-th number of a lower triangle, column by column.
fn lower(position: u64, size: u64) -> (u32, u32) {
    let (mut column, mut left) = (0, position);
    while left >= size - column {
        left -= size - column;
        column += 1;
    }
    ((column + left) as u32, column as u32)
}

/// An index counted from 1 in the file, from 0 in the result.
fn index(word: Option<&str>, size: usize, what: &str, line: &str) -> Result<u32, Problem> {
    let Some(number) = word.and_then(|w| w.parse::<i64>().ok()) else {
        let expected = "row, column and a number";
        return Err(Problem::Syntax { expected, found: entries::shorten(line) });
    };
    if number < 1 || number as u64 > size as u64 {
        let range = format!("1 to {size}");
        return Err(Problem::OutOfRange { value: format!("{what} {number}"), range });
    }
    u32::try_from(number - 1).map_err(|_| Problem::TooLarge {
        what: "index",
        size: number as u64,
        limit: u64::from(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<Vec<Entry>, String> {
        parse(text.as_bytes(), Path::new("m.mtx"), (2, 3), ValueRange::NonNegative)
            .map_err(|e| e.to_string())
    }

    fn coordinate(body: &str) -> Result<Vec<Entry>, String> {
        parse_text(&format!("%%MatrixMarket matrix coordinate real general\n{body}"))
    }

    #[test]
    fn coordinate_files_with_comments_in_any_order() {
        let list = coordinate("% made by hand\n%\n2 3 3\n2 1 4e-1\n\n1 3 0.0\n% late\n1 2 7\n");
        assert_eq!(list.unwrap(), [(0, 1, 7.0), (0, 2, 0.0), (1, 0, 0.4)]);
    }

    #[test]
    fn integer_and_array_files() {
        let integer = "%%matrixmarket MATRIX coordinate integer general\r\n2 3 1\r\n2 3 12\r\n";
        assert_eq!(parse_text(integer).unwrap(), [(1, 2, 12.0)]);
        let array = "%%MatrixMarket matrix array real general\n2 3\n1\n0\n2\n3\n0\n0\n";
        assert_eq!(parse_text(array).unwrap(), [(0, 0, 1.0), (0, 1, 2.0), (1, 1, 3.0)]);
    }

    #[test]
    fn symmetric_and_unsigned_files() {
        let square = |text: &str| {
            parse(text.as_bytes(), Path::new("m.mtx"), (3, 3), ValueRange::NonNegative)
                .map_err(|e| e.to_string())
        };
        let symmetric =
            "%%MatrixMarket matrix coordinate unsigned-integer symmetric\n3 3 2\n2 1 4\n3 3 5\n";
        assert_eq!(square(symmetric).unwrap(), [(0, 1, 4.0), (1, 0, 4.0), (2, 2, 5.0)]);
        let array = "%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n0\n0\n3\n4\n";
        let expected =
            [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 2.0), (1, 2, 3.0), (2, 1, 3.0), (2, 2, 4.0)];
        assert_eq!(square(array).unwrap(), expected);
        let above = symmetric.replace("2 1 4", "1 2 4");
        assert!(square(&above).unwrap_err().contains("line 3: entry (1, 2) of a symmetric matrix"));
        assert!(
            parse_text(&symmetric.replace("3 3 2", "2 3 2")).unwrap_err().contains("not square")
        );
    }

    #[test]
    fn every_fault_names_file_and_line() {
        let cases = [
            ("2 3 1\n3 1 1\n", "m.mtx, line 3: row 3 lies outside 1 to 2"),
            ("2 3 1\n1 0 1\n", "m.mtx, line 3: column 0 lies outside 1 to 3"),
            ("2 3 1\n1 1 -2\n", "m.mtx, line 3: -2 is negative"),
            ("2 3 1\n1 1 nan\n", "m.mtx, line 3: NaN is not a finite number"),
            ("2 3 1\n1 1 1e999\n", "m.mtx, line 3: inf is not a finite number"),
            ("2 3 1\n1 1 1x\n", "m.mtx, line 3: expected row, column and a number, found `1 1 1x`"),
            ("2 3 1\n1 1\n", "m.mtx, line 3: expected row, column and a number, found `1 1`"),
            (
                "2 3 1\n1 1 1 1\n",
                "m.mtx, line 3: expected row, column and a number, found `1 1 1 1`",
            ),
            ("2 3 2\n1 1 1\n", "m.mtx: ends early: expected 2 entries, found 1"),
            ("2 3 1\n1 1 1\n1 2 1\n", "m.mtx, line 4: holds more than announced"),
            ("2 3 2\n1 1 1\n1 1 1\n", "m.mtx, entry (1, 1): this position occurs twice"),
            ("3 2 0\n", "m.mtx, line 2: has shape 3 x 2, expected 2 x 3"),
            ("2 3\n", "m.mtx, line 2: expected rows, columns and number of entries"),
            ("", "m.mtx: ends early: expected 1 size line, found 0"),
            ("2 3 1\n1 1 0.12", "m.mtx, line 3: expected a line end"),
            // Announces far more than it holds: must not be allocated.
            ("2 3 18446744073709551615\n1 1 1\n", "m.mtx: ends early"),
        ];
        for (body, message) in cases {
            let found = coordinate(body).unwrap_err();
            assert!(found.starts_with(message), "{found}");
        }
        let kinds = [
            ("", "expected `%%MatrixMarket"),
            ("%%MatrixMarket matrix coordinate real hermitian\n", "`general` or `symmetric`"),
            ("%%MatrixMarket matrix coordinate complex general\n", "`real` or `integer`"),
            ("%%MatrixMarket matrix dense real general\n", "`coordinate` or `array`"),
        ];
        for (text, message) in kinds {
            let found = parse_text(text).unwrap_err();
            assert!(found.starts_with("m.mtx, line 1: ") && found.contains(message), "{found}");
        }
    }
}
