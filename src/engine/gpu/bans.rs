//! Bans of a batch in one step, in the form in which kernels apply them.
//!
//! What a ban does to an exporter's column is found by the same function as in the other engines
//! ([`ban`]); only the amounts that flow are the device's.

use super::batch::Batch;
use super::layout::LANES;
use super::machine::{Buffer, Element};
use super::patch::gathered;
use crate::dataset::Dimensions;
use crate::engine::network::Network;
use crate::model::bans::{ban, by_exporter};
use crate::scenario::Scenario;

/// Words of a scenario's bans: the scenario and the bounds of its two lists.
pub const BAN: usize = 4;

/// Bans of a batch in one step, flat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BanTable {
    /// Per scenario with bans [`BAN`] words.
    pub heads: Vec<u32>,
    /// `(place, first entry, end, 0)`.
    pub items: Vec<u32>,
    /// Item of the column.
    pub entry_at: Vec<u32>,
    /// Share of what the column sends that the place does not get.
    pub entry_weight: Vec<f64>,
}

/// Whether a scenario has a ban in some step.
pub fn has_bans(scenario: &Scenario) -> bool {
    scenario.shocks.iter().any(|shock| shock.kind.is_ban())
}

/// Bans of a batch on the machine.
pub(super) struct BanBuffers {
    /// Heads, items, entries, weights, scratch.
    pub lists: [Buffer; 5],
    /// Scenarios with bans.
    pub count: u32,
}

impl Batch<'_> {
    /// Uploads the bans of step `t` where they differ from those before.
    pub(super) fn ban_table(&mut self, t: usize) {
        let net = &self.prepared.network;
        let mut table = BanTable::default();
        for (number, scenario) in self.scenarios.iter().enumerate().filter(|s| has_bans(s.1)) {
            let decided = self.banned[number].as_ref().zip(self.prepared.tables.as_ref());
            table.add((number, scenario), net, t, |place| match decided {
                Some((decided, tables)) => decided.column(tables, net, place),
                None => net.column(place),
            });
        }
        if self.bans.as_ref().is_some_and(|(old, _)| *old == table) {
            return;
        }
        let machine = &mut *self.machine;
        if let Some((_, old)) = self.bans.take() {
            old.lists.into_iter().for_each(|buffer| machine.free(buffer));
        }
        if !table.heads.is_empty() {
            let lists = [
                machine.upload_whole(&table.heads),
                machine.upload_whole(&table.items),
                machine.upload_whole(&table.entry_at),
                machine.upload_real(&table.entry_weight),
                machine.room(Element::Real, table.items.len() / 4),
            ];
            let count = (table.heads.len() / BAN) as u32;
            self.bans = Some((table, BanBuffers { lists, count }));
        }
    }
}

impl BanTable {
    /// Adds the bans of one scenario in step `t`; `column` gives the shares in force.
    pub fn add(
        &mut self,
        (number, scenario): (usize, &Scenario),
        net: &Network,
        t: usize,
        column: impl Fn(u32) -> Vec<(u32, f64)>,
    ) {
        let first = (self.items.len() / 4) as u32;
        let mut links = Vec::new();
        for (nth, (exporter, bans)) in (first..).zip(by_exporter(&scenario.shocks, net.dims, t)) {
            let place = net.place(exporter as usize);
            let tile = place / net.stride * net.stride;
            let before = column(place as u32);
            let mut after = before.clone();
            let kept = ban(&mut after, &bans);
            for (&(importer, after), (_, before)) in after.iter().zip(before) {
                links.push((tile as u32 + importer, nth, after - before));
            }
            links.push((place as u32, nth, kept));
            self.items.extend([place as u32, 0, 0, 0]);
        }
        let columns_end = (self.items.len() / 4) as u32;
        if columns_end == first {
            return;
        }
        links.retain(|link| link.2 != 0.0);
        for of_place in gathered(&mut links) {
            let start = self.entry_at.len() as u32;
            self.entry_at.extend(of_place.iter().map(|link| link.1));
            self.entry_weight.extend(of_place.iter().map(|link| link.2));
            self.items.extend([of_place[0].0, start, self.entry_at.len() as u32, 0]);
        }
        self.heads.extend([number as u32, first, columns_end, (self.items.len() / 4) as u32]);
    }
}

/// Sets the bits of every place that the bans of a scenario may write, whatever the step.
pub fn force(
    mask: &mut [u32],
    (number, scenario): (usize, &Scenario),
    net: &Network,
    dims: Dimensions,
    steps: usize,
) {
    let words = net.places() / 32;
    let group = number / LANES * words;
    for shock in scenario.shocks.iter().filter(|shock| shock.kind.is_ban()) {
        // Everything of the item: who imports may change with adaptation.
        if (0..steps).any(|t| shock.at(t) > 0.0) {
            let first = dims.item_of(shock.sector as usize) * net.stride;
            for place in first..first + dims.areas {
                mask[group + place / 32] |= 1 << (place % 32);
            }
        }
    }
}
