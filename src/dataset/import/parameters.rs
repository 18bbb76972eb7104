//! The parameters of the static model, from positions to labels.

use std::path::Path;

use rayon::prelude::*;

use super::label_files::LabelFiles;
use super::{RawMatrix, matrix_market};
use crate::dataset::error::{Place, Problem};
use crate::dataset::{DatasetError, Parameters};
use crate::sparse::Csr;

/// A share may exceed 1 by the rounding of the sums it was made from.
const SHARE_TOLERANCE: f64 = 1e-9;

/// What the values of a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Amounts,
    Shares,
}

/// What a row or column of a matrix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Sector,
    ProcessColumn,
    One,
}

/// Reads all `sparse_*.mtx` files of a folder.
pub(super) fn read(src: &Path, files: &LabelFiles) -> Result<Parameters, DatasetError> {
    use Axis::{One, ProcessColumn, Sector};
    use Values::{Amounts, Shares};
    let wanted = [
        ("trade", Sector, Sector, Shares),
        ("nu", ProcessColumn, Sector, Shares),
        ("alpha", Sector, ProcessColumn, Amounts),
        ("beta", Sector, ProcessColumn, Amounts),
        ("x0", Sector, One, Amounts),
        ("startstock", Sector, One, Amounts),
        ("eta_prod", Sector, One, Shares),
        ("eta_exp", Sector, One, Shares),
    ];
    let read: Vec<Result<Csr<f64>, DatasetError>> = wanted
        .into_par_iter()
        .map(|(name, rows, cols, values)| {
            let path = src.join(format!("sparse_{name}.mtx"));
            let raw = matrix_market::read(&path)?;
            bind(&raw, rows, cols, values, files, &path)
        })
        .collect();
    let mut matrices = Vec::new();
    for matrix in read {
        matrices.push(matrix?);
    }
    let mut next = matrices.into_iter();
    let mut next = || next.next().unwrap_or_else(|| Csr::empty(0, 0));
    let (trade_t, allocation_nu, conversion_alpha, output_beta) = (next(), next(), next(), next());
    let mut vector = || {
        let m = next();
        (0..m.rows()).map(|r| m.get(r, 0).copied().unwrap_or(0.0)).collect::<Vec<f64>>()
    };
    Ok(Parameters {
        x0: vector(),
        start_stock: vector(),
        share_eta_prod: vector(),
        share_eta_exp: vector(),
        conversion_alpha,
        output_beta,
        allocation_nu,
        trade_t,
    })
}

/// Renumbers a matrix by its labels and checks shape, structure and values.
fn bind(
    raw: &RawMatrix,
    rows: Axis,
    cols: Axis,
    values: Values,
    files: &LabelFiles,
    path: &Path,
) -> Result<Csr<f64>, DatasetError> {
    let length = |axis| match axis {
        Axis::Sector => files.sector_at.len(),
        Axis::ProcessColumn => files.process_column_at.len(),
        Axis::One => 1,
    };
    check_shape(raw, length(rows), length(cols), path)?;
    let index = |axis, at: u32| match axis {
        Axis::Sector => files.sector_at[at as usize],
        Axis::ProcessColumn => files.process_column_at[at as usize],
        Axis::One => 0,
    };
    let mut entries = Vec::with_capacity(raw.entries.len());
    for &(row, col, value) in &raw.entries {
        let place = || Place::Entry(row as usize + 1, col as usize + 1);
        let (r, c) = (index(rows, row), index(cols, col));
        if value < 0.0 {
            return Err(DatasetError::at(path, place(), Problem::Negative(value)));
        }
        if values == Values::Shares && value > 1.0 + SHARE_TOLERANCE {
            let problem =
                Problem::OutOfRange { value: format!("share {value}"), range: "0 to 1".into() };
            return Err(DatasetError::at(path, place(), problem));
        }
        if let Some(text) = off_structure(files, (rows, r), (cols, c)) {
            return Err(DatasetError::at(path, place(), Problem::Inconsistent(text)));
        }
        if value != 0.0 {
            entries.push((r, c, value));
        }
    }
    Csr::from_triplets(length(rows), length(cols), entries)
        .map_err(|e| DatasetError::file(path, Problem::Inconsistent(e.to_string())))
}

/// The shape must be the one that the labels say.
pub(super) fn check_shape(
    raw: &RawMatrix,
    want_rows: usize,
    want_cols: usize,
    path: &Path,
) -> Result<(), DatasetError> {
    let (rows, cols) = (raw.rows, raw.cols);
    if (rows, cols) == (want_rows, want_cols) {
        return Ok(());
    }
    let because = "as many as the label files have rows";
    Err(DatasetError::file(path, Problem::Shape { rows, cols, want_rows, want_cols, because }))
}

/// Why an entry cannot exist: trade stays within an item and leaves the area, production stays
/// within the area.
fn off_structure(files: &LabelFiles, row: (Axis, u32), col: (Axis, u32)) -> Option<String> {
    let labels = &files.labels;
    let dims = labels.dimensions();
    let sector = |s: u32| labels.sector_name(s as usize);
    match (row, col) {
        ((Axis::Sector, to), (Axis::Sector, from)) => {
            if dims.item_of(to as usize) != dims.item_of(from as usize) {
                Some(format!("trade between two items: {} to {}", sector(from), sector(to)))
            } else if to == from {
                Some(format!("trade of {} with itself", sector(to)))
            } else {
                None
            }
        }
        ((Axis::Sector, s), (Axis::ProcessColumn, k))
        | ((Axis::ProcessColumn, k), (Axis::Sector, s)) => {
            let area = dims.area_of_process_column(k as usize);
            if area == dims.area_of(s as usize) {
                return None;
            }
            let process = &labels.processes[dims.process_of(k as usize)].name;
            let area = &labels.areas[area].name;
            Some(format!("production across areas: {} and {area} / {process}", sector(s)))
        }
        _ => None,
    }
}
