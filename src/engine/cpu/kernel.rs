//! Propagation of losses for a lane group: up to [`LANES`] scenarios side by side.
//!
//! Losses of all lanes of one place lie together, so that one link costs one vector operation for
//! the whole group. Only *active* places (with a loss in some lane) are visited: a bit mask keeps
//! them. Every place receives its contributions in the same order (production by ascending input,
//! then trade by ascending exporter), whichever lanes share the group and whether a tile is
//! pushed or pulled: a contribution of 0 changes nothing. So a scenario's losses do not depend on
//! its neighbours, to the bit. Products and sums are kept apart (no fused multiply-add) so that
//! they do not depend on the processor either.

use super::adaptation::Group;
use super::lanes::{LANES, LaneShock, Lanes, LossField, set_places};
use crate::engine::network::row_blocks::ROWS;
use crate::engine::network::{ByPlace, Network, WORD, bits};
use crate::model::Baseline;

/// The two fields a propagation alternates between, and what is kept of the masks; reused from group to group.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Losses after the last step done.
    pub current: LossField,
    next: LossField,
    /// Losses kept for a second run from the same step on.
    kept: LossField,
    /// One per item.
    reaches: Vec<TileReach>,
}

impl Workspace {
    /// Room for a network's places.
    pub fn new(network: &Network) -> Self {
        let field = LossField::new(network.places());
        Workspace {
            current: field.clone(),
            next: field.clone(),
            kept: field,
            reaches: vec![TileReach::new(network.words()); network.dims.items],
        }
    }
}

impl Workspace {
    /// Keeps the current losses for [`Workspace::restore`].
    #[inline(always)]
    pub fn keep(&mut self) {
        self.kept.clear();
        self.kept.active.copy_from_slice(&self.current.active);
        for place in set_places(&self.current.active) {
            self.kept.lanes[place] = self.current.lanes[place];
        }
    }

    /// Goes back to the losses kept.
    #[inline(always)]
    pub fn restore(&mut self) {
        self.current.clear();
        std::mem::swap(&mut self.current, &mut self.kept);
    }
}

/// Sets the workspace to the losses after step 0: `L(0) = phi ob(0)` in the shocked sectors.
#[inline(always)]
pub fn start(work: &mut Workspace, baseline: &Baseline, shocks: &[LaneShock]) {
    work.current.clear();
    for shock in shocks {
        // A sector's shocks of other steps have intensity 0 here.
        work.current.lanes[shock.place as usize][shock.lane as usize] +=
            shock.phi * baseline.output[0][shock.sector as usize];
        work.current.active[shock.place as usize / WORD] |= 1 << (shock.place as usize % WORD);
    }
}

/// Advances the workspace from the losses of step `t - 1` to those of step `t >= 1`.
///
/// `L(t) = A L(t-1)` with `A = alpha nu diag(eta_prod) + T diag(eta_exp)`, and in a shocked sector
/// the output loss is `phi ob(t) + (1 - phi)` times the loss it would otherwise have had. What
/// `adaptation` has changed is put over the results of the shared network.
#[inline(always)]
pub fn advance(
    net: &Network,
    work: &mut Workspace,
    baseline: &Baseline,
    shocks: &[LaneShock],
    mut adaptation: Option<(&mut Group, &ByPlace)>,
    t: usize,
) {
    if let Some((group, base)) = &mut adaptation {
        group.before_production(base, t, &mut work.current);
    }
    production(net, &work.current, &mut work.next);
    if let Some((group, base)) = &mut adaptation {
        group.after_production(base, t, &mut work.current, &mut work.next);
    }
    for shock in shocks {
        let place = shock.place as usize;
        let loss = &mut work.next.lanes[place][shock.lane as usize];
        *loss = shock.phi * baseline.output[t][shock.sector as usize] + (1.0 - shock.phi) * *loss;
        work.next.active[place / WORD] |= 1 << (place % WORD);
    }
    if let Some((group, base)) = &mut adaptation {
        group.cap(base, t, &mut work.next);
        group.before_trade(base, t, &mut work.current, &work.next);
    }
    trade(net, &mut work.reaches, &work.current, &mut work.next);
    if let Some((group, base)) = &adaptation {
        group.after_trade(base, t, &mut work.next);
    }
    work.current.clear();
    std::mem::swap(&mut work.current, &mut work.next);
}

/// Losses of output: pushes every active place's loss to the products made from it.
#[inline(always)]
pub fn production(net: &Network, from: &LossField, to: &mut LossField) {
    for (w, (&word, &inputs)) in from.active.iter().zip(&net.inputs).enumerate() {
        for bit in bits(word & inputs) {
            let place = w * WORD + bit;
            let (targets, weights) = net.production.of(place);
            let loss = from.lanes[place];
            for (&target, &weight) in targets.iter().zip(weights) {
                add_scaled(&mut to.lanes[target as usize], weight, &loss);
                to.active[target as usize / WORD] |= 1 << (target as usize % WORD);
            }
        }
    }
}

