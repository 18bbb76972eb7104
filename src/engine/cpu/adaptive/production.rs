//! Changed production of one area in one scenario: the outputs that differ, as full sums.
//!
//! With I the area's adapting items, outputs differ where a process column of alpha or beta has
//! changed, or where an item of I feeds the process, before or after its allocation changed.

use super::changes::Changes;
use super::tables::{AdaptiveTables, Entry};
use crate::model::adaptation::{MissingRule, entry};

/// An adapting item of the area.
#[derive(Debug, Clone, Copy)]
pub struct ItemHit {
    /// Index of the sector.
    pub sector: usize,
    /// Its relative loss.
    pub rl: f64,
    /// Its share for production after adaptation.
    pub eta_prod: f64,
}

/// A process column of alpha or beta after adaptation.
struct Column {
    process: usize,
    /// `(item, value)`, ascending.
    outputs: Vec<(u32, f64)>,
}

/// Writes the changed outputs of an area whose items `hits` (ascending) adapt.
pub fn changed_outputs(
    tables: &AdaptiveTables,
    area: usize,
    hits: &[ItemHit],
    missing: MissingRule,
    place: impl Fn(usize) -> u32,
    changes: &mut Changes,
) {
    let dims = tables.dims;
    let alpha = changed_columns(tables, 0, area, hits, missing);
    let beta = changed_columns(tables, 1, area, hits, missing);
    let allocations: Vec<Vec<(usize, f64)>> =
        hits.iter().map(|hit| changed_allocation(tables.nu.of(hit.sector), hit.rl, missing)).collect();

    // Processes whose output or input has changed, then all items they put out.
    let mut processes: Vec<usize> = alpha.iter().map(|column| column.process).collect();
    for (hit, allocation) in hits.iter().zip(&allocations) {
        processes.extend(allocation.iter().map(|a| a.0));
        processes.extend(tables.nu.of(hit.sector).iter().map(|e| e.at as usize));
    }
    processes.sort_unstable();
    processes.dedup();
    let mut items: Vec<u32> = beta.iter().flat_map(|c| &c.outputs).map(|o| o.0).collect();
    for &process in &processes {
        items.extend(outputs(tables, 0, &alpha, area, process).map(|o| o.0));
        // An output that has been cut off still differs.
        let column = dims.process_column(area, process);
        items.extend(tables.outputs[0].row_indices(column).iter().map(|&s| dims.item_of(s as usize) as u32));
    }
    for changed in &beta {
        let column = dims.process_column(area, changed.process);
        items.extend(tables.outputs[1].row_indices(column).iter().map(|&s| dims.item_of(s as usize) as u32));
    }
    items.sort_unstable();
    items.dedup();

    // The amounts that the processes of these items turn over, each one summed once.
    let mut summed: Vec<Option<u32>> = vec![None; dims.processes];
    for &item in &items {
        let sector = dims.sector(area, item as usize);
        let of_item = |m: usize, columns: &[Column]| {
            let mut parts: Vec<(usize, f64)> = Vec::new();
            let entries = [&tables.alpha, &tables.beta][m].of(sector);
            for e in entries {
                let process = e.at as usize;
                let value = match find(columns, process) {
                    Some(column) => column
                        .outputs
                        .binary_search_by_key(&item, |o| o.0)
                        .map_or(0.0, |at| column.outputs[at].1),
                    None => e.value,
                };
                if value != 0.0 {
                    parts.push((process, value));
                }
            }
            parts
        };
        let without_input: f64 = of_item(1, &beta).iter().map(|part| part.1).sum();
        let parts = of_item(0, &alpha);
        for &(process, _) in &parts {
            if summed[process].is_none() {
                let inputs = inputs(tables, area, process, hits, &allocations);
                summed[process] =
                    Some(changes.process(inputs.into_iter().map(|(s, w)| (place(s), w))));
            }
        }
        let shares = parts.iter().filter_map(|&(k, value)| Some((summed[k]?, value)));
        changes.output(place(sector), without_input, shares);
    }
}

