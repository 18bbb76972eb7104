//! Shocks of a batch as kernels read them.

use super::layout::LANES;
use crate::engine::network::Network;
use crate::scenario::{Scenario, Shock, ShockKind};

/// Shocked places of the scenarios of a batch, every place of a scenario once.
#[derive(Debug, Clone, Default)]
pub struct ShockTable {
    /// `(scenario, place)`, flat, ascending.
    pub places: Vec<u32>,
    /// Per scenario its first shock, and the end of all; of whole groups.
    pub starts: Vec<u32>,
    /// Places shocked in some lane, one bit each.
    pub mask: Vec<u32>,
    /// Intensities by step; one list where no intensity changes.
    phi: Vec<Vec<f64>>,
}

impl ShockTable {
    /// The losses of output of scenarios for `steps` steps.
    pub fn new(net: &Network, scenarios: &[&Scenario], steps: usize) -> Self {
        let groups = scenarios.len().div_ceil(LANES);
        let words = net.places() / 32;
        let of_output = |s: &&Shock| s.kind == ShockKind::Production;
        let is_constant =
            scenarios.iter().flat_map(|s| &s.shocks).filter(of_output).all(Shock::is_constant);
        let lists = if is_constant { 1 } else { steps };
        let mut table = ShockTable {
            starts: vec![0],
            mask: vec![0; groups * words],
            phi: vec![Vec::new(); lists],
            ..ShockTable::default()
        };
        for (number, scenario) in scenarios.iter().enumerate() {
            // A sector's shocks lie side by side; in every step at most one of them acts.
            let shocks: Vec<&Shock> = scenario.shocks.iter().filter(of_output).collect();
            for of_sector in shocks.chunk_by(|a, b| a.sector == b.sector) {
                let place = net.place(of_sector[0].sector as usize);
                table.places.extend([number as u32, place as u32]);
                table.mask[number / LANES * words + place / 32] |= 1 << (place % 32);
                for (t, phi) in table.phi.iter_mut().enumerate() {
                    phi.push(of_sector.iter().map(|shock| shock.at(t)).sum());
                }
            }
            table.starts.push(table.len() as u32);
        }
        // Lanes without a scenario have no shocks.
        table.starts.resize(groups * LANES + 1, table.len() as u32);
        table
    }

    /// Number of shocked places.
    pub fn len(&self) -> usize {
        self.places.len() / 2
    }

    /// Whether nothing loses output.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Number of lists of intensities.
    pub fn lists(&self) -> usize {
        self.phi.len()
    }

    /// Intensities in list `list`.
    pub fn phi(&self, list: usize) -> &[f64] {
        &self.phi[list]
    }
}
