//! What every area has of every item: exports, imports, and a proxy of production.
//!
//! Trade data hold no production. With a share `rho` of what passes through that is re-exported:
//!
//! ```text
//! R = rho min(X, M)      P = X - R      D = M - R      x0 = P + M = X + D
//! ```
//!
//! `rho = 0`: what is exported was made at home, what is imported stays. `rho = 1`: only net exporters
//! produce, the least that fits the trade. Source: shocksweep's own choice.

use crate::panel::{Amount, Panel};

/// Trade of an item from one area to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Index of the exporter.
    pub exporter: usize,
    /// Index of the importer.
    pub importer: usize,
    /// Amount.
    pub amount: f64,
}

/// Amounts of a year; one element per item and area, `item * areas + area`.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// Year.
    pub year: i32,
    /// Number of areas.
    pub areas: usize,
    /// Number of items.
    pub items: usize,
    /// `V[d,c,p]` by item, exporter, importer.
    pub flows: Vec<Vec<Trade>>,
    /// `X[c,p]`.
    pub exports: Vec<f64>,
    /// `M[c,p]`.
    pub imports: Vec<f64>,
    /// `P[c,p]`.
    pub production: Vec<f64>,
    /// `D[c,p]`.
    pub at_home: Vec<f64>,
    /// `x0[c,p]`.
    pub possessed: Vec<f64>,
}

impl Balance {
    /// The balance of a year of a panel; `at` is its index.
    pub fn of(panel: &Panel, at: usize, reexport_share: f64) -> Self {
        let (areas, items) = (panel.areas.len(), panel.items.len());
        let year = &panel.years[at];
        let size = areas * items;
        let mut exports = vec![0.0; size];
        let mut imports = vec![0.0; size];
        let by: Amount = panel.about.amount;
        let mut flows = Vec::with_capacity(items);
        for p in 0..items {
            let of_item = year.of(p).iter().filter_map(|flow| {
                let (exporter, importer) = (usize::from(flow.exporter), usize::from(flow.importer));
                Some(Trade { exporter, importer, amount: flow.amount(by)? })
            });
            let of_item: Vec<Trade> = of_item.collect();
            for flow in &of_item {
                exports[p * areas + flow.exporter] += flow.amount;
                imports[p * areas + flow.importer] += flow.amount;
            }
            flows.push(of_item);
        }
        let mut balance = Balance {
            year: year.year,
            areas,
            items,
            flows,
            exports,
            imports,
            production: vec![0.0; size],
            at_home: vec![0.0; size],
            possessed: vec![0.0; size],
        };
        for sector in 0..size {
            let (x, m) = (balance.exports[sector], balance.imports[sector]);
            let through = reexport_share * x.min(m);
            balance.production[sector] = x - through;
            balance.at_home[sector] = m - through;
            balance.possessed[sector] = x - through + m;
        }
        balance
    }

    /// The balance of some of the items, in the order given.
    pub fn select(&self, items: &[usize]) -> Self {
        let pick = |of: &[f64]| items.iter().flat_map(|&p| self.row(of, p)).copied().collect();
        Balance {
            year: self.year,
            areas: self.areas,
            items: items.len(),
            flows: items.iter().map(|&p| self.flows[p].clone()).collect(),
            exports: pick(&self.exports),
            imports: pick(&self.imports),
            production: pick(&self.production),
            at_home: pick(&self.at_home),
            possessed: pick(&self.possessed),
        }
    }

    /// Position of an item in an area.
    pub fn at(&self, item: usize, area: usize) -> usize {
        item * self.areas + area
    }

    /// A quantity of all areas of an item.
    pub fn row<'v>(&self, values: &'v [f64], item: usize) -> &'v [f64] {
        &values[item * self.areas..(item + 1) * self.areas]
    }
}

/// Sums over all but one, for each: sums of what is before and after, so that nothing cancels.
pub fn sums_without(values: &[f64]) -> Vec<f64> {
    let mut after = vec![0.0; values.len() + 1];
    for at in (0..values.len()).rev() {
        after[at] = after[at + 1] + values[at];
    }
    let mut before = 0.0;
    let without = |(at, value): (usize, &f64)| {
        let sum = before + after[at + 1];
        before += value;
        sum
    };
    values.iter().enumerate().map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_value_does_not_swallow_the_sum_of_the_others() {
        assert_eq!(sums_without(&[1e20, 1.0, 2.0]), [3.0, 1e20, 1e20]);
        assert_eq!(sums_without(&[5.0]), [0.0]);
        assert!(sums_without(&[]).is_empty());
    }
}