fn find(columns: &[Column], process: usize) -> Option<&Column> {
    columns.binary_search_by_key(&process, |c| c.process).ok().map(|at| &columns[at])
}

/// Outputs of a process: of its changed column, or as in the dataset.
fn outputs<'a>(
    tables: &'a AdaptiveTables,
    m: usize,
    columns: &'a [Column],
    area: usize,
    process: usize,
) -> Box<dyn Iterator<Item = (u32, f64)> + 'a> {
    match find(columns, process) {
        Some(column) => Box::new(column.outputs.iter().copied()),
        None => {
            let row = tables.outputs[m].row(tables.dims.process_column(area, process));
            Box::new(row.map(|(s, &v)| (tables.dims.item_of(s) as u32, v)))
        }
    }
}

/// Columns of alpha (0) or beta (1) that the adapting items change, ascending by process.
fn changed_columns(
    tables: &AdaptiveTables,
    m: usize,
    area: usize,
    hits: &[ItemHit],
    missing: MissingRule,
) -> Vec<Column> {
    let dims = tables.dims;
    let rules = [&tables.alpha, &tables.beta][m];
    let mut edits: Vec<(usize, u32, f64)> = Vec::new();
    for hit in hits {
        let item = dims.item_of(hit.sector) as u32;
        for e in rules.of(hit.sector) {
            let value = e.changed(hit.rl, missing);
            if value != e.value {
                edits.push((e.at as usize, item, value));
            }
        }
    }
    edits.sort_unstable_by_key(|e| (e.0, e.1));
    edits
        .chunk_by(|a, b| a.0 == b.0)
        .map(|edits| {
            let process = edits[0].0;
            let column = dims.process_column(area, process);
            let mut outputs: Vec<(u32, f64)> =
                tables.outputs[m].row(column).map(|(s, &v)| (dims.item_of(s) as u32, v)).collect();
            for &(_, item, value) in edits {
                match outputs.binary_search_by_key(&item, |o| o.0) {
                    Ok(at) => outputs[at].1 = value,
                    Err(at) => outputs.insert(at, (item, value)),
                }
            }
            let sum = outputs.iter().map(|o| o.1).sum();
            let factor = entry::rescaling(sum, tables.output_sums[m][column]);
            outputs.iter_mut().for_each(|o| o.1 *= factor);
            Column { process, outputs }
        })
        .collect()
}

/// `(process, share)` of an adapting item: its column of nu.
fn changed_allocation(entries: &[Entry], rl: f64, missing: MissingRule) -> Vec<(usize, f64)> {
    let mut column: Vec<(usize, f64)> =
        entries.iter().map(|e| (e.at as usize, e.changed(rl, missing))).collect();
    if entries.iter().zip(&column).any(|(e, new)| e.value != new.1) {
        let factor = entry::rescaling(column.iter().map(|c| c.1).sum(), 1.0);
        column.iter_mut().for_each(|c| c.1 *= factor);
    }
    column
}

/// Inputs of a process as `(sector, weight)`, the shares for production multiplied in.
fn inputs(
    tables: &AdaptiveTables,
    area: usize,
    process: usize,
    hits: &[ItemHit],
    allocations: &[Vec<(usize, f64)>],
) -> Vec<(usize, f64)> {
    let hit_of = |sector: usize| hits.binary_search_by_key(&sector, |h| h.sector).ok();
    let row = tables.inputs.row(tables.dims.process_column(area, process));
    let mut inputs: Vec<(usize, f64)> = row
        .filter(|(sector, _)| hit_of(*sector).is_none())
        .map(|(sector, share)| (sector, share * tables.shares[1][sector]))
        .collect();
    for (hit, allocation) in hits.iter().zip(allocations) {
        if let Ok(at) = allocation.binary_search_by_key(&process, |a| a.0) {
            inputs.push((hit.sector, allocation[at].1 * hit.eta_prod));
        }
    }
    inputs.retain(|i| i.1 != 0.0);
    inputs
}
