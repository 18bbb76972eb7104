//! A label file of FABIO as text, and the distinct labels in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use shocksweep_columnar::read;

use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};

/// Bytes of a table of labels at most.
const LIMIT: u64 = 64 << 20;

/// A CSV file with a header.
pub struct CsvLabels {
    /// The file.
    pub path: PathBuf,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl CsvLabels {
    /// Reads the first of several files that is there, or gives `None`.
    ///
    /// The files are UTF-8, some regions' names in older ones Latin-1.
    ///
    /// # Errors
    /// The file cannot be read, or is not a table.
    pub fn find(folder: &Path, names: &[&str]) -> Result<Option<Self>, DatasetError> {
        let found = names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        let Some(path) = found else { return Ok(None) };
        let bytes =
            read::bytes(&path, LIMIT).map_err(|e| DatasetError::table(e, "a table of labels"))?;
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
        let bad = |e: csv::Error| {
            let line = e.position().map(|p| p.line() as usize);
            let text = format!("not a readable CSV table: {e}");
            let place = line.map_or(FilePlace::Whole, FilePlace::Line);
            DatasetError::at(&path, place, Problem::Inconsistent(text))
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(bad)?.iter().map(str::to_string).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(bad)?;
        if rows.is_empty() {
            let problem = Problem::Truncated { what: "rows or more", expected: 1, found: 0 };
            return Err(DatasetError::file(&path, problem));
        }
        Ok(Some(CsvLabels { path, header, rows }))
    }

    /// Number of rows, the header not counted.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Position of the first column with one of these names.
    pub fn position(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|h| h == name))
    }

    /// Position of a column that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn column(&self, names: &[&str]) -> Result<usize, DatasetError> {
        self.position(names).ok_or_else(|| {
            let place = FilePlace::Key(names.first().copied().unwrap_or_default().to_string());
            let problem = Problem::Missing { expected: "a column of that name" };
            DatasetError::at(&self.path, place, problem)
        })
    }

    /// A cell without spaces around it.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).unwrap_or_default()
    }

    /// An error about a cell.
    pub fn fail(&self, row: usize, column: usize, problem: impl Into<Problem>) -> DatasetError {
        let name = self.header.get(column).cloned().unwrap_or_default();
        DatasetError::at(&self.path, FilePlace::Cell(row + 1, name), problem)
    }
}

/// The distinct labels of a table, in byte order of their names.
pub struct Distinct {
    /// Names, each once.
    pub names: Vec<String>,
    /// The code that goes with each, unique too.
    pub codes: Vec<String>,
    /// Which of them every row of the table has.
    pub of_row: Vec<u32>,
}

impl Distinct {
    /// The labels whose codes stand in one column and whose names in another.
    ///
    /// # Errors
    /// A cell is empty, a code has two names, or a name two codes.
    pub fn of(table: &CsvLabels, codes: &[&str], names: &[&str]) -> Result<Self, DatasetError> {
        let (code, name) = (table.column(codes)?, table.column(names)?);
        let mut known: HashMap<&str, (&str, usize)> = HashMap::new();
        let mut labels: Vec<(&str, &str, usize)> = Vec::new();
        for row in 0..table.len() {
            for column in [code, name] {
                if table.cell(row, column).is_empty() {
                    let problem = Problem::Syntax { expected: "a text", found: String::new() };
                    return Err(table.fail(row, column, problem));
                }
            }
            let (this, called) = (table.cell(row, code), table.cell(row, name));
            let (before, first) = *known.entry(this).or_insert_with(|| {
                labels.push((called, this, row));
                (called, row)
            });
            if before != called {
                let text = format!(
                    "code `{this}` is called `{called}` here, but `{before}` in row {}",
                    first + 1
                );
                return Err(table.fail(row, name, Problem::Inconsistent(text)));
            }
        }
        labels.sort_unstable();
        if let Some(two) = labels.windows(2).find(|two| two[0].0 == two[1].0) {
            let text = format!("`{}` has two codes, `{}` and `{}`", two[0].0, two[0].1, two[1].1);
            return Err(table.fail(two[1].2, name, Problem::Inconsistent(text)));
        }
        let index: HashMap<&str, u32> = labels.iter().map(|label| label.1).zip(0..).collect();
        let of_row = (0..table.len()).map(|row| index[table.cell(row, code)]).collect();
        Ok(Distinct {
            names: labels.iter().map(|label| label.0.to_string()).collect(),
            codes: labels.iter().map(|label| label.1.to_string()).collect(),
            of_row,
        })
    }

    /// The text every label has in another column; empty where the table has no such column.
    ///
    /// # Errors
    /// Two rows of a label differ.
    pub fn attribute(
        &self,
        table: &CsvLabels,
        columns: &[&str],
    ) -> Result<Vec<String>, DatasetError> {
        let Some(column) = table.position(columns) else {
            return Ok(vec![String::new(); self.names.len()]);
        };
        let mut of: Vec<Option<&str>> = vec![None; self.names.len()];
        for (row, &label) in self.of_row.iter().enumerate() {
            let cell = table.cell(row, column);
            let before = *of[label as usize].get_or_insert(cell);
            if before != cell {
                let name = &self.names[label as usize];
                let text = format!("`{name}` has `{cell}` here, but `{before}` in a row above");
                return Err(table.fail(row, column, Problem::Inconsistent(text)));
            }
        }
        Ok(of.into_iter().map(|cell| cell.unwrap_or_default().to_string()).collect())
    }
}
