//! What was read of trade, summed by flow, with missing quantities filled.

use std::sync::Arc;

use rayon::prelude::*;

use super::import::{ImportedRow, Lookup, NONE, Read, Request};
use super::{About, Count, Flow, Panel, QuantityFill, Year};
use crate::lists::Item;

/// Sums and fills what was read.
pub(super) fn panel(request: &Request, items: Vec<Item>, lookup: &Lookup, read: Read) -> Panel {
    let mut trades = vec![false; lookup.names.len()];
    for row in &read.kept {
        row.areas.iter().for_each(|&area| trades[usize::from(area)] = true);
    }
    let kept: Vec<usize> = (0..trades.len()).filter(|&area| trades[area]).collect();
    let mut renumbered = vec![NONE; trades.len()];
    kept.iter().enumerate().for_each(|(new, &old)| renumbered[old] = new as u16);

    let mut fills = Vec::new();
    let mut years = Vec::new();
    for rows in read.kept.chunk_by(|a, b| a.year == b.year) {
        let year = rows[0].year;
        let by_item: Vec<&[ImportedRow]> = rows.chunk_by(|a, b| a.item == b.item).collect();
        let summed: Vec<(QuantityFill, Vec<Flow>)> = by_item
            .par_iter()
            .map(|rows| flows(rows, &renumbered, &items[usize::from(rows[0].item)].name))
            .collect();
        let mut starts = vec![0; items.len() + 1];
        let mut all = Vec::new();
        for (rows, (fill, flows)) in by_item.iter().zip(summed) {
            starts[usize::from(rows[0].item) + 1] = flows.len();
            all.extend(flows);
            fills.push(fill);
        }
        for p in 0..items.len() {
            starts[p + 1] += starts[p];
        }
        let exports = &read.exports[&u32::from(year)];
        years.push(Year {
            year: i32::from(year),
            flows: all,
            starts,
            exports: kept.iter().map(|&area| exports[area]).collect(),
            total: exports.iter().sum(),
        });
    }
    let sum = |of: fn(&QuantityFill) -> u64| fills.iter().map(of).sum::<u64>();
    let counts = [
        ("rows", read.rows),
        ("zero_value", read.zero),
        ("self_trade", read.own),
        ("other_codes", read.other),
        ("kept", read.kept.len() as u64),
        ("quantity_filled", sum(|fill| fill.filled)),
        ("quantity_dropped", sum(|fill| fill.dropped)),
    ];
    let about = About {
        name: request.name.clone(),
        synthetic: false,
        licence: request.licence.clone(),
        amount: request.amount,
        first_year: years.first().map_or(0, |year| year.year),
        last_year: years.last().map_or(0, |year| year.year),
        silent_areas: trades.len() - kept.len(),
        made_by: concat!("shocksweep ", env!("CARGO_PKG_VERSION")).into(),
        sources: read.sources,
    };
    let areas = kept.iter().map(|&area| lookup.names[area].clone()).collect();
    let counts = counts.map(|(what, count)| Count { what: what.into(), count }).to_vec();
    Panel { about, areas, items, years, counts, fills }
}

/// Flows of an item in a year, missing quantities filled with `v / u`, `u = sum v / sum q` over the
/// rows with a quantity.
fn flows(rows: &[ImportedRow], renumbered: &[u16], name: &Arc<str>) -> (QuantityFill, Vec<Flow>) {
    let known = rows.iter().filter(|row| row.quantity > 0.0);
    let (value, quantity) = known
        .fold((0.0, 0.0), |(value, quantity), row| (value + row.value, quantity + row.quantity));
    let unit_value = (quantity > 0.0).then(|| value / quantity);
    let mut fill = QuantityFill {
        year: i32::from(rows[0].year),
        item: name.clone(),
        rows: rows.len() as u64,
        filled: 0,
        dropped: 0,
        unit_value,
        quantity: 0.0,
    };
    let mut flows = Vec::new();
    for same in rows.chunk_by(|a, b| a.flow() == b.flow()) {
        let [exporter, importer] = same[0].areas.map(|area| renumbered[usize::from(area)]);
        let mut flow = Flow { exporter, importer, value: 0.0, quantity: None };
        for row in same {
            flow.value += row.value;
            let quantity = match unit_value {
                _ if row.quantity > 0.0 => row.quantity,
                Some(unit) => {
                    fill.filled += 1;
                    row.value / unit
                }
                None => {
                    fill.dropped += 1;
                    continue;
                }
            };
            fill.quantity += quantity;
            flow.quantity = Some(flow.quantity.unwrap_or(0.0) + quantity);
        }
        flows.push(flow);
    }
    (fill, flows)
}
