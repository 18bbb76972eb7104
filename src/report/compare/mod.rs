//! Two results side by side, as people read it: tables on a terminal, and [`page`] for a browser.

pub mod page;

use crate::compare::Comparison;
use crate::compare::rows::{AreaDifference, ItemDifference, ScenarioDifference};
use crate::measure::ALL_IS_EATEN;
use crate::report::fit::{Column, fitted};
use crate::report::{many, number, percent, whole};

/// A table as people read it.
pub struct Shown {
    /// What it shows.
    pub title: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

/// A comparison of results with names, in words and tables; `top` rows of each.
pub fn text(comparison: &Comparison, names: [&str; 2], top: usize) -> String {
    let mut text = lead(comparison, names).join("\n") + "\n";
    for Shown { title, columns, rows } in tables(comparison, top) {
        if !rows.is_empty() {
            text += &format!("\n{title}\n{}\n", fitted(&columns, &rows));
        }
    }
    text
}

/// What a reader should know first.
pub fn lead(comparison: &Comparison, [a, b]: [&str; 2]) -> Vec<String> {
    let [worse, better, same] = comparison.counts;
    let mut lines = vec![format!(
        "A: {a}\nB: {b}\nDifferences are B less A: positive where B loses more. In both: {}; of \
         their runs {} got worse, {} better, {} stayed.",
        many(comparison.matched, "scenario"),
        whole(worse),
        whole(better),
        whole(same)
    )];
    for (side, name) in ["A", "B"].into_iter().enumerate() {
        if let Some(example) = &comparison.example[side] {
            let alone = many(comparison.alone[side], "scenario");
            lines.push(format!("Only in {name}: {alone}, such as `{example}`; left out."));
        }
    }
    if comparison.by_food && !comparison.tells_food {
        lines.push(ALL_IS_EATEN.to_string());
    }
    lines.extend(comparison.notes.iter().map(|note| format!("Note: {note}.")));
    lines
}

/// The way that is shown: with adaptation where it was run.
fn shown_way(comparison: &Comparison) -> bool {
    comparison.areas.iter().any(|area| area.adaptation)
}

/// Scenarios, areas and items that changed most.
pub fn tables(comparison: &Comparison, top: usize) -> Vec<Shown> {
    let adapts = shown_way(comparison);
    let way = if adapts { "adapting" } else { "not adapting" };
    let unit = &comparison.unit;
    let scenarios = |title: &str, rows: &[ScenarioDifference]| Shown {
        title: format!("{title}, {unit}, world"),
        columns: vec![
            Column::text("if this fails"),
            Column::text("").or_out(1),
            Column::number("A"),
            Column::number("B"),
            Column::number("B - A"),
        ],
        rows: rows.iter().take(top).map(|row| scenario(row, comparison.by_food)).collect(),
    };
    let mut areas: Vec<&AreaDifference> =
        comparison.areas.iter().filter(|row| row.adaptation == adapts).collect();
    areas.retain(|row| area_change(row, comparison.by_food) != 0.0);
    areas.sort_by(|a, b| {
        let size = |row: &AreaDifference| area_change(row, comparison.by_food).abs();
        size(b).total_cmp(&size(a))
    });
    let mut items: Vec<&ItemDifference> =
        comparison.items.iter().filter(|row| row.adaptation == adapts).collect();
    items.retain(|row| row.al_difference != 0.0);
    items.sort_by(|a, b| b.al_difference.abs().total_cmp(&a.al_difference.abs()));
    let numbers = |[a, b]: [f64; 2]| {
        let part = if a != 0.0 { percent((b - a) / a.abs()) } else { "-".to_string() };
        vec![number(a), number(b), number(b - a), part]
    };
    let columns = |first: &str| {
        vec![
            Column::text(first),
            Column::number("A"),
            Column::number("B"),
            Column::number("B - A"),
            Column::number("of A").or_out(1),
        ]
    };
    vec![
        scenarios("Scenarios that got worse", &comparison.worse),
        scenarios("Scenarios that got better", &comparison.better),
        Shown {
            title: format!("Areas that changed most, {unit}, mean over the scenarios ({way})"),
            columns: columns("area"),
            rows: areas
                .iter()
                .take(top)
                .map(|row| {
                    let values = area_values(row, comparison.by_food);
                    std::iter::once(row.area.to_string()).chain(numbers(values)).collect()
                })
                .collect(),
        },
        Shown {
            title: format!("Items that changed most, in their units, all areas, mean ({way})"),
            columns: columns("item"),
            rows: items
                .iter()
                .take(top)
                .map(|row| {
                    let name = format!("{} ({})", row.item, row.unit);
                    std::iter::once(name).chain(numbers([row.al_a, row.al_b])).collect()
                })
                .collect(),
        },
    ]
}

fn area_values(row: &AreaDifference, by_food: bool) -> [f64; 2] {
    match (row.kcal_a, row.kcal_b) {
        (Some(a), Some(b)) if by_food => [a, b],
        _ if by_food => [0.0; 2],
        _ => [row.al_a, row.al_b],
    }
}

fn area_change(row: &AreaDifference, by_food: bool) -> f64 {
    let [a, b] = area_values(row, by_food);
    b - a
}

fn scenario(row: &ScenarioDifference, by_food: bool) -> Vec<String> {
    let [a, b] = match (row.kcal_a, row.kcal_b) {
        (Some(a), Some(b)) if by_food => [a, b],
        _ => [row.total_loss_a, row.total_loss_b],
    };
    let way = if row.adaptation { "adapting" } else { "not adapting" };
    vec![row.name.clone(), way.to_string(), number(a), number(b), number(b - a)]
}

/// Areas that changed, the most worse first, then the most better last, for a picture.
pub fn changed_areas(comparison: &Comparison, count: usize) -> Vec<(String, [f64; 2])> {
    let adapts = shown_way(comparison);
    let mut areas: Vec<(String, [f64; 2])> = comparison
        .areas
        .iter()
        .filter(|row| row.adaptation == adapts)
        .map(|row| (row.area.to_string(), area_values(row, comparison.by_food)))
        .filter(|(_, [a, b])| a != b)
        .collect();
    areas.sort_by(|a, b| (b.1[1] - b.1[0]).abs().total_cmp(&(a.1[1] - a.1[0]).abs()));
    areas.truncate(count);
    areas.sort_by(|a, b| (b.1[1] - b.1[0]).total_cmp(&(a.1[1] - a.1[0])));
    areas
}

/// Sets of changes against the world as it is, in the mean over all scenarios.
pub fn policies(names: &[&str], compared: &[Comparison]) -> String {
    let unit = compared.first().map_or("", |comparison| comparison.unit.as_str());
    let rows: Vec<Vec<String>> = names
        .iter()
        .zip(compared)
        .map(|(name, comparison)| {
            let [worse, better, same] = comparison.counts;
            let mut areas = changed_areas(comparison, usize::MAX);
            // The most better is the last.
            let most = areas.pop().filter(|(_, [a, b])| b < a);
            let cell = most.map_or("-".to_string(), |(area, [a, b])| {
                format!("{area} ({} of {})", number(a - b), number(a))
            });
            vec![name.to_string(), whole(better), whole(worse), whole(same), cell]
        })
        .collect();
    let columns = [
        Column::label("what if"),
        Column::number("runs better"),
        Column::number("worse"),
        Column::number("same"),
        Column::text(&format!("area that gains most, {unit} less lost on average")),
    ];
    format!("\nAgainst the world as it is\n{}\n", fitted(&columns, &rows))
}
