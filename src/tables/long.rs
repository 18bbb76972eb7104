//! Long tables: `supply`, `use` and `demand` as CSV or Parquet, one row per entry, with labels.
//!
//! | table | columns |
//! |---|---|
//! | `supply` | `year, from_area, from_process, to_area` (= `from_area`), `to_item, value` |
//! | `use` | `year, from_area, from_item` (origin), `to_area, to_process` (user), `value` |
//! | `demand` | `year, from_area, from_item` (origin), `to_area, to_purpose`, `value` |
//!
//! Labels: [`super::labels`]. Entries that are 0 may be left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::rows::{self, Chunk, ColumnKind};
use super::{Entry, SupplyUse, TableKind, TableLabels, Tables, in_order, labels};
use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::names::{LabelKind, NameError, nearest};

/// The tables: name, what a row and a column are, after their area.
const TABLES: [(TableKind, &str, Label, Label); 3] = [
    (TableKind::Supply, "supply", Label::Process, Label::Item),
    (TableKind::Use, "use", Label::Item, Label::Process),
    (TableKind::Demand, "demand", Label::Item, Label::Purpose),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Area,
    Item,
    Process,
    Purpose,
}

impl Label {
    fn column(self) -> &'static str {
        match self {
            Label::Area => "area",
            Label::Item => "item",
            Label::Process => "process",
            Label::Purpose => "purpose",
        }
    }

    fn kind(self) -> LabelKind {
        match self {
            Label::Area => LabelKind::Area,
            Label::Item => LabelKind::Item,
            Label::Process => LabelKind::Process,
            Label::Purpose => LabelKind::Purpose,
        }
    }

    fn names(self, labels: &TableLabels) -> Vec<&str> {
        let l = &labels.labels;
        match self {
            Label::Area => l.areas.iter().map(|a| a.name.as_str()).collect(),
            Label::Item => l.items.iter().map(|i| i.name.as_str()).collect(),
            Label::Process => l.processes.iter().map(|p| p.name.as_str()).collect(),
            Label::Purpose => labels.purposes.iter().map(String::as_str).collect(),
        }
    }
}

/// Whether a folder holds long tables: its supply is there.
pub fn is_here(folder: &Path) -> bool {
    rows::find(folder, "supply").is_some()
}

/// Reads labels and tables of a folder, of the years from `years.0` to `years.1` or of all.
///
/// # Errors
/// A table is missing or unreadable, a name is unknown, a process supplies to another area, an
/// amount is not finite or (supply, use) negative, a position occurs twice, or no year of the
/// range is there, or one is not in every table.
pub fn read(folder: &Path, years: Option<(i32, i32)>) -> Result<Tables, DatasetError> {
    let labels = labels::read(folder)?;
    let mut tables = Tables { labels, years: BTreeMap::new() };
    let mut seen = BTreeSet::new();
    for (kind, name, from, to) in TABLES {
        let path = rows::find(folder, name).ok_or_else(|| {
            let expected = "a table (CSV or Parquet) of entries by year";
            DatasetError::file(&folder.join(format!("{name}.csv")), Problem::Missing { expected })
        })?;
        let reader = LongReader { path, labels: &tables.labels, kind, from, to };
        reader.read(years, &mut tables.years, &mut seen)?;
    }
    for (year, table) in &mut tables.years {
        for (kind, name, from, to) in TABLES {
            if table.table_mut(kind).is_empty() {
                // Calibrating half of a year would give numbers that look like any others.
                let path = rows::find(folder, name).unwrap_or_default();
                let text = format!("holds no entry of {year}, a year that other tables have");
                return Err(DatasetError::file(&path, Problem::Inconsistent(text)));
            }
            if let Some(entry) = in_order(table.table_mut(kind)) {
                let path = rows::find(folder, name).unwrap_or_default();
                let reader = LongReader { path, labels: &tables.labels, kind, from, to };
                let what = format!("{} in {year}", reader.position(entry));
                return Err(DatasetError::file(&reader.path, Problem::Duplicate(what)));
            }
        }
    }
    if tables.years.is_empty() {
        let found = match (seen.first(), seen.last()) {
            (Some(first), Some(last)) => format!("the tables hold {first} to {last}"),
            _ => "the tables are empty".to_string(),
        };
        let wanted = match years {
            Some((first, last)) if first == last => format!("year {first}"),
            Some((first, last)) => format!("years {first} to {last}"),
            None => "entries".to_string(),
        };
        let text = format!("no {wanted}; {found}");
        return Err(DatasetError::file(folder, Problem::Inconsistent(text)));
    }
    Ok(tables)
}

/// Reads one table.
struct LongReader<'a> {
    path: PathBuf,
    labels: &'a TableLabels,
    kind: TableKind,
    from: Label,
    to: Label,
}

/// Index of a text that is no label.
const UNKNOWN: u32 = u32::MAX;

/// Indices of the texts seen so far in one column.
struct Resolved<'a> {
    label: Label,
    names: Vec<&'a str>,
    column: String,
    index: Vec<u32>,
}

