//! Shares, conversion, output, allocation and trade from the sums of the tables.

use rayon::prelude::*;

use super::balance::Balance;
use crate::dataset::Parameters;
use crate::sparse::Csr;
use crate::tables::{SupplyUse, TableLabels};

/// The parameters, and the shares `eta_food` and `eta_else`.
///
/// Source: Laber et al. 2023, eqs. 13, 16-19 (each part over what the area possesses), 21, 25, 27.
pub fn parameters(
    labels: &TableLabels,
    tables: &SupplyUse,
    balance: &Balance,
) -> (Parameters, [Vec<f64>; 2]) {
    let sectors = labels.dimensions().sectors();
    let x0: Vec<f64> = (0..sectors).map(|s| balance.possessed(s)).collect();
    let share = |part: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..sectors).map(|s| if x0[s] > 0.0 { part(s) / x0[s] } else { 0.0 }).collect()
    };
    let share_eta_prod = share(&|s| balance.prod_use[s]);
    let share_eta_exp = share(&|s| balance.exports[s]);
    let eta_food = share(&|s| balance.food[s]);
    let eta_else = share(&|s| balance.other(s));
    let (conversion_alpha, output_beta) = production(labels, tables);
    let parameters = Parameters {
        start_stock: (0..sectors).map(|s| balance.start(s)).collect(),
        share_eta_prod,
        share_eta_exp,
        conversion_alpha,
        output_beta,
        allocation_nu: allocation(labels, tables, balance),
        trade_t: trade(labels, tables, balance),
        x0,
    };
    (parameters, [eta_food, eta_else])
}

/// `alpha` where a process uses any input in this year, `beta` where it uses none.
///
/// Source: Laber et al. 2023, eq. 25.
fn production(labels: &TableLabels, tables: &SupplyUse) -> (Csr<f64>, Csr<f64>) {
    let d = labels.dimensions();
    let mut inputs = vec![0.0; d.process_columns()];
    for e in &tables.uses {
        inputs[e.to as usize] += e.value;
    }
    let (mut alpha, mut beta) = (Vec::new(), Vec::new());
    for e in &tables.supply {
        match inputs[e.from as usize] {
            input if input > 0.0 => alpha.push((e.to, e.from, e.value / input)),
            _ => beta.push((e.to, e.from, e.value)),
        }
    }
    (
        matrix(d.sectors(), d.process_columns(), alpha),
        matrix(d.sectors(), d.process_columns(), beta),
    )
}

/// `nu`: how what an area gives to production is split between its processes.
///
/// Source: Laber et al. 2023, eq. 21.
fn allocation(labels: &TableLabels, tables: &SupplyUse, balance: &Balance) -> Csr<f64> {
    let d = labels.dimensions();
    let of_user = tables.uses.iter().map(|e| {
        let area = d.area_of_process_column(e.to as usize);
        (e.to, d.sector(area, d.item_of(e.from as usize)) as u32, e.value)
    });
    let mut entries = summed(of_user.collect());
    entries.iter_mut().for_each(|e| e.2 /= balance.prod_use[e.1 as usize]);
    matrix(d.process_columns(), d.sectors(), entries)
}

/// `T`: how an area's exports are split between the areas that use or take them.
///
/// Source: Laber et al. 2023, eq. 13.
fn trade(labels: &TableLabels, tables: &SupplyUse, balance: &Balance) -> Csr<f64> {
    let d = labels.dimensions();
    let purposes = labels.purposes.len();
    let link = |from: u32, area: usize, value: f64| {
        let from = from as usize;
        let is_trade = value > 0.0 && d.area_of(from) != area;
        is_trade.then(|| (d.sector(area, d.item_of(from)) as u32, from as u32, value))
    };
    let used = tables
        .uses
        .iter()
        .filter_map(|e| link(e.from, d.area_of_process_column(e.to as usize), e.value));
    let taken =
        tables.demand.iter().filter_map(|e| link(e.from, e.to as usize / purposes, e.value));
    let mut entries = summed(used.chain(taken).collect());
    entries.iter_mut().for_each(|e| e.2 /= balance.exports[e.1 as usize]);
    matrix(d.sectors(), d.sectors(), entries)
}

/// Sums of the values at each position, in row order; values in the order given.
fn summed(mut entries: Vec<(u32, u32, f64)>) -> Vec<(u32, u32, f64)> {
    // Stable, so that every sum has one order.
    entries.par_sort_by_key(|e| (e.0, e.1));
    entries.dedup_by(|next, sum| {
        let same = (next.0, next.1) == (sum.0, sum.1);
        if same {
            sum.2 += next.2;
        }
        same
    });
    entries
}

fn matrix(rows: usize, cols: usize, entries: Vec<(u32, u32, f64)>) -> Csr<f64> {
    Csr::from_triplets(rows, cols, entries).expect("positions of labels, each summed to one entry")
}
