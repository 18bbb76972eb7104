//! Rules of adaptation and substitutability.

use std::path::Path;

use rayon::prelude::*;

use super::label_files::LabelFiles;
use super::parameters::check_shape;
use super::{RawMatrix, npz};
use crate::dataset::error::{Place, Problem};
use crate::dataset::labels::Dimensions;
use crate::dataset::{AdaptationRules, Blocks, DatasetError, Rule};
use crate::sparse::Csr;

/// The families, as their files are named.
const FAMILIES: [&str; 8] =
    ["alpha", "beta", "nu", "eta_exp", "eta_prod", "eta_cons", "import", "export"];

/// Entries of a family by label: `(row, column, rule)`, ascending, none twice.
type Entries = Vec<(u32, u32, Rule)>;

/// Reads all rule files, or `None` where the folder has none.
pub(super) fn read(
    src: &Path,
    files: &LabelFiles,
) -> Result<Option<AdaptationRules>, DatasetError> {
    let half = |family: &str, half: &str| src.join(format!("transition_{family}_{half}.npz"));
    let paths = || FAMILIES.iter().flat_map(|f| [half(f, "multi"), half(f, "rewire")]);
    if !paths().any(|p| p.exists()) {
        return Ok(None);
    }
    if let Some(missing) = paths().find(|p| !p.exists()) {
        let expected = "all sixteen rule files, or none of them";
        return Err(DatasetError::file(&missing, Problem::Missing { expected }));
    }
    let dims = files.labels.dimensions();
    let read = |family: &str| -> Result<Entries, DatasetError> {
        let shape = match family {
            "alpha" | "beta" => (dims.sectors(), dims.process_columns()),
            "nu" => (dims.process_columns(), dims.sectors()),
            "import" | "export" => (dims.sectors(), dims.sectors()),
            _ => (dims.sectors(), 1),
        };
        let (multi, rewire) = rayon::join(
            || read_half(&half(family, "multi"), shape, family, files),
            || read_half(&half(family, "rewire"), shape, family, files),
        );
        Ok(join(multi?, rewire?))
    };
    let blocks = |family: &str| -> Result<Blocks<Rule>, DatasetError> {
        Ok(in_blocks(read(family)?, family, dims))
    };
    let shares = |family: &str| -> Result<Vec<Option<Rule>>, DatasetError> {
        let mut by_sector = vec![None; dims.sectors()];
        for (sector, _, rule) in read(family)? {
            by_sector[sector as usize] = Some(rule);
        }
        Ok(by_sector)
    };
    let (large, small) = rayon::join(
        || ["import", "export"].into_par_iter().map(blocks).collect::<Vec<_>>(),
        || ["alpha", "beta", "nu"].into_par_iter().map(blocks).collect::<Vec<_>>(),
    );
    let mut families = large.into_iter().chain(small);
    let mut next = || {
        // Five families went in, five come out.
        families.next().unwrap_or_else(|| Ok(Blocks::from_members(Vec::new())))
    };
    let (import, export, alpha, beta, nu) = (next()?, next()?, next()?, next()?, next()?);
    Ok(Some(AdaptationRules {
        alpha,
        beta,
        nu,
        eta_exp: shares("eta_exp")?,
        eta_prod: shares("eta_prod")?,
        eta_cons: shares("eta_cons")?,
        import,
        export,
    }))
}

/// Reads substitutability, or `None` where the folder has none.
pub(super) fn read_substitutability(
    src: &Path,
    files: &LabelFiles,
) -> Result<Option<Blocks<f64>>, DatasetError> {
    let path = src.join("substitutability_trade.npz");
    if !path.exists() {
        return Ok(None);
    }
    let dims = files.labels.dimensions();
    let raw = npz::read(&path)?;
    check_shape(&raw, dims.sectors(), dims.sectors(), &path)?;
    let mut members: Vec<Vec<(u32, u32, f64)>> = vec![Vec::new(); dims.areas];
    for &(row, col, value) in &raw.entries {
        if value < 0.0 {
            let place = Place::Entry(row as usize + 1, col as usize + 1);
            return Err(DatasetError::at(&path, place, Problem::Negative(value)));
        }
        let i = files.sector_at[row as usize] as usize;
        let j = files.sector_at[col as usize] as usize;
        // A substitute is eaten where the lost item was: other pairs do not exist.
        if dims.area_of(i) == dims.area_of(j) && i != j && value != 0.0 {
            let entry = (dims.item_of(i) as u32, dims.item_of(j) as u32, value);
            members[dims.area_of(i)].push(entry);
        }
    }
    Ok(Some(blocks_of(members, dims.items, dims.items)))
}

