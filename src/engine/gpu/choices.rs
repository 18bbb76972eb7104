//! What kernels read to turn hits into jobs: share rules, substitutes, and how much room changes of production take.
//!
//! Layout: `shaders/shares.wgsl`, `ask_trade.wgsl` and `ask_production.wgsl`.

use super::machine::{Buffer, Machine};
use super::rules::Room;
use crate::engine::network::Network;
use crate::engine::network::tables::AdaptiveTables;
use crate::model::adaptation::entry::learned;

/// Numbers of a share: value, multiplier, rewiring, 1 if there is a rule.
pub const SHARE: usize = 4;
/// Numbers of a place: its shares of exports, production and consumption.
pub const SHARES: usize = 3 * SHARE;

/// Tables for kernels, flat.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Where entries begin, by place that is lost, then by place that is a substitute; then the items of entries.
    substitutes: Vec<u32>,
    /// [`SHARES`] numbers per place, then `1 + s` of every entry.
    amounts: Vec<f64>,
    /// Number of processes, then the room of every sector and every area.
    rooms: Vec<u32>,
}

/// The same on a machine.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceBuffers {
    /// Substitutes of places.
    pub substitutes: Buffer,
    /// Shares and factors.
    pub amounts: Buffer,
    /// Room for changes of production.
    pub rooms: Buffer,
}

impl Choices {
    /// The tables of a dataset, whose sectors and areas take so much room.
    pub fn new(
        net: &Network,
        tables: &AdaptiveTables,
        (sectors, areas): (&[Room], &[Room]),
    ) -> Self {
        let words = |room: &Room| [room.made, room.outputs, room.shares, room.inputs];
        let mut rooms = vec![tables.dims.processes as u32];
        rooms.extend(sectors.iter().chain(areas).flat_map(words));
        let (substitutes, factors) = substitutes(net, tables);
        let mut amounts = shares(net, tables);
        amounts.extend(factors);
        Choices { substitutes, amounts, rooms }
    }

    /// Numbers of the largest table.
    pub fn largest(&self) -> usize {
        self.amounts.len()
    }

    /// Uploads them.
    pub fn upload(&self, machine: &mut dyn Machine) -> ChoiceBuffers {
        ChoiceBuffers {
            substitutes: machine.upload_whole(&self.substitutes),
            amounts: machine.upload_real(&self.amounts),
            rooms: machine.upload_whole(&self.rooms),
        }
    }
}

/// Shares of every place, with their rules.
fn shares(net: &Network, tables: &AdaptiveTables) -> Vec<f64> {
    let mut amounts = vec![0.0; net.places() * SHARES];
    for sector in 0..tables.dims.sectors() {
        let [exports, production] = [tables.shares[0][sector], tables.shares[1][sector]];
        let old = [exports, production, 1.0 - exports - production];
        let of_place = amounts[net.place(sector) * SHARES..].chunks_exact_mut(SHARE);
        for ((old, rules), of_share) in old.into_iter().zip(&tables.share_rules).zip(of_place) {
            of_share[0] = old;
            if let Some(rule) = learned(rules[sector].as_ref()) {
                of_share[1] = rule.multiplier.unwrap_or(0.0);
                of_share[2] = rule.rewiring.unwrap_or(0.0);
                of_share[3] = 1.0;
            }
        }
    }
    amounts
}

/// Substitutes of every place, then what every place is a substitute of, ascending by item; and how much.
fn substitutes(net: &Network, tables: &AdaptiveTables) -> (Vec<u32>, Vec<f64>) {
    let (dims, places) = (tables.dims, net.places());
    // By row: the items at the other end, and their factors.
    let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); 2 * places];
    let blocks = tables.substitutability.as_ref();
    for area in 0..dims.areas {
        let Some(block) = blocks.and_then(|blocks| blocks.of(area)) else { continue };
        for lost in 0..dims.items {
            for (item, s) in block.row(lost) {
                let place = |item: usize| item * net.stride + area;
                rows[place(lost)].push((item as u32, 1.0 + s));
                rows[places + place(item)].push((lost as u32, 1.0 + s));
            }
        }
    }
    let mut found = vec![0u32];
    let mut end = 0;
    for row in &rows {
        end += row.len() as u32;
        found.push(end);
    }
    found.extend(rows.iter().flatten().map(|entry| entry.0));
    (found, rows.into_iter().flatten().map(|entry| entry.1).collect())
}
