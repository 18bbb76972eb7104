//! The label files, and what every matrix position stands for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::SECTOR_FILE;
use crate::dataset::error::{Place, Problem};
use crate::dataset::hdi::published_hdi;
use crate::dataset::labels::{Area, Item, Labels, Process};
use crate::dataset::names::{LabelKind, NameError, nearest};
use crate::dataset::DatasetError;

const PROCESS_FILE: &str = "su_codes_alph.csv";
const AREA_FILE: &str = "a_frame.csv";

/// Labels in alphabetical order, and the meaning of positions in the matrices.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelFiles {
    /// Areas, items and processes.
    pub labels: Labels,
    /// Sector of each position of a sector matrix.
    pub sector_at: Vec<u32>,
    /// Process column of each position of a process matrix.
    pub process_column_at: Vec<u32>,
}

/// Rows of a label file that pairs areas with something, by position.
struct Pairs {
    path: PathBuf,
    /// `(area, other, row number)` by matrix position.
    at: Vec<(String, String, usize)>,
}

impl LabelFiles {
    /// Reads the three label files of a folder.
    ///
    /// # Errors
    /// A file is missing or damaged, a combination is missing or occurs twice, or two rows
    /// describe one label differently.
    pub fn read(src: &Path) -> Result<Self, DatasetError> {
        let sectors = CsvTable::read(&src.join(SECTOR_FILE))?;
        let processes = CsvTable::read(&src.join(PROCESS_FILE))?;
        let frame = CsvTable::read(&src.join(AREA_FILE))?;

        let items = collect(&sectors, "item", |row| {
            Ok(Item {
                name: sectors.text(row, "item")?,
                code: sectors.number(row, "item_code")?,
                commodity_code: sectors.text(row, "comm_code")?,
                commodity_group: sectors.text(row, "comm_group")?,
                group: sectors.text(row, "group")?,
            })
        })?;
        let process_list = collect(&processes, "proc", |row| {
            Ok(Process {
                name: processes.text(row, "proc")?,
                code: processes.text(row, "proc_code")?,
            })
        })?;
        let area_codes = collect(&sectors, "area", |row| {
            Ok((sectors.text(row, "area")?, sectors.number::<i64>(row, "area_code")?))
        })?;
        let areas = areas(&frame, &area_codes, &sectors.path)?;
        let labels = Labels { areas, items, processes: process_list };

        let sector_pairs = sectors.pairs("area", "item")?;
        let item_names: Vec<&str> = labels.items.iter().map(|i| i.name.as_str()).collect();
        let process_pairs = processes.pairs("area", "proc")?;
        let process_names: Vec<&str> = labels.processes.iter().map(|p| p.name.as_str()).collect();
        Ok(LabelFiles {
            sector_at: resolve(&labels, &item_names, &sector_pairs, LabelKind::Item)?,
            process_column_at: resolve(&labels, &process_names, &process_pairs, LabelKind::Process)?,
            labels,
        })
    }
}

/// One value per distinct name, ascending by name; rows of one name must agree.
fn collect<T: PartialEq>(
    table: &CsvTable,
    name: &'static str,
    read: impl Fn(usize) -> Result<T, DatasetError>,
) -> Result<Vec<T>, DatasetError> {
    let mut found: BTreeMap<String, (usize, T)> = BTreeMap::new();
    for row in 0..table.rows.len() {
        let key = table.text(row, name)?;
        let value = read(row)?;
        if let Some((first, known)) = found.get(&key) {
            if *known != value {
                let text = format!("{name} `{key}` is described differently in row {}", first + 1);
                return Err(table.fault(row, Problem::Inconsistent(text)));
            }
        } else {
            found.insert(key, (row, value));
        }
    }
    Ok(found.into_values().map(|(_, value)| value).collect())
}