/// One half of a family: values by label, ascending; a negative value stands for "no rule".
fn read_half(
    path: &Path,
    shape: (usize, usize),
    family: &str,
    files: &LabelFiles,
) -> Result<Vec<(u32, u32, Option<f64>)>, DatasetError> {
    let raw: RawMatrix = npz::read(path)?;
    check_shape(&raw, shape.0, shape.1, path)?;
    let sector = |at: u32| files.sector_at[at as usize];
    let column = |at: u32| files.process_column_at[at as usize];
    let mut half: Vec<(u32, u32, Option<f64>)> = raw
        .entries
        .into_iter()
        .map(|(row, col, value)| {
            let value = (value >= 0.0).then_some(value);
            match family {
                "alpha" | "beta" => (sector(row), column(col), value),
                "nu" => (column(row), sector(col), value),
                "import" | "export" => (sector(row), sector(col), value),
                _ => (sector(row), 0, value),
            }
        })
        .collect();
    half.sort_unstable_by_key(|e| (e.0, e.1));
    Ok(half)
}

/// Multipliers and rewirings at the same positions; a position in one half only has a rule too.
fn join(
    multipliers: Vec<(u32, u32, Option<f64>)>,
    rewirings: Vec<(u32, u32, Option<f64>)>,
) -> Entries {
    let mut entries = Vec::with_capacity(multipliers.len());
    let mut rewirings = rewirings.into_iter().peekable();
    for (row, col, multiplier) in multipliers {
        while let Some((r, c, rewiring)) = rewirings.next_if(|e| (e.0, e.1) < (row, col)) {
            entries.push((r, c, Rule { multiplier: None, rewiring }));
        }
        let same = rewirings.next_if(|e| (e.0, e.1) == (row, col));
        let rewiring = same.and_then(|e| e.2);
        entries.push((row, col, Rule { multiplier, rewiring }));
    }
    entries.extend(rewirings.map(|(r, c, rewiring)| (r, c, Rule { multiplier: None, rewiring })));
    entries
}

/// Splits a family by area (alpha, beta, nu) or by item (import, export). Entries that no
/// parameter could have, across areas or items or from a sector to itself, do not exist.
fn in_blocks(entries: Entries, family: &str, dims: Dimensions) -> Blocks<Rule> {
    let trade = matches!(family, "import" | "export");
    let mut members: Vec<Vec<(u32, u32, Rule)>> =
        vec![Vec::new(); if trade { dims.items } else { dims.areas }];
    for (row, col, rule) in entries {
        let (r, c) = (row as usize, col as usize);
        let (row, col) = match family {
            "alpha" | "beta" => {
                ((dims.area_of(r), dims.item_of(r)), (dims.area_of_process_column(c), dims.process_of(c)))
            }
            "nu" => {
                ((dims.area_of_process_column(r), dims.process_of(r)), (dims.area_of(c), dims.item_of(c)))
            }
            _ => ((dims.item_of(r), dims.area_of(r)), (dims.item_of(c), dims.area_of(c))),
        };
        if row.0 == col.0 && !(trade && row.1 == col.1) {
            members[row.0].push((row.1 as u32, col.1 as u32, rule));
        }
    }
    let (rows, cols) = match family {
        "alpha" | "beta" => (dims.items, dims.processes),
        "nu" => (dims.processes, dims.items),
        _ => (dims.areas, dims.areas),
    };
    blocks_of(members, rows, cols)
}

/// One matrix per member, identical ones stored once.
fn blocks_of<V: Clone + PartialEq>(
    members: Vec<Vec<(u32, u32, V)>>,
    rows: usize,
    cols: usize,
) -> Blocks<V> {
    let matrix = |entries| {
        Csr::from_triplets(rows, cols, entries)
            .expect("distinct positions of a file stand for distinct pairs of labels in range")
    };
    Blocks::from_members(members.into_iter().map(matrix).collect())
}
