//! Tables of estimates on a terminal: models side by side, as many at a time as fit it.

use std::fmt::Write;

use shocksweep_networks::reading::{Cell, Layout};
use shocksweep_networks::records::FitRow;

use super::{coefficient, term_name};
use crate::report::fit::{Column, fitted_to, table_width, terminal_width, wrapped};
use crate::report::whole;

/// Tables of estimates with 95 % intervals; on a terminal in blocks of as many models as fit it.
pub fn estimates(layouts: &[Layout]) -> String {
    estimates_within(layouts, terminal_width())
}

fn estimates_within(layouts: &[Layout], width: Option<usize>) -> String {
    let mut text = String::new();
    for layout in layouts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", layout.title);
        let table = blocks(&rows(layout), &names(layout), width).join("\n\n");
        let _ = writeln!(text, "{table}");
    }
    text + "*, **, *** : the 90, 95, 99 % bootstrap interval excludes 0; brackets: 95 % interval.\n"
}

/// What stands above the models.
fn names(layout: &Layout) -> Vec<String> {
    layout.columns.iter().map(|column| format!("{} {}", column.tier, column.model)).collect()
}

/// A row: what it is, and a cell per model; none for a heading. An empty heading ends the section before it.
struct Row {
    label: String,
    cells: Vec<String>,
}

fn rows(layout: &Layout) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut section = "";
    for row in &layout.rows {
        if row.section != section {
            section = row.section;
            rows.push(Row { label: section.to_string(), cells: Vec::new() });
        }
        let label = format!("  {}", term_name(&row.term));
        rows.push(Row { label, cells: row.cells.iter().map(cell).collect() });
        let cells: Vec<String> = row.cells.iter().map(interval).collect();
        if cells.iter().any(|interval| !interval.is_empty()) {
            rows.push(Row { label: String::new(), cells });
        }
    }
    rows.push(Row { label: String::new(), cells: Vec::new() });
    for (name, value) in FOOTER {
        let cells = layout.columns.iter().map(|column| value(&column.fit)).collect();
        rows.push(Row { label: name.to_string(), cells });
    }
    rows
}

/// The table in as many parts as it takes: all models in one where they fit.
fn blocks(rows: &[Row], names: &[String], width: Option<usize>) -> Vec<String> {
    let count = |text: &String| text.chars().count();
    let of_model = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(at)).map(count);
        cells.chain([count(&names[at])]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(of_model).collect();
    let widest =
        |rows: &mut dyn Iterator<Item = &Row>| rows.map(|row| count(&row.label)).max().unwrap_or(0);
    let label = widest(&mut rows.iter());
    let all: Vec<usize> = (0..names.len()).collect();
    let needed = table_width(std::iter::once(label).chain(widths.iter().copied()));
    let Some(width) = width.filter(|width| needed > *width) else {
        return vec![block(rows, names, &all, label, width)];
    };
    // Headings are the widest of what stands at the left, and may be broken.
    let label = widest(&mut rows.iter().filter(|row| !row.cells.is_empty()));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for at in all {
        let fits = |part: &&mut Vec<usize>| {
            let models = part.iter().chain([&at]).map(|&at| widths[at]);
            table_width(std::iter::once(label).chain(models)) <= width
        };
        match parts.last_mut().filter(fits) {
            Some(part) => part.push(at),
            None => parts.push(vec![at]),
        }
    }
    parts.iter().map(|part| block(rows, names, part, label, Some(width))).collect()
}

/// The table of some of the models, without the rows in which they have nothing.
fn block(
    rows: &[Row],
    names: &[String],
    models: &[usize],
    label: usize,
    width: Option<usize>,
) -> String {
    let mut columns = vec![Column::label("")];
    columns.extend(models.iter().map(|&at| Column::number(&names[at])));
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut heading = None;
    for row in rows {
        let cells: Vec<String> =
            models.iter().filter_map(|&at| row.cells.get(at)).cloned().collect();
        if row.cells.is_empty() {
            heading = Some(&row.label).filter(|label| !label.is_empty());
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            if let Some(heading) = heading.take() {
                let broken = wrapped(heading, label, " ");
                lines.extend(broken.lines().map(|line| vec![line.to_string()]));
            }
            lines.push([vec![row.label.clone()], cells].concat());
        }
    }
    fitted_to(&columns, &lines, width)
}

