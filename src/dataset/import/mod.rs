//! Import of the published file layout (sokaba/adaptive_food_supply_network).
//!
//! | file | content |
//! |---|---|
//! | `io_codes_alph.csv` | sectors: `area_code, area, item_code, item, comm_code, comm_group, group` |
//! | `su_codes_alph.csv` | process columns: `area_code, area, proc_code, proc` |
//! | `a_frame.csv` | areas: `area, index, code` (ISO3)`, region, color, lat, lng, population` |
//! | `sparse_{x0,startstock,eta_prod,eta_exp}.mtx` | vectors over sectors, Matrix Market |
//! | `sparse_{alpha,beta,nu,trade}.mtx` | matrices, Matrix Market |
//! | `transition_*_{multi,rewire}.npz` | rules of adaptation, SciPy sparse; all or none |
//! | `substitutability_trade.npz` | substitutability, SciPy sparse; optional |
//!
//! Positions in the matrices mean what the label files say of them: row r of a sector matrix is
//! the sector whose line carries index r. In memory everything is in alphabetical order of names,
//! whatever the order in the files.

pub mod label_files;
pub mod matrix_market;
pub mod npz;
mod parameters;
mod rules;

use std::path::Path;

use super::metadata::{TABLES, UNITS};
use super::names::nearest;
use super::{Dataset, DatasetError, Metadata, TableSource, TableStatus};
use super::error::{Place, Problem};
use label_files::LabelFiles;

/// Entries of a matrix by position in its file, in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub struct RawMatrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `(row, column, value)`, counted from 0, within the shape, values finite.
    pub entries: Vec<(u32, u32, f64)>,
}

/// What the files do not say of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name of the dataset; the source folder's by default.
    pub name: Option<String>,
    /// Year the data describe.
    pub year: Option<i32>,
    /// Licence of the data.
    pub licence: Option<String>,
    /// Tables that were reconstructed, names of [`TABLES`].
    pub reconstructed: Vec<String>,
    /// Tables that are invented, names of [`TABLES`].
    pub synthetic: Vec<String>,
}

/// Name of the file that tells a folder is in the published layout.
pub const SECTOR_FILE: &str = "io_codes_alph.csv";

/// Whether a folder is in the published layout.
pub fn is_published_layout(folder: &Path) -> bool {
    folder.join(SECTOR_FILE).is_file()
}

/// Reads a folder in the published layout.
///
/// # Errors
/// Any file that is missing, damaged, or contradicts the labels: one [`DatasetError`] that names
/// file and place.
pub fn import(src: &Path, options: &ImportOptions) -> Result<Dataset, DatasetError> {
    for table in options.reconstructed.iter().chain(&options.synthetic) {
        if !TABLES.contains(&table.as_str()) {
            let suggestion = super::names::suggestion(&nearest(table, TABLES));
            let problem = Problem::Inconsistent(format!("unknown table{suggestion}"));
            return Err(DatasetError::at(src, Place::Key(table.clone()), problem));
        }
    }
    let files = LabelFiles::read(src)?;
    let (parameters, rules) = rayon::join(
        || parameters::read(src, &files),
        || rayon::join(|| rules::read(src, &files), || rules::read_substitutability(src, &files)),
    );
    let parameters = parameters?;
    let (rules, substitutability) = (rules.0?, rules.1?);
    let mut dataset = Dataset {
        metadata: metadata(src, options),
        labels: files.labels,
        parameters,
        rules,
        substitutability,
    };
    dataset.metadata.sources = sources(&dataset, options);
    Ok(dataset)
}

fn metadata(src: &Path, options: &ImportOptions) -> Metadata {
    let folder = src.canonicalize().ok();
    let folder = folder.as_deref().unwrap_or(src).file_name();
    let folder = folder.map(|n| n.to_string_lossy().into_owned());
    Metadata {
        name: options.name.clone().or(folder).unwrap_or_else(|| "imported".to_string()),
        year: options.year,
        units: UNITS.to_string(),
        licence: options.licence.clone().unwrap_or_else(|| "not stated".to_string()),
        synthetic: false,
        sources: Vec::new(),
    }
}

/// The file each table was made from.
fn sources(dataset: &Dataset, options: &ImportOptions) -> Vec<TableSource> {
    TABLES
        .iter()
        .filter_map(|&table| {
            let is_rules = table.starts_with("rule");
            if is_rules && dataset.rules.is_none() && dataset.substitutability.is_none()
                || is_rules && table != "rule_blocks" && dataset.rules.is_none()
                || table == "substitutability" && dataset.substitutability.is_none()
            {
                return None;
            }
            let source = match table {
                "areas" => "a_frame.csv, io_codes_alph.csv; HDI as printed in Baum et al. 2024",
                "items" => "io_codes_alph.csv",
                "processes" => "su_codes_alph.csv",
                "sectors" => "sparse_{x0,startstock,eta_prod,eta_exp}.mtx",
                "conversion_alpha" => "sparse_alpha.mtx",
                "output_beta" => "sparse_beta.mtx",
                "allocation_nu" => "sparse_nu.mtx",
                "trade_t" => "sparse_trade.mtx",
                "rules_alpha" => "transition_alpha_{multi,rewire}.npz",
                "rules_beta" => "transition_beta_{multi,rewire}.npz",
                "rules_nu" => "transition_nu_{multi,rewire}.npz",
                "rules_shares" => "transition_eta_{exp,prod,cons}_{multi,rewire}.npz",
                "rules_import" => "transition_import_{multi,rewire}.npz",
                "rules_export" => "transition_export_{multi,rewire}.npz",
                "substitutability" => "substitutability_trade.npz",
                _ => "which rule block belongs to which item or area: from the files above",
            };
            let named = |list: &[String]| list.iter().any(|t| t == table);
            let status = if named(&options.synthetic) {
                TableStatus::Synthetic
            } else if named(&options.reconstructed) {
                TableStatus::Reconstructed
            } else {
                TableStatus::Original
            };
            Some(TableSource { table: table.to_string(), source: source.to_string(), status })
        })
        .collect()
}

/// Refuses two entries at one position.
fn check_duplicates(entries: &[(u32, u32, f64)], path: &Path) -> Result<(), DatasetError> {
    let mut positions: Vec<(u32, u32)> = entries.iter().map(|e| (e.0, e.1)).collect();
    positions.sort_unstable();
    match positions.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(twice) => {
            let (row, col) = (twice[0].0 as usize + 1, twice[0].1 as usize + 1);
            let problem = Problem::Duplicate(format!("the entry at row {row}, column {col}"));
            Err(DatasetError::at(path, Place::Entry(row, col), problem))
        }
    }
}
