//! FABIO's label files: what the rows and columns of its matrices stand for.
//!
//! | file (1.1 and 1.2; later) | a row per | columns used |
//! |---|---|---|
//! | `io_codes.csv`; `io_labels.csv` | area and item | `area_code`, `area`, `comm_code`, `item`, `comm_group`; optional `item_code`, `group`, `iso3c`, `continent` |
//! | `su_codes.csv`; `su_labels.csv` | area and process | `area_code`, `proc_code`, `proc` |
//! | `fd_codes.csv`; `fd_labels.csv` | area and purpose | `area_code`, `fd` |
//! | `regions.csv`, optional | area | `area_code`; optional `iso3c`, `region`, `continent` |
//!
//! Files are joined on codes: an area may be spelled differently in two of them, its name is that
//! in the first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::csv_labels::{CsvLabels, Distinct};
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::dataset::hdi::published_hdi;
use crate::dataset::labels::{Area, Item, Labels, Process};
use crate::dataset::names::LabelKind;

/// Names of the file of sectors.
pub const SECTORS: [&str; 2] = ["io_labels.csv", "io_codes.csv"];
/// Names of the file of process columns.
pub const PROCESSES: [&str; 2] = ["su_labels.csv", "su_codes.csv"];
/// Names of the file of demand columns.
pub const PURPOSES: [&str; 2] = ["fd_labels.csv", "fd_codes.csv"];
const REGIONS: [&str; 1] = ["regions.csv"];

/// What every row (or column) of a matrix stands for: an area and one of its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The label file.
    pub path: PathBuf,
    /// What the members are: items, processes or purposes.
    pub kind: LabelKind,
    /// Names of the members by index.
    pub names: Vec<String>,
    /// Codes of the members by index.
    pub codes: Vec<String>,
    /// Area of every row, then member: indices in byte order of the names.
    pub of_row: Vec<(u32, u32)>,
}

impl Axis {
    /// Index of an area's member.
    pub fn index(&self, area: u32, member: u32) -> u32 {
        area * self.names.len() as u32 + member
    }

    /// Area and member of an index.
    pub fn split(&self, index: u32) -> (usize, usize) {
        (index as usize / self.names.len(), index as usize % self.names.len())
    }
}

/// Everything that the label files say.
pub struct FabioLabels {
    /// Areas, items, processes.
    pub labels: Labels,
    /// Codes, ISO3 codes and names that areas go by in matrices, with their index.
    pub area_keys: HashMap<String, u32>,
    /// Rows of use and demand, columns of supply.
    pub sectors: Axis,
    /// Rows of supply, columns of use.
    pub processes: Axis,
    /// Columns of demand.
    pub purposes: Axis,
}

/// Reads the label files of a folder.
///
/// # Errors
/// A file is missing or unreadable, a code has two names or a name two codes, a file has an area
/// that another lacks, or an area lacks an item, a process or a purpose.
pub fn read(folder: &Path) -> Result<FabioLabels, DatasetError> {
    let sectors = find(folder, &SECTORS)?;
    let processes = find(folder, &PROCESSES)?;
    let purposes = find(folder, &PURPOSES)?;
    let areas = Distinct::of(&sectors, &["area_code"], &["area"])?;
    let items = Distinct::of(&sectors, &["comm_code", "item_code"], &["item"])?;
    let procs = Distinct::of(&processes, &["proc_code"], &["proc", "process"])?;
    let fd = Distinct::of(&purposes, &["fd"], &["fd"])?;
    let labels = Labels {
        areas: read_areas(folder, &sectors, &areas)?,
        items: read_items(&sectors, &items)?,
        processes: procs
            .names
            .iter()
            .zip(&procs.codes)
            .map(|(name, code)| Process { name: name.clone(), code: code.clone() })
            .collect(),
    };
    labels.dimensions().check_size().map_err(|problem| DatasetError::file(folder, problem))?;
    let mut area_keys = HashMap::new();
    for (n, area) in (0u32..).zip(&labels.areas) {
        for key in [&area.name, &area.iso3] {
            area_keys.insert(key.clone(), n);
        }
    }
    // Last, so that nothing else takes the place of a code.
    area_keys.extend(areas.codes.iter().cloned().zip(0u32..));
    area_keys.remove("");
    let bind =
        |table: &CsvLabels, kind, members: Distinct| axis(table, kind, members, &areas, &sectors);
    Ok(FabioLabels {
        sectors: bind(&sectors, LabelKind::Item, items)?,
        processes: bind(&processes, LabelKind::Process, procs)?,
        purposes: bind(&purposes, LabelKind::Purpose, fd)?,
        area_keys,
        labels,
    })
}

fn find(folder: &Path, names: &[&str; 2]) -> Result<CsvLabels, DatasetError> {
    CsvLabels::find(folder, names)?.ok_or_else(|| {
        let expected = "FABIO's labels (named _labels.csv, or _codes.csv in older versions)";
        DatasetError::file(&folder.join(names[0]), Problem::Missing { expected })
    })
}