/// Areas from the area frame, joined by name to those of the sector file.
fn areas(
    frame: &CsvTable,
    codes: &[(String, i64)],
    sector_path: &Path,
) -> Result<Vec<Area>, DatasetError> {
    let mut described: BTreeMap<String, Area> = BTreeMap::new();
    for row in 0..frame.rows.len() {
        let name = frame.text(row, "area")?;
        let Ok(known) = codes.binary_search_by(|(n, _)| n.as_str().cmp(&name)) else {
            let nearest = nearest(&name, codes.iter().map(|(n, _)| n.as_str()));
            let error = NameError::Unknown { kind: LabelKind::Area, name, nearest };
            return Err(frame.fault(row, error.into()));
        };
        let iso3 = frame.text(row, "code")?;
        if described.values().any(|a| a.iso3 == iso3) {
            return Err(frame.fault(row, Problem::Duplicate(format!("the code `{iso3}`"))));
        }
        let population: Option<f64> = frame.optional_number(row, "population")?;
        if let Some(p) = population.filter(|p| *p <= 0.0) {
            let (value, range) = (format!("population {p}"), "persons above 0".to_string());
            return Err(frame.fault(row, Problem::OutOfRange { value, range }));
        }
        let area = Area {
            code: codes[known].1,
            iso3,
            region: Some(frame.text(row, "region")?).filter(|r| !r.is_empty()),
            latitude: frame.optional_number(row, "lat")?,
            longitude: frame.optional_number(row, "lng")?,
            population,
            hdi: published_hdi(&name),
            name: name.clone(),
        };
        if described.insert(name.clone(), area).is_some() {
            return Err(frame.fault(row, Problem::Duplicate(format!("area `{name}`"))));
        }
    }
    if let Some((name, _)) = codes.iter().find(|(n, _)| !described.contains_key(n)) {
        let text = format!("area `{name}` of {} has no row", file_name(sector_path));
        return Err(DatasetError::file(&frame.path, Problem::Inconsistent(text)));
    }
    Ok(described.into_values().collect())
}

/// Index `area * others + other` of every position; every combination must occur once.
fn resolve(
    labels: &Labels,
    others: &[&str],
    pairs: &Pairs,
    kind: LabelKind,
) -> Result<Vec<u32>, DatasetError> {
    let total = labels.areas.len() * others.len();
    let mut seen = vec![false; total];
    let mut resolved = Vec::with_capacity(pairs.at.len());
    for (area, other, row) in &pairs.at {
        let place = Place::Row(row + 1);
        let Ok(a) = labels.areas.binary_search_by(|x| x.name.as_str().cmp(area)) else {
            let nearest = nearest(area, labels.areas.iter().map(|a| a.name.as_str()));
            let error = NameError::Unknown { kind: LabelKind::Area, name: area.clone(), nearest };
            return Err(DatasetError::at(&pairs.path, place, error));
        };
        let Ok(o) = others.binary_search(&other.as_str()) else {
            let nearest = nearest(other, others.iter().copied());
            let error = NameError::Unknown { kind, name: other.clone(), nearest };
            return Err(DatasetError::at(&pairs.path, place, error));
        };
        let index = a * others.len() + o;
        if std::mem::replace(&mut seen[index], true) {
            let problem = Problem::Duplicate(format!("`{area}` / `{other}`"));
            return Err(DatasetError::at(&pairs.path, place, problem));
        }
        resolved.push(index as u32);
    }
    if let Some(missing) = seen.iter().position(|s| !s) {
        let area = &labels.areas[missing / others.len()].name;
        let other = others[missing % others.len()];
        let text = format!("has no row for `{area}` / `{other}`: expected every area with every {kind}");
        return Err(DatasetError::file(&pairs.path, Problem::Inconsistent(text)));
    }
    Ok(resolved)
}

