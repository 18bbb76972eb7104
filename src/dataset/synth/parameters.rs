//! Parameters of the model from the flows of a synthetic world (Laber et al. 2023, eqs. 12-27).

use super::super::Parameters;
use super::names::World;
use super::production::Economy;
use super::random::{Family, Stream};
use crate::sparse::Csr;

/// Share of the producers with a start stock, and its median part of the available amount.
const STOCKED: f64 = 0.33;
const MEDIAN_STOCK: f64 = 0.004;
/// Start stocks stay small, so that the unshocked world stays close to where it begins.
const LARGEST_STOCK: f64 = 0.03;

/// Shares, conversion, output, allocation and trade that reproduce the flows.
pub(super) fn parameters(world: &World, economy: &Economy, seed: u64) -> Parameters {
    let dims = world.labels.dimensions();
    let (sectors, columns) = (dims.sectors(), dims.process_columns());

    let mut used = vec![0.0; sectors];
    for run in &economy.runs {
        for (item, amounts) in &run.inputs {
            amounts.iter().enumerate().for_each(|(c, a)| used[dims.sector(c, *item)] += a);
        }
    }
    let mut x0 = vec![0.0; sectors];
    let (mut share_eta_prod, mut share_eta_exp) = (vec![0.0; sectors], vec![0.0; sectors]);
    for (item, flow) in economy.flows.iter().enumerate() {
        for c in 0..dims.areas {
            let s = dims.sector(c, item);
            x0[s] = flow.available[c];
            if x0[s] > 0.0 {
                share_eta_exp[s] = flow.exported[c] / x0[s];
                // The rest is exact only in real numbers.
                share_eta_prod[s] = (used[s] / x0[s]).min(1.0 - share_eta_exp[s]);
            }
        }
    }

    let (mut alpha, mut beta, mut nu) = (Vec::new(), Vec::new(), Vec::new());
    for c in 0..dims.areas {
        for (k, run) in economy.runs.iter().enumerate() {
            let column = dims.process_column(c, k) as u32;
            let mut total = 0.0;
            for (item, amounts) in run.inputs.iter().filter(|(_, amounts)| amounts[c] > 0.0) {
                let s = dims.sector(c, *item);
                nu.push((column, s as u32, amounts[c] / used[s]));
                total += amounts[c];
            }
            for (item, amounts) in run.outputs.iter().filter(|(_, amounts)| amounts[c] > 0.0) {
                let s = dims.sector(c, *item) as u32;
                if total > 0.0 {
                    alpha.push((s, column, amounts[c] / total));
                } else {
                    beta.push((s, column, amounts[c]));
                }
            }
        }
    }

    Parameters {
        start_stock: start_stock(world, economy, seed),
        x0,
        share_eta_prod,
        share_eta_exp,
        conversion_alpha: matrix(sectors, columns, alpha),
        output_beta: matrix(sectors, columns, beta),
        allocation_nu: matrix(columns, sectors, nu),
        trade_t: trade_matrix(world, economy),
    }
}

/// A matrix of entries that cannot be wrong.
fn matrix(rows: usize, cols: usize, entries: Vec<(u32, u32, f64)>) -> Csr<f64> {
    Csr::from_triplets(rows, cols, entries).expect("every flow of a synthetic world occurs once")
}

/// Shares of trade, counted into row order first: sorting millions of links would take longer.
fn trade_matrix(world: &World, economy: &Economy) -> Csr<f64> {
    let dims = world.labels.dimensions();
    let sectors = dims.sectors();
    let mut next = vec![0usize; sectors + 1];
    let links = || {
        economy.flows.iter().enumerate().flat_map(|(item, flow)| {
            flow.links.iter().map(move |&(to, from, share)| {
                (dims.sector(to as usize, item), dims.sector(from as usize, item), share)
            })
        })
    };
    links().for_each(|(row, _, _)| next[row + 1] += 1);
    for row in 0..sectors {
        next[row + 1] += next[row];
    }
    let mut entries = vec![(0, 0, 0.0); next[sectors]];
    for (row, col, share) in links() {
        // A row has one item, and an item's links come in order of the exporter.
        entries[next[row]] = (row as u32, col as u32, share);
        next[row] += 1;
    }
    matrix(sectors, sectors, entries)
}

/// Small stocks, released once, of a minority of the producers.
fn start_stock(world: &World, economy: &Economy, seed: u64) -> Vec<f64> {
    let dims = world.labels.dimensions();
    let mut producer = vec![false; dims.sectors()];
    for (item, amounts) in economy.runs.iter().flat_map(|run| &run.outputs) {
        for c in (0..dims.areas).filter(|&c| amounts[c] > 0.0) {
            producer[dims.sector(c, *item)] = true;
        }
    }
    let mut stock = vec![0.0; dims.sectors()];
    for (item, (flow, traits)) in economy.flows.iter().zip(&world.items).enumerate() {
        let mut draw = Stream::new(seed, Family::StartStock, traits.slot);
        for c in 0..dims.areas {
            let (stocked, part) = (draw.chance(STOCKED), MEDIAN_STOCK * draw.wild());
            let s = dims.sector(c, item);
            if stocked && producer[s] {
                stock[s] = flow.available[c] * part.min(LARGEST_STOCK);
            }
        }
    }
    stock
}
