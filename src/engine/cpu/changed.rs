//! What a lane has changed, put over the losses of a step.

use super::lanes::{LossField, set_active};
use crate::engine::network::ByPlace;
use crate::engine::network::changes::Lists;

/// Amounts of one lane found before trade and used after it; reused.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    amounts: Vec<f64>,
    /// Losses of the adapting inputs.
    fed: Vec<f64>,
    /// Per growing importer its loss of output.
    own: Vec<f64>,
    /// Per row summed anew its loss.
    rows: Vec<f64>,
}

/// The changes of one lane in one step.
pub struct Changed<'a> {
    /// What has changed.
    pub lists: Lists<'a>,
    /// What engines read at every place.
    pub base: &'a ByPlace,
    /// The lane.
    pub lane: usize,
    /// The step.
    pub t: usize,
}

impl Changed<'_> {
    /// Amount of a place after the step before, tonnes.
    #[inline(always)]
    fn amount(&self, from: &LossField, place: u32) -> f64 {
        self.base.available[self.t - 1][place as usize] - from.lanes[place as usize][self.lane]
    }

    /// Makes `from` what the shared network is to process: nothing of adapting inputs.
    #[inline(always)]
    pub fn before_production(&self, from: &mut LossField, scratch: &mut Scratch) {
        scratch.fed.clear();
        for (place, _) in self.lists.fed() {
            let loss = &mut from.lanes[place as usize][self.lane];
            scratch.fed.push(*loss);
            *loss = self.base.available[self.t - 1][place as usize];
            set_active(&mut from.active, place);
        }
    }

    /// Puts the changed outputs over those in `to`, and `from` back as it was.
    #[inline(always)]
    pub fn after_production(
        &self,
        from: &mut LossField,
        to: &mut LossField,
        scratch: &mut Scratch,
    ) {
        let (lane, t) = (self.lane, self.t);
        for ((place, entries), &loss) in self.lists.fed().zip(&scratch.fed) {
            from.lanes[place as usize][lane] = loss;
            let amount = self.base.available[t - 1][place as usize] - loss;
            for &(output, weight) in entries {
                to.lanes[output as usize][lane] -= weight * amount;
                set_active(&mut to.active, output);
            }
        }
        scratch.amounts.clear();
        for inputs in self.lists.processes() {
            let amounts = inputs.iter().map(|&(place, w)| w * self.amount(from, place));
            scratch.amounts.push(amounts.sum());
        }
        for (place, without_input, shares) in self.lists.outputs() {
            let made: f64 = shares.iter().map(|&(k, a)| a * scratch.amounts[k as usize]).sum();
            let output = made + without_input;
            to.lanes[place as usize][lane] = self.base.output[t][place as usize] - output;
            set_active(&mut to.active, place);
        }
    }

    /// Sums the changed imports, then makes `from` what the shared columns are to send.
    #[inline(always)]
    pub fn before_trade(&self, from: &mut LossField, to: &LossField, scratch: &mut Scratch) {
        let (lane, t) = (self.lane, self.t);
        scratch.own.clear();
        let own = |&(place, _): &(u32, f64)| to.lanes[place as usize][lane];
        scratch.own.extend(self.lists.growth().iter().map(own));
        scratch.rows.clear();
        for (place, entries) in self.lists.rows() {
            let imports: f64 = entries.iter().map(|&(p, w)| w * self.amount(from, p)).sum();
            let own = to.lanes[place as usize][lane];
            scratch.rows.push(own + (self.base.imports(t, place) - imports));
        }
        scratch.amounts.clear();
        scratch.amounts.extend(self.lists.columns().map(|(place, _)| self.amount(from, place)));
        for &(place, factor) in self.lists.factors() {
            let sent = factor * self.amount(from, place);
            from.lanes[place as usize][lane] = self.base.available[t - 1][place as usize] - sent;
            set_active(&mut from.active, place);
        }
    }

    /// Puts the changed imports over those in `to`.
    #[inline(always)]
    pub fn after_trade(&self, to: &mut LossField, scratch: &Scratch) {
        let lane = self.lane;
        for ((_, entries), amount) in self.lists.columns().zip(&scratch.amounts) {
            for &(place, weight) in entries {
                to.lanes[place as usize][lane] -= weight * amount;
                set_active(&mut to.active, place);
            }
        }
        for (&(place, growth), own) in self.lists.growth().iter().zip(&scratch.own) {
            let loss = &mut to.lanes[place as usize][lane];
            let imports = self.base.imports(self.t, place);
            *loss = own + (imports - growth * (imports - (*loss - own)));
            set_active(&mut to.active, place);
        }
        for ((place, _), &loss) in self.lists.rows().zip(&scratch.rows) {
            to.lanes[place as usize][lane] = loss;
            set_active(&mut to.active, place);
        }
    }
}
