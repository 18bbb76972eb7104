//! What is wrong with a table.

use std::path::{Path, PathBuf};

/// A table that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The operating system refused.
    #[error("{}: {}", path.display(), io_problem(source))]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not CSV.
    #[error("{}: not a readable CSV table: {problem}", path.display())]
    Csv {
        /// File.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// Not Parquet.
    #[error("{}: not a readable Parquet table: {problem}", path.display())]
    Parquet {
        /// File.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// More than any table of a user has.
    #[error("{}: has more than {limit} {what}; expected a smaller table", path.display())]
    TooLarge {
        /// File.
        path: PathBuf,
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// A column that is not there.
    #[error("{}: has no column `{column}`", path.display())]
    Missing {
        /// File.
        path: PathBuf,
        /// Column.
        column: String,
    },
    /// A column type that is not what is wanted.
    #[error("{}, column `{}`: type {kind} is not supported; expected {expected}", path.display(), shown(column))]
    Kind {
        /// File.
        path: PathBuf,
        /// Column.
        column: String,
        /// Its type.
        kind: String,
        /// What is wanted.
        expected: &'static str,
    },
}

impl TableError {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            TableError::Io { path, .. }
            | TableError::Csv { path, .. }
            | TableError::Parquet { path, .. }
            | TableError::TooLarge { path, .. }
            | TableError::Missing { path, .. }
            | TableError::Kind { path, .. } => path,
        }
    }

    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> TableError {
        let path = path.to_path_buf();
        move |source| TableError::Io { path: path.clone(), source }
    }

    pub(crate) fn parquet(path: &Path) -> impl Fn(String) -> TableError {
        let path = path.to_path_buf();
        move |problem| TableError::Parquet { path: path.clone(), problem: shown(&problem) }
    }

    pub(crate) fn csv(path: &Path, problem: impl ToString) -> TableError {
        TableError::Csv { path: path.to_path_buf(), problem: shown(&problem.to_string()) }
    }
}

impl From<TableError> for std::io::Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io { source, .. } => source,
            TableError::TooLarge { what, limit, .. } => {
                let problem = format!("has more than {limit} {what}");
                std::io::Error::new(std::io::ErrorKind::InvalidData, problem)
            }
            other => std::io::Error::other(other.to_string()),
        }
    }
}

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {source}", path.display())]
pub struct WriteError {
    /// File.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

impl WriteError {
    /// Of a file.
    pub fn at(path: &Path) -> impl Fn(std::io::Error) -> WriteError {
        let path = path.to_path_buf();
        move |source| WriteError { path: path.clone(), source }
    }
}

fn io_problem(source: &std::io::Error) -> String {
    match source.kind() {
        std::io::ErrorKind::NotFound => "not found; expected a table (CSV or Parquet)".into(),
        _ => source.to_string(),
    }
}

/// Text with what steers a terminal written out; line ends stay.
pub fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && steers(c) { seen.extend(c.escape_unicode()) } else { seen.push(c) }
    }
    seen
}

/// Characters of a word that is shown whole.
const WORD: usize = 160;

/// The same with long words cut in their middle: nobody reads a name of a thousand letters, and a path is
/// known by both its ends.
pub fn brief(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            short.push(' ');
        }
        let characters = word.chars().count();
        if characters <= WORD {
            short.push_str(word);
            continue;
        }
        short.extend(word.chars().take(WORD / 2));
        short.push('…');
        short.extend(word.chars().skip(characters - WORD / 2));
    }
    short
}

/// Whether a character moves the cursor, colours a line or turns the direction of writing.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Characters of somebody else's text that an error quotes.
const SHOWN: usize = 160;

/// A piece of somebody else's text that a terminal can show: short, and without characters that
/// move the cursor, colour the line or turn the direction of writing.
pub fn shown(text: &str) -> String {
    let mut short = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == SHOWN {
            short.push('…');
            break;
        }
        if steers(c) { short.extend(c.escape_unicode()) } else { short.push(c) }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_steers_nothing() {
        assert_eq!(shown("Côte d'Ivoire"), "Côte d'Ivoire");
        assert_eq!(shown("a\u{1b}[31m\n"), "a\\u{1b}[31m\\u{a}");
        assert_eq!(shown("\u{202e}txt"), "\\u{202e}txt");
        assert_eq!(visible("a\u{1b}[2J\nb"), "a\\u{1b}[2J\nb");
        assert_eq!(shown(&"x".repeat(10_000)).chars().count(), SHOWN + 1);
        assert_eq!(brief("unknown area `x`"), "unknown area `x`");
        let long = brief(&format!("unknown area `{}`, did you mean", "x".repeat(10_000)));
        assert_eq!(long.chars().count(), "unknown area  did you mean".len() + WORD + 1);
        assert!(long.starts_with("unknown area `xx") && long.ends_with("x`, did you mean"));
    }
}
