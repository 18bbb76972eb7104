//! The one reader of CSV files, for files that somebody else may have written.
//!
//! Commas, semicolons and tabs are told apart by the first line; with the latter two, decimal commas
//! are read as points. Other encodings than UTF-8 are named. A row has bounded length.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::TableError;
use crate::formula::plain;

/// Most bytes of the first line.
const MAX_HEADER: u64 = 1 << 20;

/// Most bytes of a row.
const MAX_ROW: u64 = 16 << 20;

/// A CSV file, row by row.
pub struct Delimited {
    path: PathBuf,
    /// Column names, without blanks around them.
    header: Vec<String>,
    reader: csv::Reader<Bounded>,
    record: csv::StringRecord,
    /// Whether a comma stands for a decimal point.
    decimal_comma: bool,
    /// Columns before the first that counts: row names that R writes have no header.
    skipped: usize,
    bytes: Rc<Cell<u64>>,
}

/// Bytes, as long as no row takes too many.
struct Bounded {
    inner: Box<dyn Read>,
    /// Bytes handed over since the last row began.
    bytes: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + read as u64);
        if self.bytes.get() > MAX_ROW {
            let problem = format!("a row of more than {MAX_ROW} bytes");
            return Err(std::io::Error::other(problem));
        }
        Ok(read)
    }
}

impl Delimited {
    /// Opens a file: a regular one, or a pipe if `pipes` may stand for files.
    ///
    /// # Errors
    /// The file is missing, a device, in another encoding, or its first line has columns twice.
    pub fn open(path: &Path, pipes: bool) -> Result<Self, TableError> {
        let file = if pipes && is_pipe(path) {
            std::fs::File::open(path).map_err(TableError::io(path))?
        } else {
            crate::read::open(path)?
        };
        Self::new(Box::new(file), path)
    }

    /// Reads what somebody hands over; `path` stands in errors.
    ///
    /// # Errors
    /// As [`Delimited::open`].
    pub fn new(inner: Box<dyn Read>, path: &Path) -> Result<Self, TableError> {
        let mut inner = BufReader::new(inner);
        let mut line = Vec::new();
        let mut start = inner.by_ref().take(MAX_HEADER);
        start.read_until(b'\n', &mut line).map_err(TableError::io(path))?;
        if line.len() as u64 == MAX_HEADER {
            let what = "bytes in its first line";
            return Err(TableError::TooLarge { path: path.to_path_buf(), what, limit: MAX_HEADER });
        }
        let line = utf8(&line, path)?.to_string();
        // Spreadsheets put a byte order mark before the first name.
        let line = line.trim_start_matches('\u{feff}').to_string();
        let delimiter = delimiter(&line);
        let bytes = Rc::new(Cell::new(0));
        let inner = Box::new(std::io::Cursor::new(line.into_bytes()).chain(inner));
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).buffer_capacity(1 << 16);
        let mut reader = builder.from_reader(Bounded { inner, bytes: bytes.clone() });
        let names = reader.headers().map_err(|e| TableError::csv(path, e))?;
        let mut header: Vec<String> = names.iter().map(|h| h.trim().to_string()).collect();
        let skipped = usize::from(header.len() > 1 && header[0].is_empty());
        header.drain(..skipped);
        for (n, name) in header.iter().enumerate() {
            if header[..n].contains(name) && !name.is_empty() {
                let problem = format!("has the column `{name}` twice");
                return Err(TableError::csv(path, problem));
            }
        }
        let record = csv::StringRecord::new();
        let decimal_comma = delimiter != b',';
        let path = path.to_path_buf();
        Ok(Delimited { path, header, reader, record, decimal_comma, skipped, bytes })
    }

    /// Column names.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// Goes to the next row; `false` after the last.
    ///
    /// # Errors
    /// The file cannot be read, is not UTF-8, or has rows of different lengths.
    pub fn advance(&mut self) -> Result<bool, TableError> {
        self.bytes.set(0);
        let read = self.reader.read_record(&mut self.record);
        read.map_err(|error| match error.kind() {
            csv::ErrorKind::Utf8 { .. } => {
                let line = error.position().map_or(0, csv::Position::line);
                TableError::csv(&self.path, format!("line {line}: {NOT_UTF8}"))
            }
            _ => TableError::csv(&self.path, error),
        })
    }

    /// A cell of the row, without blanks around it and what keeps spreadsheets from taking it for a
    /// formula ([`plain`]); empty where the row is too short.
    pub fn cell(&self, column: usize) -> &str {
        plain(self.record.get(column + self.skipped).unwrap_or_default().trim())
    }

    /// A cell as it is written elsewhere: with a decimal point.
    pub fn text(&self, column: usize) -> std::borrow::Cow<'_, str> {
        let cell = self.cell(column);
        if self.decimal_comma && is_decimal_comma(cell) {
            return cell.replace(',', ".").into();
        }
        cell.into()
    }
}

