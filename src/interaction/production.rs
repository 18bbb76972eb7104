//! Changed production of one area in every run, with its interaction.
//!
//! Entry (i, j) of `alpha nu diag(eta_prod)` differs where a process column of alpha is changed,
//! where the input j adapts (its column of nu and its share), and in the rows of shocked sectors,
//! which the factor `1 - phi` multiplies. Differences are formed before anything is added up.

use super::hits::Hit;
use super::parts::{Branch, Parts};
use super::patch::Changed;
use super::tables::InteractionTables;
use super::trade::changed;
use crate::engine::network::tables::{AdaptiveTables, Entries};
use crate::model::adaptation::{MissingRule, entry};
use crate::sparse::Csr;

/// A process column of alpha or beta that differs: process, `(sector, value without shocks, value)`.
type ProcessColumn<const N: usize> = (u32, Vec<(u32, f64, Parts<N>)>);

/// Adds what differs of an area's production.
///
/// `hits` are its adapting sectors, ascending; `shocks` the share `1 - phi` that shocked sectors
/// put out, ascending by sector.
pub fn area<const N: usize>(
    tables: &InteractionTables,
    missing: MissingRule,
    area: usize,
    hits: &[Hit<N>],
    shocks: &[(u32, Parts<N>)],
    to: &mut Changed<N>,
) {
    // Differences `(input, output, weight above that without shocks)`.
    let mut cells: Vec<(u32, u32, Parts<N>)> = Vec::new();
    let mut without_input: Vec<(u32, Parts<N>)> = Vec::new();
    if let (Some(rules), false) = (&tables.rules, hits.is_empty()) {
        let alpha = columns(rules, 0, area, hits, missing);
        let beta = columns(rules, 1, area, hits, missing);
        for (process, outputs) in &alpha {
            // Inputs that do not adapt: their allocation is the shared one.
            let column = rules.dims.process_column(area, *process as usize);
            for (input, &share) in rules.inputs.row(column) {
                if hits.binary_search_by_key(&(input as u32), |h| h.sector).is_ok() {
                    continue;
                }
                let weight = share * rules.shares[1][input];
                for (output, base, value) in outputs {
                    let difference = value.above(*base).scaled(weight);
                    if !difference.is_constant() {
                        cells.push((input as u32, *output, difference));
                    }
                }
            }
        }
        for hit in hits {
            input(rules, missing, area, hit, &alpha, &mut cells);
        }
        for (_, outputs) in &beta {
            for (output, base, value) in outputs {
                without_input.push((*output, value.above(*base)));
            }
        }
    }
    finish(tables, shocks, cells, without_input, to);
}

/// Sums up cells, multiplies the rows of shocked sectors and hands everything over by place.
fn finish<const N: usize>(
    tables: &InteractionTables,
    shocks: &[(u32, Parts<N>)],
    mut cells: Vec<(u32, u32, Parts<N>)>,
    mut without_input: Vec<(u32, Parts<N>)>,
    to: &mut Changed<N>,
) {
    let shocked = |sector: u32| shocks.iter().find(|s| s.0 == sector).map(|s| &s.1);
    let none = Parts::constant(0.0);
    for &(sector, _) in shocks {
        let row = tables.production.row(sector as usize);
        cells.extend(row.map(|(input, _)| (input as u32, sector, none)));
        without_input.push((sector, none));
    }
    let place = |sector: u32| tables.net.place(sector as usize) as u32;
    cells.sort_by_key(|cell| (cell.0, cell.1));
    for of in cells.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (input, output, _) = of[0];
        let sum = of.iter().skip(1).fold(of[0].2, |sum, cell| sum.plus(&cell.2));
        let weight = match shocked(output) {
            None => sum,
            Some(left) => {
                let base = tables.production.get(output as usize, input as usize);
                sum.plus(&Parts::constant(base.copied().unwrap_or(0.0))).times(left)
            }
        };
        if !weight.is_constant() {
            to.entries.push((place(input), place(output), weight));
        }
    }
    without_input.sort_by_key(|output| output.0);
    for of in without_input.chunk_by(|a, b| a.0 == b.0) {
        let sector = of[0].0;
        let sum = of.iter().skip(1).fold(of[0].1, |sum, output| sum.plus(&output.1));
        let amount = match shocked(sector) {
            None => sum,
            Some(left) => {
                let start = tables.start[sector as usize];
                to.at_start.push((place(sector), left.scaled(start)));
                let base = tables.without_input[sector as usize];
                sum.plus(&Parts::constant(base)).times(left)
            }
        };
        to.constants.push((place(sector), amount));
    }
}

