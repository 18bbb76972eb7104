//! Writing the published file layout, so that the authors' program and others can use a dataset.
//!
//! | files | content |
//! |---|---|
//! | `io_codes_alph.csv`, `su_codes_alph.csv`, `a_frame.csv` | labels |
//! | `item_measures.csv` | units and worth as food, where they are not the usual ones |
//! | `sparse_*.mtx` | parameters, Matrix Market |
//! | `transition_*_{multi,rewire}.npz` | rules, SciPy archives (CSR); -1000 for a half not learned |
//! | `substitutability_trade.npz` | substitutability |
//!
//! Read back ([`super::import`]), numbers are the same to the last bit. The layout has no place for a
//! dataset's name, licence, sources and human development index, nor for
//! [`MissingRule`]: [`lost`] says what a reader must be told. It wants codes
//! where a dataset may have none; areas, commodities, groups and processes without one get one.

mod label_files;
mod matrices;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::import::label_files as names;
use super::store::place::{self, Form};
use super::{Dataset, DatasetError, MissingRule, import};

/// Folders in the published layout, as written here.
const FORM: Form = Form {
    what: "a dataset in the published layout",
    description: names::SECTORS,
    is_part: |name| {
        let is_label = [names::PROCESSES, names::AREAS, names::MEASURES].contains(&name);
        let is_matrix = (name.starts_with("sparse_") && name.ends_with(".mtx"))
            || (name.starts_with("transition_") && name.ends_with(".npz"));
        is_label || is_matrix || name == import::rules::SUBSTITUTABILITY
    },
};

/// Writes a dataset in the published layout.
///
/// An empty folder at `out` is filled; an earlier export there is replaced if `force` is given.
///
/// # Errors
/// `out` is taken, or the disk refuses. Nothing half-written is left.
pub fn export(dataset: &Dataset, out: &Path, force: bool) -> Result<(), DatasetError> {
    let check = |written: &Path| import::import(written, &Default::default()).map(drop);
    let write = |folder: &Path| {
        label_files::write(&dataset.labels, folder)?;
        matrices::write(dataset, folder)
    };
    place::put(out, &FORM, force, write, check)
}

/// What the layout cannot say of a dataset, for the user.
pub fn lost(dataset: &Dataset) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(dataset.metadata.warning().map(|w| format!("{w}; the files do not say so")));
    if dataset.rules.is_some() && dataset.missing_rule() == MissingRule::Keep {
        notes.push(
            "an entry without a rule keeps its value in this dataset; the published program makes \
             it 0. Import with --missing-rule keep to get the dataset back"
                .to_string(),
        );
    }
    if !dataset.reserves.is_empty() {
        notes.push("the layout has no place for reserves; the files do not have them".to_string());
    }
    notes
}

/// Writes one file and brings it to the disk.
fn file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), DatasetError> {
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()
    };
    write().map_err(|e| DatasetError::file(path, e))
}