impl std::fmt::Debug for Delimited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delimited").field("path", &self.path).finish_non_exhaustive()
    }
}

const NOT_UTF8: &str = "not UTF-8 (Latin-1?); save it as UTF-8";

fn utf8<'a>(line: &'a [u8], path: &Path) -> Result<&'a str, TableError> {
    if line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]) || line.contains(&0) {
        return Err(TableError::csv(path, "not UTF-8 (UTF-16?); save it as UTF-8"));
    }
    std::str::from_utf8(line).map_err(|_| TableError::csv(path, format!("line 1: {NOT_UTF8}")))
}

/// What separates the cells of a first line: a comma wherever there is one outside of quotes.
fn delimiter(line: &str) -> u8 {
    let mut quoted = false;
    let (mut semicolon, mut tab) = (false, false);
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => return b',',
            b';' if !quoted => semicolon = true,
            b'\t' if !quoted => tab = true,
            _ => {}
        }
    }
    match (tab, semicolon) {
        (true, _) => b'\t',
        (false, true) => b';',
        _ => b',',
    }
}

/// Whether a cell is a number with a decimal comma.
fn is_decimal_comma(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let Some((whole, rest)) = digits.split_once(',') else { return false };
    let (part, exponent) = match rest.split_once(['e', 'E']) {
        Some((part, exponent)) => (part, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        None => (rest, "0"),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    [whole, part, exponent].into_iter().all(all_digits) && !(part.is_empty() || exponent.is_empty())
}

fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        std::fs::metadata(path).is_ok_and(|m| m.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &'static [u8]) -> Result<Vec<Vec<String>>, String> {
        let words = |e: TableError| e.to_string();
        let mut table = Delimited::new(Box::new(text), Path::new("t.csv")).map_err(words)?;
        let mut rows = vec![table.header().to_vec()];
        while table.advance().map_err(words)? {
            let cells = (0..table.header().len()).map(|c| table.text(c).into_owned());
            rows.push(cells.collect());
        }
        Ok(rows)
    }

    #[test]
    fn separators_and_decimal_commas() {
        let expected = vec![vec!["area", "phi"], vec!["Aland", "0.5"]];
        for text in [
            &b"area,phi\nAland,0.5\n"[..],
            b"\xef\xbb\xbfarea;phi\r\nAland;0,5\r\n",
            b"area;phi\nAland;0.5\n",
            b"area\tphi\nAland\t0,5\n",
            b"\"\",\"area\",\"phi\"\n\"1\",\"Aland\",0.5\n",
        ] {
            assert_eq!(rows(text).unwrap(), expected, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(rows(b"a;b\n1,5e-3;x,y\n").unwrap()[1], ["1.5e-3", "x,y"]);
        // A comma outside of quotes separates, whatever stands beside it.
        assert_eq!(rows(b"a;b,c\n1;2,3\n").unwrap()[1], ["1;2", "3"]);
    }

    #[test]
    fn what_is_no_table_is_named() {
        let problem = |text| rows(text).unwrap_err();
        assert!(problem(b"\xff\xfea\0,\0b\0").contains("UTF-16"));
        assert!(problem(b"a,b\nC\xf4te,1\n").contains("line 2: not UTF-8 (Latin-1?)"));
        assert!(problem(b"area,item,area\n1,2,3\n").contains("`area` twice"));
        assert!(problem(b"a,b\n1\n").contains("1 field"));
    }

    #[test]
    fn long_lines_are_refused_early() {
        struct Endless(u8);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(self.0);
                Ok(buffer.len())
            }
        }
        let open = |inner| Delimited::new(inner, Path::new("t.csv"));
        let error = open(Box::new(Endless(b'x'))).unwrap_err();
        assert!(matches!(error, TableError::TooLarge { .. }), "{error}");
        let mut table = open(Box::new((&b"a,b\n\""[..]).chain(Endless(b'\n')))).unwrap();
        let error = table.advance().unwrap_err().to_string();
        assert!(error.contains("a row of more than"), "{error}");
    }
}