impl LongReader<'_> {
    fn read(
        &self,
        years: Option<(i32, i32)>,
        into: &mut BTreeMap<i32, SupplyUse>,
        seen: &mut BTreeSet<i32>,
    ) -> Result<(), DatasetError> {
        let columns = [
            "from_area".to_string(),
            format!("from_{}", self.from.column()),
            "to_area".to_string(),
            format!("to_{}", self.to.column()),
        ];
        let mut wanted: Vec<(&str, ColumnKind)> =
            columns.iter().map(|name| (name.as_str(), ColumnKind::Text)).collect();
        wanted.extend([("year", ColumnKind::Number), ("value", ColumnKind::Number)]);
        let labels = [Label::Area, self.from, Label::Area, self.to];
        let mut resolved: Vec<Resolved> = columns
            .iter()
            .zip(labels)
            .map(|(column, label)| Resolved {
                label,
                names: label.names(self.labels),
                column: column.clone(),
                index: Vec::new(),
            })
            .collect();
        rows::read(&self.path, &wanted, years, &mut |chunk| {
            self.chunk(chunk, years, &mut resolved, into, seen)
        })
    }

    fn chunk(
        &self,
        chunk: &Chunk,
        years: Option<(i32, i32)>,
        resolved: &mut [Resolved],
        into: &mut BTreeMap<i32, SupplyUse>,
        seen: &mut BTreeSet<i32>,
    ) -> Result<(), DatasetError> {
        let [year, value] = [&chunk.numbers[0], &chunk.numbers[1]];
        let fail = |n: usize, column: &str, problem: Problem| {
            let place = FilePlace::Cell(chunk.first_row + n + 1, column.to_string());
            DatasetError::at(&self.path, place, problem)
        };
        for (texts, resolved) in chunk.texts.iter().zip(resolved.iter_mut()) {
            self.resolve(chunk.first_row, texts, resolved)?;
        }
        let d = self.labels.dimensions();
        let mut current: Option<(i32, &mut Vec<Entry>)> = None;
        let keys: Vec<&[u32]> = chunk.texts.iter().map(|t| t.keys.as_slice()).collect();
        for n in 0..year.len() {
            if year[n].fract() != 0.0 || year[n].abs() > 1e6 {
                let found = year[n].to_string();
                return Err(fail(n, "year", Problem::Syntax { expected: "a year", found }));
            }
            let this = year[n] as i32;
            if current.as_ref().is_none_or(|(known, _)| *known != this) {
                seen.insert(this);
                if years.is_some_and(|(first, last)| this < first || this > last) {
                    continue;
                }
                let table = into.entry(this).or_default().table_mut(self.kind);
                current = Some((this, table));
            }
            if !value[n].is_finite() {
                return Err(fail(n, "value", Problem::NotFinite(value[n])));
            }
            if value[n] < 0.0 && self.kind != TableKind::Demand {
                return Err(fail(n, "value", Problem::Negative(value[n])));
            }
            let at = |c: usize| resolved[c].index[keys[c][n] as usize] as usize;
            let (from_area, from, to_area, to) = (at(0), at(1), at(2), at(3));
            if self.kind == TableKind::Supply && from_area != to_area {
                let area = &self.labels.labels.areas[from_area].name;
                let text = format!("a process supplies to its own area only, here `{area}`");
                return Err(fail(n, "to_area", Problem::Inconsistent(text)));
            }
            let (from, to) = match self.kind {
                TableKind::Supply => (d.process_column(from_area, from), d.sector(to_area, to)),
                TableKind::Use => (d.sector(from_area, from), d.process_column(to_area, to)),
                TableKind::Demand => {
                    (d.sector(from_area, from), self.labels.demand_column(to_area, to))
                }
            };
            if let Some((_, entries)) = &mut current {
                entries.push(Entry { from: from as u32, to: to as u32, value: value[n] });
            }
        }
        Ok(())
    }

    /// Looks up the texts that have come up since the last run of rows.
    fn resolve(
        &self,
        first_row: usize,
        texts: &rows::Texts,
        resolved: &mut Resolved,
    ) -> Result<(), DatasetError> {
        for text in &texts.values[resolved.index.len()..] {
            let found = resolved.names.binary_search(&text.as_str());
            // Unknown texts do no harm in a dictionary, only in a row.
            resolved.index.push(found.map_or(UNKNOWN, |at| at as u32));
        }
        let unknown = |key: &u32| resolved.index[*key as usize] == UNKNOWN;
        let Some(row) = texts.keys.iter().position(unknown) else { return Ok(()) };
        let text = &texts.values[texts.keys[row] as usize];
        let nearest = nearest(text, resolved.names.iter().copied());
        let error = NameError::Unknown { kind: resolved.label.kind(), name: text.clone(), nearest };
        let place = FilePlace::Cell(first_row + row + 1, resolved.column.clone());
        Err(DatasetError::at(&self.path, place, error))
    }

    /// An entry's position in words.
    fn position(&self, entry: Entry) -> String {
        let (l, d) = (&self.labels.labels, self.labels.dimensions());
        let name = |label: Label, at: usize| match label {
            Label::Process => {
                let area = &l.areas[d.area_of_process_column(at)].name;
                format!("{area} / {}", l.processes[d.process_of(at)].name)
            }
            Label::Purpose => {
                let purposes = &self.labels.purposes;
                let area = &l.areas[at / purposes.len()].name;
                format!("{area} / {}", purposes[at % purposes.len()])
            }
            _ => l.sector_name(at),
        };
        let (from, to) = (entry.from as usize, entry.to as usize);
        format!("the entry from {} to {}", name(self.from, from), name(self.to, to))
    }
}
