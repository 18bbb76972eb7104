//! The parameter files: four vectors and four matrices in Matrix Market form.

use std::path::Path;

use super::entries::ValueRange;
use super::matrix_market;
use super::structure::{Axis, Binding, Structure};
use crate::dataset::Parameters;
use crate::dataset::error::{DatasetError, FilePlace, Problem};
use crate::sparse::Csr;

/// Available amounts.
pub const X0: &str = "sparse_x0.mtx";
/// Start stocks.
pub const START_STOCK: &str = "sparse_startstock.mtx";
/// Shares set aside for production.
pub const ETA_PROD: &str = "sparse_eta_prod.mtx";
/// Shares set aside for export.
pub const ETA_EXP: &str = "sparse_eta_exp.mtx";
/// Outputs per unit of input.
pub const ALPHA: &str = "sparse_alpha.mtx";
/// Outputs without any input.
pub const BETA: &str = "sparse_beta.mtx";
/// Allocation to processes.
pub const NU: &str = "sparse_nu.mtx";
/// Trade shares.
pub const TRADE: &str = "sparse_trade.mtx";

/// Reads the parameters of a folder and puts them into the order of the labels.
///
/// Explicit zeros are dropped.
///
/// # Errors
/// A file is missing or faulty, or an entry stands where the model has none.
pub fn read(src: &Path, binding: &Binding) -> Result<Parameters, DatasetError> {
    let vector = |file, range| move || read_vector(&src.join(file), binding, range);
    let matrix =
        |file, structure, range| move || read_matrix(&src.join(file), binding, structure, range);
    let (amount, share) = (ValueRange::NonNegative, ValueRange::Share);
    // The trade file is as long as all others together.
    let (rest, trade_t) = rayon::join(
        || {
            Ok::<_, DatasetError>((
                vector(X0, amount)()?,
                vector(START_STOCK, amount)()?,
                vector(ETA_PROD, share)()?,
                vector(ETA_EXP, share)()?,
                matrix(ALPHA, Structure::Output, amount)()?,
                matrix(BETA, Structure::Output, amount)()?,
                matrix(NU, Structure::Allocation, share)()?,
            ))
        },
        matrix(TRADE, Structure::Trade, share),
    );
    let (
        x0,
        start_stock,
        share_eta_prod,
        share_eta_exp,
        conversion_alpha,
        output_beta,
        allocation_nu,
    ) = rest?;
    Ok(Parameters {
        x0,
        start_stock,
        share_eta_prod,
        share_eta_exp,
        conversion_alpha,
        output_beta,
        allocation_nu,
        trade_t: trade_t?,
    })
}

fn read_vector(
    path: &Path,
    binding: &Binding,
    range: ValueRange,
) -> Result<Vec<f64>, DatasetError> {
    let map = binding.map(Axis::Sectors);
    let mut vector = vec![0.0; map.len()];
    for (row, _, value) in matrix_market::read(path, (map.len(), 1), range)? {
        // A negative zero would be a zero with another content hash.
        if value != 0.0 {
            vector[map[row as usize] as usize] = value;
        }
    }
    Ok(vector)
}

fn read_matrix(
    path: &Path,
    binding: &Binding,
    structure: Structure,
    range: ValueRange,
) -> Result<Csr<f64>, DatasetError> {
    let (rows, cols) = structure.axes();
    let shape = (binding.len(rows), binding.len(cols));
    let mut entries = matrix_market::read(path, shape, range)?;
    entries.retain(|&(_, _, value)| value != 0.0);
    for entry in &mut entries {
        let file = (entry.0 as usize, entry.1 as usize);
        (entry.0, entry.1) = (binding.map(rows)[file.0], binding.map(cols)[file.1]);
        if structure.locate(&binding.labels, entry.0, entry.1).is_none() {
            let problem = Problem::Inconsistent(format!(
                "links `{}` with `{}`, but {}",
                binding.name(rows, entry.0 as usize),
                binding.name(cols, entry.1 as usize),
                structure.rule()
            ));
            return Err(DatasetError::at(path, FilePlace::Entry(file.0 + 1, file.1 + 1), problem));
        }
    }
    Csr::from_triplets(shape.0, shape.1, entries)
        .map_err(|e| DatasetError::file(path, Problem::Inconsistent(e.to_string())))
}
