//! Bans in the cpu engine: after a step's shared trade, the banned shares are taken out lane by lane.

use super::adaptation::Group;
use super::lane_job::LaneJob;
use super::lanes::{LossField, set_active};
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{ByPlace, Network};
use crate::model::bans::{ColumnBan, ban, by_exporter};

/// One exporter's column under bans in one lane.
struct BannedColumn {
    lane: usize,
    place: u32,
    bans: Vec<ColumnBan>,
    /// Available amount that the exporter sends from, tonnes.
    amount: f64,
}

/// Bans of a group in one step.
pub struct Bans(Vec<BannedColumn>);

impl Bans {
    /// Whether some lane has a ban in some step.
    pub fn are_in(lanes: &[&LaneJob<'_>]) -> bool {
        lanes.iter().any(|job| job.shocks.iter().any(|shock| shock.kind.is_ban()))
    }

    /// Bans of step `t` with the amounts that flow in it, from the losses of the step before.
    pub fn before_step(
        net: &Network,
        base: &ByPlace,
        lanes: &[&LaneJob<'_>],
        losses: &LossField,
        t: usize,
    ) -> Self {
        let mut columns = Vec::new();
        for (lane, job) in lanes.iter().enumerate() {
            for (exporter, bans) in by_exporter(job.shocks, net.dims, t) {
                let place = net.place(exporter as usize);
                let amount = match t.checked_sub(1) {
                    None => base.x0[place],
                    Some(before) => base.available[before][place] - losses.lanes[place][lane],
                };
                columns.push(BannedColumn { lane, place: place as u32, bans, amount });
            }
        }
        Bans(columns)
    }

    /// Puts the bans over the losses after trade; `adaptation` is what lanes have changed.
    pub fn after_step(
        &self,
        net: &Network,
        adaptation: Option<(&Group, &AdaptiveTables)>,
        losses: &mut LossField,
    ) {
        for column in &self.0 {
            let (tile, lane) = (column.place as usize / net.stride * net.stride, column.lane);
            let before = match adaptation {
                Some((group, tables)) => group.column(tables, net, lane, column.place),
                None => net.column(column.place),
            };
            let mut after = before.clone();
            let kept = ban(&mut after, &column.bans) * column.amount;
            let mut gain = |place: usize, amount: f64| {
                losses.lanes[place][lane] -= amount;
                set_active(&mut losses.active, place as u32);
            };
            for (&(importer, after), (_, before)) in after.iter().zip(before) {
                gain(tile + importer as usize, (after - before) * column.amount);
            }
            gain(column.place as usize, kept);
        }
    }
}
