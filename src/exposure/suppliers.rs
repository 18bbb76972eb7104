//! Who an area buys from.

use crate::dataset::Dataset;

/// What one area sends another of an item in a model year, at `x0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supplier {
    /// Exporting area.
    pub area: usize,
    /// Amount, in the item's unit.
    pub amount: f64,
    /// Share of what the importer has of the item.
    pub share: f64,
}

/// What an area imports of an item from one exporter: `T eta_exp x0`.
pub fn bought(dataset: &Dataset, importer: usize, item: usize, exporter: usize) -> f64 {
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let (to, from) = (dims.sector(importer, item), dims.sector(exporter, item));
    let share = p.trade_t.get(to, from).copied().unwrap_or(0.0);
    share * p.share_eta_exp[from] * p.x0[from]
}

/// The suppliers of a sector, the largest first.
pub fn of(dataset: &Dataset, area: usize, item: usize) -> Vec<Supplier> {
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let sector = dims.sector(area, item);
    let has = p.x0[sector];
    let mut suppliers: Vec<Supplier> = (p.trade_t.row(sector))
        .map(|(from, share)| {
            let amount = share * p.share_eta_exp[from] * p.x0[from];
            let share = if has > 0.0 { amount / has } else { 0.0 };
            Supplier { area: dims.area_of(from), amount, share }
        })
        .filter(|supplier| supplier.amount > 0.0)
        .collect();
    suppliers.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.area.cmp(&b.area)));
    suppliers
}