/// What an adapting input is made into.
fn input<const N: usize>(
    rules: &AdaptiveTables,
    missing: MissingRule,
    area: usize,
    hit: &Hit<N>,
    alpha: &[ProcessColumn<N>],
    cells: &mut Vec<(u32, u32, Parts<N>)>,
) {
    let sector = hit.sector as usize;
    let mut shares: Vec<(u32, f64, Parts<N>)> = Vec::new();
    let (mut sum, mut touched) = (Parts::constant(0.0), 0u32);
    for e in rules.nu.of(sector) {
        let old = Parts::constant(e.value);
        let share = Parts::where_set(hit.mask, &changed(e, &hit.rl, missing), &old);
        for set in (0..N).filter(|&set| share.value[set] != e.value) {
            touched |= 1 << set;
        }
        sum = sum.plus(&share);
        shares.push((e.at, e.value, share));
    }
    let factor = factor(&sum, touched, 1.0);
    let old_share = rules.shares[1][sector];
    for (process, base, share) in &shares {
        let weight = share.times(&factor).times(&hit.eta[1]);
        let mut push = |output: u32, old: f64, value: &Parts<N>| {
            let cell = value.times(&weight).above(old * (base * old_share));
            if !cell.is_constant() {
                // What it is without shocks is a matter of the shared network.
                cells.push((hit.sector, output, without_base(cell)));
            }
        };
        match alpha.iter().find(|column| column.0 == *process) {
            Some((_, outputs)) => outputs.iter().for_each(|(s, old, value)| push(*s, *old, value)),
            None => {
                let column = rules.dims.process_column(area, *process as usize);
                for (output, &value) in rules.outputs[0].row(column) {
                    push(output as u32, value, &Parts::constant(value));
                }
            }
        }
    }
}

/// The same above a value of exactly 0 without shocks.
fn without_base<const N: usize>(mut cell: Parts<N>) -> Parts<N> {
    cell.part[0] = 0.0;
    cell.value[0] = 0.0;
    cell
}

/// The process columns of alpha (0) or beta (1) that the adapting sectors of an area change.
fn columns<const N: usize>(
    rules: &AdaptiveTables,
    m: usize,
    area: usize,
    hits: &[Hit<N>],
    missing: MissingRule,
) -> Vec<ProcessColumn<N>> {
    let family: &Entries = [&rules.alpha, &rules.beta][m];
    let matrix: &Csr<f64> = &rules.outputs[m];
    let mut edits: Vec<(u32, u32, Parts<N>)> = Vec::new();
    for hit in hits {
        for e in family.of(hit.sector as usize) {
            let old = Parts::constant(e.value);
            let value = Parts::where_set(hit.mask, &changed(e, &hit.rl, missing), &old);
            if value.value.iter().any(|&v| v != e.value) {
                edits.push((e.at, hit.sector, value));
            }
        }
    }
    edits.sort_by_key(|edit| (edit.0, edit.1));
    let mut columns = Vec::new();
    for edits in edits.chunk_by(|a, b| a.0 == b.0) {
        let column = rules.dims.process_column(area, edits[0].0 as usize);
        let mut outputs: Vec<(u32, f64, Parts<N>)> = matrix
            .row(column)
            .map(|(sector, &value)| (sector as u32, value, Parts::constant(value)))
            .collect();
        for &(_, sector, value) in edits {
            match outputs.binary_search_by_key(&sector, |o| o.0) {
                Ok(at) => outputs[at].2 = value,
                Err(at) => outputs.insert(at, (sector, 0.0, value)),
            }
        }
        let (mut sum, mut touched) = (Parts::constant(0.0), 0u32);
        for (_, base, value) in &outputs {
            for set in (0..N).filter(|&set| value.value[set] != *base) {
                touched |= 1 << set;
            }
            sum = sum.plus(value);
        }
        let factor = factor(&sum, touched, rules.output_sums[m][column]);
        outputs.iter_mut().for_each(|output| output.2 = output.2.times(&factor));
        columns.push((edits[0].0, outputs));
    }
    columns
}

/// The factor that restores a column's sum in the runs in which it is touched.
fn factor<const N: usize>(sum: &Parts<N>, touched: u32, target: f64) -> Parts<N> {
    let rescales =
        |set: usize| touched >> set & 1 == 1 && entry::rescaling(sum.value[set], target) != 1.0;
    let pick: [usize; N] = std::array::from_fn(|set| usize::from(rescales(set)));
    let one = Parts::constant(1.0);
    Parts::choose(&pick, &[Branch::Is(&one), Branch::Ratio(target, sum)])
}
