//! A sparse matrix of R's package Matrix: class `dgCMatrix`, columns compressed.
//!
//! | slot | content |
//! |---|---|
//! | `Dim` | number of rows and of columns |
//! | `p` | for every column, and the end, where its entries start |
//! | `i`, `x` | row, counted from 0, and value of every entry |
//! | `Dimnames` | names of rows and of columns, either may be `NULL` |
//!
//! Class `dtCMatrix` is the same for a matrix that is triangular; its slot `diag` must be `N`: the
//! diagonal is among the entries.

use super::rds::Value;
use crate::dataset::error::Problem;

/// Names of rows or columns, `None` where one is missing.
pub type Names = Vec<Option<String>>;

/// A sparse matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Start of every column's entries, and the end of the last's.
    pub starts: Vec<i32>,
    /// Row of every entry.
    pub row: Vec<i32>,
    /// Value of every entry.
    pub value: Vec<f64>,
    /// Names of the rows.
    pub row_names: Option<Names>,
    /// Names of the columns.
    pub col_names: Option<Names>,
}

/// The class that is read.
const CLASS: &str = "dgCMatrix";
const EXPECTED: &str = "a sparse matrix of class dgCMatrix";

impl Matrix {
    /// Whether a slot is needed.
    pub fn needs(slot: &str) -> bool {
        matches!(slot, "i" | "p" | "x" | "Dim" | "Dimnames" | "diag")
    }

    /// A matrix from an R object.
    ///
    /// # Errors
    /// It is something else, or its slots contradict each other.
    pub fn of(value: Value) -> Result<Self, Problem> {
        let Value::Object(mut slots) = value else {
            let what = "an element that is no S4 object".to_string();
            return Err(Problem::Unsupported { what, expected: EXPECTED });
        };
        let mut slot = |name: &str| {
            let at = slots.iter().position(|(tag, _)| tag == name);
            at.map_or(Value::Null, |at| slots.swap_remove(at).1)
        };
        let class = match slot("class") {
            Value::Texts(class) => class.into_iter().flatten().next().unwrap_or_default(),
            _ => String::new(),
        };
        // R turns what happens to be triangular into a class of its own.
        let is_triangular = class == "dtCMatrix" && slot("diag") == text("N");
        if class != CLASS && !is_triangular {
            let what = format!("an object of class `{class}`");
            return Err(Problem::Unsupported { what, expected: EXPECTED });
        }
        let (dim, starts, row, value) = match (slot("Dim"), slot("p"), slot("i"), slot("x")) {
            (
                Value::Integers(dim),
                Value::Integers(starts),
                Value::Integers(row),
                Value::Numbers(value),
            ) => (dim, starts, row, value),
            _ => return Err(contradicts("slots Dim, p, i and x must be integers and numbers")),
        };
        let mut names = match slot("Dimnames") {
            Value::List(names) => names.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let mut next = || match names.next() {
            Some(Value::Texts(names)) => Some(names),
            _ => None,
        };
        let (row_names, col_names) = (next(), next());
        let (rows, cols) = match dim[..] {
            [rows, cols] if rows >= 0 && cols >= 0 => (rows as usize, cols as usize),
            _ => return Err(contradicts("slot Dim must be two sizes")),
        };
        let matrix = Matrix { rows, cols, starts, row, value, row_names, col_names };
        matrix.check()?;
        Ok(matrix)
    }

    fn check(&self) -> Result<(), Problem> {
        let entries = self.value.len();
        if self.row.len() != entries {
            let (rows, values) = (self.row.len(), entries);
            return Err(contradicts(&format!("{rows} rows of entries (slot i), {values} values")));
        }
        let ends = self.starts.first() == Some(&0)
            && self.starts.last().is_some_and(|&end| end as usize == entries);
        if self.starts.len() != self.cols + 1 || !ends || !self.starts.is_sorted() {
            let text = format!(
                "slot p must lead from 0 to {entries} in {} steps that do not fall",
                self.cols
            );
            return Err(contradicts(&text));
        }
        if let Some(row) = self.row.iter().find(|&&row| row < 0 || row as usize >= self.rows) {
            return Err(contradicts(&format!("an entry in row {row} of {} (slot i)", self.rows)));
        }
        for (names, count) in [(&self.row_names, self.rows), (&self.col_names, self.cols)] {
            if let Some(names) = names.as_ref().filter(|names| names.len() != count) {
                let text = format!("{} names (slot Dimnames) for {count}", names.len());
                return Err(contradicts(&text));
            }
        }
        Ok(())
    }

    /// `(row, column, value)` of every entry, column by column.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        self.starts.windows(2).enumerate().flat_map(move |(col, ends)| {
            let range = ends[0] as usize..ends[1] as usize;
            range.map(move |at| (self.row[at] as usize, col, self.value[at]))
        })
    }
}

fn text(text: &str) -> Value {
    Value::Texts(vec![Some(text.to_string())])
}

fn contradicts(text: &str) -> Problem {
    Problem::Inconsistent(format!("not a valid sparse matrix: {text}"))
}
