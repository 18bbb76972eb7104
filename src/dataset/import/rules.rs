//! The rule files: multiplier and rewiring of eight families, and substitutability.
//!
//! A negative value (published: -1000) stands for "none". Entries where the model has no
//! parameter, such as one item traded as another, do not exist and are skipped.

use std::path::Path;

use super::entries::{Entry, ValueRange};
use super::npz;
use super::structure::{Axis, Binding, Structure};
use crate::dataset::error::{DatasetError, Problem};
use crate::dataset::rules::{AdaptationRules, Blocks, MissingRule, Rule};
use crate::sparse::Csr;

/// Substitutability of items, an optional file.
pub const SUBSTITUTABILITY: &str = "substitutability_trade.npz";

/// The rule families, as the files name them.
const FAMILIES: [&str; 8] =
    ["alpha", "beta", "nu", "eta_exp", "eta_prod", "eta_cons", "import", "export"];

/// Names of a family's two files: multiplier, rewiring.
pub(crate) fn files(family: &str) -> [String; 2] {
    ["multi", "rewire"].map(|half| format!("transition_{family}_{half}.npz"))
}

/// Names of some families' files, for the description of a table's source.
pub fn sources(families: &[&str]) -> String {
    families.iter().flat_map(|family| files(family)).collect::<Vec<_>>().join(", ")
}

/// Reads the rules of a folder; `None` where it has none of their files.
///
/// # Errors
/// Some of the 16 files are there and others are not, or one of them is faulty.
pub fn read(src: &Path, binding: &Binding) -> Result<Option<AdaptationRules>, DatasetError> {
    let paths: Vec<_> = FAMILIES.iter().flat_map(|f| files(f)).map(|f| src.join(f)).collect();
    if paths.iter().all(|path| !path.exists()) {
        return Ok(None);
    }
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        let expected = "all 16 files transition_*.npz, or none of them";
        return Err(DatasetError::file(missing, Problem::Missing { expected }));
    }
    let blocks = |family, structure| move || read_blocks(src, binding, family, structure);
    let shares = |family| move || read_shares(src, binding, family);
    // Trade rules are by far the longest files: one on each side.
    let (one, other) = rayon::join(
        || {
            let import = blocks("import", Structure::Trade)()?;
            let alpha = blocks("alpha", Structure::Output)()?;
            let beta = blocks("beta", Structure::Output)()?;
            Ok::<_, DatasetError>((import, alpha, beta, blocks("nu", Structure::Allocation)()?))
        },
        || {
            let export = blocks("export", Structure::Trade)()?;
            let (eta_exp, eta_prod) = (shares("eta_exp")()?, shares("eta_prod")()?);
            Ok::<_, DatasetError>((export, eta_exp, eta_prod, shares("eta_cons")()?))
        },
    );
    let (import, alpha, beta, nu) = one?;
    let (export, eta_exp, eta_prod, eta_cons) = other?;
    let missing = MissingRule::Published;
    let rules =
        AdaptationRules { alpha, beta, nu, eta_exp, eta_prod, eta_cons, import, export, missing };
    Ok(Some(rules))
}

/// Reads substitutability; `None` where the folder has no such file. Zeros are dropped.
///
/// # Errors
/// The file is faulty, or holds a negative number.
pub fn read_substitutability(
    src: &Path,
    binding: &Binding,
) -> Result<Option<Blocks<f64>>, DatasetError> {
    let path = src.join(SUBSTITUTABILITY);
    if !path.exists() {
        return Ok(None);
    }
    let structure = Structure::Substitution;
    let members = read_members(&path, binding, structure, ValueRange::NonNegative)?;
    let (rows, cols) = structure.block_shape(&binding.labels);
    let members: Result<Vec<_>, _> = members
        .into_iter()
        .map(|mut member| {
            member.retain(|&(_, _, value)| value != 0.0);
            Csr::from_triplets(rows, cols, member)
        })
        .collect();
    let members =
        members.map_err(|e| DatasetError::file(&path, Problem::Inconsistent(e.to_string())))?;
    Ok(Some(Blocks::from_members(members)))
}