/// Losses of imports, item by item.
///
/// Few active exporters are pushed, column by column; where they hold most of a tile's links, the
/// reached rows are pulled instead, which loads but does not store for every link.
#[inline(always)]
pub fn trade(net: &Network, reaches: &mut [TileReach], from: &LossField, to: &mut LossField) {
    let words = net.words();
    for (item, (reach, &tile_links)) in reaches.iter_mut().zip(&net.tile_links).enumerate() {
        let mask = item * words..(item + 1) * words;
        reach.update(net, item, &from.active[mask.clone()]);
        if reach.links == 0 {
            continue;
        }
        for (active, reached) in to.active[mask].iter_mut().zip(&reach.reached) {
            *active |= reached;
        }
        let base = item * net.stride;
        let source = &from.lanes[base..base + net.stride];
        let target = &mut to.lanes[base..base + net.stride];
        if reach.links * 4 > tile_links * 3 {
            pull_rows(net, item, &reach.reached, source, target);
            continue;
        }
        for place in set_places(&reach.exporters) {
            let (targets, weights) = net.trade_by_exporter.of(base + place);
            let loss = source[place];
            for (&importer, &weight) in targets.iter().zip(weights) {
                add_scaled(&mut target[importer as usize], weight, &loss);
            }
        }
    }
}

/// Which importers the active exporters of a tile reach: kept from step to step, since the set of
/// active exporters soon stops changing.
#[derive(Debug, Clone)]
pub struct TileReach {
    exporters: Vec<u64>,
    reached: Vec<u64>,
    links: usize,
}

impl TileReach {
    /// Nothing is active, nothing reached.
    pub fn new(words: usize) -> Self {
        TileReach { exporters: vec![0; words], reached: vec![0; words], links: 0 }
    }

    /// Brings the reach up to date with the active places of a tile.
    #[inline(always)]
    fn update(&mut self, net: &Network, item: usize, active: &[u64]) {
        let words = net.words();
        let can_export = &net.exporters[item * words..(item + 1) * words];
        let mut changed = false;
        for ((kept, &active), &can) in self.exporters.iter_mut().zip(active).zip(can_export) {
            changed |= *kept != active & can;
            *kept = active & can;
        }
        if !changed {
            return;
        }
        self.reached.fill(0);
        self.links = 0;
        for place in set_places(&self.exporters) {
            let place = item * net.stride + place;
            self.links += net.trade_by_exporter.degree(place);
            let importers = &net.importers[place * words..(place + 1) * words];
            for (reached, importers) in self.reached.iter_mut().zip(importers) {
                *reached |= importers;
            }
        }
    }
}

/// Adds to the importers of a tile their weighted exporters' losses, where any row of a block is reached.
///
/// What no exporter reaches gets sums of zeros.
#[inline(always)]
fn pull_rows(net: &Network, item: usize, reached: &[u64], source: &[Lanes], target: &mut [Lanes]) {
    let is_reached = |row: &u32| reached[*row as usize / WORD] >> (*row as usize % WORD) & 1 == 1;
    for block in net.row_blocks.of(item) {
        if !block.rows.iter().any(is_reached) {
            continue;
        }
        let mut sums = [Lanes::ZERO; ROWS];
        for (sum, &row) in sums.iter_mut().zip(block.rows) {
            *sum = target[row as usize];
        }
        let [a, b, c, d] = &mut sums;
        for cell in block.all {
            add_scaled(a, cell.weight[0], &source[cell.from[0] as usize]);
            add_scaled(b, cell.weight[1], &source[cell.from[1] as usize]);
            add_scaled(c, cell.weight[2], &source[cell.from[2] as usize]);
            add_scaled(d, cell.weight[3], &source[cell.from[3] as usize]);
        }
        for cell in block.two {
            add_scaled(a, cell.weight[0], &source[cell.from[0] as usize]);
            add_scaled(b, cell.weight[1], &source[cell.from[1] as usize]);
        }
        for (sum, cells) in [a, c].into_iter().zip(block.one) {
            for cell in cells {
                add_scaled(sum, cell.weight[0], &source[cell.from[0] as usize]);
            }
        }
        for (sum, &row) in sums.iter().zip(block.rows) {
            target[row as usize] = *sum;
        }
    }
}

/// `sum += weight * loss` in every lane.
#[inline(always)]
fn add_scaled(sum: &mut Lanes, weight: f64, loss: &Lanes) {
    for lane in 0..LANES {
        sum[lane] += weight * loss[lane];
    }
}
