//! Reads one table of FABIO: the matrices of the wanted years, bound to the labels.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::{Entry, TableKind, in_order};
use super::labels::{Axis, FabioLabels};
use super::matrix::{Matrix, Names};
use super::rds::{Stream, Value};
use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};

/// Years of a file in the order of its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Years(Vec<i32>);

impl Years {
    /// These years.
    pub fn of(years: Vec<i32>) -> Self {
        Years(years)
    }

    /// Looks through a file for its years and passes over everything else.
    pub fn read(path: &Path) -> Result<Self, DatasetError> {
        let names =
            elements(path, NAMES, &mut |_, stream| stream.value(&|_| false, false).map(|_| ()))?;
        Years::parse(&names, path)
    }

    fn parse(names: &[String], path: &Path) -> Result<Self, DatasetError> {
        let mut years = Vec::with_capacity(names.len());
        for (n, name) in names.iter().enumerate() {
            let problem = match name.trim().parse::<i32>() {
                Err(_) => {
                    let found = name.chars().take(40).collect();
                    Problem::Syntax { expected: "a year as its name", found }
                }
                Ok(year) if years.contains(&year) => Problem::Duplicate(format!("year {year}")),
                Ok(year) => {
                    years.push(year);
                    continue;
                }
            };
            return Err(DatasetError::at(path, element(n), problem));
        }
        Ok(Years(years))
    }

    /// Those in a range.
    pub fn within(&self, range: Option<(i32, i32)>) -> Vec<i32> {
        let wanted = |year: &i32| range.is_none_or(|(first, last)| (first..=last).contains(year));
        self.0.iter().copied().filter(wanted).collect()
    }
}

impl std::fmt::Display for Years {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut years = self.0.clone();
        years.sort_unstable();
        if years.is_empty() {
            return f.write_str("none");
        }
        for (n, run) in years.chunk_by(|a, b| a + 1 == *b).enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            match run {
                [year] => write!(f, "{comma}{year}")?,
                _ => write!(f, "{comma}{} to {}", run[0], run[run.len() - 1])?,
            }
        }
        Ok(())
    }
}

/// Most names that a list may have: years, or the labels of a matrix.
const NAMES: u64 = 1 << 20;

/// Goes through the elements of a file; an error in one says in which.
fn elements(
    path: &Path,
    limit: u64,
    each: &mut dyn FnMut(usize, &mut Stream) -> Result<(), Problem>,
) -> Result<Vec<String>, DatasetError> {
    let mut at = None;
    let names = Stream::open(path, limit).and_then(|stream| {
        stream.named_list(&mut |n, stream| {
            at = Some(n);
            each(n, stream)?;
            at = None;
            Ok(())
        })
    });
    names.map_err(|problem| DatasetError::at(path, at.map_or(FilePlace::Whole, element), problem))
}

fn element(n: usize) -> FilePlace {
    FilePlace::Named(format!("element {}", n + 1))
}

/// Reads one table.
pub struct FabioReader<'a> {
    kind: TableKind,
    path: &'a Path,
    labels: &'a FabioLabels,
    /// Columns of demand: as in the label file, or as the matrices themselves say.
    pub purposes: Axis,
    /// How the last matrix was bound: the next one mostly has the same names.
    bound: Option<Bound>,
    /// Whether a matrix has been bound: from then on purposes are what they are.
    is_settled: bool,
}

/// What rows and columns of a matrix stand for.
#[derive(Clone)]
struct Bound {
    names: [Option<Names>; 2],
    shape: [usize; 2],
    rows: Vec<u32>,
    cols: Vec<u32>,
    transposed: bool,
}

impl<'a> FabioReader<'a> {
    /// A reader of a table.
    pub fn new(kind: TableKind, path: &'a Path, labels: &'a FabioLabels) -> Self {
        FabioReader {
            kind,
            path,
            labels,
            purposes: labels.purposes.clone(),
            bound: None,
            is_settled: false,
        }
    }

    /// The entries by year, in row order; `known` are the years that the file is taken to have.
    pub fn read(
        &mut self,
        known: &Years,
        range: Option<(i32, i32)>,
    ) -> Result<BTreeMap<i32, Vec<Entry>>, DatasetError> {
        let mut known = known.clone();
        for _ in 0..2 {
            let mut read = BTreeMap::new();
            let mut faulty = None;
            *self = FabioReader::new(self.kind, self.path, self.labels);
            let (from, to) = self.axes();
            let most = (from.of_row.len() as u64).saturating_mul(to.of_row.len() as u64);
            let names = elements(self.path, most.max(NAMES), &mut |n, stream| {
                let year =
                    known.0.get(n).copied().filter(|year| {
                        range.is_none_or(|(first, last)| (first..=last).contains(year))
                    });
                let Some(year) = year.filter(|_| faulty.is_none()) else {
                    return stream.value(&|_| false, false).map(|_| ());
                };
                match self.entries(year, stream.value(&Matrix::needs, true)?) {
                    Ok(entries) => {
                        read.insert(year, entries);
                    }
                    // Which year this is, only the names at the end can tell.
                    Err(error) => faulty = Some(error),
                }
                Ok(())
            })?;
            let found = Years::parse(&names, self.path)?;
            if found == known {
                return faulty.map_or(Ok(read), Err);
            }
            known = found;
        }
        let text = "changed while it was read".to_string();
        Err(DatasetError::file(self.path, Problem::Inconsistent(text)))
    }

