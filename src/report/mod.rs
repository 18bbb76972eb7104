//! Tables a person can read, on a terminal.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use crate::analysis::worst::ScenarioLoss;
use crate::dataset::Dataset;
use crate::engine::Outcome;
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::sink::manifest::Manifest;

/// A number with thousands separators and, below 100, as many decimals as are worth reading.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 1.0 => 1,
        v if v >= 0.001 => 3,
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{:.decimals$}", value.abs());
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = grouped(digits);
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// A count with thousands separators.
pub fn whole(count: usize) -> String {
    grouped(&count.to_string())
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Columns of text under a ruled header: readable, and easily pasted elsewhere.
const NOTHING_BUT_RULE: TableStyle =
    TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table with a header, numbers to the right from column `first_number` on.
pub fn table(header: &[&str], rows: Vec<Vec<String>>, first_number: usize) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING_BUT_RULE).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(first_number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// What a run computed, its worst scenarios, and where the files are.
pub fn run_summary(manifest: &Manifest, worst: &[ScenarioLoss], folder: &str) -> String {
    let counts = &manifest.counts;
    let times = &manifest.times;
    let mut text = String::new();
    if let Some(warning) = &manifest.dataset.warning {
        text += &format!("Note: {warning}.\n\n");
    }
    text += &format!(
        "{} scenarios on dataset `{}`, {} steps, adaptation off, {} engine ({}, {}).\n\
         {} run, {} without effect (the sector produces nothing).\n\
         {} rows with a loss or gain above {} t.\n\
         {:.2} s in all: {:.2} s to prepare, {:.2} s to compute, {:.2} s to write.\n",
        whole(counts.scenarios),
        manifest.dataset.name,
        manifest.job.steps,
        manifest.engine.name,
        manifest.engine.device,
        manifest.engine.precision,
        whole(counts.run),
        whole(counts.no_op),
        whole(counts.loss_rows),
        manifest.thresholds.min_loss,
        times.total_s,
        times.prepare_s,
        times.compute_s,
        times.write_s,
    );
    let title = if worst.len() == 1 { "The scenario" } else { "The worst scenarios" };
    text += &format!(
        "\n{title}, by total loss (tonnes; live animals count as 1000 heads):\n{}\n",
        worst_table(worst)
    );
    let tables = manifest.files.iter().filter(|f| f.path.starts_with("losses/")).count();
    text += &format!(
        "\nFiles in {folder}: manifest.json, scenarios.parquet, {tables} loss table{} in losses/{}\n",
        if tables == 1 { "" } else { "s" },
        if manifest.job.trace.is_empty() { "" } else { ", trace.parquet" }
    );
    text
}

fn worst_table(worst: &[ScenarioLoss]) -> String {
    let rows = worst
        .iter()
        .enumerate()
        .map(|(rank, s)| {
            let (loser, loss) = s.largest_loser.clone().unwrap_or(("-".to_string(), 0.0));
            vec![
                (rank + 1).to_string(),
                s.name.clone(),
                loser,
                number(loss),
                number(s.total_loss),
                s.total_loss_per_capita.map_or("-".to_string(), number),
                whole(s.sectors_above_10pct as usize),
            ]
        })
        .collect();
    let header = [
        "",
        "shock",
        "hits most (beside itself)",
        "its loss, t",
        "total loss, t",
        "kg/person",
        "sectors > 10 %",
    ];
    table(&header, rows, 3)
}

/// The sectors that lose most in one scenario, largest loss first.
pub fn losers_table(
    dataset: &Dataset,
    baseline: &[f64],
    outcome: &Outcome,
    shocked: &[u32],
    count: usize,
) -> String {
    let labels = &dataset.labels;
    let dims = labels.dimensions();
    let mut order: Vec<(u32, f64)> =
        outcome.sectors.iter().copied().zip(outcome.losses.iter().copied()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let rows = order
        .into_iter()
        .filter(|&(_, loss)| loss > 0.0)
        .take(count)
        .enumerate()
        .map(|(rank, (sector, loss))| {
            let s = sector as usize;
            let area = &labels.areas[dims.area_of(s)];
            let item = &labels.items[dims.item_of(s)];
            let mark = if shocked.contains(&sector) { " (shocked)" } else { "" };
            let unit = if item.is_live_animal() { "x 1000 heads" } else { "t" };
            vec![
                (rank + 1).to_string(),
                area.name.clone(),
                format!("{}{mark}", item.name),
                format!("{} {unit}", number(baseline[s])),
                format!("{} {unit}", number(loss)),
                format!("{:.1} %", 100.0 * reported_relative_loss(loss, baseline[s])),
                area.population.map_or("-".to_string(), |p| number(loss_per_capita(loss, p))),
            ]
        })
        .collect();
    let header = ["", "area", "item", "baseline", "loss", "of baseline", "kg/person"];
    table(&header, rows, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        assert_eq!(whole(1234567), "1,234,567");
        assert_eq!(whole(92), "92");
        assert_eq!(number(1234567.8), "1,234,568");
        assert_eq!(number(-1234.0), "-1,234");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(0.01234), "0.012");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(0.00001), "1.0e-5");
    }
}
