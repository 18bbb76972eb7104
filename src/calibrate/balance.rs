//! What the tables of a year say of every sector, and what does not balance.

use crate::tables::{SupplyUse, TableLabels};

/// Amounts of every sector (c, i), tonnes; live animals 1000 heads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Balance {
    /// `P`: what the area makes.
    pub production: Vec<f64>,
    /// `m`: what it uses or takes from other areas.
    pub imports: Vec<f64>,
    /// `e`: what other areas use or take from it.
    pub exports: Vec<f64>,
    /// Used by the area's processes, whatever the origin.
    pub prod_use: Vec<f64>,
    /// Eaten in the area, whatever the origin.
    pub food: Vec<f64>,
    /// Taken by the area for any other purpose, whatever the origin.
    pub nonfood: Vec<f64>,
    /// All uses, anywhere, of what comes from the area (`x0` of eq. 26 as printed).
    pub used_of: Vec<f64>,
    /// `W`: withdrawn from stocks in the area (minus the negative stock additions).
    pub withdrawn: Vec<f64>,
    /// Minus the negative demand for other purposes, which is clipped to 0.
    pub clipped: Vec<f64>,
}

impl Balance {
    /// Sums the tables of a year, in the order of their entries.
    ///
    /// Source: Laber et al. 2023, sums of eqs. 13 to 19 and 27.
    pub fn of(labels: &TableLabels, tables: &SupplyUse) -> Self {
        let d = labels.dimensions();
        let zeros = || vec![0.0; d.sectors()];
        let mut b = Balance {
            production: zeros(),
            imports: zeros(),
            exports: zeros(),
            prod_use: zeros(),
            food: zeros(),
            nonfood: zeros(),
            used_of: zeros(),
            withdrawn: zeros(),
            clipped: zeros(),
        };
        for e in &tables.supply {
            b.production[e.to as usize] += e.value;
        }
        for e in &tables.uses {
            let from = e.from as usize;
            let area = d.area_of_process_column(e.to as usize);
            let at = d.sector(area, d.item_of(from));
            b.prod_use[at] += e.value;
            b.moved(from, at, e.value);
        }
        let purposes = labels.purposes.len();
        for e in &tables.demand {
            let from = e.from as usize;
            let (area, purpose) = (e.to as usize / purposes, e.to as usize % purposes);
            let at = d.sector(area, d.item_of(from));
            if e.value < 0.0 {
                let is_stock = labels.stock_addition == Some(purpose);
                let sum = if is_stock { &mut b.withdrawn } else { &mut b.clipped };
                sum[at] -= e.value;
                continue;
            }
            let sum = if purpose == labels.food { &mut b.food } else { &mut b.nonfood };
            sum[at] += e.value;
            b.moved(from, at, e.value);
        }
        b
    }

    /// Counts an amount of `from`'s product that is used at `at`.
    fn moved(&mut self, from: usize, at: usize, value: f64) {
        self.used_of[from] += value;
        if from != at {
            self.exports[from] += value;
            self.imports[at] += value;
        }
    }

    /// `B = P - all uses`: what the tables leave over (positive) or use without a source.
    ///
    /// Source: Laber et al. 2023, eq. 15.
    pub fn left_over(&self, sector: usize) -> f64 {
        self.production[sector] - self.used_of[sector]
    }

    /// `else`: demand for anything but food, and what is left over.
    ///
    /// Source: Laber et al. 2023, eq. 18, numerator.
    pub fn other(&self, sector: usize) -> f64 {
        self.nonfood[sector] + self.left_over(sector).max(0.0)
    }

    /// What the area possesses of the item: the denominator of all shares, and `x0`.
    pub fn possessed(&self, sector: usize) -> f64 {
        self.prod_use[sector] + self.food[sector] + self.other(sector) + self.exports[sector]
    }

    /// `start`: withdrawals from stocks and what is used without a source.
    ///
    /// Source: Laber et al. 2023, eq. 27.
    pub fn start(&self, sector: usize) -> f64 {
        self.withdrawn[sector] + (-self.left_over(sector)).max(0.0)
    }

    /// Whether an area possesses something of an item that it neither makes nor imports.
    pub fn is_without_origin(&self, sector: usize) -> bool {
        self.possessed(sector) > 0.0
            && self.production[sector] == 0.0
            && self.imports[sector] == 0.0
    }
}
