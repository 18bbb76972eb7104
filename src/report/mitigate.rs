//! Changes ranked by what they cut, as people read them.

use crate::dataset::Dataset;
use crate::mitigate::rows::{MitigationRow, rows};
use crate::mitigate::{Mitigation, Question};
use crate::report::fit::{Column, fitted};
use crate::report::{number, percent, whole};

/// The changes; `top` of them, ranked by the worst case instead of the expected loss if `by_worst`.
pub fn text(
    dataset: &Dataset,
    question: &Question,
    mitigation: &Mitigation,
    (top, by_worst): (usize, bool),
) -> String {
    let labels = &dataset.labels;
    let sector = dataset.dimensions().sector(question.area, question.item);
    let unit = match labels.items[question.item].unit.name() {
        "tonne" => "t",
        other => other,
    };
    let before = mitigation.before;
    let worst = mitigation.failures[before.worst_failure].0;
    let mut text = format!(
        "{}: what {} {unit} can do against the {} failures that cost it most\n\n\
         As it is, it loses {} {unit} a year in the worst case ({}) and expects to lose {} (mean over {} \
         steps). These failures make {} of what all single failures let it expect.\n",
        labels.sector_name(sector),
        number(question.budget),
        whole(mitigation.failures.len()),
        number(before.worst),
        labels.sector_name(worst.sector as usize),
        number(before.expected),
        question.steps,
        percent(mitigation.covered),
    );
    let mut all = rows(dataset, mitigation);
    if by_worst {
        all.sort_by(|a, b| b.cut_worst.total_cmp(&a.cut_worst));
    }
    let part = |before: f64, after: f64| percent((before - after) / before);
    let cells: Vec<Vec<String>> = all
        .iter()
        .take(top)
        .enumerate()
        .map(|(n, row)| {
            let [less, more] = told(row);
            vec![
                (n + 1).to_string(),
                less,
                more,
                number(row.amount),
                part(row.expected_before, row.expected_after),
                format!("{:.2e}", row.cut_expected),
                part(row.worst_before, row.worst_after),
                format!("{:.3}", row.cut_worst),
            ]
        })
        .collect();
    let columns = [
        Column::number(""),
        Column::text("buy less from"),
        Column::text("and more from"),
        Column::number(unit),
        Column::number("expected loss, less"),
        Column::number("per t").or_out(3),
        Column::number("worst case, less").or_out(1),
        Column::number("per t").or_out(2),
    ];
    let by = if by_worst { "worst case" } else { "expected loss" };
    text += &format!("\nRanked by the {by} per tonne\n{}\n", fitted(&columns, &cells));
    let worse = all.iter().filter(|row| row.expected_after > row.expected_before).count();
    text += &format!(
        "{} changes were tried in {} runs; {} make it worse{}.\n",
        whole(all.len()),
        whole(mitigation.runs),
        whole(worse),
        match mitigation.impossible.len() {
            0 => String::new(),
            many => format!(
                ", {} cannot be made (such as: {})",
                whole(many),
                mitigation.impossible[0].1
            ),
        }
    );
    text
}

fn told(row: &MitigationRow) -> [String; 2] {
    match (&row.from, &row.to) {
        (Some(from), Some(to)) => [from.to_string(), to.to_string()],
        _ => ["(hold a reserve)".to_string(), String::new()],
    }
}
