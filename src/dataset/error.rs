//! What can be wrong with a dataset: one sentence that names the file, the place and the cause.

use crate::hint::Hint;
use crate::objects::StoreProblem;
use std::path::{Path, PathBuf};

use shocksweep_columnar::TableError;

/// Bad input in a dataset, or a dataset that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}{place}: {problem}", path.display())]
pub struct DatasetError {
    /// The file or folder at fault.
    pub path: PathBuf,
    /// Where in it.
    pub place: FilePlace,
    /// What is wrong there.
    pub problem: Problem,
}

impl DatasetError {
    /// What would help.
    pub fn hint(&self) -> Option<Hint> {
        matches!(self.problem, Problem::Exists).then_some(Hint::ReplaceDataset)
    }
}

/// Where in a file something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// The file as a whole.
    Whole,
    /// A line, counted from 1.
    Line(usize),
    /// A row of a table, counted from 1 and without the header.
    Row(usize),
    /// A row and the column of that name.
    Cell(usize, String),
    /// A member of an archive.
    Member(String),
    /// Element `1` of an array in an archive's member `0`, counted from 0.
    Element(String, usize),
    /// An entry of a matrix, row and column counted from 1.
    Entry(usize, usize),
    /// A key of a TOML file or a named column.
    Key(String),
    /// An entry or a block, in words.
    Named(String),
}

impl std::fmt::Display for FilePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FilePlace::Whole => Ok(()),
            FilePlace::Line(line) => write!(f, ", line {line}"),
            FilePlace::Row(row) => write!(f, ", row {row}"),
            FilePlace::Cell(row, column) => write!(f, ", row {row}, column `{column}`"),
            FilePlace::Member(member) => write!(f, ", member `{member}`"),
            FilePlace::Element(member, at) => write!(f, ", member `{member}`, element {at}"),
            FilePlace::Entry(row, col) => write!(f, ", entry ({row}, {col})"),
            FilePlace::Key(key) => write!(f, ", `{key}`"),
            FilePlace::Named(words) => write!(f, ", {words}"),
        }
    }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file or folder that must be there is not.
    #[error("not found; expected {expected}")]
    Missing {
        /// What it should hold.
        expected: &'static str,
    },
    /// The output exists already.
    #[error("exists already")]
    Exists,
    /// The operating system refused.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A store that refuses, or does not answer.
    #[error("{0}")]
    Store(StoreProblem),
    /// Text that is not UTF-8.
    #[error("not valid UTF-8 text")]
    NotUtf8,
    /// Less content than announced.
    #[error("ends early: expected {expected} {what}, found {found}")]
    Truncated {
        /// What is counted.
        what: &'static str,
        /// How many the file announces.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// More content than announced.
    #[error("holds more than announced: expected {expected} {what}, found {found} or more")]
    Excess {
        /// What is counted.
        what: &'static str,
        /// How many the file announces.
        expected: u64,
        /// How many there are at least.
        found: u64,
    },
    /// Matrix or vector of another size than the labels say.
    #[error("has shape {rows} x {cols}, expected {want_rows} x {want_cols} ({because})")]
    Shape {
        /// Rows found.
        rows: usize,
        /// Columns found.
        cols: usize,
        /// Rows expected.
        want_rows: usize,
        /// Columns expected.
        want_cols: usize,
        /// Where the expectation comes from.
        because: &'static str,
    },
    /// Text that cannot be parsed.
    #[error("expected {expected}, found `{found}`")]
    Syntax {
        /// What should stand there.
        expected: &'static str,
        /// What stands there, shortened.
        found: String,
    },
    /// NaN or an infinity.
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    /// A negative amount or share.
    #[error("{0} is negative")]
    Negative(f64),
    /// A value outside its range.
    #[error("{value} lies outside {range}")]
    OutOfRange {
        /// The value.
        value: String,
        /// The range it should lie in.
        range: String,
    },
    /// A position or key that occurs twice.
    #[error("{0} occurs twice")]
    Duplicate(String),
    /// A label that no table defines, or an ambiguous one.
    #[error("{0}")]
    Name(String),
    /// Anything the format does not support.
    #[error("{what} is not supported; expected {expected}")]
    Unsupported {
        /// What was found.
        what: String,
        /// What can be read.
        expected: &'static str,
    },
    /// Two parts that contradict each other.
    #[error("{0}")]
    Inconsistent(String),
    /// A size no honest file would have.
    #[error("{what} of {size} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// An archive, or an array in it, that cannot be decoded.
    #[error("not a readable archive of arrays: {0}")]
    Archive(String),
    /// A CSV table that cannot be read.
    #[error("not a readable CSV table: {0}")]
    Csv(String),
    /// A Parquet table that cannot be decoded.
    #[error("not a readable Parquet table: {0}")]
    Parquet(String),
    /// Content that does not match its recorded hash.
    #[error(
        "content hash is {found}, but dataset.toml records {recorded}: the dataset was changed or damaged"
    )]
    Hash {
        /// Hash computed from the content.
        found: String,
        /// Hash in `dataset.toml`.
        recorded: String,
    },
}

impl DatasetError {
    /// An error about a file as a whole.
    pub fn file(path: &Path, problem: impl Into<Problem>) -> Self {
        DatasetError::at(path, FilePlace::Whole, problem)
    }

    /// An error at a place in a file.
    pub fn at(path: &Path, place: FilePlace, problem: impl Into<Problem>) -> Self {
        DatasetError { path: path.to_path_buf(), place, problem: problem.into() }
    }

    /// A table that cannot be read; a missing file becomes [`Problem::Missing`].
    pub fn table(error: TableError, expected: &'static str) -> Self {
        let path = error.path().to_path_buf();
        match error {
            TableError::Io { source, .. } => DatasetError::io(&path, source, expected),
            TableError::Csv { problem, .. } => DatasetError::file(&path, Problem::Csv(problem)),
            TableError::Parquet { problem, .. } => {
                DatasetError::file(&path, Problem::Parquet(problem))
            }
            TableError::TooLarge { what, limit, .. } => {
                DatasetError::file(&path, Problem::TooLarge { what, size: limit + 1, limit })
            }
            TableError::Missing { column, .. } => {
                let problem = Problem::Missing { expected: "a column of that name" };
                DatasetError::at(&path, FilePlace::Key(column), problem)
            }
            TableError::Kind { column, kind, expected, .. } => {
                let problem = Problem::Unsupported { what: format!("type {kind}"), expected };
                DatasetError::at(&path, FilePlace::Key(column), problem)
            }
        }
    }

    /// An input or output error, with "not found" turned into [`Problem::Missing`].
    pub fn io(path: &Path, source: std::io::Error, expected: &'static str) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => DatasetError::file(path, Problem::Missing { expected }),
            _ => DatasetError::file(path, Problem::Io(source)),
        }
    }
}