    /// Rows and columns as published.
    fn axes(&self) -> (&Axis, &Axis) {
        match self.kind {
            TableKind::Supply => (&self.labels.processes, &self.labels.sectors),
            TableKind::Use => (&self.labels.sectors, &self.labels.processes),
            TableKind::Demand => (&self.labels.sectors, &self.purposes),
        }
    }

    /// A year's entries in row order.
    fn entries(&mut self, year: i32, value: Value) -> Result<Vec<Entry>, DatasetError> {
        let matrix = Matrix::of(value).map_err(|problem| self.fault(year, problem))?;
        let bound = self.bind(year, &matrix)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(matrix.value.len());
        for (row, col, value) in matrix.entries() {
            let (row, col) = (bound.rows[row], bound.cols[col]);
            let (from, to) = if bound.transposed { (col, row) } else { (row, col) };
            let entry = Entry { from, to, value };
            self.check(year, entry)?;
            entries.push(entry);
        }
        drop(matrix);
        self.bound = Some(bound);
        self.is_settled = true;
        if let Some(entry) = in_order(&mut entries) {
            let problem = Problem::Duplicate("this entry".to_string());
            return Err(self.fail(year, entry, problem));
        }
        entries.shrink_to_fit();
        Ok(entries)
    }

    fn check(&self, year: i32, entry: Entry) -> Result<(), DatasetError> {
        let value = entry.value;
        if !value.is_finite() {
            return Err(self.fail(year, entry, Problem::NotFinite(value)));
        }
        if value < 0.0 && self.kind != TableKind::Demand {
            return Err(self.fail(year, entry, Problem::Negative(value)));
        }
        if self.kind == TableKind::Supply && value != 0.0 {
            let (from, to) = self.axes();
            if from.split(entry.from).0 != to.split(entry.to).0 {
                let text = "a process supplies to its own area only".to_string();
                return Err(self.fail(year, entry, Problem::Inconsistent(text)));
            }
        }
        Ok(())
    }

    fn fail(&self, year: i32, entry: Entry, problem: Problem) -> DatasetError {
        let (from, to) = self.axes();
        let name = |axis: &Axis, index: u32| {
            let (area, member) = axis.split(index);
            format!("{} / {}", self.labels.labels.areas[area].name, axis.names[member])
        };
        let words = format!("{year}, from {} to {}", name(from, entry.from), name(to, entry.to));
        DatasetError::at(self.path, FilePlace::Named(words), problem)
    }

    fn fault(&self, year: i32, problem: Problem) -> DatasetError {
        DatasetError::at(self.path, FilePlace::Named(year.to_string()), problem)
    }

    /// Finds out what rows and columns stand for.
    fn bind(&mut self, year: i32, matrix: &Matrix) -> Result<Bound, DatasetError> {
        let names = [&matrix.row_names, &matrix.col_names];
        let shape = [matrix.rows, matrix.cols];
        if let Some(bound) = self.bound.take()
            && bound.shape == shape
            && bound.names.each_ref() == names
        {
            return Ok(bound);
        }
        let fail = |problem| self.fault(year, problem);
        let (from, to) = self.axes();
        let wanted = [from.of_row.len(), to.of_row.len()];
        let fits = shape == wanted;
        let transposed = [shape[1], shape[0]] == wanted;
        if !fits && !transposed {
            let by_name = match (self.kind, &matrix.col_names) {
                (TableKind::Demand, Some(names)) if !self.is_settled && shape[0] == wanted[0] => {
                    self.labels.purposes_by_name(names, self.path)
                }
                _ => None,
            };
            let Some(purposes) = by_name.filter(|axis| *axis != self.purposes) else {
                let because = match self.kind {
                    TableKind::Supply => {
                        "a row per line of the su_ labels, a column per line of the io_ labels"
                    }
                    TableKind::Use => {
                        "a row per line of the io_ labels, a column per line of the su_ labels"
                    }
                    TableKind::Demand => {
                        "a row per line of the io_ labels, a column per line of the fd_ labels"
                    }
                };
                let ([rows, cols], [want_rows, want_cols]) = (shape, wanted);
                return Err(fail(Problem::Shape { rows, cols, want_rows, want_cols, because }));
            };
            self.purposes = purposes;
            return self.bind(year, matrix);
        }
        let bind = |rows: &Axis, cols: &Axis, transposed| {
            let names = names.map(|names| names.as_ref());
            let rows = self.labels.positions(rows, names[0].map(Vec::as_slice), "row")?;
            let cols = self.labels.positions(cols, names[1].map(Vec::as_slice), "column")?;
            let names = names.map(|names| names.cloned());
            Ok::<_, Problem>(Bound { names, shape, rows, cols, transposed })
        };
        // As many rows as columns: names tell which way round, else it is as published.
        let published = if fits { Some(bind(from, to, false)) } else { None };
        match published {
            Some(Ok(bound)) => Ok(bound),
            Some(Err(problem)) if !transposed => Err(fail(problem)),
            published => bind(to, from, true)
                .map_err(|other| fail(published.and_then(Result::err).unwrap_or(other))),
        }
    }
}
