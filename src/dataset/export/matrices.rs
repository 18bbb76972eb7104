//! Parameters as Matrix Market files, rules as SciPy archives.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::file;
use crate::dataset::import::parameters::{
    ALPHA, BETA, ETA_EXP, ETA_PROD, NU, START_STOCK, TRADE, X0,
};
use crate::dataset::import::rules::{SUBSTITUTABILITY, files};
use crate::dataset::import::{Axis, Structure};
use crate::dataset::{Blocks, Dataset, DatasetError, Labels, Rule};
use crate::sparse::Csr;

/// Stands for a multiplier or a rewiring that no event taught.
const NOT_LEARNED: f64 = -1000.0;

/// Writes everything but the labels.
pub(super) fn write(dataset: &Dataset, folder: &Path) -> Result<(), DatasetError> {
    let (labels, p) = (&dataset.labels, &dataset.parameters);
    for (name, vector) in [
        (X0, &p.x0),
        (START_STOCK, &p.start_stock),
        (ETA_PROD, &p.share_eta_prod),
        (ETA_EXP, &p.share_eta_exp),
    ] {
        let entries = vector.iter().enumerate().filter(|(_, v)| **v != 0.0);
        let entries: Vec<_> = entries.map(|(s, &v)| (s, 0, v)).collect();
        market(&folder.join(name), (vector.len(), 1), &entries)?;
    }
    for (name, matrix) in [
        (ALPHA, &p.conversion_alpha),
        (BETA, &p.output_beta),
        (NU, &p.allocation_nu),
        (TRADE, &p.trade_t),
    ] {
        let entries: Vec<_> = matrix.iter().map(|(r, c, &v)| (r, c, v)).collect();
        market(&folder.join(name), (matrix.rows(), matrix.cols()), &entries)?;
    }
    if let Some(rules) = &dataset.rules {
        let blocks = [
            ("alpha", Structure::Output, &rules.alpha),
            ("beta", Structure::Output, &rules.beta),
            ("nu", Structure::Allocation, &rules.nu),
            ("import", Structure::Trade, &rules.import),
            ("export", Structure::Trade, &rules.export),
        ];
        for (family, structure, blocks) in blocks {
            halves(folder, family, &whole(structure, labels, blocks))?;
        }
        let shares = [
            ("eta_exp", &rules.eta_exp),
            ("eta_prod", &rules.eta_prod),
            ("eta_cons", &rules.eta_cons),
        ];
        for (family, rules) in shares {
            let entries = rules.iter().enumerate();
            let entries = entries.filter_map(|(s, rule)| rule.map(|rule| (s as u32, 0, rule)));
            halves(folder, family, &matrix(rules.len(), 1, entries.collect()))?;
        }
    }
    if let Some(blocks) = &dataset.substitutability {
        let all = whole(Structure::Substitution, labels, blocks);
        archive(&folder.join(SUBSTITUTABILITY), &all, |index| *index)?;
    }
    Ok(())
}

/// A Matrix Market file; entries counted from 0.
fn market(
    path: &Path,
    (rows, cols): (usize, usize),
    entries: &[(usize, usize, f64)],
) -> Result<(), DatasetError> {
    file(path, |out| {
        writeln!(out, "%%MatrixMarket matrix coordinate real general\n%")?;
        writeln!(out, "{rows} {cols} {}", entries.len())?;
        // The shortest digits that read back as the same number.
        entries.iter().try_for_each(|(r, c, v)| writeln!(out, "{} {} {v:e}", r + 1, c + 1))
    })
}

fn matrix<V: Clone + PartialEq>(rows: usize, cols: usize, entries: Vec<(u32, u32, V)>) -> Csr<V> {
    Csr::from_triplets(rows, cols, entries).expect("positions of blocks, each once")
}

/// The blocks of a family as one matrix over all sectors or process columns.
fn whole<V: Clone + PartialEq>(
    structure: Structure,
    labels: &Labels,
    blocks: &Blocks<V>,
) -> Csr<V> {
    let d = labels.dimensions();
    let length = |axis| match axis {
        Axis::Sectors => d.sectors(),
        Axis::ProcessColumns => d.process_columns(),
    };
    let place = |axis: Axis, member: usize, at: usize| match (structure, axis) {
        (Structure::Trade, _) => d.sector(at, member),
        (_, Axis::Sectors) => d.sector(member, at),
        (_, Axis::ProcessColumns) => d.process_column(member, at),
    };
    let (row_axis, col_axis) = structure.axes();
    let mut entries = Vec::with_capacity(blocks.nnz());
    for member in 0..blocks.block_of.len() {
        for (r, c, value) in blocks.of(member).into_iter().flat_map(Csr::iter) {
            let (row, col) = (place(row_axis, member, r), place(col_axis, member, c));
            entries.push((row as u32, col as u32, value.clone()));
        }
    }
    matrix(length(row_axis), length(col_axis), entries)
}

/// The two archives of a family of rules.
fn halves(folder: &Path, family: &str, rules: &Csr<Rule>) -> Result<(), DatasetError> {
    let [multipliers, rewirings] = files(family);
    let half = |half: Option<f64>| half.unwrap_or(NOT_LEARNED);
    archive(&folder.join(multipliers), rules, |rule| half(rule.multiplier))?;
    archive(&folder.join(rewirings), rules, |rule| half(rule.rewiring))
}

/// A SciPy archive of a CSR matrix.
fn archive<V: Clone + PartialEq>(
    path: &Path,
    matrix: &Csr<V>,
    value: impl Fn(&V) -> f64,
) -> Result<(), DatasetError> {
    let mut ends = vec![0i32; matrix.rows() + 1];
    let (mut indices, mut data) = (Vec::new(), Vec::new());
    for (row, col, v) in matrix.iter() {
        ends[row + 1] += 1;
        indices.extend((col as i32).to_le_bytes());
        data.extend(value(v).to_le_bytes());
    }
    for row in 0..matrix.rows() {
        ends[row + 1] += ends[row];
    }
    let count = matrix.nnz();
    let ends: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
    let shape = [matrix.rows() as i64, matrix.cols() as i64].map(i64::to_le_bytes).concat();
    let members = [
        ("indices.npy", "<i4", format!("({count},)"), indices),
        ("indptr.npy", "<i4", format!("({},)", matrix.rows() + 1), ends),
        ("format.npy", "|S3", "()".to_string(), b"csr".to_vec()),
        ("shape.npy", "<i8", "(2,)".to_string(), shape),
        ("data.npy", "<f8", format!("({count},)"), data),
    ];
    // Without a time of its own: the same dataset gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut pack = || -> std::io::Result<()> {
        for (name, kind, shape, bytes) in &members {
            zip.start_file(*name, options).map_err(std::io::Error::other)?;
            zip.write_all(&header(kind, shape))?;
            zip.write_all(bytes)?;
        }
        Ok(())
    };
    pack().map_err(|e| DatasetError::file(path, e))?;
    let packed = zip.finish().map_err(|e| DatasetError::file(path, std::io::Error::other(e)))?;
    file(path, |out| out.write_all(packed.get_ref()))
}

/// The header of a NumPy array, version 1.0, padded so that the numbers begin at a multiple of 64.
fn header(kind: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.into_bytes());
    bytes
}
