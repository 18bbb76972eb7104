//! How far two engines may differ in a loss: one measure for every comparison.
//!
//! A loss is a sum of flows, and rounding is relative to what is summed, not to what remains: where a ban
//! or an adapted share leaves 4e-17 t of a flow of 5,000 t, that is 0. So differences are relative to the
//! largest of the loss, of what its sector holds in the unshocked run, and of a share of what the
//! sectors hold that can send to it: those of its item, by trade, and those of its area, by production.

use crate::dataset::Dimensions;
use crate::model::Baseline;

/// Share of the largest amount among a sector's possible senders that its losses are measured against
/// at least. With the bound of 1e-9 it allows 1e-14 of that amount, some 45 roundings in f64: 10 g where a
/// billion tonnes pass.
const OF_SENDERS: f64 = 1e-5;

/// What differences are relative to, by sector.
#[derive(Debug, Clone)]
pub struct Agreement {
    scale: Vec<f64>,
}

impl Agreement {
    /// Of an unshocked run.
    pub fn new(baseline: &Baseline, dims: Dimensions) -> Self {
        let mut held = vec![0.0f64; dims.sectors()];
        for amounts in &baseline.available {
            held.iter_mut().zip(amounts).for_each(|(held, amount)| *held = held.max(*amount));
        }
        let (mut of_area, mut of_item) = (vec![0.0f64; dims.areas], vec![0.0f64; dims.items]);
        for (sector, &amount) in held.iter().enumerate() {
            let (area, item) = (dims.area_of(sector), dims.item_of(sector));
            of_area[area] = of_area[area].max(amount);
            of_item[item] = of_item[item].max(amount);
        }
        let scale = |(sector, held): (usize, &f64)| {
            let senders = of_area[dims.area_of(sector)].max(of_item[dims.item_of(sector)]);
            held.max(OF_SENDERS * senders)
        };
        Agreement { scale: held.iter().enumerate().map(scale).collect() }
    }

    /// What a difference in the loss of a sector is relative to, tonnes.
    pub fn scale(&self, sector: usize, loss: f64) -> f64 {
        loss.abs().max(self.scale[sector])
    }

    /// The relative difference of two losses of a sector; infinite if one of them is no number.
    pub fn difference(&self, sector: usize, a: f64, b: f64) -> f64 {
        match (a - b).abs() {
            0.0 => 0.0,
            absolute if absolute.is_finite() => absolute / self.scale(sector, a),
            _ => f64::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two areas, two items; area 0 holds 5,000 t of item 0, area 1 nothing of it and 2 t of item 1.
    #[test]
    fn rounding_is_relative_to_what_flows_and_nothing_else_is() {
        let dims = Dimensions { areas: 2, items: 2, processes: 1 };
        let available = vec![vec![5_000.0, 0.0, -0.0, 2.0], vec![4_000.0, 0.0, 0.0, 1.0]];
        let baseline = Baseline { output: available.clone(), available };
        let agreement = Agreement::new(&baseline, dims);
        assert!(agreement.difference(2, 4e-17, 0.0) < 1e-9, "what is left of 5,000 t");
        assert!(agreement.difference(2, 1e-6, 0.0) > 1e-9, "a gram is not");
        assert!(agreement.difference(3, 1.0, 1.0 + 1e-8) > 1e-9, "of the 2 t that it holds");
        assert!(agreement.difference(0, 1e6, 1e6 + 1e-4) < 1e-9, "relative to the loss");
        assert_eq!(agreement.difference(1, 3.0, 3.0), 0.0);
        assert_eq!(agreement.difference(0, f64::NAN, 1.0), f64::INFINITY);
    }
}
