//! Which rules an adapting or substituting sector has, for the table of events.

use super::entry::learned;
use crate::dataset::{Dataset, Rule};

/// The rule families, in the order in which they are applied.
pub const FAMILIES: [&str; 8] =
    ["alpha", "beta", "nu", "eta_exp", "eta_prod", "eta_cons", "import", "export"];

/// Families with a rule that changes an entry of an adapting sector: one that exists, or one that
/// rewiring makes.
pub fn adapting(dataset: &Dataset, sector: usize) -> Vec<&'static str> {
    let (Some(rules), p) = (&dataset.rules, &dataset.parameters) else { return Vec::new() };
    let dims = dataset.dimensions();
    let (area, item) = (dims.area_of(sector), dims.item_of(sector));
    let fires = |old: Option<&f64>, rule: Option<&Rule>| {
        learned(rule).is_some_and(|r| old.is_some() || r.rewiring.is_some_and(|r| r > 0.0))
    };
    let processes = || (0..dims.processes).map(|k| (k, dims.process_column(area, k)));
    let others = || (0..dims.areas).filter(|&other| other != area);
    let (alpha, beta, nu) = (rules.alpha.of(area), rules.beta.of(area), rules.nu.of(area));
    let (import, export) = (rules.import.of(item), rules.export.of(item));
    let fired = [
        processes().any(|(k, column)| {
            fires(p.conversion_alpha.get(sector, column), alpha.and_then(|b| b.get(item, k)))
        }),
        processes().any(|(k, column)| {
            fires(p.output_beta.get(sector, column), beta.and_then(|b| b.get(item, k)))
        }),
        processes().any(|(k, row)| {
            fires(p.allocation_nu.get(row, sector), nu.and_then(|b| b.get(k, item)))
        }),
        learned(rules.eta_exp[sector].as_ref()).is_some(),
        learned(rules.eta_prod[sector].as_ref()).is_some(),
        learned(rules.eta_cons[sector].as_ref()).is_some(),
        others().any(|exporter| {
            let from = dims.sector(exporter, item);
            fires(p.trade_t.get(sector, from), import.and_then(|b| b.get(area, exporter)))
        }),
        others().any(|importer| {
            let to = dims.sector(importer, item);
            fires(p.trade_t.get(to, sector), export.and_then(|b| b.get(importer, area)))
        }),
    ];
    FAMILIES.into_iter().zip(fired).filter(|(_, fired)| *fired).map(|(family, _)| family).collect()
}

/// Items whose imports a substituting sector increases.
pub fn substitutes(dataset: &Dataset, sector: usize) -> Vec<usize> {
    let dims = dataset.dimensions();
    let block = dataset.substitutability.as_ref().and_then(|s| s.of(dims.area_of(sector)));
    block.map_or(Vec::new(), |b| b.row(dims.item_of(sector)).map(|(item, _)| item).collect())
}