/// Last rows of every table.
const FOOTER: [(&str, fn(&FitRow) -> String); 6] = [
    ("Steps", |fit| whole(fit.steps as usize)),
    ("Ordered pairs", |fit| whole(fit.pairs as usize)),
    ("Log pseudolikelihood", |fit| fit.pseudo_loglik.map_or("-".into(), |l| format!("{l:.1}"))),
    ("AUC ROC", |fit| fit.auc_roc.map_or("-".into(), |auc| format!("{auc:.3}"))),
    ("Replicates", |fit| match fit.bootstrap.as_str() {
        "none" => "none".to_string(),
        "exact" => format!("{}, all", whole(fit.replicates as usize)),
        _ => whole(fit.replicates as usize),
    }),
    ("Dropped", |fit| whole(fit.dropped as usize)),
];

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Missing(why) => why.clone(),
        Cell::Estimate { b, stars, .. } => format!("{} {stars:<3}", coefficient(*b)),
    }
}

fn interval(cell: &Cell) -> String {
    match cell {
        Cell::Estimate { interval: Some((lower, upper)), .. } => {
            format!("[{}, {}]   ", coefficient(*lower), coefficient(*upper))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shocksweep_networks::reading::{ModelColumn, TermRow};

    fn layout(models: usize) -> Layout {
        let fit = FitRow { pseudo_loglik: Some(-12345.6), ..FitRow::default() };
        let column = |at: usize| ModelColumn {
            tier: "downstream".into(),
            model: (at + 1).to_string(),
            fit: fit.clone(),
        };
        let estimate = |at: usize| Cell::Estimate {
            b: -(at as f64) - 0.5,
            interval: Some((-(at as f64) - 10.25, 10.25)),
            stars: "***".into(),
            odds_ratio: 1.0,
            marginal_effect: 0.0,
        };
        let row = |section: &'static str, term: &str, from: usize| TermRow {
            section,
            term: term.into(),
            cells: (0..models)
                .map(|at| if at < from { Cell::Absent } else { estimate(at) })
                .collect(),
        };
        Layout {
            title: "Networks (layout of Table 5)".into(),
            columns: (0..models).map(column).collect(),
            rows: vec![
                row("Pure structure effects", "edges", 0),
                row("Actor-relationship attribute effects", "nodecov.lnGDP", models - 1),
            ],
        }
    }

    #[test]
    fn every_model_is_shown_once_in_tables_that_fit() {
        let layouts = [layout(9)];
        let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let whole = estimates_within(&layouts, None);
        assert!(widest(&whole) > 250, "{whole}");
        for (width, headers) in [(400, 1), (300, 1), (160, 2), (100, 3), (80, 5), (60, 9)] {
            let text = estimates_within(&layouts, Some(width));
            let tables = text.lines().filter(|line| line.starts_with('─')).count();
            let table = text.lines().filter(|line| !line.starts_with('*'));
            let table = table.collect::<Vec<_>>().join("\n");
            assert!(widest(&table) <= width, "{width}:\n{text}");
            assert_eq!(tables, headers, "{width}:\n{text}");
            for at in 0..9 {
                let cells = [
                    format!("downstream {}", at + 1),
                    format!("{} ***", coefficient(-(at as f64) - 0.5)),
                    format!("[{}, 10.2500]", coefficient(-(at as f64) - 10.25)),
                ];
                for cell in cells {
                    let expected = whole.matches(&cell).count();
                    assert_eq!(text.matches(&cell).count(), expected, "{width} {cell}:\n{text}");
                }
            }
            // The last alone has a second term.
            assert_eq!(text.matches("Nodecov.lnGDP").count(), 1, "{width}:\n{text}");
            assert_eq!(text.matches("Actor-relationship").count(), 1, "{width}:\n{text}");
        }
    }
}
