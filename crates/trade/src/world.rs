//! Every item in every year: how much is traded, by whom, how concentrated.

use std::sync::Arc;

use shocksweep_columnar::record;

use crate::balance::Balance;
use crate::indicators::{YearIndicators, ratio};
use crate::panel::Panel;

record! {
    /// World trade of an item in a year.
    pub struct World = "world" {
        /// Year.
        pub year: i32,
        /// Item.
        pub item: Arc<str>,
        /// Trade of all areas.
        pub trade: f64 ["kUSD; tonnes in a panel by quantity"],
        /// Areas that export it.
        pub exporters: u32,
        /// Areas that import it.
        pub importers: u32,
        /// Herfindahl index of the exports.
        pub export_hhi: Option<f64> ["1"],
        /// Largest exporter, the first by name of equals.
        pub top_exporter: Option<Arc<str>>,
        /// Its share of the exports.
        pub top_share: Option<f64> ["1"],
        /// Mean exposure of the areas where it is defined.
        pub mean_exposure: Option<f64> ["1"],
        /// Median supplier concentration of the importers.
        pub median_concentration: Option<f64> ["1"],
        /// Supplier concentration weighted by imports.
        pub weighted_concentration: Option<f64> ["1"],
        /// Mean systemic trade risk of the areas where it is defined.
        pub mean_str: Option<f64> ["1"],
    }
}

/// Mean of what is defined; undefined without any.
pub fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = values.flatten().fold((0.0, 0u32), |(sum, n), value| (sum + value, n + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Median; undefined without any value.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match (n, n % 2) {
        (0, _) => None,
        (_, 1) => Some(values[n / 2]),
        _ => Some(0.5 * (values[n / 2 - 1] + values[n / 2])),
    }
}

/// Rows of a year, for the items that are traded.
pub fn world(panel: &Panel, balance: &Balance, indicators: &YearIndicators) -> Vec<World> {
    let traded = |p: &usize| balance.row(&balance.exports, *p).iter().any(|&x| x > 0.0);
    (0..balance.items).filter(traded).map(|p| of_item(panel, balance, indicators, p)).collect()
}

fn of_item(panel: &Panel, balance: &Balance, indicators: &YearIndicators, p: usize) -> World {
    let exports = balance.row(&balance.exports, p);
    let imports = balance.row(&balance.imports, p);
    let trade: f64 = exports.iter().sum();
    let largest =
        (0..balance.areas).fold(0, |best, c| if exports[c] > exports[best] { c } else { best });
    let rows = || (0..balance.areas).filter_map(|c| indicators.get(p, c));
    let concentrations: Vec<f64> = rows().filter_map(|row| row.concentration).collect();
    let weighted: f64 = rows().filter_map(|row| Some(row.imports * row.concentration?)).sum();
    World {
        year: balance.year,
        item: panel.items[p].name.clone(),
        trade,
        exporters: exports.iter().filter(|&&x| x > 0.0).count() as u32,
        importers: imports.iter().filter(|&&m| m > 0.0).count() as u32,
        export_hhi: ratio(exports.iter().map(|x| x * x).sum(), trade * trade),
        top_exporter: Some(panel.areas[largest].clone()),
        top_share: ratio(exports[largest], trade),
        mean_exposure: mean(rows().map(|row| row.exposure)),
        median_concentration: median(concentrations),
        weighted_concentration: ratio(weighted, imports.iter().sum()),
        mean_str: mean(rows().map(|row| row.str)),
    }
}
