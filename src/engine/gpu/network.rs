//! The network as kernels walk it: row by row, every row's links in ascending order.

use super::change_rooms::ChangeRooms;
use super::layout::{LANES, Sizes};
use super::machine::{Buffer, Machine};
use super::reserves::Reserves;
use super::rooms::KeptRooms;
use super::rules::{RuleBuffers, Rules};
use crate::dataset::{Dataset, Dimensions};
use crate::engine::EngineError;
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{ByPlace, Network, Reach};
use crate::model::Baseline;
use crate::model::constants::LARGEST_AMOUNT;
use crate::model::divergence::Range;

/// Workgroups that every device takes per dimension.
pub const MAX_WORKGROUPS: usize = 65_535;

/// What a dataset is on the host.
pub struct Prepared {
    /// The network by place.
    pub network: Network,
    /// How far losses spread.
    pub reach: Reach,
    /// The unshocked run.
    pub baseline: Baseline,
    /// The same by place.
    pub by_place: ByPlace,
    /// What adaptation reads; `None` for a dataset without rules.
    pub tables: Option<AdaptiveTables>,
    /// The same for kernels; `None` where the host builds what scenarios change.
    pub rules: Option<Rules>,
    /// Per area, whether it has a population.
    pub populated: Vec<bool>,
    /// What areas hold against losses.
    pub reserves: Reserves,
    /// Where the host builds what scenarios change.
    pub(super) change_rooms: ChangeRooms,
    /// How much room decisions have taken so far.
    pub rooms: KeptRooms,
    /// Steps after which runs must be watched: in f64, in f32.
    ranges: [(Range, f64); 2],
}

/// Bytes that one buffer of every device holds.
const LEAST_BINDING: u64 = 128 << 20;

/// Amounts above this are out of the range of f32, with room for sums, tonnes.
const LARGEST_OF_SINGLE: f64 = 1e30;

impl Prepared {
    /// Lays a dataset out for runs of `steps` steps.
    ///
    /// # Errors
    /// The dataset is too large for a device.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(dataset: &Dataset, steps: usize) -> Result<Self, EngineError> {
        let baseline = Baseline::compute(&dataset.parameters, steps);
        let network = Network::new(dataset);
        if network.places() / 32 > MAX_WORKGROUPS {
            return Err(EngineError::Unfit(format!(
                "the dataset has {} places; at most {} can be run",
                network.places(),
                32 * MAX_WORKGROUPS
            )));
        }
        let by_sector = crate::engine::populated_sectors(dataset);
        let by_place = ByPlace::new(&network, &dataset.parameters.x0, &baseline, &by_sector);
        let areas = dataset.labels.areas.iter();
        let range = |limit| (Range::new(dataset, &baseline, limit), limit);
        let tables = AdaptiveTables::new(dataset, &network);
        Ok(Prepared {
            reserves: Reserves::new(&network, &dataset.reserves),
            change_rooms: ChangeRooms::default(),
            rooms: KeptRooms::new(network.dims, LEAST_BINDING, 8),
            ranges: [LARGEST_AMOUNT, LARGEST_OF_SINGLE].map(range),
            reach: Reach::new(&network),
            rules: tables.as_ref().and_then(|tables| Rules::new(&network, tables)),
            tables,
            by_place,
            baseline,
            populated: areas.map(|area| area.population.is_some()).collect(),
            network,
        })
    }

    /// Steps after which runs must be watched, and the amount above which they are out of range.
    pub fn range(&self, is_single: bool) -> (Range, f64) {
        self.ranges[usize::from(is_single)]
    }

    /// Sizes of the dataset.
    pub fn dims(&self) -> Dimensions {
        self.network.dims
    }

    /// Numbers that kernels read of every batch.
    pub fn sizes(&self, groups: usize, shocks: usize) -> Sizes {
        let dims = self.dims();
        Sizes {
            places: self.network.places() as u32,
            words: (self.network.places() / 32) as u32,
            stride: self.network.stride as u32,
            areas: dims.areas as u32,
            items: dims.items as u32,
            groups: groups as u32,
            shocks: shocks as u32,
        }
    }

    /// Losses of one group, numbers.
    pub fn group_losses(&self) -> usize {
        self.network.places() * LANES
    }
}

/// Links by row: starts, sources, weights.
pub type Rows = [Buffer; 3];

/// A dataset on a machine.
#[derive(Debug, Clone)]
pub struct OnMachine {
    /// `alpha nu diag(eta_prod)`: inputs of every place.
    pub production: Rows,
    /// `T diag(eta_exp)`: exporters of every place.
    pub trade: Rows,
    /// Available amounts at the start.
    pub x0: Buffer,
    /// Baseline available amounts by step.
    pub available: Vec<Buffer>,
    /// Baseline output by step.
    pub output: Vec<Buffer>,
    /// Per area, 1 if it has a population.
    pub populated: Buffer,
    /// What adaptation reads.
    pub rules: Option<RuleBuffers>,
}

impl OnMachine {
    /// Uploads a dataset.
    pub fn new(prepared: &Prepared, machine: &mut dyn Machine) -> Self {
        let net = &prepared.network;
        let places = net.places();
        let mut production: Vec<Vec<(u32, f64)>> = vec![Vec::new(); places];
        for input in 0..places {
            let (outputs, weights) = net.production.of(input);
            for (&output, &weight) in outputs.iter().zip(weights) {
                production[output as usize].push((input as u32, weight));
            }
        }
        let trade = |place: usize| -> Vec<(u32, f64)> {
            let tile = (place / net.stride * net.stride) as u32;
            let (exporters, weights) = net.trade_by_importer.of(place);
            exporters.iter().map(|e| tile + e).zip(weights.iter().copied()).collect()
        };
        let trade: Vec<Vec<(u32, f64)>> = (0..places).map(trade).collect();
        let populated: Vec<u32> = prepared.populated.iter().map(|&p| u32::from(p)).collect();
        let by_place = &prepared.by_place;
        OnMachine {
            production: rows(machine, &production),
            trade: rows(machine, &trade),
            x0: machine.upload_real(&by_place.x0),
            available: by_place.available.iter().map(|x| machine.upload_real(x)).collect(),
            output: by_place.output.iter().map(|o| machine.upload_real(o)).collect(),
            populated: machine.upload_whole(&populated),
            rules: prepared.rules.as_ref().map(|rules| rules.upload(machine)),
        }
    }
}

fn rows(machine: &mut dyn Machine, rows: &[Vec<(u32, f64)>]) -> Rows {
    let mut starts = vec![0u32];
    for row in rows {
        starts.push(starts[starts.len() - 1] + row.len() as u32);
    }
    let sources: Vec<u32> = rows.iter().flatten().map(|link| link.0).collect();
    let weights: Vec<f64> = rows.iter().flatten().map(|link| link.1).collect();
    [machine.upload_whole(&starts), machine.upload_whole(&sources), machine.upload_real(&weights)]
}
