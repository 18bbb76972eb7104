//! What reserves gave, as a table for a terminal.

use super::fit::{Column, fitted};
use super::number;
use crate::dataset::Dataset;
use crate::engine::Outcome;

/// Reserves that acted in a scenario without, or with adaptation; nothing where none did.
pub fn released(dataset: &Dataset, runs: [Option<&Outcome>; 2]) -> String {
    let names = ["released, not adapting", "released, adapting"];
    let ran: Vec<usize> = (0..2).filter(|&way| runs[way].is_some()).collect();
    let mut columns = vec![Column::text("reserve"), Column::number("held").or_out(1)];
    columns.extend(ran.iter().map(|&way| Column::number(names[way])));
    columns.push(Column::text("unit").or_out(2));
    let items = &dataset.labels.items;
    let rows: Vec<Vec<String>> = (dataset.reserves.iter().enumerate())
        .filter_map(|(at, reserve)| {
            let left = |way: &usize| runs[*way]?.reserves.get(at).copied();
            let left: Vec<Option<f64>> = ran.iter().map(left).collect();
            left.iter().flatten().find(|left| **left != reserve.size)?;
            let given = |left: &Option<f64>| {
                left.map_or("-".to_string(), |left| number(reserve.size - left))
            };
            let mut row =
                vec![dataset.labels.sector_name(reserve.sector as usize), number(reserve.size)];
            row.extend(left.iter().map(given));
            row.push(items[reserve.sector as usize % items.len()].unit.sign().to_string());
            Some(row)
        })
        .collect();
    match rows.is_empty() {
        true => String::new(),
        false => format!("\nReserves, over all steps\n{}\n", fitted(&columns, &rows)),
    }
}