/// A CSV file with a header.
struct CsvTable {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl CsvTable {
    fn read(path: &Path) -> Result<Self, DatasetError> {
        let bytes = std::fs::read(path).map_err(|e| DatasetError::io(path, e, "a label file (CSV)"))?;
        let fault = |error: csv::Error| {
            let line = error.position().map_or(1, |p| p.line() as usize);
            let problem = match error.kind() {
                csv::ErrorKind::Utf8 { .. } => Problem::NotUtf8,
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Problem::Truncated {
                    what: "fields",
                    expected: *expected_len,
                    found: *len,
                },
                _ => Problem::Syntax { expected: "CSV", found: error.to_string() },
            };
            DatasetError::at(path, Place::Line(line), problem)
        };
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().map_err(fault)?.iter();
        let header = header.map(|h| h.trim_start_matches('\u{feff}').to_string()).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(fault)?;
        if rows.is_empty() {
            let problem = Problem::Truncated { what: "rows", expected: 1, found: 0 };
            return Err(DatasetError::file(path, problem));
        }
        Ok(CsvTable { path: path.to_path_buf(), header, rows })
    }

    fn fault(&self, row: usize, problem: Problem) -> DatasetError {
        DatasetError::at(&self.path, Place::Row(row + 1), problem)
    }

    fn column(&self, name: &'static str) -> Result<usize, DatasetError> {
        self.header.iter().position(|h| h == name).ok_or_else(|| {
            let problem = Problem::Missing { expected: "a column of that name" };
            DatasetError::at(&self.path, Place::Key(name.to_string()), problem)
        })
    }

    fn text(&self, row: usize, column: &'static str) -> Result<String, DatasetError> {
        Ok(self.rows[row].get(self.column(column)?).unwrap_or("").to_string())
    }

    fn number<T: std::str::FromStr>(
        &self,
        row: usize,
        column: &'static str,
    ) -> Result<T, DatasetError> {
        let text = self.text(row, column)?;
        text.trim().parse().map_err(|_| {
            let problem = Problem::Syntax { expected: "a whole number", found: text };
            DatasetError::at(&self.path, Place::Cell(row + 1, column.to_string()), problem)
        })
    }

    /// A number, or `None` for an empty cell.
    fn optional_number(
        &self,
        row: usize,
        column: &'static str,
    ) -> Result<Option<f64>, DatasetError> {
        let text = self.text(row, column)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let place = || Place::Cell(row + 1, column.to_string());
        let value: f64 = text.trim().parse().map_err(|_| {
            let problem = Problem::Syntax { expected: "a number", found: text.clone() };
            DatasetError::at(&self.path, place(), problem)
        })?;
        if !value.is_finite() {
            return Err(DatasetError::at(&self.path, place(), Problem::NotFinite(value)));
        }
        Ok(Some(value))
    }

    /// Pairs of labels by matrix position: the unnamed first column says which; without it the
    /// order of the rows does.
    fn pairs(&self, area: &'static str, other: &'static str) -> Result<Pairs, DatasetError> {
        let index = self.header.first().filter(|h| h.is_empty());
        let mut at: Vec<Option<(String, String, usize)>> = vec![None; self.rows.len()];
        for row in 0..self.rows.len() {
            let position = match index {
                None => row,
                Some(_) => {
                    let text = self.rows[row].get(0).unwrap_or("");
                    let position = text.parse::<usize>().ok().filter(|&p| p < at.len());
                    position.ok_or_else(|| {
                        let (value, range) =
                            (format!("index `{text}`"), format!("0 to {}", at.len() - 1));
                        self.fault(row, Problem::OutOfRange { value, range })
                    })?
                }
            };
            if at[position].is_some() {
                return Err(self.fault(row, Problem::Duplicate(format!("index {position}"))));
            }
            at[position] = Some((self.text(row, area)?, self.text(row, other)?, row));
        }
        // As many distinct positions as rows, all in range: none is left empty.
        Ok(Pairs { path: self.path.clone(), at: at.into_iter().flatten().collect() })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned())
}
