//! Reading the published file layout (sokaba/adaptive_food_supply_network).
//!
//! | files | content | read by |
//! |---|---|---|
//! | `io_codes_alph.csv`, `su_codes_alph.csv`, `a_frame.csv` | labels | [`label_files`] |
//! | `item_measures.csv` | units and worth of items as food, optional: the usual ones without it | [`label_files`] |
//! | `sparse_*.mtx` | parameters, Matrix Market | [`parameters`], [`matrix_market`] |
//! | `transition_*_{multi,rewire}.npz` | rules, SciPy archives, optional | [`rules`], [`npz`] |
//! | `substitutability_trade.npz` | substitutability, optional | [`rules`], [`npz`] |
//!
//! Every matrix row and column is tied to a label by the label files, and everything is put into
//! the order of the labels; sizes follow from the label files. No announced size is believed
//! before the content backs it, so that a damaged or hostile file ends in one error.

mod csv_table;
mod entries;
pub mod label_files;
pub mod matrix_market;
mod npy;
pub mod npz;
pub mod parameters;
pub mod rules;
mod structure;

use std::path::Path;

use super::error::{FilePlace, Problem};
use super::metadata::{self, Metadata, TABLES, TableSource, TableStatus};
use super::names::{LabelKind, NameError, nearest};
use super::{Dataset, DatasetError, MissingRule};

pub use entries::{Entry, FILE_LIMIT, ValueRange};
pub use structure::{Axis, Binding, Structure};

/// What the files themselves do not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name of the dataset; the folder's name where not given.
    pub name: Option<String>,
    /// Year the data describe.
    pub year: Option<i32>,
    /// Licence of the data; `not stated` where not given.
    pub licence: Option<String>,
    /// Tables (names of [`TABLES`]) whose numbers are reconstructed.
    pub reconstructed: Vec<String>,
    /// Tables (names of [`TABLES`]) whose numbers are synthetic.
    pub synthetic: Vec<String>,
    /// What an entry without a rule becomes, where that is not 0 as in the published program.
    pub missing_rule: MissingRule,
}

/// Whether a folder is in the published layout: its table of sectors is there.
pub fn is_published_layout(dir: &Path) -> bool {
    dir.join(label_files::SECTORS).is_file()
}

/// Reads a folder in the published layout.
///
/// # Errors
/// The first fault found, with its file and place: a file that is missing, cut short, damaged or
/// of the wrong shape; a number that is not finite, negative or out of range; an entry that
/// occurs twice or stands where the model has none; labels that contradict each other; or an
/// option that names no table of the dataset.
pub fn import(src: &Path, options: &ImportOptions) -> Result<Dataset, DatasetError> {
    check_tables(src, options)?;
    let listed = std::fs::read_dir(src);
    listed.map_err(|e| DatasetError::io(src, e, "a folder in the published layout"))?;
    let binding = label_files::read(src)?;
    let (rules, (parameters, substitutability)) = rayon::join(
        || rules::read(src, &binding),
        || (parameters::read(src, &binding), rules::read_substitutability(src, &binding)),
    );
    let parameters = parameters?;
    let mut rules = rules?;
    if let Some(rules) = &mut rules {
        rules.missing = options.missing_rule;
    }
    let substitutability = substitutability?;
    let sources = sources(src, options, rules.is_some(), substitutability.is_some())?;
    let metadata = Metadata {
        name: options.name.clone().unwrap_or_else(|| folder_name(src)),
        year: options.year,
        units: metadata::UNITS.to_string(),
        licence: options.licence.clone().unwrap_or_else(|| "not stated".to_string()),
        synthetic: false,
        sources,
    };
    let labels = binding.labels;
    Ok(Dataset {
        metadata,
        labels,
        parameters,
        rules,
        substitutability,
        food_part: None,
        reserves: Vec::new(),
    })
}

/// Refuses tables that do not exist, and tables that are said to be two things.
fn check_tables(src: &Path, options: &ImportOptions) -> Result<(), DatasetError> {
    for name in options.reconstructed.iter().chain(&options.synthetic) {
        if !TABLES.contains(&name.as_str()) {
            let nearest = nearest(name, TABLES);
            let unknown =
                NameError::Unknown { kind: LabelKind::Table, name: name.clone(), nearest };
            return Err(DatasetError::file(src, unknown));
        }
    }
    match options.reconstructed.iter().find(|name| options.synthetic.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let both = "is marked both reconstructed and synthetic".to_string();
            Err(DatasetError::at(src, FilePlace::Key(name.clone()), Problem::Inconsistent(both)))
        }
    }
}

/// Where every table of the dataset comes from: names of files, never of folders.
fn sources(
    src: &Path,
    options: &ImportOptions,
    has_rules: bool,
    has_substitutability: bool,
) -> Result<Vec<TableSource>, DatasetError> {
    let mut sources = Vec::new();
    for table in TABLES {
        let of_rules = |families: &[&str]| has_rules.then(|| rules::sources(families));
        let substitutability = || has_substitutability.then(|| rules::SUBSTITUTABILITY.to_string());
        let source = match table {
            "areas" => Some([label_files::SECTORS, label_files::AREAS].join(", ")),
            "items" if src.join(label_files::MEASURES).is_file() => {
                Some([label_files::SECTORS, label_files::MEASURES].join(", "))
            }
            "items" => Some(label_files::SECTORS.to_string()),
            "processes" => Some(label_files::PROCESSES.to_string()),
            "sectors" => {
                use parameters::{ETA_EXP, ETA_PROD, START_STOCK, X0};
                Some([X0, START_STOCK, ETA_PROD, ETA_EXP].join(", "))
            }
            "conversion_alpha" => Some(parameters::ALPHA.to_string()),
            "output_beta" => Some(parameters::BETA.to_string()),
            "allocation_nu" => Some(parameters::NU.to_string()),
            "trade_t" => Some(parameters::TRADE.to_string()),
            "rules_shares" => of_rules(&["eta_exp", "eta_prod", "eta_cons"]),
            "rule_blocks" => {
                let rules = of_rules(&["alpha", "beta", "nu", "import", "export"]);
                let both: Vec<_> = rules.into_iter().chain(substitutability()).collect();
                (!both.is_empty()).then(|| both.join(", "))
            }
            "substitutability" => substitutability(),
            other => other.strip_prefix("rules_").and_then(|family| of_rules(&[family])),
        };
        let marked = |list: &[String]| list.iter().any(|name| name == table);
        let status = match (marked(&options.reconstructed), marked(&options.synthetic)) {
            (true, _) => TableStatus::Reconstructed,
            (_, true) => TableStatus::Synthetic,
            _ => TableStatus::Original,
        };
        match source {
            Some(source) => sources.push(TableSource { table: table.to_string(), source, status }),
            None if status != TableStatus::Original => {
                let place = FilePlace::Key(table.to_string());
                let problem = "is marked as not original, but this folder has no such table";
                return Err(DatasetError::at(src, place, Problem::Inconsistent(problem.into())));
            }
            None => {}
        }
    }
    Ok(sources)
}

/// The last part of the folder's path, also for `.` and `..`.
fn folder_name(src: &Path) -> String {
    let whole = src.canonicalize().unwrap_or_else(|_| src.to_path_buf());
    let name = src.file_name().or_else(|| whole.file_name());
    name.map_or_else(|| "imported".to_string(), |n| n.to_string_lossy().into_owned())
}
