//! What a calibration found, for a person.

use std::fmt::Write;

use super::{number, table, whole};
use crate::calibrate::{Balance, Calibration};
use crate::tables::{SupplyUse, TableLabels};

/// Rows of a list of largest mismatches.
const ROWS: usize = 10;

/// Differences below this share of what a sector possesses are rounding, not mismatches.
const ROUNDING: f64 = 1e-9;

/// The balance report: mismatches by item, by area and by sector, what was clipped and dropped, and
/// how far the first step of the model is from the tables.
pub fn balance(labels: &TableLabels, tables: &SupplyUse, c: &Calibration, floor: f64) -> String {
    let (l, d, b) = (&labels.labels, labels.dimensions(), &c.balance);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} entries of supply, {} of use, {} of demand.",
        whole(tables.supply.len()),
        whole(tables.uses.len()),
        whole(tables.demand.len())
    );
    let sectors = 0..d.sectors();
    let used = sectors.clone().filter(|&s| b.possessed(s) > 0.0).count();
    let empty: Vec<&str> = (0..d.areas)
        .filter(|&area| (0..d.items).all(|item| b.possessed(d.sector(area, item)) == 0.0))
        .map(|area| l.areas[area].name.as_str())
        .collect();
    let _ = writeln!(text, "{} of {} sectors possess something.", whole(used), whole(d.sectors()));
    if !empty.is_empty() {
        let _ = writeln!(text, "Areas that possess nothing this year: {}.", empty.join(", "));
    }
    let orphans: Vec<usize> = sectors.clone().filter(|&s| b.is_without_origin(s)).collect();
    if let Some(&first) = orphans.first() {
        let _ = writeln!(
            text,
            "{} sectors possess something that is neither made nor imported, {} first.",
            whole(orphans.len()),
            l.sector_name(first)
        );
    }
    clipped(labels, tables, &mut text);
    let dropped = c.dropped;
    let _ = writeln!(
        text,
        "Floor {floor:e}: {} shares of sectors, {} of allocation, {} of trade dropped; at most {} of a sector or column.",
        whole(dropped.shares),
        whole(dropped.allocation),
        whole(dropped.trade),
        number(dropped.largest)
    );
    let first = c.first_step;
    let _ = writeln!(
        text,
        "The first step of the model, before the floor, gives x0 and withdrawals to {:.1e} of a sector.\n",
        first.relative
    );
    let by_item: Vec<Vec<usize>> =
        (0..d.items).map(|i| (0..d.areas).map(|c| d.sector(c, i)).collect()).collect();
    let by_area: Vec<Vec<usize>> =
        (0..d.areas).map(|c| (0..d.items).map(|i| d.sector(c, i)).collect()).collect();
    let each: Vec<Vec<usize>> = sectors.map(|s| vec![s]).collect();
    let item = |at: usize| l.items[at].name.clone();
    let area = |at: usize| l.areas[at].name.clone();
    let sector = |s: usize| l.sector_name(s);
    mismatches("item", b, &by_item, &item, &mut text);
    mismatches("area", b, &by_area, &area, &mut text);
    mismatches("sector", b, &each, &sector, &mut text);
    text
}

/// Negative entries of demand: those of stocks are withdrawals, others are clipped to 0.
fn clipped(labels: &TableLabels, tables: &SupplyUse, text: &mut String) {
    let count = labels.purposes.len();
    let mut negative = vec![(0usize, 0.0); count];
    for e in tables.demand.iter().filter(|e| e.value < 0.0) {
        let of = &mut negative[e.to as usize % count];
        *of = (of.0 + 1, of.1 - e.value);
    }
    for (purpose, (n, sum)) in negative.iter().enumerate().filter(|(_, (n, _))| *n > 0) {
        let what = if labels.stock_addition == Some(purpose) {
            "withdrawals from stocks"
        } else {
            "clipped to 0"
        };
        let (n, sum, name) = (whole(*n), number(*sum), &labels.purposes[purpose]);
        let _ = writeln!(text, "Negative demand for `{name}`: {n} entries, {sum} t: {what}.");
    }
}

/// The groups of sectors whose supply and uses differ most.
fn mismatches(
    what: &str,
    b: &Balance,
    groups: &[Vec<usize>],
    name: &dyn Fn(usize) -> String,
    text: &mut String,
) {
    let sum = |group: &[usize], part: &dyn Fn(usize) -> f64| -> f64 {
        group.iter().map(|&s| part(s)).sum()
    };
    let mut rows: Vec<(f64, usize, [f64; 3])> = groups
        .iter()
        .enumerate()
        .map(|(at, group)| {
            let possessed = sum(group, &|s| b.possessed(s));
            let over = sum(group, &|s| b.left_over(s).max(0.0));
            let under = sum(group, &|s| (-b.left_over(s)).max(0.0));
            (over + under, at, [possessed, over, under])
        })
        // Sums in floating point are never equal to the last digit.
        .filter(|(size, _, [possessed, ..])| *size > ROUNDING * possessed)
        .collect();
    if rows.is_empty() {
        let _ = writeln!(text, "Supply and uses are equal for every {what}.\n");
        return;
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let count = rows.len();
    let rows = rows.into_iter().take(ROWS).map(|(_, at, [possessed, over, under])| {
        let share = if possessed > 0.0 { 100.0 * (over + under) / possessed } else { 0.0 };
        vec![name(at), number(possessed), number(over), number(under), format!("{share:.2} %")]
    });
    let header = [what, "possessed, t", "left over, t", "without source, t", "of it"];
    let _ = writeln!(
        text,
        "Largest differences between supply and uses, by {what} ({} differ):\n{}\n",
        whole(count),
        table(&header, rows.collect(), 1)
    );
}
