//! Adaptation of parameters, in the published order of operations.

use super::entry::{Hit, changed, learned, rescaling, shares};
use super::settings::MissingRule;
use crate::dataset::{AdaptationRules, Dimensions, Parameters, Rule};
use crate::sparse::Csr;

/// Parameters after adaptation.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapted {
    /// The parameters in force from the next step on.
    pub parameters: Parameters,
    /// Adapting sectors whose three shares had no rule that left anything: they keep their shares.
    pub no_share_rule: Vec<u32>,
}

/// Changes the parameters of the adapting sectors and restores the constraints.
///
/// Order: alpha, beta, nu, the shares, T by importers, T by exporters (from the original T).
/// Only columns that adaptation has touched are rescaled.
///
/// Source: Baum et al. 2024, eqs. 24-30.
pub fn adapt(
    p: &Parameters,
    dims: Dimensions,
    rules: &AdaptationRules,
    hits: &[Hit],
    missing: MissingRule,
) -> Adapted {
    let mut parameters = p.clone();
    let columns_of = |area| (0..dims.processes).map(move |k| dims.process_column(area, k));
    let entry = |old: Option<&f64>, rule: Option<&Rule>, rl: f64| {
        changed(old.copied().unwrap_or(0.0), rule, rl, missing)
    };

    // alpha and beta: rows of the adapting sectors; process columns keep their sums.
    for (matrix, family) in [
        (&mut parameters.conversion_alpha, &rules.alpha),
        (&mut parameters.output_beta, &rules.beta),
    ] {
        let mut edits = Vec::new();
        for hit in hits {
            let row = hit.sector as usize;
            let (area, item) = (dims.area_of(row), dims.item_of(row));
            for column in columns_of(area) {
                let process = dims.process_of(column);
                let rule = family.of(area).and_then(|block| block.get(item, process));
                edits.push((row, column, entry(matrix.get(row, column), rule, hit.rl)));
            }
        }
        let sums = matrix.column_sums();
        *matrix = edited(matrix, &edits, |column| sums[column]);
    }

    // nu: columns of the adapting sectors; every column sums to 1.
    let mut edits = Vec::new();
    for hit in hits {
        let column = hit.sector as usize;
        let (area, item) = (dims.area_of(column), dims.item_of(column));
        for row in columns_of(area) {
            let process = dims.process_of(row);
            let rule = rules.nu.of(area).and_then(|block| block.get(process, item));
            edits.push((row, column, entry(p.allocation_nu.get(row, column), rule, hit.rl)));
        }
    }
    parameters.allocation_nu = edited(&p.allocation_nu, &edits, |_| 1.0);

    // The three shares, divided by their sum.
    let mut no_share_rule = Vec::new();
    for hit in hits {
        match adapted_shares(p, rules, hit, missing) {
            Some([exports, production, _]) => {
                parameters.share_eta_exp[hit.sector as usize] = exports;
                parameters.share_eta_prod[hit.sector as usize] = production;
            }
            None => no_share_rule.push(hit.sector),
        }
    }

    parameters.trade_t = adapted_trade(&p.trade_t, dims, rules, hits, missing);
    Adapted { parameters, no_share_rule }
}

/// Shares (exports, production, consumption) of an adapting sector, divided by their sum; `None` where
/// no rule leaves any of them anything and the sector keeps its own.
///
/// Source: Baum et al. 2024, eq. 28.
pub fn adapted_shares(
    p: &Parameters,
    rules: &AdaptationRules,
    hit: &Hit,
    missing: MissingRule,
) -> Option<[f64; 3]> {
    let s = hit.sector as usize;
    let old = [p.share_eta_exp[s], p.share_eta_prod[s]];
    let old = [old[0], old[1], 1.0 - old[0] - old[1]];
    let families = [&rules.eta_exp[s], &rules.eta_prod[s], &rules.eta_cons[s]];
    let has_rule = families.iter().any(|rule| learned(rule.as_ref()).is_some());
    let new = [0, 1, 2].map(|f| changed(old[f], families[f].as_ref(), hit.rl, missing));
    shares(new).filter(|_| has_rule)
}

/// T after adaptation: the import side, over it the export side, then every column sums to 1.
fn adapted_trade(
    trade: &Csr<f64>,
    dims: Dimensions,
    rules: &AdaptationRules,
    hits: &[Hit],
    missing: MissingRule,
) -> Csr<f64> {
    let mut edits = Vec::new();
    let mut edit = |row: usize, column: usize, rule: Option<&Rule>, rl: f64| {
        let old = trade.get(row, column).copied().unwrap_or(0.0);
        // With `keep`, an entry that the export side has no rule for stays as the import side
        // has left it.
        if learned(rule).is_some() || missing == MissingRule::Published {
            edits.push((row, column, changed(old, rule, rl, missing)));
        }
    };
    let others = |area: usize| (0..dims.areas).filter(move |&other| other != area);
    for hit in hits {
        let row = hit.sector as usize;
        let (importer, item) = (dims.area_of(row), dims.item_of(row));
        for exporter in others(importer) {
            let rule = rules.import.of(item).and_then(|block| block.get(importer, exporter));
            edit(row, dims.sector(exporter, item), rule, hit.rl);
        }
    }
    for hit in hits {
        let column = hit.sector as usize;
        let (exporter, item) = (dims.area_of(column), dims.item_of(column));
        for importer in others(exporter) {
            let rule = rules.export.of(item).and_then(|block| block.get(importer, exporter));
            edit(dims.sector(importer, item), column, rule, hit.rl);
        }
    }
    edited(trade, &edits, |_| 1.0)
}

/// A copy of `matrix` with `(row, column, value)` edits put over it, the last one of a position
/// winning; then every edited column is rescaled to its `target`.
pub(super) fn edited(
    matrix: &Csr<f64>,
    edits: &[(usize, usize, f64)],
    target: impl Fn(usize) -> f64,
) -> Csr<f64> {
    let mut entries: std::collections::BTreeMap<(usize, usize), f64> =
        matrix.iter().map(|(row, column, &value)| ((row, column), value)).collect();
    let mut is_touched = vec![false; matrix.cols()];
    for &(row, column, value) in edits {
        let old = entries.insert((row, column), value).unwrap_or(0.0);
        is_touched[column] |= old != value;
    }
    let mut sums = vec![0.0; matrix.cols()];
    for (&(_, column), value) in &entries {
        sums[column] += value;
    }
    let triplets = entries
        .into_iter()
        .map(|((row, column), value)| {
            let touched = is_touched[column];
            let factor = if touched { rescaling(sums[column], target(column)) } else { 1.0 };
            (row as u32, column as u32, value * factor)
        })
        .filter(|&(_, _, value)| value != 0.0)
        .collect();
    match Csr::from_triplets(matrix.rows(), matrix.cols(), triplets) {
        Ok(edited) => edited,
        // Positions are unique keys within the shape that they were taken from.
        Err(error) => unreachable!("{error}"),
    }
}