/// Binds the rows of a label file; every area must have every member once.
fn axis(
    table: &CsvLabels,
    kind: LabelKind,
    members: Distinct,
    areas: &Distinct,
    first: &CsvLabels,
) -> Result<Axis, DatasetError> {
    let column = table.column(&["area_code"])?;
    let index: HashMap<&str, u32> = areas.codes.iter().map(String::as_str).zip(0..).collect();
    let of_file = first.path.file_name().unwrap_or_default().to_string_lossy();
    let mut seen = vec![false; areas.names.len() * members.names.len()];
    let mut of_row = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let code = table.cell(row, column);
        let Some(&area) = index.get(code) else {
            let called = table.position(&["area"]).map_or("", |at| table.cell(row, at));
            let text = format!("area code `{code}` (`{called}`) does not occur in {of_file}");
            return Err(table.fail(row, column, Problem::Inconsistent(text)));
        };
        let member = members.of_row[row];
        let at = area as usize * members.names.len() + member as usize;
        if std::mem::replace(&mut seen[at], true) {
            let (area, member) = (&areas.names[area as usize], &members.names[member as usize]);
            let problem = Problem::Duplicate(format!("`{area}` / `{member}`"));
            return Err(table.fail(row, column, problem));
        }
        of_row.push((area, member));
    }
    if let Some(at) = seen.iter().position(|seen| !seen) {
        let (area, member) = (at / members.names.len(), at % members.names.len());
        let (name, code) = (&areas.names[area], &areas.codes[area]);
        let whole = of_row.iter().any(|(this, _)| *this as usize == area);
        let text = match whole {
            true => format!("area `{name}` has no row for {kind} `{}`", members.names[member]),
            false => format!("area `{name}` (code {code}) of {of_file} has no row"),
        };
        return Err(DatasetError::file(&table.path, Problem::Inconsistent(text)));
    }
    let Distinct { names, codes, .. } = members;
    Ok(Axis { path: table.path.clone(), kind, names, codes, of_row })
}

fn read_areas(
    folder: &Path,
    table: &CsvLabels,
    areas: &Distinct,
) -> Result<Vec<Area>, DatasetError> {
    let mut iso3 = areas.attribute(table, &["iso3c"])?;
    let mut region = areas.attribute(table, &["region", "continent"])?;
    if let Some(regions) = CsvLabels::find(folder, &REGIONS)? {
        let code = regions.column(&["area_code", "code"])?;
        let row_of: HashMap<&str, usize> =
            (0..regions.len()).map(|row| (regions.cell(row, code), row)).collect();
        for (n, code) in areas.codes.iter().enumerate() {
            let Some(&row) = row_of.get(code.as_str()) else { continue };
            for (columns, into) in
                [(&["iso3c"][..], &mut iso3[n]), (&["region", "continent"][..], &mut region[n])]
            {
                if let Some(column) = regions.position(columns) {
                    *into = regions.cell(row, column).to_string();
                }
            }
        }
    }
    let rows = areas.names.iter().zip(&areas.codes).zip(iso3.into_iter().zip(region)).enumerate();
    let built = rows.map(|(n, ((name, code), (iso3, region)))| Area {
        name: name.clone(),
        code: code.parse().unwrap_or(n as i64 + 1),
        iso3: if iso3 == "NA" { String::new() } else { iso3 },
        region: Some(region).filter(|region| !region.is_empty() && region != "NA"),
        latitude: None,
        longitude: None,
        population: None,
        hdi: published_hdi(name),
    });
    Ok(built.collect())
}

fn read_items(table: &CsvLabels, items: &Distinct) -> Result<Vec<Item>, DatasetError> {
    let column = table.column(&["comm_group"])?;
    let commodity_groups = items.attribute(table, &["comm_group"])?;
    if let Some(n) = commodity_groups.iter().position(String::is_empty) {
        let row = items.of_row.iter().position(|&label| label as usize == n).unwrap_or(0);
        let problem = Problem::Missing { expected: "the item's commodity group" };
        return Err(table.fail(row, column, problem));
    }
    let groups = items.attribute(table, &["group"])?;
    let codes = items.attribute(table, &["item_code"])?;
    let parts = items.names.iter().zip(&items.codes).zip(codes).zip(commodity_groups).zip(groups);
    let built =
        parts.enumerate().map(|(n, ((((name, commodity), code), commodity_group), group))| {
            let (name, commodity_code) = (name.clone(), commodity.clone());
            let code = code.parse().unwrap_or(n as i64 + 1);
            let item =
                Item { name, code, commodity_code, commodity_group, group, ..Item::default() };
            item.with_usual_measures()
        });
    Ok(built.collect())
}