/// The rules of a family of matrix entries, both files joined.
fn read_blocks(
    src: &Path,
    binding: &Binding,
    family: &str,
    structure: Structure,
) -> Result<Blocks<Rule>, DatasetError> {
    let paths = files(family).map(|file| src.join(file));
    let half = |path: &Path| read_members(path, binding, structure, ValueRange::Finite);
    let (multipliers, rewirings) = rayon::join(|| half(&paths[0]), || half(&paths[1]));
    let (rows, cols) = structure.block_shape(&binding.labels);
    let mut failed = None;
    // Blocks are made one by one, so that repeated ones never exist side by side.
    let members = multipliers?.into_iter().zip(rewirings?).map_while(|(multiplier, rewiring)| {
        Csr::from_triplets(rows, cols, pair(&multiplier, &rewiring))
            .map_err(|e| failed = Some(e))
            .ok()
    });
    let blocks = Blocks::from_members(members);
    match failed {
        Some(e) => Err(DatasetError::file(&paths[0], Problem::Inconsistent(e.to_string()))),
        None => Ok(blocks),
    }
}

/// The rules of a share, one element per sector.
fn read_shares(
    src: &Path,
    binding: &Binding,
    family: &str,
) -> Result<Vec<Option<Rule>>, DatasetError> {
    let map = binding.map(Axis::Sectors);
    let read = |file| {
        let mut half = npz::read(&src.join(file), (map.len(), 1), ValueRange::Finite)?;
        for entry in &mut half {
            entry.0 = map[entry.0 as usize];
        }
        half.sort_unstable_by_key(|&(sector, _, _)| sector);
        Ok::<_, DatasetError>(half)
    };
    let [multipliers, rewirings] = files(family);
    let mut rules = vec![None; map.len()];
    for (sector, _, rule) in pair(&read(multipliers)?, &read(rewirings)?) {
        rules[sector as usize] = Some(rule);
    }
    Ok(rules)
}

/// The entries of one file by block, in the order of the labels, each block in row order.
fn read_members(
    path: &Path,
    binding: &Binding,
    structure: Structure,
    range: ValueRange,
) -> Result<Vec<Vec<Entry>>, DatasetError> {
    let (rows, cols) = structure.axes();
    let shape = (binding.len(rows), binding.len(cols));
    let entries = npz::read(path, shape, range)?;
    let (rows, cols) = (binding.map(rows), binding.map(cols));
    let count = structure.members(&binding.labels);
    let mut members: Vec<Vec<Entry>> = Vec::new();
    members.resize_with(count, || Vec::with_capacity(entries.len() / count.max(1)));
    for (row, col, value) in entries {
        let (row, col) = (rows[row as usize], cols[col as usize]);
        if let Some((member, row, col)) = structure.locate(&binding.labels, row, col) {
            members[member].push((row, col, value));
        }
    }
    for member in &mut members {
        if !member.is_sorted_by_key(|&(r, c, _)| (r, c)) {
            member.sort_unstable_by_key(|&(r, c, _)| (r, c));
        }
    }
    Ok(members)
}

/// Joins the two halves, each in row order, over the union of their positions.
fn pair(multipliers: &[Entry], rewirings: &[Entry]) -> Vec<(u32, u32, Rule)> {
    let known = |entry: Option<&Entry>| entry.filter(|e| e.2 >= 0.0).map(|e| e.2 + 0.0);
    let mut rules = Vec::with_capacity(multipliers.len().max(rewirings.len()));
    let (mut a, mut b) = (multipliers.iter().peekable(), rewirings.iter().peekable());
    while let Some(at) = a.peek().into_iter().chain(b.peek()).map(|e| (e.0, e.1)).min() {
        let multiplier = known(a.next_if(|e| (e.0, e.1) == at));
        let rewiring = known(b.next_if(|e| (e.0, e.1) == at));
        rules.push((at.0, at.1, Rule { multiplier, rewiring }));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_join_over_the_union_and_negative_means_none() {
        let rules = pair(
            &[(0, 0, 1.0), (0, 1, -1000.0), (2, 0, 0.5)],
            &[(0, 0, -1000.0), (0, 1, -0.5), (1, 7, 0.25), (3, 0, -0.0)],
        );
        let rule = |multiplier, rewiring| Rule { multiplier, rewiring };
        let expected = [
            (0, 0, rule(Some(1.0), None)),
            (0, 1, rule(None, None)),
            (1, 7, rule(None, Some(0.25))),
            (2, 0, rule(Some(0.5), None)),
            (3, 0, rule(None, Some(0.0))),
        ];
        assert_eq!(rules, expected);
        let zero = rules[4].2.rewiring.unwrap_or(f64::NAN);
        assert!(zero.is_sign_positive(), "a negative zero would change the content hash");
    }
}
