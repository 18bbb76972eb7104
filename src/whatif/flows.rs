//! Trade in one item as amounts: who sends how much to whom.

use std::collections::BTreeMap;

use crate::dataset::Dataset;

/// Flows of one item between areas, per model year in the item's unit, at `x0`.
pub struct Flows {
    item: usize,
    /// `exports[d]`: what d exports, `eta_exp x0`.
    pub exports: Vec<f64>,
    /// `flow[(c, d)]`: what c imports from d, `T eta_exp x0`; only links that exist.
    flow: BTreeMap<(usize, usize), f64>,
    /// Links whose amount was changed.
    changed: BTreeMap<(usize, usize), f64>,
}

impl Flows {
    /// Flows of an item.
    pub fn of(dataset: &Dataset, item: usize) -> Self {
        let dims = dataset.dimensions();
        let p = &dataset.parameters;
        let exports: Vec<f64> = (0..dims.areas)
            .map(|area| dims.sector(area, item))
            .map(|s| p.share_eta_exp[s] * p.x0[s])
            .collect();
        let mut flow = BTreeMap::new();
        for importer in 0..dims.areas {
            for (from, share) in p.trade_t.row(dims.sector(importer, item)) {
                let exporter = dims.area_of(from);
                flow.insert((importer, exporter), share * exports[exporter]);
            }
        }
        Flows { item, exports, flow, changed: BTreeMap::new() }
    }

    /// What `importer` gets from `exporter`.
    pub fn get(&self, importer: usize, exporter: usize) -> f64 {
        self.flow.get(&(importer, exporter)).copied().unwrap_or(0.0)
    }

    /// What `importer` gets from everyone.
    pub fn imports(&self, importer: usize) -> f64 {
        self.suppliers(importer).iter().map(|(_, amount)| amount).sum()
    }

    /// Suppliers of an area with their amounts, ascending by area.
    pub fn suppliers(&self, importer: usize) -> Vec<(usize, f64)> {
        let of = self.flow.range((importer, 0)..=(importer, usize::MAX));
        of.filter(|(_, amount)| **amount > 0.0).map(|(&(_, d), &amount)| (d, amount)).collect()
    }

    /// Customers of an area with their amounts, ascending by area.
    pub fn customers(&self, exporter: usize) -> Vec<(usize, f64)> {
        (0..self.exports.len())
            .map(|importer| (importer, self.get(importer, exporter)))
            .filter(|(_, amount)| *amount > 0.0)
            .collect()
    }

    /// Adds to a link, which need not exist.
    pub fn add(&mut self, importer: usize, exporter: usize, amount: f64) {
        *self.flow.entry((importer, exporter)).or_insert(0.0) += amount;
        *self.changed.entry((importer, exporter)).or_insert(0.0) += amount;
    }

    /// Writes changed links back as shares of what their exporters export.
    ///
    /// A share moves by the change of its amount, so that shares nobody touched keep their bits and
    /// columns keep their sums. `exports` are the exporters' amounts after the change; where they differ
    /// from those before, the whole column is written anew.
    pub fn write(self, dataset: &mut Dataset, exports: &[f64]) {
        if self.changed.values().all(|&amount| amount == 0.0) && exports == self.exports {
            return;
        }
        let dims = dataset.dimensions();
        let trade = &dataset.parameters.trade_t;
        let at = |importer: usize, exporter: usize| {
            (dims.sector(importer, self.item), dims.sector(exporter, self.item))
        };
        let mut set: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (&(importer, exporter), &change) in &self.changed {
            if exports[exporter] == self.exports[exporter] && self.exports[exporter] > 0.0 {
                let (row, column) = at(importer, exporter);
                let before = trade.get(row, column).copied().unwrap_or(0.0);
                let share = before + change / self.exports[exporter];
                // What is left of a link that was moved away whole.
                set.insert((row, column), if share < 1e-15 { 0.0 } else { share });
            }
        }
        for exporter in 0..exports.len() {
            let (before, after) = (self.exports[exporter], exports[exporter]);
            if before == after {
                continue;
            }
            let flows = (0..exports.len())
                .filter_map(|c| Some((c, self.flow.get(&(c, exporter))?.max(0.0))));
            // As before the change the column sums to 1, or to what its data make of it.
            for (importer, amount) in flows {
                let share = if after > 0.0 { amount / after } else { 0.0 };
                set.insert(at(importer, exporter), share);
            }
        }
        dataset.parameters.trade_t = trade.with(&set).filtered(|share| *share != 0.0);
    }
}
