//! FABIO's own distribution: one R file per table, all years in it, and label files.
//!
//! | file | table | rows | columns |
//! |---|---|---|---|
//! | `mr_sup_mass.rds` | supply | processes by area | items by area |
//! | `mr_use.rds` | use | items by area (origin) | processes by area (user) |
//! | `mr_use_fd.rds`, or `Y.rds` | demand | items by area (origin) | purposes by area |
//!
//! Each is a list with the years as names and sparse matrices ([`matrix`]) as elements, in R's
//! serialisation ([`rds`]). What rows and columns stand for is in the label files ([`labels`]), in
//! the same order; some matrices carry names too, which are then checked, or followed. A matrix may
//! also be transposed. Versions 1.1 to 2 differ in areas, items, processes, purposes, years and file
//! names, so nothing of these is assumed. Where demand has more purposes than its label file, as
//! the scripts of 1.2 leave it, they are those that the names of its columns say.
//!
//! R writes the names of a list after its elements: which element is the wanted year is known only
//! at the end. The years of supply, a small file, are looked up first and taken to be those of the
//! others; where that was wrong, the file is read again. Other years are passed over, not kept.
//!
//! Sources: Bruckner et al. 2019, FABIO - The Construction of the Food and Agriculture
//! Input-Output Model, doi 10.1021/acs.est.9b03554; Bruckner and Kuschnig 2020, doi
//! 10.5281/zenodo.2577067 (1.1); the scripts that write the files,
//! <https://github.com/fineprint-global/fabio> (`00_labels.R`, `09_mrsut.R`).

mod csv_labels;
pub mod labels;
pub mod matrix;
mod names;
pub mod rds;
mod reader;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Entry, SupplyUse, TableKind, TableLabels, Tables};
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use reader::{FabioReader, Years};

/// Names of the supply table's file.
const SUPPLY: [&str; 1] = ["mr_sup_mass.rds"];
/// Names of the use table's file.
const USE: [&str; 1] = ["mr_use.rds"];
/// Names of the demand table's file.
const DEMAND: [&str; 2] = ["mr_use_fd.rds", "Y.rds"];

fn find(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Whether a folder holds FABIO's distribution: one of its R files is there.
pub fn is_here(folder: &Path) -> bool {
    find(folder, &SUPPLY).or_else(|| find(folder, &USE)).is_some()
}

/// Reads labels and tables of a folder, of the years from `years.0` to `years.1` or of all.
///
/// # Errors
/// A file is missing, damaged or no list of sparse matrices; labels contradict each other or do not
/// fit a matrix; a name in a matrix is unknown; a process supplies to another area; an amount is
/// missing, not finite or (supply, use) negative; a position occurs twice; a year of the range is
/// in one table only, or none is there.
pub fn read(folder: &Path, years: Option<(i32, i32)>) -> Result<Tables, DatasetError> {
    let labels = labels::read(folder)?;
    let path = |names: &[&str]| {
        find(folder, names).ok_or_else(|| {
            let expected = "FABIO's table, a list of sparse matrices by year";
            DatasetError::file(&folder.join(names[0]), Problem::Missing { expected })
        })
    };
    let (supply, uses, demand) = (path(&SUPPLY)?, path(&USE)?, path(&DEMAND)?);

    let known = Years::read(&supply)?;
    let wanted = known.within(years);
    if wanted.is_empty() {
        let range = match years {
            Some((first, last)) if first == last => format!("year {first}"),
            Some((first, last)) => format!("years {first} to {last}"),
            None => "years".to_string(),
        };
        let text = format!("holds no {range}; it has {known}");
        return Err(DatasetError::file(&supply, Problem::Inconsistent(text)));
    }
    let read = |kind, path: &Path| {
        let mut reader = FabioReader::new(kind, path, &labels);
        let tables = reader.read(&known, years)?;
        Ok::<_, DatasetError>((tables, reader.purposes))
    };
    let (first, (second, third)) = rayon::join(
        || read(TableKind::Supply, &supply),
        || rayon::join(|| read(TableKind::Use, &uses), || read(TableKind::Demand, &demand)),
    );
    let (first, second, (third, purposes)) = (first?.0, second?.0, third?);
    let by_file = [(TableKind::Supply, &supply, first), (TableKind::Use, &uses, second)];
    let mut tables: BTreeMap<i32, SupplyUse> = BTreeMap::new();
    for (kind, path, read) in by_file.into_iter().chain([(TableKind::Demand, &demand, third)]) {
        same_years(path, &read, &supply, &wanted)?;
        for (year, entries) in read {
            *tables.entry(year).or_default().table_mut(kind) = entries;
        }
    }
    let labels = TableLabels::new(labels.labels, purposes.names, &purposes.path)?;
    Ok(Tables { labels, years: tables })
}

/// A year that one table has and another lacks would be calibrated from half of it.
fn same_years(
    path: &Path,
    read: &BTreeMap<i32, Vec<Entry>>,
    supply: &Path,
    wanted: &[i32],
) -> Result<(), DatasetError> {
    let other = supply.file_name().unwrap_or_default().to_string_lossy();
    let found = Years::of(read.keys().copied().collect());
    let lacking = wanted.iter().find(|year| !read.contains_key(year));
    let extra = read.keys().find(|year| !wanted.contains(year));
    let text = match (lacking, extra) {
        (Some(year), _) => {
            format!("holds no year {year}, which {other} has; of the years wanted it has {found}")
        }
        (_, Some(year)) => format!("holds year {year}, which {other} lacks"),
        _ => return Ok(()),
    };
    Err(DatasetError::file(path, Problem::Inconsistent(text)))
}
